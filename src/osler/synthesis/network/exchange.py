"""Networks written as netmeta, gemtc and CINeMA read them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.core.frames import Columns, Table, columns_of
from osler.synthesis.network import problems
from osler.synthesis.network.cells import label_of, roles_of
from osler.synthesis.network.data import Network
from osler.synthesis.network.pairwise import pairs_of

_ARM_ROLES = ("study", "treatment", "events", "mean", "sd", "n", "time")
_GEMTC = {"events": "responders", "n": "sampleSize", "mean": "mean", "sd": "std.dev",
          "time": "exposure"}  # fmt: skip
_CINEMA = {"events": "r", "n": "n", "mean": "y", "sd": "sd"}


@dataclass(frozen=True, slots=True)
class GemtcTables:
    """gemtc's data and the names of its treatments, which it knows by an id."""

    data: Columns
    treatments: Columns


def to_netmeta(network: Network) -> Columns:
    """Columns of netmeta: studlab, treat1, treat2, TE, seTE."""
    found = pairs_of(network)
    return {
        "studlab": [*found.study],
        "treat1": [*found.first],
        "treat2": [*found.second],
        "TE": [*found.estimate],
        "seTE": [*found.se],
    }


def to_cinema(
    network: Network,
    risk_of_bias: Mapping[str, int] | None = None,
    indirectness: Mapping[str, int] | None = None,
) -> Columns:
    """CINeMA's table of contrasts: study, id, t1, t2, effect, se, and ratings if there are any.

    Raises
    ------
    DataError
        Where a study has no rating of 1, 2 or 3 (NET054).
    """
    found = pairs_of(network)
    out: Columns = {
        "study": [*found.study],
        "id": _numbered(found.study),
        "t1": [*found.first],
        "t2": [*found.second],
        "effect": [*found.estimate],
        "se": [*found.se],
    }
    return out | _rated(found.study, risk_of_bias, indirectness)


def to_cinema_arms(
    table: Table,
    risk_of_bias: Mapping[str, int] | None = None,
    indirectness: Mapping[str, int] | None = None,
    *,
    columns: Mapping[str, str] | None = None,
) -> Columns:
    """CINeMA's long table: study, id, t, r, n (or y, sd, n), and ratings if there are any.

    Raises
    ------
    DataError
        Where the table has no arms (NET020), or a study no rating of 1, 2 or 3 (NET054).
    """
    studies, arms, numbers = _arms(table, columns, _CINEMA)
    out: Columns = {"study": [*studies], "id": _numbered(studies), "t": [*arms]}
    return out | numbers | _rated(studies, risk_of_bias, indirectness)


def to_gemtc(network: Network) -> GemtcTables:
    """Relative effects for gemtc: study, treatment, diff, std.err.

    A study's first arm has no diff, and a std.err only where there are more than two: the square
    root of what its contrasts share.

    Raises
    ------
    DataError
        Where the contrasts of a study do not share one variance (NET055), as those of
        standardised mean differences.
    """
    rows: list[tuple[int, str, int, float | None, float | None]] = []
    for group in network.groups:
        for s, arms, y, v in zip(group.study, group.arms, group.y, group.v, strict=True):
            name = network.studies[s]
            rows.append((int(s), name, int(arms[0]), None, _shared(name, v)))
            for arm, estimate, variance in zip(arms[1:], y, np.diag(v), strict=True):
                rows.append((int(s), name, int(arm), float(estimate), float(variance) ** 0.5))
    rows.sort(key=lambda row: row[0])
    ids = _identifiers(network.treatments)
    data: Columns = {
        "study": [row[1] for row in rows],
        "treatment": [ids[row[2]] for row in rows],
        "diff": [row[3] for row in rows],
        "std.err": [row[4] for row in rows],
    }
    return GemtcTables(data, {"id": [*ids], "description": [*network.treatments]})


def to_gemtc_arms(table: Table, *, columns: Mapping[str, str] | None = None) -> GemtcTables:
    """Arms for gemtc: study, treatment, responders, sampleSize (or mean, std.dev, sampleSize).

    Raises
    ------
    DataError
        Where the table has no arms (NET020).
    """
    studies, arms, numbers = _arms(table, columns, _GEMTC)
    names = list(dict.fromkeys(arms))
    code = dict(zip(names, _identifiers(names), strict=True))
    data: Columns = {"study": [*studies], "treatment": [code[arm] for arm in arms], **numbers}
    return GemtcTables(data, {"id": [*code.values()], "description": [*names]})


def _rated(studies: Sequence[str], *ratings: Mapping[str, int] | None) -> Columns:
    out: Columns = {}
    for column, given in zip(("rob", "indirectness"), ratings, strict=True):
        for study in studies if given is not None else ():
            level = given.get(study) if isinstance(given, Mapping) else None
            if level not in (1, 2, 3) or isinstance(level, bool):
                raise DataError(rating_unclear(column, study, level))
            out.setdefault(column, []).append(level)
    return out


def _arms(
    table: Table, columns: Mapping[str, str] | None, names: Mapping[str, str]
) -> tuple[list[str], list[str], Columns]:
    """Studies, treatments and numbers, with the columns' names in another program."""
    data = columns_of(table)
    roles = roles_of(list(data), columns or {}, _ARM_ROLES)
    found = {names[role]: data[roles[role]] for role in names if role in roles}
    if not {"study", "treatment"} <= set(roles) or len(found) < 2:
        raise DataError(problems.columns_unknown(list(data), sorted(roles)))
    studies, arms = ([label_of(v) for v in data[roles[side]]] for side in ("study", "treatment"))
    return studies, arms, {name: list(values) for name, values in found.items()}


def _numbered(studies: Sequence[str]) -> list[object]:
    code = {name: i for i, name in enumerate(dict.fromkeys(studies), 1)}
    return [code[name] for name in studies]


def _identifiers(names: Sequence[str]) -> list[str]:
    """Letters, digits and underscores alone, each once."""
    out: list[str] = []
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_") or "treatment"
        found, i = plain, 2
        while found in out:
            found, i = f"{plain}_{i}", i + 1
        out.append(found)
    return out


def _shared(study: str, v: Floats) -> float | None:
    """Standard error of the first arm, where its contrasts tell it."""
    beside = v[~np.eye(len(v), dtype=bool)]
    if not beside.size:
        return None
    if float(np.ptp(beside)) > 1e-9 * float(v.max()) or beside[0] <= 0:
        raise DataError(_not_shared(study))
    return float(np.sqrt(beside[0]))


def error_of(code: str, message: str, found: str, so: str, help_: str) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, Place(""), message, found, so, help_)


def rating_unclear(column: str, study: str, value: object) -> Diagnostic:
    """NET054: a rating is missing, unknown, or another than elsewhere in the study."""
    return error_of(
        "NET054",
        "a study's rating is not clear",
        f"{study}, {column}: {'none' if value is None else value}",
        "nothing is read or written",
        "rate each study once: 1 (low), 2 (some concerns) or 3 (high)",
    )


def _not_shared(study: str) -> Diagnostic:
    return error_of(
        "NET055",
        "gemtc's table cannot hold the contrasts of a study",
        f"{study}: its contrasts do not share one variance of the first arm",
        "nothing is written",
        "write the arms (to_gemtc_arms), or all contrasts (to_netmeta)",
    )
