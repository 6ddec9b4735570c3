"""What the environment asks of the site: each variable is read once, and a mistake told by name."""

import os
import re
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

import dj_database_url

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity

_WORD = re.compile(r"\w")
_MAIL = ("smtp", "smtps")


def text(name: str, default: str = "") -> str:
    """The value of a variable; an empty one is as good as none."""
    return os.environ.get(name, "") or default


def number(name: str, default: int) -> int:
    """A whole number, 0 or more.

    Raises
    ------
    DataError
        Where the value is none (WEB020), as from all functions of this module.

    Examples
    --------
    >>> number("OSLER_NOT_SET", 14)
    14
    """
    return numbers(name, str(default))[0]


def numbers(name: str, default: str) -> tuple[int, ...]:
    """Whole numbers with commas between them, at least one.

    Examples
    --------
    >>> numbers("OSLER_NOT_SET", "6, 12")
    (6, 12)
    """
    given = text(name, default)
    parts = [part.strip() for part in given.split(",") if part.strip()]
    if not parts or not all(part.isascii() and part.isdigit() for part in parts):
        raise _unusable(name, given, f"a whole number such as {default}")
    return tuple(int(part) for part in parts)


def choice(name: str, default: str, *others: str) -> str:
    """One of a few words."""
    given = text(name, default)
    if given not in (default, *others):
        raise _unusable(name, given, " or ".join(sorted((default, *others))))
    return given


def listed(name: str) -> tuple[str, ...]:
    """Names or phrases with commas between them; each has a letter or a digit.

    Examples
    --------
    >>> listed("OSLER_NOT_SET")
    ()
    """
    given = text(name)
    found = tuple(part.strip() for part in given.split(",") if part.strip())
    if not all(_WORD.search(each) for each in found):
        raise _unusable(name, given, "words or phrases with commas between them")
    return found


def together(name: str, other: str) -> tuple[str, str]:
    """Two texts of which neither is any use without the other."""
    found = text(name), text(other)
    if found[0] and not found[1]:
        raise _unusable(other, "", f"as well as {name}")
    if found[1] and not found[0]:
        raise _unusable(name, "", f"as well as {other}")
    return found


def public_address(name: str) -> str:
    """Where the public finds the site, without a slash at the end; empty where it is not said."""
    given = text(name).rstrip("/")
    parts = _split(name, given, "an address such as https://clinic.example")
    if given and not (parts.scheme in ("http", "https") and parts.hostname):
        raise _unusable(name, given, "an address such as https://clinic.example")
    return given


def mail_server(name: str) -> SplitResult:
    """The mail server; without a scheme where none is named."""
    like = "an address such as smtp://name:password@host:587/?tls=1"
    given = text(name)
    parts = _split(name, given, like)
    if given and not (parts.scheme in _MAIL and parts.hostname):
        raise _unusable(name, "a text", like)
    return parts


def time_zone(name: str, default: str) -> str:
    """A time zone by its name, "Europe/London"."""
    given = text(name, default)
    try:
        ZoneInfo(given)
    except (KeyError, ValueError, OSError):
        raise _unusable(name, given, "a time zone such as Europe/London") from None
    return given


def database(name: str, default: str) -> dj_database_url.DBConfig:
    """Django's settings of a database, from its address."""
    try:
        return dj_database_url.parse(text(name, default), conn_max_age=60, conn_health_checks=True)
    except ValueError:
        like = "an address such as postgres://name:password@host/database"
        raise _unusable(name, "a text", like) from None


def _split(name: str, given: str, like: str) -> SplitResult:
    try:
        parts = urlsplit(given)
        if parts.port == 0:  # a port that is no number is told by asking for it
            raise ValueError("no port")
    except ValueError:
        raise _unusable(name, "a text", like) from None
    return parts


def _unusable(name: str, given: str, wanted: str) -> DataError:
    # Addresses may hold passwords, which belong in no message: they come as "a text".
    what = given if given == "a text" else repr(given)
    return DataError(
        Diagnostic(
            "WEB020",
            Severity.ERROR,
            Place("", field=name),
            "a setting of the site cannot be used",
            f"{name} is {what}",
            "the site does not start, rather than do something else than you asked for",
            f"give {name} {wanted}, or leave it out",
        )
    )
