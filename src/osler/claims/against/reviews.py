"""Sentences that cite a published review, against what its authors concluded.

A page may report a review, and may not make it say more: a sentence is held against every
conclusion recorded for the review in published_reviews.csv, and found too strong only where it
is stronger than all of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from osler.certainty.model import Level
from osler.claims.consistency.estimates import Triple, triples_in
from osler.claims.document.positions import place_of
from osler.claims.document.sentences import LONGEST_SENTENCE
from osler.claims.document.surroundings import spans_by_sentence
from osler.claims.language.lexicon import numbers, phrases, table
from osler.claims.language.quantities import plain_numbers, quantities_in
from osler.claims.language.reading import read_words
from osler.claims.language.words import Phrases, Word, words_of
from osler.claims.model import Page, Reading, Sentence
from osler.claims.rulings import STANDS
from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.review.model import PublishedResult, Review

# What a review counts.
_TRIALS = frozenset("trials trial studies rcts experiments".split())
_PEOPLE = frozenset("participants patients people persons adults".split())
_LEVELS = {"very low": 1, "low": 2, "moderate": 3, "high": 4}


@dataclass(frozen=True)
class _Cited:
    """A sentence, the review it cites, and what was recorded of it."""

    sentence: Sentence
    page: Page
    key: str
    rows: tuple[PublishedResult, ...]
    reading: Reading

    @property
    def conclusions(self) -> list[Reading]:
        return [_read(r.conclusion) for r in self.rows if r.conclusion]

    def place(self, start: int, end: int) -> Place:
        return place_of(self.sentence.pieces, start, end, self.page.file, self.page.lines)

    @property
    def told(self) -> str:
        said = list(dict.fromkeys(r.conclusion for r in self.rows if r.conclusion))
        grades = list(dict.fromkeys(r.certainty for r in self.rows if r.certainty))
        graded = f" (certainty: {', '.join(grades[:3])})" if grades else ""
        return f'{self.key}: "{"; ".join(said[:2])}"{graded}'


@lru_cache(maxsize=1024)
def _read(text: str) -> Reading:
    return read_words(text)


@lru_cache(maxsize=1024)
def _compared(text: str, treatments: Phrases) -> frozenset[str]:
    """The treatments that a comparison names."""
    return frozenset(m.name for m in treatments.find(words_of(text)))


@cache
def _than() -> Phrases:
    return Phrases({"than": table("comparators")["than"]})


def judge_citations(page: Page, review: Review) -> list[Diagnostic]:
    """What the sentences of a page make of the reviews that they cite.

    Parameters
    ----------
    page, review
        The page, and the folder with its published_reviews.csv.

    Returns
    -------
    list of Diagnostic
        In the order of the sentences; none where no review is recorded.
    """
    if not review.published:
        return []
    rows: dict[str, list[PublishedResult]] = {}
    for row in review.published:
        rows.setdefault(row.review, []).append(row)
    treatments = Phrases({t.name: [w for w in t.words if w.strip()]
                          for t in review.treatments.values()})  # fmt: skip
    facts = _reviews_of_facts(page, review)
    out: list[Diagnostic] = []
    for number, sentence in enumerate(page.sentences):
        if len(sentence.text) > LONGEST_SENTENCE:
            continue
        keys = dict.fromkeys([*sentence.citations, *facts.get(number, ())])
        known = [key for key in keys if key in rows]
        words = words_of(sentence.text)
        if not known or (not sentence.citations and not _attributes(words)):
            continue
        reading = _read(sentence.text)
        for key in known:
            cited = _Cited(sentence, page, key, tuple(rows[key]), reading)
            out += _stronger(_on_its_outcome(cited, words), words)
            out += _counts(cited) if len(known) == 1 else ()
            out += _comparator(cited, words, treatments) if len(known) == 1 else ()
    return out


def _on_its_outcome(cited: _Cited, words: Sequence[Word]) -> _Cited:
    """The same with the rows of the outcome that the sentence names, where it names one."""
    said = {w.text for w in words if len(w.text) > 3}
    fitting = tuple(
        row
        for row in cited.rows
        if row.conclusion and said & {w.text for w in words_of(row.outcome) if len(w.text) > 3}
    )
    return replace(cited, rows=fitting) if fitting else cited


def _reviews_of_facts(page: Page, review: Review) -> Mapping[int, list[str]]:
    """The references of the facts that stand in each sentence, by its number."""
    return {
        number: [
            review.facts[about].reference
            for span in spans
            if span.kind == "fact"
            for about in span.about
            if about in review.facts
        ]
        for number, spans in spans_by_sentence(page).items()
    }


def _attributes(words: Sequence[Word]) -> bool:
    return any(m.name == "attribution" for m in phrases("unmarked", "attribution").find(words))


def _stronger(cited: _Cited, words: Sequence[Word]) -> Iterator[Diagnostic]:
    """Direction, size and certainty, the gravest alone; nothing where the estimate is given."""
    if any(t.agrees(row) for t in triples_in(cited.sentence.text) for row in _estimates(cited)):
        return
    for check in (_direction, _size, _certainty):
        found = list(check(cited, words))
        if found:
            yield from found
            return


def _estimates(cited: _Cited) -> Iterator[Triple]:
    for row in cited.rows:
        if row.estimate is not None and row.ci_lower is not None and row.ci_upper is not None:
            yield Triple(row.estimate, row.ci_lower, row.ci_upper)


def _direction(cited: _Cited, words: Sequence[Word]) -> Iterator[Diagnostic]:
    said, ways = cited.reading.direction, {r.direction for r in cited.conclusions} - {""}
    if not said or not ways or said in ways or cited.reading.certainty is Level.VERY_LOW:
        return
    if said == "none":
        if cited.reading.absence:
            return
        yield _error(
            "CLM080", cited, "the sentence denies what the review concluded", "report what it found"
        )
    elif ways == {"none"} or said not in ways:
        yield _error(
            "CLM080",
            cited,
            "the review did not conclude what the sentence makes it say",
            "report its conclusion, or cite a review that has this one",
        )


def _size(cited: _Cited, words: Sequence[Word]) -> Iterator[Diagnostic]:
    large = cited.reading.size == "large" and cited.reading.direction in ("better", "worse")
    if large and cited.conclusions and all(r.size != "large" for r in cited.conclusions):
        yield _error(
            "CLM082",
            cited,
            "the sentence tells a larger effect than the review concluded",
            "leave out the word of size, or give the review's own number",
        )


def _certainty(cited: _Cited, words: Sequence[Word]) -> Iterator[Diagnostic]:
    """A surer verb than the conclusion's; "no difference seen" turned into "no difference"."""
    in_figures = any(q.is_range for q in quantities_in(cited.sentence.text))
    read = cited.reading
    if not read.direction or read.absence or in_figures or not cited.conclusions:
        return
    concluded = [row for row in cited.rows if row.conclusion]
    worded = max(_read(row.conclusion).certainty for row in concluded)
    graded = max(_level(row) for row in concluded)
    if read.direction == "none" and read.certainty > Level.LOW and not any(_careful(words)):
        open_ = [r for r in cited.rows if _is_open(r)]
        if open_ and len(open_) == sum(bool(r.conclusion) for r in cited.rows):
            yield _error(
                "CLM084",
                cited,
                "that no difference was shown is told as if there were none",
                'say "found no clear difference", and how wide the interval was',
            )
            return
    if read.certainty > worded:
        yield _error(
            "CLM081",
            cited,
            "the sentence sounds surer than the review's own conclusion",
            f'the review presumes {worded.word} certainty: keep its "may" and its limits',
        )
    elif read.certainty > graded:
        error = _error(
            "CLM086",
            cited,
            "the certainty that the review gave its result is left out",
            f"add that the review graded it as {graded.word} certainty, or choose that verb",
        )
        yield replace(error, severity=Severity.WARNING, so="")


