"""One verdict on a passage with the reason for it, and how several become one."""

from collections.abc import Iterable
from dataclasses import dataclass

from osler.claims.model import Verdict
from osler.core.diagnostics import Diagnostic, Place, Severity

# Worst first: of several verdicts on one passage the worst is kept.
WORST = (
    Verdict.CONTRADICTED,
    Verdict.OVERSTATED,
    Verdict.NOT_SHOWN,
    Verdict.OUT_OF_DATE,
    Verdict.UNDERSTATED,
    Verdict.SUPPORTED,
)

STANDS = "the page is not published while this stands"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict and the diagnostic that tells why."""

    verdict: Verdict
    diagnostic: Diagnostic


def error(
    verdict: Verdict, code: str, place: Place, message: str, found: str, advice: str
) -> Ruling:
    """A ruling that keeps the page from being published."""
    return Ruling(verdict, Diagnostic(code, Severity.ERROR, place, message, found, STANDS, advice))


def warning(
    verdict: Verdict, code: str, place: Place, message: str, found: str, advice: str
) -> Ruling:
    """A ruling that asks for a second look."""
    return Ruling(verdict, Diagnostic(code, Severity.WARNING, place, message, found, "", advice))


def worst(rulings: Iterable[Ruling]) -> Verdict:
    """The worst verdict; supported where there is no ruling.

    Examples
    --------
    >>> worst([])
    <Verdict.SUPPORTED: 'supported'>
    """
    return min((r.verdict for r in rulings), key=WORST.index, default=Verdict.SUPPORTED)


def worst_of(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some verdicts.

    Examples
    --------
    >>> worst_of([Verdict.UNDERSTATED, Verdict.OUT_OF_DATE])
    <Verdict.OUT_OF_DATE: 'out of date'>
    """
    return min(verdicts, key=WORST.index, default=Verdict.SUPPORTED)
