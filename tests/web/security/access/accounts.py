"""Accounts."""

from django.contrib.auth.tokens import default_token_generator
from django.utils.http import urlsafe_base64_encode

from osler.web.accounts.models import Membership, Role, User
from tests.web.security.access import Access


def _member(clinic):
    user = User.objects.create(username=f"new-{User.objects.count()}")
    Membership.objects.create(user=user, clinic=clinic, role=Role.EDITOR)
    return user


def _pk(clinic):
    return {"pk": _member(clinic).pk}


def _invitation(clinic):
    user = _member(clinic)
    coded = urlsafe_base64_encode(str(user.pk).encode())
    return {"user": coded, "token": default_token_generator.make_token(user)}


MANAGE = "members.manage"
ACCESS = {
    "staff-home": Access("staff.enter"),
    "login": Access("public"),
    "logout": Access("public", method="POST"),
    "invitation": Access("public", _invitation),
    "two-factor": Access("member"),
    "two-factor-enrol": Access("member"),
    "two-factor-codes": Access("member", method="POST"),
    "account": Access("member"),
    "password-change": Access("member"),
    "choose-clinic": Access("staff.enter", method="POST", data=lambda c: {"clinic": c.slug}),
    "members": Access(MANAGE),
    "member-invite": Access(MANAGE, method="POST", data={"username": "x", "roles": ["editor"]}),
    "member-roles": Access(MANAGE, _pk, "POST", {"roles": ["editor"]}),
    "member-active": Access(MANAGE, _pk, "POST", {"active": ""}),
    "member-link": Access(MANAGE, _pk, "POST"),
    "member-factor": Access(MANAGE, _pk, "POST"),
    "trail": Access("trail.see"),
}
