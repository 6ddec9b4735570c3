"""``osler site user``: accounts from the command line."""

import sys

import click
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone
from django.utils.text import slugify
from django_otp import user_has_device

from osler.core.wording import counted
from osler.web.accounts import services
from osler.web.accounts.models import Clinic, Role, User
from osler.web.commands.running import the_clinic
from osler.web.commands.starting import known_address

EPILOG = """\b
Examples:
  osler site user add jo --role owner                       prints a link, good for three days
  osler site user add sam --role practitioner --role editor --password
  osler site user link jo                                   a new link: password forgotten
  osler site user list
"""
ROLE = click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(Role.values),
    help="What they are; may be given several times.",
)


@click.group("user", epilog=EPILOG)
def user() -> None:
    """Make accounts and links to choose a password."""
    call_command("migrate", verbosity=0, interactive=False)


@user.command("add", epilog="\b\nExample:\n  osler site user add jo --role owner")
@click.argument("name")
@ROLE
@click.option("--full-name", default="", help="As shown to colleagues.")
@click.option("--clinic", help="The clinic's short name; made where there is none of it.")
@click.option("--password", "ask", is_flag=True, help="Ask for a password now.")
def add(name: str, roles: tuple[str, ...], full_name: str, clinic: str | None, ask: bool) -> None:
    """Make an account NAME; prints a link with which they choose a password."""
    try:
        person = services.add_user(
            clinic=_clinic(clinic),
            username=name,
            name=full_name,
            roles=set(roles),
            now=timezone.now(),
        )
        if ask:
            _ask_password(person)
    except ValidationError as problem:
        click.echo(f"osler: {' '.join(problem.messages)}", err=True)
        sys.exit(2)
    if not ask:
        _show_link(person)


@user.command("link", epilog="\b\nExample:\n  osler site user link jo")
@click.argument("name")
@click.option("--forget-factor", is_flag=True, help="Take the second factor away: phone lost.")
def link(name: str, forget_factor: bool) -> None:
    """Print a new link with which NAME chooses a password."""
    person = _person(name)
    if forget_factor:
        count = services.forget_factor(user=person, now=timezone.now())
        click.echo(f"{counted(count, 'second factor')} taken away; the audit trail says so.")
    services.link_from_server(user=person, now=timezone.now())
    _show_link(person)


@user.command("list", epilog="\b\nExample:\n  osler site user list")
def list_users() -> None:
    """Everybody, with roles."""
    for person in User.objects.order_by("username").prefetch_related("memberships__clinic"):
        roles = ", ".join(f"{m.role} ({m.clinic.slug})" for m in person.memberships.all())
        state = "" if person.is_active else "  may not log in"
        factor = "second factor" if user_has_device(person) else "no second factor"
        click.echo(f"{person.username}  {roles or 'no role'}  {factor}{state}")


def _clinic(slug: str | None) -> Clinic:
    if slug is None:
        return the_clinic("Clinic")
    if slugify(slug) != slug:
        raise ValidationError(f"{slug!r} is no short name: lower-case letters, digits, hyphens.")
    return Clinic.objects.get_or_create(slug=slug, defaults={"name": slug})[0]


def _person(name: str) -> User:
    person = User.objects.filter(username=name).first()
    if person is None:
        click.echo(f"osler: there is no user {name}", err=True)
        sys.exit(2)
    return person


def _ask_password(person: User) -> None:
    password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        validate_password(password, person)
    except ValidationError:
        person.delete()
        raise
    services.choose_password(user=person, password=password, now=timezone.now())


def _show_link(person: User) -> None:
    base = settings.OSLER_URL or known_address() or "http://127.0.0.1:8000"
    click.echo(f"Give this link to {person.username}, and to nobody else (once, for three days):")
    click.echo(f"{base}{services.invitation_path(person)}")
