"""Selection models: the pooled effect when studies are seen by their p-values."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from osler.appraisal.asymmetry.studies import StudyNumbers, few_studies, model_named, numbers_of
from osler.appraisal.selection import problems
from osler.appraisal.selection.families import FAMILIES, KINDS, STEPPED
from osler.appraisal.selection.fitting import Fit, Space, fit, starts
from osler.appraisal.selection.likelihood import (
    Likelihood,
    Selection,
    Smooth,
    Steps,
    log_p_of_z,
    smooth_selection,
    z_of_p,
)
from osler.appraisal.selection.results import (
    Coefficient,
    Interval,
    SelectionModel,
    favoured_side,
)
from osler.core.arrays import Bools, Floats
from osler.core.quantiles import chi2_tail, normal_quantile, normal_two_sided
from osler.core.studies import StudyEstimates
from osler.core.wording import number

ALTERNATIVES = ("greater", "less", "two-sided")
MODELS = ("random_effects", "common_effect")
IMPRECISIONS = ("se", "variance")
_STEP_STARTS = (0.25, 0.6, 1.5, 0.05)
MOST_WEIGHT = 100.0
"""Bound of every selection parameter, as in metafor."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for, checked."""

    kind: str
    alternative: str
    model: str
    steps: tuple[float, ...]
    delta: tuple[float | None, ...]
    p_min: float
    imprecision: str
    level: float

    @property
    def two_sided(self) -> bool:
        return self.alternative == "two-sided"

    @property
    def stepped(self) -> bool:
        return self.kind in STEPPED

    @property
    def neutral(self) -> tuple[float, ...]:
        if self.stepped:
            return (1.0,) * (len(self.steps) + 1)
        return FAMILIES[self.kind].neutral

    @property
    def names(self) -> tuple[str, ...]:
        if self.kind == "truncated":
            return favoured_side(self.alternative, self.steps[0])
        if not self.stepped:
            n = len(self.neutral)
            return ("δ",) if n == 1 else tuple(f"δ{i}" for i in range(1, n + 1))
        cuts = (0.0, *self.steps, 1.0)
        return tuple(f"{a:g} < p ≤ {b:g}" for a, b in pairwise(cuts))

    @property
    def free(self) -> int:
        return sum(value is None for value in self.delta)


