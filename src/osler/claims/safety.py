"""Marked statements on harms: "safe" needs counts, and no event is not no risk.

Where nobody of n had an event, up to 3 in n may still have it (95%): Hanley & Lippman-Hand
(1983), JAMA 249, 1743-1745, doi:10.1001/jama.1983.03330370053031. Words of frequency mean what
regulators take them for (:mod:`osler.claims.language.yardsticks`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from osler.certainty.model import Evidence
from osler.claims.document.positions import place_of
from osler.claims.document.sentences import LONGEST_SENTENCE
from osler.claims.document.surroundings import sentence_number, spans_by_sentence
from osler.claims.language.harms import COUNTS, Watched, is_harm, rule_of_three, watched
from osler.claims.language.lexicon import phrases
from osler.claims.language.quantities import quantities_in
from osler.claims.language.reading import NEGATION_REACH, is_negated
from osler.claims.language.words import Mention, Word, words_of
from osler.claims.language.yardsticks import frequency_class, frequency_in
from osler.claims.model import Page, Span
from osler.claims.rulings import STANDS
from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.wording import number, percent
from osler.review.model import Fact, Review

# A stated limit may be rounded by this much.
_ROUNDED = 0.9


@dataclass(frozen=True)
class _Said:
    """A marked passage, its words, and the sentence around it."""

    span: Span
    page: Page
    words: tuple[Word, ...]
    sentence: str
    alone: bool

    def place(self, mention: Mention) -> Place:
        start, end = self.words[mention.first].start, self.words[mention.last - 1].end
        return place_of(self.span.pieces, start, end, self.page.file, self.page.lines)

    def said(self, mention: Mention) -> str:
        return self.span.text[self.words[mention.first].start : self.words[mention.last - 1].end]

    def is_denied(self, mention: Mention) -> bool:
        negation = phrases("negation").find(self.words)
        return is_negated(self.words, negation, mention.first, NEGATION_REACH)


def check_safety(page: Page, review: Review, evidence: Evidence) -> list[Diagnostic]:
    """What the marked passages of a page say of harms, against what was counted.

    Parameters
    ----------
    page, review, evidence
        The page, the folder, and what its trials say.

    Returns
    -------
    list of Diagnostic
        In the order of the passages.
    """
    out: list[Diagnostic] = []
    beside = spans_by_sentence(page)
    for span in page.spans:
        if len(span.text) > LONGEST_SENTENCE:
            continue
        at = sentence_number(span, page)
        around = span.text if at is None else page.sentences[at].text[:LONGEST_SENTENCE]
        alone = at is not None and len(beside[at]) == 1
        said = _Said(span, page, words_of(span.text), around, alone)
        if span.kind == "fact":
            facts = [review.facts[a] for a in span.about if a in review.facts]
            out += _fact(said, [f for f in facts if is_harm(f)], bool(facts))
        elif span.kind == "claim":
            harms = any(f.outcome.harm for a, f in evidence.findings.items() if a in span.about)
            out += [] if harms else _beside_the_question(said, ("plain",))
        elif span.kind in ("practice", "mechanism"):
            out += _beside_the_question(said, ("absolute", "plain"))
    return out


def _fact(said: _Said, harms: Sequence[Fact], known: bool) -> Iterator[Diagnostic]:
    if not harms:
        yield from _beside_the_question(said, ("absolute", "plain")) if known else ()
        return
    yield from _uncounted(said, harms)
    for fact in harms:
        counted = watched(fact)
        if counted is None:
            continue
        if counted.share == 0:
            yield from _zero(said, fact, counted)
        else:
            yield from _frequency(said, fact, counted)
    yield from _narrowed(said, harms)


def _safe_words(said: _Said, groups: Sequence[str]) -> list[Mention]:
    found = phrases("safety").find(said.words)
    return [m for m in found if m.name in groups and not said.is_denied(m)]


def _beside_the_question(said: _Said, groups: Sequence[str]) -> Iterator[Diagnostic]:
    """A word of safety in a mark that names nothing on harms."""
    for mention in _safe_words(said, groups)[:1]:
        yield _error(
            "CLM066",
            said.place(mention),
            "a claim of safety is marked with something that is not about harms",
            f'"{said.said(mention)}" is held against about="{"; ".join(said.span.about)}"',
            "mark it with a question on adverse events, or with a fact that counts them",
        )


def _uncounted(said: _Said, harms: Sequence[Fact]) -> Iterator[Diagnostic]:
    """A word of safety in place of the number that the fact has."""
    found = _safe_words(said, ("absolute", "plain"))
    numbers = quantities_in(said.sentence)
    for mention in found[:1]:
        if said.said(mention).lower().startswith("no ") or numbers:
            continue
        yield _error(
            "CLM067",
            said.place(mention),
            "a word of safety stands in the place of a number",
            f'"{said.said(mention)}"; {_told(harms[0])}',
            "say how many people were watched and how many had an unwanted effect",
        )


def _zero(said: _Said, fact: Fact, counted: Watched) -> Iterator[Diagnostic]:
    """Nobody had it: of how many, and what may still be."""
    words = words_of(said.sentence)
    found = phrases("watched").find(words)
    limit = rule_of_three(counted.n) if counted.n else 1.0
    advice = _limit_help(counted)
    for quantity in quantities_in(said.sentence):
        before = any(m.name == "limit" and words[m.last - 1].end < quantity.start
                     and quantity.start - words[m.last - 1].end < 4 for m in found)  # fmt: skip
        if quantity.kind != "share" or not before:
            continue
        if quantity.high < _ROUNDED * limit:
            yield _error(
                "CLM062",
                said.span.place,
                "the limit is lower than so few people can show",
                f'"{said.sentence[quantity.start : quantity.end]}"; {_told(fact)}; {advice}',
                advice,
            )
        return
    if any(m.name == "caveats" for m in found):
        return
    told = counted.n is not None and any(
        abs(q.low - counted.n) < 0.5 or f" {counted.n}" in said.sentence[q.start - 1 : q.end]
        for q in quantities_in(said.sentence)
    )
    if told:
        yield _warning(
            "CLM061",
            said.span.place,
            "nobody had the harm, and the words do not say what that leaves open",
            _told(fact),
            advice,
        )
        return
    yield _error(
        "CLM060",
        said.span.place,
        "nobody had the harm, and the words do not say of how many",
        _told(fact),
        advice,
    )


def _limit_help(counted: Watched) -> str:
    if not counted.n:
        return "say how many people were watched; with none of n the risk may still be 3 in n"
    if counted.n <= 3:
        return f"{counted.n} people can show nothing: leave it out"
    of = number(int(counted.n / 3), 0)
    return f"none of {number(counted.n, 0)} means fewer than 1 in {of}, not none (rule of three)"


def _frequency(said: _Said, fact: Fact, counted: Watched) -> Iterator[Diagnostic]:
    """ "Rare" and its like against the class that the figure belongs to."""
    there = frequency_class(counted.share)
    found = frequency_in(said.words)
    place, text = said.span.place, ""
    if found:
        mention, share = found[0]
        place, text = said.place(mention), said.said(mention)
    elif said.alone and (around := frequency_in(words_of(said.sentence))):
        words = words_of(said.sentence)
        mention, share = around[0]
        text = said.sentence[words[mention.first].start : words[mention.last - 1].end]
    else:
        return
    if share.name == there.name:
        return
    less = share.least < there.least
    make = _error if less else _warning
    yield make(
        "CLM064" if less else "CLM065",
        place,
        f'"{text}" tells a {"lower" if less else "higher"} frequency than was counted',
        f"{_told(fact)}; that is {_percent(counted.share)}, which is called {there.name}",
        f'say "{there.name}", or better the number itself',
    )


def _percent(share: float) -> str:
    return percent(share, 1 if share >= 0.001 else 3)


def _narrowed(said: _Said, harms: Sequence[Fact]) -> Iterator[Diagnostic]:
    """ "No side effects" where only serious ones were counted."""
    none = [m for m in phrases("watched", "none").find(said.words) if m.name == "none"]
    none += [m for m in _safe_words(said, ("absolute",)) if said.said(m).lower().startswith("no ")]
    narrow = set(_narrowing(f"{harms[0].statement} {harms[0].id.replace('-', ' ')}"))
    if not none or not narrow or set(_narrowing(said.sentence)):
        return
    yield _error(
        "CLM063",
        said.place(none[0]),
        "only some kinds of harm were counted, and the words speak of all",
        f'"{said.said(none[0])}"; {_told(harms[0])}',
        f"say which: {', '.join(sorted(narrow))} ones",
    )


def _narrowing(text: str) -> list[str]:
    words = words_of(text)
    found = phrases("watched", "narrowing").find(words)
    return [words[m.first].text for m in found if m.name == "narrowing"]


def _told(fact: Fact) -> str:
    text = fact.statement if len(fact.statement) <= 140 else fact.statement[:137] + "..."
    counts = COUNTS.search(fact.notes)
    return f"{fact.id}: {text}" + (f" ({counts[0]})" if counts else "")


def _error(code: str, place: Place, message: str, found: str, advice: str) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, place, message, found, STANDS, advice)


def _warning(code: str, place: Place, message: str, found: str, advice: str) -> Diagnostic:
    return Diagnostic(code, Severity.WARNING, place, message, found, "", advice)
