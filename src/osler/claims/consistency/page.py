"""A page against the folder: estimates and counts in its prose, and its links."""

from collections.abc import Iterator, Sequence

from osler.certainty.model import Evidence, Finding
from osler.claims.consistency.addresses import (
    address_problem,
    is_other_topic,
    searched_for,
    topic_words,
)
from osler.claims.consistency.estimates import Triple, known_triples, triples_in
from osler.claims.consistency.identifiers import doi_problem
from osler.claims.consistency.telling import err, warn
from osler.claims.document.positions import place_of
from osler.claims.document.sentences import LONGEST_SENTENCE
from osler.claims.document.surroundings import spans_by_sentence
from osler.claims.language.lexicon import numbers
from osler.claims.language.quantities import plain_numbers
from osler.claims.language.words import words_of
from osler.claims.model import Page, Sentence, Span
from osler.core.diagnostics import Diagnostic, Place
from osler.effects.scales import estimate_cell, scale_of
from osler.review.model import Review

_TRIALS = frozenset("trials trial studies rcts".split())
_PEOPLE = frozenset("participants patients people persons adults".split())
# Where the site itself puts anchors: parts of the evidence section, references, the page.
_OWN_ANCHORS = (
    *("evidence", "ref-", "references", "mechanism", "left-out", "answer", "top", "main"),
    *("summary", "content", "forest", "options", "icons", "toc-title", "sources"),
)
# So many lines after the last link the next one of a paragraph is looked for.
_REACH = 60


def check_consistency(page: Page, review: Review, evidence: Evidence) -> list[Diagnostic]:
    """What a page says that the rest of the folder says otherwise.

    Parameters
    ----------
    page, review, evidence
        The page, the folder, and what its trials say.

    Returns
    -------
    list of Diagnostic
        Errors for numbers that are not those computed; warnings for the rest.
    """
    marked = spans_by_sentence(page)
    tables = tuple(known_triples(review))
    pooled = {about: _triple_of(f) for about, f in evidence.findings.items()}
    out: list[Diagnostic] = []
    for number, sentence in enumerate(page.sentences):
        if len(sentence.text) > LONGEST_SENTENCE or not any(map(str.isdigit, sentence.text)):
            continue
        claims = [s for s in marked.get(number, ()) if s.kind == "claim"]
        abouts = [a for s in claims for a in s.about if a in evidence.findings]
        covered = _covered(sentence, [s for s in marked.get(number, ()) if s.kind != "claim"])
        out += _estimates(page, sentence, abouts, pooled, tables, covered, evidence)
        if abouts and not sentence.citations:
            out += _counts(page, sentence, abouts, covered, evidence, review)
    return [*out, *_links(page, review)]