def selection_model(
    effects: StudyEstimates,
    kind: str = "step",
    *,
    steps: Sequence[float] | None = None,
    alternative: str = "greater",
    model: str = "random_effects",
    moderators: Mapping[str, Sequence[float]] | None = None,
    delta: Sequence[float | None] | None = None,
    imprecision: str | None = None,
    p_min: float | None = None,
    level: float = 0.95,
) -> SelectionModel:
    r"""Pool studies that may have been seen because of their p-values.

    Parameters
    ----------
    effects : StudyEstimates
        A synthesis, or effects computed from a table.
    kind : str
        =================================  ===================================================
        ``"step"``                         constant between ``steps``; (0.025,) is the
                                           three-parameter model, (0.025, 0.5) the
                                           four-parameter model
        ``"truncated"``                    constant on either side of a value of the estimate
        ``"beta"``                         p^(d1 - 1) (1 - p)^(d2 - 1)
        ``"half-normal"``                  exp(-d p^2)
        ``"negative-exponential"``         exp(-d p)
        ``"logistic"``                     2 exp(-d p) / (1 + exp(-d p))
        ``"power"``                        (1 - p)^d
        ``"negative-exponential-power"``   exp(-d1 p^(1 / d2))
        =================================  ===================================================
    steps : sequence of float, optional
        Rising p-values. "step": (0.025,) unless given. "truncated": one estimate on the
        analysis scale, 0 unless given. Others: one p-value below which the weight is 1, or
        none.
    alternative : {"greater", "less", "two-sided"}
        Which results are favoured: p is one-sided for larger, or for smaller estimates, or
        two-sided (not for "truncated"). "greater" means a *positive* estimate: for ratios
        of harm prevented "less" is often meant.
    model : {"random_effects", "common_effect"}
        "random" and "common" are understood.
    moderators : mapping of str to sequence, optional
        Numbers for each study; an intercept is added.
    delta : sequence of float or None, optional
        Fixed parameters for a sensitivity analysis; None where one is to be estimated. For
        "step" and "truncated" one an interval, the first, favoured one of which is 1
        whatever happens.
    imprecision : {"se", "variance"}, optional
        Multiplies the (first) parameter by each study's imprecision over the largest.
    p_min : float, optional
        p-values are held this far from 0 and 1. Default: 1e-5 for "beta" and "power", whose
        weights are infinite or 0 there, else 0.
    level : float

    Returns
    -------
    SelectionModel

    Raises
    ------
    DataError
        SEL001 to SEL007; ASY002 for an unusable number.

    Notes
    -----
    Equals metafor's ``selmodel``, with the likelihood climbed from many starts to rounding,
    and integrals on fixed nodes exact to about 1e-12. A parameter at a bound has no standard
    error; where the likelihood is flat, or has several summits, ``notes`` says so. The
    likelihood of a step function is often nearly flat with few studies in an interval:
    weights are then best fixed and varied. "truncated" is the model "trunc" of metafor 4: an
    estimate beyond the value has weight 1, another the weight d, with a normal density of
    variance v + tau2 that is scaled to the whole; the value itself is not estimated.

    References
    ----------
    .. [1] Vevea & Hedges (1995). Psychometrika 60, 419-435. doi:10.1007/BF02294384
    .. [2] Vevea & Woods (2005). Psychol Methods 10, 428-443. doi:10.1037/1082-989X.10.4.428
    .. [3] Citkowicz & Vevea (2017). Psychol Methods 22, 28-41. doi:10.1037/met0000119
    .. [4] Preston, Ashby & Smyth (2004). J Eval Clin Pract 10, 313-322.
       doi:10.1111/j.1365-2753.2003.00457.x
    .. [5] Formann (2008). Stat Med 27, 4493-4507; Rust, Lehmann & Farley (1990). J Mark Res
       27, 220-226.

    Examples
    --------
    >>> from osler import synthesise
    >>> y = [0.1, 0.5, 0.6, 0.75, 0.9, 0.2, 1.1, 0.45, 0.05, 0.7]
    >>> v = [0.01, 0.05, 0.06, 0.11, 0.16, 0.03, 0.28, 0.04, 0.02, 0.1]
    >>> fitted = selection_model(synthesise(list("ABCDEFGHIJ"), y, v))
    >>> fitted.converged, fitted.lr_df
    (True, 1)
    """
    model = model_named(model)
    asked = _checked(kind, steps, alternative, model, delta, imprecision, p_min, level)
    studies = numbers_of(effects, "a selection model", 1)
    names, X = _design(studies, moderators)
    parameters = X.shape[1] + (model == "random_effects") + asked.free
    if studies.k < parameters + 1:
        raise problems.too_few(studies.k, parameters + 1, parameters)
    data = _Data.of(studies, X, asked)
    intervals = _intervals(data, asked)
    return _fitted(data, asked, names, intervals)


def _checked(
    kind: str,
    steps: Sequence[float] | None,
    alternative: str,
    model: str,
    delta: Sequence[float | None] | None,
    imprecision: str | None,
    p_min: float | None,
    level: float,
) -> _Asked:
    for what, given, known in (
        ("selection model", kind, KINDS),
        ("alternative", alternative, ALTERNATIVES),
        ("model", model, MODELS),
        ("imprecision", imprecision or "se", IMPRECISIONS),
    ):
        if given not in known:
            raise problems.unknown_choice(what, given, known)
    if not 0 < level < 1:
        raise problems.out_of_range("the level", level, "between 0 and 1")
    if kind == "truncated" and alternative == "two-sided":
        raise problems.unknown_choice("alternative for this model", alternative, ALTERNATIVES[:2])
    cuts = _cuts(kind, steps)
    if imprecision and kind in (*STEPPED, "beta"):
        raise problems.unknown_choice("imprecision for this model", imprecision, ("None",))
    usual = 0.0 if kind in STEPPED else FAMILIES[kind].p_min
    least = usual if p_min is None else p_min
    if not 0 <= least < 0.1 or (usual and least < 1e-12):
        raise problems.out_of_range("p_min", least, "from 1e-12 (0 for others) to below 0.1")
    asked = _Asked(kind, alternative, model, cuts, (), least, imprecision or "", level)
    return replace(asked, delta=_fixed(asked, delta))


