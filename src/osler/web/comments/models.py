"""Comments, what moderators decided about them, and how many came from one visitor."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from osler.web.accounts.models import Clinic
from osler.web.pages.models import Page


class State(models.TextChoices):
    """Where a comment stands; :mod:`osler.web.comments.services` moves it."""

    UNCONFIRMED = "unconfirmed", "waiting for its writer's confirmation"
    HELD = "held", "waiting for a moderator"
    SHOWN = "shown", "on the page"
    REFUSED = "refused", "not shown"
    SPAM = "spam", "spam"
    WITHDRAWN = "withdrawn", "withdrawn by its writer"


class Comment(models.Model):
    """One comment. ``findings`` is what each layer said of it, as a list of dictionaries.

    A comment whose writer withdrew it, or had it erased, keeps its place in the thread
    without name, address and text. ``by_clinic`` marks what the clinic itself answers.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="comments")
    page = models.ForeignKey(Page, on_delete=models.RESTRICT, related_name="comments")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replies"
    )
    name = models.CharField(max_length=80, blank=True)
    email = models.EmailField(blank=True, db_index=True)
    text = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.UNCONFIRMED)
    findings = models.JSONField(default=list)
    written_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()
    by_clinic = models.BooleanField(default=False)
    # The address of the comment in the site it was imported from; empty for all others.
    imported_from = models.CharField(max_length=200, blank=True)
    # From when on the mail to confirm it may be sent, with links to which site; None and "" once
    # it has gone. :mod:`osler.web.comments.posting` sends it.
    mail_due = models.DateTimeField(null=True, blank=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_site = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["mail_due"],
                condition=models.Q(mail_due__isnull=False),
                name="comments_to_be_mailed",
            ),
            models.Index(fields=["clinic", "state", "written_at"]),
            models.Index(fields=["page", "state"]),
        ]

    def __str__(self) -> str:
        return f"comment {self.pk}"

    @property
    def version(self) -> str:
        """Which words a moderator has read: another one after every change."""
        return f"{self.pk}-{self.changed_at:%Y%m%d%H%M%S%f}"


class Decision(models.Model):
    """One change of a comment's state by a moderator; those of one click share ``batch``."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="decisions")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    batch = models.UUIDField(db_index=True)
    before = models.CharField(max_length=12, choices=State.choices)
    after = models.CharField(max_length=12, choices=State.choices)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"comment {self.comment_id}: {self.before} to {self.after}"


class VisitorCount(models.Model):
    """How many comments came from one visitor in one hour, or changes of one comment.

    ``visitor`` is the day's hash of :func:`osler.web.visitors.daily_hash`, or "edits of 12". Rows
    go when their day is over.
    """

    visitor = models.CharField(max_length=32)
    hour = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["visitor", "hour"], name="one_count_an_hour")
        ]

    def __str__(self) -> str:
        return f"{self.count} in the hour from {self.hour}"


class LearntModel(models.Model):
    """What the classifier learnt from a clinic's moderators; the newest is in use."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    model = models.TextField()

    def __str__(self) -> str:
        return f"learnt {self.at:%Y-%m-%d %H:%M}"
