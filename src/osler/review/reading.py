"""A review folder as a value: from the bytes of its files to a Review."""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files as package_files
from typing import TypeVar, cast

from osler.core.decoding import decode
from osler.core.diagnostics import Diagnostic, Place, Severity, in_order
from osler.core.tables import Row, Schema, parse_schema, read_table, without_repeats
from osler.review.checks import check_review, check_scores
from osler.review.folder import RECORDS
from osler.review.model import (
    Arm,
    Bias,
    BiasJudgement,
    Contrast,
    Episode,
    Fact,
    Mechanism,
    PageSource,
    PublishedResult,
    Result,
    Review,
    Score,
    Study,
)
from osler.review.privacy import check_privacy
from osler.review.question import read_judgements, read_question
from osler.review.references import check_reference, sound_reference
from osler.review.settings import parse_settings

TABLES = (
    *("studies", "arms", "results", "contrasts", "bias", "facts", "mechanisms"),
    *("practice", "practice_scores", "published_reviews"),
)
NEEDED = ("studies", "arms")

T = TypeVar("T")


@cache
def schema(table: str) -> Schema:
    """The table schema that ships with Osler, by the table's name without ``.csv``."""
    path = package_files("osler.review") / "schemas" / f"{table}.json"
    return parse_schema(path.read_text(encoding="utf-8"))


@dataclass
class _Files:
    """The folder's bytes, and what was found while decoding them."""

    content: Mapping[str, bytes]
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def text(self, name: str) -> str | None:
        if name not in self.content:
            return None
        text, found = decode(self.content[name], name)
        self.diagnostics += found
        return text

    def rows(self, table: str) -> list[Row]:
        name = f"{table}.csv"
        text = self.text(name)
        if text is None:
            if table in NEEDED:
                self.diagnostics.append(_missing(name))
            return []
        rows, found = read_table(text, schema(table), name)
        self.diagnostics += found
        return without_repeats(rows, schema(table))


def parse_review(files: Mapping[str, bytes]) -> tuple[Review | None, tuple[Diagnostic, ...]]:
    """The review that a folder's files describe, and everything wrong with it.

    Parameters
    ----------
    files : mapping of str to bytes
        Paths relative to the folder, with "/" between their parts, and their content.

    Returns
    -------
    Review or None
        None only where there is no osler.toml to say what is asked.
    tuple of Diagnostic
        In the order of files and lines.

    Examples
    --------
    >>> review, found = parse_review({})
    >>> review is None, found[0].code
    (True, 'REV001')
    """
    source = _Files(files)
    toml = source.text("osler.toml")
    if toml is None:
        return None, (_no_question(),)
    settings = parse_settings(toml, "osler.toml")
    question = read_question(settings)
    certainty = parse_settings(source.text("certainty.toml") or "", "certainty.toml")
    studies = [_study(row) for row in source.rows("studies")]
    facts = [_fact(row) for row in source.rows("facts")]
    references = _references(source)
    practice, scores = _practice(source)
    review = Review(
        title=question.title,
        condition=question.condition,
        population=question.population,
        words=question.words or (question.condition,),
        site=question.site,
        model=question.model,
        treatments=question.treatments,
        instruments=question.instruments,
        outcomes=question.outcomes,
        comparisons=question.comparisons,
        studies={study.id: study for study in studies},
        arms=_all(source.rows("arms"), _arm),
        results=_all(source.rows("results"), _result),
        contrasts=_all(source.rows("contrasts"), _contrast),
        bias=_all(source.rows("bias"), _bias),
        judgements=read_judgements(certainty),
        facts={fact.id: fact for fact in facts},
        mechanisms=_all(source.rows("mechanisms"), _mechanism),
        references=references,
        pages=_pages(source),
        searched=question.searched,
        not_pooled=question.not_pooled,
        practice=practice,
        scores=scores,
        published=_all(source.rows("published_reviews"), _published),
        reference_places=_places_of(source, references),
        records={name: data for name, data in files.items() if name.startswith(RECORDS)},
    )
    found = [*source.diagnostics, *settings.diagnostics, *certainty.diagnostics, *_unread(files)]
    return review, in_order([*found, *check_review(review)])


def parse_practice(
    files: Mapping[str, bytes],
) -> tuple[tuple[Episode, ...], tuple[Score, ...], tuple[Diagnostic, ...]]:
    r"""The clinic's own tables alone: practice.csv and, where it is there, practice_scores.csv.

    Examples
    --------
    >>> files = {"practice.csv": b"id,condition,recovered\nE1,sciatica,yes\n"}
    >>> episodes, scores, found = parse_practice(files)
    >>> episodes[0].recovered, scores, found
    (True, (), ())
    """
    source = _Files(files)
    episodes, scores = _practice(source)
    return episodes, scores, in_order(source.diagnostics)


def _all(rows: list[Row], read: Callable[[Row], T]) -> tuple[T, ...]:
    return tuple(read(row) for row in rows)


