"""Small studies of a network: each contrast less what its comparison says, beside its precision."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import normal_two_sided, t_two_sided
from osler.core.results import Result, Why
from osler.core.wording import aligned, counted, number, p_value
from osler.synthesis.network import further_problems
from osler.synthesis.network.model import NetworkSynthesis
from osler.synthesis.network.splitting import direct_evidence

_FEWEST = 3


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """One contrast; ``deviation`` is its estimate less the pooled one of its comparison."""

    study: str
    treatment: str
    comparator: str
    deviation: float
    se: float


@dataclass(frozen=True, slots=True)
class FunnelTest:
    """A test of asymmetry over all comparisons together."""

    name: str
    statistic: float
    df: int
    p_value: float


@dataclass(frozen=True, slots=True, repr=False)
class AdjustedFunnel(Result):
    """A comparison-adjusted funnel in numbers, with its tests.

    Attributes
    ----------
    order : tuple of str
        Each contrast is the treatment that comes later here against the one that comes first.
    points : tuple of FunnelPoint
        Of comparisons with two studies or more; one study alone deviates from nothing.
    intercept, intercept_se : float
        Of Egger's regression: what a study without precision would deviate, in standard errors.
    tests : tuple of FunnelTest
    """

    measure: str
    order: tuple[str, ...]
    points: tuple[FunnelPoint, ...]
    intercept: float
    intercept_se: float
    tests: tuple[FunnelTest, ...]

    def summary(self) -> str:
        rows = [["Test", "Statistic", "df", "p"]]
        for test in self.tests:
            p = p_value(test.p_value).removeprefix("p ").removeprefix("= ")
            rows.append([test.name, number(test.statistic, 2), str(test.df or ""), p])
        head = f"Comparison-adjusted funnel of {counted(len(self.points), 'contrast')}"
        order = wrap(f"later against earlier of: {', '.join(self.order)}", 92)
        return "\n".join([head, *order, "", *aligned(rows)])

    def columns(self) -> dict[str, list[object]]:
        names = FunnelPoint.__slots__
        return {name: [getattr(point, name) for point in self.points] for name in names}

    def text(self) -> str:
        test = self.tests[0]
        return (
            f"In a comparison-adjusted funnel plot of {counted(len(self.points), 'contrast')}, "
            f"Egger's regression had an intercept of {number(self.intercept, 2)} "
            f"({p_value(test.p_value)}). It says something only if small studies err the same "
            "way along the order of treatments."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {"intercept": self._why}

    def _why(self) -> Why:
        return Why(
            "intercept",
            self.intercept,
            "Deviations over their standard errors, regressed on precision.",
            "dev / se = a + b / se",
            (("se", self.intercept_se), ("contrasts", len(self.points))),
            "Chaimani & Salanti (2012), Res Synth Methods 3, 161-176",
        )


def adjusted_funnel(
    fit: NetworkSynthesis, *, order: Sequence[str] = (), common: bool = True
) -> AdjustedFunnel:
    """Contrasts less the pooled estimate of their comparison, and tests of asymmetry.

    Parameters
    ----------
    fit : NetworkSynthesis
    order : sequence of str
        All treatments, in an order along which small studies may err: oldest to newest, or
        control to active. Without it the reference comes first and the others by name, which
        says little.
    common : bool
        Pool each comparison by the common-effect model, else with the network's tau2.

    Raises
    ------
    DataError
        Where the order is not of these treatments (NET034), or fewer than three contrasts are
        left (NET035).

    Notes
    -----
    All contrasts of studies with several arms are points of their own, as in netmeta's ``funnel``,
    and the tests take them as independent. Egger's test is the classical regression with t.

    References
    ----------
    .. [1] Chaimani & Salanti (2012). Res Synth Methods 3, 161-176. doi:10.1002/jrsm.57
    .. [2] Egger, Davey Smith, Schneider & Minder (1997). BMJ 315, 629-634.
       doi:10.1136/bmj.315.7109.629
    .. [3] Begg & Mazumdar (1994). Biometrics 50, 1088-1101. doi:10.2307/2533446
    """
    names = _ordered(fit, order)
    place = np.array([names.index(t) for t in fit.treatments])
    pooled, pooled_se, k = direct_evidence(fit, common=common)
    pairs = fit.network.paired
    turned = place[pairs.treatment] < place[pairs.comparator]
    a = np.where(turned, pairs.comparator, pairs.treatment)
    b = np.where(turned, pairs.treatment, pairs.comparator)
    y = np.where(turned, -pairs.y, pairs.y) - pooled[a, b]
    kept = np.flatnonzero(k[a, b] > 1)
    if kept.size < _FEWEST:
        raise DataError(further_problems.too_few_contrasts(kept.size))
    se = np.sqrt(pairs.v)
    left = pairs.v + (0.0 if common else fit.tau2) - pooled_se[a, b] ** 2
    points = tuple(
        FunnelPoint(
            fit.network.studies[pairs.study[i]], fit.treatments[a[i]], fit.treatments[b[i]],
            float(y[i]), float(se[i]),
        )
        for i in kept.tolist()
    )  # fmt: skip
    intercept, own, egger = _egger(y[kept], se[kept])
    return AdjustedFunnel(
        fit.measure,
        names,
        points,
        intercept,
        own,
        (egger, _begg(y[kept] / np.sqrt(left[kept]), pairs.v[kept])),
    )


def _ordered(fit: NetworkSynthesis, order: Sequence[str]) -> tuple[str, ...]:
    if not order:
        return (fit.reference, *(t for t in fit.treatments if t != fit.reference))
    lacking = [t for t in fit.treatments if t not in order]
    unknown = [t for t in order if t not in fit.treatments]
    if lacking or unknown or len(set(order)) < len(order):
        raise DataError(further_problems.order_incomplete(lacking, unknown))
    return tuple(order)


def _egger(y: Floats, se: Floats) -> tuple[float, float, FunnelTest]:
    """Deviation over se on 1 / se: the intercept, its standard error, and the test of it."""
    x = np.stack([np.ones_like(se), 1.0 / se], axis=1)
    inverse = np.linalg.pinv(x.T @ x)
    beta = inverse @ x.T @ (y / se)
    residual = y / se - x @ beta
    df = y.size - 2
    own = float(np.sqrt(max(float(residual @ residual), 0.0) / df * inverse[0, 0]))
    t = float(beta[0]) / own if own > 0 else 0.0
    p = float(t_two_sided(np.array(t), np.array(float(df))))
    return float(beta[0]), own, FunnelTest("Egger's regression", t, df, p)


def _begg(z: Floats, v: Floats) -> FunnelTest:
    """Kendall's rank correlation of standardised deviations with variances; ties corrected."""
    first, second = np.triu_indices(z.size, 1)
    score = float((np.sign(z[first] - z[second]) * np.sign(v[first] - v[second])).sum())
    spread = _spread(z.size) - sum(
        _spread(int(c)) for values in (z, v) for c in np.unique(values, return_counts=True)[1]
    )
    statistic = score / float(np.sqrt(spread)) if spread > 0 else 0.0
    return FunnelTest("Begg's rank correlation", statistic, 0, float(normal_two_sided(statistic)))


def _spread(n: int) -> float:
    return n * (n - 1) * (2 * n + 5) / 18.0
