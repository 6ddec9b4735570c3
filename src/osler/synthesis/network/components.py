"""Treatments as sums of components: what does adding one of them do?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import chi2_tail, normal_quantile, normal_two_sided
from osler.core.results import Result, Why
from osler.core.wording import aligned, counted, level_percent, number, p_value, significant
from osler.effects.scales import interval, scale_of, shown
from osler.synthesis.asked import checked_level, checked_name
from osler.synthesis.network import problems
from osler.synthesis.network.data import Network
from osler.synthesis.network.fit import check_range, league_of
from osler.synthesis.network.kernel import ESTIMABLE, Model, joined, places_of
from osler.synthesis.network.model import Excluded, League
from osler.synthesis.network.tau2 import NETWORK_TAU2, network_tau2


@dataclass(frozen=True, slots=True)
class ComponentEffect:
    """What a component, or an interaction of several, adds; NaN where no study tells it."""

    name: str
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    p_value: float


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class ComponentSynthesis(Result):
    """An additive network: the effect of a combination is the sum of those of its components.

    Attributes
    ----------
    common, random : tuple of ComponentEffect
        Effects of the components against the inactive one (or against nothing added).
    treatments, common_league, random_league
        All combinations against one another; NaN where their components cannot tell.
    q, df, p_value : float, int, float
        Of the additive model.
    q_difference, df_difference, p_difference : float, int, float
        Against the model without additivity: a small p speaks against adding up. NaN where no
        study connects the network otherwise.
    """

    measure: str
    components: tuple[str, ...]
    inactive: str
    common: tuple[ComponentEffect, ...]
    random: tuple[ComponentEffect, ...]
    treatments: tuple[str, ...]
    common_league: League
    random_league: League
    tau2: float
    tau2_method: str
    q: float
    df: int
    p_value: float
    q_difference: float
    df_difference: int
    p_difference: float
    k: int
    level: float
    excluded: tuple[Excluded, ...] = ()
    notes: tuple[str, ...] = ()

    def component(self, name: str, *, common: bool = False) -> ComponentEffect:
        """One component; DataError (NET010) where there is none of the name."""
        if name not in self.components:
            raise DataError(problems.no_such_treatment(name, self.components))
        return (self.common if common else self.random)[self.components.index(name)]

    def summary(self) -> str:
        scale = scale_of(self.measure)
        rows = [["Adding", scale.measure or "Estimate", f"{level_percent(self.level)} CI", "p"]]
        for c in self.random:
            p = p_value(c.p_value).removeprefix("p ").removeprefix("= ")
            bounds = interval(scale, c.ci_lower, c.ci_upper)
            told = not np.isnan(c.se)
            rows.append([c.name, shown(scale, c.estimate) if told else "not told by the studies",
                         bounds if told else "", p if told else ""])  # fmt: skip
        against = f", against {self.inactive}" if self.inactive else ""
        head = (
            f"Additive network: {counted(len(self.components), 'component')} in "
            f"{counted(self.k, 'study', 'studies')}{against}"
        )
        tau2 = f"Random effects; tau² = {significant(self.tau2)} ({self.tau2_method})"
        additive = f"Q = {number(self.q, 2)}, df = {self.df}, {p_value(self.p_value)}"
        lines = [head, "", *aligned(rows), "", tau2, f"Additive model: {additive}"]
        return "\n".join([*lines, self._difference(), *(f"note: {n}" for n in self.notes)])

    def _difference(self) -> str:
        if self.df_difference < 1:
            return "Additivity cannot be tested: nothing is left over to judge it by"
        q = f"Q = {number(self.q_difference, 2)}, df = {self.df_difference}"
        return f"Against the model without additivity: {q}, {p_value(self.p_difference)}"

    def columns(self) -> dict[str, list[object]]:
        out: dict[str, list[object]] = {}
        for name in ComponentEffect.__slots__:
            out[name] = [getattr(c, name) for c in self.random]
        return out

    def text(self) -> str:
        return (
            f"We fitted an additive component network meta-analysis of {self.k} studies with "
            f"{counted(len(self.components), 'component')} (random effects, {self.tau2_method}: "
            f"tau² = {significant(self.tau2)}). {self._difference()}."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {name: partial(self._why, name) for name in self.components}

    def _why(self, name: str) -> Why:
        effect = self.component(name)
        holding = [t for t in self.treatments if name in parts_of(t)]
        return Why(
            name,
            effect.estimate,
            f"What {name} adds, the same in every combination that holds it.",
            "β = (CᵀLC)⁺ Cᵀ Σ XᵀWy",
            (("combinations", holding), ("se", effect.se), ("tau2", self.tau2)),
            "Rücker, Petropoulou & Schwarzer (2020), Biometrical Journal 62, 808-821",
        )


def parts_of(treatment: str, separator: str = "+") -> tuple[str, ...]:
    """The components that a treatment's name joins.

    Examples
    --------
    >>> parts_of("acupuncture + NSAID")
    ('acupuncture', 'NSAID')
    """
    return tuple(part.strip() for part in treatment.split(separator) if part.strip())


def fit_components(
    network: Network,
    *,
    inactive: str = "",
    interactions: Sequence[str] = (),
    separator: str = "+",
    measure: str = "",
    tau2_method: str = "REML",
    level: float = 0.95,
    excluded: tuple[Excluded, ...] = (),
) -> ComponentSynthesis:
    r"""Fit the additive model, to a disconnected network too.

    Parameters
    ----------
    network : Network
        Treatments joined by ``separator`` are combinations.
    inactive : str
        The component without an effect of its own (placebo), if there is one.
    interactions : sequence of str
        Components joined by "*", each an effect of its own where all of them are there.
    separator : str
    measure, tau2_method, level
        As in :func:`osler.synthesis.network.fit.fit_network`.

    Raises
    ------
    DataError
        Where the inactive component or an interaction names none (NET010), an interaction
        joins fewer than two components (NET014), there is no separator (NET015), or numbers
        lie too far apart to compute with (NET013).

    Notes
    -----
    Equals netmeta's ``netcomb`` and ``discomb``. In a disconnected network additivity is what
    connects it, and cannot be tested against anything.

    References
    ----------
    .. [1] Rücker, Petropoulou & Schwarzer (2020). Biometrical Journal 62, 808-821.
       doi:10.1002/bimj.201800167
    .. [2] Welton, Caldwell, Adamopoulos & Vedhara (2009). Am J Epidemiol 169, 1158-1165.
       doi:10.1093/aje/kwp014
    """
    method = checked_name("tau2 method", tau2_method, NETWORK_TAU2)
    checked_level(level)
    if not network.studies:
        raise DataError(problems.no_studies())
    if not separator.strip():
        raise DataError(problems.no_separator(separator))
    check_range(network)
    joint = _interactions(interactions)
    names, span = _span(network, inactive, joint, separator)
    model = Model(network, span)
    tau2, _ = network_tau2(model, method)
    both = model.sums(np.array([0.0, tau2]))
    told = _told(network, span)
    pairs = _comparable(network, span)
    q, df = float(both.q[0]), model.freedom
    apart = max(q - float(places_of(network, np.zeros(1)).q[0]), 0.0)
    df_apart = df - network.freedom
    connected = int(network.part.max()) == 0
    lost = [name for name, is_told in zip(names, told, strict=True) if not is_told]
    effects = [
        tuple(_effect(name, at, level) for name, at in zip(names, found, strict=True))
        for found in (_solved(network, span, t, told) for t in (0.0, tau2))
    ]
    return ComponentSynthesis(
        measure=measure,
        components=names,
        inactive=inactive,
        common=effects[0],
        random=effects[1],
        treatments=network.treatments,
        common_league=_only(league_of(both, 0, level), pairs),
        random_league=_only(league_of(both, 1, level, tau2, df, predicts=True), pairs),
        tau2=tau2,
        tau2_method=method,
        q=q,
        df=df,
        p_value=_tail(q, df),
        q_difference=apart if connected else float("nan"),
        df_difference=df_apart if connected else 0,
        p_difference=_tail(apart, df_apart) if connected else float("nan"),
        k=len(network.studies),
        level=level,
        excluded=excluded,
        notes=(f"the studies cannot tell apart what these add: {', '.join(lost)}",) if lost else (),
    )


def _tail(q: float, df: int) -> float:
    return float(chi2_tail(np.array([q]), np.array([float(df)]))[0]) if df > 0 else float("nan")


def _span(
    network: Network, inactive: str, interactions: Sequence[tuple[str, ...]], separator: str
) -> tuple[tuple[str, ...], Floats]:
    """Components with their column: 1 for each treatment that holds them."""
    parts = [parts_of(t, separator) for t in network.treatments]
    every = sorted({part for found in parts for part in found})
    if inactive and inactive not in every:
        raise DataError(problems.no_such_treatment(inactive, every))
    names = [name for name in every if name != inactive]
    columns = [[float(name in found) for found in parts] for name in names]
    for joint in interactions:
        strange = [name for name in joint if name not in every]
        if strange:
            raise DataError(problems.no_such_treatment(strange[0], every))
        names.append("*".join(joint))
        columns.append([float(set(joint) <= set(found)) for found in parts])
    return tuple(names), np.array(columns).T


def _interactions(given: Sequence[str]) -> list[tuple[str, ...]]:
    """Each as its components; DataError (NET014) where it joins fewer than two, or stands twice."""
    listed = [given] if isinstance(given, str) else list(given)
    found = [parts_of(str(one), "*") for one in listed]
    seen: set[frozenset[str]] = set()
    for one, joint in zip(listed, found, strict=True):
        if len(set(joint)) < max(2, len(joint)) or frozenset(joint) in seen:
            raise DataError(problems.no_interaction(str(one)))
        seen.add(frozenset(joint))
    return found


def _told(network: Network, span: Floats) -> list[bool]:
    """Which components the studies tell: those outside the null space of what they say."""
    value, vectors = np.linalg.eigh(span.T @ joined(network) @ span)
    null = vectors[:, value <= ESTIMABLE * value.max()]
    return [bool(size < 1e-8) for size in np.abs(null).max(axis=1, initial=0.0)]


def _comparable(network: Network, span: Floats) -> np.ndarray:
    """Pairs of treatments whose difference the studies tell; shape (n, n)."""
    value, vectors = np.linalg.eigh(span.T @ joined(network) @ span)
    hidden = span @ vectors[:, value <= ESTIMABLE * value.max()]
    apart = np.abs(hidden[:, None] - hidden[None]).max(axis=2, initial=0.0)
    return np.asarray(apart < 1e-8)


def _solved(
    network: Network, span: Floats, tau2: float, told: Sequence[bool]
) -> list[tuple[float, float]]:
    """Estimate and standard error of each component."""
    found = places_of(network, np.array([tau2]), span)
    # From positions back to components, within what the studies tell.
    value, vectors = np.linalg.eigh(span.T @ joined(network) @ span)
    kept = vectors[:, value > ESTIMABLE * value.max()]
    within = kept @ np.linalg.pinv(span @ kept, rcond=1e-12)
    beta = within @ found.position[0]
    variance = np.einsum("ij,jk,ik->i", within, found.inverse[0], within)
    nan = float("nan")
    return [
        (float(b), float(np.sqrt(v))) if is_told else (nan, nan)
        for b, v, is_told in zip(beta, variance, told, strict=True)
    ]


def _effect(name: str, found: tuple[float, float], level: float) -> ComponentEffect:
    estimate, se = found
    half = float(normal_quantile(0.5 + level / 2.0)) * se
    p = float(normal_two_sided(np.array(estimate / se)))
    return ComponentEffect(name, estimate, se, estimate - half, estimate + half, p)


def _only(league: League, pairs: np.ndarray) -> League:
    """The league without what the studies cannot tell."""
    return League(*(np.where(pairs, getattr(league, n), np.nan) for n in League.__slots__))
