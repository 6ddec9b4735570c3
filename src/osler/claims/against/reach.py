"""For how long, and for how many: duration and generality against what was measured.

A difference between means says nothing of how many people were helped, and an effect that
was measured for four weeks says nothing of the year after.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from osler.certainty.model import Finding, Level
from osler.claims.document.positions import place_of
from osler.claims.language.bounds import bounds
from osler.claims.language.lexicon import numbers
from osler.claims.language.words import Word, words_of
from osler.claims.model import Page, Reading, Span, Verdict
from osler.claims.rulings import Ruling, error, warning
from osler.core.wording import percent, plain

# After one of these stands a time at which something was seen ("at one year").
_LEADS = ("at", "after", "beyond", "until")
_ROUGH = ("about", "around", "nearly", "almost", "roughly", "over", "some", "the")


def judge_reach(
    span: Span, page: Page, reading: Reading, findings: Sequence[Finding]
) -> Iterator[Ruling]:
    """Rulings on how long and on how many; one finding that carries the words is enough."""
    if not findings:
        return
    named = list(_named_time(span, page, findings))
    yield from named
    if reading.certainty is Level.VERY_LOW or reading.absence or reading.negated:
        # That nobody knows whether an effect lasts may always be said.
        return
    if not named:
        yield from _duration(span, reading, findings)
    yield from _generality(span, reading, findings)


@dataclass(frozen=True, slots=True)
class Measured:
    """First and last week at which the outcome was measured; None where nobody tells."""

    first: float | None
    last: float | None
    by_trials: bool = True

    @property
    def words(self) -> str:
        if self.first is None or self.last is None:
            return "no trial tells when it was measured"
        if not self.by_trials:
            return f"it counts results up to week {plain(round(self.last, 1))}"
        first, last = (plain(round(week, 1)) for week in (self.first, self.last))
        return f"it was measured at {first if first == last else f'{first} to {last}'} weeks"


def measured(finding: Finding) -> Measured:
    """When the effects behind a finding were measured: by the trials, or else by the outcome."""
    known = [e.weeks for e in finding.answer.effects if e.weeks is not None]
    if known:
        return Measured(min(known), max(known))
    first, last = finding.outcome.weeks
    return Measured(first, last, False) if last < float("inf") else Measured(None, None)


def _duration(span: Span, reading: Reading, findings: Sequence[Finding]) -> Iterator[Ruling]:
    times = [measured(f) for f in findings]
    told = "; ".join(f"{f.about}: {t.words}" for f, t in zip(findings, times, strict=True))
    weeks = bounds("reach")["weeks"]
    if reading.duration in ("lasting", "permanent"):
        long = any(_reaches(t.first, weeks["long_from"]) for t in times)
        if reading.duration == "lasting" and long:
            return
        yield error(
            Verdict.OVERSTATED,
            "CLM050",
            span.place,
            f"the claim tells a {reading.duration} effect, and nobody measured that",
            told,
            _how_long(times),
        )
    elif reading.duration == "short-term" and all(_is_late(t.first) for t in times):
        yield warning(
            Verdict.NOT_SHOWN,
            "CLM051",
            span.place,
            "the claim is about another time than the evidence",
            f"the words tell a short-term effect; {told}",
            "name the time at which it was measured, or link the question on the first weeks",
        )


def _reaches(weeks: float | None, needed: float) -> bool:
    return weeks is not None and weeks * (1 + bounds("reach")["weeks"]["longer_by"]) >= needed


def _is_late(weeks: float | None) -> bool:
    return weeks is not None and weeks >= bounds("reach")["weeks"]["short_below"]


def _how_long(times: Sequence[Measured]) -> str:
    last = max((t.last for t in times if t.last is not None), default=None)
    if last is None:
        return "take the word out: how long the effect lasts is not known"
    if last < bounds("reach")["weeks"]["short_below"]:
        return f'say "in the short term" or "for up to {plain(round(last, 1))} weeks"'
    return f'say when it was measured: "up to {plain(round(last, 1))} weeks"'


@dataclass(frozen=True, slots=True)
class NamedTime:
    """A time of follow-up as told, in weeks, and where it stands."""

    weeks: float
    start: int
    end: int


def times_in(text: str) -> list[NamedTime]:
    """Times at which something is said to have been seen, not how long an illness lasted.

    Examples
    --------
    >>> [round(t.weeks) for t in times_in("less pain after 12 weeks and at one year")]
    [12, 52]
    >>> times_in("people who had pain for at least two years")
    []
    """
    words = words_of(text)
    units = bounds("reach")["weeks"]["units"]
    out = []
    for at, word in enumerate(words):
        weeks = units.get(word.text.removesuffix("s"))
        number = _number(words[at - 1]) if weeks is not None and at >= 2 else None
        if number is None:
            continue
        lead = at - 2
        if lead > 0 and words[lead].text in _ROUGH:
            lead -= 1
        if words[lead].text in _LEADS:
            out.append(NamedTime(number * weeks, words[lead].start, word.end))
    return out


def _number(word: Word) -> float | None:
    if word.text in ("a", "an"):
        return 1.0
    if word.text.isascii() and word.text.isdigit():
        return float(word.text[:9])
    value = numbers()["values"].get(word.text)
    return None if value is None else float(value)


def _named_time(span: Span, page: Page, findings: Sequence[Finding]) -> Iterator[Ruling]:
    last = max((t.last for t in map(measured, findings) if t.last is not None), default=None)
    if last is None:
        return
    for time in times_in(span.text):
        if time.weeks <= last * (1 + bounds("reach")["weeks"]["longer_by"]):
            continue
        first = findings[0]
        yield error(
            Verdict.OVERSTATED,
            "CLM051",
            place_of(span.pieces, time.start, time.end, page.file, page.lines),
            "the claim names a time at which nobody measured",
            f"{first.about}: {measured(first).words}",
            "name the time at which it was measured, or link the question on the later one",
        )
        return


def _generality(span: Span, reading: Reading, findings: Sequence[Finding]) -> Iterator[Ruling]:
    needed = bounds("reach")["shares"].get(reading.generality)
    if needed is None or any(_carries(needed, reading, finding) for finding in findings):
        return
    yield error(
        Verdict.OVERSTATED,
        "CLM052",
        span.place,
        f"no result of these trials can be told of {_WORDS[reading.generality]}",
        "; ".join(dict.fromkeys(_shares(f) for f in findings)),
        _how_many(findings[0]),
    )


_WORDS = {"most": "most people", "nearly all": "nearly everybody", "all": "everybody"}


def _carries(needed: float, reading: Reading, finding: Finding) -> bool:
    """Whether the share of people with the intervention is as large as the word says.

    By the estimate where the words are hedged, by the nearer end of the interval otherwise.
    """
    risk = finding.absolute
    if finding.outcome.kind != "binary" or risk is None:
        return False
    low, middle = risk.risk_lower, risk.risk
    if finding.outcome.better == "lower" and reading.direction != "worse":
        # "Most people have no side effects": those without the event are counted.
        low, middle = 1 - risk.risk_upper, 1 - risk.risk
    low = min(low, middle)
    return (middle if reading.certainty <= Level.LOW else low) > needed


def _shares(finding: Finding) -> str:
    risk = finding.absolute
    if finding.outcome.kind != "binary":
        return f"{finding.about} is a difference between means, which counts nobody"
    if risk is None:
        return f"{finding.about}: in how many people it happened is not known"
    return (
        f"{finding.about}: {percent(risk.risk)} of people with {finding.comparison.intervention} "
        f"({percent(min(risk.risk_lower, risk.risk_upper))} to "
        f"{percent(max(risk.risk_lower, risk.risk_upper))}), and "
        f"{percent(risk.baseline)} with {finding.comparison.comparator}"
    )


def _how_many(finding: Finding) -> str:
    if finding.absolute is None:
        return f'say "on average", and leave out for how many; {_carried(finding)}'
    return f"tell both shares, with and without; {_carried(finding)}"


def _carried(finding: Finding) -> str:
    return f"the evidence carries: {finding.statement}"
