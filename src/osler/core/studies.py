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
    """Refuse what holds no effects of studies, most often a table.

    Raises
    ------
    DataError
        INF010.
    """
    needed = ("studies", "estimates", "variances")
    measured = isinstance(getattr(given, "measure", None), str)
    if not (measured and all(hasattr(given, name) for name in needed)):
        raise DataError(
            Diagnostic(
                "INF010",
                Severity.ERROR,
                Place(""),
                "these are not effects of studies",
                f"a {type(given).__name__}",
                "nothing is computed until it is corrected",
                "give osler.estimate_effects(table, measure), or what osler.pool gives",
            )
        )
