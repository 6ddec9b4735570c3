"""Breaks between the tables of a folder that no single table shows."""

import math
from collections.abc import Iterator

from osler.claims.consistency.addresses import is_other_topic, searched_for, topic_words
from osler.claims.consistency.drugs import drugs_in
from osler.claims.consistency.identifiers import (
    doi_problem,
    plain_doi,
    pmid_problem,
    registration_problem,
    registrations_in,
)
from osler.claims.consistency.telling import told, warn
from osler.claims.consistency.works import Work, alike, clashes, same, works_of
from osler.claims.language.lexicon import phrases
from osler.claims.language.words import words_of
from osler.claims.workings import markers_in
from osler.core.diagnostics import Diagnostic, Place, Severity, in_order
from osler.core.quantiles import normal_quantile
from osler.core.wording import significant
from osler.review.model import Contrast, Review

_RATIOS = frozenset(("RR", "OR", "HR", "IRR", "ROM"))
_Z = float(normal_quantile(0.975))
# A t quantile of few people widens an interval by up to this; more is another formula.
_WIDER = 0.3


def check_folder(review: Review) -> tuple[Diagnostic, ...]:
    """Every break between tables: identifiers, titles, names, links, standard errors.

    Parameters
    ----------
    review : Review
        The folder; its pages are left to :func:`check_consistency`.

    Returns
    -------
    tuple of Diagnostic
        In the order of files and lines; warnings and notes, since no page is wrong by them.
    """
    works = works_of(review)
    return in_order(
        [
            *_forms(works),
            *_clashes(works),
            *_against_references(review, works),
            *_years(works),
            *_twice(works),
            *_registrations(review),
            *_drugs(review),
            *_searches(review),
            *_titles_of_mechanisms(review),
            *_standard_errors(review),
            *_standardised(review),
            *_bases(review),
            *_unreferenced(review),
        ]
    )


def _forms(works: list[Work]) -> Iterator[Diagnostic]:
    for work in works:
        wrong = doi_problem(work.doi) if work.doi else ""
        if wrong:
            yield warn(
                "CON001",
                work.place,
                f"the DOI of {work.key!r} is not well formed: {wrong}",
                f"{work.doi[:80]!r} in {work.table}",
                "copy it from the publisher's page, without https://doi.org/ and without a stop",
            )
        wrong = pmid_problem(work.pmid) if work.pmid else ""
        if wrong:
            yield warn(
                "CON004",
                work.place,
                f"the PubMed number of {work.key!r} cannot be one: {wrong}",
                f"{work.pmid[:40]!r} in {work.table}",
                "copy it from PubMed; it is the number behind PMID",
            )


def _clashes(works: list[Work]) -> Iterator[Diagnostic]:
    for identifier, name in (("doi", "DOI"), ("pmid", "PubMed number")):
        for work, first in clashes(works, identifier):
            value = work.doi if identifier == "doi" else work.pmid
            yield warn(
                "CON002",
                work.place,
                f"one {name} stands for two works",
                f"{value}: {_named(first)} (line {first.place.line}) and {_named(work)}",
                f"look up the {name}: it belongs to one of them at most, or they are one work",
            )


def _named(work: Work) -> str:
    title = work.title if len(work.title) <= 60 else work.title[:57] + "..."
    return f'{work.key} "{title}"' if title != work.key else f'"{title}"'


def _against_references(review: Review, works: list[Work]) -> Iterator[Diagnostic]:
    """Studies and reviews whose own entry in references.json has another identifier."""
    entries = {w.key: w for w in works if w.table == "references.json"}
    keys = {s.id: s.reference for s in review.studies.values()}
    for work in works:
        if work.table not in ("studies.csv", "published_reviews.csv"):
            continue
        entry = entries.get(keys.get(work.key, work.key))
        if entry is None:
            continue
        for name, here, there in (
            ("DOI", plain_doi(work.doi), plain_doi(entry.doi)),
            ("PubMed number", work.pmid.strip(), entry.pmid.strip()),
        ):
            if here and there and here != there:
                yield warn(
                    "CON003",
                    work.place,
                    f"{work.key!r} has one {name} here and another in references.json",
                    f"{here} here, {there} in references.json line {entry.place.line}",
                    "look up both and correct the wrong one",
                )
        titled = work.table == "studies.csv" and not entry.title.startswith("[")
        if titled and not work.title.startswith("(") and not alike(work.title, entry.title):
            yield warn(
                "CON003",
                work.place,
                f"{work.key!r} has one title here and another in references.json",
                f"{_named(work)}; {_named(entry)}",
                "the column reference may name another work; correct it",
            )


