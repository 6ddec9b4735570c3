"""Review folders, their pages, what each page said and when, and the bytes that are served."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from osler.web.accounts.models import Clinic

# PostgreSQL refuses what is longer, SQLite takes it: what writes these fields keeps to them.
LONGEST_SLUG, LONGEST_DAY, LONGEST_SEARCHED = 200, 10, 100
LONGEST_FOLDER = 50


class Folder(models.Model):
    """A review folder of a clinic, and what its last check said."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="folders")
    slug = models.SlugField(unique=True, max_length=LONGEST_FOLDER)
    path = models.CharField(max_length=1000, unique=True)
    site_name = models.CharField(max_length=300, blank=True)
    site_language = models.CharField(max_length=35, blank=True)
    site_description = models.TextField(blank=True)
    checked_digest = models.CharField(max_length=64, blank=True)
    checked_at = models.DateTimeField(null=True)
    last_check = models.JSONField(default=list)
    is_refused = models.BooleanField(default=False)
    published_digest = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField(null=True)
    # The files that an owner let through with errors, and why.
    allowed_digest = models.CharField(max_length=64, blank=True)
    allowed_reason = models.TextField(blank=True)
    is_removed = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.slug


class Page(models.Model):
    """A page; when it leaves its folder it is no longer live, and what hangs on it stays.

    ``html`` is the page as the folder gives it, ``text`` its sentences, for the search.
    """

    folder = models.ForeignKey(Folder, on_delete=models.PROTECT, related_name="pages")
    slug = models.SlugField(unique=True, max_length=LONGEST_SLUG)
    is_live = models.BooleanField(default=True)
    file = models.CharField(max_length=300)
    title = models.TextField()
    description = models.TextField(blank=True)
    author = models.TextField(blank=True)
    date = models.CharField(max_length=LONGEST_DAY, blank=True)
    reviewed = models.CharField(max_length=LONGEST_DAY, blank=True)
    next_review = models.CharField(max_length=LONGEST_DAY, blank=True)
    searched = models.CharField(max_length=LONGEST_SEARCHED, blank=True)
    categories = models.JSONField(default=list)
    html = models.BinaryField()
    text = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["slug"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/{self.slug}/"

    @property
    def clinic(self) -> Clinic:
        return self.folder.clinic

    @property
    def changed(self) -> str:
        """The day it was last checked or written; empty where neither is told."""
        return max(self.reviewed, self.date)


class Version(models.Model):
    """What a page said from one day on: its numbers, their certainty, its wording.

    ``reason`` is why an owner published it although the check had found errors.
    """

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    digest = models.CharField(max_length=64)
    title = models.TextField()
    answers = models.JSONField(default=dict)
    wording = models.JSONField(default=list)
    reason = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["page", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["page", "number"], name="one_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.page.slug}, version {self.number}"


class PublishedFile(models.Model):
    """The bytes of one address, ready to be sent, plain and compressed."""

    path = models.CharField(max_length=500, unique=True)
    folder = models.ForeignKey(Folder, null=True, on_delete=models.CASCADE, related_name="files")
    content_type = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    compressed = models.BinaryField()

    def __str__(self) -> str:
        return self.path


class OldAddress(models.Model):
    """An address of a former site and where its page is now."""

    folder = models.ForeignKey(Folder, on_delete=models.CASCADE, related_name="old_addresses")
    old = models.CharField(max_length=500, unique=True)
    new = models.CharField(max_length=500)

    def __str__(self) -> str:
        return f"{self.old} -> {self.new}"


class Shelf(models.Model):
    """One row: it is locked by who changes what is served, and counts the changes."""

    revision = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"revision {self.revision}"
