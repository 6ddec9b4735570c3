"""A calibration round: everybody screens the same few records before the work is shared out."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from osler.records.model import Decision, Stage
from osler.records.screening.agreement import Agreement, agreement, pairwise, votes_of
from osler.records.screening.auditing import sample

# "Almost perfect" in Landis and Koch (1977), Biometrics 33, 159-174, doi:10.2307/2529310.
# Theirs is a label for kappa, not a law; a review may set its own.
ENOUGH = 0.8


@dataclass(frozen=True, slots=True)
class Round:
    """What a calibration round showed.

    Attributes
    ----------
    records : tuple of str
        The sample.
    waiting : mapping of str to int
        How many records each reviewer has still to do.
    agreement : Agreement
        Among all; ``pairs`` the same for two at a time.
    differ : tuple of str
        Records that were voted differently: what to talk about before going on.
    enough : float
        The AC1 from which the round counts as passed.
    """

    records: tuple[str, ...]
    waiting: Mapping[str, int]
    agreement: Agreement
    pairs: Mapping[tuple[str, str], Agreement]
    differ: tuple[str, ...]
    enough: float

    @property
    def finished(self) -> bool:
        return not any(self.waiting.values())

    @property
    def passed(self) -> bool:
        """Whether everybody is done and agrees well enough."""
        value = self.agreement.ac1.estimate
        return self.finished and value is not None and value >= self.enough


def begin_round(records: Collection[str], size: int, *, seed: int) -> tuple[str, ...]:
    """Records for a round, drawn by chance.

    Examples
    --------
    >>> len(begin_round([f"r{i}" for i in range(100)], 20, seed=5))
    20
    """
    return sample(records, size, seed=seed)


def judge_round(
    records: Iterable[str],
    reviewers: Iterable[str],
    decisions: Iterable[Decision],
    *,
    stage: Stage = Stage.TITLE_ABSTRACT,
    enough: float = ENOUGH,
) -> Round:
    """What the votes of ``reviewers`` on ``records`` show.

    Examples
    --------
    >>> from osler.records.model import Verdict
    >>> told = [Decision("a", Stage.TITLE_ABSTRACT, Verdict.INCLUDE, who, "2026-01-05")
    ...         for who in ("one", "two")]
    >>> judged = judge_round(["a", "b"], ["one", "two"], told)
    >>> dict(judged.waiting), judged.finished
    ({'one': 1, 'two': 1}, False)
    """
    keys, names = tuple(dict.fromkeys(records)), tuple(dict.fromkeys(reviewers))
    votes = votes_of(decisions, stage)
    rows = {
        key: {who: vote for who, vote in votes.get(key, {}).items() if who in names} for key in keys
    }
    return Round(
        keys,
        {who: sum(who not in row for row in rows.values()) for who in names},
        agreement(rows.values()),
        pairwise(rows.values()),
        tuple(key for key, row in rows.items() if len(set(row.values())) > 1),
        enough,
    )
