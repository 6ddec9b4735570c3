"""What a reviewer does. Each asks the policy, writes, and only then comes back.

A vote is a row of a table that only grows and names who and when: it is its own trail. What
changes how a review is screened goes into the audit trail too.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from osler.core.diagnostics import DataError
from osler.records import decisions, reports
from osler.records.adding import judged_files
from osler.records.duplicates.model import Judgement, Opinion
from osler.records.model import Decision, Stage, Verdict
from osler.records.reports import Report, Retrieval
from osler.records.screening.auditing import sample, sample_size
from osler.records.screening.calibrating import begin_round
from osler.records.screening.certificates import Certificate, certify, with_audit
from osler.records.screening.sharing import Team, hand_over, share_out
from osler.records.screening.standing import State
from osler.web.accounts.trail import write_trail
from osler.web.screening import plans, shares
from osler.web.screening.desk import Review
from osler.web.screening.plans import EXCLUDED, UNREAD, Plan, Sampled, Words
from osler.web.screening.queueing import unanswered
from osler.web.screening.seats import Seat
from osler.web.screening.stores import CERTIFICATE

LONGEST_NOTE = 4000
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What no text file should hold."""


class Refused(Exception):
    """What was asked cannot be done; the message is for the reviewer."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a reviewer says of a record."""

    verdict: Verdict
    reason: str = ""
    note: str = ""
    labels: tuple[str, ...] = ()


def decide(seat: Seat, key: str, stage: Stage, said: Said, *, now: datetime) -> bool:
    """Keeps a vote; False where it was said already (a double click)."""
    seat.check()
    review = seat.desk.review()
    _check_known(review, key)
    said = _cleaned(review, stage, said)
    before = review.own(key, stage, seat.who)
    is_again = key in unanswered(review, review.plan.sample(EXCLUDED))
    if before is not None and not is_again and _same(before, said):
        return False
    _append(seat, [_decision(seat, key, stage, said, now, "reviewer")])
    return True


def undo(seat: Seat, stage: Stage, *, now: datetime) -> str:
    """Takes back one's last vote that still stands; its key, or "" where there is none."""
    seat.check()
    review = seat.desk.review()
    mine = (d for d in review.ledger.of_entries[::-1] if d.who == seat.who and d.stage is stage)
    for last in mine:
        if last.role == "reviewer" and review.own(last.record, stage, seat.who) == last:
            said = Said(Verdict.UNDECIDED)
            _append(seat, [_decision(seat, last.record, stage, said, now, "reviewer")])
            return last.record
    return ""


def settle(seat: Seat, key: str, stage: Stage, said: Said, *, now: datetime) -> None:
    """Ends a conflict: by talk, where one is a party, else as a third reviewer.

    Nobody may do so who has the record still to screen: they would see the others' votes.
    """
    seat.check()
    review = seat.desk.review()
    _check_known(review, key)
    if not may_see_votes(review, key, stage, seat.who):
        raise Refused("Screen this record first: then the others' votes are shown.")
    if said.verdict not in (Verdict.INCLUDE, Verdict.EXCLUDE, Verdict.UNDECIDED):
        raise Refused("Say whether the record goes on.")
    said = _cleaned(review, stage, said)
    standing = review.standings[stage][key]
    role = "consensus" if seat.who in standing.votes else "third reviewer"
    if said.verdict is Verdict.UNDECIDED and standing.settled is not None:
        role = standing.settled.role
    with _told(seat, "screening.settled", f"record {key}", now, verdict=said.verdict.value):
        _append(seat, [_decision(seat, key, stage, said, now, role)])


def may_see_votes(review: Review, key: str, stage: Stage, who: str) -> bool:
    """Whether seeing the others' votes can no longer sway this reviewer's own."""
    standing = review.standings[stage].get(key)
    if standing is None or (standing.state() is not State.CONFLICT and not standing.settled):
        return False
    if who in standing.votes or standing.settled:
        return True
    votes = len(standing.votes)
    return votes >= review.needed and who not in review.shares.get(key, ())


def report(seat: Seat, key: str, status: str, link: str, note: str, *, now: datetime) -> None:
    """Whether the full text was got, and where it lies."""
    seat.check()
    review = seat.desk.review()
    _check_known(review, key)
    if status and status not in set(Retrieval):
        raise Refused("Say sought, retrieved or not retrieved.")
    link = _line(link)
    if link and not _is_link(link):
        raise Refused("A link begins with https:// or is a path below records/, like pdf/a.pdf.")
    row = Report(
        key, Retrieval(status) if status else None, link, "", seat.who, when(now), _text(note)
    )
    cells = (row.record, status, row.link, row.study, row.who, row.when, row.note)
    seat.store.append(reports.FILE, reports.COLUMNS, [cells])


