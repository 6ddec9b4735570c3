"""``osler audit``."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from osler.cli.audit import audit_command

ROWS = """id,started,condition,treatment,sessions,measure,baseline,last,recovered,ended,unwanted
E001,2025-01,sciatica,acupuncture,6,leg pain 0-10,7,2,yes,recovered,none
E002,2025-01,sciatica,acupuncture,3,leg pain 0-10,8,,unknown,did not return,unknown
E003,2025-02,neck pain,acupuncture,9,neck pain 0-10,6,1,yes,recovered,minor
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "practice.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def run(*args):
    return CliRunner().invoke(audit_command, [str(a) for a in args])


def test_every_condition_is_told_by_itself(table):
    told = run(table)
    assert told.exit_code == 0
    assert "sciatica (2025-01 to 2025-01)" in told.output
    assert "neck pain (2025-02 to 2025-02)" in told.output
    assert "Of 2 people, 1 recovered, 0 did not, and of 1 we do not know" in told.output


def test_json_has_no_nan_and_the_sentence(table):
    told = json.loads(run(table, "sciatica", "--format", "json").output)
    assert [a["about"] for a in told["audits"]] == ["sciatica"]
    assert told["audits"][0]["sentence"].startswith("Of 2 people")
    assert told["audits"][0]["changes"][0]["ci_lower"] is None
    assert told["benchmark"] is None


def test_figures_are_written_and_described(table, tmp_path):
    run(table, "sciatica", "--figures", tmp_path / "out")
    drawing = (tmp_path / "out" / "recovery.svg").read_text("utf-8")
    assert "Within 10 sessions" in drawing
    assert "2025 Q1: 1 of 1" in (tmp_path / "out" / "over-time.svg").read_text("utf-8")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["nothing.csv"], "cannot read"),
        (["{table}", "headache"], "no episode is about 'headache'"),
        (["{table}", "--benchmark", "x"], "needs a review folder"),
    ],
)
def test_what_cannot_be_done_is_said(table, args, said):
    told = run(*(a.format(table=table) for a in args))
    assert told.exit_code == 2
    assert said in told.output


def test_what_is_wrong_with_the_tables_is_said_first(table):
    table.write_text(ROWS.replace("E002", "E001"), encoding="utf-8")
    told = run(table)
    assert told.exit_code == 1
    assert "practice.csv:3" in told.output


def test_a_folder_brings_its_control_groups(sciatica_folder):
    (sciatica_folder / "practice.csv").write_text(ROWS, encoding="utf-8")
    told = run(sciatica_folder, "sciatica")
    assert "Without the treatment: in the control groups of" in told.output


@pytest.fixture
def sciatica_folder(tmp_path):
    here = Path(__file__).parents[3] / "examples" / "sciatica"
    return shutil.copytree(
        here, tmp_path / "sciatica", ignore=shutil.ignore_patterns("build", "records")
    )
