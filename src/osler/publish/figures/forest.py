"""Forest plots: what goes into one. How it is laid out is in ``forest_layout``."""

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

from osler.certainty.model import Finding
from osler.certainty.thresholds import trivial_band
from osler.core.wording import capital, counted, number, p_value, percent, significant
from osler.effects.scales import Scale, estimate_cell, interval, scale_of
from osler.publish.cells import method_name, scale_of_outcome
from osler.publish.figures.drawing import Drawing
from osler.publish.figures.forest_layout import Content, Row, narrow, wide
from osler.synthesis.model import Pooled, Synthesis
from osler.synthesis.subgroups import Subgroups


def forest_of(
    synthesis: Synthesis,
    *,
    title: str,
    left: str,
    right: str,
    subgroups: Subgroups | None = None,
    by: str = "",
) -> Drawing:
    """Forest plot of a meta-analysis.

    Parameters
    ----------
    synthesis : Synthesis
        Of any number of studies from one on.
    title : str
        Drawn above the plot; empty for none.
    left, right : str
        What a result to the left and right of no effect speaks for
        ("favours acupuncture"); either may be empty.
    subgroups : Subgroups, optional
        Of the same studies: they are drawn by subgroup, each of which ends in its
        random-effects result (where it has two studies), and the test of a difference
        between subgroups stands below.
    by : str
        What the studies are split by, named in each subgroup's heading.

    Returns
    -------
    Drawing
        760 CSS pixels wide, or wider where the columns need it.
    """
    scale = _fitting(scale_of(synthesis.measure), synthesis)
    content = _content(synthesis, scale, synthesis.studies, title, (left, right))
    if subgroups:
        content = _by_subgroup(content, synthesis, subgroups, by)
    return wide(content, titled=True)


def forest_of_finding(finding: Finding, *, small: bool = False, titled: bool = True) -> Drawing:
    """Forest plot of a finding, with the differences too small to matter shaded.

    Parameters
    ----------
    finding : Finding
        Any.
    small : bool
        Lay it out for a narrow screen (360 px): one study above another.
    titled : bool
        Draw the title; a page that has a caption does without.
    """
    labels = tuple(effect.label for effect in finding.answer.effects)
    content = _content(
        finding.synthesis,
        scale_of_outcome(finding.outcome),
        labels,
        f"{capital(finding.outcome.label)}: {finding.comparison.name}",
        favours(finding),
        numbers=_numbers(finding),
        band=_band(finding),
    )
    return (narrow if small else wide)(content, titled=titled)


def favours(finding: Finding) -> tuple[str, str]:
    """What the left and the right side of the axis speak for.

    Values on the left are lower for the intervention, which is good for it where lower
    is better.
    """
    intervention = f"favours {finding.comparison.intervention}"
    comparator = f"favours {finding.comparison.comparator}"
    good_left = finding.outcome.better == "lower"
    return (intervention, comparator) if good_left else (comparator, intervention)


