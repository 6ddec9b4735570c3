"""``osler screen`` from the command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from osler.web.commands.screen import screen_command

OPEN = b'record,stage,verdict,who\n"a,full-text,include,A\nb,full-text,include,A\n'
ROOT = Path(__file__).parents[3]


def run(*args):
    return CliRunner().invoke(screen_command, [str(arg) for arg in args])


def test_a_folder_without_records_is_told(tmp_path):
    result = run(tmp_path)
    assert result.exit_code == 2 and "add a search" in result.output


def test_of_several_reviewers_one_has_to_be_named(folder):
    (folder / "records" / "criteria.toml").write_text('reviewers = ["one", "two"]\n', "utf-8")
    result = run(folder)
    assert result.exit_code == 2 and "--reviewer 'one' or 'two'" in result.output


def test_sync_needs_a_site(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", os.environ["DJANGO_SETTINGS_MODULE"])
    result = run(folder, "--sync", "--data", tmp_path / "none")
    assert result.exit_code == 2 and "there is no site" in result.output


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    return {k: v for k, v in os.environ.items() if not k.startswith(("OSLER_", "DATABASE_"))}


def call(environment, *args):
    code = "from osler.web.commands.screen import screen_command; screen_command()"
    command = [sys.executable, "-c", code, *map(str, args)]
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60
    )


def test_a_file_that_cannot_be_added_to_ends_it(folder, environment):
    (folder / "records" / "decisions.csv").write_bytes(OPEN)
    done = call(environment, folder, "--no-open", "--port", "0")
    assert done.returncode == 2 and "WEB082" in done.stderr
