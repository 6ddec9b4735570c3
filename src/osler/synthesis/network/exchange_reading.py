"""Networks read from tables that netmeta, gemtc and CINeMA use."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from osler.core.diagnostics import DataError
from osler.core.frames import Columns, Table, columns_of
from osler.synthesis.network import problems
from osler.synthesis.network.cells import label_of
from osler.synthesis.network.exchange import rating_unclear
from osler.synthesis.network.reading import ReadNetwork, read_network

# CINeMA's three levels of risk of bias and of indirectness, and how they are written.
LEVELS: Mapping[str, int] = {
    "1": 1, "l": 1, "low": 1,
    "2": 2, "m": 2, "u": 2, "moderate": 2, "unclear": 2, "some": 2, "some concerns": 2,
    "3": 3, "h": 3, "high": 3,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExchangedNetwork:
    """What a table of another program holds: the network, and CINeMA's ratings by study.

    ``risk_of_bias`` and ``indirectness`` are 1 (low), 2 or 3 (high), for the studies that have
    them.
    """

    read: ReadNetwork
    risk_of_bias: Mapping[str, int]
    indirectness: Mapping[str, int]


def read_exchange(
    table: Table,
    measure: str = "",
    *,
    treatments: Table | None = None,
    level: float = 0.95,
) -> ExchangedNetwork:
    """Read a table of netmeta, gemtc or CINeMA, of arms or of contrasts.

    Parameters
    ----------
    table : data frame or mapping of columns
        studlab, treat1, treat2, TE, seTE; study, treatment with responders, sampleSize or mean,
        std.dev, sampleSize or diff, std.err; study, t with r, n or y, sd, n; study, t1, t2,
        effect, se. rob and indirectness are read where they are there.
    measure : str
        As in :func:`osler.synthesis.network.reading.read_network`.
    treatments : data frame or mapping of columns, optional
        gemtc's names: id, description.
    level : float

    Raises
    ------
    DataError
        As ``read_network``; where a rating is none of 1, 2, 3 (low, some concerns, high), or a
        study has two (NET054). A study of gemtc's relative effects without one baseline row, or
        with several contrasts and no standard error of the baseline, is left out (NET053).

    Examples
    --------
    >>> found = read_exchange({"study": ["Hart", "Hart"], "treatment": ["rest", "walking"],
    ...     "diff": [None, -2.0], "std.err": [None, 0.7]}, "MD")
    >>> [pair[3] for pair in found.read.network.pairs()]
    [-2.0]
    """
    data = columns_of(table)
    plain = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in reversed(list(data))}
    named = _named(data, plain, treatments)
    read = read_network(named, measure, level=level)
    study = plain.get("study") or plain.get("studlab") or ""
    ratings = [_ratings(data, study, plain.get(name, "")) for name in ("rob", "indirectness")]
    return ExchangedNetwork(read, *ratings)


def _named(data: Columns, plain: Mapping[str, str], treatments: Table | None) -> Columns:
    """With gemtc's descriptions in the place of its ids."""
    if treatments is None or "treatment" not in plain:
        return data
    names = columns_of(treatments)
    if not {"id", "description"} <= set(names):
        raise DataError(problems.columns_unknown(list(names), ["id", "description"]))
    told = {
        label_of(key): value for key, value in zip(names["id"], names["description"], strict=True)
    }
    column = plain["treatment"]
    return data | {column: [told.get(label_of(value), value) for value in data[column]]}


def _ratings(data: Columns, study: str, column: str) -> dict[str, int]:
    """One rating a study, of a column of CINeMA."""
    out: dict[str, int] = {}
    if not (study and column):
        return out
    for name, value in zip(map(label_of, data[study]), data[column], strict=True):
        if value is None:
            continue
        plain = label_of(value).lower().removesuffix(".0")
        if plain not in LEVELS or out.get(name, LEVELS[plain]) != LEVELS[plain]:
            raise DataError(rating_unclear(column, name, value))
        out[name] = LEVELS[plain]
    return out
