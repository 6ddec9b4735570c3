"""Numbers in a sentence: shares ("30%", "3 in 10", "a third") and counts, single or as ranges."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from osler.claims.language.lexicon import number_words, numbers, relative_words
from osler.claims.language.words import LONGEST_PASSAGE, Word, words_of

# How far "by 30%" may stand behind its verb, in words.
RELATIVE_REACH = 8
# Digits of the longest number that is read.
LONGEST_NUMBER = 15

Kind = Literal["share", "count"]
Bound = Literal["", "upper", "lower"]


# "3 in 11 trials" counts trials; "3 in 10 people" is a share.
_PEOPLE = ("people", "patients", "adults", "men", "women", "participants", "persons")
_NOT_PEOPLE = ("trials", "studies", "weeks", "days", "months", "years", "sessions", "hours")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as written: ``low`` and ``high`` are equal where it is single.

    Shares are fractions of 1. ``precision`` is half a unit of the last place written
    (for "3 in 10" half a tenth), on the scale of ``low`` and ``high``. ``of`` is the number
    that it is out of ("3 in 10"; a percentage names none), ``counted`` the people of whom it
    is a share or number ("30% of people", "12 patients").
    """

    low: float
    high: float
    kind: Kind
    precision: float
    approximate: bool
    bound: Bound
    start: int
    end: int
    of: float | None = None
    counted: str = ""

    @property
    def has_denominator(self) -> bool:
        """Whether a reader can tell of how many: "3 in 10", or a share of named people."""
        return self.of is not None or (self.kind == "share" and bool(self.counted))

    @property
    def is_range(self) -> bool:
        return self.low != self.high


@dataclass(frozen=True, slots=True)
class _Number:
    value: float
    step: float
    percent: bool


def quantities_in(text: str) -> list[Quantity]:
    """Every number of a text, but for years, ages and the "95%" of an interval.

    Examples
    --------
    >>> [(q.low, q.high, q.kind) for q in quantities_in("13 to 40% in 11 trials, 1 in 4")]
    [(0.13, 0.4, 'share'), (11.0, 11.0, 'count'), (0.25, 0.25, 'share')]
    >>> [q.bound for q in quantities_in("up to 40% of people (95% CI 10 to 60) in 2015")][:1]
    ['upper']
    """
    words = words_of(text[:LONGEST_PASSAGE])
    out: list[Quantity] = []
    at = 0
    while at < len(words):
        read = _share_in_words(words, at) or _read(words, at)
        if read is None:
            at += 1
            continue
        quantity, last = read
        if not _is_other(words, at, last):
            out.append(replace(quantity, counted=_counted(words, last)))
        at = last
    return out


def _counted(words: Sequence[Word], at: int) -> str:
    """The people named behind a number ("of the people", "patients")."""
    for word in words[at : at + 3]:
        if word.text in _PEOPLE:
            return word.text
        if word.text not in ("of", "the", "these", "all", "in", "every", "10", "100", "1000"):
            break
    return ""


def _read(words: Sequence[Word], at: int) -> tuple[Quantity, int] | None:
    number = _number(words[at])
    if number is None:
        return None
    last = at + 1
    second = _second(words, at)
    if second is not None:
        last, high = second
        if not high.percent and (of := _of(words, last)) is not None:
            return _share(words, at, of[1], number.value, high.value, of[0].value)
        percent = high.percent or number.percent or _is_percent(words, last)
        return _plain(words, at, last, number, high, percent)
    of = None if number.percent else _of(words, last)
    if of is not None and not _is_year(words[of[1] - 1]):
        return _share(words, at, of[1], number.value, number.value, of[0].value)
    return _plain(words, at, last, number, number, number.percent or _is_percent(words, last))


def _number(word: Word) -> _Number | None:
    text = word.text.rstrip("%")
    if text[:1].isdecimal():
        digits = text.replace(",", "") if _has_thousands(text) else text.replace(",", ".")
        if digits.count(".") > 1:
            return None
        places = len(digits.partition(".")[2])
        # Nobody writes a number of a page; beyond this it is no number but a run of digits.
        if len(digits) > LONGEST_NUMBER:
            return None
        return _Number(float(digits), 10.0**-places, word.text.endswith("%"))
    value = numbers()["values"].get(text)
    return None if value is None else _Number(float(value), 1.0, False)


