"""Where each record stands after all that was decided: the newest word of each reviewer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from osler.records.model import Decision, Stage, Verdict

# Roles that settle a conflict; what they say stands above every reviewer's own vote.
SETTLING = frozenset({"consensus", "third reviewer"})


class State(StrEnum):
    """Where a record stands at one stage."""

    OPEN = "open"
    INCLUDED = "included"
    EXCLUDED = "excluded"
    MAYBE = "maybe"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Standing:
    """One record at one stage.

    Attributes
    ----------
    votes : mapping of str to Decision
        The newest decision of each reviewer, without those that were taken back.
    settled : Decision or None
        What a consensus or a third reviewer decided.
    """

    record: str
    votes: Mapping[str, Decision]
    settled: Decision | None = None

    def state(self, reviewers: int = 1) -> State:
        """Where the record stands when ``reviewers`` have to agree.

        A maybe goes on to the full text, so it does not contradict an include; against an
        exclude it does.
        """
        if self.settled:
            return _AS_STATE[self.settled.verdict]
        verdicts = {vote.verdict for vote in self.votes.values()}
        if Verdict.EXCLUDE in verdicts and len(verdicts) > 1:
            return State.CONFLICT
        if len(self.votes) < max(reviewers, 1):
            return State.OPEN
        return State.INCLUDED if Verdict.INCLUDE in verdicts else _AS_STATE[verdicts.pop()]


_AS_STATE = {
    Verdict.INCLUDE: State.INCLUDED,
    Verdict.EXCLUDE: State.EXCLUDED,
    Verdict.MAYBE: State.MAYBE,
}


def standings(
    decisions: Iterable[Decision], stage: Stage = Stage.TITLE_ABSTRACT
) -> dict[str, Standing]:
    """Every record that anybody decided on at a stage, in the order in which it was read.

    Later rows of the file win; ``when`` is not used, since clocks of two computers differ. A
    record stands at its first row, but at its last where anybody keeps it: somebody who comes
    back to include it has found it then, and a find moved forward would make the run of
    records without one look longer than it was.

    Examples
    --------
    >>> told = [
    ...     Decision("r1", Stage.TITLE_ABSTRACT, Verdict.INCLUDE, "one", "2026-01-05T10:00:00Z"),
    ...     Decision("r1", Stage.TITLE_ABSTRACT, Verdict.EXCLUDE, "two", "2026-01-05T10:01:00Z"),
    ... ]
    >>> standings(told)["r1"].state(reviewers=2).value
    'conflict'
    """
    votes: dict[str, dict[str, Decision]] = {}
    settled: dict[str, Decision] = {}
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for place, decision in enumerate(decisions):
        if decision.stage is not stage:
            continue
        first.setdefault(decision.record, place)
        last[decision.record] = place
        own = votes.setdefault(decision.record, {})
        if decision.role in SETTLING:
            _keep(settled, decision.record, decision)
        else:
            _keep(own, decision.who, decision)
    found = {record: Standing(record, own, settled.get(record)) for record, own in votes.items()}
    places = {
        record: (last if _is_kept(standing) else first)[record]
        for record, standing in found.items()
    }
    return {record: found[record] for record in sorted(found, key=places.__getitem__)}


def _is_kept(standing: Standing) -> bool:
    votes = [standing.settled] if standing.settled else standing.votes.values()
    return any(vote.verdict is not Verdict.EXCLUDE for vote in votes)


def _keep(held: dict[str, Decision], key: str, decision: Decision) -> None:
    # Removed first, so that a vote given again takes its place in time.
    held.pop(key, None)
    if decision.verdict is not Verdict.UNDECIDED:
        held[key] = decision


def relevant(decisions: Iterable[Decision], stage: Stage = Stage.TITLE_ABSTRACT) -> dict[str, bool]:
    """What the model learns from: True for records that go on, False for excluded ones.

    In the order in which records were first decided. A conflict counts as relevant until it is
    settled: somebody thinks that it is.

    Examples
    --------
    >>> told = [
    ...     Decision("r1", Stage.TITLE_ABSTRACT, Verdict.MAYBE, "one", "2026-01-05T10:00:00Z"),
    ...     Decision("r2", Stage.TITLE_ABSTRACT, Verdict.EXCLUDE, "one", "2026-01-05T10:01:00Z"),
    ...     Decision("r2", Stage.TITLE_ABSTRACT, Verdict.UNDECIDED, "one", "2026-01-05T10:02:00Z"),
    ... ]
    >>> relevant(told)
    {'r1': True}
    """
    states = ((key, standing.state()) for key, standing in standings(decisions, stage).items())
    return {key: state is not State.EXCLUDED for key, state in states if state is not State.OPEN}