def _careful(words: Sequence[Word]) -> Iterator[str]:
    """Words that say that a difference was not seen, rather than that there is none."""
    text = " ".join(w.text for w in words)
    careful = ("no clear", "no significant", "no statistically significant", "not significant",
               "did not find", "found no", "no evidence", "not shown", "little")  # fmt: skip
    yield from (phrase for phrase in careful if phrase in text)


def _is_open(row: PublishedResult) -> bool:
    """Whether the review leaves open if there is a difference."""
    text = row.conclusion.lower()
    if any(w in text for w in ("no significant", "not significant", "insufficient", "uncertain")):
        return True
    settled = _read(row.conclusion).direction == "none" or row.certainty in ("moderate", "high")
    null = 1.0 if row.measure in ("RR", "OR", "HR") else 0.0
    ends = row.ci_lower is not None and row.ci_upper is not None
    return ends and not settled and (row.ci_lower or 0.0) < null < (row.ci_upper or 0.0)


def _level(row: PublishedResult) -> Level:
    """The certainty that the authors claim: by their words, and no more than their grade."""
    words = _read(row.conclusion).certainty
    text = row.certainty.lower()
    # Of "very low to low" the higher one, so that nothing is called too strong too soon.
    grades = [v for k, v in _LEVELS.items() if k in text.replace("very low", "very-low")]
    grades += [1] if "very low" in text and not grades else []
    return Level(min(int(words), max(grades, default=4)))


