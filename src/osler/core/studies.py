"""What every method that pools studies needs to know of them."""

from typing import Protocol


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
