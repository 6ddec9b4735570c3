"""League tables: every treatment against every other, as HTML, CSV and XLSX."""

import csv
import html
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.core.wording import capital, level_percent
from osler.core.workbook import Cell, Sheet, workbook
from osler.effects.scales import interval, scale_of, shown
from osler.synthesis.network.model import NetworkEffect, NetworkSynthesis

ABSENT = "–"
CORNER = "Row against column"
_NUMBERS = ("estimate", "se", "ci_lower", "ci_upper", "p_value", "pred_lower", "pred_upper")
NUMBER_COLUMNS = ("outcome", "measure", "level", "treatment", "comparator", *_NUMBERS)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class LeagueCell:
    """One treatment against another: the estimate with its interval, and the prediction."""

    outcome: str
    effect: str
    prediction: str = ""

    @property
    def text(self) -> str:
        return f"{self.effect}\n{self.prediction}" if self.prediction else self.effect


@dataclass(frozen=True, slots=True)
class LeagueTable:
    """A league table as it is read: cell (i, j) is treatment i against treatment j.

    Attributes
    ----------
    treatments : tuple of str
        Of the rows and of the columns, in the order shown.
    cells : tuple of tuple of LeagueCell or None
        None on the diagonal.
    name : str
        Which outcomes it holds, shortly.
    caption : str
        What the cells say, in whole sentences.
    notes : tuple of str
        What is not connected, and other things to know.
    numbers : tuple of tuple
        A row an outcome and ordered pair, by :data:`NUMBER_COLUMNS`, on the analysis scale.
    two : bool
        Whether the triangles hold two outcomes.
    corner : str
        The first cell: how to read the others, and which triangle holds which outcome.
    """

    treatments: tuple[str, ...]
    cells: tuple[tuple[LeagueCell | None, ...], ...]
    name: str
    caption: str
    notes: tuple[str, ...]
    numbers: tuple[tuple[Cell, ...], ...]
    two: bool
    corner: str = CORNER


def order_unknown(name: str, known: Sequence[str]) -> Diagnostic:
    """An order of treatments that does not fit the networks."""
    return Diagnostic(
        "NET070", Severity.ERROR, Place(""), "the order of a league table does not fit its network",
        name, "no table is made", f"name each of these once: {', '.join(known)}",
    )  # fmt: skip


def league_table(
    result: NetworkSynthesis,
    above: NetworkSynthesis | None = None,
    *,
    outcomes: tuple[str, str] = ("", ""),
    order: Sequence[str] | None = None,
    prediction: bool = False,
    common: bool = False,
) -> LeagueTable:
    """Every treatment against every other by one network, or by two in the two triangles.

    Parameters
    ----------
    result : NetworkSynthesis
        In both triangles, or below the diagonal where ``above`` is given.
    above : NetworkSynthesis, optional
        A second outcome, above the diagonal.
    outcomes : (str, str)
        Names of the outcomes, for people; the measures' names where left out.
    order : sequence of str, optional
        Treatments from first to last; each of both networks once. That of the networks where
        left out: those of the first, then what only the second has.
    prediction : bool
        Also the range in which the effect in a new study is expected.
    common : bool
        By the common-effect model, which has no prediction.

    Returns
    -------
    LeagueTable
        In both triangles a cell is the row's treatment against the column's, so that no one
        needs to know by which habit a table was made.

    Raises
    ------
    DataError
        Where the order does not name each treatment once (NET070).

    Examples
    --------
    >>> import numpy as np
    >>> from osler.synthesis.network.contrasts import network_of
    >>> from osler.synthesis.network.fit import fit_network
    >>> trials = network_of(
    ...     ["s1", "s2"], ["A", "B"], ["C", "C"], np.array([0.1, 0.2]), np.array([0.1, 0.1])
    ... )
    >>> table = league_table(fit_network(trials, measure="MD"))
    >>> table.cells[0][2].text
    '0.1 (−0.5 to 0.7)'
    """
    known = tuple(dict.fromkeys((*result.treatments, *(above.treatments if above else ()))))
    names = tuple(known if order is None else order)
    if sorted(names) != sorted(known):
        raise DataError(order_unknown(", ".join(names) or "none", known))
    below = _source(result, outcomes[0], prediction=prediction, common=common)
    over = below
    if above is not None:
        over = _source(above, outcomes[1], prediction=prediction, common=common)
    cells = tuple(
        tuple(
            None if i == j else (over if j > i else below).cell(a, b) for j, b in enumerate(names)
        )
        for i, a in enumerate(names)
    )
    sources = [below] if above is None else [below, over]
    return LeagueTable(
        names,
        cells,
        _both("", sources) if above else below.outcome,
        _caption(sources),
        tuple(note for source in sources for note in source.notes(two=above is not None)),
        tuple(row for source in sources for row in source.numbers(names)),
        above is not None,
        _both(f"{CORNER}; ", sources) if above else CORNER,
    )


