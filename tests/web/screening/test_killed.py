"""Killed without warning ten times while it is written to: what was acknowledged is there."""

import http.client
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

from osler.records.decisions import parse_decisions
from tests.web.crash import free_port
from tests.web.screening import serve_again

KILLS = 10
HERE = "/screening/here/"


class Reviewer(threading.Thread):
    """Votes as fast as it is answered, on whatever record it is shown."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.over = port, threading.Event()
        self.acknowledged: list[tuple[str, str]] = []
        self.interrupted = 0

    def run(self):
        number = 0
        while not self.over.is_set():
            try:
                self.vote(number)
            except (OSError, http.client.HTTPException):
                self.interrupted += 1
                time.sleep(0.01)
            number += 1

    def vote(self, number):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", f"{HERE}?record=r{number % 40:02}")
        page = connection.getresponse()
        cookie = page.getheader("set-cookie", "").split(";")[0]
        found = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())
        connection.close()
        if found is None:  # the server died while it wrote the page
            raise http.client.IncompleteRead(b"")
        token = found[1]
        key, note = f"r{number % 40:02}", f'vote {number}, "said"'
        told = {"csrfmiddlewaretoken": token, "record": key, "verdict": "maybe", "note": note}
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", f"{HERE}title-abstract/decide/", urlencode(told), headers)
        if connection.getresponse().status == 302:
            self.acknowledged.append((key, note))
        connection.close()


def test_every_acknowledged_vote_is_there_after_ten_kills(folder):
    port, rng = free_port(), random.Random(7)
    server = subprocess.Popen(
        [sys.executable, serve_again.__file__, str(folder), str(port)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    reviewer = Reviewer(port)
    try:
        number = int(server.stdout.readline())
        reviewer.start()
        for _ in range(KILLS):
            before = len(reviewer.acknowledged)
            end = time.monotonic() + 20
            while len(reviewer.acknowledged) == before and time.monotonic() < end:
                time.sleep(0.005)
            time.sleep(rng.uniform(0, 0.1))
            os.kill(number, signal.SIGKILL)
            number = int(server.stdout.readline())
        reviewer.over.set()
        reviewer.join(timeout=20)
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
        os.kill(number, signal.SIGKILL)
    told, found = parse_decisions((folder / "records" / "decisions.csv").read_text("utf-8"))
    assert found == ()
    assert len(reviewer.acknowledged) >= KILLS and reviewer.interrupted >= 1
    kept = [(row.record, row.note) for row in told]
    assert [one for one in reviewer.acknowledged if one not in kept] == []