def _study(row: Row) -> Study:
    return Study(
        id=row.text("id"),
        label=row.text("label"),
        year=row.count("year"),
        title=row.text("title"),
        design=row.text("design"),
        population=row.text("population"),
        randomised=row.count("randomised"),
        reference=row.text("reference"),
        source=row.text("source"),
        included=row.truth("included"),
        reason=row.text("reason"),
        notes=row.text("notes"),
        place=row.place("id"),
        doi=row.text("doi"),
        pmid=row.text("pmid"),
        registration=row.text("registration"),
    )


def _arm(row: Row) -> Arm:
    return Arm(
        study=row.text("study"),
        arm=row.text("arm"),
        treatment=row.text("treatment"),
        detail=row.text("detail"),
        n=row.count("n"),
        place=row.place("treatment"),
    )


def _result(row: Row) -> Result:
    return Result(
        study=row.text("study"),
        arm=row.text("arm"),
        outcome=row.text("outcome"),
        instrument=row.text("instrument"),
        weeks=row.number("weeks"),
        value=row.text("value"),
        events=row.count("events"),
        n=row.count("n"),
        mean=row.number("mean"),
        sd=row.number("sd"),
        se=row.number("se"),
        ci_lower=row.number("ci_lower"),
        ci_upper=row.number("ci_upper"),
        source=row.text("source"),
        where=row.text("where"),
        notes=row.text("notes"),
        place=row.place("events" if row.count("events") is not None else "mean"),
    )


def _contrast(row: Row) -> Contrast:
    return Contrast(
        study=row.text("study"),
        arm=row.text("arm"),
        comparator_arm=row.text("comparator_arm"),
        outcome=row.text("outcome"),
        instrument=row.text("instrument"),
        weeks=row.number("weeks"),
        measure=row.text("measure"),
        estimate=row.number("estimate"),
        se=row.number("se"),
        ci_lower=row.number("ci_lower"),
        ci_upper=row.number("ci_upper"),
        p_value=row.text("p_value"),
        adjusted=row.truth("adjusted"),
        n=row.count("n"),
        source=row.text("source"),
        where=row.text("where"),
        notes=row.text("notes"),
        place=row.place("estimate"),
    )


def _bias(row: Row) -> Bias:
    return Bias(
        study=row.text("study"),
        domain=row.text("domain"),
        judgement=cast(BiasJudgement, row.text("judgement")),
        basis=row.text("basis"),
        source=row.text("source"),
        place=row.place("judgement"),
    )


def _fact(row: Row) -> Fact:
    return Fact(
        id=row.text("id"),
        statement=row.text("statement"),
        value=row.number("value"),
        low=row.number("low"),
        high=row.number("high"),
        unit=row.text("unit"),
        population=row.text("population"),
        reference=row.text("reference"),
        source=row.text("source"),
        notes=row.text("notes"),
        place=row.place("id"),
    )


def _mechanism(row: Row) -> Mechanism:
    return Mechanism(
        mechanism=row.text("mechanism"),
        claim=row.text("claim"),
        citation=row.text("citation"),
        year=row.count("year"),
        doi=row.text("doi"),
        species=row.text("species"),
        model=row.text("model"),
        direction=row.text("direction"),
        evidence_level=row.text("evidence_level"),
        source=row.text("source"),
        place=row.place("mechanism"),
        pmid=row.text("pmid"),
    )


def _practice(source: _Files) -> tuple[tuple[Episode, ...], tuple[Score, ...]]:
    """The clinic's own tables; none of them where one tells who the patients are."""
    telling = [
        d
        for table in ("practice.csv", "practice_scores.csv")
        for d in check_privacy(source.text(table) or "", table)
    ]
    source.diagnostics += telling
    if telling:
        return (), ()
    episodes = _all(source.rows("practice"), _episode)
    scores = _all(source.rows("practice_scores"), _score)
    source.diagnostics += check_scores(episodes, scores)
    return episodes, scores


def _episode(row: Row) -> Episode:
    return Episode(
        id=row.text("id"),
        started=row.text("started"),
        condition=row.text("condition"),
        treatment=row.text("treatment"),
        sessions=row.count("sessions"),
        measure=row.text("measure"),
        baseline=row.number("baseline"),
        last=row.number("last"),
        recovered={"yes": True, "no": False}.get(row.text("recovered")),
        ended=row.text("ended"),
        place=row.place("id"),
        unwanted=row.text("unwanted").replace("unknown", ""),
    )


def _score(row: Row) -> Score:
    return Score(
        episode=row.text("id"),
        measure=row.text("measure"),
        session=row.count("session") or 0,
        score=row.number("score"),
        place=row.place("id"),
    )


