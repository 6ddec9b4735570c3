"""Episodes of care without names, consent, and questionnaires with their answers.

Nothing here tells who anybody is, but for one table, :class:`Contact`, which is kept apart and
empties itself. The list of who is E017 stays with the patient records, outside this system.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models

from osler.web.accounts.models import Clinic


class Numbering(models.Model):
    """The last number that a clinic gave. A number is never given again, even if it was erased."""

    clinic = models.OneToOneField(Clinic, on_delete=models.CASCADE, related_name="+")
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.clinic}: {self.last}"


class Ended(models.TextChoices):
    """As the column ``ended`` of practice.csv has it."""

    CONTINUES = "continues", "still comes"
    RECOVERED = "recovered", "planned: recovered"
    NO_BENEFIT = "no benefit", "planned: no benefit"
    UNWANTED_EFFECT = "unwanted effect", "planned: an unwanted effect"
    REFERRED = "referred", "planned: referred to somebody else"
    OTHER = "other reason", "planned: another reason"
    DID_NOT_RETURN = "did not return", "unplanned: did not return"
    UNKNOWN = "unknown", "unplanned: nobody knows"


class Recovered(models.TextChoices):
    YES = "yes", "yes"
    NO = "no", "no"
    UNKNOWN = "unknown", "not known"


class Unwanted(models.TextChoices):
    UNKNOWN = "unknown", "nobody asked"
    NONE = "none", "none"
    MINOR = "minor", "minor: passed by itself"
    SERIOUS = "serious", "serious: needed care, or lasted"


class Episode(models.Model):
    """One course of treatment. ``started`` is a month; ``started_on`` is for reminders only."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="episodes")
    number = models.PositiveIntegerField()
    condition = models.CharField(max_length=60)
    treatment = models.CharField(max_length=60, blank=True)
    started = models.CharField(max_length=7)
    started_on = models.DateField(null=True, blank=True)
    follow_ups = models.PositiveSmallIntegerField(default=0)
    sessions = models.PositiveSmallIntegerField(default=0)
    ended = models.CharField(max_length=20, choices=Ended.choices, default=Ended.CONTINUES)
    ended_at = models.DateTimeField(null=True, blank=True)
    recovered = models.CharField(
        max_length=10, choices=Recovered.choices, default=Recovered.UNKNOWN
    )
    unwanted = models.CharField(max_length=10, choices=Unwanted.choices, default=Unwanted.UNKNOWN)
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "number"], name="one_number_once")
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """What stands in the list of who is who, such as E017."""
        return f"E{self.number:03}"


class Purpose(models.TextChoices):
    """What somebody agrees to; each on its own."""

    CARE = "care", "Records of your care"
    AUDIT = "audit", "Counting results within the practice"
    PUBLICATION = "publication", "Publishing results of all together"
    REMINDERS = "reminders", "Reminders by e-mail"


class Consent(models.Model):
    """One agreement, in the words that were agreed to; kept after it was taken back.

    ``by_patient``: given by the person, on the page of a link, and not written down by staff.
    """

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    version = models.CharField(max_length=20)
    wording = models.TextField()
    given_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    by_patient = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["given_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["episode", "purpose"],
                condition=models.Q(revoked_at__isnull=True),
                name="one_consent_in_force",
            )
        ]

    def __str__(self) -> str:
        return f"{self.episode}: {self.purpose} ({self.version})"


class Contact(models.Model):
    """The one thing by which somebody can be reached; deleted some time after the episode's end."""

    episode = models.OneToOneField(Episode, on_delete=models.CASCADE, related_name="contact")
    email = models.EmailField()
    given_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"contact of {self.episode}"


class Invitation(models.Model):
    """Questionnaires that somebody was asked for, after so many sessions, by one link.

    ``draft`` is what was filled in and not sent: question by question, by questionnaire.
    ``asks_consent``: before them, or instead of them, what the person agrees to; ``agreed_at`` is
    when they said so.
    """

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="invitations")
    nonce = models.CharField(max_length=32, unique=True)
    instruments = models.JSONField(default=list)
    session = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    mails = models.PositiveSmallIntegerField(default=0)
    draft = models.JSONField(default=dict, blank=True)
    asks_consent = models.BooleanField(default=False)
    agreed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["made_at", "pk"]

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    @property
    def awaits_consent(self) -> bool:
        """Whether nothing is asked before the person has said what they agree to."""
        return self.asks_consent and self.agreed_at is None


class Answer(models.Model):
    """One questionnaire that came back; ``score`` is None where it was left out on purpose."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="answers")
    instrument = models.CharField(max_length=60)
    measure = models.CharField(max_length=100)
    answers = models.JSONField(default=dict)
    score = models.FloatField(null=True)
    answered_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invitation", "instrument"], name="answered_once")
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"
