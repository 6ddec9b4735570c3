"""Q of a network in parts: within designs and between them, design by design."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.core.quantiles import chi2_tail
from osler.core.results import Result, Why
from osler.core.wording import aligned, number, p_value, significant
from osler.synthesis.network.data import Codes
from osler.synthesis.network.designs import (
    Designs,
    left_by,
    pooled_designs,
    q_within_designs,
    sign_between,
    told_without,
)
from osler.synthesis.network.kernel import places_of
from osler.synthesis.network.model import NetworkSynthesis


@dataclass(frozen=True, slots=True)
class QPart:
    """One part of Q with its degrees of freedom and p-value (NaN without any)."""

    name: str
    q: float
    df: int
    p_value: float


@dataclass(frozen=True, slots=True, repr=False)
class Decomposition(Result):
    """Q by the common-effect model in parts, and the test of inconsistency with random effects.

    Attributes
    ----------
    total, within, between : QPart
        Of the network; heterogeneity within designs; inconsistency between them.
    designs : tuple of QPart
        Heterogeneity of each design with two studies or more.
    detached : tuple of QPart
        Inconsistency that is left once a design has effects of its own.
    interaction : QPart
        The design-by-treatment test with random effects at ``tau2_within``.
    tau2_within : float
        By the method of moments from heterogeneity within designs alone.
    """

    total: QPart
    within: QPart
    between: QPart
    designs: tuple[QPart, ...]
    detached: tuple[QPart, ...]
    interaction: QPart
    tau2_within: float

    def summary(self) -> str:
        rows = [["", "Q", "df", "p"]]
        rows += [_row(part) for part in (self.total, self.within, self.between)]
        lines = ["Q of the network by the common-effect model", "", *aligned(rows)]
        for title, parts in (
            ("Within each design:", self.designs),
            ("Between designs, without one of them:", self.detached),
        ):
            if parts:
                table = aligned([["", "Q", "df", "p"], *(_row(p) for p in parts)])
                lines += ["", title, *(f"  {line}" for line in table)]
        test = self.interaction
        told = f"Q = {number(test.q, 2)}, df = {test.df}, {p_value(test.p_value)}"
        tau2 = f"tau² within designs {significant(self.tau2_within)}"
        return "\n".join([*lines, "", f"Design by treatment, random effects: {told} ({tau2})"])

    def columns(self) -> dict[str, list[object]]:
        kinds = [("total", [self.total]), ("within", [self.within]), ("between", [self.between])]
        kinds += [("design", list(self.designs)), ("detached", list(self.detached))]
        kinds += [("random effects", [self.interaction])]
        listed = [(kind, part) for kind, parts in kinds for part in parts]
        out: dict[str, list[object]] = {"part": [kind for kind, _ in listed]}
        for name in QPart.__slots__:
            out[name] = [getattr(part, name) for _, part in listed]
        return out

    def text(self) -> str:
        test = self.interaction
        return (
            f"Heterogeneity within designs: Q = {number(self.within.q, 2)}, df = "
            f"{self.within.df}, {p_value(self.within.p_value)}. Inconsistency between designs by "
            f"the design-by-treatment interaction model with random effects: Q = "
            f"{number(test.q, 2)}, df = {test.df}, {p_value(test.p_value)}. Few studies a "
            "comparison give such tests little power."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {"between": self._why}

    def _why(self) -> Why:
        return Why(
            "between",
            self.between.q,
            "What Q loses when every design has effects of its own.",
            "Q(network) − Q(designs)",
            (("total", self.total.q), ("within", self.within.q)),
            "Krahn, Binder & König (2013), BMC Med Res Methodol 13, 35",
        )


def _row(part: QPart) -> list[str]:
    p = p_value(part.p_value).removeprefix("p ").removeprefix("= ") if part.df else ""
    return [part.name, number(part.q, 2), str(part.df), p]


def decompose(fit: NetworkSynthesis) -> Decomposition:
    r"""Split Q into heterogeneity within designs and inconsistency between them.

    A design is a set of treatments that some studies compare. Where each design has effects of
    its own only heterogeneity is left; the rest of Q is inconsistency.

    Notes
    -----
    Equals ``decomp.design`` of netmeta. The test with random effects takes the tau2 that is
    left within designs (method of moments), and the fall of Q at weights of that tau2.

    References
    ----------
    .. [1] Krahn, Binder & König (2013). BMC Med Res Methodol 13, 35.
       doi:10.1186/1471-2288-13-35
    .. [2] Higgins et al. (2012). Res Synth Methods 3, 98-110. doi:10.1002/jrsm.1044
    """
    own = pooled_designs(fit.network, 0.0)
    q_within = float(sum(d.q.sum() for d in own))
    df_within = int(sum(d.df.sum() for d in own))
    spread = float(sum(d.spread.sum() for d in own))
    tau2 = max(0.0, (q_within - df_within) / spread) if df_within else 0.0
    q_random = float(places_of(fit.network, np.array([tau2])).q[0]) - q_within_designs(own, tau2)
    df_between, q_between = fit.df - df_within, fit.q - q_within
    position, covariance = fit.common.places()
    left = [
        (d, q_between - _lost(d, told, position, covariance), np.where(told, df_between - told, -1))
        for d, told in zip(own, told_without(own), strict=True)
    ]
    total, within, between, interaction = _parts(
        ("total", "within designs", "between designs", "between designs, random effects"),
        np.array([fit.q, q_within, q_between, q_random]),
        np.array([fit.df, df_within, df_between, df_between]),
    )
    return Decomposition(
        total,
        within,
        between,
        _of_designs(fit.treatments, [(d, d.q, d.df - (d.df == 0)) for d in own]),
        _of_designs(fit.treatments, left),
        interaction,
        tau2,
    )


def _lost(designs: Designs, told: Codes, position: Floats, covariance: Floats) -> Floats:
    """What Q loses once each design has effects of its own."""
    q, _ = left_by(designs, covariance, position)
    return np.asarray(np.where(np.arange(q.shape[1]) < told[:, None], q, 0.0).sum(axis=1))


def _of_designs(
    treatments: tuple[str, ...], found: Sequence[tuple[Designs, Floats, Codes]]
) -> tuple[QPart, ...]:
    """Designs with df of 0 or above, by the first study of each."""
    sign = sign_between(treatments)
    first, q, df = (
        np.concatenate(values)
        for values in zip(*((d.first, own, left) for d, own, left in found), strict=True)
    )
    arms = [row for d, _, _ in found for row in d.arms.tolist()]
    order = [i for i in np.argsort(first, kind="stable").tolist() if df[i] >= 0]
    names = [sign.join([treatments[t] for t in arms[i]]) for i in order]
    return _parts(names, q[order], df[order])


def _parts(names: Sequence[str], q: Floats, df: Codes) -> tuple[QPart, ...]:
    q = np.maximum(q, 0.0)
    p = np.full(q.shape, np.nan)
    p[df > 0] = chi2_tail(q[df > 0], df[df > 0].astype(float))
    rows = zip(names, q.tolist(), df.tolist(), p.tolist(), strict=True)
    return tuple(QPart(*row) for row in rows)
