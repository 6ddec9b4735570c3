"""All layers over one comment that its writer has confirmed."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from osler.core.diagnostics import DataError
from osler.web.comments.layers.akismet import judge_by_akismet
from osler.web.comments.layers.finding import Finding
from osler.web.comments.layers.learnt import judge_by_model
from osler.web.comments.layers.links import judge_links
from osler.web.comments.layers.names import judge_name
from osler.web.comments.layers.testimonials import judge_testimonial
from osler.web.comments.layers.words import judge_words
from osler.web.comments.limits import Limits
from osler.web.comments.models import LearntModel
from osler.web.comments.spam.model import SpamModel, parse_model, starting_model

SENDING = ("form", "rate")
"""Layers that only the moment of sending could tell; they are kept when a comment is edited."""


def judge(
    name: str,
    text: str,
    sent: Sequence[Finding],
    limits: Limits,
    model: SpamModel,
    *,
    clinic: str = "",
) -> list[Finding]:
    """What every layer says, those of the sending first.

    ``sent`` is what was found when the comment arrived, ``clinic`` the clinic's name. May ask
    Akismet over the network: call it outside transactions.

    Examples
    --------
    >>> found = judge("A. Reader", "Is a week of pain usual?", (), Limits(), starting_model())
    >>> [f.layer for f in found if f.verdict == "clean"]
    ['name', 'words', 'links', 'classifier', 'testimonial']
    """
    return [
        *(finding for finding in sent if finding.layer in SENDING),
        judge_name(name, clinic),
        judge_words(f"{name}\n{text}", limits.held_words),
        judge_links(text, name, limits),
        judge_by_model(text, model),
        judge_testimonial(text),
        judge_by_akismet(text, limits),
    ]


def model_of(clinic: int) -> SpamModel:
    """The newest that a clinic's decisions made; the starting model where there is none."""
    rows = LearntModel.objects.filter(clinic_id=clinic).order_by("-at", "-pk")
    newest = rows.only("pk", "at").first()
    return starting_model() if newest is None else _learnt(newest.pk, newest.at)


@lru_cache(maxsize=4)
def _learnt(pk: int, at: datetime) -> SpamModel:
    try:
        return parse_model(LearntModel.objects.get(pk=pk).model)
    except DataError:  # WEB030, told by `osler site learn`
        return starting_model()
