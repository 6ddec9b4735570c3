"""Units of numbers in a text: time, money, scales."""

from collections.abc import Iterator
from dataclasses import dataclass

from osler.claims.language.quantities import plain_numbers
from osler.claims.language.words import words_of
from osler.claims.language.yardsticks import units

_SIGNS = "£€$"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of one kind; ``factor`` is 0 where it cannot be turned into others of its kind."""

    kind: str
    name: str
    factor: float


def units_of(text: str) -> list[Unit]:
    """Every unit that a text names.

    Examples
    --------
    >>> [u.name for u in units_of("35 to 60 GBP in 2 weeks")]
    ['week', 'pound']
    """
    words = {w.text for w in words_of(text)}
    low = text.lower()
    return [
        Unit(kind, name, factor)
        for kind, group in units().items()
        for name, (factor, known) in group.items()
        if any(_stands(word, words, low) for word in known)
    ]


def unit_after(text: str, start: int, end: int) -> Unit | None:
    """The unit of the number that stands from ``start`` to ``end``; None where none is told.

    Examples
    --------
    >>> unit_after("after 12 weeks", 6, 8).name, unit_after("£35 a visit", 1, 3).name
    ('week', 'pound')
    """
    sign = text[max(start - 2, 0) : start].strip()[-1:]
    if sign and sign in _SIGNS:
        return next(_named(sign), None)
    # One or two words follow a number at once: "12 full weeks", "8 points of 100".
    rest = text[end : end + 40]
    for word in words_of(rest)[:2]:
        found = next(_named(word.text), None)
        if found is not None:
            return found
    scale = [u for u in units_of(rest) if u.kind == "scale"]
    return scale[0] if scale else None


def _named(word: str) -> Iterator[Unit]:
    for kind, group in units().items():
        for name, (factor, known) in group.items():
            if word in known:
                yield Unit(kind, name, factor)


def _stands(word: str, words: set[str], text: str) -> bool:
    if word in words:
        return True
    if word.isalpha():
        return False
    at = text.find(word)
    return at >= 0 and not text[at + len(word) : at + len(word) + 1].isdigit()


def share_of(unit: str) -> float | None:
    """What one unit is as a fraction; None where it is no share.

    Examples
    --------
    >>> share_of("percent of patients"), share_of("per 100,000 people"), share_of("trials")
    (0.01, 1e-05, None)
    """
    text = unit.lower()
    if "percent" in text or "per cent" in text or "%" in text:
        return 0.01
    if text.startswith("per "):
        of = next(iter(plain_numbers([text])), 0.0)
        return 1 / of if of else None
    return 1.0 if text.startswith(("proportion", "fraction")) else None
