"""The check that the lock is in step with pyproject.toml sees what it should see."""

import pytest
import requirements_in_step as check
from packaging.requirements import Requirement

HASH = " \\\n    --hash=sha256:" + "0" * 64 + "\n"
WANTED = [Requirement("numpy>=1.26"), Requirement("markdown-it-py>=3")]
GOOD = f"markdown_it_py==4.3.0{HASH}numpy==2.4.6 ; python_full_version < '3.12'{HASH}"


def problems(text: str) -> list[str]:
    return list(check.out_of_step("dev.txt", text, WANTED))


def test_the_lock_of_this_project_is_in_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main() == 0, capsys.readouterr().out


def test_a_lock_in_step_gives_nothing() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"numpy==2.4.6{HASH}", "dev.txt: markdown-it-py is not locked"),
        (GOOD.replace("2.4.6", "1.25.0"), "dev.txt: numpy==1.25.0; pyproject.toml asks"),
        (GOOD + "six==1.17.0\n", "dev.txt: six==1.17.0 has no hash"),
        (GOOD + "--index-url local\n", "dev.txt: names an index or an address"),
        (GOOD + "# from https://example.org\n", "dev.txt: names an index or an address"),
    ],
)
def test_what_is_out_of_step_is_named(text: str, problem: str) -> None:
    found = problems(text)
    assert len(found) == 1
    assert found[0].startswith(problem)


def test_groups_are_followed_into_the_groups_they_include() -> None:
    groups = {"a": ["x>=1", {"include-group": "b"}], "b": ["y"]}
    assert list(check.group(groups, "a")) == ["x>=1", "y"]
