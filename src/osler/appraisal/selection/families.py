r"""Weight functions: how likely a study is to be seen, given its p-value.

Each takes log p and log (1 - p), which stay exact in the tails, and gives the logarithm of
the weight, its slopes in the parameters, and the second derivatives that are not 0. Parameters
``d`` are numbers or arrays that broadcast with the rest. ``c`` multiplies the first parameter:
1, or each study's imprecision.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from osler.core.arrays import Floats

Curves: TypeAlias = dict[tuple[int, int], Floats]
LogWeight: TypeAlias = Callable[
    [Sequence[Floats], Floats, Floats, Floats], tuple[Floats, list[Floats], Curves]
]


@dataclass(frozen=True, slots=True)
class Family:
    """A weight function of p.

    Attributes
    ----------
    neutral : tuple of float
        Parameters at which every study is as likely to be seen.
    lower, upper : float
        Bounds of every parameter.
    p_min : float
        p-values are held this far from 0 and 1, where the weight would be infinite or 0.
    widest : float
        The largest z at which the weight still changes.
    starts : tuple of tuples
        Parameters to try.
    """

    title: str
    formula: str
    source: str
    neutral: tuple[float, ...]
    lower: float
    upper: float
    p_min: float
    widest: float
    starts: tuple[tuple[float, ...], ...]
    log_weight: LogWeight


_Parts: TypeAlias = tuple[Floats, list[Floats], Curves]


def _half_normal(d: Sequence[Floats], log_p: Floats, log_q: Floats, c: Floats) -> _Parts:
    slope = -c * np.exp(2.0 * log_p)
    return d[0] * slope, [slope], {}


def _negative_exponential(d: Sequence[Floats], log_p: Floats, log_q: Floats, c: Floats) -> _Parts:
    slope = -c * np.exp(log_p)
    return d[0] * slope, [slope], {}


def _logistic(d: Sequence[Floats], log_p: Floats, log_q: Floats, c: Floats) -> _Parts:
    cp = c * np.exp(log_p)
    x = d[0] * cp
    share = 1.0 / (1.0 + np.exp(-x))
    # log(2 e^-x / (1 + e^-x)) = log 2 - log(1 + e^x).
    value = np.log(2.0) - np.logaddexp(0.0, x)
    return value, [-cp * share], {(0, 0): -cp * cp * share * (1.0 - share)}


def _power(d: Sequence[Floats], log_p: Floats, log_q: Floats, c: Floats) -> _Parts:
    slope = c * log_q
    return d[0] * slope, [slope], {}


def _exponential_power(d: Sequence[Floats], log_p: Floats, log_q: Floats, c: Floats) -> _Parts:
    raised = c * np.exp(log_p / d[1])
    by_second = raised * log_p / d[1] ** 2
    curves = {(0, 1): by_second, (1, 1): -d[0] * by_second * (log_p / d[1] + 2.0) / d[1]}
    return -d[0] * raised, [-raised, d[0] * by_second], curves


def _beta(d: Sequence[Floats], log_p: Floats, log_q: Floats, c: Floats) -> _Parts:
    return (d[0] - 1.0) * log_p + (d[1] - 1.0) * log_q, [log_p, log_q], {}


_PRESTON = "Preston, Ashby & Smyth (2004) J Eval Clin Pract 10, 313-322"
_ONE = ((0.2,), (1.0,), (4.0,), (15.0,), (50.0,))

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "beta": Family(
            "beta",
            "w(p) = p^(δ₁ − 1) (1 − p)^(δ₂ − 1)",
            "Citkowicz & Vevea (2017) Psychol Methods 22, 28-41",
            (1.0, 1.0),
            1e-5,
            100.0,
            1e-5,
            9.5,
            ((0.4, 1.0), (0.8, 0.8), (0.7, 2.0), (1.0, 3.0), (0.2, 0.5), (1.5, 1.5)),
            _beta,
        ),
        "half-normal": Family(
            "half-normal",
            "w(p) = exp(−δ p²)",
            _PRESTON,
            (0.0,),
            0.0,
            100.0,
            0.0,
            9.5,
            _ONE,
            _half_normal,
        ),
        "negative-exponential": Family(
            "negative exponential",
            "w(p) = exp(−δ p)",
            _PRESTON,
            (0.0,),
            0.0,
            100.0,
            0.0,
            9.5,
            _ONE,
            _negative_exponential,
        ),
        "logistic": Family(
            "logistic",
            "w(p) = 2 exp(−δ p) / (1 + exp(−δ p))",
            _PRESTON,
            (0.0,),
            0.0,
            100.0,
            0.0,
            9.5,
            _ONE,
            _logistic,
        ),
        "power": Family(
            "power",
            "w(p) = (1 − p)^δ",
            f"{_PRESTON}; form of metafor's selmodel",
            (0.0,),
            0.0,
            100.0,
            1e-5,
            9.5,
            _ONE,
            _power,
        ),
        "negative-exponential-power": Family(
            "negative exponential power",
            "w(p) = exp(−δ₁ p^(1/δ₂))",
            "Begg & Mazumdar (1994) Biometrics 50, 1088-1101; form of metafor's selmodel",
            (0.0, 1.0),
            0.0,
            100.0,
            0.0,
            37.0,
            ((1.0, 1.0), (4.0, 1.0), (2.0, 3.0), (10.0, 0.5), (5.0, 8.0), (1.0, 0.3)),
            _exponential_power,
        ),
    }
)

# Constant weights between p-values, or on either side of a value of the estimates.
STEPPED = ("step", "truncated")
KINDS = (*STEPPED, *FAMILIES)
