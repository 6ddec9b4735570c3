"""Shaded tables of networks: P-scores by outcome, net heat, contributions."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.wording import MINUS, number
from osler.publish.plots import palette
from osler.publish.plots.charts import size_of
from osler.publish.plots.heat import BLUES, BOTH, FAINT, Heat, checked, draw_heat
from osler.publish.plots.network_problems import not_in_network, nothing_to_show
from osler.publish.plots.paper import Drawn, inches
from osler.publish.plots.problems import does_not_fit, unknown_choice


def p_score_heat(
    result: Any,
    others: Mapping[str, Any] | None = None,
    *,
    name: str = "P-score",
    sort: str = "mean",
    labels: Mapping[str, str] | None = None,
    title: str = "",
    width: float | str = "middle",
    font_size: float = 8.0,
) -> Drawn:
    """P-scores of treatments for one outcome or several, side by side.

    Parameters
    ----------
    result : Ranking, or mapping of str to Ranking
        Rankings by the names of their outcomes.
    others : mapping, optional
        Further outcomes, where ``result`` is one ranking.
    name : str
        Of the outcome of a single ``result``.
    sort : {"mean", "name"} or an outcome
        Order of the treatments: by their mean P-score (of the outcomes that have them), by
        name, or by one outcome.
    labels : mapping of str to str, optional
        Other names for treatments.
    title, width, font_size
        As for :func:`~osler.publish.plots.forests.forest`.

    Returns
    -------
    matplotlib.figure.Figure
        A cell is empty where the outcome's network does not hold the treatment.

    Raises
    ------
    DataError
        FIG002 where a result is no ranking, FIG003 for an unknown order, FIG014 without any.

    Notes
    -----
    P-scores say who is ahead in these data, not by how much, nor how sure the evidence is.
    """
    found = dict(result) if isinstance(result, Mapping) else {name: result}
    found |= dict(others or {})
    for ranking in found.values():
        if not hasattr(ranking, "p_scores"):
            kind = type(ranking).__name__
            raise DataError(does_not_fit("p_score_heat", kind, "rankings of treatments"))
    if not found:
        raise DataError(nothing_to_show("p_score_heat", "no outcome"))
    scores = {
        outcome: dict(zip(r.treatments, r.p_scores, strict=True)) for outcome, r in found.items()
    }
    rows = _ranked(scores, sort)
    values = np.array([[scores[o].get(t, np.nan) for o in scores] for t in rows])
    shown = [[_two(v) for v in row] for row in values.tolist()]
    told = "; ".join(f"{t}: {', '.join(cells)}" for t, cells in zip(rows, shown, strict=True))
    heat = Heat(
        tuple(str((labels or {}).get(t, t)) for t in rows), tuple(scores), values, BLUES,
        lambda i, j: shown[i][j], ("0", "1"),
        "P-score: ahead of the others in these data, however little", title=title,
        description=f"P-scores for {', '.join(scores)}. {told}.",
    )  # fmt: skip
    return draw_heat(heat, inches(width) * palette.INCH, size_of(font_size))


def _ranked(scores: Mapping[str, Mapping[str, float]], sort: str) -> list[str]:
    every = list(dict.fromkeys(t for known in scores.values() for t in known))
    if sort == "name":
        return sorted(every, key=str.casefold)
    if sort == "mean":
        means = {t: np.mean([known[t] for known in scores.values() if t in known]) for t in every}
        return sorted(every, key=lambda t: -float(means[t]))
    if sort not in scores:
        raise DataError(unknown_choice("order", sort, ["mean", "name", *scores]))
    return sorted(every, key=lambda t: -scores[sort].get(t, -1.0))


def _two(value: float) -> str:
    return "–" if np.isnan(value) else number(value, 2)


def contribution_heat(
    matrix: Any,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    *,
    of: str = "comparisons",
    reference: str = "",
    show: Sequence[str] | None = None,
    row_head: str = "Network estimate",
    title: str = "",
    width: float | str = "double",
    font_size: float = 8.0,
) -> Drawn:
    """How much each direct comparison, or study, contributes to each estimate of a network.

    Parameters
    ----------
    matrix : array of shape (m, k), or a result that holds one
        Shares, each row of which sums to 1; or Contributions.
    rows, columns : sequence of str
        Names of the network's estimates, and of what contributes.
    of : {"comparisons", "studies"}
        Of Contributions, whose to show.
    reference : str
        Of Contributions, only the estimates with this treatment.
    show : sequence of str, optional
        Which rows to show, in this order.
    row_head, title, width, font_size
        As for :func:`~osler.publish.plots.forests.forest`.

    Returns
    -------
    matplotlib.figure.Figure
        Per cent in the cells where they find room.

    Raises
    ------
    DataError
        FIG003 for an unknown choice, FIG012 where a row to show is not there, FIG013 where
        numbers and names do not fit, FIG014 for an empty matrix, FIG015 for infinite numbers.
    """
    if hasattr(matrix, "share") and hasattr(matrix, "results"):
        values, named, across = _of_contributions(matrix, of, reference)
    else:
        values, named, across = _matrix("contribution_heat", matrix, rows, columns)
    if show is not None:
        if absent := [name for name in show if name not in named]:
            raise DataError(not_in_network("rows", absent, named))
        values, named = values[[named.index(name) for name in show]], list(show)
    most = float(np.nanmax(values)) if np.isfinite(values).any() else 0.0
    ceiling = max(most, 1e-9)

    def text(i: int, j: int) -> str:
        return number(100 * values[i, j], 0) if values[i, j] >= 0.005 else ""

    heads = [
        f"{name}: {across[int(np.nanargmax(row))]} ({number(100 * float(np.nanmax(row)), 0)}%)"
        for name, row in zip(named, values, strict=True)
        if np.isfinite(row).any()
    ]
    heat = Heat(
        tuple(named), tuple(across), values / ceiling, BLUES, text,
        ("0", f"{number(100 * most, 0)}%"), "share of the estimate's evidence", corner=row_head,
        title=title, description=f"Contributions, the largest of each row. {'; '.join(heads)}.",
    )  # fmt: skip
    return draw_heat(heat, inches(width) * palette.INCH, size_of(font_size))


def _of_contributions(found: Any, of: str, reference: str) -> tuple[Floats, list[str], list[str]]:
    if of not in ("comparisons", "studies"):
        raise DataError(unknown_choice("source of evidence", of, ("comparisons", "studies")))
    values = found.share if of == "comparisons" else found.of_study
    pairs = [" vs ".join(pair) for pair in found.comparisons]
    across = pairs if of == "comparisons" else list(found.studies)
    kept = [i for i, pair in enumerate(found.results) if not reference or reference in pair]
    if not kept:
        known = sorted({name for pair in found.results for name in pair})
        raise DataError(not_in_network("treatments", [reference], known))
    named = [" vs ".join(found.results[i]) for i in kept]
    return checked("contribution_heat", np.asarray(values)[kept], named, across), named, across


def net_heat(
    matrix: Any,
    shares: Any = None,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    *,
    title: str = "",
    width: float | str = "double",
    font_size: float = 8.0,
) -> Drawn:
    """Net heat plot: where inconsistency comes from, and which estimates it reaches.

    Parameters
    ----------
    matrix : NetHeat, or array of shape (m, m)
        What the inconsistency (Q) of the row's design loses once the column's is set apart:
        above 0 where the two disagree.
    shares : array of shape (m, m), optional
        Absolute shares of the column's direct evidence in the row's network estimate (the hat
        matrix): grey squares, by their area.
    rows, columns : sequence of str
        Names of the designs.
    title, width, font_size
        As for :func:`~osler.publish.plots.forests.forest`.

    Returns
    -------
    matplotlib.figure.Figure
        Vermilion where setting the column's design apart takes inconsistency from the row,
        blue, with a minus sign in the corner, where it adds some; colours end at the largest
        change, but not below 3.84 (what a test of one degree of freedom notices) nor beyond 8.

    Raises
    ------
    DataError
        FIG013 where numbers and names do not fit, FIG014 for an empty matrix, FIG015 for
        infinite numbers.

    References
    ----------
    .. [1] Krahn, Binder & König (2013). BMC Med Res Methodol 13, 35.
       doi:10.1186/1471-2288-13-35
    """
    if hasattr(matrix, "heat") and hasattr(matrix, "carried"):
        given, matrix, rows = matrix.carried, matrix.heat, [*matrix.designs]
    else:
        given = shares
    values, named, across = _matrix("net_heat", matrix, rows, columns)
    grey = None if given is None else np.abs(checked("net_heat", given, named, across))
    largest = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 0.0
    ceiling = max(min(largest, _MOST), _LEAST)
    places = np.argwhere(values > 0.5 * max(largest, 1e-9))
    told = "; ".join(
        f"{named[i]} without {across[j]}: {number(float(values[i, j]), 1)}"
        for i, j in places.tolist()
    )
    low, high = number(ceiling, 1), number(ceiling, 1)
    beyond = " and more" if largest > _MOST else ""
    heat = Heat(
        tuple(named), tuple(across), values / ceiling, BOTH, lambda i, j: "",
        (f"{MINUS}{low}", f"{high}{beyond}"), "fall of Q when the column's design is set apart",
        squares=grey, signed=True, title=title,
        notes=tuple(note for note, there in (
            ("Grey: share of the column's direct evidence in the row's estimate.",
             grey is not None),
            (f"{MINUS} in the corner: Q rises.", bool((values < -FAINT * ceiling).any())),
        ) if there),
        description=f"Net heat plot of {len(named)} designs. Largest: {told or 'none'}.",
    )  # fmt: skip
    return draw_heat(heat, inches(width) * palette.INCH, size_of(font_size))


_MOST = 8.0
# A fall of Q that a test of one degree of freedom would notice (p = 0.05): a smaller one is chance,
# and must not burn in the darkest colour because nothing larger stands beside it.
_LEAST = 3.84


def _matrix(
    figure: str, given: Any, rows: Sequence[str] | None, columns: Sequence[str] | None
) -> tuple[Floats, list[str], list[str]]:
    named = [*(rows or ())]
    across = named if columns is None else [*columns]
    return checked(figure, given, named, across), named, across
