"""Decisions and confirmations while the site is killed; for tests/web/crash.py."""

from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path

from tests.web.crash_writers import Form, asked

MAKE = """
import json, sys
from pathlib import Path
from osler.web.commands.starting import start
start(Path(sys.argv[1]), may_be_new=False)
from django.utils import timezone
from osler.web.comments.models import Comment
from osler.web.comments.signing import writer_token
from osler.web.pages.models import Page
now, page = timezone.now(), Page.objects.select_related("folder").get(slug="knees")
made = Comment.objects.bulk_create(
    Comment(clinic_id=page.folder.clinic_id, page=page, name="A. Reader", email="a@site.example",
            text=f"Is a week of pain usual? {n}", state=sys.argv[2], written_at=now,
            changed_at=now)
    for n in range(int(sys.argv[3])))
print(json.dumps([[one.version, writer_token(one.pk)] for one in made]))
"""
# A decision counts with the comment moved and the entry in the trail: all or nothing.
DECIDED = """
import json, sys
from pathlib import Path
from osler.web.commands.starting import start
start(Path(sys.argv[1]), may_be_new=False)
from osler.web.accounts.models import AuditEntry
from osler.web.comments.models import Decision
told = set(AuditEntry.objects.values_list("about", "action"))
print(json.dumps([
    f"{one.comment_id} {one.after}"
    for one in Decision.objects.select_related("comment")
    if one.comment.state == one.after
    and (f"comment {one.comment_id}", f"comment.{one.after}") in told
]))
"""
CONFIRMED = """
import json, sys
from pathlib import Path
from osler.web.commands.starting import start
start(Path(sys.argv[1]), may_be_new=False)
from osler.web.accounts.models import AuditEntry
from osler.web.comments.models import Comment
rows = AuditEntry.objects.filter(action="comment.confirmed").values_list("about", flat=True)
told = set(rows)
held = Comment.objects.filter(state="held", confirmed_at__isnull=False)
print(json.dumps([
    str(one.pk) for one in held
    if f"comment {one.pk}" in told and {"words", "classifier"} <= {f["layer"] for f in one.findings}
]))
"""


class Decisions:
    """One comment after another is refused or taken for spam; every fiftieth is shown."""

    name = "decisions"

    def __init__(self, data: Path, session: str, *, comments: int = 3000) -> None:
        self._data = data
        self._waiting = _made(data, "held", comments)
        self._form = Form("/staff/", {"sessionid": session})

    def write(self, connection: HTTPConnection, number: int) -> str | None:
        if not self._form.hidden:
            self._form.open(connection)
            self._form.hidden["_action"] = "/staff/comments/decide/"
        version = self._waiting[number % len(self._waiting)][0]
        state = "shown" if number % 50 == 0 else ("refused", "spam")[number % 2]
        status, leads_to = self._form.send(connection, comment=version, state=state)
        kept = status == 302 and leads_to.startswith("/staff/comments/?")
        return f"{version.partition('-')[0]} {state}" if kept else None

    def kept(self, keys: Sequence[str]) -> set[str]:
        return _keys(asked(DECIDED, self._data))


class Confirmations:
    """One reader after another confirms by a link, and the layers judge."""

    name = "confirmations"

    def __init__(self, data: Path, *, comments: int = 3000) -> None:
        self._data = data
        self._waiting = _made(data, "unconfirmed", comments)
        self._form = Form("/comments/write/knees/")

    def write(self, connection: HTTPConnection, number: int) -> str | None:
        version, token = self._waiting[number % len(self._waiting)]
        if not self._form.hidden:
            self._form.open(connection)
        self._form.hidden["_action"] = f"/comments/mine/{token}/"
        status, leads_to = self._form.send(connection, action="confirm")
        kept = status == 302 and leads_to.startswith("/comments/mine/")
        return version.partition("-")[0] if kept else None

    def kept(self, keys: Sequence[str]) -> set[str]:
        return _keys(asked(CONFIRMED, self._data))


def _made(data: Path, state: str, count: int) -> list[list[str]]:
    told = asked(MAKE, data, state, str(count))
    assert isinstance(told, list)
    return told


def _keys(told: object) -> set[str]:
    assert isinstance(told, list)
    return set(told)
