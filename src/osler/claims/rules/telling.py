"""A rule's finding as a diagnostic."""

from osler.claims.rules.model import Rule
from osler.claims.rulings import STANDS
from osler.core.diagnostics import Diagnostic, Fix, Place, Severity


def finding(
    rule: Rule,
    place: Place,
    message: str,
    found: str,
    so: str,
    advice: str,
    fix: Fix | None = None,
) -> Diagnostic:
    """What a rule has to say at a place."""
    stands = STANDS if rule.severity is Severity.ERROR else ""
    return Diagnostic(
        rule.code, rule.severity, place, message, found, so or stands, advice, fix, rule.name
    )


def short(text: str) -> str:
    """A sentence in quotation marks, cut where it is long.

    Examples
    --------
    >>> short("It  may help.")
    '"It may help."'
    """
    text = " ".join(text.split())
    return f'"{text}"' if len(text) <= 100 else f'"{text[:97]}..."'