def _cuts(kind: str, steps: Sequence[float] | None) -> tuple[float, ...]:
    if kind == "truncated":
        value = (0.0,) if steps is None else tuple(float(step) for step in steps)
        if len(value) != 1 or not math.isfinite(value[0]):
            raise problems.unusable_steps(f"steps {steps!r} for {kind!r}")
        return value
    given = (0.025,) if steps is None and kind == "step" else tuple(steps or ())
    given = tuple(float(step) for step in given)
    if kind == "step" and given and given[-1] == 1.0:
        given = given[:-1]
    rising = all(a < b for a, b in zip((0.0, *given), (*given, 1.0), strict=True))
    if not rising or (kind == "step" and not given) or (kind != "step" and len(given) > 1):
        raise problems.unusable_steps(f"steps {steps!r} for {kind!r}")
    return given


def _fixed(asked: _Asked, delta: Sequence[float | None] | None) -> tuple[float | None, ...]:
    n = len(asked.neutral)
    first: tuple[float | None, ...] = (1.0,) if asked.stepped else ()
    if delta is None:
        return first + (None,) * (n - len(first))
    given = tuple(None if value is None else float(value) for value in delta)
    if asked.stepped and given:
        given = first + given[1:]
    lower = 0.0 if asked.stepped else FAMILIES[asked.kind].lower
    known = [value for value in given if value is not None]
    if len(given) != n or not all(lower <= value <= MOST_WEIGHT for value in known):
        raise problems.unusable_weights(f"{list(delta)!r} for {n} parameters of {asked.kind!r}")
    return given


def _design(
    studies: StudyNumbers, moderators: Mapping[str, Sequence[float]] | None
) -> tuple[tuple[str, ...], Floats]:
    if not moderators:
        return ("estimate",), np.ones((studies.k, 1))
    columns = [np.ones(studies.k)]
    for name, values in moderators.items():
        column = np.asarray(values, float)
        if column.shape != (studies.k,) or not np.isfinite(column).all():
            raise problems.unusable_moderators(f"{name!r} is not {studies.k} finite numbers")
        columns.append(column)
    X = np.column_stack(columns)
    scaled = X / np.maximum(np.abs(X).max(0), 1e-300)
    if np.linalg.matrix_rank(scaled, tol=1e-9) < X.shape[1]:
        raise problems.unusable_moderators(f"{', '.join(moderators)}: collinear")
    return ("intercept", *moderators), X


@dataclass(frozen=True, slots=True)
class _Data:
    """Studies in the unit of the fit, turned so that "greater" is favoured."""

    studies: StudyNumbers
    y: Floats
    v: Floats
    X: Floats
    z: Floats
    unit: float
    turn: float
    X_unit: Floats

    @classmethod
    def of(cls, studies: StudyNumbers, X: Floats, asked: _Asked) -> "_Data":
        turn = -1.0 if asked.alternative == "less" else 1.0
        unit = float(np.exp(np.mean(np.log(studies.se))))
        X_unit = np.abs(X).max(0)
        return cls(
            studies,
            turn * studies.y / unit,
            studies.v / unit / unit,
            X / X_unit,
            turn * studies.y / studies.se,
            unit,
            turn,
            X_unit,
        )


def _intervals(data: _Data, asked: _Asked) -> tuple[Interval, ...]:
    if asked.kind == "truncated":
        return _sides(data, asked)
    p = np.exp(log_p_of_z(data.z, asked.two_sided)[0])
    cuts = (0.0, *asked.steps, 1.0)
    counts = np.bincount(_which(p, asked.steps), minlength=len(asked.steps) + 1)
    found = tuple(
        Interval(low, high, int(n)) for low, high, n in zip(cuts, cuts[1:], counts, strict=False)
    )
    needed = asked.delta if asked.kind == "step" else (None,) * len(found)
    if asked.free and asked.steps:
        for part, value in zip(found, needed, strict=True):
            # The first interval sets the scale of the others.
            if part.studies == 0 and (value is None or part.lower == 0.0):
                raise problems.empty_interval(f"{part.lower:g} < p ≤ {part.upper:g}")
    return found


def _sides(data: _Data, asked: _Asked) -> tuple[Interval, ...]:
    """Studies on the favoured side of the value, and on the other."""
    other, value = _other_side(data, asked), asked.steps[0]
    ends = (value, math.inf), (-math.inf, value)
    counts = int((~other).sum()), int(other.sum())
    pairs = zip(ends if data.turn > 0 else ends[::-1], counts, strict=True)
    found = tuple(Interval(low, high, count) for (low, high), count in pairs)
    if asked.free:
        for part, name in zip(found, asked.names, strict=True):
            if part.studies == 0:
                raise problems.empty_interval(name)
    return found


