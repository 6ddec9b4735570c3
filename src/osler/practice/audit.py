"""From the episodes of a clinic to an audit that bounds what is missing."""

from collections.abc import Sequence

import numpy as np

from osler.practice.changes import changes
from osler.practice.instruments import SHIPPED, Instrument, shipped
from osler.practice.model import Audit, Ends, Sessions, Share
from osler.practice.runs import run_chart
from osler.practice.safety import unwanted_effects
from osler.practice.shares import share
from osler.practice.waiting import Incidence, cumulative_incidence
from osler.review.model import Episode, Score

NO_COMPARISON = (
    "nobody was left untreated or treated otherwise, so the audit cannot show that the treatment "
    "was the reason"
)
# Galton's regression to the mean; how to reckon with it: Barnett, van der Pols & Dobson (2005),
# Int J Epidemiol 34, 215-220, doi:10.1093/ije/dyh299.
REGRESSION = (
    "people come when it is at its worst, so a later figure is lower on average even where "
    "nothing helped (regression to the mean)"
)

# Of the words for an end in practice.csv, those with a known reason.
FINISHED = frozenset({"recovered", "no benefit", "unwanted effect", "referred", "other reason"})
# The ends that compete, as columns of an Incidence count them from 1.
STILL_COMING, RECOVERED, STOPPED = 0, 1, 2


def episodes_about(episodes: Sequence[Episode], about: str) -> tuple[Episode, ...]:
    """The episodes that a page asks about: "condition", or "condition / treatment".

    Examples
    --------
    >>> episodes_about((), "sciatica")
    ()
    """
    condition, _, treatment = (part.strip().lower() for part in about.partition("/"))
    return tuple(
        e
        for e in episodes
        if e.condition.lower() == condition and treatment in ("", e.treatment.lower())
    )


def names_of_episodes(episodes: Sequence[Episode]) -> tuple[str, ...]:
    """Everything that a page may ask of the audit, in the order of the table."""
    every = [(e.condition, e.treatment) for e in episodes]
    pairs = [f"{c} / {t}" for c, t in every if t]
    return tuple(dict.fromkeys([*(c for c, _ in every), *pairs]))


def audit(
    episodes: Sequence[Episode],
    about: str = "",
    *,
    scores: Sequence[Score] = (),
    instruments: Sequence[Instrument] | None = None,
) -> Audit:
    """What a clinic's own episodes tell.

    Parameters
    ----------
    episodes : sequence of Episode
        At least one; what is not known of them is missing, never "no".
    about : str
        What they are called.
    scores : sequence of Score
        Questionnaires of these episodes; those of others are passed over.
    instruments : sequence of Instrument, optional
        For the smallest change that matters; those that come with Osler where left out.

    Returns
    -------
    Audit
        The share that recovered with Wilson's interval and with bounds for the missing,
        sessions until recovery with stopping as a competing end, change in each measure,
        unwanted effects, and the share over time.

    Raises
    ------
    ValueError
        Where there is no episode.

    Notes
    -----
    The interval tells the chance in who happened to come, not the bias of who answered: that
    is what the bounds are for (Manski 1989, J Hum Resour 24, 343-360, doi:10.2307/145818).

    Examples
    --------
    >>> from osler.core.diagnostics import Place
    >>> known = [True] * 6 + [False] * 2 + [None] * 2
    >>> rows = [Episode(f"E{n}", "", "sciatica", "", 5, "", None, None, known[n], "", Place(""))
    ...         for n in range(10)]
    >>> share = audit(rows).share
    >>> share.proportion, share.worst, share.best, share.missing
    (0.75, 0.6, 0.8, 2)
    """
    if not episodes:
        raise ValueError("an audit needs at least one episode")
    known = [shipped(key) for key in SHIPPED] if instruments is None else instruments
    found = changes(episodes, scores, known)
    months = sorted(e.started for e in episodes if e.started)
    return Audit(
        about=about,
        share=share_of(episodes),
        continuing=sum(e.ended == "continues" for e in episodes),
        sessions=_sessions(episodes),
        changes=found,
        first_month=months[0] if months else "",
        last_month=months[-1] if months else "",
        cautions=(NO_COMPARISON, REGRESSION) if found else (NO_COMPARISON,),
        ends=ends_of(episodes),
        waiting=_waiting(episodes),
        unwanted=unwanted_effects(episodes),
        runs=run_chart(episodes),
    )


def share_of(episodes: Sequence[Episode]) -> Share:
    """The share that recovered, and what the missing could make of it."""
    known = [e.recovered for e in episodes if e.recovered is not None]
    return share(sum(known), len(known), len(episodes))


def ends_of(episodes: Sequence[Episode]) -> Ends:
    """How the episodes stand; see :class:`~osler.practice.model.Ends`."""
    continuing = sum(e.ended == "continues" for e in episodes)
    finished = sum(e.ended in FINISHED for e in episodes)
    return Ends(
        len(episodes),
        finished,
        len(episodes) - continuing - finished,
        continuing,
        sum(e.recovered is not None for e in episodes),
    )


def _waiting(episodes: Sequence[Episode]) -> Incidence | None:
    """Recovered, or stopped before that; who still comes is not at an end."""
    rows = [e for e in episodes if e.sessions is not None]
    if not rows:
        return None
    return cumulative_incidence([e.sessions or 0 for e in rows], [_end(e) for e in rows])


def _end(episode: Episode) -> int:
    if episode.recovered:
        return RECOVERED
    return STILL_COMING if episode.ended == "continues" else STOPPED


def recovered_within(episodes: Sequence[Episode], sessions: float) -> tuple[float, float]:
    """The least and the most that can have recovered by then, as shares of everybody.

    Examples
    --------
    >>> recovered_within((), 10)
    (0.0, 1.0)
    """
    if not episodes:
        return 0.0, 1.0
    sure = sum(
        e.recovered is True and e.sessions is not None and e.sessions <= sessions for e in episodes
    )
    open_ = sum(e.recovered is None or (e.recovered and e.sessions is None) for e in episodes)
    return sure / len(episodes), (sure + open_) / len(episodes)


def _sessions(episodes: Sequence[Episode]) -> Sessions | None:
    known = [(e.sessions, e.recovered is True) for e in episodes if e.sessions is not None]
    recovered = [n for n, event in known if event]
    if not recovered:
        return None
    lower, median, upper = np.quantile(recovered, (0.25, 0.5, 0.75))
    middle = median_time([float(n) for n, _ in known], [event for _, event in known])
    return Sessions(len(recovered), float(lower), float(median), float(upper), middle)


def median_time(times: Sequence[float], events: Sequence[bool]) -> float | None:
    """The Kaplan-Meier median: the first time at which no more than half are still waiting.

    Parameters
    ----------
    times : sequence of float
        When each was last seen.
    events : sequence of bool
        Whether that was the event.

    Returns
    -------
    float or None
        None where more than half are still waiting at the end.

    References
    ----------
    .. [1] Kaplan & Meier (1958). J Am Stat Assoc 53, 457-481. doi:10.2307/2281868

    Examples
    --------
    >>> median_time([1, 2, 3, 4], [True, True, False, True])
    2.0
    >>> median_time([1, 2, 3], [True, False, False]) is None
    True
    """
    waiting = 1.0
    for time in sorted({t for t, event in zip(times, events, strict=True) if event}):
        at_risk = sum(t >= time for t in times)
        now = sum(t == time and event for t, event in zip(times, events, strict=True))
        waiting *= 1 - now / at_risk
        if waiting <= 0.5 + 1e-12:
            return float(time)
    return None
