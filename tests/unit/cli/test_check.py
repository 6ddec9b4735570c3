"""``osler check`` as a person runs it: formats, rewritings, comments, baselines, pages alone."""

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from osler.cli.check import check_command
from osler.cli.new import new_command

ROOT = Path(__file__).resolve().parents[3]
PAGE = "pages/bcg-vaccine.md"

ABOUT = "BCG vaccine vs no vaccine / tuberculosis"
PLAIN = """---
title: Our clinic
description: Where we are.
author: A clinic
date: 2025-01-06
reviewed: 2025-01-06
next_review: 2999-01-06
categories: [about]
---

::: answer
We are in the high street.
:::
"""


def check(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    """Runs ``osler check`` in this process; an exception is an exception."""
    words = [str(a) for a in arguments]
    return CliRunner().invoke(check_command, words, input=stdin, catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh starter folder with a page that claims nothing, seen from the folder above it."""
    monkeypatch.chdir(tmp_path)
    CliRunner().invoke(new_command, ["back"], catch_exceptions=False)
    Path("back", PAGE).write_text(PLAIN, "utf-8")
    return Path("back")


@pytest.fixture
def overstated(folder: Path) -> Path:
    """The starter folder with a claim that can be reworded safely."""
    add(
        folder,
        f'\n[BCG vaccine greatly reduces the risk of tuberculosis.]{{.claim about="{ABOUT}"}}\n',
    )
    return folder


@pytest.fixture
def sciatica(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example, whose first draft says too much."""
    monkeypatch.chdir(tmp_path)
    ignore = shutil.ignore_patterns("build", "bringing_in", "__pycache__", "*.py")
    shutil.copytree(ROOT / "examples" / "sciatica", "sciatica", ignore=ignore)
    return Path("sciatica")


def add(folder: Path, text: str, file: str = PAGE) -> None:
    path = folder / file
    path.write_text(path.read_text("utf-8") + text, "utf-8", newline="\n")


PROVEN = "\nResearch has proven that BCG cures tuberculosis.\n"
COMMENT = "\n<!-- osler: ignore CLM006 because it is the title of a book -->"


@pytest.mark.parametrize("style", ["text", "json", "sarif", "github", "markdown"])
def test_every_format_exits_alike(folder: Path, style: str) -> None:
    assert check(folder, "--format", style).exit_code == 0
    add(folder, PROVEN)
    result = check(folder, "--format", style)
    assert result.exit_code == 1
    assert "CLM006" in result.stdout
    assert check("nowhere", "--format", style).exit_code == 2


def test_machines_are_told_paths_from_where_they_stand(folder: Path) -> None:
    add(folder, PROVEN)
    log = json.loads(check(folder.absolute(), "--format", "sarif").stdout)
    location = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == f"back/{PAGE}"
    assert f"file=back/{PAGE}," in check(folder.absolute(), "--format", "github").stdout


def test_the_same_folder_gives_the_same_bytes(folder: Path) -> None:
    add(folder, PROVEN)
    for style in ("sarif", "markdown"):
        first, second = (check(folder, "--format", style).stdout for _ in range(2))
        assert first == second


def test_the_report_for_a_colleague_tells_verdicts_and_what_to_write(sciatica: Path) -> None:
    text = check(sciatica, "--format", "markdown").stdout
    assert "| 13 | Acupuncture greatly reduces leg pain in sciatica. | **overstated** |" in text
    assert "There is nothing to change." in text
    assert "> **Acupuncture greatly reduces leg pain in sciatica.**" in text


def test_a_difference_is_shown_and_nothing_written(overstated: Path) -> None:
    page = overstated / PAGE
    before = page.read_bytes()
    result = check(overstated, "--diff")
    assert result.exit_code == 1
    assert f"--- a/back/{PAGE}" in result.stdout
    assert "-[BCG vaccine greatly reduces the risk of tuberculosis.]" in result.stdout
    assert "to be written in 1 file" in result.stderr
    assert page.read_bytes() == before
    assert check(overstated, "--diff", "--fix").stdout == result.stdout
    assert page.read_bytes() == before


def test_rewritings_are_written_and_what_is_left_is_told(overstated: Path) -> None:
    page = overstated / PAGE
    page.write_bytes(b"\xef\xbb\xbf" + page.read_bytes().replace(b"\n", b"\r\n"))
    page.chmod(0o640)
    before = page.read_bytes()
    found = json.loads(check(overstated, "--format", "json").stdout)
    result = check(overstated, "--fix", "--format", "json")
    after = page.read_bytes()
    assert after != before and after.startswith(b"\xef\xbb\xbf")
    assert after.count(b"\r\n") == after.count(b"\n") == before.count(b"\r\n")
    assert page.stat().st_mode & 0o777 == 0o640
    assert "written in 1 file" in result.stderr
    left = json.loads(result.stdout)
    assert len(left) < len(found) and not [item for item in left if item["fix"]]
    assert [p.name for p in page.parent.iterdir()] == [page.name]


def test_a_second_run_has_nothing_left_to_write(overstated: Path) -> None:
    check(overstated, "--fix")
    before = {p: p.read_bytes() for p in overstated.rglob("*.md")}
    assert "Nothing here has a safe rewriting." in check(overstated, "--fix").stderr
    assert {p: p.read_bytes() for p in overstated.rglob("*.md")} == before


def test_a_file_that_cannot_be_written_is_told(
    overstated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device", str(target))

    before = {p: p.read_bytes() for p in overstated.rglob("*.md")}
    monkeypatch.setattr(Path, "replace", full)
    result = check(overstated, "--fix")
    assert result.exit_code == 2
    assert "cannot write" in result.stderr and "No space left" in result.stderr
    assert {p: p.read_bytes() for p in overstated.rglob("*.md")} == before


def test_a_link_to_a_page_stays_a_link(overstated: Path) -> None:
    page, real = overstated / PAGE, overstated / "real.txt"
    page.rename(real)
    page.symlink_to(os.path.relpath(real, page.parent))
    before = real.read_bytes()
    check(overstated, "--fix")
    assert page.is_symlink() and real.read_bytes() != before


def test_a_comment_sets_a_finding_aside_and_it_stays_in_sight(folder: Path) -> None:
    add(folder, f"{COMMENT}\n{PROVEN}")
    result = check(folder)
    assert result.exit_code == 0, result.output
    assert "Set aside: 1 in the pages, with a reason." in result.stdout
    shown = check(folder, "--show-suppressed").stdout
    assert "CLM006 set aside" in shown and "it is the title of a book" in shown
    log = json.loads(check(folder, "--format", "sarif").stdout)
    (found,) = [r for r in log["runs"][0]["results"] if r["suppressions"]]
    assert found["suppressions"][0]["justification"] == "it is the title of a book"


def test_a_comment_that_sets_nothing_aside_is_a_finding(folder: Path) -> None:
    add(folder, f"{COMMENT}\n\nThis is a plain sentence.\n")
    result = check(folder)
    assert result.exit_code == 1
    assert "OUT010 warning" in result.stdout


def test_what_a_baseline_knows_does_not_count_and_what_is_new_does(folder: Path) -> None:
    add(folder, PROVEN)
    written = check(folder, "--write-baseline", folder / "osler-baseline.json")
    assert (written.exit_code, "1 finding written" in written.stdout) == (0, True), written.output
    known = check(folder)
    assert known.exit_code == 0, known.output
    assert "Set aside: 1 known from the baseline." in known.stdout
    path = folder / PAGE
    path.write_text(path.read_text("utf-8").replace("\nResearch", "\nA line.\n\nResearch"), "utf-8")
    assert check(folder).exit_code == 0  # the line has moved, the finding is known
    add(folder, "\nBCG is completely safe.\n")
    new = check(folder)
    assert new.exit_code == 1
    assert "CLM011" in new.stdout and "CLM006" not in new.stdout


def test_the_same_sentence_once_more_is_new(folder: Path) -> None:
    add(folder, PROVEN)
    check(folder, "--write-baseline", folder / "osler-baseline.json")
    add(folder, PROVEN)
    assert [d["code"] for d in json.loads(check(folder, "--format", "json").stdout)] == ["CLM006"]


def test_what_has_gone_is_told_and_the_file_shrinks(folder: Path) -> None:
    baseline = folder / "osler-baseline.json"
    add(folder, PROVEN)
    check(folder, "--write-baseline", baseline)
    path = folder / PAGE
    path.write_text(path.read_text("utf-8").replace(PROVEN, "\n"), "utf-8")
    result = check(folder)
    assert (result.exit_code, "BAS001 note" in result.stdout) == (0, True)
    again = check(folder, "--write-baseline", baseline)
    assert "0 findings written" in again.stdout and "(0 new, 1 gone)" in again.stdout
    assert "BAS001" not in check(folder).stdout


def test_a_baseline_elsewhere_names_files_from_its_own_folder(folder: Path) -> None:
    add(folder, PROVEN)
    Path("lists").mkdir()
    baseline = Path("lists/known.json")
    check(folder, "--write-baseline", baseline)
    (entry,) = json.loads(baseline.read_text("utf-8"))["findings"]
    assert entry["file"] == f"../back/{PAGE}"
    assert check(folder, "--baseline", baseline).exit_code == 0
    assert check(folder).exit_code == 1
    assert check(folder.absolute(), "--baseline", baseline.absolute()).exit_code == 0


def test_what_can_harm_is_told_in_spite_of_a_baseline(folder: Path) -> None:
    baseline = folder / "osler-baseline.json"
    add(folder, "\nTry BCG instead of surgery. You do not need your tablets.\n")
    codes = {d["code"] for d in json.loads(check(folder, "--format", "json").stdout)}
    assert "CLM015" in codes
    result = check(folder, "--write-baseline", baseline)
    assert result.exit_code == 1
    assert "CLM015" in result.stdout and "CLM015" not in baseline.read_text("utf-8")
    assert check(folder).exit_code == 1
    entry = {"code": "CLM015", "file": PAGE, "text": "x"}
    baseline.write_text(json.dumps({"version": 1, "findings": [entry]}), "utf-8")
    assert "BAS003 error" in check(folder).stdout


def test_a_baseline_that_is_none_is_an_error(folder: Path) -> None:
    (folder / "osler-baseline.json").write_text("<<<<<<< mine", "utf-8")
    result = check(folder)
    assert (result.exit_code, "BAS002" in result.stdout) == (1, True)
    assert check(folder, "--baseline", "nowhere.json").exit_code == 2


def test_a_page_needs_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.md").write_text("# Reiki\n\nReiki cures eczema.\n", "utf-8")
    Path("b.html").write_text("<main><p>Cupping is completely safe.</p></main>", "utf-8")
    result = check("a.md", "b.html")
    assert result.exit_code == 1
    assert "a.md:3:7: CLM006" in result.stdout and "b.html:1:" in result.stdout
    assert "in 2 pages." in result.stdout
    same = check("-", stdin=Path("a.md").read_bytes())
    assert (same.exit_code, "-:3:7: CLM006" in same.stdout) == (1, True)


def test_a_page_alone_takes_comments_and_a_baseline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = Path("a.md")
    page.write_text(f"# Reiki\n{COMMENT}\nIt is proven to help you.\n", "utf-8")
    assert "Set aside: 1 in the pages" in check(page).stdout
    page.write_text("# Reiki\n\nReiki cures eczema.\n", "utf-8")
    assert check(page, "--write-baseline", "known.json").exit_code == 0
    assert check(page, "--baseline", "known.json").exit_code == 0
    assert check(page).exit_code == 1


def test_one_page_says_nothing_of_what_a_baseline_knows_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.md", "b.md"):
        Path(name).write_text("# Reiki\n\nReiki cures eczema.\n", "utf-8")
    check("a.md", "b.md", "--write-baseline", "known.json")
    assert "BAS001" not in check("a.md", "--baseline", "known.json").stdout


def test_a_rewriting_brings_no_markup_into_a_web_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = Path("a.html")
    page.write_bytes(b"<main><p>Patients utilise it.</p>\r\n<p>They <b>util</b>ise it.</p></main>")
    check(page, "--fix")
    assert page.read_bytes() == (
        b"<main><p>Patients use it.</p>\r\n<p>They <b>util</b>ise it.</p></main>"
    )


def test_standard_input_cannot_be_written_to() -> None:
    assert check("-", "--fix", stdin=b"x").exit_code == 2
    assert check("-", "--diff", stdin=b"Patients utilise it.").stdout.endswith(
        "+Patients use it.\n\\ No newline at end of file\n"
    )


def test_two_things_at_once_are_refused(folder: Path) -> None:
    assert check(folder, "--fix", "--write-baseline", "x.json").exit_code == 2
    assert not Path("x.json").exists()