def _counts(cited: _Cited) -> Iterator[Diagnostic]:
    """How many trials and people: numbers outside marks against all that is recorded."""
    words = words_of(cited.sentence.outside)
    for nouns, column in ((_TRIALS, "trials"), (_PEOPLE, "participants")):
        known = _recorded(cited.rows, column)
        for at, word in enumerate(words):
            value = _value(word)
            if value is None or not known or not _counts_noun(words, at, nouns):
                continue
            if any(abs(value - k) < 0.5 for k in known):
                continue
            shown = ", ".join(f"{k:g}" for k in sorted(known)[:6])
            yield Diagnostic(
                "CLM083",
                Severity.ERROR,
                cited.place(word.start, word.end),
                f"the review did not count so many {column}",
                f'"{cited.sentence.text[word.start : word.end]}"; recorded of {cited.key}: {shown}',
                STANDS,
                "write the number of the review, and mark it as a fact",
            )


def _value(word: Word) -> float | None:
    if word.text.endswith("%") or not (word.text[0].isdigit() or word.text in numbers()["values"]):
        return None
    return next(iter(plain_numbers([word.text])), None)


def _counts_noun(words: Sequence[Word], at: int, nouns: frozenset[str]) -> bool:
    """Whether a number counts such things: "11 trials", "7 of 8 randomised trials"."""
    rest = [w.text for w in words[at + 1 : at + 5]]
    if rest[:1] in (["of"], ["out"]):
        return bool(nouns & set(rest[2:4]))
    return bool(nouns & set(rest[:2]))


def _recorded(rows: Sequence[PublishedResult], column: str) -> set[float]:
    """Every number that the table has for this: the column, and what notes tell."""
    out = {float(n) for r in rows if (n := getattr(r, column)) is not None}
    if out or any(column[:5] in r.notes or "N =" in r.notes for r in rows):
        out |= {n for r in rows for n in plain_numbers((r.notes, r.conclusion))}
    return out


def _comparator(cited: _Cited, words: Sequence[Word], treatments: Phrases) -> Iterator[Diagnostic]:
    """ "Better than surgery", with a review that compared it with drugs."""
    than = _than().find(words)
    if not than or not cited.reading.direction:
        return
    named = [m for m in treatments.find(words) if m.first >= than[0].last]
    compared = [_compared(r.comparison, treatments) for r in cited.rows]
    if not named or not all(len(found) > 1 for found in compared):
        return
    if named[0].name not in frozenset().union(*compared):
        start, end = words[named[0].first].start, words[named[0].last - 1].end
        yield Diagnostic(
            "CLM085",
            Severity.ERROR,
            cited.place(start, end),
            "the review that is cited did not make this comparison",
            f"{cited.key} compared {'; '.join(dict.fromkeys(r.comparison for r in cited.rows))}",
            STANDS,
            "cite a review of this comparison, or say what was compared",
        )


def _error(code: str, cited: _Cited, message: str, advice: str) -> Diagnostic:
    text = cited.sentence.text
    place = cited.place(0, len(text))
    return Diagnostic(code, Severity.ERROR, place, message, cited.told, STANDS, advice)
