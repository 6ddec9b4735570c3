"""One person's data: asked for by link, exported, erased."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.core import signing
from django.core.cache import cache
from django.core.mail import send_mail
from django.db import transaction

from osler.web.accounts.models import Clinic, User
from osler.web.accounts.policies import require
from osler.web.accounts.trail import write_trail
from osler.web.privacy.keeping import declared
from osler.web.privacy.models import DataRequest

REQUEST_HOLDS = timedelta(days=1)
_MOST_A_DAY = 3
_MOST_AN_HOUR = 10
_SALT = "osler.privacy.request"

Export = dict[str, list[dict[str, object]]]
"""By part of the site."""

_MAIL = """\
Somebody, probably you, asked what the site of {clinic} keeps about this e-mail address.

With this link you can read it, download it and have it erased. It holds for one day:

    {link}

If it was not you, do nothing.
"""


def request_make(
    email: str, *, clinic: Clinic, link: Callable[[str], str], now: datetime, visitor: str = ""
) -> None:
    """Mails the link to the address itself; the same whether anything is kept under it or not.

    More than a few mails a day to one address are not sent, nor more than some in an hour for
    one ``visitor``: the form would be a way to annoy, with the clinic's name on it.

    Raises
    ------
    OSError, smtplib.SMTPException
        The mail was not taken.
    """
    email = email.strip().lower()
    with transaction.atomic():
        made = DataRequest.objects.filter(email=email, made_at__gt=now - REQUEST_HOLDS)
        if made.count() >= _MOST_A_DAY or (visitor and _too_many(visitor, now)):
            return
        request = DataRequest.objects.create(clinic=clinic, email=email, made_at=now)
    token = signing.dumps(request.pk, salt=_SALT)
    text = _MAIL.format(clinic=clinic.name, link=link(token))
    send_mail("What we keep about you", text, None, [email])


def _too_many(visitor: str, now: datetime) -> bool:
    """Whether a visitor asked too often; known by the day's hash, and for an hour alone."""
    key = f"privacy-{visitor}-{now:%Y%m%d%H}"
    cache.add(key, 0, 3600)
    return int(cache.incr(key)) > _MOST_AN_HOUR


def request_of(token: str, now: datetime) -> DataRequest | None:
    """The request of a link; None where the link is not ours or too old."""
    try:
        pk = signing.loads(token, salt=_SALT, max_age=REQUEST_HOLDS)
    except signing.BadSignature:
        return None
    since = now - REQUEST_HOLDS
    found = DataRequest.objects.select_related("clinic").filter(pk=pk, made_at__gt=since)
    return found.first()


def exported(email: str, clinic: Clinic) -> Export:
    """All that is kept of one person at one clinic, by part of the site."""
    parts = [(part, part.person) for part in declared()]
    return {
        part.app.rpartition(".")[2]: person.export(email, clinic)
        for part, person in parts
        if person is not None
    }


def _erased(email: str, clinic: Clinic, user: User | None, now: datetime) -> int:
    with transaction.atomic():
        people = [part.person for part in declared() if part.person is not None]
        count = sum(person.erase(email, clinic, now) for person in people)
        write_trail(
            clinic=clinic,
            user=user,
            action="person.erased",
            about="one person",
            now=now,
            details={"things": count},
        )
    return count


def erase_own(request: DataRequest, *, now: datetime) -> int:
    """By the person's own link; the request goes, too."""
    return _erased(request.email, request.clinic, None, now)


def export_for_owner(email: str, *, clinic: Clinic, user: User, now: datetime) -> Export:
    """By staff, for somebody who asked by letter or in person."""
    require(user, "privacy.export", clinic)
    found = exported(email, clinic)
    write_trail(clinic=clinic, user=user, action="person.exported", about="one person", now=now)
    return found


def erase_for_owner(email: str, *, clinic: Clinic, user: User, now: datetime) -> int:
    """The same, erased; how many things it was done to."""
    require(user, "privacy.erase", clinic)
    return _erased(email, clinic, user, now)
