"""What is written while the site is killed: readers' comments, and decisions of an owner."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

SET_UP = """
import json, sys
from pathlib import Path
from osler.web.commands.starting import start
start(Path(sys.argv[1]), may_be_new=True)
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
call_command("migrate", verbosity=0)
call_command("collectstatic", verbosity=0, interactive=False)
from osler.web.accounts.models import Clinic, Membership, User
from osler.web.pages import parts
from osler.web.pages.models import Folder, Page
clinic = Clinic.objects.create(slug="one", name="Clinic one")
owner = User.objects.create(username="owner")
Membership.objects.create(user=owner, clinic=clinic, role="owner")
folder = Folder.objects.create(slug="one", path="/none", clinic=clinic, is_removed=True)
html = b"<html><head></head><body><main><article></article></main></body></html>"
page = Page.objects.create(folder=folder, slug="knees", title="Knees", file="k.md", html=html)
from django.db import transaction
with transaction.atomic():
    parts.refresh(page, now=timezone.now())
client = Client()
client.force_login(owner)
print(json.dumps({"session": client.cookies["sessionid"].value}))
"""
ASK = """
import json, sys
from pathlib import Path
from osler.web.commands.starting import start
start(Path(sys.argv[1]), may_be_new=False)
from django.apps import apps
rows = apps.get_model(sys.argv[2]).objects.values_list(sys.argv[3], flat=True)
print(json.dumps([str(row) for row in rows]))
"""


def environment(data: Path, **more: str) -> dict[str, str]:
    """Of a site in ``data``; the database is the one of DATABASE_URL, else SQLite there."""
    return (
        dict(os.environ)
        | {
            "OSLER_SITE": str(data),
            "DJANGO_SETTINGS_MODULE": "osler.web.settings",
            "OSLER_TWO_FACTOR": "offered",
            "OSLER_COMMENTS_PER_HOUR": "1000000",
            "OSLER_COMMENTS_REFUSE_PER_HOUR": "1000000",
            "OPENBLAS_NUM_THREADS": "1",
        }
        | more
    )


def asked(script: str, data: Path, *arguments: str) -> object:
    """What a script says, as JSON, in a process of its own on the site's database."""
    done = subprocess.run(
        [sys.executable, "-c", script, str(data), *arguments],
        env=environment(data),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def set_up(data: Path) -> str:
    """A site with a page and an owner; gives the owner's session."""
    told = asked(SET_UP, data)
    assert isinstance(told, dict)
    return str(told["session"])


@dataclass
class Form:
    """A form of the site, opened once and sent many times, as a browser would."""

    path: str
    cookies: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, str] = field(default_factory=dict)

    def send(self, connection: HTTPConnection, **filled: object) -> tuple[int, str]:
        """Status and where it leads to; opens the form first where that was not done."""
        if not self.hidden:
            self.open(connection)
        sent = urlencode(self.hidden | filled, doseq=True)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie}
        connection.request("POST", self.action, sent, headers)
        response = connection.getresponse()
        response.read()
        return response.status, response.getheader("Location") or ""

    @property
    def action(self) -> str:
        return self.hidden.get("_action", self.path)

    def open(self, connection: HTTPConnection) -> None:
        """Reads its hidden fields and the cookies that come with it."""
        connection.request("GET", self.path, headers={"Cookie": self.cookie})
        response = connection.getresponse()
        body = response.read().decode()
        for header in response.msg.get_all("Set-Cookie") or ():
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", body):
            name = re.search(r'name="([^"]*)"', tag)
            value = re.search(r'value="([^"]*)"', tag)
            if name:
                self.hidden.setdefault(name.group(1), value.group(1) if value else "")

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


class Comments:
    """A reader after another leaves a comment."""

    name = "comments"

    def __init__(self, data: Path) -> None:
        self._data = data
        self._form = Form("/comments/write/knees/")

    def write(self, connection: HTTPConnection, number: int) -> str | None:
        key = f"Question number {number} about knees."
        status, leads_to = self._form.send(
            connection, name="A. Reader", email=f"reader{number}@site.example", text=key
        )
        return key if status == 302 and "/comments/sent/" in leads_to else None

    def kept(self, keys: Sequence[str]) -> set[str]:
        told = asked(ASK, self._data, "comments.Comment", "text")
        assert isinstance(told, list)
        return set(told)


class Members:
    """An owner makes one account after another: a change and its entry in the trail."""

    name = "members"

    def __init__(self, data: Path, session: str) -> None:
        self._data = data
        self._form = Form("/staff/members/", {"sessionid": session})

    def write(self, connection: HTTPConnection, number: int) -> str | None:
        self._form.hidden.setdefault("_action", "/staff/members/invite/")
        if len(self._form.hidden) == 1:
            self._form.hidden.clear()
            self._form.open(connection)
            self._form.hidden["_action"] = "/staff/members/invite/"
        key = f"member-{number}"
        status, _ = self._form.send(connection, username=key, roles=["editor"])
        return key if status == 200 else None

    def kept(self, keys: Sequence[str]) -> set[str]:
        told = asked(ASK, self._data, "accounts.User", "username")
        trail = asked(ASK, self._data, "accounts.AuditEntry", "about")
        assert isinstance(told, list) and isinstance(trail, list)
        # As many entries as accounts: a change without its entry would count as lost.
        return (
            set(told) if len(trail) >= len([n for n in told if n.startswith("member-")]) else set()
        )
