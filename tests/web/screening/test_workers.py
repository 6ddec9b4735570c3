"""A site of two processes: what one of them was told, both know at once."""

import json
import os
import re
import subprocess
import sys
from http.client import HTTPConnection

import psycopg
import pytest

from tests.web.crash import Site, free_port
from tests.web.crash_writers import Form, environment
from tests.web.screening.library import folder_of

SET_UP = """
import json, sys
from pathlib import Path
from osler.web.commands.starting import start
start(Path(sys.argv[1]), may_be_new=True)
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
call_command("collectstatic", verbosity=0, interactive=False)
from tests.web.screening.conftest import Team
team = Team(Path(sys.argv[2]))
print(json.dumps({who: team.client(who).cookies["sessionid"].value for who in team.users}))
"""
MEET = """
import json, sys
from pathlib import Path
from osler.web.commands.starting import start
start(Path(sys.argv[1]), may_be_new=False)
from osler.web.screening.serving import synchronise
print(json.dumps(list(synchronise(Path(sys.argv[2])))))
"""
ASKED = 7
"""Connections of their own, so that both processes are asked."""


@pytest.fixture
def where(tmp_path):
    """The site's environment; on PostgreSQL with a database of its own."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield environment(tmp_path / "site")
        return
    name = f"screening_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield environment(tmp_path / "site", DATABASE_URL=f"{url.rpartition('/')[0]}/{name}")
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def said(script, where, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", script, where["OSLER_SITE"], *map(str, arguments)],
        env=where,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


class Reviewer:
    """A browser that never keeps a connection."""

    def __init__(self, port, session):
        self.port = port
        self.form = Form("/staff/screening/back/", {"sessionid": session})

    def page(self, where=""):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": self.form.cookie}
        connection.request("GET", f"/staff/screening/back/{where}", headers=headers)
        html = connection.getresponse().read().decode()
        connection.close()
        return html

    def shown(self):
        found = re.search(r'name="record" value="(r\d\d)"', self.page())
        return found[1] if found else ""

    def vote(self, key, verdict):
        self.form.hidden.setdefault("_action", "/staff/screening/back/title-abstract/decide/")
        if "csrfmiddlewaretoken" not in self.form.hidden:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
            self.form.open(connection)
            connection.close()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        status, _ = self.form.send(connection, record=key, verdict=verdict)
        connection.close()
        assert status == 302


@pytest.mark.slow
def test_two_processes_see_each_others_decisions_and_give_them_to_the_folder(tmp_path, where):
    folder = folder_of(tmp_path / "review", needed=2)
    sessions = said(SET_UP, where, folder)
    site = Site(where, free_port(), tmp_path / "log")
    site.start()
    try:
        one, two = (Reviewer(site.port, sessions[who]) for who in ("one", "two"))
        for n in range(2):
            key = one.shown()
            one.vote(key, "include")
            assert {one.shown() for _ in range(ASKED)}.isdisjoint({key}), n
            # The second reviewer is shown what the first has seen, by whichever process.
            assert {two.shown() for _ in range(ASKED)} == {key}
            two.vote(key, "include" if n else "exclude")
            told = {len(re.findall("settle", one.page("conflicts/"))) > 1 for _ in range(ASKED)}
            assert told == {True}
    finally:
        site.kill()
    assert said(MEET, where, folder) == ["records/decisions.csv"]
    rows = (folder / "records" / "decisions.csv").read_text("utf-8").splitlines()[1:]
    votes = [row.split(",")[4] for row in rows]
    assert votes == ["one", "two"] * 2
    assert said(MEET, where, folder) == []
