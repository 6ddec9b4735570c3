"""Folders as they should be, and one thing wrong at a time."""

from importlib.resources import files

import pytest

from osler.core.diagnostics import Severity
from osler.review.reading import TABLES, parse_review, schema
from tests.unit.review.folders import (
    ARMS,
    CONTRASTS,
    REFERENCES,
    RESULTS,
    STUDIES,
    TOML,
    small_folder,
)


def judgement(
    about: str = "rest vs usual care / recovery", levels: str = "1", by: str = "the reviewers"
) -> str:
    """One entry of certainty.toml."""
    return (
        f'[[judgement]]\nabout = "{about}"\nreason = "indirectness"\nlevels = {levels}\n'
        f'because = "other patients"\nby = "{by}"\ndate = "2026-01-31"\n'
    )


def found(**changed: str | bytes | None) -> list[tuple[str, str, int, str]]:
    """Code, file, line and field of every diagnostic."""
    _, diagnostics = parse_review(small_folder(**changed))
    return [(d.code, d.place.file, d.place.line, d.place.field) for d in diagnostics]


def test_a_sound_folder_is_read_whole_and_clean() -> None:
    review, diagnostics = parse_review(small_folder())
    assert not diagnostics
    assert review is not None
    assert list(review.studies) == ["one", "two"]
    assert len(review.results) == 6
    assert review.outcomes["leg pain"].mid is not None
    assert review.comparisons["rest vs usual care"].interventions == ("rest",)


def test_old_addresses_for_the_site_are_no_stranger() -> None:
    assert not found(redirects_csv="from,to\n/old/,/new/\n")


def test_the_starter_folder_is_clean() -> None:
    starter = files("osler.cli") / "starter"
    content = {p.name: p.read_bytes() for p in starter.iterdir() if p.is_file()}
    review, diagnostics = parse_review(content)
    assert review is not None
    assert diagnostics == ()


@pytest.mark.parametrize("table", TABLES)
def test_every_schema_describes_each_field(table: str) -> None:
    assert all(len(field.description) > 8 for field in schema(table).fields)


def test_no_question_no_review() -> None:
    review, diagnostics = parse_review({"studies.csv": b"id\n"})
    assert review is None
    assert [d.code for d in diagnostics] == ["REV001"]


