"""What Osler has to say about a folder, as data.

A :class:`Diagnostic` is made where the trouble is found and stays data until
:mod:`osler.core.rendering` turns it into text or JSON.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a diagnostic weighs: errors and warnings make ``osler check`` exit 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the folder.

    ``line`` and ``column`` count from 1, in characters. ``end_column`` is the first
    column after the passage, on the same line; 0 means "to the end of the word".
    ``source`` is the text of the line, kept so that rendering needs no files.
    """

    file: str
    line: int = 1
    column: int = 1
    end_column: int = 0
    field: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """A safe rewriting: the passage at ``place`` (whole, on one line) becomes ``text``.

    Safe means that a person would not need to look: what stands there afterwards says no more
    than the evidence carries, and is a sentence of the language.
    """

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: what is wrong, whose it is, what follows, what to do.

    Attributes
    ----------
    code : str
        Three capitals and three digits; ``osler explain CODE`` tells more.
    message : str
        What is wrong, in one line, without a full stop.
    found : str
        What stands there, and whose it is (study, arm, outcome, sentence).
    so : str
        What Osler does because of it; empty where it does nothing.
    help : str
        What to do next, or what to write instead.
    fix : Fix or None
        What ``osler check --fix`` may write; None where a person has to choose.
    rule : str
        The rule of a rule pack that spoke, as "pack/rule"; empty where the code says it all.
    """

    code: str
    severity: Severity
    place: Place
    message: str
    found: str = ""
    so: str = ""
    help: str = ""
    fix: Fix | None = None
    rule: str = ""

    @property
    def is_finding(self) -> bool:
        """Whether this makes a check exit with 1; notes do not."""
        return self.severity is not Severity.NOTE


class DataError(Exception):
    """Raised where a value cannot be used; carries the diagnostics that say why.

    As text, which is what a notebook shows below the traceback, it has all that they say.

    Examples
    --------
    >>> wrong = Diagnostic("SYN003", Severity.ERROR, Place(""), "a variance is not above 0", "Hart")
    >>> print(DataError(wrong))
    SYN003 a variance is not above 0
      found  Hart
    """

    def __init__(self, *diagnostics: Diagnostic) -> None:
        # The arguments stay the diagnostics, so that it can be copied and sent to another process.
        super().__init__(*diagnostics)
        self.diagnostics = diagnostics

    @property
    def messages(self) -> str:
        """What is wrong, in one line."""
        return "; ".join(d.message for d in self.diagnostics)

    def __str__(self) -> str:
        shown = [_as_lines(d) for d in self.diagnostics[:_SHOWN]]
        more = len(self.diagnostics) - _SHOWN
        return "\n".join([*shown, *([f"... and {more} more"] if more > 0 else [])])


# More findings than this do not help below a traceback; `.diagnostics` has them all.
_SHOWN = 10


def _as_lines(d: Diagnostic) -> str:
    parts = (("found", d.found), ("so", d.so), ("help", d.help))
    told = [f"  {label:<5}  {text}".replace("\n", "\n" + " " * 9) for label, text in parts if text]
    return "\n".join([f"{d.code} {d.message}", *told])


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Without repeats, by file, line, column and code: the same folder gives the same list."""
    return tuple(
        sorted(
            set(diagnostics),
            key=lambda d: (
                *(d.place.file, d.place.line, d.place.column, d.code, d.message),
                *(d.found, d.help, d.rule),
            ),
        )
    )
