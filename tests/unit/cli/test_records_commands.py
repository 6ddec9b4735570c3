"""``osler records`` and ``osler prisma`` as a person runs them."""

import json
import re
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from osler.cli.prisma import prisma_command
from osler.cli.records import folder as folder_files
from osler.cli.records import importing, reading
from osler.cli.records.group import COMMANDS, records_group
from osler.records.formats import pieces

EXAMPLE = Path(__file__).parents[3] / "examples" / "sciatica"
RIS = """TY  - JOUR
AU  - Author, A.
TI  - Needling the leg for sciatica: a randomised trial
PY  - 2019
DO  - 10.1000/needling
ER  -
TY  - JOUR
AU  - Author, Anne
TI  - Needling the Leg for Sciatica: A Randomised Trial.
PY  - 2019
DO  - 10.1000/needling
ER  -
TY  - JOUR
AU  - Cauthor, C.
TI  - Rivets in old bridges
PY  - 1988
ER  -
"""


def records(*arguments: str | Path) -> Result:
    return CliRunner().invoke(records_group, [str(a) for a in arguments], catch_exceptions=False)


def prisma(*arguments: str | Path) -> Result:
    return CliRunner().invoke(prisma_command, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "hits.ris"
    path.write_text(RIS, "utf-8")
    return path


@pytest.fixture
def review(tmp_path: Path, export: Path) -> Path:
    """A review with one export in its library."""
    folder = tmp_path / "review"
    folder.mkdir()
    (folder / "osler.toml").write_text('title = "T"\n', "utf-8")
    added = records(
        "add", export, folder, "--database", "PubMed", "--date", "2026-01-05", "--hits", "3"
    )
    assert added.exit_code == 0, added.output
    return folder


def keys(review: Path) -> dict[str, str]:
    lines = (review / "records/library.jsonl").read_text("utf-8").splitlines()
    return {json.loads(line)["title"].rstrip("."): json.loads(line)["key"] for line in lines}


def decide(review: Path, *rows: str) -> None:
    head = "record,stage,verdict,reason,who,when\n"
    (review / "records/decisions.csv").write_text(head + "".join(f"{r}\n" for r in rows), "utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = records(command, "--help")
    assert result.exit_code == 0
    assert f"osler records {command}" in result.output


def test_a_mistyped_command_is_answered_with_the_near_one() -> None:
    assert "Did you mean 'dedupe'?" in records("dedup").output


@pytest.mark.parametrize("style", ["text", "json"])
def test_import_tells_the_same_on_several_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, style: str
) -> None:
    export = tmp_path / "large.ris"
    export.write_text(RIS * 3_000 + "TY  - JOUR\n", "utf-8")
    told = []
    for number in (1, 2):
        monkeypatch.setattr(importing, "cores", lambda n=number: n)
        monkeypatch.setattr(pieces, "_LARGE", 100_000)
        monkeypatch.setattr(pieces, "_PIECE", 100_000)
        result = records("import", export, "--format", style)
        told.append((result.exit_code, result.stdout, result.stderr))
    assert told[0] == told[1]
    assert "9001" in told[0][1]
    assert 1 <= reading.cores() <= 8


def test_import_reports_and_converts(export: Path, tmp_path: Path) -> None:
    out = tmp_path / "hits.csv"
    result = records("import", export, "-o", out)
    assert (result.exit_code, "3 seen, 3 kept" in result.output) == (0, True), result.output
    again = json.loads(records("import", out, "--format", "json").stdout)
    assert again[0]["report"]["kept"] == 3
    assert again[0]["report"]["filled"]["doi"] == 2


@pytest.mark.parametrize("command", ["import", "dedupe"])
def test_a_file_that_is_not_there_exits_with_2(command: str, tmp_path: Path) -> None:
    result = records(command, tmp_path / "none.ris")
    assert (result.exit_code, "cannot read" in result.output) == (2, True)


def test_an_ending_that_is_not_known_is_refused(export: Path, tmp_path: Path) -> None:
    result = records("import", export, "-o", tmp_path / "hits.doc")
    assert (result.exit_code, "should end in" in result.output) == (2, True)


def test_dedupe_needs_no_folder_and_gives_back_the_ids(tmp_path: Path) -> None:
    table = tmp_path / "all.csv"
    rows = [
        "ID,title,author,year,doi",
        'r9,A trial of rest,"Hart, A.",2001,10.1000/x',
        'r7,A trial of rest.,"Hart, A",2001,10.1000/x',
        'r3,Bridges and rivets,"Bauthor, B.",1999,',
    ]
    table.write_text("\n".join(rows) + "\n", "utf-8")
    values = json.loads(records("dedupe", table, "--format", "json").stdout)
    (group,) = values["groups"]
    assert sorted(group["records"]) == ["r7", "r9"]
    assert "same DOI" in group["why"][0]["reason"]
    assert (values["records"], values["unique"]) == (3, 2)
    out = tmp_path / "groups.csv"
    assert records("dedupe", table, "--format", "csv", "-o", out).exit_code == 0
    lines = out.read_text("utf-8").splitlines()
    assert {tuple(line.split(",")[:2]) for line in lines[1:]} == {
        ("r3", "r3"),
        ("r7", "r7"),
        ("r9", "r7"),
    }


def test_records_without_ids_are_called_by_their_place(export: Path, tmp_path: Path) -> None:
    unique = tmp_path / "unique.ris"
    result = records("dedupe", export, "--unique", unique)
    assert "hits.ris:1 = hits.ris:2" in result.output
    assert unique.read_text("utf-8").count("TY  -") == 2


def test_add_tells_what_is_new_and_check_is_clean_but_for_the_strategy(review: Path) -> None:
    assert len(keys(review)) == 2
    assert (review / "osler.toml").read_text("utf-8").endswith('searched = "2026-01-05"\n')
    assert (review / "records/exports/hits.ris").read_text("utf-8") == RIS
    result = records("check", review, "--format", "json")
    assert result.exit_code == 1
    assert [d["code"] for d in json.loads(result.stdout)] == ["REC075"]


def test_add_refuses_what_is_there_and_writes_nothing(review: Path, export: Path) -> None:
    before = {p: p.read_bytes() for p in review.rglob("*") if p.is_file()}
    result = records("add", export, review, "--database", "Embase", "--date", "2026-01-06")
    assert (result.exit_code, "REC090" in result.output) == (2, True)
    assert {p: p.read_bytes() for p in review.rglob("*") if p.is_file()} == before


def test_a_day_that_is_none_is_refused(review: Path, export: Path) -> None:
    result = records("add", export, review, "--database", "PubMed", "--date", "5 January")
    assert (result.exit_code, "YYYY-MM-DD" in result.output) == (2, True)


def test_new_records_are_ranked_by_what_was_decided(review: Path, tmp_path: Path) -> None:
    needling, rivets = sorted(keys(review).values())  # by author
    decide(
        review,
        f"{needling},title-abstract,include,,A,2026-01-06T10:00:00Z",
        f"{rivets},title-abstract,exclude,,A,2026-01-06T10:01:00Z",
    )
    more = tmp_path / "more.ris"
    more.write_text(
        "".join(
            f"TY  - JOUR\nAU  - {a}, A.\nTI  - {t}\nPY  - 2020\nER  -\n"
            for a, t in [
                ("Dauthor", "Old bridges and their rivets in winter"),
                ("Eauthor", "Sciatica and needling: another randomised trial"),
            ]
        ),
        "utf-8",
    )
    options = ("--database", "PubMed", "--date", "2026-02-05", "--format", "json")
    values = json.loads(records("add", more, review, *options).stdout)
    titles = {key: title for title, key in keys(review).items()}
    assert [titles[key].split()[0] for key in values["ranked"]] == ["Sciatica", "Old"]


def test_a_pair_is_judged_and_the_judgement_taken_back(review: Path) -> None:
    line = next(
        json.loads(line)
        for line in (review / "records/library.jsonl").read_text("utf-8").splitlines()
        if "parts" in line
    )
    first, second = (part["key"] for part in line["parts"])
    apart = records("look", review, "--apart", first, second, "--who", "A", "--why", "two")
    assert apart.exit_code == 0, apart.output
    assert len((review / "records/library.jsonl").read_text("utf-8").splitlines()) == 3
    records("look", review, "--undo", first, second, "--who", "A")
    assert len((review / "records/library.jsonl").read_text("utf-8").splitlines()) == 2
    near = records("look", review, "--merge", first, f"{second}x")
    assert f"did you mean {second!r}?" in near.output
    unknown = records("look", review, "--merge", first, "nobody")
    assert (unknown.exit_code, "no record 'nobody'" in unknown.output) == (2, True)


def test_the_flow_and_the_status_follow_the_decisions(review: Path) -> None:
    needling, rivets = sorted(keys(review).values())
    decide(
        review,
        f"{rivets},title-abstract,exclude,,A,2026-01-06T10:00:00Z",
        f"{needling},title-abstract,include,,A,2026-01-06T10:01:00Z",
    )
    status = records("screen-status", review, "--format", "json")
    assert status.exit_code == 1
    assert json.loads(status.stdout)["reviewers"]["title-abstract"] == {"A": 2}
    flow = json.loads(prisma(review, "--format", "json").stdout)
    assert flow["databases"]["keys"] == {
        "excluded on title and abstract": [rivets],
        "full text not got yet": [needling],
    }


def test_a_certificate_says_whether_to_stop_and_stays_in_the_folder(review: Path) -> None:
    needling = min(keys(review).values())
    decide(review, f"{needling},title-abstract,include,,A,2026-01-06T10:01:00Z")
    result = records("screen-status", review, "--certificate")
    assert result.exit_code == 1
    text = (review / "records/certificate.toml").read_text("utf-8")
    assert "reached = false" in text
    assert "total = 2" in text


def test_two_reviewers_are_compared_and_their_conflicts_named(review: Path) -> None:
    first, second = sorted(keys(review).values())
    decide(
        review,
        *(f"{key},title-abstract,include,,A,2026-01-06T10:01:00Z" for key in (first, second)),
        f"{first},title-abstract,include,,B,2026-01-06T10:02:00Z",
        f"{second},title-abstract,exclude,,B,2026-01-06T10:03:00Z",
    )
    values = json.loads(records("screen-status", review, "--format", "json").stdout)
    assert values["conflicts"]["title-abstract"] == [second]
    assert values["agreement"]["title-abstract"]["records"] == 2
    assert values["agreement"]["title-abstract"]["percent"]["estimate"] == 0.5
    told = records("screen-status", review).output
    assert "percent 0.50" in told
    assert f"Reviewers disagree (title-abstract): {second}" in told


def test_studies_are_begun_and_not_written_twice(review: Path) -> None:
    for key in sorted(keys(review).values())[:1]:
        decide(review, f"{key},full-text,include,,A,2026-01-06T10:01:00Z")
    dry = records("studies", review, "--dry-run")
    assert "would be written" in dry.output
    assert not (review / "studies.csv").exists()
    assert records("studies", review).exit_code == 0
    written = {p.name: p.read_bytes() for p in review.glob("*.*")}
    assert b"author-2019" in written["studies.csv"]
    assert json.loads(written["references.json"])[0]["DOI"] == "10.1000/needling"
    assert "author-2019" in (review / "records/reports.csv").read_text("utf-8")
    again = records("studies", review)
    assert "written" not in again.output
    assert {p.name: p.read_bytes() for p in review.glob("*.*")} == written
    (review / "references.json").write_text("{", "utf-8")
    broken = records("studies", review)
    assert (broken.exit_code, "is not a list" in broken.output) == (2, True)


@pytest.mark.parametrize("ending", [".svg", ".csv", ".html"])
def test_the_flow_is_written_to_a_file(ending: str, review: Path, tmp_path: Path) -> None:
    out = tmp_path / f"flow{ending}"
    style = ["--format", ending[1:]] if ending != ".svg" else []
    result = prisma(review, "-o", out, *style)
    assert (result.exit_code, str(out) in result.stdout) == (1, True)  # a strategy is missing
    assert "PubMed" in out.read_text("utf-8")


def test_a_checklist_is_never_written_over(review: Path, tmp_path: Path) -> None:
    out = tmp_path / "checklist.md"
    assert records("checklist", review, "-o", out).exit_code == 0
    out.write_text("mine", "utf-8")
    assert records("checklist", review, "-o", out).exit_code == 2
    assert out.read_text("utf-8") == "mine"
    assert "| 16a |" in records("checklist", review).output


@pytest.mark.parametrize(
    "run",
    [
        lambda folder: records("check", folder),
        lambda folder: records("look", folder),
        lambda folder: records("screen-status", folder),
        lambda folder: records("studies", folder),
        lambda folder: records("checklist", folder),
        prisma,
    ],
)
def test_a_folder_without_records_is_told(run: Callable[[Path], Result], tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "osler records add" in result.output


def test_the_example_is_clean_and_its_flow_is_the_one_that_its_script_says() -> None:
    assert records("check", EXAMPLE).exit_code == 0
    result = prisma(EXAMPLE, "--format", "json")
    flow = json.loads(result.stdout)
    assert result.exit_code == 0
    # Counted by hand from the lists in make_search.py: 19 + 17 + 10 + 10 database records of
    # 38 reports, and 4 cited ones of which 2 are new.
    assert (flow["databases"]["records"], flow["databases"]["unique"]) == (56, 38)
    assert (flow["others"]["records"], flow["others"]["included"]) == (4, 2)
    assert flow["databases"]["sought"] == 25
    assert flow["included"]["new_studies"] == 21
    assert flow["finished"]


def nbib(number: int) -> str:
    return f"PMID- {number}\nTI  - Ropes and sails of ship number {number}\nDP  - 1990\n\n"


def test_parts_of_one_export_are_one_search(review: Path, tmp_path: Path) -> None:
    parts = [tmp_path / f"part-{i}.nbib" for i in (1, 2, 3)]
    for i, part in enumerate(parts):
        part.write_text(nbib(2000 + i), "utf-8")
    both = records("add", *parts[:2], review, "--database", "Scopus", "--date", "2026-01-06")
    assert "together: 2 records; 2 new, 0 known already" in both.output
    third = records("add", parts[2], review, "--part-of", "scopus-2026-01-06", "--format", "json")
    assert (third.exit_code, len(json.loads(third.stdout)["new"])) == (0, 1), third.output
    said = tomllib.loads((review / "records/searches.toml").read_text("utf-8"))["search"]
    assert [len(one["exports"]) for one in said] == [1, 3]
    assert re.search(r"Scopus +3\n", prisma(review).output)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--part-of", "none"), "there is no search 'none'"),
        (("--part-of", "pubmed-2026-01-05", "--database", "X"), "takes database and date"),
        (("--date", "2026-01-05"), "Missing option '--database'"),
        (("--database", " ", "--date", "2026-01-05"), "Missing option '--database'"),
    ],
)
def test_a_search_that_is_not_said_is_refused(
    options: tuple[str, ...], told: str, review: Path, export: Path
) -> None:
    before = (review / "records/searches.toml").read_bytes()
    result = records("add", export, review, *options)
    assert (result.exit_code, told in result.output) == (2, True), result.output
    assert (review / "records/searches.toml").read_bytes() == before


