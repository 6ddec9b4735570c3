"""What one layer says of one comment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

Verdict = Literal["clean", "hold", "off"]


@dataclass(frozen=True)
class Finding:
    """``reason`` is what the moderator reads; "off" means that the layer did not look."""

    layer: str
    verdict: Verdict
    reason: str


def as_data(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """For the database."""
    return [{"layer": f.layer, "verdict": f.verdict, "reason": f.reason} for f in findings]


def from_data(rows: Sequence[Mapping[str, str]]) -> list[Finding]:
    """From the database.

    Examples
    --------
    >>> one = Finding("links", "hold", "3 links")
    >>> from_data(as_data([one])) == [one]
    True
    """
    return [Finding(r["layer"], cast(Verdict, r["verdict"]), r["reason"]) for r in rows]


def is_held(findings: Sequence[Finding]) -> bool:
    """Whether any layer holds it."""
    return any(f.verdict == "hold" for f in findings)
