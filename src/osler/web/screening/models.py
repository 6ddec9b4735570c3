"""A review that several people screen: its files as they were brought, and the rows added since.

The rows are kept as they would stand in the file. So what the folder says and what the database
says can be turned into each other byte for byte, and both are read by the same code.
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from osler.web.pages.models import Folder


class TeamReview(models.Model):
    """A folder whose records a team screens; ``token`` tells it from any other there ever was."""

    folder = models.OneToOneField(Folder, on_delete=models.CASCADE, related_name="screening")
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    begun_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"screening of {self.folder}"


class StoredFile(models.Model):
    """A file of ``records/``; ``revision`` grows when ``content`` is replaced.

    ``met`` is what file and database both said when they were last brought together.
    """

    review = models.ForeignKey(TeamReview, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=100)
    content = models.BinaryField()
    revision = models.PositiveIntegerField(default=1)
    met = models.BinaryField(default=bytes)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "name"], name="one_stored_file_once")
        ]

    def __str__(self) -> str:
        return self.name


class AddedRows(models.Model):
    """Lines that were put behind a table, by whom; a row is never changed."""

    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="added")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    text = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.text
