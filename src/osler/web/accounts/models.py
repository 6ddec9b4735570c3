"""People, clinics, and who is what where."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Somebody who can log in. What they may do stands in their memberships alone."""


class Clinic(models.Model):
    """One practice; staff of one see nothing of another."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What somebody is at a clinic; :mod:`osler.web.accounts.policies` says what that allows."""

    PRACTITIONER = "practitioner"
    MODERATOR = "moderator"
    EDITOR = "editor"
    OWNER = "owner"


class Membership(models.Model):
    """One role of one person at one clinic; a person may have several."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "clinic", "role"], name="one_role_once")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role} at {self.clinic}"


class AuditEntry(models.Model):
    """Who did what, when, to what. Rows are only added; the retention clock alone removes them."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="audit_entries")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    action = models.CharField(max_length=60)
    about = models.CharField(max_length=200)
    details = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["clinic", "-at"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.about}"


class DailySalt(models.Model):
    """What visitors' addresses are hashed with for one day; :mod:`osler.web.visitors`."""

    day = models.DateField(unique=True)
    salt = models.BinaryField()

    def __str__(self) -> str:
        return f"salt of {self.day}"
