"""How a break between the parts of a folder is told."""

from osler.core.diagnostics import Diagnostic, Place, Severity


def told(
    code: str, place: Place, message: str, found: str, advice: str, severity: Severity
) -> Diagnostic:
    """A diagnostic of this pack; warnings and notes stop nothing."""
    so = "the page is not published while this stands" if severity is Severity.ERROR else ""
    # No rule is named: osler.claims.rules turns codes off and weighs them by the pack's list.
    return Diagnostic(code, severity, place, message, found, so, advice)


def warn(code: str, place: Place, message: str, found: str, advice: str) -> Diagnostic:
    """A break that a person should look at."""
    return told(code, place, message, found, advice, Severity.WARNING)


def err(code: str, place: Place, message: str, found: str, advice: str) -> Diagnostic:
    """A break that misleads whoever reads the page."""
    return told(code, place, message, found, advice, Severity.ERROR)
