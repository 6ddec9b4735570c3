"""The cells of a two-by-two table from its totals and one measure of association."""

import math

from osler.core.diagnostics import DataError
from osler.effects import problems
from osler.effects.arms import Counts

# A cell may come out this far below 0 where what was reported had been rounded.
_ROUNDED = 0.5


def counts_from_association(
    n_treated: int,
    n_control: int,
    events: int,
    *,
    odds_ratio: float | None = None,
    phi: float | None = None,
    chi_squared: float | None = None,
    corrected: bool = True,
) -> tuple[Counts, Counts]:
    r"""Events in each of two groups, where only those of both together were reported.

    Parameters
    ----------
    n_treated, n_control : int
        Participants; above 0.
    events : int
        In both groups together.
    odds_ratio : float, optional
        Of treated against control, above 0.
    phi : float, optional
        The phi coefficient.
    chi_squared : float, optional
        Pearson's, with the sign of the association (negative where the treated had fewer
        events, which the statistic itself does not tell).
    corrected : bool
        Whether ``chi_squared`` was computed with Yates's correction.

    Returns
    -------
    treated, control : Counts
        Rounded to whole events; with a rounded odds ratio they can be off by a few.

    Raises
    ------
    DataError
        Where not exactly one association is given, it is out of range, totals cannot be, or no
        table has such totals and such an association (EFF061).

    Notes
    -----
    With r and s the numbers of treated and of events, of n, the events a of the treated solve
    :math:`(\omega - 1) a^2 - S a + \omega r s = 0`, :math:`S = n + (\omega - 1)(r + s)`, for an
    odds ratio :math:`\omega`; for phi, :math:`a = (r s + \phi \sqrt{r (n - r) s (n - s)}) / n`,
    and :math:`|\phi| = \sqrt{X^2 / n}`, to which Yates's correction adds
    :math:`n / (2 \sqrt{r (n - r) s (n - s)})`. A corrected statistic of 0 leaves room for half
    an event on either side of none. Totals that were guessed give cells that are guesses.

    References
    ----------
    .. [1] Bonett (2007). Am Psychol 62, 254-255. doi:10.1037/0003-066X.62.3.254
    .. [2] Veroniki et al. (2013). Res Synth Methods 4, 78-94. doi:10.1002/jrsm.1061

    Examples
    --------
    >>> counts_from_association(122, 118, 56, odds_ratio=2.05)
    (Counts(events=36, n=122), Counts(events=20, n=118))
    """
    given = [x for x in (odds_ratio, phi, chi_squared) if x is not None]
    if len(given) != 1:
        raise problems.statistic_unusable(
            "not exactly one of odds_ratio, phi and chi_squared", f"{len(given)} given"
        )
    _check_totals(n_treated, n_control, events)
    n = n_treated + n_control
    if odds_ratio is not None:
        a = _by_odds_ratio(n_treated, events, n, odds_ratio)
    elif phi is not None:
        a = _by_phi(n_treated, events, n, phi)
    else:
        assert chi_squared is not None
        a = _by_phi(n_treated, events, n, _phi(n_treated, events, n, chi_squared, corrected))
    fewest, most = max(0, events - n_control), min(n_treated, events)
    if not fewest - _ROUNDED <= a <= most + _ROUNDED:
        raise problems.statistic_unusable(
            "no table with these totals", f"{a:.1f} events among the treated"
        )
    treated = min(max(round(a), fewest), most)
    return Counts(treated, n_treated), Counts(events - treated, n_control)


def _check_totals(n_treated: int, n_control: int, events: int) -> None:
    n = n_treated + n_control
    if min(n_treated, n_control) < 1 or not 0 < events < n:
        found = f"{events} events among {n_treated} and {n_control}"
        raise problems.statistic_unusable("totals that leave nothing to share out", found)


def _by_odds_ratio(first: int, second: int, n: int, ratio: float) -> float:
    """Events of the first row; the root is taken in the form that loses no digits."""
    if not (math.isfinite(ratio) and ratio > 0):
        raise _beyond("an odds ratio not above 0", ratio)
    if ratio > 1:  # mirrored, so that nothing overflows
        return first - _by_odds_ratio(first, n - second, n, 1 / ratio)
    s = n + (ratio - 1) * (first + second)
    product = ratio * first * second
    root = math.sqrt(s * s + 4 * (1 - ratio) * product)
    return 2 * product / (s + root) if s > 0 else (root - s) / (2 * (1 - ratio))


def _by_phi(first: int, second: int, n: int, phi: float) -> float:
    if not -1 <= phi <= 1:
        raise _beyond("a phi coefficient not between -1 and 1", phi)
    return (first * second + phi * _spread(first, second, n)) / n


def _phi(first: int, second: int, n: int, signed: float, corrected: bool) -> float:
    if not math.isfinite(signed):
        raise _beyond("a chi-squared that is not finite", signed)
    plain = math.sqrt(abs(signed) / n)
    by_yates = n / 2 / _spread(first, second, n) if corrected and signed else 0.0
    return math.copysign(min(1.0, plain + by_yates), signed)


def _spread(first: int, second: int, n: int) -> float:
    return math.sqrt(first * (n - first)) * math.sqrt(second * (n - second))


def _beyond(what: str, value: float) -> DataError:
    return problems.statistic_unusable(what, f"{value:g}")
