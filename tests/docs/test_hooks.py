"""The hooks for pre-commit and the GitHub Action call what there is, and do what they say."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from osler.cli.check import check_command

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = {name for parameter in check_command.params for name in parameter.opts}


def hooks() -> list[dict[str, Any]]:
    return yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))


def action() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))


def step() -> dict[str, Any]:
    (found,) = [s for s in action()["runs"]["steps"] if s.get("name") == "Check"]
    return found


@pytest.mark.parametrize("hook", hooks(), ids=lambda hook: hook["id"])
def test_a_hook_calls_a_command_with_options_that_exist(hook: dict[str, Any]) -> None:
    program, command, *options = hook["entry"].split()
    assert (program, command, hook["language"]) == ("osler", "check", "python")
    assert set(options) <= OPTIONS
    assert {"id", "name", "description"} <= set(hook)
    assert ("files" in hook) != ("types_or" in hook)


@pytest.mark.parametrize(
    ("file", "is_checked"),
    [
        ("osler.toml", True),
        ("sciatica/results.csv", True),
        ("sciatica/pages/a.md", True),
        ("osler-baseline.json", True),
        ("README.md", False),
        ("pages/sub/a.md", False),
    ],
)
def test_the_hook_runs_where_a_folder_changes(file: str, is_checked: bool) -> None:
    (hook,) = [h for h in hooks() if h["id"] == "osler-check"]
    assert bool(re.search(hook["files"], file)) == is_checked


def test_the_action_uses_the_inputs_it_has_and_options_that_exist() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    assert set(re.findall(r"inputs\.([a-z-]+)", text)) == set(action()["inputs"])
    assert "${{" not in step()["run"]  # an input in a script would be run as a part of it
    assert set(re.findall(r"(?<= )--[a-z-]+", step()["run"])) <= OPTIONS


def test_the_action_annotates_summarises_and_writes_sarif(tmp_path: Path) -> None:
    (tmp_path / "a page.md").write_text("# Reiki\n\nReiki cures eczema.\n", "utf-8")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step()["run"]],
        cwd=tmp_path,
        env={
            **os.environ,
            "PATH": path,
            "TARGETS": "a page.md\n",
            "BASELINE": "",
            "SARIF": "found.sarif",
            "GITHUB_STEP_SUMMARY": "summary.md",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, "::error file=a page.md," in done.stdout) == (1, True), done.stderr
    assert (tmp_path / "summary.md").read_text("utf-8").startswith("# What Osler found: a page.md")
    assert '"version": "2.1.0"' in (tmp_path / "found.sarif").read_text("utf-8")
