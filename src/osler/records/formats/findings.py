"""What a reader gathers about a file while it reads: lines, repairs, troubles."""

from dataclasses import dataclass, field

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.records.formats.model import LineNote


@dataclass(slots=True)
class Findings:
    """Grows while a file is read; the report and the diagnostics are made from it at the end.

    ``uneven`` and ``unclosed`` are lines at which rows of a table begin that have too many cells,
    or a cell that seems to hold other rows.
    """

    file: str = ""
    not_understood: list[LineNote] = field(default_factory=list)
    repairs: list[LineNote] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    lost: int = 0
    uneven: list[int] = field(default_factory=list)
    unclosed: list[int] = field(default_factory=list)

    def unread(self, line: int, text: str) -> None:
        self.not_understood.append(LineNote(line, text.strip()))

    def repaired(self, line: int, what: str) -> None:
        self.repairs.append(LineNote(line, what))

    def append(self, later: "Findings") -> None:
        """Put what was gathered of the lines that come next behind what is here."""
        self.not_understood += later.not_understood
        self.repairs += later.repairs
        self.diagnostics += later.diagnostics
        self.lost += later.lost
        self.uneven += later.uneven
        self.unclosed += later.unclosed

    def trouble(
        self,
        code: str,
        message: str,
        *,
        line: int = 1,
        found: str = "",
        so: str = "",
        help: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        place = Place(self.file, line)
        self.diagnostics.append(Diagnostic(code, severity, place, message, found, so, help))