def study_intervals(synthesis: Synthesis) -> tuple[tuple[float, float], ...]:
    """Each study's own (normal) interval at the synthesis' level, on the analysis scale."""
    z = NormalDist().inv_cdf(0.5 + synthesis.level / 2)
    return tuple(
        (y - z * math.sqrt(v), y + z * math.sqrt(v))
        for y, v in zip(synthesis.estimates, synthesis.variances, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Columns beside the labels: heads and, for each study, its cells."""

    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def _numbers(finding: Finding) -> _Numbers:
    effects = finding.answer.effects
    if all(e.events is not None for e in effects):
        heads = (finding.comparison.intervention, finding.comparison.comparator)
        rows = tuple(
            (f"{e.events[0]}/{e.events[1]}", f"{e.events[2]}/{e.events[3]}")
            for e in effects
            if e.events is not None
        )
        return _Numbers(tuple(h[:1].upper() + h[1:] for h in heads), rows)
    return _Numbers(("People",), tuple(("–" if e.n is None else number(e.n, 0),) for e in effects))


def _band(finding: Finding) -> tuple[float, float] | None:
    """Differences smaller than the MID, on the analysis scale; an end may be infinite."""
    return trivial_band(finding.answer)


def _content(
    synthesis: Synthesis,
    scale: Scale,
    labels: tuple[str, ...],
    title: str,
    sides: tuple[str, str],
    *,
    numbers: _Numbers | None = None,
    band: tuple[float, float] | None = None,
) -> Content:
    columns = numbers or _Numbers(rows=((),) * synthesis.k)
    rows = _study_rows(synthesis, scale, labels, columns)
    pooled = _pooled_rows(synthesis, scale)
    return Content(
        title=title,
        description=_described(rows, pooled),
        scale=scale,
        level=synthesis.level,
        heads=columns.heads,
        rows=rows,
        pooled=pooled,
        sides=sides,
        band=band,
        notes=(_spread(synthesis),),
    )


def _by_subgroup(content: Content, whole: Synthesis, subgroups: Subgroups, by: str) -> Content:
    """The same plot with its studies in subgroups; weights stay those in the whole synthesis."""
    # A weight follows from the variance alone, so that no study need be looked up by its name.
    weight = dict(zip(whole.variances, whole.random_weights, strict=True))
    rows: list[Row] = []
    for name, fit in subgroups.results.items():
        heading = f"{by}: {name}" if by else name
        rows.append(Row("heading", heading, (), math.nan, math.nan, math.nan, ""))
        studies = _study_rows(fit, content.scale, fit.studies, _Numbers(rows=((),) * fit.k))
        rows += [
            replace(row, weight=weight[v], weight_text=percent(weight[v]))
            for row, v in zip(studies, fit.variances, strict=True)
        ]
        if fit.k > 1:
            rows.append(_pooled("subgroup", "Subgroup, random effects", fit.random, content.scale))
    told = _described_by_subgroup(rows, content.pooled)
    notes = (*content.notes, *_between(subgroups))
    return replace(content, rows=tuple(rows), description=told, notes=notes)


def _between(by: Subgroups) -> tuple[str, ...]:
    if not by.df:
        return ()
    test = f"Q = {by.q:.2f}, df = {by.df}, {p_value(by.p_value)}"
    return (f"Difference between subgroups: {test}.",)


def _study_rows(
    synthesis: Synthesis, scale: Scale, labels: tuple[str, ...], columns: _Numbers
) -> tuple[Row, ...]:
    intervals = study_intervals(synthesis)
    return tuple(
        Row(
            kind="study",
            label=labels[i],
            cells=columns.rows[i],
            estimate=synthesis.estimates[i],
            lower=intervals[i][0],
            upper=intervals[i][1],
            text=estimate_cell(scale, synthesis.estimates[i], *intervals[i]),
            weight=synthesis.random_weights[i],
            weight_text=percent(synthesis.random_weights[i]),
        )
        for i in range(synthesis.k)
    )


def _pooled_rows(synthesis: Synthesis, scale: Scale) -> tuple[Row, ...]:
    """Random effects first: it is the one that pages speak of. Nothing for a single study."""
    if synthesis.k == 1:
        return ()
    rows = (
        _pooled("random", "Random effects", synthesis.random, scale),
        _pooled("common", "Common effect", synthesis.common, scale),
    )
    lower, upper = synthesis.random.pred_lower, synthesis.random.pred_upper
    if not (math.isfinite(lower) and math.isfinite(upper)):
        return rows
    text = interval(scale, lower, upper)
    mid = synthesis.random.estimate
    return (*rows, Row("prediction", "Prediction interval", (), mid, lower, upper, text))


def _pooled(kind: str, name: str, pooled: Pooled, scale: Scale) -> Row:
    text = estimate_cell(scale, pooled.estimate, pooled.ci_lower, pooled.ci_upper)
    return Row(kind, name, (), pooled.estimate, pooled.ci_lower, pooled.ci_upper, text)


def _spread(synthesis: Synthesis) -> str:
    """Heterogeneity in one line."""
    if synthesis.k == 1:
        whole = synthesis.weighting == "contributions to a network"
        return "One kind of evidence only." if whole else "One study: nothing to pool."
    spread = synthesis.heterogeneity
    return (
        f"Heterogeneity: I² = {percent(spread.i2)}, τ² = {significant(spread.tau2)} "
        f"({spread.tau2_method}), Q = {spread.q:.2f}, df = {spread.df}, "
        f"{p_value(spread.p_value)}. Interval: {method_name(synthesis.random.ci_method)}."
    )


def _described(rows: tuple[Row, ...], pooled: tuple[Row, ...]) -> str:
    """The figure in words, for who cannot see it."""
    said = "; ".join(f"{row.label}: {row.text}" for row in (*rows, *pooled))
    return f"Forest plot of {counted(len(rows), 'study', 'studies')}. {said}."


def _described_by_subgroup(rows: list[Row], pooled: tuple[Row, ...]) -> str:
    """As :func:`_described`, a sentence for each subgroup and one for all studies."""
    sentences: list[list[str]] = []
    for row in rows:
        if row.kind == "heading":
            sentences.append([])
        said = f"{row.label}: {row.text}" if row.text else row.label
        sentences[-1].append(said)
    if pooled:
        sentences.append(["All studies", *(f"{row.label}: {row.text}" for row in pooled)])
    studies = sum(row.kind == "study" for row in rows)
    told = " ".join(f"{'; '.join(parts)}." for parts in sentences)
    return f"Forest plot of {counted(studies, 'study', 'studies')} by subgroup. {told}"


def _fitting(scale: Scale, synthesis: Synthesis) -> Scale:
    """More decimals where a scale of unknown range holds only small numbers."""
    if scale.ratio or scale.measure in ("RD", "SMD"):
        return scale
    largest = max(abs(v) for v in (*synthesis.estimates, synthesis.random.ci_upper) if v == v)
    decimals = 1 if largest >= 10 else 2 if largest >= 0.1 else 4
    return Scale(scale.measure, scale.name, False, 1.0, decimals, scale.unit)