def _has_thousands(text: str) -> bool:
    parts = text.partition(".")[0].split(",")
    return len(parts) > 1 and all(len(part) == 3 for part in parts[1:])


def _second(words: Sequence[Word], at: int) -> tuple[int, _Number] | None:
    """The upper end of a range: "13 to 40", "13-40", "between 13 and 40"."""
    at += 1
    if at < len(words) and words[at].text == "percent":
        at += 1
    if at >= len(words):
        return None
    if words[at].before in ("-", "–", "−"):
        number = _number(words[at])
        return None if number is None else (at + 1, number)
    joins = words[at].text in ("to", "and", "or") and at + 1 < len(words)
    if not joins or words[at].before not in ("", "%"):
        return None
    if words[at].text == "and" and not _follows(words, at, "between"):
        return None
    number = _number(words[at + 1])
    return None if number is None else (at + 2, number)


def _follows(words: Sequence[Word], at: int, text: str) -> bool:
    return any(w.text == text for w in words[max(at - 3, 0) : at])


def _of(words: Sequence[Word], at: int) -> tuple[_Number, int] | None:
    """The whole of a share, from word ``at`` ("in 10", "people in every 10"), and its end."""
    if at < len(words) and words[at].text in _PEOPLE:
        at += 1
    if at >= len(words) or words[at].text not in ("in", "out", "of", "per"):
        return None
    # "One of two treatments" is no share; "7 of 8 trials" is.
    if words[at].text == "of" and not words[at - 1].text.isdecimal():
        return None
    at += 2 if words[at].text == "out" else 1
    if at < len(words) and words[at].text == "every":
        at += 1
    number = _number(words[at]) if at < len(words) else None
    if number is None or number.value < 2 or number.percent:
        return None
    counted = words[at + 1].text if at + 1 < len(words) else ""
    return None if counted in _NOT_PEOPLE else (number, at + 1)


def _is_percent(words: Sequence[Word], at: int) -> bool:
    return bool(words[at : at + 2]) and any(
        m.first == 0 for m in number_words()["percent"].find(words[at : at + 2])
    )


def _share(
    words: Sequence[Word], at: int, last: int, low: float, high: float, of: float
) -> tuple[Quantity, int]:
    rough, bound = _before(words, at)
    start, end = words[at].start, words[last - 1].end
    return Quantity(low / of, high / of, "share", 0.5 / of, rough, bound, start, end, of), last


def _plain(
    words: Sequence[Word], at: int, last: int, low: _Number, high: _Number, percent: bool
) -> tuple[Quantity, int]:
    rough, bound = _before(words, at)
    unit = 0.01 if percent else 1.0
    kind: Kind = "share" if percent else "count"
    if percent and _is_percent(words, last):
        last += 1
    step = max(low.step, high.step) * unit / 2
    start, end = words[at].start, words[last - 1].end
    return (
        Quantity(low.value * unit, high.value * unit, kind, step, rough, bound, start, end),
        last,
    )


def _share_in_words(words: Sequence[Word], at: int) -> tuple[Quantity, int] | None:
    """A share said without a number: "a third", "three quarters", "about half"."""
    pair = " ".join(w.text for w in words[at : at + 2])
    value = numbers()["shares"].get(pair)
    if value is None:
        return None
    _, bound = _before(words, at)
    start, end = words[at].start, words[at + 1].end
    return Quantity(value, value, "share", 0.035, True, bound, start, end), at + 2


def _before(words: Sequence[Word], at: int) -> tuple[bool, Bound]:
    """What the words before a number make of it."""
    ahead = words[max(at - 3, 0) : at]

    def has(group: str) -> bool:
        return any(m.last == len(ahead) for m in number_words()[group].find(ahead))

    bound: Bound = "upper" if has("upper") else "lower" if has("lower") else ""
    return has("approximate"), bound


