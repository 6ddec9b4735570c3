"""What the screen shows, gathered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from osler.records.library import Entry
from osler.records.model import Decision, Stage, Verdict
from osler.records.screening.agreement import Agreement, agreement, votes_of
from osler.records.screening.auditing import Audit, audited
from osler.records.screening.calibrating import Round, judge_round
from osler.records.screening.highlighting import Piece
from osler.records.screening.learning import Learnt, Reasons
from osler.records.screening.progress import Conflict
from osler.web.screening import plans
from osler.web.screening.desk import Review
from osler.web.screening.drawing import Drawing, draw
from osler.web.screening.plans import Sampled
from osler.web.screening.queueing import Filters, has_words, unanswered, waiting
from osler.web.screening.ranker import Ranker
from osler.web.screening.seats import Seat
from osler.web.screening.services import may_see_votes

OPENING_SECONDS = 3.0
"""The first page waits so long for the first ranking; afterwards nothing waits."""


@dataclass(frozen=True)
class Shown:
    """A record on the screen.

    ``place`` says why it comes now where that is not the ranking.
    """

    entry: Entry
    title: tuple[Piece, ...]
    abstract: tuple[Piece, ...]
    own: Decision | None
    why: Reasons | None
    place: str
    link: str = ""
    status: str = ""


@dataclass(frozen=True)
class Screen:
    """All that stands on the screen."""

    review: Review
    stage: Stage
    shown: Shown | None
    left: int
    done: int
    last: Decision | None
    learnt: Learnt | None
    curve: Drawing
    skipped: int = 0


def screen(
    seat: Seat, stage: Stage, filters: Filters, *, key: str = "", skipped: Sequence[str] = ()
) -> Screen:
    """The record ``key``, or the next one for this reviewer."""
    review = seat.desk.review()
    ranker = seat.desk.ranker(review)
    if ranker.order.learnt is None:
        ranker.settle(OPENING_SECONDS)
    order = ranker.order
    keys = waiting(review, seat.who, stage, order.keys, filters)
    passed = set(skipped)
    later = [k for k in keys if k in passed]
    keys = [k for k in keys if k not in passed] + later
    at = key if key in review.ledger.library.by_key else (keys[0] if keys else "")
    own = [d for d in last_of(review, seat.who) if d.stage is stage]
    return Screen(
        review,
        stage,
        _shown(seat, review, ranker, stage, at) if at else None,
        len(keys),
        sum(seat.who in s.votes for s in review.standings[stage].values()),
        own[0] if own else None,
        order.learnt,
        draw(review.curve, len(review.keys)),
        len(later),
    )


def last_of(review: Review, who: str) -> list[Decision]:
    """One's own votes that stand, the newest first."""
    own = [
        vote
        for stage in Stage
        for standing in review.standings[stage].values()
        if (vote := standing.votes.get(who)) is not None
    ]
    at = {id(decision): n for n, decision in enumerate(review.ledger.of_entries)}
    return sorted(own, key=lambda d: -at[id(d)])


def _shown(seat: Seat, review: Review, ranker: Ranker, stage: Stage, key: str) -> Shown:
    entry = review.ledger.library.by_key[key]
    highlighter = review.highlighter(seat.who)
    report = review.ledger.full_texts.get(key)
    return Shown(
        entry,
        highlighter.pieces(entry.record.title),
        highlighter.pieces(entry.record.abstract),
        review.own(key, stage, seat.who),
        ranker.why(key) if stage is Stage.TITLE_ABSTRACT else None,
        _place(review, key, stage),
        report.link if report else "",
        report.status.value if report and report.status else "",
    )


def _place(review: Review, key: str, stage: Stage) -> str:
    if stage is Stage.FULL_TEXT:
        return ""
    if key in review.plan.calibration:
        return "calibration round: everybody screens this one"
    for kind in plans.KINDS:
        if key in unanswered(review, review.plan.sample(kind)):
            return f"random sample of the {kind}"
    return ""


def is_address(link: str) -> bool:
    """Whether a link leads out of the folder."""
    return link.startswith(("https://", "http://"))


@dataclass(frozen=True)
class Row:
    """A record in a list, with one's own word on it."""

    entry: Entry
    own: Decision | None


def searched(seat: Seat, stage: Stage, words: str, filters: Filters) -> list[Row]:
    """Records in which all words stand; what others voted is not shown."""
    review = seat.desk.review()
    return [
        Row(entry, review.own(entry.key, stage, seat.who))
        for entry in review.ledger.library.entries
        if has_words(entry.record, words) and filters.fits(entry.record)
    ]


@dataclass(frozen=True)
class Disagreement:
    """A conflict that this reviewer may see."""

    conflict: Conflict
    entry: Entry
    is_party: bool


def disagreements(seat: Seat, stage: Stage) -> tuple[list[Disagreement], int]:
    """Conflicts that one may see, and how many there are that one may not see yet."""
    review = seat.desk.review()
    every = review.conflicts[stage]
    open_to = [c for c in every if may_see_votes(review, c.record, stage, seat.who)]
    found = [
        Disagreement(
            c, review.ledger.library.by_key[c.record], any(v.who == seat.who for v in c.votes)
        )
        for c in open_to
    ]
    return found, len(every) - len(open_to)


@dataclass(frozen=True)
class Sample:
    """A random sample and what it says so far."""

    drawn: Sampled
    waiting: int
    told: Audit | None


def sampled(review: Review, kind: str) -> Sample | None:
    """The latest random sample of a kind; its bound once it is read whole."""
    drawn = review.plan.sample(kind)
    if drawn is None:
        return None
    still = unanswered(review, drawn)
    if still:
        return Sample(drawn, len(still), None)
    owner = review.ledger.library.owner
    answers = [review.labels.get(owner[k], False) for k in drawn.records if k in owner]
    return Sample(drawn, 0, audited(answers, max(drawn.pool, len(answers))))


def agreed(review: Review, stage: Stage) -> Agreement:
    """How far the reviewers agree, on records that two or more have voted on."""
    return agreement(votes_of(review.ledger.of_entries, stage).values())


def calibrated(review: Review) -> Round | None:
    """The calibration round, if there is one."""
    plan = review.plan
    if not plan.calibration:
        return None
    return judge_round(plan.calibration, plan.team, review.ledger.of_entries)


def votes_by(review: Review) -> Mapping[str, int]:
    """How many records each reviewer has a standing vote on."""
    counts: dict[str, int] = {}
    for standing in review.standings[Stage.TITLE_ABSTRACT].values():
        for who, vote in standing.votes.items():
            if vote.role == "reviewer" and vote.verdict is not Verdict.UNDECIDED:
                counts[who] = counts.get(who, 0) + 1
    return dict(sorted(counts.items()))


def shares_of(review: Review) -> Mapping[str, int]:
    """How many records are each reviewer's."""
    counts: dict[str, int] = dict.fromkeys(review.plan.team, 0)
    for reviewers in review.shares.values():
        for who in reviewers:
            if who in counts:
                counts[who] += 1
    return counts
