"""``osler summary`` as a person runs it."""

import csv
import io
import shutil
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner, Result

from osler.cli.new import new_command
from osler.cli.summary import summary_command

PAIN = "acupuncture vs sham acupuncture"


def summary(*arguments: str | Path) -> Result:
    """Runs the command in this process; an exception is an exception."""
    return CliRunner().invoke(summary_command, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sciatica example, without its pages: the tables do not need them."""
    root = Path(__file__).resolve().parents[3]
    folder = tmp_path_factory.mktemp("example") / "sciatica"
    ignore = shutil.ignore_patterns("build", "bringing_in", "pages", "records")
    shutil.copytree(root / "examples" / "sciatica", folder, ignore=ignore)
    return folder


def test_a_table_of_findings_on_the_screen(example: Path) -> None:
    done = summary(example, PAIN)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "Summary of findings: acupuncture compared with sham acupuncture"
    assert max(map(len, lines)) <= 100
    assert "⊕" in done.stdout
    assert "Written" not in done.stderr


@pytest.mark.parametrize("table", ["findings", "profile"])
def test_each_table_in_each_format(example: Path, table: str, tmp_path: Path) -> None:
    for suffix, opening in ((".html", b"<!DOCTYPE"), (".docx", b"PK"), (".csv", b"comparison,")):
        path = tmp_path / f"table{suffix}"
        done = summary(example, PAIN, "--table", table, "-o", path)
        assert done.exit_code == 0, done.output
        assert done.stderr == f"Written: {path}\n"
        assert path.read_bytes().startswith(opening)


def test_the_whole_example_as_one_word_document_twice_the_same(
    example: Path, tmp_path: Path
) -> None:
    one, two = tmp_path / "one.docx", tmp_path / "two.docx"
    for path in (one, two):
        assert summary(example, "-o", path).exit_code == 0
    assert one.read_bytes() == two.read_bytes()
    assert len(docx.Document(io.BytesIO(one.read_bytes())).tables) > 20


def test_the_decision_summary_takes_an_outcome(example: Path) -> None:
    done = summary(example, "leg pain", "--table", "decision", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert done.exit_code == 0
    assert [row["treatment"] for row in rows][:2] == ["exercise or physiotherapy", "nsaid"]
    assert len(rows) == 7


def test_what_is_noted_goes_to_standard_error(example: Path) -> None:
    done = summary(example, "epidural steroid vs placebo", "--format", "csv")
    assert done.exit_code == 0, "notes are no findings"
    assert "SOF001 note" in done.stderr
    assert "SOF002 note" in done.stderr
    assert done.stdout.startswith("comparison,")


def test_numbers_needed_on_request(example: Path) -> None:
    assert "NNTB" not in summary(example, "acupuncture vs medication").stdout
    assert "NNTB" in summary(example, "acupuncture vs medication", "--numbers-needed").stdout


def test_a_name_that_is_not_there_exits_with_2_and_offers_one(example: Path) -> None:
    done = summary(example, "acupuncture vs shamm")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "did you mean 'acupuncture vs sham acupuncture'" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("-o", "a.xlsx"), "a.xlsx ends in '.xlsx'; write .html, .docx, .csv or .txt"),
        (("--format", "docx"), "a Word document needs a file"),
        (("--table", "profile", "--numbers-needed"), "belongs to --table findings"),
        (("-o", "nowhere/a.csv"), "cannot write nowhere/a.csv"),
    ],
)
def test_what_cannot_be_written_exits_with_2(
    example: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = summary(example, *arguments)
    assert done.exit_code == 2
    assert told in done.stderr


def test_a_folder_that_is_none_exits_with_2(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", tmp_path):
        done = summary(path)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr


def test_a_folder_with_an_error_gives_its_table_and_exits_with_1(tmp_path: Path) -> None:
    folder = tmp_path / "back-pain"
    CliRunner().invoke(new_command, [str(folder)], catch_exceptions=False)
    assert summary(folder).exit_code == 1, "the starter's outcomes have no harm"
    path = folder / "results.csv"
    path.write_text(path.read_text("utf-8").replace(",4,123,", ",400,123,", 1), "utf-8")
    done = summary(folder)
    assert done.exit_code == 1
    assert done.stdout.startswith("Summary of findings: ")
    assert f"See: osler check {folder}" in done.stderr


def test_the_help_teaches_by_examples_and_says_the_exit_codes() -> None:
    text = summary("--help").output
    assert 'osler summary examples/sciatica "acupuncture vs sham acupuncture"' in text
    assert "Exit codes:" in text