def _is_other(words: Sequence[Word], at: int, last: int) -> bool:
    """A year, an age, or the level of an interval."""
    if last == at + 1 and _is_year(words[at]):
        return True
    if at and words[at - 1].text in ("aged", "age", "ages", "ng", "figure", "table", "step"):
        return True
    following = words[last : last + 3]
    if any(w.text in ("old", "mg", "ml", "mm", "hz") for w in following[:2]):
        return True
    return any(m.first == 0 for m in number_words()["interval"].find(following))


def _is_year(word: Word) -> bool:
    return len(word.text) == 4 and word.text.isdecimal() and 1900 <= int(word.text) <= 2100


def plain_numbers(texts: Sequence[str]) -> Iterator[float]:
    """Every number of some texts by itself, shares and counts as written."""
    for text in texts:
        for word in words_of(text):
            number = _number(word)
            if number is not None:
                yield number.value


def relatives_in(text: str) -> list[tuple[int, int]]:
    """Where effects stand that are told relative to another group: "30% less", "twice as likely".

    A difference in points, and a share of people, are none.

    Examples
    --------
    >>> text = "It halves the risk and cuts pain by 30%; 30% of people had less pain."
    >>> [text[a:b] for a, b in relatives_in(text)]
    ['halves the risk', '30%']
    """
    words = words_of(text[:LONGEST_PASSAGE])
    groups = relative_words()
    found = groups["phrases"].find(words)
    out = [(words[m.first].start, words[m.last - 1].end) for m in found]
    after, verbs = groups["after"].find(words), groups["before"].find(words)
    follows = {m.first for m in after if m.name == "after"}
    leads = sorted(m.last for m in verbs if m.name == "before")
    for at, word in enumerate(words):
        percent = word.text.endswith("%") or _is_percent(words, at + 1)
        if percent and _is_relative(words, at, follows, leads):
            out.append((word.start, word.end))
    return sorted(out)


def _is_relative(words: Sequence[Word], at: int, follows: set[int], leads: Sequence[int]) -> bool:
    """Whether the percentage at word ``at`` is one of change."""
    if _number(words[at]) is None:
        return False
    behind = at + (1 if words[at].text.endswith("%") else 2)
    next_words = [w.text for w in words[behind : behind + 2]]
    if "points" in next_words or "percentage" in [w.text for w in words[at + 1 : at + 3]]:
        return False
    if behind in follows and not words[behind].before:
        return True
    by = at > 0 and words[at - 1].text in ("by", "nearly", "about", "almost", "around", "to")
    lead = bisect_right(leads, at)
    return by and bool(lead) and at - leads[lead - 1] <= RELATIVE_REACH and _has_by(words, at)


def _has_by(words: Sequence[Word], at: int) -> bool:
    return any(w.text == "by" for w in words[max(at - 3, 0) : at])


def is_relative_alone(text: str) -> bool:
    """Whether a relative effect stands without an absolute one beside it.

    Absolute are a number out of another ("2 in 100"), a difference in points, and two
    percentages set against each other ("from 20% to 14%").

    Examples
    --------
    >>> is_relative_alone("cuts the risk by 30%"), is_relative_alone("from 20% to 14%, 30% less")
    (True, False)
    """
    relative = relatives_in(text)
    return bool(relative) and not _has_absolute(text, relative)


def _has_absolute(text: str, relative: Sequence[tuple[int, int]]) -> bool:
    words = words_of(text[:LONGEST_PASSAGE])
    if relative_words()["absolute"].find(words):
        return True
    shares = [q for q in quantities_in(text) if q.kind == "share"]
    # The shares of both lists stand in order and do not overlap, so the nearest one decides.
    ends = [b for _, b in relative]
    near = [(q, bisect_right(ends, q.start)) for q in shares]
    own = [q for q, at in near if at == len(relative) or relative[at][0] >= q.end]
    two = any(q.is_range for q in own) or len(own) > 1
    return two or any(q.of is not None for q in own)
