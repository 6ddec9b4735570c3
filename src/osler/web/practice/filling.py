"""A questionnaire as a form: what is shown of each question, and what was filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from osler.practice.instruments import Instrument, Item

MOST_CHOICES = 21
"""A longer scale is a field for a number: so many buttons fit on no telephone."""
_NAME = "a-"


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Question:
    """One question. ``choices`` is empty for a tick and for a number to be typed."""

    name: str
    text: str
    kind: str
    choices: tuple[Choice, ...]
    value: str
    low: str
    high: str


class Unanswered(Exception):
    """Questions without an answer, or with one that is none of theirs."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = frozenset(names)


def questions(instrument: Instrument, filled: Mapping[str, float]) -> Sequence[Question]:
    """The form of a questionnaire, with what was filled in before.

    Examples
    --------
    >>> from osler.practice.instruments import shipped
    >>> pain, = questions(shipped("pain-nrs"), {"pain": 7})
    >>> pain.kind, len(pain.choices), pain.choices[7]
    ('scale', 11, Choice(value='7', label='7', chosen=True))
    """
    return [_question(instrument, item, filled.get(item.key)) for item in instrument.items]


def parse_filled(instrument: Instrument, sent: Mapping[str, str]) -> dict[str, float]:
    """The answers in what a browser sent.

    Raises
    ------
    Unanswered
        Where a question other than a tick has none, or one that cannot be.

    Examples
    --------
    >>> from osler.practice.instruments import shipped
    >>> parse_filled(shipped("pain-nrs"), {"a-pain": "7"})
    {'pain': 7.0}
    """
    filled: dict[str, float] = {}
    missing = []
    for item in instrument.items:
        told = sent.get(_NAME + item.key, "").strip()
        if item.kind == "tick":
            if told:
                filled[item.key] = 1.0
            continue
        value = _number(told)
        if value is None or not _fits(instrument, item, value):
            missing.append(_NAME + item.key)
        else:
            filled[item.key] = value
    if missing:
        raise Unanswered(missing)
    return filled


def _number(told: str) -> float | None:
    try:
        return float(told) if len(told) < 20 else None
    except ValueError:
        return None


def _fits(instrument: Instrument, item: Item, value: float) -> bool:
    if item.kind == "choice":
        return value in range(1, len(item.options) + 1)
    whole = not _buttons(instrument) or value.is_integer()
    return whole and instrument.low <= value <= instrument.high


def _buttons(instrument: Instrument) -> bool:
    low, high = float(instrument.low), float(instrument.high)
    return low.is_integer() and high.is_integer() and high - low < MOST_CHOICES


def _question(instrument: Instrument, item: Item, value: float | None) -> Question:
    return Question(
        _NAME + item.key,
        item.text,
        item.kind,
        tuple(_choices(instrument, item, value)),
        "" if value is None else f"{value:g}",
        f"{instrument.low:g}",
        f"{instrument.high:g}",
    )


def _choices(instrument: Instrument, item: Item, value: float | None) -> Sequence[Choice]:
    if item.kind == "choice":
        return [Choice(str(n), o, value == n) for n, o in enumerate(item.options, start=1)]
    if item.kind == "scale" and _buttons(instrument):
        steps = range(int(instrument.low), int(instrument.high) + 1)
        return [Choice(str(n), str(n), value == n) for n in steps]
    return []