def _published(row: Row) -> PublishedResult:
    return PublishedResult(
        review=row.text("review"),
        citation=row.text("citation"),
        doi=row.text("doi"),
        pmid=row.text("pmid"),
        comparison=row.text("comparison"),
        outcome=row.text("outcome"),
        measure=row.text("measure"),
        trials=row.count("trials"),
        participants=row.count("participants"),
        estimate=row.number("estimate"),
        ci_lower=row.number("ci_lower"),
        ci_upper=row.number("ci_upper"),
        certainty=row.text("certainty"),
        conclusion=row.text("conclusion"),
        scope=row.text("scope"),
        source=row.text("source"),
        notes=row.text("notes"),
        place=row.place("review"),
    )


_ID = re.compile(r'"id"\s*:\s*"([^"\\]+)"')


def _references(source: _Files) -> dict[str, Mapping[str, object]]:
    """references.json by id; CSL-JSON is a list of objects with an id each."""
    text = source.text("references.json")
    if text is None:
        return {}
    try:
        items = json.loads(text)
    except RecursionError:
        place = Place("references.json")
        source.diagnostics.append(_bad_references(place, "references.json is nested too deeply"))
        return {}
    except json.JSONDecodeError as error:
        line = (text.split("\n") or [""])[error.lineno - 1][:2000]
        place = Place("references.json", error.lineno, error.colno, 0, "", line)
        source.diagnostics.append(_bad_references(place, f"this is not JSON: {error.msg.lower()}"))
        return {}
    except ValueError as error:
        place = Place("references.json")
        source.diagnostics.append(_bad_references(place, f"this is not JSON: {error}"))
        return {}
    place = Place("references.json")
    if not isinstance(items, list):
        source.diagnostics.append(_bad_references(place, "references.json is not a list"))
        return {}
    out: dict[str, Mapping[str, object]] = {}
    places = _reference_places(text)
    for number, item in enumerate(items, start=1):
        key = item.get("id") if isinstance(item, dict) else None
        if not isinstance(key, str) or not key or key in out:
            what = f"reference {number} has no id" if not key else f"reference {key!r} stands twice"
            source.diagnostics.append(_bad_references(place, what))
            continue
        source.diagnostics += check_reference(item, places.get(key, place))
        out[key] = sound_reference(item)
    return out


def _places_of(source: _Files, keys: Iterable[str]) -> dict[str, Place]:
    """Where each key stands; the file, where it is written in another way."""
    places = _reference_places(source.text("references.json") or "")
    return {key: places.get(key, Place("references.json")) for key in keys}


def _reference_places(text: str) -> Mapping[str, Place]:
    """Where the id of each reference stands, in a file that is written line by line."""
    out: dict[str, Place] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        match = _ID.search(line)
        if match:
            shown = line[:2000]
            place = Place("references.json", number, 1, len(shown) + 1, "id", shown)
            out.setdefault(match[1], place)
    return out


def _pages(source: _Files) -> tuple[PageSource, ...]:
    names = sorted(n for n in source.content if _is_page(n))
    return tuple(PageSource(name, source.text(name) or "") for name in names)


def _is_page(name: str) -> bool:
    return name.startswith("pages/") and name.count("/") == 1 and name.endswith(".md")


# Beside the tables; the last two are read where pages are judged, and where findings are told.
_OTHER_FILES = (
    "osler.toml",
    "certainty.toml",
    "references.json",
    "confirmed.json",
    "osler-baseline.json",
)


_FOR_OTHERS = ("rules/", "words/", RECORDS)
"""Folders that are read where they are needed."""


def _unread(files: Mapping[str, bytes]) -> Iterator[Diagnostic]:
    """Files that look as if they belonged to the review, and that nobody reads."""
    known = [*_OTHER_FILES, *(f"{t}.csv" for t in TABLES)]
    for name in files:
        notes = name.endswith((".md", ".markdown", ".txt")) and "/" not in name
        if name in known or notes or _is_page(name) or name.startswith(_FOR_OTHERS):
            continue
        page = name.startswith("pages/")
        close = difflib.get_close_matches(name.lower(), known, 1)
        yield Diagnostic(
            "REV035",
            Severity.WARNING,
            Place(name),
            f"{name} is not a file that Osler knows",
            so="it is not read",
            help="pages are read from pages/*.md, without sub-folders"
            if page
            else f"did you mean {close[0]}?"
            if close
            else f"known files: {', '.join(known)}; keep others in a folder of their own",
        )


def _bad_references(place: Place, message: str) -> Diagnostic:
    return Diagnostic(
        "REV018",
        Severity.ERROR,
        place,
        message,
        so="it cannot be cited",
        help='references.json is CSL-JSON: [{"id": "key", "type": "article-journal", ...}, ...]',
    )


def _missing(name: str) -> Diagnostic:
    return Diagnostic(
        "REV002",
        Severity.ERROR,
        Place(name),
        f"{name} is missing",
        so="no trial can be read",
        help=f"make {name}; 'osler new' writes one with the right columns",
    )


def _no_question() -> Diagnostic:
    return Diagnostic(
        "REV001",
        Severity.ERROR,
        Place("osler.toml"),
        "there is no osler.toml here, so this is not a review folder",
        so="nothing can be checked",
        help="go to the folder that holds osler.toml, or start one with 'osler new NAME'",
    )
