"""A case: a small review folder in one Markdown file, with the diagnostics it must give.

Each fenced block names its file in the info string (```` ```toml osler.toml ````). Three
names are no files: ``findings`` is the evidence as a table, for cases that need no trials
(question | direction | size | level | conclusive); ``today`` is the day of the check;
``expected`` lists the diagnostics, one a line: place, code, severity, and the words
underlined. A case may build on another: "Builds on `base.md`."
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

from osler.certainty.evidence import gather_evidence
from osler.certainty.model import Certainty, Direction, Evidence, Finding, Level, Size
from osler.certainty.network.asked import with_networks
from osler.certainty.problems import certainty_problems
from osler.certainty.statements import statement
from osler.claims.document.page import parse_page
from osler.claims.judging import judge_page
from osler.claims.links import questions_of
from osler.claims.model import Judged
from osler.core.diagnostics import Diagnostic, in_order
from osler.review.model import Review
from osler.review.reading import parse_review
from osler.synthesis.answers import Answer
from osler.synthesis.model import Heterogeneity, Pooled, Synthesis

NOT_FILES = ("findings", "today", "expected")


@dataclass(frozen=True)
class Case:
    """The blocks of a case by name."""

    blocks: Mapping[str, str]

    @property
    def files(self) -> dict[str, bytes]:
        return {n: t.encode() for n, t in self.blocks.items() if n not in NOT_FILES}

    @property
    def expected(self) -> list[str]:
        return [line for line in self.blocks.get("expected", "").splitlines() if line.strip()]

    @property
    def today(self) -> date:
        return date.fromisoformat(self.blocks.get("today", "2025-06-01").strip())


def read_case(path: Path) -> Case:
    """The blocks of a case, those of the case it builds on among them."""
    text = path.read_text(encoding="utf-8")
    _, builds, rest = text.partition("Builds on `")
    blocks = dict(read_case(path.parent / rest.partition("`")[0]).blocks) if builds else {}
    return Case(blocks | _blocks(text))


def _blocks(text: str) -> dict[str, str]:
    blocks: dict[str, str] = {}
    fence, name, inside = "", "", list[str]()
    for line in text.splitlines():
        ticks = line[: len(line) - len(line.lstrip("`"))]
        if fence and line.strip() == fence:
            blocks[name] = "\n".join(inside) + "\n"
            fence = ""
        elif fence:
            inside.append(line)
        elif len(ticks) >= 3:
            fence, name, inside = ticks, line.split()[-1], []
    return blocks


def evidence_by_hand(review: Review, table: str) -> Evidence:
    """Findings as a table gives them; the sentences are those that Osler would write."""
    found: dict[str, Finding] = {}
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 5 and cells[0] != "question":
            finding = finding_by_hand(review, *cells)
            found[finding.about] = finding
    return Evidence(found, {})


def finding_by_hand(
    review: Review, question: str, direction: str, size: str, level: str, conclusive: str
) -> Finding:
    """One finding with nothing behind it but its verdict."""
    first, _, second = question.partition(" / ")
    comparison, outcome = review.comparisons[first], review.outcomes[second]
    certainty = Certainty(Level.HIGH, (), Level[level.upper().replace(" ", "_")])
    pooled = Pooled(-1.0, 0.1, -1.2, -0.8, 0.001, "Wald", float("nan"), float("nan"))
    spread = Heterogeneity(0.0, 1, 1.0, 0.0, 1.0, 0.0, 0.0, 0.1, "REML")
    synthesis = Synthesis(
        outcome.measure, ("one",), (-1.0,), (0.01,), (1.0,), (1.0,), pooled, pooled, spread, 0.95
    )
    way, large = cast(Direction, direction), cast(Size, size)
    return Finding(
        question,
        comparison,
        outcome,
        Answer(comparison, outcome, (), (), synthesis),
        synthesis,
        certainty,
        way,
        large,
        conclusive == "yes",
        None,
        statement(comparison, outcome, certainty.level, large, way),
    )


def check_case(case: Case) -> tuple[tuple[Judged, ...], tuple[Diagnostic, ...]]:
    """All verdicts and diagnostics of a case.

    With ``studies.csv`` the whole folder is checked and its trials are pooled; without,
    the findings are those of the table and only the pages speak.
    """
    review, of_folder = parse_review(case.files)
    assert review is not None
    whole = "studies.csv" in case.blocks
    table = case.blocks.get("findings", "")
    evidence = gather_evidence(review) if whole else evidence_by_hand(review, table)
    read = [parse_page(source.text, source.file) for source in review.pages]
    if whole:
        asked = [question for page, _ in read for question in questions_of(page)]
        asked += [judgement.about for judgement in review.judgements]
        evidence = with_networks(review, evidence, asked)
    found = [*of_folder, *certainty_problems(review, evidence)] if whole else []
    judged: list[Judged] = []
    for page, while_reading in read:
        verdicts, while_judging = judge_page(page, review, evidence, today=case.today)
        judged += verdicts
        found += [*while_reading, *while_judging]
    return tuple(judged), in_order(found)


def told(diagnostic: Diagnostic) -> str:
    """A diagnostic as a line of ``expected``."""
    place = diagnostic.place
    words = place.source[place.column - 1 : place.end_column - 1] if place.end_column else ""
    line = f"{place.file}:{place.line}:{place.column} {diagnostic.code} {diagnostic.severity.value}"
    return f"{line} {words}" if words else line
