"""Changing accounts: each asks the policy, changes, and writes the trail, all or nothing."""

import base64
import secrets
from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django_otp import devices_for_user
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from osler.web.accounts.models import Clinic, Membership, Role, User
from osler.web.accounts.policies import require
from osler.web.accounts.trail import write_trail

RECOVERY_CODES = 10


@transaction.atomic
def invite(
    *, by: User, clinic: Clinic, username: str, name: str, roles: Collection[str], now: datetime
) -> User:
    """An account without a password; :func:`invitation_path` leads to choosing one.

    Raises
    ------
    PermissionDenied
        Where ``by`` may not manage members.
    ValidationError
        Where the name is taken or not one, or no role is given.
    """
    require(by, "members.manage", clinic)
    return add_user(clinic=clinic, username=username, name=name, roles=roles, now=now, by=by)


@transaction.atomic
def add_user(
    *,
    clinic: Clinic,
    username: str,
    name: str,
    roles: Collection[str],
    now: datetime,
    by: User | None = None,
) -> User:
    """As :func:`invite`, for the command line: whoever runs it owns the server."""
    if not roles:
        raise ValidationError("Give at least one role.")
    user = User(username=username, first_name=name)
    user.set_unusable_password()
    user.full_clean()
    user.save()
    for role in sorted(roles):
        membership = Membership(user=user, clinic=clinic, role=role)
        membership.full_clean()
        membership.save()
    _told(clinic, by, "members.invited", user, now, {"roles": sorted(roles)})
    return user


def invitation_path(user: User) -> str:
    """The path of a link with which somebody chooses a password, once."""
    coded = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("invitation", args=[coded, default_token_generator.make_token(user)])


@transaction.atomic
def set_roles(
    *, by: User, clinic: Clinic, user: User, roles: Collection[str], now: datetime
) -> None:
    """What somebody is at this clinic from now on; none takes them out of it."""
    require(by, "members.manage", clinic)
    _in_turn(clinic)
    own = Membership.objects.select_for_update().filter(user=user, clinic=clinic)
    old = sorted(own.values_list("role", flat=True))
    unknown = set(roles) - set(Role.values)
    if not old or unknown:
        raise ValidationError("There is no such member or role.")
    own.exclude(role__in=roles).delete()
    for role in sorted(set(roles) - set(old)):
        Membership.objects.create(user=user, clinic=clinic, role=role)
    _keep_an_owner(clinic)
    _told(clinic, by, "members.roles", user, now, {"before": old, "after": sorted(roles)})


@transaction.atomic
def set_active(*, by: User, clinic: Clinic, user: User, active: bool, now: datetime) -> None:
    """Whether somebody may log in; whoever may not is logged out with the next click."""
    require(by, "members.manage", clinic)
    _in_turn(clinic)
    _only_here(user, clinic)
    user.is_active = active
    user.save(update_fields=["is_active"])
    _keep_an_owner(clinic)
    _told(clinic, by, "members.allowed" if active else "members.stopped", user, now)


@transaction.atomic
def new_link(*, by: User, clinic: Clinic, user: User, now: datetime) -> str:
    """The path of a new link to choose a password; the password so far no longer works."""
    require(by, "members.manage", clinic)
    _only_here(user, clinic)
    user.set_unusable_password()
    user.save(update_fields=["password"])
    _told(clinic, by, "members.link", user, now)
    return invitation_path(user)


@transaction.atomic
def take_factor_away(*, by: User, clinic: Clinic, user: User, now: datetime) -> None:
    """For somebody whose phone is lost, and the recovery codes with it."""
    require(by, "members.manage", clinic)
    _only_here(user, clinic)
    _forget_devices(user)
    _told(clinic, by, "members.factor_taken_away", user, now)


@transaction.atomic
def forget_factor(*, user: User, now: datetime) -> int:
    """The same from the command line, told at every clinic of theirs; how many factors went."""
    count = _forget_devices(user)
    for clinic in Clinic.objects.filter(memberships__user=user).distinct():
        _told(clinic, None, "members.factor_taken_away", user, now, _FROM_THE_SERVER)
    return count


@transaction.atomic
def link_from_server(*, user: User, now: datetime) -> str:
    """The path of a new link, made on the command line and told at every clinic of theirs."""
    for clinic in Clinic.objects.filter(memberships__user=user).distinct():
        _told(clinic, None, "members.link", user, now, _FROM_THE_SERVER)
    return invitation_path(user)


_FROM_THE_SERVER: dict[str, object] = {"by": "the command line of the server"}


def _forget_devices(user: User) -> int:
    devices = list(devices_for_user(user, confirmed=None))
    for device in devices:
        device.delete()
    return len(devices)


@transaction.atomic
def choose_password(*, user: User, password: str, now: datetime) -> None:
    """The end of an invitation; the password has been validated."""
    user.set_password(password)
    user.save(update_fields=["password"])
    _told_everywhere(user, "account.password", now)


@transaction.atomic
def confirm_factor(*, user: User, device: TOTPDevice, now: datetime) -> tuple[str, ...]:
    """Switches a second factor on and gives the recovery codes, which are shown once."""
    TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    _told_everywhere(user, "account.factor_on", now)
    return _codes(user)


@transaction.atomic
def new_codes(*, user: User, now: datetime) -> tuple[str, ...]:
    """New recovery codes in place of the old."""
    _told_everywhere(user, "account.new_codes", now)
    return _codes(user)


def _codes(user: User) -> tuple[str, ...]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery codes", confirmed=True)
    codes = tuple(
        base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES)
    )
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def _only_here(user: User, clinic: Clinic) -> None:
    """Who works elsewhere too is not this owner's to lock out, or to let in as."""
    if not Membership.objects.filter(user=user, clinic=clinic).exists():
        raise ValidationError("There is no such member.")
    if Membership.objects.filter(user=user).exclude(clinic=clinic).exists():
        raise ValidationError(
            "This member works at another clinic too. Whoever runs the server can do it: "
            "osler site user --help"
        )


def _in_turn(clinic: Clinic) -> None:
    """Two owners who take each other out at the same moment do it one after the other."""
    Clinic.objects.select_for_update().get(pk=clinic.pk)


def _keep_an_owner(clinic: Clinic) -> None:
    owners = Membership.objects.filter(clinic=clinic, role=Role.OWNER, user__is_active=True)
    if not owners.exists():
        raise ValidationError("A clinic needs at least one owner who may log in.")


def _told(
    clinic: Clinic,
    by: User | None,
    action: str,
    user: User,
    now: datetime,
    details: dict[str, object] | None = None,
) -> None:
    write_trail(
        clinic=clinic, user=by, action=action, about=f"user {user.pk}", now=now, details=details
    )


def _told_everywhere(user: User, action: str, now: datetime) -> None:
    for clinic in Clinic.objects.filter(memberships__user=user).distinct():
        _told(clinic, user, action, user, now)