@pytest.mark.parametrize("day", ["2926-01-05", "0206-01-05"])
def test_a_slip_in_the_year_is_refused(day: str, review: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.nbib"
    more.write_text(nbib(7), "utf-8")
    result = records("add", more, review, "--database", "Embase", "--date", day)
    assert (result.exit_code, f"{day} cannot be the day" in result.output) == (2, True)


def test_the_folder_may_be_left_out(
    review: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "more.nbib").write_text(nbib(7), "utf-8")
    monkeypatch.chdir(review)
    result = records("add", "../more.nbib", "--database", "Embase", "--date", "2026-01-05")
    assert (result.exit_code, "1 new" in result.output) == (0, True), result.output
    assert records("add", "..", "--database", "E", "--date", "2026-01-05").exit_code == 2


@pytest.mark.parametrize("command", ["import", "dedupe"])
def test_standard_input_is_read(command: str, export: Path) -> None:
    arguments = [command, "-", "--format", "json"]
    result = CliRunner().invoke(records_group, arguments, input=export.read_bytes())
    values = json.loads(result.stdout)
    assert (values[0]["report"]["kept"] if command == "import" else values["records"]) == 3


def test_every_record_is_in_one_group_or_alone(export: Path) -> None:
    values = json.loads(records("dedupe", export, "--format", "json").stdout)
    grouped = [key for group in values["groups"] for key in group["records"]]
    assert sorted([*grouped, *values["alone"]]) == ["hits.ris:1", "hits.ris:2", "hits.ris:3"]


def test_a_change_that_was_cut_short_is_finished_by_the_next_command(
    review: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between two files: the old state never shows beside the new one."""
    more = tmp_path / "more.nbib"
    more.write_text(nbib(7), "utf-8")
    whole, told = folder_files._write, []

    def dies(path: Path, content: bytes) -> None:
        if path.name == ".library.jsonl.new":
            raise KeyboardInterrupt
        told.append(path)
        whole(path, content)

    monkeypatch.setattr(folder_files, "_write", dies)
    killed = records("add", more, review, "--database", "Embase", "--date", "2026-01-05")
    assert killed.exit_code == 1, "click turns the interrupt into an exit"
    assert told, "it wrote before it died"
    monkeypatch.undo()
    assert re.search(r"Embase +1\n", prisma(review).output)
    assert "Ropes and sails of ship number 7" not in keys(review)
    assert records("report", keys(review)["Rivets in old bridges"], review, "--note", "x").stdout
    assert "Ropes and sails of ship number 7" in keys(review)
    assert not list((review / "records").glob(".*"))
    assert "REC089" not in records("check", review).output


def test_whoever_comes_second_waits_and_reads_what_the_first_has_written(
    review: Path, tmp_path: Path
) -> None:
    export = tmp_path / "more.nbib"
    export.write_text(nbib(11), "utf-8")
    searches = review / "records/searches.toml"
    arguments = ("add", export, review, "--database", "Embase", "--date", "2026-01-05")
    with ThreadPoolExecutor() as pool:
        with folder_files.alone(review):
            second = pool.submit(records, *arguments)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
            before = searches.read_text("utf-8")
            searches.write_text(f'{before}\n[[search]]\ndatabase = "CENTRAL"\n', "utf-8")
        assert second.result(timeout=60).exit_code == 0
    said = tomllib.loads(searches.read_text("utf-8"))["search"]
    assert [one["database"] for one in said] == ["PubMed", "CENTRAL", "Embase"]


def test_a_full_text_is_followed_from_the_command_line(review: Path) -> None:
    key = keys(review)["Rivets in old bridges"]
    decide(review, f"{key},title-abstract,include,,A,2026-02-01T10:00:00Z")
    assert f"  {key}  full text not got yet" in records("report", review).output
    assert records("report", key, review, "--status", "retrieved", "--study", "b-1").exit_code == 0
    result = records("report", key, review, "--link", "pdf/b.pdf", "--who", "A. Author")
    assert "full text not assessed yet" in result.output
    (values,) = json.loads(records("report", key, review, "--format", "json").stdout)
    assert [values[n] for n in ("status", "link", "study", "who")] == [
        "retrieved",
        "pdf/b.pdf",
        "b-1",
        "A. Author",
    ]
    table = (review / "records/reports.csv").read_text("utf-8").splitlines()
    assert len(table) == 3, "rows are only added"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("none", "--status", "retrieved"), "no record 'none'"),
        (("--status", "retrieved"), "name the record"),
        (("x", "--status", "lost"), "Invalid value"),
    ],
)
def test_a_report_that_cannot_be_written_is_refused(
    arguments: tuple[str, ...], told: str, review: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(review)
    result = records("report", *arguments)
    assert (result.exit_code, told in result.output) == (2, True), result.output
    assert not (review / "records/reports.csv").exists()


def test_a_search_is_held_against_the_known_studies(review: Path, tmp_path: Path) -> None:
    assert records("search-check", review).exit_code == 2
    (review / "records/known.csv").write_text(
        "title,doi\n,10.1000/needling\nA study that nobody finds,\n", "utf-8"
    )
    result = records("search-check", review)
    assert (result.exit_code, "1 of 2 known studies found" in result.output) == (1, True)
    assert "PubMed  1  1 by it alone" in result.output
    assert result.output.endswith("Not found:\n  A study that nobody finds\n")
    draft = tmp_path / "draft.ris"
    draft.write_text("TY  - JOUR\nTI  - Rivets in old bridges\nER  -\n", "utf-8")
    missed = json.loads(
        records("search-check", review, "--export", draft, "--format", "json").stdout
    )
    assert [one["found"] for one in missed] == [False, False]
    both = records("search-check", tmp_path, "--export", draft, "--known", draft)
    assert (both.exit_code, "1 of 1 known study found" in both.output) == (0, True), both.output


def test_an_export_that_was_only_copied_into_the_folder_is_told(review: Path) -> None:
    (review / "records/exports/more.nbib").write_text(nbib(9), "utf-8")
    output = records("check", review).output
    assert "REC079" in output
    assert "records/exports/more.nbib has no row in imports.csv" in output


def test_files_of_one_name_are_told_apart(export: Path, tmp_path: Path) -> None:
    again = tmp_path / "second" / export.name
    again.parent.mkdir()
    again.write_bytes(export.read_bytes())
    for files in ((export, again), (export, export)):
        values = json.loads(records("dedupe", *files, "--format", "json").stdout)
        told = [*(k for g in values["groups"] for k in g["records"]), *values["alone"]]
        assert (len(told), len(set(told)), values["unique"]) == (6, 6, 2)
