"""Patients who send their answers while the site is killed; for tests/web/crash.py."""

from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path

from tests.web.crash_writers import Form, asked

INVITE = """
import json, sys
from datetime import timedelta
from pathlib import Path
from osler.web.commands.starting import start
start(Path(sys.argv[1]), may_be_new=False)
from django.utils import timezone
from osler.web.accounts.models import Clinic
from osler.web.practice.links import new_nonce, token_of
from osler.web.practice.models import Episode, Invitation
now = timezone.now()
clinic = Clinic.objects.get(slug="one")
episode = Episode.objects.create(
    clinic=clinic, number=1, condition="sciatica", started="2026-01", changed_at=now)
made = Invitation.objects.bulk_create(
    Invitation(episode=episode, nonce=new_nonce(), instruments=["pain-nrs"], session=0,
               made_at=now, expires_at=now + timedelta(days=1))
    for _ in range(int(sys.argv[2])))
print(json.dumps([token_of(one.nonce) for one in made]))
"""
# An answer counts only with its invitation marked and its entry in the trail: all or nothing.
KEPT = """
import json, sys
from pathlib import Path
from osler.web.commands.starting import start
start(Path(sys.argv[1]), may_be_new=False)
from osler.web.accounts.models import AuditEntry
from osler.web.practice.links import token_of
from osler.web.practice.models import Answer
rows = Answer.objects.filter(invitation__answered_at__isnull=False).select_related("invitation")
told = [token_of(row.invitation.nonce) for row in rows if row.score == 7]
whole = AuditEntry.objects.filter(action="questions.answered").count() == Answer.objects.count()
print(json.dumps(told if whole else []))
"""


class Answers:
    """One person after another sends a number for pain by a link of their own."""

    name = "answers"

    def __init__(self, data: Path, *, links: int = 3000) -> None:
        self._data = data
        told = asked(INVITE, data, str(links))
        assert isinstance(told, list)
        self._tokens = [str(token) for token in told]
        self._form = Form("")

    def write(self, connection: HTTPConnection, number: int) -> str | None:
        token = self._tokens[number % len(self._tokens)]
        self._form.path = f"/questions/{token}/"
        status, leads_to = self._form.send(connection, **{"a-pain": "7", "action": "next"})
        return token if status == 302 and leads_to.endswith("/received/") else None

    def kept(self, keys: Sequence[str]) -> set[str]:
        told = asked(KEPT, self._data)
        assert isinstance(told, list)
        return set(told)
