"""An answer that says that something is kept goes out after the disk has it, and no other waits."""

import subprocess
import sys

import pytest

from tests.web.crash_writers import environment, set_up

# Notes every wait for the disk, and whether SQLite was still in a transaction then.
WAITS = """
import os, sys
from pathlib import Path
from osler.web.commands.starting import start
start(Path(sys.argv[1]), may_be_new=False)
from django.db import connection
from django.test import Client
from osler.web.comments.models import Comment
waits, real = [], os.fsync
def fsync(file):
    name = os.readlink(f"/proc/self/fd/{file}").rpartition("/")[2]
    waits.append((name, connection.in_atomic_block))
    real(file)
os.fsync = fsync
client = Client(HTTP_HOST="localhost")
form = "/comments/write/knees/"
seen = {"get": client.get(form).status_code}
seen["waits of a look"] = list(waits)
filled = {"name": "A", "email": "a@site.example", "text": "How long?"}
seen["post"] = client.post(form, filled).status_code
seen["waits of a comment"] = list(waits)
seen["kept"] = Comment.objects.count()
waits.clear()
seen["refused"] = client.post(form, {"name": "A"}).status_code
seen["waits of a form with a mistake"] = list(waits)
with connection.cursor() as cursor:
    seen["synchronous"] = cursor.execute("PRAGMA synchronous").fetchone()[0]
print(seen)
"""
COMMAND = """
import sys
from pathlib import Path
from osler.web.commands.starting import start
start(Path(sys.argv[1]), may_be_new=False)
from django.db import connection
with connection.cursor() as cursor:
    print({"synchronous": cursor.execute("PRAGMA synchronous").fetchone()[0]})
"""
NORMAL, FULL = 1, 2


def said(script, data):
    done = subprocess.run(
        [sys.executable, "-c", script, str(data)],
        env=environment(data),
        capture_output=True,
        text=True,
        check=True,
    )
    return eval(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    data = tmp_path_factory.mktemp("durable") / "site"
    with pytest.MonkeyPatch.context() as here:
        here.setenv("DATABASE_URL", "")  # PostgreSQL waits for the disk by itself
        set_up(data)
        yield data


@pytest.mark.slow
def test_a_comment_is_on_the_disk_before_its_writer_is_told(site):
    seen = said(WAITS, site)
    assert (seen["get"], seen["post"], seen["refused"], seen["kept"]) == (200, 302, 422, 1)
    assert ("site.sqlite3-wal", False) in seen["waits of a comment"]
    assert seen["waits of a form with a mistake"] == []
    assert seen["synchronous"] == NORMAL, "else SQLite waits inside the transaction as well"


@pytest.mark.slow
def test_a_command_that_answers_nobody_waits_inside(site):
    assert said(COMMAND, site)["synchronous"] == FULL
