"""What an error carries, and how it is told where nobody renders it."""

import copy
import pickle

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity

WRONG = Diagnostic(
    "SYN003", Severity.ERROR, Place(""), "a variance is not above 0", "Hart: 0", "no pool", "look"
)


def test_a_notebook_shows_what_was_found_and_what_to_do() -> None:
    assert str(DataError(WRONG)).splitlines() == [
        "SYN003 a variance is not above 0",
        "  found  Hart: 0",
        "  so     no pool",
        "  help   look",
    ]
    assert DataError(WRONG, WRONG).messages == f"{WRONG.message}; {WRONG.message}"
    assert str(DataError(*[WRONG] * 12)).endswith("... and 2 more")


def test_it_can_be_copied_and_sent_to_another_process() -> None:
    for again in (pickle.loads(pickle.dumps(DataError(WRONG))), copy.copy(DataError(WRONG))):
        assert again.diagnostics == (WRONG,)
