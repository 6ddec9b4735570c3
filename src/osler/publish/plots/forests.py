"""Forest plots of every kind of result."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from osler.core.diagnostics import DataError
from osler.core.frames import Table
from osler.publish.plots import palette
from osler.publish.plots.benches import Wish
from osler.publish.plots.building import (
    content_of_counts,
    content_of_panels,
    content_of_steps,
    content_of_studies,
    content_of_subgroups,
)
from osler.publish.plots.contents import Content
from osler.publish.plots.fitting import kind_of
from osler.publish.plots.layouts import Layout, layout_of
from osler.publish.plots.paper import Drawn, inches
from osler.publish.plots.problems import bad_size, different_studies, does_not_fit, unknown_choice
from osler.publish.plots.setting import set_forest, set_pages

_FITTING = "a synthesis, subgroups, effects, a cumulative or leave-one-out analysis"
_PREDICTIONS = ("bar", "diamond", "whiskers")


def forest(
    result: Any,
    *,
    layout: str = "osler",
    columns: Sequence[str] | None = None,
    extra: Sequence[str] = (),
    heads: Mapping[str, str] | None = None,
    data: Table | None = None,
    arms: tuple[str, str] | None = None,
    labels: Sequence[str] | None = None,
    sort: str | None = None,
    pooled: Sequence[str] | None = None,
    prediction: str | bool = True,
    overall: Any = None,
    also: Mapping[str, Any] | None = None,
    bias: Table | None = None,
    band: tuple[float, float] | None = None,
    favours: tuple[str, str] = ("", ""),
    axis_label: str | None = None,
    unit: str = "",
    xlim: tuple[float, float] | None = None,
    title: str = "",
    notes: bool = True,
    remarks: Sequence[str] = (),
    width: float | str = "double",
    font_size: float = 8.0,
) -> Drawn:
    """Forest plot: every study's estimate and interval, and what they give together.

    Parameters
    ----------
    result : Synthesis, Subgroups, Effects, CountsSynthesis, Cumulative, LeaveOneOut, TrimAndFill
        Subgroups are drawn one below another, each with its own result and heterogeneity,
        and the test between them; of the steps of a cumulative or leave-one-out analysis
        each is a row.
    layout : {"osler", "revman5", "jama", "bmj", "meta"}
        Order of the columns, words, marks and way of writing numbers.
    columns : sequence of str, optional
        From left to right, instead of the layout's: "study", "plot", "estimate", "weight"
        (or "weight_random", "weight_common"), "counts" or "fractions" for the arms' numbers,
        and any column of the data.
    extra : sequence of str
        Columns of the data to show besides, after the names of the studies.
    heads : mapping of str to str, optional
        What stands over columns, by their names; may hold line breaks.
    data : data frame or mapping, optional
        Columns of the studies, where the result does not hold them. If it has a column
        "study", rows are found by it; else they are in the order of the studies.
    arms : (str, str), optional
        What the groups are called, over their counts.
    labels : sequence of str, optional
        Names of the studies, instead of those of the result, in its order.
    sort : str, optional
        "estimate", "precision", "study" or a column of the data; "-" before it turns the
        order round. Within subgroups, where there are any.
    pooled : sequence of {"random", "common"}, optional
        Which pooled results are drawn, in this order; () for none.
    prediction : {"bar", "diamond", "whiskers"} or bool
        How the prediction interval is drawn, or whether.
    overall : Synthesis, optional
        All studies of the subgroups together. Without it, they are pooled by the methods of
        the subgroups.
    also : mapping of str to result or (float, float, float), optional
        Further diamonds below what is pooled, by their labels: another analysis of the same
        measure (a synthesis, a selection model, PET-PEESE), predictions of a regression (a row
        each), or an estimate and both ends of its interval as shown, ratios as ratios.
    bias : data frame or mapping, optional
        Risk of bias: a column a domain, with "low", "some concerns", "unclear", "high" or
        "critical", and "study" as for ``data``.
    band : (float, float), optional
        Differences too small to matter, as shown (ratios as ratios); shaded.
    favours : (str, str)
        What lies left and right of no effect: ("favours drug", "favours placebo").
    axis_label, unit, title : str
    xlim : (float, float), optional
        Ends of the axis, as shown; intervals that go on end in an arrow.
    notes : bool
        Tell heterogeneity and tests.
    remarks : sequence of str
        Further lines below the figure.
    width : float or {"single", "middle", "double"}
        In inches, or a journal's columns: 89, 136 or 183 mm. Where the columns need more,
        letters get smaller (down to 6 points), then the figure wider: nothing is cut.
    font_size : float
        In points.

    Returns
    -------
    matplotlib.figure.Figure
        As tall as its rows need; see :func:`forest_pages` for long tables, and
        :func:`~osler.publish.plots.paper.save` for files as journals take them.

    Raises
    ------
    DataError
        FIG002 where the result has no studies; FIG003 for an unknown layout, order, option
        or judgement; FIG004 for a column of another length; FIG005 for a column that is not
        there; FIG007 for limits that are no range; FIG010 for a size that is none; FIG016
        for a row of one's own without interval.

    Notes
    -----
    Squares have areas in proportion to the weights in the random-effects synthesis (the
    common-effect one where only that is drawn). The dashed line is the random-effects
    estimate. Ratios stand on a logarithmic axis. Numbers of an axis are chosen so that
    outlying intervals do not press the others together: those end in arrows.

    References
    ----------
    .. [1] Lewis & Clarke (2001). BMJ 322, 1479-1480. doi:10.1136/bmj.322.7300.1479

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.04, 0.02, 0.03], measure="RR")
    >>> figure = forest(fit, favours=("favours drug", "favours placebo"))
    >>> figure.description
    'Forest plot with 3 rows of studies. A: 1.11 (0.75 to 1.64); ...'
    """
    given = {name: value for name, value in locals().items() if name not in _SHEET}
    return set_as(result, None, width=width, font_size=font_size, **given)


_SHEET = ("result", "width", "font_size")


def set_as(
    result: Any,
    change: Callable[[Layout], Layout] | None,
    *,
    width: float | str = "double",
    font_size: float = 8.0,
    prediction: str | bool = True,
    **options: Any,
) -> Drawn:
    """A forest plot with a changed layout."""
    layout, wish = _asked(prediction, options)
    content = _content(result, wish)
    wide = inches(width) * palette.INCH
    return set_forest(content, change(layout) if change else layout, wide, _size(font_size))


def forest_pages(
    result: Any,
    *,
    height: float = 9.2,
    width: float | str = "double",
    font_size: float = 8.0,
    prediction: str | bool = True,
    **options: Any,
) -> list[Drawn]:
    """Forest plot on several pages, with headings and axis on each.

    Parameters
    ----------
    result : as for :func:`forest`
    height : float
        Of a page, in inches. Pages are as tall as their rows, at most this.
    width, font_size, prediction, options
        As for :func:`forest`.

    Returns
    -------
    list of matplotlib.figure.Figure
        :func:`~osler.publish.plots.paper.save` writes them into one PDF. A subgroup's name
        stays with its first study, its result with its last.

    Raises
    ------
    DataError
        As :func:`forest`; FIG010 where the height is not above 0.

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> names = [f"Study {i}" for i in range(40)]
    >>> fit = synthesise(names, [0.1 * (i % 5) for i in range(40)], [0.05] * 40, measure="MD")
    >>> len(forest_pages(fit, height=4))
    3
    """
    layout, wish = _asked(prediction, options)
    content = _content(result, wish)
    if not height > 0:
        raise DataError(bad_size("height", height))
    wide, tall = inches(width) * palette.INCH, height * palette.INCH
    return set_pages(content, layout, wide, tall, _size(font_size))


def _asked(prediction: str | bool, options: Mapping[str, Any]) -> tuple[Layout, Wish]:
    known = {field.name for field in fields(Wish)}
    given = {"sides" if name == "favours" else name: value for name, value in options.items()}
    for name in given:
        if name not in known:
            raise DataError(unknown_choice("option of a forest plot", name, sorted(known)))
    given |= {name: given.get(name) or {} for name in ("heads", "also")}
    wish = Wish(**given)
    layout = layout_of(wish.layout)
    if isinstance(prediction, str):
        if prediction not in _PREDICTIONS:
            raise DataError(unknown_choice("prediction", prediction, _PREDICTIONS))
        layout = replace(layout, prediction_shape=prediction)
    return layout, replace(wish, prediction=bool(prediction))


def _content(result: Any, wish: Wish) -> Content:
    kind = kind_of(result)
    if kind == "subgroups":
        return content_of_subgroups(result, wish)
    if kind == "steps":
        return content_of_steps(result, wish)
    if kind in ("synthesis", "effects"):
        return content_of_studies(result, wish)
    if kind == "counts":
        return content_of_counts(result, wish)
    if kind == "trim and fill":
        return content_of_studies(result.refitted, wish)
    raise DataError(does_not_fit("forest", type(result).__name__, _FITTING))


def multi_panel(
    result: Any,
    others: Mapping[str, Any] | None = None,
    *,
    name: str = "",
    width: float | str = "double",
    font_size: float = 8.0,
    prediction: str | bool = True,
    **options: Any,
) -> Drawn:
    """Forest plots of several results side by side, one line a study.

    Parameters
    ----------
    result : mapping of str to Synthesis or Effects, or one of these
        What stands over each panel, and what is drawn in it. Studies are matched by name;
        where one has no result for a panel, its place stays empty.
    others : mapping, optional
        Further panels, where ``result`` is a single result.
    name : str
        Of the panel of a single ``result``; without one, its measure.
    width, font_size, prediction
        As for :func:`forest`.
    options
        As for :func:`forest`, but for columns, ``data``, ``bias`` and ``also``.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DataError
        FIG002 where a result has no studies, FIG011 where there is no panel.

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> pain = synthesise(["A", "B"], [-3.0, -5.0], [1.0, 2.0], measure="MD")
    >>> sleep = synthesise(["B", "C"], [0.4, 0.2], [0.1, 0.2], measure="SMD")
    >>> figure = multi_panel({"Pain": pain, "Sleep": sleep})
    >>> figure.description.startswith("osler forest plots side by side")
    True
    """
    panels = dict(result) if isinstance(result, Mapping) else {name or result.measure: result}
    panels |= dict(others or {})
    if not panels:
        raise DataError(different_studies("no panel"))
    for what, each in panels.items():
        if kind_of(each) not in ("synthesis", "effects"):
            found = f"{what}: {type(each).__name__}"
            raise DataError(does_not_fit("multi_panel", found, "syntheses or effects"))
    if "also" in options:
        known = sorted({field.name for field in fields(Wish)} - {"also"})
        raise DataError(unknown_choice("option of several panels", "also", known))
    layout, wish = _asked(prediction, options)
    content = content_of_panels(panels, wish)
    wide = inches(width) * palette.INCH
    return set_forest(content, replace(layout, notes="below"), wide, _size(font_size))


def _size(font_size: float) -> float:
    if not 2 <= font_size <= 72:
        raise DataError(bad_size("font_size", font_size))
    return float(font_size)