def judge(seat: Seat, judgement: Judgement, *, now: datetime) -> None:
    """Two records are one, apart, or linked; the library follows at once."""
    seat.check()
    told = replace(judgement, who=seat.who, when=when(now), note=_text(judgement.note))
    if told.opinion is Opinion.LINKED and told.kind is None:
        raise Refused("Say how the two belong together.")
    owner = seat.desk.review().ledger.library.owner
    if told.first not in owner or told.second not in owner or told.first == told.second:
        raise Refused("The library has no such pair.")
    with _told(seat, "screening.judged", "a pair of records", now, opinion=told.opinion.value):
        seat.store.change(lambda files: judged_files(files, [told])[0])


def words_set(seat: Seat, words: Words) -> None:
    """One's own words to point out."""
    seat.check()
    kept = {**seat.desk.review().plan.words, seat.who: words}
    _change_plan(seat, lambda plan: replace(plan, words={**plan.words, **kept}))


def team_set(seat: Seat, weights: Mapping[str, float], *, now: datetime) -> None:
    """Who screens, and what part of it; the records are shared out among them.

    Shares that there are stay as they are. Records that have too few reviewers, because
    somebody left, get further ones.
    """
    seat.check()
    review = seat.desk.review()
    stage = Stage.TITLE_ABSTRACT
    keys = [key for key in review.keys if review.state(key, stage) is State.OPEN]
    enough = {key: who for key, who in review.shares.items() if len(who) >= review.needed}
    team = Team(dict(weights), review.needed)
    told = share_out(keys, team, seed=review.plan.seed, before=enough)
    told |= {
        key: tuple(dict.fromkeys((*review.shares.get(key, ()), *who)))[: review.needed]
        for key, who in told.items()
        if key not in enough
    }
    left = tuple(who for who in review.plan.left if who not in weights)
    with _told(seat, "screening.shared", "the records to screen", now, team=sorted(weights)):
        _share(seat, review.shares, told)
        _change_plan(seat, lambda plan: replace(plan, team=dict(weights), left=left))


def reviewer_left(seat: Seat, who: str, *, now: datetime) -> None:
    """What somebody had still to screen goes to the others; what they decided counts."""
    seat.check()
    review = seat.desk.review()
    if who not in review.plan.team:
        raise Refused("There is no such reviewer in the team.")
    rest = {name: weight for name, weight in review.plan.team.items() if name != who}
    if not rest:
        raise Refused("The last reviewer cannot leave.")
    told = review.ledger.of_entries
    team = Team(rest, min(review.needed, len(rest)))
    after = hand_over(review.shares, told, who, team)
    left = tuple(dict.fromkeys((*review.plan.left, who)))
    with _told(seat, "screening.left", "a reviewer of the team", now):
        _share(seat, review.shares, after)
        _change_plan(seat, lambda plan: replace(plan, team=rest, left=left))


def calibration_begin(seat: Seat, size: int, *, now: datetime) -> None:
    """Everybody of the team screens the same few records first; 0 ends the round."""
    seat.check()
    review = seat.desk.review()
    if size and not review.plan.team:
        raise Refused("Name the team first.")
    unread = [k for k in review.keys if k not in review.standings[Stage.TITLE_ABSTRACT]]
    keys = begin_round(unread, size, seed=review.plan.seed + len(review.ledger.decisions))
    with _told(seat, "screening.calibration", "a round of calibration", now, records=len(keys)):
        _change_plan(seat, lambda plan: replace(plan, calibration=keys if size else ()))


def sample_draw(seat: Seat, kind: str, size: int, *, now: datetime) -> int:
    """Draws a random sample of the unread or of the excluded; gives its size.

    With ``size`` 0 it is as large as it has to be to show 95 % recall where it holds no find.
    """
    seat.check()
    review = seat.desk.review()
    pool = pool_of(review, kind)
    if not pool:
        raise Refused("There is no record to draw from.")
    size = min(size or sample_size(len(pool), sum(review.found)), len(pool)) or 1
    rows = len(review.ledger.of_entries)
    seed = review.plan.seed + rows
    drawn = Sampled(kind, seed, rows, len(pool), sample(pool, size, seed=seed))
    others = tuple(s for s in review.plan.samples if s.kind != kind)
    with _told(seat, "screening.sampled", f"a random sample of the {kind}", now, records=size):
        _change_plan(seat, lambda plan: replace(plan, samples=(*others, drawn)))
    return size