def _years(works: list[Work]) -> Iterator[Diagnostic]:
    """A key such as qin-2015 for a work of 2012. A year apart is print and online."""
    for work in works:
        if work.table not in ("references.json", "studies.csv") or work.year is None:
            continue
        years = [int(p[:4]) for p in work.key.replace("_", "-").split("-") if _is_year(p)]
        if years and all(abs(year - work.year) > 1 for year in years):
            yield warn(
                "CON005",
                work.place,
                f"the key {work.key!r} and the year {work.year} do not fit",
                _named(work),
                "correct the year, or the key; print and online may differ by one",
            )


def _is_year(part: str) -> bool:
    digits = part[:4]
    return len(part) in (4, 5) and digits.isdecimal() and 1900 <= int(digits) <= 2100


def _twice(works: list[Work]) -> Iterator[Diagnostic]:
    """One title under two keys of one table."""
    first: dict[tuple[str, str], Work] = {}
    for work in works:
        if work.table not in ("references.json", "studies.csv"):
            continue
        title = " ".join(w.text for w in words_of(work.title))
        known = first.setdefault((work.table, title), work)
        if known is not work and known.key != work.key and same(known.title, work.title):
            yield warn(
                "CON006",
                work.place,
                "two entries have the same title",
                f"{known.key} (line {known.place.line}) and {work.key}: {work.title[:80]!r}",
                "if they are one work, keep one of them; a trial must not be counted twice",
            )


def _registrations(review: Review) -> Iterator[Diagnostic]:
    first: dict[str, str] = {}
    for study in review.studies.values():
        for number in registrations_in(study.registration):
            wrong = registration_problem(number)
            if wrong:
                yield warn(
                    "CON008",
                    study.place,
                    f"the registration of {study.id!r} is not well formed",
                    f"{number!r}: {wrong}",
                    "copy it from the register",
                )
            known = first.setdefault(number.lower(), study.id)
            other = review.studies[known]
            if known != study.id and not alike(other.title, study.title):
                yield warn(
                    "CON009",
                    study.place,
                    "one registration stands for two trials",
                    f"{number}: {other.label} and {study.label}",
                    "if both report one trial, keep one row; else correct the number",
                )


def _drugs(review: Review) -> Iterator[Diagnostic]:
    """A drug in the title that no arm was given, where the arms were given another."""
    given: dict[str, set[str]] = {}
    for arm in review.arms:
        given.setdefault(arm.study, set()).update(drugs_in(f"{arm.treatment} {arm.detail}"))
    for study in review.studies.values():
        entry = review.references.get(study.reference, {})
        for where, title in (
            ("studies.csv", study.title),
            ("its label", study.label),
            ("references.json", str(entry.get("title") or "")),
        ):
            named, arms = drugs_in(title), given.get(study.id, set())
            if named and arms and not named & arms:
                yield warn(
                    "CON007",
                    study.place,
                    f"{study.id!r} is about one drug by its title and another by its arms",
                    f"{', '.join(sorted(named))} in {where}; {', '.join(sorted(arms))} in arms.csv",
                    "look into the report, and correct the title or the arms",
                )
                break


def _searches(review: Review) -> Iterator[Diagnostic]:
    """Sources that are searches for something else, left over from another review."""
    topic = topic_words(review)
    rows: list[tuple[str, Place]] = [(s.source, s.place) for s in review.studies.values()]
    rows += [(f.source, f.place) for f in review.facts.values()]
    rows += [(c.source, c.place) for c in review.contrasts]
    rows += [(p.source, p.place) for p in review.published]
    for key, item in review.references.items():
        place = review.reference_places.get(key, Place("references.json"))
        rows.append((str(item.get("URL") or ""), place))
    for address, place in rows:
        query = searched_for(address)
        if query and is_other_topic(query, topic):
            yield warn(
                "CON010",
                place,
                "the source is a search for something else",
                f"it searches for {query[:80]!r}, which is no word of this review",
                f"search for {review.condition}, or give the address of the source itself",
            )


