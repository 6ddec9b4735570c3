"""Reading episodes: lists for staff, and tables of those who agreed to be counted."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from osler.core.diagnostics import Place
from osler.practice.instruments import Instrument
from osler.review.model import Episode as TableRow
from osler.review.model import Score
from osler.web.accounts.models import Clinic
from osler.web.practice.models import Consent, Ended, Episode, Invitation, Purpose
from osler.web.practice.questionnaires import offered

COUNTED = (Purpose.CARE, Purpose.AUDIT)
PUBLISHED = (*COUNTED, Purpose.PUBLICATION)
_PLACE = Place("practice.csv")


def episodes_of(clinic: Clinic, *, only_open: bool = False) -> QuerySet[Episode]:
    """A clinic's episodes, the newest first, with how many questionnaires are out and back."""
    rows = Episode.objects.filter(clinic=clinic)
    rows = rows.filter(ended=Ended.CONTINUES) if only_open else rows
    asked = Q(invitations__revoked_at=None) & ~Q(invitations__instruments=[])
    return rows.annotate(
        asked=Count("invitations", filter=asked),
        answered=Count("invitations", filter=asked & Q(invitations__answered_at__isnull=False)),
    ).order_by("-number")


def words_used(clinic: Clinic, field: str) -> Sequence[str]:
    """Conditions or treatments that were written before, so that one thing has one name."""
    rows = Episode.objects.filter(clinic=clinic).exclude(**{field: ""})
    return sorted(set(rows.values_list(field, flat=True)))


def consents_in_force(episode: Episode) -> dict[str, Consent]:
    """By purpose."""
    return {c.purpose: c for c in episode.consents.filter(revoked_at=None)}


def agreed_to(clinic: Clinic, purposes: Collection[str]) -> QuerySet[Episode]:
    """Episodes of which consent to every one of ``purposes`` is in force."""
    rows = Episode.objects.filter(clinic=clinic)
    for purpose in purposes:
        consent = Consent.objects.filter(episode=OuterRef("pk"), purpose=purpose, revoked_at=None)
        rows = rows.filter(Exists(consent))
    return rows.order_by("number")


@dataclass(frozen=True)
class Tables:
    """The rows of practice.csv and practice_scores.csv, and how many episodes there are in all."""

    episodes: tuple[TableRow, ...]
    scores: tuple[Score, ...]
    everybody: int


def tables_of(clinic: Clinic, purposes: Collection[str]) -> Tables:
    """Both tables, of those alone who agreed to ``purposes``."""
    rows = list(agreed_to(clinic, purposes))
    known = offered().instruments
    scores: dict[int, dict[tuple[str, int], Score]] = {row.pk: {} for row in rows}
    invitations = Invitation.objects.filter(episode__in=rows, revoked_at=None)
    for invitation in invitations.select_related("episode").prefetch_related("answers"):
        own = scores[invitation.episode_id]
        for measure, score in _scores(invitation, known):
            key = (measure, invitation.session)
            # Asked twice after the same session: the last answer counts.
            if key not in own or score is not None:
                own[key] = Score(
                    invitation.episode.code, measure, invitation.session, score, _PLACE
                )
    listed = [s for row in rows for _, s in sorted(scores[row.pk].items())]
    everybody = Episode.objects.filter(clinic=clinic).count()
    made = tuple(_row(row, list(scores[row.pk].values()), known) for row in rows)
    return Tables(made, tuple(listed), everybody)


def _scores(
    invitation: Invitation, known: Mapping[str, Instrument]
) -> Sequence[tuple[str, float | None]]:
    """Measure and score of each questionnaire asked for; None where it did not come back."""
    back = {a.instrument: (a.measure, a.score) for a in invitation.answers.all()}
    return [
        back.get(key) or (known[key].measure, None)
        for key in invitation.instruments
        if key in back or key in known
    ]


def _row(episode: Episode, scores: Sequence[Score], known: Mapping[str, Instrument]) -> TableRow:
    measure, baseline, last = _first_measure(scores, known)
    return TableRow(
        id=episode.code,
        started=episode.started,
        condition=episode.condition,
        treatment=episode.treatment,
        sessions=episode.sessions,
        measure=measure,
        baseline=baseline,
        last=last,
        recovered={"yes": True, "no": False}.get(episode.recovered),
        ended=episode.ended,
        place=_PLACE,
        unwanted="" if episode.unwanted == "unknown" else episode.unwanted,
    )


def _first_measure(
    scores: Sequence[Score], known: Mapping[str, Instrument]
) -> tuple[str, float | None, float | None]:
    """The measure asked for first, before and last; one that asks for a change has no before."""
    of_change = {i.measure for i in known.values() if i.improved_at is not None}
    asked = [s for s in scores if s.measure not in of_change]
    if not asked:
        return "", None, None
    measure = asked[0].measure
    values = sorted(
        (s.session, s.score) for s in asked if s.measure == measure and s.score is not None
    )
    before = [value for session, value in values if session == 0]
    after = [value for session, value in values if session > 0]
    return measure, before[0] if before else None, after[-1] if after else None
