"""What a marked mechanism says beyond what its studies looked at.

Three slips that are common in reports themselves are told apart: a process that was presumed
and not measured (better conduction "shows" regeneration), a marker that no study names (IL-1
for IL-6), and a frequency of current that the studies did not use.
"""

import re
from collections.abc import Iterator, Sequence

from osler.claims.document.positions import place_of
from osler.claims.language.lexicon import phrases
from osler.claims.language.reading import NEGATION_REACH, is_negated
from osler.claims.language.words import Mention, Phrases, Word, words_of
from osler.claims.model import Page, Span, Verdict
from osler.claims.rulings import Ruling, error
from osler.core.diagnostics import Place
from osler.review.model import Mechanism, Review

# Names of markers as papers write them; the ends are fixed, so that this cannot run away.
_MARKER = re.compile(
    r"\b(?:IL-?\d{1,2}(?:β|beta|α|alpha)?|TNF(?:-?(?:α|alpha))?|BDNF|NGF|NT-?[34]|GDNF|IGF-?1|VEGF|CRP|COX-?2|"
    r"NF-?(?:κB|kB|kappaB)|GABA|5-HT(?:\d[A-Z]?)?|Bcl-2|Bax)(?![\w])"
)


def judge_workings(
    span: Span, page: Page, rows: Sequence[Mechanism], review: Review
) -> Iterator[Ruling]:
    """What stands against a mechanism beyond its direction, in the rows that it names."""
    words = words_of(span.text)
    if any(m.name == "absence" for m in phrases("negation").find(words)):
        return
    yield from _proof(span, page, words)
    yield from _unmeasured(span, page, words, rows)
    yield from _markers(span, page, rows)
    yield from _current(span, page, words, rows)
    yield from _condition(span, page, words, rows, review)


def _place(span: Span, page: Page, words: Sequence[Word], mention: Mention) -> Place:
    start, end = words[mention.first].start, words[mention.last - 1].end
    return place_of(span.pieces, start, end, page.file, page.lines)


def _proof(span: Span, page: Page, words: Sequence[Word]) -> Iterator[Ruling]:
    """A mechanism as the reason to believe that it helps."""
    negation = phrases("negation").find(words)
    for mention in phrases("workings", "proof").find(words):
        if mention.name != "proof" or is_negated(words, negation, mention.first, NEGATION_REACH):
            continue
        yield error(
            Verdict.OVERSTATED,
            "CLM034",
            _place(span, page, words, mention),
            "a mechanism is given as the reason to believe that the treatment helps",
            f'"{_said(span, words, mention)}": whether it helps was asked in other studies',
            "say what was seen, and leave what follows from it to the trials on patients",
        )
        return


def _said(span: Span, words: Sequence[Word], mention: Mention) -> str:
    return span.text[words[mention.first].start : words[mention.last - 1].end]


def _unmeasured(
    span: Span, page: Page, words: Sequence[Word], rows: Sequence[Mechanism]
) -> Iterator[Ruling]:
    """A process that no study of this mechanism measured, though some may presume it."""
    if any(m.name == "unmeasured" for m in phrases("workings").find(words)):
        return
    measured: set[str] = set()
    for row in rows:
        measured |= _measured(row)
    for mention in phrases("workings").find(words):
        if not mention.name.startswith("process ") or mention.name in measured:
            continue
        process = mention.name.removeprefix("process ")
        presumed = any(process in _processes(row.claim) for row in rows)
        yield error(
            Verdict.NOT_SHOWN,
            "CLM035",
            _place(span, page, words, mention),
            "no study of this mechanism measured that",
            f'"{_said(span, words, mention)}": '
            + (
                f"a report presumes {process} and did not measure it"
                if presumed
                else f"the {len(rows)} studies under {rows[0].mechanism!r} are not about {process}"
            ),
            "say what was measured, or name the mechanism in about that has studies of it",
        )
        return


def _measured(row: Mechanism) -> set[str]:
    """The processes that a study measured: those it names, without what it only presumes."""
    found = {f"process {p}" for p in _processes(row.mechanism)}
    for sentence in re.split(r"[.;]", row.claim):
        said = phrases("workings").find(words_of(sentence))
        open_ = any(m.name in ("unmeasured", "guessed") for m in said)
        found |= set() if open_ else {f"process {p}" for p in _processes(sentence)}
    return found