def _titles_of_mechanisms(review: Review) -> Iterator[Diagnostic]:
    """A title that names one frequency or substance over results that name another."""
    for row in review.mechanisms:
        said_so = "title" in row.claim.lower()
        title, claim = _currents(row.citation), _currents(row.claim)
        if title and claim and not title & claim and not said_so:
            yield warn(
                "CON014",
                row.place,
                "the title and the result name different frequencies of the current",
                f"{_one(title)} in the title, {_one(claim)} in the claim: {row.citation[:80]}",
                "look into the methods of the report, and say in the claim which is right",
            )
        named, reported = markers_in(row.citation), markers_in(row.claim)
        if named and reported and not named & reported and not said_so:
            yield warn(
                "CON015",
                row.place,
                "the title and the result name different substances",
                f"{_one(named)} in the title, {_one(reported)} in the claim: {row.citation[:80]}",
                "look into the results of the report, and say in the claim which is right",
            )


def _currents(text: str) -> set[str]:
    found = phrases("workings").find(words_of(text))
    return {m.name.removeprefix("current ") for m in found if m.name.startswith("current ")}


def _one(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _standard_errors(review: Review) -> Iterator[Diagnostic]:
    for row in review.contrasts:
        expected = _expected_se(row)
        if expected is None or row.se is None or abs(row.se / expected - 1) <= _WIDER:
            continue
        yield warn(
            "CON016",
            row.place,
            "the standard error and the interval do not fit",
            f"{row.study}: {significant(row.se)} is written, the interval gives "
            f"{significant(expected)}{_slip(row.se, expected)}",
            "a standard error is the width of a 95% interval divided by 3.92; for ratios, of logs",
        )


def _expected_se(row: Contrast) -> float | None:
    """What the interval gives; None where there is none or it cannot be used."""
    low, high = row.ci_lower, row.ci_upper
    if low is None or high is None or not low < high or row.se is None or row.se <= 0:
        return None
    if row.measure in _RATIOS:
        if low <= 0:
            return None
        low, high = math.log(low), math.log(high)
    return (high - low) / (2 * _Z)


def _slip(written: float, expected: float) -> str:
    """The known slip that would give the written value; "" where none would."""
    width = expected * 2 * _Z
    slips = (
        (width / _Z, "the width divided by 1.96 once"),
        (expected**2, "the variance"),
        (math.sqrt(expected), "the root of the standard error"),
    )
    for value, name in slips:
        if abs(written / value - 1) < 0.02:
            return f"; it would be {name}"
    return ""


def _standardised(review: Review) -> Iterator[Diagnostic]:
    """Studies of which only a standardised difference is kept, told once."""
    with_arms = {r.study for r in review.results}
    plain = {c.study for c in review.contrasts if c.measure != "SMD"}
    only = [
        c for c in review.contrasts
        if c.measure == "SMD" and c.study not in with_arms | plain
    ]  # fmt: skip
    names = list(dict.fromkeys(c.study for c in only))
    if names:
        yield told(
            "CON017",
            only[0].place,
            "of some studies only a standardised difference is kept",
            f"{len(names)}: {', '.join(names[:5])}",
            "keep the means, standard deviations and group sizes too: from them the difference "
            "can be computed again, and from it they cannot",
            Severity.NOTE,
        )


def _bases(review: Review) -> Iterator[Diagnostic]:
    """A reason for a judgement of bias that names another study: rows that were swapped."""
    labels = {s.label: s.id for s in review.studies.values() if len(s.label) > 6}
    for row in review.bias:
        others = [label for label, key in labels.items() if label in row.basis and key != row.study]
        own = review.studies.get(row.study)
        if others and own is not None and own.label not in row.basis:
            yield warn(
                "CON018",
                row.place,
                "the basis of this judgement names another study",
                f"{own.label}, {row.domain}: {row.basis[:80]!r} names {others[0]}",
                "two rows may have been swapped; see which study the reason belongs to",
            )


def _unreferenced(review: Review) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for row in review.published:
        if row.review not in review.references and row.review not in seen:
            seen.add(row.review)
            yield warn(
                "CON020",
                row.place,
                f"the review {row.review!r} is not in references.json",
                row.citation[:100] or row.comparison,
                "add it, with this key, so that pages can cite it and are held against it",
            )