def _other_side(data: _Data, asked: _Asked) -> Bools:
    """Estimates that are not beyond the value, on the side that is favoured."""
    return np.asarray(data.turn * data.studies.y <= data.turn * asked.steps[0])


def _which(p: Floats, steps: tuple[float, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    return np.searchsorted(np.array(steps), p, side="left")


def _laid_out(data: _Data, asked: _Asked) -> Selection:
    if asked.kind == "truncated":
        edges = data.turn * asked.steps[0] / data.studies.se
        return Steps(edges[:, None], _other_side(data, asked).astype(np.intp))
    if asked.kind == "step":
        p = np.exp(log_p_of_z(data.z, asked.two_sided)[0])
        return Steps(z_of_p(np.array(asked.steps), asked.two_sided), _which(p, asked.steps))
    size = {"se": np.sqrt(data.v), "variance": data.v, "": np.ones(1)}[asked.imprecision]
    laid: Smooth = smooth_selection(
        FAMILIES[asked.kind],
        data.z,
        two_sided=asked.two_sided,
        threshold=asked.steps[0] if asked.steps else None,
        p_min=asked.p_min,
        imprecision=size / size.max(),
    )
    return laid


def _space(data: _Data, asked: _Asked, selection: Selection | None, *, spread: bool) -> Space:
    likelihood = Likelihood(data.y, data.v, data.X, selection, asked.two_sided)
    q = data.X.shape[1]
    free, held = np.array([True] * q + [spread]), np.zeros(q + 1)
    if selection is None:
        return Space(likelihood, held, free, 0.0, MOST_WEIGHT)
    pairs = list(zip(asked.neutral, asked.delta, strict=True))
    delta = [n if value is None else value for n, value in pairs]
    lower = 1e-8 if asked.stepped else FAMILIES[asked.kind].lower
    return Space(
        likelihood,
        np.concatenate([held, delta]),
        np.append(free, [value is None for _, value in pairs]),
        lower,
        MOST_WEIGHT,
    )


def _fitted(
    data: _Data, asked: _Asked, names: tuple[str, ...], intervals: tuple[Interval, ...]
) -> SelectionModel:
    spread = asked.model == "random_effects"
    variance = float(data.y.var())
    w = 1.0 / (data.v + (variance if spread else 0.0))
    beta = np.linalg.lstsq(data.X * np.sqrt(w)[:, None], data.y * np.sqrt(w), rcond=None)[0]
    plain_space = _space(data, asked, None, spread=spread)
    shares = (0.5, 0.05, 2.0) if spread else (0.0,)
    points = np.array([[*beta, share * variance] for share in shares])
    plain = fit(plain_space, points[:, plain_space.free])
    q = data.X.shape[1]
    beta0, tau20 = plain.x[:q], float(plain.x[q]) if spread else 0.0
    selection = _laid_out(data, asked)
    space = _space(data, asked, selection, spread=spread)
    deltas = _tried(asked, space.held[q + 1 :])
    found = fit(space, starts(space, beta0, tau20, deltas))
    tau2_lr = math.nan
    if spread:
        none = _space(data, asked, selection, spread=False)
        whole = space.whole(found.x[None])[0]
        whole[q] = 0.0
        points = np.vstack([whole[none.free], starts(none, beta0, 0.0, deltas[1:])])
        tau2_lr = max(0.0, 2.0 * (found.height - fit(none, points).height))
    return _told(data, asked, names, intervals, space, plain, found, tau2_lr)


def _tried(asked: _Asked, delta: Floats) -> list[list[float]]:
    """Selection parameters to start from, the neutral ones first."""
    if asked.stepped:
        n = len(delta) - 1
        tried = [np.concatenate([[1.0], np.full(n, value)]) for value in _STEP_STARTS]
        tried += [np.geomspace(1.0, end, n + 1) for end in (0.05, 5.0)]
    else:
        tried = [np.array(start) for start in FAMILIES[asked.kind].starts]
    held = np.array([value is not None for value in asked.delta])
    first: list[float] = delta.tolist()
    return [first, *(np.where(held, delta, start).tolist() for start in tried)]


def _told(
    data: _Data,
    asked: _Asked,
    names: tuple[str, ...],
    intervals: tuple[Interval, ...],
    space: Space,
    plain: Fit,
    found: Fit,
    tau2_lr: float,
) -> SelectionModel:
    q, unit = data.X.shape[1], data.unit
    spread = asked.model == "random_effects"
    errors = np.sqrt(np.diag(found.covariance))
    whole = space.whole(found.x[None])[0]
    tau2, delta = float(whole[q]), whole[q + 1 :]
    lr = max(0.0, 2.0 * (found.height - plain.height))
    # The density of y, not of y in units of the fit.
    shift = data.y.size * math.log(unit)
    df = asked.free
    return SelectionModel(
        kind=asked.kind,
        alternative=asked.alternative,
        model=asked.model,
        steps=asked.steps,
        p_min=asked.p_min,
        imprecision=asked.imprecision,
        measure=data.studies.measure,
        studies=data.studies.labels,
        coefficients=_coefficients(data, names, found, asked.level),
        tau2=tau2 * unit * unit,
        tau2_se=float(errors[q]) * unit * unit if spread else math.nan,
        selection=_selection(asked, delta, errors[q + spread :]),
        log_likelihood=found.height - shift,
        log_likelihood_unselected=plain.height - shift,
        lr=lr if df else 2.0 * (found.height - plain.height),
        lr_df=df,
        lr_p_value=float(chi2_tail(lr, float(df))) if df else math.nan,
        tau2_lr=tau2_lr,
        tau2_lr_p_value=float(chi2_tail(tau2_lr, 1.0)) if spread else math.nan,
        unadjusted=_coefficients(data, names, plain, asked.level),
        tau2_unadjusted=float(plain.x[q]) * unit * unit if spread else 0.0,
        intervals=intervals,
        converged=found.arrived,
        level=asked.level,
        notes=_notes(asked, found, space, intervals) + few_studies(data.studies.k),
    )


def _coefficients(
    data: _Data, names: tuple[str, ...], found: Fit, level: float
) -> tuple[Coefficient, ...]:
    errors = np.sqrt(np.diag(found.covariance))
    factor = data.turn * data.unit / data.X_unit
    return tuple(
        _normal(name, float(value * f), float(error * abs(f)), level)
        for name, value, error, f in zip(names, found.x, errors, factor, strict=False)
    )


def _normal(name: str, value: float, se: float, level: float, null: float = 0.0) -> Coefficient:
    width = float(normal_quantile((1.0 + level) / 2.0)) * se
    p = float(normal_two_sided((value - null) / se)) if se > 0 else math.nan
    return Coefficient(name, value, se, value - width, value + width, p)


def _selection(asked: _Asked, delta: Floats, errors: Floats) -> tuple[Coefficient, ...]:
    parts, free = [], iter(errors.tolist())
    lower = 0.0 if asked.stepped else FAMILIES[asked.kind].lower
    for name, value, fixed, null in zip(
        asked.names, delta.tolist(), asked.delta, asked.neutral, strict=True
    ):
        if fixed is not None:
            parts.append(Coefficient(name, value, *(math.nan,) * 4, fixed=True))
            continue
        part = _normal(name, value, next(free), asked.level, null)
        held = min(max(part.ci_lower, lower), part.ci_upper) if part.se > 0 else math.nan
        parts.append(replace(part, ci_lower=held))
    return tuple(parts)


def _notes(
    asked: _Asked, found: Fit, space: Space, intervals: tuple[Interval, ...]
) -> tuple[str, ...]:
    notes = []
    if not found.arrived:
        notes.append("The search did not settle: the numbers are where it stopped.")
    if found.others:
        below = ", ".join(number(found.height - height, 2) for height in found.others[::-1][:3])
        notes.append(
            f"The likelihood has several summits: the highest is given, another lies {below} below."
        )
    if found.flat:
        notes.append(
            "The likelihood is flat around its summit: the data cannot tell the effect from the "
            "selection, and there are no standard errors."
        )
    first = space.q + space.spread
    free = [name for name, value in zip(asked.names, asked.delta, strict=True) if value is None]
    bounds = [name for name, at in zip(free, found.at_bound[first:], strict=True) if at]
    if bounds:
        notes.append(f"At its bound, so without standard error: {', '.join(bounds)}.")
    if asked.free and asked.kind == "step":
        thin = [f"{i.lower:g} to {i.upper:g}" for i in intervals if i.studies <= 3]
        if thin:
            notes.append(
                f"Three studies or fewer with p of {'; '.join(thin)}: "
                "weights there are hardly known."
            )
    if asked.free and asked.kind == "truncated":
        few = [name for name, i in zip(asked.names, intervals, strict=True) if i.studies <= 3]
        if few:
            notes.append(f"Three studies or fewer with {few[0]}: the weight is hardly known.")
    return tuple(notes)
