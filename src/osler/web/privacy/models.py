"""Requests for one's own data, and when the retention clock last ran."""

from django.db import models

from osler.web.accounts.models import Clinic


class DataRequest(models.Model):
    """Somebody asked for what is kept under an address; the link in the mail carries its number."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+")
    email = models.EmailField(db_index=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"request {self.pk}"


class RetentionRun(models.Model):
    """One day's run of the retention clock, and how much it ended."""

    day = models.DateField(unique=True)
    at = models.DateTimeField()
    ended = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"retention of {self.day}"