def _both(start: str, sources: Sequence["_Source"]) -> str:
    """Which triangle holds which outcome."""
    first, second = (source.outcome for source in sources)
    return f"{start}below the diagonal: {first}, above: {second}"


def _measure(result: NetworkSynthesis) -> str:
    return capital(scale_of(result.measure).name)


@dataclass(frozen=True, slots=True)
class _Source:
    """One network, the effects of all its ordered pairs, and how its cells are told."""

    result: NetworkSynthesis
    effects: Mapping[tuple[str, str], NetworkEffect]
    outcome: str
    prediction: bool
    common: bool

    def cell(self, treatment: str, comparator: str) -> LeagueCell:
        e = self.effects.get((treatment, comparator))
        if e is None:
            return LeagueCell(self.outcome, ABSENT)
        scale = scale_of(self.result.measure)
        told = f"{shown(scale, e.estimate)} ({interval(scale, e.ci_lower, e.ci_upper)})"
        if not (self.prediction and math.isfinite(e.pred_lower)):
            return LeagueCell(self.outcome, told)
        return LeagueCell(
            self.outcome, told, f"prediction {interval(scale, e.pred_lower, e.pred_upper)}"
        )

    def says(self) -> str:
        """What its cells hold: "Leg pain: mean difference (95% CI)"."""
        name = scale_of(self.result.measure).name
        told = f"{name} ({level_percent(self.result.level)} CI)"
        return told if self.outcome == capital(name) else f"{self.outcome}: {told}"

    def notes(self, *, two: bool) -> Iterator[str]:
        start = f"{self.outcome}: " if two else ""
        for part in self.result.others:
            yield f"{start}no study connects these with the others: {', '.join(part)}."
        for left in self.result.excluded:
            yield f"{start}left out: {left.study}: {left.why}."

    def numbers(self, names: Sequence[str]) -> Iterator[tuple[Cell, ...]]:
        for a in names:
            for b in names:
                e = self.effects.get((a, b))
                if e is not None:
                    values = (getattr(e, name) for name in _NUMBERS)
                    yield (
                        self.outcome,
                        self.result.measure,
                        self.result.level,
                        a,
                        b,
                        *(value if math.isfinite(value) else None for value in values),
                    )


def _source(result: NetworkSynthesis, outcome: str, *, prediction: bool, common: bool) -> _Source:
    effects = {(e.treatment, e.comparator): e for e in result.effects(common=common)}
    return _Source(result, effects, outcome or _measure(result), prediction, common)


def _caption(sources: Sequence[_Source]) -> str:
    first = sources[0]
    model = "common-effect" if first.common else "random-effects"
    told = "Each cell is the treatment of its row against the treatment of its column"
    if len(sources) == 1:
        return f"{capital(first.says())}. {told}, by the {model} network."
    return (
        f"Below the diagonal {first.says()}; above it {sources[1].says()}. "
        f"{told}, by {model} networks."
    )


