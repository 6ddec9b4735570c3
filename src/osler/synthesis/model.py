"""What a synthesis gives. Estimates are on the analysis scale (ratios as logs)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pooled:
    """One pooled estimate and the interval method it was given with.

    ``ci_method`` is what was used, not what was asked: "auto" never stands here.
    ``pred_lower`` and ``pred_upper`` are NaN for the common-effect model and where
    fewer than three studies were pooled.
    """

    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    p_value: float
    ci_method: str
    pred_lower: float
    pred_upper: float


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """Spread between studies; ``i2`` is a fraction, ``tau2`` a variance on the analysis scale."""

    q: float
    df: int
    p_value: float
    i2: float
    h2: float
    tau2: float
    tau2_ci_lower: float
    tau2_ci_upper: float
    tau2_method: str


@dataclass(frozen=True, slots=True)
class Synthesis:
    """A meta-analysis of ``k`` studies; tuples are in the order of ``studies``.

    Weights are fractions that add up to 1.
    """

    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    common_weights: tuple[float, ...]
    random_weights: tuple[float, ...]
    common: Pooled
    random: Pooled
    heterogeneity: Heterogeneity
    level: float

    @property
    def k(self) -> int:
        return len(self.studies)
