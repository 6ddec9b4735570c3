"""Decisions for tests, one line each: ``record who verdict``."""

from osler.records.model import Decision, Stage, Verdict


def decisions(*lines: str, role: str = "reviewer") -> list[Decision]:
    """``decisions("a one include")``; a fourth word is the role."""
    told = []
    for at, line in enumerate(lines):
        record, who, verdict, *rest = line.split(maxsplit=3)
        when = f"2026-01-05T10:{at // 60 % 60:02}:{at % 60:02}Z"
        told.append(
            Decision(
                record,
                Stage.TITLE_ABSTRACT,
                Verdict(verdict),
                who,
                when,
                role=rest[0] if rest else role,
            )
        )
    return told
