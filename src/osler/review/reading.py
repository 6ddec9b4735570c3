"""A review folder as a value: from the bytes of its files to a Review."""

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files as package_files
from typing import TypeVar

from osler.core.decoding import decode
from osler.core.diagnostics import Diagnostic, Place, Severity, in_order
from osler.core.tables import Row, Schema, parse_schema, read_table, without_repeats
from osler.review.checks import check_review, check_scores
from osler.review.folder import RECORDS
from osler.review.model import Episode, PageSource, Review, Score
from osler.review.privacy import check_privacy
from osler.review.question import read_judgements, read_question
from osler.review.references import FILE as REFERENCES
from osler.review.references import read_references
from osler.review.rows import (
    arm_of,
    bias_of,
    contrast_of,
    episode_of,
    fact_of,
    mechanism_of,
    published_of,
    result_of,
    score_of,
    study_of,
)
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
    studies = [study_of(row) for row in source.rows("studies")]
    facts = [fact_of(row) for row in source.rows("facts")]
    references = read_references(source.text(REFERENCES))
    source.diagnostics += references.diagnostics
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
        arms=_all(source.rows("arms"), arm_of),
        results=_all(source.rows("results"), result_of),
        contrasts=_all(source.rows("contrasts"), contrast_of),
        bias=_all(source.rows("bias"), bias_of),
        judgements=read_judgements(certainty),
        facts={fact.id: fact for fact in facts},
        mechanisms=_all(source.rows("mechanisms"), mechanism_of),
        references=references.items,
        pages=_pages(source),
        searched=question.searched,
        not_pooled=question.not_pooled,
        practice=practice,
        scores=scores,
        published=_all(source.rows("published_reviews"), published_of),
        reference_places=references.places,
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
    episodes = _all(source.rows("practice"), episode_of)
    scores = _all(source.rows("practice_scores"), score_of)
    source.diagnostics += check_scores(episodes, scores)
    return episodes, scores


def _pages(source: _Files) -> tuple[PageSource, ...]:
    names = sorted(n for n in source.content if _is_page(n))
    return tuple(PageSource(name, source.text(name) or "") for name in names)


def _is_page(name: str) -> bool:
    return name.startswith("pages/") and name.count("/") == 1 and name.endswith(".md")


# Beside the tables; the last two are read where pages are judged, and where findings are told.
_OTHER_FILES = (
    "osler.toml",
    "certainty.toml",
    REFERENCES,
    "confirmed.json",
    "osler-baseline.json",
    "redirects.csv",  # old addresses, for the site
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