def _covered(sentence: Sentence, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Where passages stand that are held against something else, or are somebody's words."""
    out = []
    for span in spans:
        at = sentence.text.find(span.text)
        if at >= 0:
            out.append((at, at + len(span.text)))
    return out


def _triple_of(finding: Finding) -> Triple:
    """The pooled estimate as pages print it: ratios as ratios, risk differences in percent."""
    pooled = finding.synthesis.random
    scale = scale_of(finding.outcome.measure)
    return Triple.shown(scale, pooled.estimate, pooled.ci_lower, pooled.ci_upper)


def _estimates(
    page: Page,
    sentence: Sentence,
    abouts: Sequence[str],
    pooled: dict[str, Triple],
    tables: Sequence[Triple],
    covered: Sequence[tuple[int, int]],
    evidence: Evidence,
) -> Iterator[Diagnostic]:
    """An estimate with its interval has to be one that was computed or read somewhere."""
    mine = [pooled[a] for a in abouts] or list(pooled.values())
    for triple in triples_in(sentence.text):
        inside = any(a <= triple.start < b for a, b in covered)
        if inside or any(triple.agrees(t) for t in (*mine, *tables)):
            continue
        place = place_of(sentence.pieces, triple.start, triple.end, page.file, page.lines)
        said = sentence.text[triple.start : triple.end]
        if abouts:
            told = "; ".join(f"{a}: {_shown(evidence.findings[a])}" for a in abouts[:2])
            yield err(
                "CON011",
                place,
                "the estimate is not the one that was computed",
                f'"{said}"; {told}',
                f'write {{{{ result("{abouts[0]}") }}}} and the computed number stands there',
            )
        else:
            yield warn(
                "CON011",
                place,
                "no table and no computation of this folder has this estimate",
                f'"{said}"',
                "put it into facts.csv with its source and mark it as a fact",
            )


def _shown(finding: Finding) -> str:
    pooled = finding.synthesis.random
    scale = scale_of(finding.outcome.measure)
    return estimate_cell(scale, pooled.estimate, pooled.ci_lower, pooled.ci_upper)


def _counts(
    page: Page,
    sentence: Sentence,
    abouts: Sequence[str],
    covered: Sequence[tuple[int, int]],
    evidence: Evidence,
    review: Review,
) -> Iterator[Diagnostic]:
    """ "In 11 trials with 962 patients" beside a claim, against what was pooled for it."""
    findings = [evidence.findings[a] for a in abouts]
    trials = {n for f in findings for n in _trials(f)}
    people = {n for f in findings for n in _people(f, review)}
    words = words_of(sentence.text)
    for at, word in enumerate(words):
        if not (word.text[0].isdigit() or word.text in numbers()["values"]):
            continue
        value = next(iter(plain_numbers([word.text])), None)
        if value is None or word.text.endswith("%") or value < 2:
            continue
        rest = {w.text for w in words[at + 1 : at + 3]}
        known, what = (trials, "trials") if rest & _TRIALS else (people, "people")
        if not (rest & _TRIALS or rest & _PEOPLE) or not known or value in known:
            continue
        if any(a <= word.start < b for a, b in covered) or _is_share(
            words[max(at - 2, 0) : at + 3]
        ):
            continue
        yield err(
            "CON019",
            place_of(sentence.pieces, word.start, word.end, page.file, page.lines),
            f"so many {what} were not pooled for this",
            f'"{sentence.text[word.start : word.end]}"; {findings[0].about}: '
            f"{len(findings[0].answer.effects)} trials, {_total(findings[0])}",
            "write the number that was computed, or mark it as a fact with its source",
        )


def _is_share(words: Sequence[object]) -> bool:
    """Whether the number is part of "3 in 10"."""
    texts = [getattr(w, "text", "") for w in words]
    return "in" in texts[:2] or "per" in texts[:2] or "every" in texts[:2]


def _trials(finding: Finding) -> set[float]:
    used = len(finding.answer.effects)
    left = len(
        {x.study for x in finding.answer.left_out} - {e.study for e in finding.answer.effects}
    )
    return {float(n) for n in (used, left, used + left)} if used else set()


def _people(finding: Finding, review: Review) -> set[float]:
    sizes = [e.n for e in finding.answer.effects if e.n is not None]
    if not sizes:
        return set()
    whole = [sum(sizes)] if len(sizes) == len(finding.answer.effects) else []
    used = {e.study for e in finding.answer.effects}
    randomised = [s.randomised for s in review.studies.values() if s.id in used and s.randomised]
    return {float(n) for n in (*sizes, *whole, *randomised, sum(randomised))}


def _total(finding: Finding) -> str:
    sizes = [e.n for e in finding.answer.effects]
    known = [n for n in sizes if n is not None]
    return f"{sum(known)} people" + ("" if len(known) == len(sizes) else " where it is known")


def _links(page: Page, review: Review) -> Iterator[Diagnostic]:
    """Addresses that are not whole, anchors that are not there, searches for something else."""
    topic = topic_words(review)
    anchors = _anchors(page)
    for address, place in _addresses(page).items():
        wrong = address_problem(address)
        if wrong:
            advice = "copy it again from the bar of the browser"
            yield warn("CON012", place, f"the link is not whole: {wrong}", address[:120], advice)
        if "doi.org/" in address and (wrong := doi_problem(address)):
            advice = "copy the DOI from the publisher's page"
            yield warn(
                "CON001", place, f"the DOI is not well formed: {wrong}", address[:120], advice
            )
        query = searched_for(address)
        if query and is_other_topic(query, topic):
            yield warn(
                "CON010",
                place,
                "the link is a search for something else",
                f"it searches for {query[:80]!r}, which is no word of this review",
                f"search for {review.condition}, or link to the source itself",
            )
        target = address[1:]
        own = target.startswith(_OWN_ANCHORS)
        if address.startswith("#") and target not in anchors and not own:
            yield warn(
                "CON013",
                place,
                "the page has no heading that this link could lead to",
                f"{address[:80]}; headings: {', '.join(sorted(anchors)[:8]) or 'none'}",
                "write the heading in lower case with hyphens: #get-help-at-once",
            )


def _addresses(page: Page) -> dict[str, Place]:
    """Every address that a page links to, and where it stands first."""
    out: dict[str, Place] = {}
    at = 0
    for token in page.tokens:
        at = max(at, token.map[0]) if token.map else at
        for child in token.children or ():
            if child.type == "link_open":
                address = str(child.attrs.get("href", ""))
                place, at = _place_of_link(page, address, at)
                out.setdefault(address, place)
    return out


def _anchors(page: Page) -> frozenset[str]:
    """The ids that the site gives to headings; a second one of the same name gets a number."""
    found: dict[str, int] = {}
    out: set[str] = set()
    for sentence in page.headings:
        if sentence.kind != "heading":
            continue
        stem = _anchor(sentence.text)
        found[stem] = found.get(stem, 0) + 1
        out.add(stem if found[stem] == 1 else f"{stem}-{found[stem]}")
    return frozenset(out)


def _anchor(text: str) -> str:
    kept = "".join(c if c.isalnum() and c.isascii() else " " for c in text.lower())
    return "-".join(kept.split()) or "x"


def _place_of_link(page: Page, address: str, first: int) -> tuple[Place, int]:
    """Where an address stands from line ``first`` on (from 0), and that line.

    The line itself where it was written in another way: with signs that a browser encodes.
    """
    for number in range(first, min(first + _REACH, len(page.lines))):
        at = page.lines[number].find(address) if address else -1
        if at >= 0:
            line = page.lines[number]
            return Place(page.file, number + 1, at + 1, at + 1 + len(address), "", line), number
    if first < len(page.lines):
        return Place(page.file, first + 1, source=page.lines[first]), first
    return Place(page.file), first
