"""A clinic's own model, made from its moderators' decisions."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from osler.web.accounts.models import Clinic
from osler.web.accounts.trail import write_trail
from osler.web.comments.judging import model_of
from osler.web.comments.models import LearntModel, State
from osler.web.comments.selectors import decided
from osler.web.comments.spam.model import SpamModel, starting_model, write_model
from osler.web.comments.spam.training import (
    Figures,
    Labelled,
    figures_of,
    learn,
    share_of,
    without_repeats,
)

_UNSEEN = 0.7
"""Texts whose share is above this are kept for testing."""


@dataclass(frozen=True)
class Learnt:
    """How the model in use and the new one do on decisions that neither was trained on."""

    before: Figures
    after: Figures
    is_kept: bool

    def __str__(self) -> str:
        kept = "in use from now on" if self.is_kept else "not kept"
        return f"now {self.before}; anew {self.after}; {kept}"


def learn_from_decisions(clinic: Clinic, *, now: datetime, keep: bool) -> Learnt:
    """Learn from two thirds of the decisions, test on the others, then learn from all.

    The new model is kept where it makes no more mistakes on the tested third than the one in
    use. Always begins from the model that comes with Osler, so the order of decisions and
    earlier runs make no difference.

    Raises
    ------
    DataError
        WEB031 where there are too few decisions.
    """
    rows = without_repeats([Labelled(c.text, c.state == State.SPAM) for c in decided(clinic)])
    seen = [row for row in rows if share_of(row.text) < _UNSEEN]
    unseen = [row for row in rows if share_of(row.text) >= _UNSEEN]
    tried = learn(starting_model(), seen, {})
    before, after = figures_of(model_of(clinic.pk), unseen), figures_of(tried, unseen)
    is_kept = keep and _mistakes(after) <= _mistakes(before)
    if is_kept:
        about = {"made_from": f"{len(rows)} decisions", "held_out": str(after)}
        _keep(clinic, learn(starting_model(), rows, about), now)
    return Learnt(before, after, is_kept)


def _mistakes(figures: Figures) -> int:
    """A comment held in error weighs as much as five let through to the moderator."""
    return 5 * figures.false_holds + figures.spam - figures.caught


def _keep(clinic: Clinic, model: SpamModel, now: datetime) -> None:
    with transaction.atomic():
        LearntModel.objects.filter(clinic=clinic).delete()
        LearntModel.objects.create(clinic=clinic, at=now, model=write_model(model))
        write_trail(
            clinic=clinic, user=None, action="spam_model.learnt", about="spam model", now=now
        )
