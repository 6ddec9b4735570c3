"""Visitors' addresses are hashed with a salt of the day, and kept nowhere."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from osler.web.accounts.models import DailySalt
from osler.web.visitors import address_of, daily_hash

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 23, 0, tzinfo=UTC)


def request(address="203.0.113.7", forwarded=None):
    more = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return RequestFactory().get("/", REMOTE_ADDR=address, **more)


def test_one_visitor_one_hash_for_one_day():
    first = daily_hash(request(), NOW)
    assert first == daily_hash(request(), NOW + timedelta(minutes=59))
    assert first != daily_hash(request("203.0.113.8"), NOW)
    assert first != daily_hash(request(), NOW + timedelta(hours=1))
    assert len(first) == 32 and "203" not in first[:3]


def test_yesterdays_salt_is_gone():
    daily_hash(request(), NOW)
    daily_hash(request(), NOW + timedelta(days=1))
    assert list(DailySalt.objects.values_list("day", flat=True)) == [NOW.date() + timedelta(days=1)]


def test_a_household_of_ipv6_is_one():
    one, two = "2001:db8:1:2::1", "2001:db8:1:2:ffff::9"
    assert daily_hash(request(one), NOW) == daily_hash(request(two), NOW)
    assert daily_hash(request(one), NOW) != daily_hash(request("2001:db8:1:3::1"), NOW)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "believed"),
    [
        (0, "198.51.100.1", "203.0.113.7"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        (2, "1.1.1.1, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "203.0.113.7"),
        (1, None, "203.0.113.7"),
    ],
)
def test_only_ones_own_proxies_are_believed(settings, proxies, forwarded, believed):
    settings.OSLER_PROXIES = proxies
    assert address_of(request(forwarded=forwarded)) == believed


@pytest.mark.parametrize("address", ["", "unix:", "x" * 500, "::ffff:203.0.113.7%eth0"])
def test_whatever_stands_there_has_a_hash(address):
    assert len(daily_hash(request(address), NOW)) == 32


def test_nothing_is_uploaded(client):
    file = SimpleUploadedFile("a.txt", b"text")
    response = client.post("/staff/login/", {"username": "x", "password": "y", "file": file})
    assert response.status_code in (200, 400) and not response.wsgi_request.FILES
