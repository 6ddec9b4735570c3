"""Screening done again by the model on a set whose answers are known.

records, answers, two start records --replay--> order --work_saved, recall_at, n95--> figures
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from osler.records.screening.prioritising import Prioritiser


def replay(
    prioritiser: Prioritiser,
    answers: Mapping[str, bool],
    start: Sequence[str],
    *,
    until: int | None = None,
    at_least: int = 0,
) -> list[str]:
    """Keys in the order in which a reviewer would have seen them, the start records first.

    Parameters
    ----------
    until : int or None
        Stop when so many relevant records are found; None goes on to the last record.
    at_least : int
        Records to read even when ``until`` is reached sooner.
    """
    labels = {key: answers[key] for key in start}
    found = sum(labels.values())
    while len(labels) < len(answers) and (until is None or found < until or len(labels) < at_least):
        learnt = prioritiser.learn(labels)
        for key in prioritiser.ranking()[: max(learnt.next_at - len(labels), 1)]:
            labels[key] = answers[key]
            found += answers[key]
    return list(labels)


def random_start(answers: Mapping[str, bool], rng: np.random.Generator) -> tuple[str, str]:
    """One relevant and one irrelevant record by chance."""
    keys = np.array(list(answers))
    relevant = np.array(list(answers.values()), bool)
    return str(rng.choice(keys[relevant])), str(rng.choice(keys[~relevant]))


def n95(found: Sequence[bool], relevant: int) -> int:
    """Position of the record that brings recall to 95 %, from 1; all where none does.

    Examples
    --------
    >>> n95([True, False, True, False], 2)
    3
    """
    reached = np.flatnonzero(np.cumsum(found) >= math.ceil(relevant * 19 / 20))
    return int(reached[0]) + 1 if reached.size else len(found)


def work_saved(found: Sequence[bool], relevant: int, total: int) -> float:
    """WSS@95: how much less was read than chance would need for the same recall.

    References
    ----------
    .. [1] Cohen and others (2006). J Am Med Inform Assoc 13, 206-219. doi:10.1197/jamia.M1929

    Examples
    --------
    >>> round(work_saved([True, False, True], 2, 10), 2)
    0.65
    """
    return (total - n95(found, relevant)) / total - 0.05


def recall_at(found: Sequence[bool], relevant: int, read: int) -> float:
    """Share of the relevant records among the first ``read``.

    Examples
    --------
    >>> recall_at([True, False, True], 2, 1)
    0.5
    """
    return sum(found[:read]) / relevant
