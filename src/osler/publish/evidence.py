"""The evidence behind a number: its trials, its model, its certainty, what was left out."""

import math
from dataclasses import dataclass

from osler.certainty.model import Finding, Step
from osler.core.wording import (
    capital,
    level_percent,
    number,
    p_value,
    percent,
    significant,
    typographic,
)
from osler.effects.scales import estimate_cell, interval
from osler.publish.cells import date_text, scale_of_outcome, slug, symbol, weeks
from osler.publish.composition import Cite, Composition, evidence_id, is_web
from osler.publish.figures.forest import study_intervals
from osler.publish.networks import Behind, behind
from osler.publish.ratings import started
from osler.publish.sentences import model_sentence, result
from osler.synthesis.answers import Answer, LeftOut, StudyEffect


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One trial in the table behind a number; every cell is text."""

    label: str
    cites: tuple[Cite, ...]
    reported: str
    effect: str
    weight: str
    time: str
    instrument: str
    scaling: str
    people: str
    source: str


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One step of the certainty ledger, with the person's decision beside the rule's."""

    reason: str
    rule: str
    facts: str
    rule_levels: str
    person: str
    levels: str


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    label: str
    what: str
    why: str
    where: str


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """One section of "The evidence behind the numbers"; ``finding`` parts are empty without one."""

    id: str
    about: str
    outcome: str
    comparison: str
    statement: str
    circles: str
    level: str
    grade: int
    lead: str
    rest: str
    model: str
    spread: tuple[tuple[str, str], ...]
    mid: str
    mid_cites: tuple[Cite, ...]
    baseline: str
    studies: tuple[StudyRow, ...]
    recomputed: bool
    start: str
    ledger: tuple[LedgerRow, ...]
    left_out: tuple[LeftOutRow, ...]
    data: str
    behind: Behind | None = None


def evidence_views(composition: Composition) -> tuple[EvidenceView, ...]:
    """A section for each question that the page has used, in order of first use."""
    return tuple(
        _answered(composition, finding)
        if (finding := composition.known(about)) is not None
        else _unanswered(about, answer)
        for about, answer in composition.used.items()
    )


def _answered(composition: Composition, finding: Finding) -> EvidenceView:
    said = result(finding)
    mid = finding.outcome.mid
    absolute = finding.absolute
    return EvidenceView(
        id=evidence_id(finding.about),
        about=finding.about,
        outcome=capital(finding.outcome.label),
        comparison=_versus(finding.answer),
        statement=finding.statement,
        circles=symbol(finding.certainty.level),
        level=finding.certainty.level.word,
        grade=int(finding.certainty.level),
        lead=said.lead,
        rest=said.rest,
        model=model_sentence(finding),
        spread=_spread(finding),
        mid=_mid_text(finding),
        mid_cites=composition.cite([mid.source]) if mid else (),
        baseline=absolute.baseline_source if absolute else "",
        studies=study_rows(composition, finding, cite=True),
        recomputed=_recomputed(composition, finding),
        start=f"starts at {started(finding.certainty.start)}",
        ledger=_ledger(finding),
        left_out=left_out_rows(finding.answer),
        data=f"data/{slug(finding.about)}.csv",
        behind=behind(finding, None) if finding.network is not None else None,
    )


def _unanswered(about: str, answer: Answer) -> EvidenceView:
    return EvidenceView(
        id=evidence_id(about),
        about=about,
        outcome=capital(answer.outcome.label),
        comparison=_versus(answer),
        statement="No trial gave a result that could be used.",
        circles="",
        level="",
        grade=0,
        lead="",
        rest="",
        model="",
        spread=(),
        mid="",
        mid_cites=(),
        baseline="",
        studies=(),
        recomputed=False,
        start="",
        ledger=(),
        left_out=left_out_rows(answer),
        data="",
    )


def _versus(answer: Answer) -> str:
    return f"{answer.comparison.intervention} compared with {answer.comparison.comparator}"


def _mid_text(finding: Finding) -> str:
    mid = finding.outcome.mid
    if mid is None:
        return ""
    scale = scale_of_outcome(finding.outcome)
    if mid.scale == "absolute":
        value = f"{number(1000 * mid.value, 0)} people per 1000"
    elif scale.ratio:
        value = f"a {scale.name} of {number(mid.value, 2)}"
    else:
        value = f"{number(mid.value * scale.factor, scale.decimals)} {scale.unit}"
    note = f": {typographic(mid.note)}" if mid.note else ""
    return f"{value} ({mid.kind}){note}"


