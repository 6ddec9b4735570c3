"""``osler site`` from nothing: it starts, publishes, sees a change, and stops."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from osler.web.commands.site import COMMANDS, site_command
from tests.web.pages.conftest import STARTER

COMMAND = "from osler.web.commands.site import site_command; site_command(prog_name='osler site')"


class Running:
    """A site in a process group of its own, and what it says."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", COMMAND, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env=os.environ | {"DATABASE_URL": "", "OPENBLAS_NUM_THREADS": "1"},
        )
        self.said = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.said += line

    def wait_for(self, pattern, seconds=90):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := re.search(pattern, self.said):
                return found
            time.sleep(0.1)
        raise AssertionError(f"{pattern} was never said:\n{self.said}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        self._reader.join(timeout=10)
        self.process.stdout.close()
        return code


def get(address, seconds=30):
    end = time.monotonic() + seconds
    while True:
        try:
            with urlopen(address, timeout=10) as response:
                return response.read().decode()
        except HTTPError:
            raise
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


@pytest.mark.slow
def test_from_nothing_to_a_page_that_follows_its_folder(tmp_path):
    folder = tmp_path / "bcg"
    shutil.copytree(STARTER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    site = Running(folder, "--data", tmp_path / "site", "--port", "0", "--workers", "1")
    try:
        address = site.wait_for(r"http://127\.0\.0\.1:\d+").group()
        assert "osler site user add NAME --role owner" in site.wait_for("Stop with").string
        page = f"{address}/bcg-vaccine/"
        assert "may reduce the risk" in get(page)
        file = folder / "pages" / "bcg-vaccine.md"
        good = file.read_text()
        file.write_text(good.replace("may reduce", "cures everybody and completely ends"))
        site.wait_for("not published; what was published stays as it was")
        assert "may reduce the risk" in get(page)
        file.write_text(good.replace("Replace this page", "Rewrite this page"))
        site.wait_for("published, 1 page changed(?s:.*)published, 1 page changed")
        assert "Rewrite this page" in get(page)  # from the next request on
    finally:
        code = site.stop()
    assert code == 0 and "Stopped." in site.said


def test_help_tells_every_command():
    said = CliRunner().invoke(site_command, ["--help"])
    assert said.exit_code == 0
    for name in COMMANDS:
        assert name in said.output


@pytest.mark.parametrize("arguments", [["--data"], ["user", "list", "--data="]])
def test_a_folder_without_a_name_is_told(arguments):
    assert CliRunner().invoke(site_command, arguments).exit_code == 2


def test_without_the_web_part_one_line_tells_how_to_get_it(monkeypatch):
    from osler.web.commands import starting  # noqa: PLC0415

    def missing(name):
        raise ModuleNotFoundError("No module named 'django'", name="django")

    monkeypatch.setattr(starting, "import_module", missing)
    said = CliRunner().invoke(site_command, ["run", "--help"])
    assert said.exit_code == 2 and "pip install 'osler[web]'" in said.output