def league_html(table: LeagueTable, *, id_: str = "league") -> str:
    """The table as HTML: what it says, then a region of its own that scrolls, with the table.

    On narrow screens the region scrolls sideways, by keys too, and says its name; where there
    are two outcomes each cell says its own to those who do not see where it stands.

    Examples
    --------
    >>> cell = LeagueCell("Pain", "1.0 (0.5 to 1.5)")
    >>> cells = ((None, cell), (cell, None))
    >>> table = LeagueTable(("A", "B"), cells, "Pain", "Pain.", (), (), False)
    >>> '<th scope="row">A</th>' in league_html(table)
    True
    """
    names = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in table.treatments)
    rows = "\n".join(
        f'<tr><th scope="row">{html.escape(name)}</th>'
        + "".join(_cell_html(cell, two=table.two) for cell in row)
        + "</tr>"
        for name, row in zip(table.treatments, table.cells, strict=True)
    )
    notes = "".join(f"<p>{html.escape(note)}</p>\n" for note in table.notes)
    name = f"{html.escape(id_)}-caption"
    return (
        f"<p>{html.escape(table.caption)}</p>\n"
        f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{name}">\n'
        f'<table class="league" id="{html.escape(id_)}">\n'
        f'<caption id="{name}">League table: {html.escape(table.name)}</caption>\n'
        f"<thead><tr>{_corner_html(table)}{names}</tr></thead>\n"
        f"<tbody>\n{rows}\n</tbody>\n</table>\n</div>\n{notes}"
    )


def _corner_html(table: LeagueTable) -> str:
    return f'<td><span class="quiet">{html.escape(table.corner)}</span></td>'


def _cell_html(cell: LeagueCell | None, *, two: bool) -> str:
    if cell is None:
        return '<td class="same"><span class="unseen">the same treatment</span></td>'
    said = f'<span class="unseen">{html.escape(cell.outcome)}: </span>' if two else ""
    if cell.effect == ABSENT:
        absent = f'<span aria-hidden="true">{ABSENT}</span><span class="unseen">no result</span>'
        return f"<td>{said}{absent}</td>"
    more = f'<br><span class="quiet">{html.escape(cell.prediction)}</span>' * bool(cell.prediction)
    return f"<td>{said}{html.escape(cell.effect)}{more}</td>"


def league_csv(table: LeagueTable, *, numbers: bool = False) -> str:
    r"""The table as it is read, or with ``numbers`` one row an ordered pair for programs.

    UTF-8, comma separated, CRLF line ends (RFC 4180). A treatment's name that a spreadsheet
    would take for a formula gets an apostrophe. Ratios are logarithms among the numbers.
    """
    rows: list[Sequence[Cell]] = [*(_number_rows(table) if numbers else _text_rows(table))]
    held = StringIO()
    writer = csv.writer(held, lineterminator="\r\n")
    writer.writerows([[_csv_cell(cell) for cell in row] for row in rows])
    return held.getvalue()


def _csv_cell(cell: Cell) -> Cell:
    if isinstance(cell, str):
        text = cell.replace("\n", "; ")
        return f"'{text}" if text.startswith(_FORMULA) else text
    return "" if cell is None else cell


def _text_rows(table: LeagueTable) -> list[list[Cell]]:
    rows: list[list[Cell]] = [[table.corner, *table.treatments]]
    for name, cells in zip(table.treatments, table.cells, strict=True):
        rows.append([name, *("" if cell is None else cell.text for cell in cells)])
    return rows


def _number_rows(table: LeagueTable) -> list[Sequence[Cell]]:
    return [NUMBER_COLUMNS, *table.numbers]


def league_xlsx(table: LeagueTable) -> bytes:
    """A workbook of the table as it is read, the numbers behind it, and what it says."""
    told = ("What the cells say", table.caption, *table.notes)
    about: list[list[Cell]] = [[text] for text in told]
    return workbook([
        Sheet("League table", _text_rows(table)),
        Sheet("Numbers", _number_rows(table), 1, 0),
        Sheet("About", about, 1, 0),
    ])  # fmt: skip
