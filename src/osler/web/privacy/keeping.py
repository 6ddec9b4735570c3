"""What is kept about people, as data: the page that tells it and the clock that ends it read this.

Each part of the site has a module ``kept.py`` with ``KEPT``, ``NOT_PERSONAL`` and, where it
knows people by their e-mail address, ``PERSON``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from osler.web.accounts.models import Clinic

Rows = QuerySet[Any]
End = Callable[[Rows, datetime], int]


@dataclass(frozen=True)
class Kept:
    """One kind of data about people.

    Attributes
    ----------
    model : str
        "app.Model".
    fields : tuple of str
        Those that hold something about a person.
    what, why, basis : str
        For the public page: the data, what they are for, on which ground the law allows it.
    period : function to timedelta or None
        How long, from the settings; None where no clock ends it, and ``until`` tells what does.
    counted_from : str
        From what the period runs, in words.
    due : function of a time
        The rows whose time is over, given the moment ``period`` ago.
    end : function of rows and now
        What is done to them; how many it was done to.
    """

    model: str
    fields: tuple[str, ...]
    what: str
    why: str
    basis: str
    period: Callable[[], timedelta | None]
    counted_from: str = ""
    until: str = ""
    due: Callable[[datetime], Rows] | None = None
    end: End | None = None


@dataclass(frozen=True)
class Person:
    """How a part exports and erases what it keeps of one person, known by e-mail address."""

    export: Callable[[str, Clinic], list[dict[str, object]]]
    erase: Callable[[str, Clinic, datetime], int]


def delete(rows: Rows, now: datetime) -> int:
    """Rows go, with all that hangs on them; the number is of these rows alone."""
    count = rows.count()
    rows.delete()
    return count


def emptied(**values: object) -> End:
    """Fields are overwritten, the rows stay."""

    def end(rows: Rows, now: datetime) -> int:
        return rows.update(**values)

    return end


@dataclass(frozen=True)
class Declared:
    """What one part says."""

    app: str
    kept: tuple[Kept, ...]
    not_personal: Mapping[str, tuple[str, ...]]
    person: Person | None


@cache
def declared() -> Sequence[Declared]:
    """What every part says, in the order of Django's list."""
    names = [f"{c.name}.kept" for c in apps.get_app_configs() if c.name.startswith("osler.")]
    return tuple(_read(name) for name in names if find_spec(name))


def _read(name: str) -> Declared:
    module = import_module(name)
    return Declared(
        name.rpartition(".")[0],
        tuple(module.KEPT),
        dict(getattr(module, "NOT_PERSONAL", {})),
        getattr(module, "PERSON", None),
    )


def all_kept() -> Sequence[Kept]:
    """Everything, in order; the one list that the public page and the clock share."""
    return [kept for part in declared() for kept in part.kept]


def in_words(period: timedelta | None) -> str:
    """A period as people say it; "" for none, and where the day counted from is the end.

    Examples
    --------
    >>> in_words(timedelta(hours=48)), in_words(timedelta(days=1)), in_words(timedelta(days=365))
    ('2 days', '1 day', '12 months')
    """
    if not period:
        return ""
    hours = round(period.total_seconds() / 3600)
    if hours % 24:
        return f"{hours} hours"
    days = hours // 24
    if days >= 360 and days % 365 == 0:
        months = days // 365 * 12
        return f"{months} months" if months <= 24 else f"{days // 365} years"
    return f"{days} day{'' if days == 1 else 's'}"