def pool_of(review: Review, kind: str) -> list[str]:
    """Records from which a sample is drawn."""
    if kind == UNREAD:
        return [key for key in review.keys if key not in review.labels]
    stage = Stage.TITLE_ABSTRACT
    return [key for key in review.keys if review.state(key, stage) is State.EXCLUDED]


def certificate(review: Review, *, today: str) -> Certificate:
    """What may be said of the records that nobody has read.

    Where a sample of the unread was drawn and is read, the rule speaks of the moment at which
    it was drawn, and the sample beside it.
    """
    told = review.ledger.of_entries
    drawn = review.plan.sample(UNREAD)
    if drawn is None or unanswered(review, drawn):
        return certify(told, review.keys, today=today)
    made = certify(told[: drawn.rows], review.keys, today=today)
    owner = review.ledger.library.owner
    sampled = [owner[key] for key in drawn.records if key in owner]
    return with_audit(made, sampled, told, pool=drawn.pool, seed=drawn.seed)


def certificate_write(seat: Seat, *, now: datetime) -> Certificate:
    """Writes the certificate into the review folder."""
    seat.check()
    made = certificate(seat.desk.review(), today=when(now)[:10])
    with _told(seat, "screening.certified", "the recall of screening", now, reached=made.reached):
        seat.store.change(lambda files: {CERTIFICATE: made.as_toml().encode()})
    return made


def when(now: datetime) -> str:
    """As decisions.csv has it."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _decision(seat: Seat, key: str, stage: Stage, said: Said, now: datetime, role: str) -> Decision:
    return Decision(
        key,
        stage,
        said.verdict,
        seat.who,
        when(now),
        said.reason,
        said.note,
        said.labels,
        role,
    )


def _append(seat: Seat, made: Sequence[Decision]) -> None:
    rows = [_cells(decision) for decision in made]
    seat.store.append(decisions.FILE, decisions.COLUMNS, rows)


def _cells(d: Decision) -> tuple[str, ...]:
    labels = decisions.join_labels(d.labels)
    start = (d.record, d.stage.value, d.verdict.value, d.reason)
    return (*start, d.who, d.when, d.note, labels, d.role)


def _same(before: Decision, said: Said) -> bool:
    return (before.verdict, before.reason, before.note, before.labels) == (
        said.verdict,
        said.reason,
        said.note,
        said.labels,
    )


def _cleaned(review: Review, stage: Stage, said: Said) -> Said:
    reason = _line(said.reason) if said.verdict is Verdict.EXCLUDE else ""
    known = review.ledger.criteria.reasons
    if stage is Stage.FULL_TEXT and said.verdict is Verdict.EXCLUDE and not reason:
        raise Refused("Give a reason: the flow diagram counts exclusions at full text by reason.")
    if reason and known and reason not in known and stage is Stage.FULL_TEXT:
        raise Refused("This reason is not among those of criteria.toml.")
    labels = tuple(dict.fromkeys(label for one in said.labels if (label := _line(one))))
    return Said(said.verdict, reason, _text(said.note), labels)


def _text(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub("", text).strip()[:LONGEST_NOTE]


def _line(text: str) -> str:
    return " ".join(_text(text).split())[:300]


def _is_link(link: str) -> bool:
    if re.match(r"https?://[^\s/]", link):
        return True
    parts = link.split("/")
    return ":" not in link and "\\" not in link and not {"..", "", "."} & set(parts)


def _check_known(review: Review, key: str) -> None:
    if key not in review.ledger.library.by_key:
        raise Refused("The library has no such record any more.")


def _change_plan(seat: Seat, make: Callable[[Plan], Plan]) -> None:
    def changed(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
        plan, found = plans.parse_plan(files.get(plans.FILE, b"").decode("utf-8", "replace"))
        if found:
            raise DataError(*found)
        return {plans.FILE: plans.render_plan(make(plan)).encode()}

    seat.store.change(changed)


def _share(seat: Seat, before: shares.Shares, after: shares.Shares) -> None:
    rows = shares.rows_of(before, after)
    if rows:
        seat.store.append(shares.FILE, shares.COLUMNS, rows)


@contextmanager
def _told(seat: Seat, action: str, about: str, now: datetime, **details: object) -> Iterator[None]:
    """The change and its entry in the trail, both or neither; alone there is no trail."""
    if seat.clinic is None:
        yield
        return
    with seat.together():
        yield
        write_trail(
            clinic=seat.clinic,
            user=seat.user,
            action=action,
            about=about[:200],
            now=now,
            details=details,
        )
