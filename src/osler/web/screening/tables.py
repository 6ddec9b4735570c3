"""The files of a team's review in the database."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from django.db import transaction
from django.utils import timezone

from osler.web.accounts.models import User
from osler.web.screening.models import AddedRows, StoredFile, TeamReview
from osler.web.screening.stores import Files, Rows, addition


@dataclass
class _Held:
    """What this process has read: each file's revision, its last row's number, its bytes."""

    files: dict[str, tuple[int, int, bytes]] = field(default_factory=dict)
    last: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class TableStore:
    """Reads what is new, writes one row at a time.

    Writers of one review wait for each other: rows then become visible in the order of their
    numbers, so that nobody who reads "all after the last one" can miss any.
    """

    def __init__(self, review: TeamReview) -> None:
        self.review = review
        self._held = _Held()
        self._user: User | None = None

    def by(self, user: User | None) -> "TableStore":
        """The same files, written by ``user``."""
        other = TableStore(self.review)
        other._held, other._user = self._held, user
        return other

    def read(self) -> Files:
        with self._held.lock:
            files = list(self.review.files.only("pk", "name", "revision"))
            for file in files:
                held = self._held.files.get(file.name)
                if held is None or held[0] != file.revision:
                    self._read_whole(file)
            self._read_added(files)
            return MappingProxyType({f.name: self._held.files[f.name][2] for f in files})

    def forget(self) -> None:
        """What was read within a transaction that came to nothing is read again."""
        with self._held.lock:
            self._held.files.clear()
            self._held.last = 0

    def append(self, name: str, columns: Sequence[str], rows: Rows) -> None:
        with transaction.atomic():
            self._wait_for_others()
            file, _ = StoredFile.objects.get_or_create(
                review=self.review, name=name, defaults={"content": b""}
            )
            self._add(file, addition(self.read()[name], columns, rows))

    def change(self, make: Callable[[Files], Files]) -> None:
        with transaction.atomic():
            self._wait_for_others()
            files = self.read()
            for name, content in make(files).items():
                self._put(name, files.get(name), content)

    def _put(self, name: str, before: bytes | None, content: bytes) -> None:
        """A whole file; where it only grew, what was added becomes a row."""
        if content == before:
            return
        if before is None:
            StoredFile.objects.create(review=self.review, name=name, content=content)
            return
        file = StoredFile.objects.get(review=self.review, name=name)
        if before and content.startswith(before):
            self._add(file, content[len(before) :])
            return
        file.added.all().delete()
        file.content, file.revision = content, file.revision + 1
        file.save()

    def _add(self, file: StoredFile, lines: bytes) -> None:
        AddedRows.objects.create(file=file, user=self._user, text=lines.decode(), at=timezone.now())

    def _wait_for_others(self) -> None:
        TeamReview.objects.select_for_update().get(pk=self.review.pk)

    def _read_whole(self, file: StoredFile) -> None:
        rows = list(file.added.order_by("pk").values_list("pk", "text"))
        content = bytes(file.content) + "".join(text for _, text in rows).encode()
        last = rows[-1][0] if rows else 0
        self._held.files[file.name] = (file.revision, last, content)

    def _read_added(self, files: Sequence[StoredFile]) -> None:
        names = {file.pk: file.name for file in files}
        rows = AddedRows.objects.filter(file_id__in=names, pk__gt=self._held.last).order_by("pk")
        news: dict[str, list[str]] = {}
        for pk, file_id, text in rows.values_list("pk", "file_id", "text"):
            self._held.last = pk
            name = names[file_id]
            revision, last, content = self._held.files[name]
            if pk > last:
                news.setdefault(name, []).append(text)
                self._held.files[name] = (revision, pk, content)
        for name, texts in news.items():
            revision, last, content = self._held.files[name]
            self._held.files[name] = (revision, last, content + "".join(texts).encode())
