"""Every address x every kind of person. A view that nobody has listed fails the first test."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from django.urls import URLPattern, get_resolver, reverse

from osler.web.accounts.models import Clinic, Membership, Role, User
from osler.web.accounts.policies import ACTIONS

HERE = Path(__file__).parent / "access"
ACCESS = {
    name: access
    for module in iter_modules([str(HERE)])
    for name, access in import_module(f"tests.web.security.access.{module.name}").ACCESS.items()
}
OUTSIDERS = ("anonymous", "inactive owner", "owner elsewhere", "member of none")
PEOPLE = (*OUTSIDERS, *Role.values)
NOT_STORED = ("static",)


def names(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name
        else:
            yield from names(pattern.url_patterns)


def test_every_address_is_listed_and_every_listed_one_exists():
    assert set(names(get_resolver().url_patterns)) - set(NOT_STORED) == set(ACCESS)


def test_every_action_asked_for_is_known():
    assert {a.who for a in ACCESS.values()} <= {"public", "member", *ACTIONS}


@pytest.fixture
def clinic(db):
    return Clinic.objects.create(slug="one", name="Clinic one")


def logged_in(client, clinic, person):
    if person == "anonymous":
        return
    user = User.objects.create(username="somebody", is_active=person != "inactive owner")
    at = clinic
    if person == "owner elsewhere":
        at = Clinic.objects.create(slug="two", name="Clinic two")
    if person != "member of none":
        role = person if person in Role.values else Role.OWNER
        Membership.objects.create(user=user, clinic=at, role=role)
    client.force_login(user)


def expected(access, person):
    """Whether this person gets on; None where being at another clinic shows other things only."""
    if access.who == "public":
        return True
    if person in ("anonymous", "inactive owner"):
        return False
    if access.who == "member":
        return True
    if person == "member of none":
        return False
    if person == "owner elsewhere":
        return None if access.kwargs is None and Role.OWNER in ACTIONS[access.who] else False
    return person in ACTIONS[access.who]


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("name", sorted(ACCESS))
def test_who_gets_on(client, clinic, name, person):
    access = ACCESS[name]
    kwargs = dict(access.kwargs(clinic)) if access.kwargs else {}
    data = access.data(clinic) if callable(access.data) else access.data
    logged_in(client, clinic, person)
    address = reverse(name, kwargs=kwargs)
    response = client.post(address, data) if access.method == "POST" else client.get(address, data)
    to_login = response.status_code == 302 and response["Location"].startswith("/staff/login/?")
    refused = response.status_code in (403, 404, 410) or to_login
    assert response.status_code < 500
    wanted = expected(access, person)
    if wanted is None:
        # They see their own clinic there, never this one's.
        assert refused or b"Clinic one" not in response.content
    elif name == "two-factor-codes" and wanted:
        assert response.status_code == 404  # there is no second factor to make codes for
    else:
        assert refused is not wanted, (response.status_code, response.headers.get("Location"))


@pytest.mark.parametrize("name", sorted(n for n, a in ACCESS.items() if a.method == "POST"))
def test_what_changes_something_needs_a_token_and_is_no_link(clinic, name):
    from django.test import Client  # noqa: PLC0415

    access = ACCESS[name]
    address = reverse(name, kwargs=dict(access.kwargs(clinic)) if access.kwargs else {})
    client = Client(enforce_csrf_checks=True)
    logged_in(client, clinic, Role.OWNER)
    assert client.post(address, {}).status_code == 403
    assert client.get(address).status_code in (200, 404, 405)
