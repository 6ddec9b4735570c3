"""What every method that pools studies needs to know of them."""

from typing import Protocol

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity


class StudyEstimates(Protocol):
    """One estimate a study, on the analysis scale (ratios as logs).

    Both effects computed from a table and a finished synthesis are this, so whatever looks
    at studies (small-study effects, influence, a figure) takes either.
    """

    @property
    def measure(self) -> str:
        """ "RR", "MD", ...; empty where it is not known."""

    @property
    def studies(self) -> tuple[str, ...]:
        """Labels."""

    @property
    def estimates(self) -> tuple[float, ...]:
        """Finite, one a study."""

    @property
    def variances(self) -> tuple[float, ...]:
        """Above 0, one a study."""


def check_studies(given: object) -> None:
    """Refuse what holds no effects of studies, most often a table, or more than these.

    Raises
    ------
    DataError
        INF010; of a meta-regression, whose moderators would be lost without a word, INF013.
    """
    needed = ("studies", "estimates", "variances")
    measured = isinstance(getattr(given, "measure", None), str)
    if not (measured and all(hasattr(given, name) for name in needed)):
        raise _refused(
            "INF010",
            "these are not effects of studies",
            f"a {type(given).__name__}",
            "give osler.estimate_effects(table, measure), or what osler.pool gives; of several "
            "groups one, of a model the effects that it was fitted to",
        )
    if hasattr(given, "coefficients"):
        raise _refused(
            "INF013",
            "this takes studies without moderators",
            f"a meta-regression: {getattr(given, 'formula', '') or 'by a matrix'}",
            "ask the model: osler.influence, baujat, gosh, residual_quantiles, shrunken_effects, "
            "and its residuals(); or give the effects that it was fitted to",
        )


def check_weights(given: object) -> None:
    """Refuse a synthesis by weights of one's own where studies are pooled again.

    Raises
    ------
    DataError
        INF014.
    """
    if getattr(given, "weighting", "") == "own":
        raise _refused(
            "INF014",
            "studies are pooled again by inverse variances here",
            "a synthesis by weights of one's own",
            "give the effects, or a synthesis without weights; osler.regress('1', effects, "
            "weights=...) keeps them, in osler.influence and osler.baujat too",
        )


def _refused(code: str, message: str, found: str, help_: str) -> DataError:
    so = "nothing is computed until it is corrected"
    return DataError(Diagnostic(code, Severity.ERROR, Place(""), message, found, so, help_))
