"""Every case gives exactly the diagnostics that it expects."""

from pathlib import Path

import pytest

from tests.cases.reading import Case, check_case, read_case, told

FOLDER = Path(__file__).parent
CASES = sorted(path.name for path in FOLDER.glob("*.md") if path.name != "base.md")


def test_there_are_cases() -> None:
    assert len(CASES) >= 8


@pytest.mark.parametrize("name", CASES)
def test_a_case_gives_what_it_expects(name: str) -> None:
    case = read_case(FOLDER / name)
    _, found = check_case(case)
    assert [told(d) for d in found] == case.expected


@pytest.mark.parametrize("name", CASES)
def test_every_finding_says_what_to_do(name: str) -> None:
    _, found = check_case(read_case(FOLDER / name))
    assert [d.code for d in found if not d.help or not (d.found or d.so)] == []


def test_a_case_with_another_page_gives_something_else() -> None:
    case = read_case(FOLDER / "honest.md")
    page = case.blocks["pages/honest.md"] + "\nAcupuncture cures sciatica.\n"
    _, found = check_case(Case({**case.blocks, "pages/honest.md": page}))
    assert [d.code for d in found] == ["CLM006"]
