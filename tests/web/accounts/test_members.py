"""Owners look after who works at their clinic, and only there."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from osler.web.accounts import services
from osler.web.accounts.models import AuditEntry, Clinic, Membership, Role, User

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.fixture
def clinic():
    return Clinic.objects.create(slug="one", name="Clinic one")


def member(clinic, role, name):
    user, _ = User.objects.get_or_create(username=name)
    Membership.objects.create(user=user, clinic=clinic, role=role)
    return user


@pytest.fixture
def owner(clinic):
    return member(clinic, Role.OWNER, "owner")


@pytest.fixture
def editor(clinic):
    return member(clinic, Role.EDITOR, "editor")


def test_only_owners_manage(clinic, owner, editor):
    told = {"clinic": clinic, "user": owner, "now": NOW}
    for change in (
        lambda: services.invite(
            by=editor, clinic=clinic, username="x", name="", roles=["owner"], now=NOW
        ),
        lambda: services.set_roles(by=editor, roles=["editor"], **told),
        lambda: services.set_active(by=editor, active=False, **told),
        lambda: services.new_link(by=editor, **told),
        lambda: services.take_factor_away(by=editor, **told),
    ):
        with pytest.raises(PermissionDenied):
            change()
    assert not AuditEntry.objects.exists()


def test_every_change_is_in_the_trail(clinic, owner, editor):
    told = {"by": owner, "clinic": clinic, "user": editor, "now": NOW}
    services.set_roles(roles=["editor", "moderator"], **told)
    services.set_active(active=False, **told)
    services.set_active(active=True, **told)
    services.new_link(**told)
    services.take_factor_away(**told)
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions == [
        "members.roles", "members.stopped", "members.allowed", "members.link",
        "members.factor_taken_away",
    ]  # fmt: skip
    first = AuditEntry.objects.order_by("pk")[0]
    assert first.user == owner and first.details == {
        "before": ["editor"], "after": ["editor", "moderator"],
    }  # fmt: skip


def test_a_clinic_keeps_an_owner(clinic, owner):
    told = {"by": owner, "clinic": clinic, "user": owner, "now": NOW}
    with pytest.raises(ValidationError):
        services.set_roles(roles=["editor"], **told)
    with pytest.raises(ValidationError):
        services.set_active(active=False, **told)
    owner.refresh_from_db()
    assert owner.is_active and Membership.objects.get(user=owner).role == Role.OWNER


def test_who_works_elsewhere_too_is_not_this_owners_to_lock_out_or_enter_as(clinic, owner, editor):
    other = Clinic.objects.create(slug="two", name="Clinic two")
    member(other, Role.OWNER, "editor")
    told = {"by": owner, "clinic": clinic, "user": editor, "now": NOW}
    for change in (services.new_link, services.take_factor_away):
        with pytest.raises(ValidationError):
            change(**told)
    with pytest.raises(ValidationError):
        services.set_active(active=False, **told)
    services.set_roles(roles=[], **told)  # but out of this clinic they can go
    assert list(Membership.objects.filter(user=editor).values_list("clinic__slug", flat=True)) == [
        "two"
    ]


def test_the_page_shows_the_link_once(client, clinic, owner):
    client.force_login(owner)
    sent = {"username": "sam", "name": "Sam Somebody", "roles": ["editor"]}
    body = client.post("/staff/members/invite/", sent).text
    assert "/staff/invitation/" in body
    body = client.get("/staff/members/").text
    assert "sam" in body and "/staff/invitation/" not in body
    assert client.post("/staff/members/invite/", sent).status_code == 422  # the name is taken
    assert "members.invited" in client.get("/staff/trail/").text


def test_a_stopped_member_is_out_at_once(client, clinic, owner, editor):
    client.force_login(editor)
    assert client.get("/staff/").status_code == 200
    services.set_active(by=owner, clinic=clinic, user=editor, active=False, now=NOW)
    assert client.get("/staff/").status_code == 302


def test_a_member_of_two_clinics_chooses(client, clinic, editor):
    other = Clinic.objects.create(slug="two", name="Clinic two")
    member(other, Role.OWNER, "editor")
    client.force_login(editor)
    assert "Clinic one" in client.get("/staff/").text
    assert client.get("/staff/members/").status_code == 403
    client.post("/staff/clinic/", {"clinic": "two"})
    assert client.get("/staff/members/").status_code == 200
    assert client.post("/staff/clinic/", {"clinic": "three"}).status_code == 404
