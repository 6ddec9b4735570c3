"""What is read of one study: its arms with contrasts, or why it is left out."""

from dataclasses import dataclass
from typing import TypeAlias

from osler.core.diagnostics import Diagnostic
from osler.synthesis.network.arms import Contrasts


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a study, or some of its rows, cannot be used.

    ``row`` counts the rows of the table from 0, ``role`` is what the cell holds that is wrong,
    where one cell is.
    """

    diagnostic: Diagnostic
    row: int
    role: str = ""


@dataclass(frozen=True, slots=True)
class StudyRead:
    """Arms with their contrasts against the first; what was left out of the study, if anything."""

    arms: tuple[str, ...]
    contrasts: Contrasts
    partly: Unusable | None = None


Read: TypeAlias = StudyRead | Unusable