def _spread(finding: Finding) -> tuple[tuple[str, str], ...]:
    """Heterogeneity, prediction interval and common effect, as pairs of term and value."""
    synthesis, pooled = finding.synthesis, finding.synthesis.random
    if synthesis.k == 1 and finding.network is None:
        return ()
    scale, spread = scale_of_outcome(finding.outcome), synthesis.heterogeneity
    common = synthesis.common
    text = estimate_cell(scale, common.estimate, common.ci_lower, common.ci_upper)
    if finding.network is not None:
        tau2, of = "one for all comparisons", "the network's spread"
    else:
        bounds = _range(spread.tau2_ci_lower, spread.tau2_ci_upper)
        tau2, of = f"{level_percent(synthesis.level)} interval {bounds}", "the spread"
    pairs = [
        ("I²", f"{percent(spread.i2)} of {of} is more than chance"),
        ("τ²", f"{significant(spread.tau2)} ({spread.tau2_method}; {tau2})"),
        ("Q", f"{spread.q:.2f} on {spread.df} df, {p_value(spread.p_value)}"),
        ("Common effect", text),
    ]
    if math.isfinite(pooled.pred_lower):
        text = interval(scale, pooled.pred_lower, pooled.pred_upper)
        pairs.append(("Prediction interval", f"{text}: where a new trial is expected to fall"))
    else:
        pairs.append(("Prediction interval", "not computed from fewer than three trials"))
    return tuple(pairs)


def _range(lower: float, upper: float) -> str:
    """An interval of a variance; its upper end may have no bound."""
    low = significant(lower)
    return f"{low} to {significant(upper)}" if math.isfinite(upper) else f"from {low} on"


def study_rows(composition: Composition, finding: Finding, *, cite: bool) -> tuple[StudyRow, ...]:
    """The trials of a finding, in the order of the synthesis."""
    synthesis = finding.synthesis
    scale = scale_of_outcome(finding.outcome)
    intervals = study_intervals(synthesis)
    return tuple(
        StudyRow(
            label=effect.label,
            cites=_study_cites(composition, effect) if cite else (),
            reported=typographic(effect.reported) + _added(effect),
            effect=estimate_cell(scale, synthesis.estimates[i], *intervals[i]),
            weight=percent(synthesis.random_weights[i]),
            time=weeks(effect.weeks),
            instrument=typographic(effect.instrument),
            scaling=typographic(effect.scaling),
            people="–" if effect.n is None else number(effect.n, 0),
            source=effect.source if is_web(effect.source) else "",
        )
        for i, effect in enumerate(finding.answer.effects)
    )


def _recomputed(composition: Composition, finding: Finding) -> bool:
    """Whether some effect comes from a reported interval, which need not be symmetric as ours."""
    printed = {
        row.place
        for row in composition.review.contrasts
        if row.ci_lower is not None and row.ci_upper is not None
    }
    return any(place in printed for effect in finding.answer.effects for place in effect.places)


def _added(effect: StudyEffect) -> str:
    """What a zero cell made necessary."""
    return f" (+{effect.effect.added:g} in each cell)" if effect.effect.added else ""


def _study_cites(composition: Composition, effect: StudyEffect) -> tuple[Cite, ...]:
    study = composition.review.studies.get(effect.study)
    return composition.cite([study.reference]) if study else ()


def _ledger(finding: Finding) -> tuple[LedgerRow, ...]:
    return tuple(
        LedgerRow(
            reason=capital(step.reason),
            rule=step.rule,
            facts=typographic(step.facts),
            rule_levels=_levels(step, step.rule_levels),
            person=_person(step),
            levels=_levels(step, step.levels),
        )
        for step in finding.certainty.steps
    )


def _person(step: Step) -> str:
    """A person's decision with its reason, and whether its numbers still stand."""
    j = step.judgement
    if j is None:
        return ""
    told = f"{_levels(step, j.levels)}: {j.because} ({j.by}, {date_text(j.date)})"
    return f"{told}; out of date: {step.stale}" if step.stale else told


def _levels(step: Step, levels: int) -> str:
    if not levels:
        return "0"
    return f"+{levels}" if step.way == "up" else number(-levels, 0)


def left_out_rows(answer: Answer) -> tuple[LeftOutRow, ...]:
    """Every study or row that is not part of the answer, and why."""
    return tuple(_left_out(item) for item in answer.left_out)


def _left_out(item: LeftOut) -> LeftOutRow:
    where = f"{item.place.file}:{item.place.line}" if item.place.file else ""
    return LeftOutRow(item.label or item.study, item.what, item.why, where)
