"""What to do where a cell of a study's table is empty.

Programs differ here, and their pooled results with them, so each way has a name that is kept
with the result. Whatever is added is added to a copy: the counts stay as they were reported.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, Protocol

import numpy as np

from osler.core.arrays import Bools, Floats
from osler.effects import problems

# Half a participant in each cell of a table with an empty one. Gart & Zweifel (1967).
# Biometrika 54, 181-187; Haldane (1956). Ann Hum Genet 20, 309-311.
ADDED = 0.5


@dataclass(frozen=True, slots=True)
class ZeroCells:
    """A rule for tables with an empty cell.

    Attributes
    ----------
    add : float
        What is added to each cell, >= 0; with another ``share`` than "even", the mean of
        what is added in the two arms.
    to : {"only0", "if0all", "all", "needed", "none"}
        To which studies: those with an empty cell; all, if one study has an empty cell;
        all; only those whose estimate or variance does not exist without; none.
    share : {"even", "treatment-arm", "empirical"}
        Between the arms: alike; in proportion to the reciprocal of the other arm's size; or
        so that what is added has the odds ratio of the studies without an empty cell.
    drop_double_zero : bool
        Whether a study in which nobody, or everybody, had the event in both arms is left
        out of ratios.
    events_only : bool
        For the risk ratio: add to events and totals alike, not to non-events.
    differences : {"alike", "needed", "variance"}
        For differences and raw proportions or rates: as for ratios; only where the variance
        would be 0, and to the variance alone; wherever a cell is empty, to the variance
        alone.
    everywhere : bool
        Whether measures that exist at zero (arcsine, Peto, square roots) are changed too.
    name : str
        As asked for.

    References
    ----------
    .. [1] Sweeting, Sutton & Lambert (2004). Stat Med 23, 1351-1375. doi:10.1002/sim.1761

    Examples
    --------
    >>> ZeroCells(add=0.1, to="all").said()
    '0.1 added to each cell of every study'
    """

    add: float = ADDED
    to: Literal["only0", "if0all", "all", "needed", "none"] = "only0"
    share: Literal["even", "treatment-arm", "empirical"] = "even"
    drop_double_zero: bool = False
    events_only: bool = False
    differences: Literal["alike", "needed", "variance"] = "alike"
    everywhere: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.add < np.inf:
            raise problems.cannot_add(self.add)

    def said(self) -> str:
        """The rule in words."""
        if self.to == "none" or self.add == 0:
            return "nothing added to empty cells"
        amount = "1/2" if self.add == ADDED else f"{self.add:g}"
        shared = {
            "even": f"{amount} added to each cell",
            "treatment-arm": "in all 1 added to each column, shared between the arms by the "
            "reciprocal of the other arm's size,",
            "empirical": "in all 1 added to each column, shared so that it has the pooled odds "
            "ratio of the studies without an empty cell,",
        }[self.share]
        where = {
            "only0": "of studies with an empty cell",
            "if0all": "of every study if one has an empty cell",
            "all": "of every study",
            "needed": "where estimate or variance would not exist otherwise",
        }[self.to]
        return f"{shared} {where}"


OSLER = ZeroCells(drop_double_zero=True, differences="needed", name="osler")
CONVENTIONS: Mapping[str, ZeroCells] = MappingProxyType(
    {
        "osler": OSLER,
        "metafor": ZeroCells(name="metafor"),
        "meta": ZeroCells(
            drop_double_zero=True, events_only=True, differences="variance", name="meta"
        ),
        "revman": ZeroCells(to="needed", drop_double_zero=True, name="revman"),
        "none": ZeroCells(add=0.0, to="none", name="none"),
        "constant": ZeroCells(to="all", name="constant"),
        "only-needed": ZeroCells(to="needed", name="only-needed"),
        "treatment-arm": ZeroCells(share="treatment-arm", name="treatment-arm"),
        "empirical": ZeroCells(share="empirical", name="empirical"),
    }
)


def zero_cells_named(rule: "str | ZeroCells") -> ZeroCells:
    """The rule of that name, or the rule itself; a DataError (EFF053) where there is none.

    A rule that is given as a value is applied to every measure, as metafor does where
    ``add`` is stated: whoever writes the number wants it added.
    """
    if isinstance(rule, ZeroCells):
        return replace(rule, everywhere=True) if not rule.name else rule
    found = CONVENTIONS.get(str(rule).lower())
    if found is None:
        raise problems.unknown_zero_cells(str(rule), ", ".join(CONVENTIONS))
    return found


class _Measured(Protocol):
    """What must be known of a measure here."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def difference(self) -> bool: ...
    @property
    def defined_at_zero(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Additions:
    """What was added where.

    Attributes
    ----------
    added : array of shape (k, c)
        To each cell: of a two-by-two table events and non-events of the treated arm, then
        of the control arm.
    uninformative : array of shape (k,)
        Studies the rule leaves out: nothing or everything happened in both arms.
    double_zero : array of shape (k,)
        Studies of which that is true, left out or not.
    variance_only : bool
        Whether estimates stay as observed.
    """

    added: Floats
    uninformative: Bools
    double_zero: Bools
    variance_only: bool


def usable(y: Floats, v: Floats) -> Bools:
    """Whether there is an estimate, with a variance above 0."""
    return np.isfinite(y) & np.isfinite(v) & (v > 0)


_CELLS: Mapping[str, tuple[str, ...]] = {
    "matched pairs": ("both", "first_only", "second_only", "neither"),
    "genotypes": ("dominant", "heterozygous", "recessive"),
}
_ADDABLE = ("binary", "rates", "proportion", "rate", "matched pairs", "genotypes")


def computed(
    measure: _Measured,
    arms: Mapping[str, Floats],
    compute: Callable[[Mapping[str, Floats]], tuple[Floats, Floats]],
    rule: ZeroCells,
) -> tuple[Floats, Floats, Additions]:
    """Estimates and variances by a rule for empty cells, and an account of what it added.

    Parameters
    ----------
    measure : Measure
    arms : mapping of str to array of shape (k,)
        By role, as reported.
    compute : callable
        From arms to estimates and variances.
    rule : ZeroCells

    Returns
    -------
    estimates, variances : array of shape (k,)
        Not finite where there are none, whatever is added.
    Additions

    Raises
    ------
    DataError
        Where the empirical share has no study without an empty cell to start from (EFF054).
    """
    with np.errstate(all="ignore"):
        y, v = compute(arms)
        given, how, needed = _with_added(measure, arms, rule)
        if not how.added.any():
            return y, v, how
        new_y, new_v = compute(given)
    if needed:
        fine = usable(y, v)
        added = np.where(fine[:, None], 0.0, how.added)
        new_y, new_v = np.where(fine, y, new_y), np.where(fine, v, new_v)
        how = replace(how, added=added)
    return y if how.variance_only else new_y, new_v, how


def _with_added(
    measure: _Measured, arms: Mapping[str, Floats], rule: ZeroCells
) -> tuple[dict[str, Floats], Additions, bool]:
    """The arms with what the rule adds, and whether that is only for where it is needed."""
    k = len(next(iter(arms.values())))
    if measure.kind not in _ADDABLE:
        nothing = np.zeros(k, bool)
        return dict(arms), Additions(np.zeros((k, 1)), nothing, nothing, False), False
    cells = _cells(measure.kind, arms)
    double = _double_zero(measure.kind, cells)
    ratio_like = not (measure.difference or measure.defined_at_zero)
    exempt = measure.defined_at_zero and not rule.everywhere
    to = rule.to
    if measure.difference and rule.differences != "alike" and to != "none":
        to = "needed" if rule.differences == "needed" else to
    add = np.zeros(cells.shape)
    if not exempt and to != "none":
        add = np.where(_which(cells, to)[:, None], _amounts(measure, arms, cells, rule), 0.0)
    variance_only = measure.difference and rule.differences != "alike"
    left_out = double & ratio_like & rule.drop_double_zero
    account = Additions(add, left_out, double, variance_only)
    return _put_in(measure.kind, arms, add), account, to == "needed"


def _cells(kind: str, arms: Mapping[str, Floats]) -> Floats:
    """Cells that may be empty, shape (k, c)."""
    if kind == "binary":
        a, c = arms["events_treated"], arms["events_control"]
        return np.column_stack([a, arms["n_treated"] - a, c, arms["n_control"] - c])
    if kind == "rates":
        return np.column_stack([arms["events_treated"], arms["events_control"]])
    if kind == "proportion":
        return np.column_stack([arms["events"], arms["n"] - arms["events"]])
    if kind == "rate":
        return arms["events"][:, None]
    return np.column_stack([arms[name] for name in _CELLS[kind]])


def _double_zero(kind: str, cells: Floats) -> Bools:
    if kind == "binary":
        nobody = (cells[:, 0] == 0) & (cells[:, 2] == 0)
        return np.asarray(nobody | ((cells[:, 1] == 0) & (cells[:, 3] == 0)))
    if kind == "rates":
        return np.asarray((cells == 0).all(axis=1))
    return np.zeros(len(cells), bool)


def _which(cells: Floats, to: str) -> Bools:
    empty = (cells == 0).any(axis=1)
    if to == "if0all":
        return np.full(len(cells), bool(empty.any()))
    # Where a result does not exist although no cell is empty, the rule "needed" adds, too.
    return np.ones(len(cells), bool) if to in ("all", "needed") else empty


def _amounts(
    measure: _Measured, arms: Mapping[str, Floats], cells: Floats, rule: ZeroCells
) -> Floats:
    even = np.full(cells.shape, rule.add)
    if measure.kind not in ("binary", "rates") or rule.share == "even":
        if rule.events_only and measure.name == "RR":
            even[:, [1, 3]] = 0.0
        return even
    size = "n" if measure.kind == "binary" else "time"
    ratio = arms[f"{size}_control"] / arms[f"{size}_treated"]
    odds = _pooled_odds_ratio(arms, cells) if rule.share == "empirical" else 1.0
    treated = 2 * rule.add * odds / (ratio + odds)
    control = 2 * rule.add * ratio / (ratio + odds)
    each = [treated, treated, control, control] if measure.kind == "binary" else [treated, control]
    return np.column_stack(each)


def _pooled_odds_ratio(arms: Mapping[str, Floats], cells: Floats) -> float:
    """Mantel-Haenszel odds (or rate) ratio of the studies without an empty cell."""
    full = (cells > 0).all(axis=1)
    if not full.any():
        raise problems.no_study_to_share_by(len(cells))
    if cells.shape[1] == 2:
        (a, c), t = cells[full].T, arms["time_treated"][full]
        u = arms["time_control"][full]
        return float(np.sum(a * u / (t + u)) / np.sum(c * t / (t + u)))
    a, b, c, d = cells[full].T
    total = a + b + c + d
    return float(np.sum(a * d / total) / np.sum(b * c / total))


def _put_in(kind: str, arms: Mapping[str, Floats], add: Floats) -> dict[str, Floats]:
    out = dict(arms)
    if kind == "binary":
        out["events_treated"] = arms["events_treated"] + add[:, 0]
        out["events_control"] = arms["events_control"] + add[:, 2]
        out["n_treated"] = arms["n_treated"] + add[:, 0] + add[:, 1]
        out["n_control"] = arms["n_control"] + add[:, 2] + add[:, 3]
    elif kind == "rates":
        out["events_treated"] = arms["events_treated"] + add[:, 0]
        out["events_control"] = arms["events_control"] + add[:, 1]
    elif kind == "proportion":
        out["events"] = arms["events"] + add[:, 0]
        out["n"] = arms["n"] + add.sum(axis=1)
    elif kind == "rate":
        out["events"] = arms["events"] + add[:, 0]
    else:
        names = _CELLS[kind]
        out |= {name: arms[name] + add[:, i] for i, name in enumerate(names)}
    return out
