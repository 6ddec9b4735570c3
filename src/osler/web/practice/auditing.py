"""The clinic's audit as a page: everything is asked of the library, nothing is reckoned here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

from osler.core.diagnostics import DataError
from osler.practice.audit import audit, episodes_about, names_of_episodes
from osler.practice.benchmark import benchmark, first_outcome
from osler.practice.model import Audit, Benchmark, RunChart
from osler.practice.shielding import Shielded, runs_of_groups, shielded, unlinked
from osler.practice.telling import (
    describe,
    describe_benchmark,
    describe_change,
    describe_ends,
    describe_sessions,
    describe_unwanted,
    describe_waiting,
    not_to_say,
)
from osler.publish.figures.drawing import Drawing
from osler.publish.figures.practice import run_drawing, waiting_drawing
from osler.publish.figures.svg import svg_inline
from osler.review.folder import read_folder
from osler.review.model import Review
from osler.review.reading import parse_review
from osler.web.accounts.models import Clinic
from osler.web.pages.selectors import folders_of
from osler.web.practice.models import Purpose
from osler.web.practice.questionnaires import offered
from osler.web.practice.selectors import tables_of


@dataclass(frozen=True)
class Figure:
    """A drawing for wide screens and one for narrow ones."""

    title: str
    wide: Markup
    small: Markup


@dataclass(frozen=True)
class Section:
    """What is told of one condition, or of one treatment for it."""

    name: str
    months: str
    lines: tuple[tuple[str, str], ...]
    figures: tuple[Figure, ...]
    beside: str
    cautions: tuple[str, ...]
    sentence: str
    not_to_say: tuple[str, ...]


@dataclass(frozen=True)
class Dashboard:
    """The audit of those who agreed, and how many of all that is."""

    sections: tuple[Section, ...]
    counted: int
    everybody: int
    left_out: int
    within: int


def shared(clinic: Clinic, purposes: Collection[str]) -> tuple[Shielded, int]:
    """The tables that may be shown for ``purposes``, and how many episodes there are in all."""
    tables = tables_of(clinic, purposes)
    found = shielded(tables.episodes, tables.scores)
    return (unlinked(found) if Purpose.PUBLICATION in purposes else found), tables.everybody


def dashboard(clinic: Clinic, purposes: Collection[str], within: int) -> Dashboard:
    """Every condition, and every treatment where a condition has more than one."""
    found, everybody = shared(clinic, purposes)
    sections = tuple(
        _section(clinic, found, name, within, number)
        for number, name in enumerate(_names(found), start=1)
    )
    return Dashboard(sections, len(found.episodes), everybody, found.left_out, within)


def _names(found: Shielded) -> Sequence[str]:
    every = names_of_episodes(found.episodes)
    size = {name: len(episodes_about(found.episodes, name)) for name in every}
    return [n for n in every if " / " not in n or size[n] < size[n.partition(" / ")[0]]]


def _section(clinic: Clinic, found: Shielded, name: str, within: int, number: int) -> Section:
    rows = episodes_about(found.episodes, name)
    own = {row.id for row in rows}
    known = tuple(offered().instruments.values())
    told = audit(
        rows, name, scores=[s for s in found.scores if s.episode in own], instruments=known
    )
    beside, runs = _beside(clinic, name), runs_of_groups(rows)
    return Section(
        name,
        f"{told.first_month} to {told.last_month}" if told.first_month else "",
        _lines(told, runs, within),
        tuple(_figures(told, runs, within, f"audit-{number}")),
        describe_benchmark(beside) if beside else "",
        told.cautions,
        describe(told),
        tuple(not_to_say(told)),
    )


def _lines(told: Audit, runs: RunChart | None, within: int) -> tuple[tuple[str, str], ...]:
    share = told.share
    known = (
        f" Of those whose end is known, {share.proportion:.0%} recovered (95% interval "
        f"{share.ci_lower:.0%} to {share.ci_upper:.0%}); the interval tells of chance alone."
        if share.known
        else ""
    )
    sessions = " ".join(t for t in (describe_waiting(told, within), describe_sessions(told)) if t)
    signals = "; ".join(runs.signals) if runs else ""
    lines = [
        ("Ends", describe_ends(told)),
        ("Recovery", describe(told) + known),
        ("Sessions", sessions),
        *(("Change", describe_change(change)) for change in told.changes),
        ("Unwanted effects", describe_unwanted(told)),
        ("Over time", f"{signals}." if signals else ""),
    ]
    return tuple((head, text) for head, text in lines if text)


def _figures(told: Audit, runs: RunChart | None, within: int, name: str) -> Sequence[Figure]:
    found = []
    if told.waiting is not None:
        wide, small = (waiting_drawing(told, within, small=small) for small in (False, True))
        found.append(_figure("Sessions until recovery", wide, small, f"{name}-sessions"))
    if runs is not None:
        wide, small = (run_drawing(runs, small=small) for small in (False, True))
        found.append(_figure("Recovered, by the quarter they began", wide, small, f"{name}-runs"))
    return found


def _figure(title: str, wide: Drawing, small: Drawing, name: str) -> Figure:
    return Figure(
        title,
        Markup(svg_inline(wide, name=f"{name}-wide")),
        Markup(svg_inline(small, name=f"{name}-small")),
    )


def _beside(clinic: Clinic, name: str) -> Benchmark | None:
    """The control groups of the clinic's own review of this condition."""
    condition = name.partition(" / ")[0].strip().casefold()
    for folder in folders_of(clinic):
        review = _review(folder.path, folder.published_digest) if folder.published_digest else None
        if review is None or condition not in _called(review):
            continue
        outcome = first_outcome(review)
        found = benchmark(review, outcome) if outcome else None
        if found is not None:
            return found
    return None


def _called(review: Review) -> set[str]:
    return {review.condition.casefold(), *(word.casefold() for word in review.words)}


@lru_cache(maxsize=8)
def _review(path: str, digest: str) -> Review | None:
    """A published folder, read once for each state of it; None where it cannot be read now."""
    try:
        review, _ = parse_review(read_folder(Path(path)))
    except (OSError, DataError):
        return None
    return review