def _processes(text: str) -> set[str]:
    found = phrases("workings").find(words_of(text))
    return {m.name.removeprefix("process ") for m in found if m.name.startswith("process ")}


def _markers(span: Span, page: Page, rows: Sequence[Mechanism]) -> Iterator[Ruling]:
    """Substances that no study of this mechanism names."""
    known = set().union(*(markers_in(row.claim) for row in rows))
    for match in _MARKER.finditer(span.text):
        said = _plain(match.group())
        if not known or any(name.startswith(said) for name in known):
            continue
        yield error(
            Verdict.NOT_SHOWN,
            "CLM036",
            place_of(span.pieces, match.start(), match.end(), page.file, page.lines),
            "no study of this mechanism reports this substance",
            f'"{match.group()}"; its studies name {", ".join(sorted(known))}',
            "check the name in the results of the study, not in its title or abstract",
        )


def markers_in(text: str) -> set[str]:
    """The substances that a text names, in one spelling.

    Examples
    --------
    >>> sorted(markers_in("IL-1beta and TNF-α fell"))
    ['IL1BETA', 'TNF']
    """
    return {_plain(match.group()) for match in _MARKER.finditer(text)}


def _plain(name: str) -> str:
    return (
        name.replace("-", "")
        .replace("β", "BETA")
        .replace("α", "")
        .replace("κ", "k")
        .upper()
        .replace("ALPHA", "")
    )


def _current(
    span: Span, page: Page, words: Sequence[Word], rows: Sequence[Mechanism]
) -> Iterator[Ruling]:
    """A frequency of the current that none of the studies used."""
    used = {
        m.name
        for row in rows
        for m in phrases("workings").find(words_of(_after_title(row.claim)))
        if m.name.startswith("current ")
    }
    for mention in phrases("workings").find(words):
        if mention.name.startswith("current ") and used and mention.name not in used:
            yield error(
                Verdict.CONTRADICTED,
                "CLM037",
                _place(span, page, words, mention),
                "the studies used another frequency of the current",
                f'"{_said(span, words, mention)}"; the studies used '
                + ", ".join(sorted(u.removeprefix("current ") + " frequencies" for u in used)),
                "give the frequency that the methods of the study state; titles may be wrong",
            )
            return


def _after_title(claim: str) -> str:
    """The claim without what it says of a title."""
    kept = [part for part in re.split(r"[.;]", claim) if "title" not in part.lower()]
    told = [part for part in re.split(r"[.;]", claim) if "abstract says" in part.lower()]
    return ". ".join(kept + told)


def _condition(
    span: Span, page: Page, words: Sequence[Word], rows: Sequence[Mechanism], review: Review
) -> Iterator[Ruling]:
    """Told of people with the condition, and studied in none of them."""
    names = [w for w in (review.condition, *review.words) if any(map(str.isalpha, w))]
    named = Phrases({"condition": names}).find(words)
    people = any(m.name == "people" for m in phrases("mechanism", "people").find(words))
    if not named or not people or any(_is_on(row, review) for row in rows):
        return
    human = [r for r in rows if "human" in r.species.lower()]
    tested = ", ".join(dict.fromkeys(r.model.split(",")[0] for r in human[:4]))
    yield error(
        Verdict.OVERSTATED,
        "CLM038",
        _place(span, page, words, named[0]),
        f"this has not been shown in people with {review.condition}",
        f"studied in people: {tested}" if human else "studied in animals or cells alone",
        f"say in whom it was seen, and that {review.condition} was not among it",
    )


def _is_on(row: Mechanism, review: Review) -> bool:
    """Whether a study showed it in people with the condition, by itself."""
    text = f"{row.model} {row.evidence_level} {row.claim}".lower()
    shown = row.direction in ("supports", "mixed") and "human" in row.species.lower()
    names = (review.condition, *review.words)
    return shown and any(name.lower() in text for name in names if name.strip())
