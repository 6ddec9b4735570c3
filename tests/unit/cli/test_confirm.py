"""``osler confirm``: what stands is confirmed by name, what does not is not."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from osler.claims.confirmed import FILE, parse_confirmations
from osler.cli.confirm import chosen_pages, confirm_command, confirm_pages
from osler.publish.pipeline import Checked, check_files
from osler.review.folder import read_folder
from tests.cases.reading import read_case

ROOT = Path(__file__).parents[3]
TODAY = date(2025, 6, 1)


def confirm(*arguments: str | Path) -> Result:
    return CliRunner().invoke(confirm_command, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the case on generality, with a page that says no more than it may."""
    path = tmp_path / "review"
    case = read_case(ROOT / "tests/cases/generality.md")
    for name, content in case.files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    page = path / "pages/generality.md"
    lines = page.read_text("utf-8").splitlines(keepends=True)
    wrong = {int(line.split(":")[1]) for line in case.expected}
    kept = [line for number, line in enumerate(lines, start=1) if number not in wrong]
    page.write_text("".join(kept), "utf-8")
    return path


def entries(folder: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads((folder / FILE).read_text("utf-8"))["confirmed"]
    return found


def checked(folder: Path) -> Checked:
    found, _ = check_files(read_folder(folder), TODAY)
    assert found is not None
    return found


def test_a_page_is_confirmed_with_name_date_and_evidence(folder: Path) -> None:
    result = confirm(folder, "--by", "A reader")
    assert result.exit_code == 0, result.output
    (first, *_) = entries(folder)
    assert first["by"] == "A reader"
    assert date.fromisoformat(str(first["date"])) <= date.today()
    (shown, *_) = first["evidence"]  # type: ignore[misc]
    assert shown["estimate"] and shown["studies"]
    assert "confirmed" in result.output


def test_the_same_folder_gives_the_same_bytes(folder: Path) -> None:
    confirm(folder, "--by", "A reader")
    before = (folder / FILE).read_bytes()
    result = confirm(folder, "--by", "Another reader")
    assert (folder / FILE).read_bytes() == before, "what was confirmed keeps its name"
    assert " 0 of them now" in result.output
    assert before.endswith(b"\n")
    assert b"\r" not in before


def test_a_claim_with_an_error_is_not_confirmed(folder: Path) -> None:
    page = next((folder / "pages").glob("*.md"))
    text = page.read_text("utf-8")
    claim = checked(folder).pages[0].judged[0].span
    assert claim.text in text
    page.write_text(text.replace(claim.text, "always cures everything", 1), "utf-8")
    result = confirm(folder, "--by", "A reader")
    assert result.exit_code == 1
    assert "not confirmed" in result.output
    assert "CLM006" in result.output
    assert "always cures everything" not in [entry["words"] for entry in entries(folder)]


def test_what_is_no_longer_on_the_page_is_dropped(folder: Path) -> None:
    confirm(folder, "--by", "A reader")
    before = len(entries(folder))
    page = next((folder / "pages").glob("*.md"))
    claim = checked(folder).pages[0].judged[0].span
    text = page.read_text("utf-8").replace(claim.text, claim.text.rstrip(".") + ", in trials", 1)
    page.write_text(text, "utf-8")
    confirm(folder, "--by", "Another reader")
    names = [entry["by"] for entry in entries(folder)]
    assert len(names) == before
    assert names.count("Another reader") == 1


def test_other_pages_stay_confirmed(tmp_path: Path) -> None:
    folder = tmp_path / "sciatica"
    shutil.copytree(ROOT / "examples/sciatica", folder, ignore=shutil.ignore_patterns("build"))
    (folder / "pages/other.md").write_text(
        (folder / "pages/acupuncture-for-sciatica.md").read_text("utf-8"), "utf-8"
    )
    assert confirm(folder, "other", "--by", "A reader").exit_code == 0
    assert {entry["page"] for entry in entries(folder)} == {"pages/other.md"}
    confirm(folder, "pages/acupuncture-for-sciatica.md", "--by", "A reader")
    assert len({entry["page"] for entry in entries(folder)}) == 2


def test_drafts_are_confirmed_only_by_name() -> None:
    found = checked(ROOT / "examples/sciatica")
    assert [p.page.file for p in chosen_pages(found, None)] == ["pages/acupuncture-for-sciatica.md"]
    assert [p.page.file for p in chosen_pages(found, "first-draft.md")] == ["pages/first-draft.md"]
    assert chosen_pages(found, "no-such-page") == []


def test_of_the_first_draft_nothing_that_is_wrong_is_confirmed() -> None:
    found = checked(ROOT / "examples/sciatica")
    confirmed, _ = parse_confirmations("")
    pages = chosen_pages(found, "first-draft")
    made = confirm_pages(found, pages, confirmed, by="A reader", today=TODAY)
    assert (made.taken, made.new) == (0, 0)
    assert {"CLM005", "CLM033", "CLM032", "CLM021"} <= {d.code for d in made.refused}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["no-such-page", "--by", "A reader"], "nothing written"),
        (["--by", " "], "say who confirms it"),
    ],
)
def test_what_cannot_be_confirmed_writes_nothing(
    folder: Path, arguments: list[str], told: str
) -> None:
    result = confirm(folder, *arguments)
    assert result.exit_code == 2
    assert told in result.output
    assert not (folder / FILE).exists()


def test_a_file_that_cannot_be_read_is_not_written_over(folder: Path) -> None:
    (folder / FILE).write_text("<<<<<<< ours\n", "utf-8")
    result = confirm(folder, "--by", "A reader")
    assert result.exit_code == 2
    assert "CLM058" in result.output
    assert (folder / FILE).read_text("utf-8") == "<<<<<<< ours\n"


def test_no_such_folder(tmp_path: Path) -> None:
    result = confirm(tmp_path / "nowhere", "--by", "A reader")
    assert result.exit_code == 2
    assert "REV037" in result.output


def test_a_folder_without_a_question(tmp_path: Path) -> None:
    result = confirm(tmp_path, "--by", "A reader")
    assert result.exit_code == 2
    assert "REV001" in result.output
