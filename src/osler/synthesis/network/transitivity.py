"""Are the comparisons of a network alike? How effect modifiers are spread over them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from numbers import Real
from typing import Any

import numpy as np

from osler.core.diagnostics import DataError
from osler.core.results import Result, Why
from osler.core.wording import aligned, number, plain, significant
from osler.synthesis.network import further_problems
from osler.synthesis.network.model import NetworkSynthesis


@dataclass(frozen=True, slots=True)
class ModifierSummary:
    """One modifier in the studies of one comparison.

    For numbers mean, sd (NaN for one study), lowest, median and highest; for words how often
    each is found.
    """

    comparison: str
    modifier: str
    studies: int
    missing: int
    mean: float
    sd: float
    lowest: float
    median: float
    highest: float
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, repr=False)
class Transitivity(Result):
    """Effect modifiers by comparison.

    Attributes
    ----------
    rows : tuple of ModifierSummary
    between : tuple of (modifier, share)
        Share of a modifier's variation that lies between comparisons (eta squared, by counts
        for words); near 0 where comparisons are alike. With few studies it is high by chance.
    unknown : tuple of str
        Studies in the table that the network does not have.
    """

    rows: tuple[ModifierSummary, ...]
    between: tuple[tuple[str, float], ...]
    unknown: tuple[str, ...]

    def summary(self) -> str:
        lines = ["Effect modifiers by comparison"]
        for modifier, share in self.between:
            table = [["", "k", "mean or counts", "range"]]
            for row in (r for r in self.rows if r.modifier == modifier):
                table.append([row.comparison, str(row.studies), *_cells(row)])
            told = f"{modifier} (share of variation between comparisons: {number(share, 2)})"
            lines += ["", told, *(f"  {line}" for line in aligned(table))]
        if self.unknown:
            lines += ["", f"not in the network: {', '.join(self.unknown)}"]
        return "\n".join(lines)

    def columns(self) -> dict[str, list[object]]:
        out: dict[str, list[object]] = {
            name: [getattr(row, name) for row in self.rows]
            for name in ModifierSummary.__slots__[:-1]
        }
        told = ["; ".join(f"{word} {n}" for word, n in row.counts) for row in self.rows]
        return out | {"counts": [*told]}

    def text(self) -> str:
        names = ", ".join(modifier for modifier, _ in self.between)
        return (
            f"Transitivity was judged by comparing {names} between the comparisons of the "
            "network. That they are alike in these does not show that they are in others."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {modifier: partial(self._why, modifier, share) for modifier, share in self.between}

    def _why(self, modifier: str, share: float) -> Why:
        means = [(r.comparison, r.mean) for r in self.rows if r.modifier == modifier]
        return Why(
            modifier,
            share,
            "Variation between comparisons as a share of all; a study with several arms counts in "
            "each comparison that it makes.",
            "η² = Σ k (mean − all)² / Σ (x − all)²",
            (("means", means),),
            "Salanti (2012), Res Synth Methods 3, 80-97",
        )


def _cells(row: ModifierSummary) -> list[str]:
    if row.counts:
        return [", ".join(f"{word} {n}" for word, n in row.counts), ""]
    if not row.studies:
        return ["", ""]
    sd = f" (sd {significant(row.sd)})" if row.studies > 1 else ""
    return [_plain(row.mean) + sd, f"{_plain(row.lowest)} to {_plain(row.highest)}"]


def _plain(value: float) -> str:
    """To two decimals and no more digits than it has, so that a year looks like one."""
    return plain(round(value, 2))


def transitivity(
    fit: NetworkSynthesis, modifiers: Mapping[str, Mapping[str, object]]
) -> Transitivity:
    """Compare effect modifiers between the comparisons of a network.

    Parameters
    ----------
    fit : NetworkSynthesis
    modifiers : mapping from modifier to a mapping from study to value
        Numbers or words; a study that is absent, or whose value is None, NaN or "", counts as
        missing.

    Raises
    ------
    DataError
        Where there is no modifier (NET036).

    References
    ----------
    .. [1] Salanti (2012). Res Synth Methods 3, 80-97. doi:10.1002/jrsm.1037
    """
    if not modifiers:
        raise DataError(further_problems.no_modifiers(()))
    studies = _by_comparison(fit)
    rows, between = [], []
    for name, values in modifiers.items():
        known = {s: v for s in fit.network.studies if _told(v := values.get(s))}
        words = any(not isinstance(v, Real) for v in known.values())
        here = {c: [known[s] for s in own if s in known] for c, own in studies.items()}
        for comparison, own in studies.items():
            missing = len(own) - len(here[comparison])
            rows.append(_row(comparison, name, here[comparison], missing, words))
        between.append((name, _share(list(here.values()), words)))
    given = dict.fromkeys(s for values in modifiers.values() for s in values)
    unknown = tuple(s for s in given if s not in fit.network.studies)
    return Transitivity(tuple(rows), tuple(between), unknown)


def modifiers_of(columns: Mapping[str, Sequence[Any]]) -> dict[str, dict[str, object]]:
    """From the columns of a table with one named study to what :func:`transitivity` takes.

    Raises
    ------
    DataError
        Where there is no such column, or no other (NET036).

    Examples
    --------
    >>> modifiers_of({"study": ["a", "b"], "age": [41, 55]})
    {'age': {'a': 41, 'b': 55}}
    """
    names = [name for name in columns if name != "study"]
    if "study" not in columns or not names:
        raise DataError(further_problems.no_modifiers(list(columns)))
    studies = [str(study) for study in columns["study"]]
    return {name: dict(zip(studies, columns[name], strict=True)) for name in names}


def _by_comparison(fit: NetworkSynthesis) -> dict[str, list[str]]:
    out: dict[tuple[int, int], list[str]] = {}
    for study, a, b, _, _ in fit.network.pairs():
        out.setdefault((min(a, b), max(a, b)), []).append(fit.network.studies[study])
    return {f"{fit.treatments[a]}:{fit.treatments[b]}": out[a, b] for a, b in sorted(out)}


def _told(value: object) -> bool:
    if isinstance(value, Real):
        return bool(np.isfinite(float(value)))
    return value is not None and bool(str(value).strip())


def _row(
    comparison: str, name: str, values: Sequence[Any], missing: int, words: bool
) -> ModifierSummary:
    none = float("nan")
    if words or not values:
        found = [str(value) for value in values]
        counts = tuple((word, found.count(word)) for word in sorted(set(found)))
        return ModifierSummary(
            comparison, name, len(found), missing, none, none, none, none, none, counts
        )
    x = np.array(values, float)
    sd = float(x.std(ddof=1)) if x.size > 1 else none
    return ModifierSummary(
        comparison, name, x.size, missing, float(x.mean()), sd, float(x.min()),
        float(np.median(x)), float(x.max()), (),
    )  # fmt: skip


def _share(groups: Sequence[Sequence[Any]], words: bool) -> float:
    """Variation between groups as a share of all; NaN where there is none."""
    if words:
        levels = sorted({str(value) for group in groups for value in group})
        coded = [[[float(str(v) == level) for level in levels] for v in g] for g in groups if g]
    else:
        coded = [[[float(v)] for v in group] for group in groups if group]
    if not coded:
        return float("nan")
    everything = np.concatenate([np.array(group) for group in coded])
    centre = everything.mean(axis=0)
    whole = float(((everything - centre) ** 2).sum())
    own = sum(len(g) * float(((np.mean(g, axis=0) - centre) ** 2).sum()) for g in coded)
    return own / whole if whole > 0 else float("nan")
