"""Unwanted effects counted in a clinic, with exact intervals."""

from collections.abc import Sequence

from osler.practice.model import Unwanted
from osler.review.model import Episode
from osler.synthesis.counts.single import proportion_interval


def unwanted_effects(episodes: Sequence[Episode]) -> Unwanted | None:
    """What was counted; None where nobody was asked.

    Notes
    -----
    Clopper and Pearson's interval. Where nothing serious happened to n people, the one-sided
    95% limit is 1 - 0.05^(1/n), which is close to 3/n from some 30 people on.

    References
    ----------
    .. [1] Hanley & Lippman-Hand (1983). If nothing goes wrong, is everything all right?
       JAMA 249, 1743-1745. doi:10.1001/jama.1983.03330370053031

    Examples
    --------
    >>> from osler.core.diagnostics import Place
    >>> rows = [Episode(f"E{n}", "", "sciatica", "", 5, "", None, None, True, "", Place(""), "none")
    ...         for n in range(100)]
    >>> round(unwanted_effects(rows).none_upper, 4)
    0.0295
    """
    asked = [e.unwanted for e in episodes if e.unwanted]
    if not asked:
        return None
    n, minor, serious = len(asked), asked.count("minor"), asked.count("serious")
    lower, upper = proportion_interval([minor + serious, serious], [n, n])
    return Unwanted(
        n,
        len(episodes) - n,
        minor,
        serious,
        float(lower[0]),
        float(upper[0]),
        float(lower[1]),
        float(upper[1]),
        float("nan") if serious else 1 - 0.05 ** (1 / n),
    )