def test_broken_toml_names_its_line() -> None:
    assert ("REV006", "osler.toml", 2, "") in found(osler_toml='format = 1\ntitle = "x\n')


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("one,a1,recovery,,6,,20,40", "one,a1,recovery,,6,,41,40", ("REV008", 2, "events")),
        ("one,a1,recovery,,6,,20,40", "one,a1,recovery,,6,,x,40", ("TAB004", 2, "events")),
        ("50,3.0,2.0", "50,3.0,-2.0", ("TAB004", 6, "sd")),
        ("50,3.0,2.0", "50,3.0,0", ("REV009", 6, "mean")),
        ("one,a1,recovery", "eno,a1,recovery", ("REV011", 2, "study")),
        ("one,a1,recovery", "one,a9,recovery", ("REV012", 2, "arm")),
        ("one,a1,recovery", "one,a1,recovry", ("REV014", 2, "outcome")),
    ],
)
def test_results(old: str, new: str, expected: tuple[str, int, str]) -> None:
    code, line, field = expected
    assert (code, "results.csv", line, field) in found(results_csv=RESULTS.replace(old, new, 1))


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("a1,a1,leg pain,NRS 0-10,4,MD,-1.5,,-2.5,-0.5", "REV028"),
        ("a1,a2,leg pain,NRS 0-10,4,OR,-1.5,,-2.5,-0.5", "REV029"),
        ("a1,a2,leg pain,NRS 0-10,4,MD,-1.5,,-0.5,-2.5", "REV016"),
        ("a1,a2,leg pain,NRS 0-10,4,MD,1.5,,-2.5,-0.5", "REV016"),
        ("a1,a2,leg pain,NRS 0-10,4,XX,-1.5,,-2.5,-0.5", "TAB004"),
    ],
)
def test_contrasts(new: str, code: str) -> None:
    old = "a1,a2,leg pain,NRS 0-10,4,MD,-1.5,,-2.5,-0.5"
    assert code in {item[0] for item in found(contrasts_csv=CONTRASTS.replace(old, new))}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"arms_csv": ARMS.replace("two,a1,rest,50\ntwo,a2,usual care,50\n", "")}, "REV007"),
        ({"arms_csv": ARMS.replace("one,a1,rest", "one,a1,resting")}, "REV010"),
        ({"arms_csv": ARMS + "one,a1,rest,40\n"}, "TAB007"),
        ({"arms_csv": None}, "REV002"),
        ({"arms_csv": ""}, "TAB009"),
        ({"studies_csv": STUDIES + "one,One b,2001,RCT,,,yes,\n"}, "TAB007"),
        ({"studies_csv": STUDIES.replace("yes,\ntwo", "no,\ntwo")}, "REV015"),
        ({"studies_csv": STUDIES.replace("Two 2002", "One 2001")}, "REV027"),
        ({"studies_csv": STUDIES.replace("parallel RCT,,", "parallel RCT,nobody,", 1)}, "REV030"),
        ({"studies_csv": "\ufeff" + STUDIES}, "TAB002"),
        ({"studies_csv": STUDIES.replace("One", "Ône").encode("latin-1")}, "TAB001"),
        ({"osler_toml": TOML.replace("prefer_week = 6", "prefer_weeks = 6")}, "REV005"),
        ({"osler_toml": TOML.replace('measure = "RR"', 'measure = "MD"')}, "REV004"),
        ({"osler_toml": TOML.replace("format = 1", "format = 7")}, "REV020"),
        ({"osler_toml": TOML.replace('comparators = ["usual', 'comparators = ["usul')}, "REV013"),
        (
            {"osler_toml": TOML.replace('comparators = ["usual care', 'comparators = ["rest')},
            "REV025",
        ),
        ({"osler_toml": TOML.replace('name = "leg pain"', 'name = "recovery"')}, "REV021"),
        ({"osler_toml": TOML.replace("high = 10\n", "high = -1\n")}, "REV022"),
        ({"osler_toml": TOML.replace("value = 10,", "value = -10,")}, "REV023"),
        ({"osler_toml": TOML.replace("mid = { value = 10,", "large = { value = 10,")}, "REV024"),
        ({"osler_toml": TOML.replace('comparator = "usual care"', "")}, "REV003"),
        ({"references_json": "[{]"}, "REV018"),
        ({"references_json": '[{"title": "no id"}]'}, "REV018"),
        ({"facts_csv": "id,statement,value\nf,Some fact,3\n"}, "REV031"),
        (
            {"osler_toml": TOML.replace('name = "rest"\n', 'name = "rest"\nharms = ["f"]\n', 1)},
            "REV032",
        ),
        ({"certainty_toml": judgement(about="rest vs sleep / recovery")}, "REV019"),
        ({"certainty_toml": judgement(levels="9")}, "REV026"),
        ({"certainty_toml": judgement(by="")}, "REV033"),
        ({"certainty_toml": judgement() + judgement()}, "REV034"),
        ({"certainty_toml": "[[judgment]]\n"}, "REV005"),
        ({"references_json": " \n "}, "REV018"),
        ({"references_json": "[" * 100_000}, "REV018"),
        (
            {"references_json": REFERENCES.replace('"title": "Imprecision"', '"volume": 1')},
            "REV036",
        ),
        ({"result_csv": RESULTS}, "REV035"),
        ({"pages/old/page_md": "# Old"}, "REV035"),
        ({"pages/page_MD": "# Old"}, "REV035"),
        ({"osler_toml": TOML + '[[instruments]]\nid = "NRS 0-10"\nlow = 0\nhigh = 5\n'}, "REV021"),
        ({"osler_toml": TOML.replace("low = 0\nhigh = 100", "low = 100\nhigh = 0")}, "REV022"),
        ({"osler_toml": TOML.replace('condition = "sciatica"', 'condition = " "')}, "REV003"),
    ],
)
def test_one_thing_wrong_is_named(changed: dict[str, str | bytes | None], code: str) -> None:
    assert code in {item[0] for item in found(**changed)}


def test_arms_may_not_hold_more_than_were_randomised_unless_it_is_a_crossover() -> None:
    studies = STUDIES.replace("id,label", "id,randomised,label").replace("one,One", "one,60,One")
    studies = studies.replace("two,Two", "two,100,Two")
    assert "REV017" in {item[0] for item in found(studies_csv=studies)}
    crossover = studies.replace("parallel RCT", "crossover RCT", 1)
    assert "REV017" not in {item[0] for item in found(studies_csv=crossover)}


