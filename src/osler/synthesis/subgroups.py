"""Results of subgroups of studies, and whether the subgroups differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from osler.core.diagnostics import DataError
from osler.core.quantiles import chi2_tail
from osler.synthesis import problems
from osler.synthesis.kernel import weights
from osler.synthesis.model import Synthesis
from osler.synthesis.pool import synthesise


@dataclass(frozen=True, slots=True)
class Subgroups:
    """One synthesis a subgroup, in order of first appearance, and the test between them.

    ``df`` is the number of subgroups less 1; with one subgroup ``q`` is 0 and ``p_value`` 1.
    """

    results: Mapping[str, Synthesis]
    q: float
    df: int
    p_value: float


def synthesise_by(
    groups: Sequence[str],
    labels: Sequence[str],
    estimates: Sequence[float],
    variances: Sequence[float],
    *,
    measure: str = "",
    tau2_method: str = "REML",
    ci_method: str = "auto",
    level: float = 0.95,
) -> Subgroups:
    r"""Pool each subgroup by itself and test whether their true means differ.

    Each subgroup has its own tau2. With :math:`W_g` the sum of the random-effects weights of
    subgroup g, the test compares :math:`Q = \sum W_g (\hat\mu_g - \hat\mu)^2` with
    chi-squared on the number of subgroups less 1.

    Parameters
    ----------
    groups : sequence of str, length k
        The subgroup of each study.
    labels, estimates, variances, measure, tau2_method, ci_method, level
        As in :func:`osler.synthesis.pool.synthesise`.

    Raises
    ------
    DataError
        As :func:`osler.synthesis.pool.synthesise`, and where ``groups`` has another length.

    Notes
    -----
    The test takes the model-based (Wald) standard errors whatever the interval method, so
    that chi-squared is its reference. It compares across studies, not within them: a
    difference can come from anything else in which the studies differ.

    References
    ----------
    .. [1] Borenstein, Hedges, Higgins & Rothstein (2009). Introduction to Meta-Analysis,
       chapter 19. doi:10.1002/9780470743386
    .. [2] Cochrane Handbook for Systematic Reviews of Interventions 6.5, section 10.11.3.1.

    Examples
    --------
    >>> by = synthesise_by(["a", "a", "b", "b"], ["1", "2", "3", "4"],
    ...                    [0.1, 0.2, 0.9, 1.0], [0.04, 0.04, 0.04, 0.04])
    >>> list(by.results), round(by.q, 1), by.df, round(by.p_value, 4)
    (['a', 'b'], 16.0, 1, 0.0001)
    """
    if len(groups) != len(labels):
        found = f"{len(groups)} subgroup names, {len(labels)} labels"
        raise DataError(problems.lengths_disagree(found))
    if not len(groups):
        raise DataError(problems.no_studies("no subgroup names"))
    results = {}
    for group in dict.fromkeys(groups):
        rows = [i for i, name in enumerate(groups) if name == group]
        results[group] = synthesise(
            [labels[i] for i in rows],
            [estimates[i] for i in rows],
            [variances[i] for i in rows],
            measure=measure,
            tau2_method=tau2_method,
            ci_method=ci_method,
            level=level,
        )
    q = _between(list(results.values()))
    df = len(results) - 1
    return Subgroups(results, q, df, float(chi2_tail(q, df)))


def _between(results: Sequence[Synthesis]) -> float:
    means = np.array([r.random.estimate for r in results])
    precision = np.array(
        [weights(np.array(r.variances), np.array(r.heterogeneity.tau2)).sum() for r in results]
    )
    overall = (precision * means).sum() / precision.sum()
    return float((precision * (means - overall) ** 2).sum())
