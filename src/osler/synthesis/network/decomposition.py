"""Q of a network in parts: within designs and between them, design by design."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from osler.core.quantiles import chi2_tail
from osler.core.results import Result, Why
from osler.core.wording import aligned, number, p_value, significant
from osler.synthesis.network.data import Network, SameArms
from osler.synthesis.network.kernel import sums_of
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
    network = fit.network
    design = designs_of(network)
    own = detached(network, design, range(len(design)))
    within = sums_of(own, np.zeros(1))
    df_within = own.freedom
    spread = float(within.spread[0])
    excess = float(within.q[0]) - df_within
    tau2 = max(0.0, excess / spread) if df_within else 0.0
    at = np.array([tau2])
    q_between = float(sums_of(network, at).q[0] - sums_of(own, at).q[0])
    df_between = fit.df - df_within
    return Decomposition(
        _part("total", fit.q, fit.df),
        _part("within designs", float(within.q[0]), df_within),
        _part("between designs", fit.q - float(within.q[0]), df_between),
        tuple(_heterogeneity(network, design)),
        tuple(_without(network, design, float(within.q[0]), df_within)),
        _part("between designs, random effects", q_between, df_between),
        tau2,
    )


def _part(name: str, q: float, df: int) -> QPart:
    q = max(q, 0.0)
    p = float(chi2_tail(np.array([q]), np.array([float(df)]))[0]) if df > 0 else float("nan")
    return QPart(name, q, df, p)


def designs_of(network: Network) -> dict[tuple[int, ...], list[int]]:
    """Studies by the set of treatments that they compare, in the order of appearance."""
    of_study: dict[int, tuple[int, ...]] = {}
    for group in network.groups:
        for study, arms in zip(group.study.tolist(), np.sort(group.arms, axis=1), strict=True):
            of_study[study] = tuple(arms.tolist())
    found: dict[tuple[int, ...], list[int]] = {}
    for study in range(len(network.studies)):
        found.setdefault(of_study[study], []).append(study)
    return found


def named(network: Network, design: tuple[int, ...]) -> str:
    """A design in words: "acarbose:metformin:placebo"."""
    return ":".join(network.treatments[t] for t in design)


def detached(
    network: Network, designs: Mapping[tuple[int, ...], list[int]], which: "range | list[int]"
) -> Network:
    """The network in which some designs, by position, have treatments of their own."""
    n = len(network.treatments)
    own, names = np.tile(np.arange(n), (len(network.studies), 1)), list(network.treatments)
    listed = list(designs.items())
    for position in which:
        design, studies = listed[position]
        for t in design:
            own[studies, t] = len(names)
            names.append(f"{network.treatments[t]} ({named(network, design)})")
    groups = [
        replace(g, arms=np.take_along_axis(own[g.study], g.arms, axis=1)) for g in network.groups
    ]
    return _packed(names, network.studies, groups)


def _packed(names: list[str], studies: tuple[str, ...], groups: list[SameArms]) -> Network:
    """Without the treatments that no study has any more."""
    used = np.unique(np.concatenate([g.arms.ravel() for g in groups]))
    code = np.zeros(len(names), np.intp)
    code[used] = np.arange(used.size)
    kept = tuple(names[t] for t in used.tolist())
    return Network(kept, studies, tuple(replace(g, arms=code[g.arms]) for g in groups))


def _heterogeneity(network: Network, designs: Mapping[tuple[int, ...], list[int]]) -> list[QPart]:
    out = []
    for design, studies in designs.items():
        if len(studies) > 1:
            part = network.subset(studies)
            q = float(sums_of(part, np.zeros(1)).q[0])
            out.append(_part(named(network, design), q, part.freedom))
    return out


def _without(
    network: Network, designs: Mapping[tuple[int, ...], list[int]], q_within: float, df_within: int
) -> list[QPart]:
    out = []
    for position, design in enumerate(designs):
        left = detached(network, designs, [position])
        df = left.freedom - df_within
        if left.freedom < network.freedom:
            q = float(sums_of(left, np.zeros(1)).q[0]) - q_within
            out.append(_part(named(network, design), q, df))
    return out