def test_every_diagnostic_says_what_to_do() -> None:
    _, diagnostics = parse_review(
        small_folder(arms_csv="study\n", results_csv="study,arm\n1,2,3\n")
    )
    assert diagnostics
    assert all(d.help for d in diagnostics if d.severity is not Severity.NOTE)


@pytest.mark.parametrize(
    "line",
    [
        "site = 1",
        "model = []",
        "instruments = [[]]",
        'words = [1, "sciatica"]',
        'site = { url = "javascript:alert(1)" }',
        'site = { language = "English, mostly" }',
        "model = { level = 0.99999999 }",
        'model = { ci = "" }',
        "format = true",
    ],
)
def test_wrong_types_in_osler_toml_are_named_and_not_passed_over(line: str) -> None:
    key = line.split(" ")[0]
    rest = "\n".join(each for each in TOML.splitlines() if not each.startswith(f"{key} ="))
    if key == "instruments":
        head, _, tail = rest.partition("[[instruments]]")
        rest = head + tail[tail.index("[[") :]
    codes = {(code, at) for code, file, at, _ in found(osler_toml=f"{line}\n{rest}")}
    assert codes & {("REV004", 1), ("REV020", 1)}


@pytest.mark.parametrize(
    ("line", "role", "codes"),
    [
        ("", "active", []),
        ('role = "inactive"', "inactive", []),
        ('role = "usual care"', "usual care", []),
        ('role = "placebo"', "active", ["REV004"]),
    ],
)
def test_the_role_of_a_treatment(line: str, role: str, codes: list[str]) -> None:
    toml = TOML.replace('name = "usual care"\n', f'name = "usual care"\n{line}\n', 1)
    review, diagnostics = parse_review(small_folder(osler_toml=toml))
    assert review is not None
    assert review.treatments["usual care"].role == role
    assert [d.code for d in diagnostics] == codes


@pytest.mark.parametrize("value", ["nan", "inf", "1e308", "true", "[]", '"x"', "2020-01-01"])
@pytest.mark.parametrize("key", ["prefer_week = 6", "low = 0", "mid = { value = 10, kind"])
def test_numbers_that_are_none_are_named(key: str, value: str) -> None:
    name = key.split(" = ")[0]
    toml = TOML.replace('name = "leg pain"\n', f'name = "leg pain"\n{name} = {value}\n')
    leg_pain = toml.index('name = "leg pain"')
    at = toml.index(f"\n{name} = ", toml.index(f"{name} = {value}") + 1)
    toml = toml[:at] + toml[toml.index("\n", at + 1) :]
    assert at > leg_pain
    assert "REV004" in {item[0] for item in found(osler_toml=toml)}


@pytest.mark.parametrize(
    "field",
    [
        '"author": "Qin Z"',
        '"author": [{"given": "Z."}]',
        '"author": [{"family": 1}]',
        '"issued": {"date-parts": [["soon"]]}',
        '"issued": {"date-parts": [[2020.5]]}',
        '"issued": "2020"',
        '"volume": ["a"]',
    ],
)
def test_a_reference_keeps_what_can_be_printed(field: str) -> None:
    text = REFERENCES.replace('"title"', f'{field}, "title"')
    review, diagnostics = parse_review(small_folder(references_json=text))
    assert review is not None
    assert field.split('"')[1] not in review.references["guyatt-2011"]
    assert [(d.code, d.place.field, d.severity) for d in diagnostics] == [
        ("REV036", "id", Severity.WARNING)
    ]


@pytest.mark.parametrize("table", ["arms_csv", "studies_csv"])
@pytest.mark.parametrize("content", [None, "study,treatment\n", ""])
def test_a_table_that_cannot_be_used_is_one_finding_not_one_for_each_row(
    table: str, content: str | None
) -> None:
    codes = {item[0] for item in found(**{table: content})}
    assert codes & {"REV002", "TAB005", "TAB009"}
    assert not codes & {"REV007", "REV011", "REV012"}


def test_an_unknown_name_is_underlined_in_its_own_cell() -> None:
    _, diagnostics = parse_review(
        small_folder(results_csv=RESULTS.replace("one,a1,recovery", "one,a9,recovery", 1))
    )
    (told,) = [d for d in diagnostics if d.code == "REV012"]
    assert told.place.source[told.place.column - 1 : told.place.end_column - 1] == "a9"
    assert told.message == "'a9' is not an arm of 'one'"
