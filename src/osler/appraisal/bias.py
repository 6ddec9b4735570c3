"""How much of an answer rests on studies at risk of bias."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from osler.review.model import Bias, BiasJudgement

_WORST: tuple[BiasJudgement, ...] = ("high", "unclear", "some concerns", "low")


@dataclass(frozen=True, slots=True)
class BiasShares:
    """Share of the weight by the studies' worst judgement; fractions that add up to 1.

    A study without any judgement counts as unclear.
    """

    low: float
    some_concerns: float
    unclear: float
    high: float


def overall(rows: Sequence[Bias]) -> BiasJudgement:
    """The judgement of a study: the worst of its domains, unclear where there is none.

    Follows RoB 2 in that one domain at high risk puts the study at high risk. [1]_

    References
    ----------
    .. [1] Sterne et al. (2019). BMJ 366, l4898. doi:10.1136/bmj.l4898
    """
    found = {row.judgement for row in rows}
    return next((j for j in _WORST if j in found), "unclear")


def bias_shares(
    weights: Mapping[str, float], judgements: Mapping[str, Sequence[Bias]]
) -> BiasShares:
    """Share of the weight at each level of risk.

    Parameters
    ----------
    weights : mapping of study id to weight
        Fractions that add up to 1.
    judgements : mapping of study id to its rows of bias.csv

    Examples
    --------
    >>> bias_shares({"a": 0.25, "b": 0.75}, {}).unclear
    1.0
    """
    totals: dict[BiasJudgement, float] = dict.fromkeys(_WORST, 0.0)
    for study, weight in weights.items():
        totals[overall(judgements.get(study, ()))] += weight
    return BiasShares(totals["low"], totals["some concerns"], totals["unclear"], totals["high"])
