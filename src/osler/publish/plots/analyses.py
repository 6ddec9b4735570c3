"""The analysis that a figure shows: given, or made of the studies."""

from collections.abc import Callable
from typing import Any

from osler.core.diagnostics import DataError
from osler.publish.plots.problems import does_not_fit

STUDIES = "a synthesis, effects, or the result of the analysis itself"


def asked(result: Any, kind: str, make: Callable[[Any], Any]) -> Any:
    """The analysis itself, or what it gives of the studies."""
    if type(result).__name__ == kind:
        return result
    if not hasattr(result, "estimates") or not hasattr(result, "variances"):
        raise DataError(does_not_fit(kind, type(result).__name__, STUDIES))
    made = make(result)
    if type(made).__name__ != kind:  # of a regression some analyses give another kind
        raise DataError(does_not_fit(kind, type(result).__name__, STUDIES))
    return made
