"""The commands as a person runs them: what they print, write and exit with."""

import json
import shutil
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pytest
from click.testing import CliRunner, Result

from osler.cli.main import COMMANDS, main
from osler.cli.serve import open_server, state, watch
from osler.publish.building import build_folder


def osler(*arguments: str | Path) -> Result:
    """Runs ``osler`` in this process; an exception is an exception."""
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A fresh starter folder."""
    path = tmp_path / "back-pain"
    assert osler("new", path).exit_code == 0
    return path


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_a_new_folder_checks_clean_and_builds(folder: Path) -> None:
    check = osler("check", folder)
    assert (check.exit_code, "No findings" in check.output) == (0, True), check.output
    build = osler("build", folder)
    assert build.exit_code == 0, build.output
    assert (folder / "build/site/index.html").is_file()
    assert (folder / "build/site/bcg-vaccine/index.html").is_file()


def test_new_never_writes_over_a_folder(folder: Path) -> None:
    again = osler("new", folder)
    assert again.exit_code == 2
    assert "nothing written" in again.output


def test_check_exits_1_and_names_file_line_and_field(folder: Path) -> None:
    spoil(folder, "results.csv", ",4,123,", ",400,123,")
    result = osler("check", folder)
    assert result.exit_code == 1
    assert "results.csv:2:" in result.output
    assert "REV008" in result.output
    assert "[events]" in result.output


def test_check_as_json_is_a_list_of_objects(folder: Path) -> None:
    spoil(folder, "results.csv", ",4,123,", ",400,123,")
    result = osler("check", folder, "--format", "json")
    found = json.loads(result.output)
    assert result.exit_code == 1
    first = next(item for item in found if item["code"] == "REV008")
    assert {"code", "severity", "file", "line", "column", "message", "help"} <= set(first)
    assert (first["line"], first["field"]) == (2, "events")


@pytest.mark.parametrize("command", ["check", "build"])
def test_a_folder_that_is_none_exits_with_2(command: str, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", tmp_path):
        result = osler(command, path)
        assert result.exit_code == 2
        assert "Traceback" not in result.output


def test_an_unchanged_folder_is_not_built_again(folder: Path) -> None:
    assert not build_folder(folder).unchanged
    before = {p: p.stat().st_mtime_ns for p in (folder / "build/site").rglob("*")}
    assert build_folder(folder).unchanged
    assert before == {p: p.stat().st_mtime_ns for p in (folder / "build/site").rglob("*")}
    spoil(folder, "pages/bcg-vaccine.md", "Replace this page", "Change this page")
    assert not build_folder(folder).unchanged


def test_a_missing_page_of_an_unchanged_folder_is_written_again(folder: Path) -> None:
    build_folder(folder)
    (folder / "build/site/index.html").unlink()
    assert not build_folder(folder).unchanged
    assert (folder / "build/site/index.html").is_file()


def test_the_same_folder_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    build_folder(folder)
    other = tmp_path / "elsewhere"
    shutil.copytree(folder, other, ignore=shutil.ignore_patterns("build"))
    build_folder(other)
    first, second = folder / "build/site", other / "build/site"
    names = sorted(p.relative_to(first) for p in first.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(second) for p in second.rglob("*") if p.is_file())
    assert all((first / n).read_bytes() == (second / n).read_bytes() for n in names)


def test_a_page_with_an_error_never_replaces_a_good_one(folder: Path) -> None:
    build_folder(folder)
    good = (folder / "build/site/bcg-vaccine/index.html").read_bytes()
    spoil(folder, "pages/bcg-vaccine.md", "may reduce", "greatly reduces")
    result = osler("build", folder)
    assert result.exit_code == 1
    assert "Nothing was written" in result.output
    assert (folder / "build/site/bcg-vaccine/index.html").read_bytes() == good


def test_a_draft_is_judged_and_left_out_of_the_site(folder: Path) -> None:
    page = (folder / "pages/bcg-vaccine.md").read_text("utf-8")
    draft = page.replace("date:", "draft: true\ndate:", 1).replace("may reduce", "cuts")
    (folder / "pages/wild.md").write_text(draft + "\nBCG is completely safe.\n", "utf-8")
    assert osler("check", folder).exit_code == 1
    build = osler("build", folder)
    assert build.exit_code == 0, build.output
    assert "left out, a draft: pages/wild.md" in build.output
    assert not (folder / "build/site/wild").exists()


def test_an_error_in_a_table_is_told_by_build_and_the_page_lists_what_is_left_out(
    folder: Path,
) -> None:
    spoil(folder, "results.csv", ",4,123,", ",400,123,")
    result = osler("build", folder)
    assert result.exit_code == 1
    assert "REV008" in result.output
    page = (folder / "build/site/bcg-vaccine/index.html").read_text("utf-8")
    assert "400 events among 123 participants" in page


def test_a_page_of_another_kind_is_named_and_a_site_without_pages_says_so(folder: Path) -> None:
    (folder / "pages/bcg-vaccine.md").rename(folder / "pages/bcg-vaccine.markdown")
    assert "REV035" in osler("check", folder).output
    assert "There is nothing to publish" in osler("build", folder).output


def test_check_finds_what_would_stop_a_build(folder: Path) -> None:
    (folder / "pages/bcg-vaccine.md").rename(folder / "pages/data.md")
    assert "PUB007" in osler("check", folder).output
    assert osler("build", folder).exit_code == 1


def test_serve_shows_the_site_on_this_machine(folder: Path) -> None:
    build_folder(folder)
    server = open_server(folder / "build/site", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address, port = server.server_address[:2]
        with urllib.request.urlopen(f"http://{address!s}:{port}/") as answer:
            assert b"<html" in answer.read()
        assert address == "127.0.0.1"
        with pytest.raises(HTTPError) as lost:
            urllib.request.urlopen(f"http://{address!s}:{port}/nowhere/")
        with lost.value as answer:
            assert answer.code == 404
            assert answer.read() == (folder / "build/site/404.html").read_bytes()
    finally:
        server.shutdown()
        server.server_close()


def test_a_change_in_the_folder_is_seen(folder: Path) -> None:
    seen: list[str] = []
    threading.Timer(0.3, lambda: (folder / "facts.csv").write_text("id\n", "utf-8")).start()
    watch(folder, lambda: seen.append("changed"), stop=lambda: bool(seen))
    assert seen == ["changed"]


def test_a_log_or_a_swap_file_in_the_folder_is_no_change(folder: Path) -> None:
    before = state(folder)
    (folder / "serve.log").write_text("a line", "utf-8")
    (folder / "pages/.bcg-vaccine.md.swp").write_text("", "utf-8")
    assert state(folder) == before
    (folder / "pages/new.md").write_text("", "utf-8")
    assert state(folder) != before


def test_explain_tells_what_a_code_means() -> None:
    assert "group size" in osler("explain", "rev008").output
    missing = osler("explain", "REV088")
    assert missing.exit_code == 2
    assert "did you mean" in missing.output
    assert "REV008" in osler("explain").output


def test_the_demo_copies_checks_and_builds_the_example(tmp_path: Path) -> None:
    result = osler("demo", "--into", tmp_path / "copy")
    assert result.exit_code == 0, result.output
    assert "index.html" in result.output
    assert (tmp_path / "copy/build/site/acupuncture-for-sciatica/index.html").is_file()
    assert "first-draft.md (a draft)" in result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help_with_an_example(command: str) -> None:
    result = osler(command, "--help")
    assert result.exit_code == 0
    assert "Example" in result.output
    assert f"osler {command}" in result.output


def test_a_mistyped_command_is_answered_with_the_near_one() -> None:
    result = osler("chek")
    assert result.exit_code == 2
    assert "Did you mean 'check'?" in result.output


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str) -> None:
    assert "_OSLER_COMPLETE" in osler("completion", shell).output


def test_no_events_in_either_group_is_told_at_its_row_and_on_the_page(folder: Path) -> None:
    spoil(folder, "results.csv", ",4,123,", ",0,123,")
    spoil(folder, "results.csv", ",11,139,", ",0,139,")
    told = json.loads(osler("check", folder, "--format", "json").output)
    (note,) = [d for d in told if d["code"] == "EFF013"]
    assert (note["file"], note["line"], note["field"]) == (
        str(folder / "results.csv"),
        2,
        "events",
    )
    assert note["help"]
    assert osler("build", folder).exit_code == 0
    page = (folder / "build/site/bcg-vaccine/index.html").read_text("utf-8")
    assert "no events in either group" in page


@pytest.mark.parametrize("name", ["results.csv", "arms.csv", "pages/bcg-vaccine.md"])
@pytest.mark.parametrize("how", ["folder", "link to nowhere", "link to itself"])
def test_what_cannot_be_read_is_named_and_exits_with_2(folder: Path, name: str, how: str) -> None:
    path = folder / name
    path.unlink()
    if how == "folder":
        path.mkdir()
    else:
        path.symlink_to(path.name if how == "link to itself" else "nowhere.csv")
    for command in ("check", "build"):
        result = osler(command, folder)
        assert (result.exit_code, name in result.output) == (2, True)
    (told,) = json.loads(osler("check", folder, "--format", "json").stdout)
    assert (told["code"], told["file"]) == ("REV037", str(path))


def test_pages_as_a_file_is_not_passed_over(folder: Path) -> None:
    shutil.rmtree(folder / "pages")
    (folder / "pages").write_text("x", "utf-8")
    result = osler("check", folder)
    assert (result.exit_code, "pages" in result.output) == (2, True)


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'><b onclick=x>"


@pytest.mark.parametrize(
    ("file", "old"),
    [
        ("studies.csv", "Aronson 1948"),
        ("studies.csv", "people at risk of tuberculosis"),
        ("facts.csv", "Trials whose results stand in the tables of this folder"),
        ("osler.toml", "the risk of tuberculosis"),
        ("osler.toml", "My health pages"),
        ("osler.toml", "Does BCG vaccine prevent tuberculosis?"),
        ("references.json", "Efficacy of BCG vaccine"),
        ("references.json", "10.1001/jama.1994.03510330076038"),
        ("pages/bcg-vaccine.md", "Does BCG vaccine prevent tuberculosis?"),
        ("pages/bcg-vaccine.md", "Replace this page"),
    ],
)
def test_nothing_that_is_typed_becomes_live_html(folder: Path, file: str, old: str) -> None:
    inside = HOSTILE.replace('"', '\\"') if file.endswith(("toml", "json")) else HOSTILE
    quoted = '"' + HOSTILE.replace('"', '""') + '"' if file.endswith("csv") else inside
    spoil(folder, file, old, quoted)
    assert osler("build", folder).exit_code in (0, 1)
    pages = sorted((folder / "build/site").rglob("*.html"))
    assert pages
    for page in pages:
        text = page.read_text("utf-8")
        assert "<script>" not in text
        assert "<img" not in text
        assert "<b onclick" not in text


@pytest.mark.parametrize("port", ["-1", "65536", "99999", "http"])
def test_a_port_that_cannot_be_is_refused(folder: Path, port: str) -> None:
    result = osler("serve", folder, "--port", port)
    assert (result.exit_code, "--port" in result.output) == (2, True)


def test_the_commands_that_new_prints_work_with_spaces_in_the_name(tmp_path: Path) -> None:
    result = osler("new", tmp_path / "my page")
    assert f"osler check '{tmp_path}/my page'" in result.output


def test_python_runs_the_command_as_a_module() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "osler", "explain", "SYN010"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == osler("explain", "SYN010").output
    assert "SYN010" in told.stdout
