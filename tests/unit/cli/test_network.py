"""``osler network``: from a table of arms or contrasts to every comparison."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from osler.cli.network import network_command

ARMS = """study,treatment,events,n
1,A,12,50
1,placebo,5,52
2,B,14,48
2,placebo,6,49
3,A,10,40
3,B,15,41
3,placebo,4,39
"""
CONTRASTS = """studlab,treat1,treat2,TE,seTE
1,A,placebo,0.5,0.2
2,B,placebo,0.8,0.25
3,B,A,0.2,0.3
"""


def run(tmp_path: Path, text: str, *options: str) -> Result:
    file = tmp_path / "trials.csv"
    file.write_text(text, encoding="utf-8")
    return CliRunner().invoke(network_command, [str(file), *options])


def data(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_arms_as_json(tmp_path: Path) -> None:
    result = run(tmp_path, ARMS, "--reference", "placebo", "--format", "json")
    assert result.exit_code == 0
    found = data(result)
    assert found["measure"] == "OR"
    assert found["reference"] == "placebo"
    league = {(e["treatment"], e["comparator"]): e for e in found["random"]["league"]}
    assert len(league) == 6
    there, back = league["A", "placebo"], league["placebo", "A"]
    assert there["estimate"] == pytest.approx(-back["estimate"])
    assert there["ci_lower"] == pytest.approx(-back["ci_upper"])
    assert league["B", "A"]["estimate"] == pytest.approx(
        league["B", "placebo"]["estimate"] - there["estimate"]
    )
    assert set(there) == {
        *("treatment", "comparator", "estimate", "se", "ci_lower", "ci_upper"),
        *("p_value", "pred_lower", "pred_upper"),
    }
    assert found["ranking"]["better"] is None
    assert set(found["ranking"]["if_higher_is_better"]["p_scores"]) == {"A", "B", "placebo"}
    assert found["inconsistency"]["between_designs"]["df"] == 2
    assert found["excluded"] == []


def test_contrasts_as_json(tmp_path: Path) -> None:
    result = run(tmp_path, CONTRASTS, "--measure", "HR", "--tau2", "dl", "--format", "json")
    found = data(result)
    assert result.exit_code == 0
    assert (found["measure"], found["random"]["tau2_method"]) == ("HR", "DL")
    assert len(found["common"]["league"]) == 6


def test_text_says_what_a_person_needs(tmp_path: Path) -> None:
    result = run(tmp_path, ARMS, "--reference", "placebo", "--better", "higher")
    assert result.exit_code == 0
    for words in (
        "Odds ratio: 3 treatments in 3 studies, each against placebo",
        "Design by treatment, random effects",
        "Direct and indirect evidence",
        "higher values are better",
        "A rank says who is ahead",
    ):
        assert words in result.stdout
    assert "Not ranked" in run(tmp_path, ARMS).stdout


def test_studies_that_are_left_out_are_told_and_listed(tmp_path: Path) -> None:
    text = ARMS + "4,A,3,20\n5,A,0,20\n5,B,0,22\n6,A,9,8\n6,B,2,9\n7,A,,20\n7,B,2,20\n"
    result = run(tmp_path, text, "--reference", "placebo", "--format", "json")
    assert result.exit_code == 1
    assert [e["study"] for e in data(result)["excluded"]] == ["4", "5", "6", "7"]
    for code in ("NET024", "NET027", "NET026"):
        assert code in result.stderr
    kept = run(tmp_path, text, "--all-studies", "--format", "json")
    assert "5" in data(kept)["studies"]


def test_parts_that_nothing_connects_are_named(tmp_path: Path) -> None:
    result = run(tmp_path, ARMS + "8,X,3,20\n8,Y,5,22\n", "--format", "json")
    assert result.exit_code == 1
    assert data(result)["not_connected"] == [["X", "Y"]]


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("paper,drug,good\n1,A,3\n", (), "NET020"),
        (ARMS, ("--measure", "HR"), "NET021"),
        (ARMS, ("--measure", "MD"), "NET021"),
        (ARMS, ("--reference", "Placebo"), "NET010"),
        (ARMS + "4,Placebo,3,20\n4,A,3,20\n", (), "NET022"),
        ("study,treatment,events,n\n1,A,3,20\n", (), "NET024"),
        ("study,treat1,treat2,estimate\n1,A,B,0.2\n", (), "NET020"),
    ],
)
def test_what_cannot_be_pooled(
    tmp_path: Path, text: str, options: tuple[str, ...], code: str
) -> None:
    result = run(tmp_path, text, *options)
    assert result.exit_code == 2
    assert code in result.stderr
    assert result.stdout == ""


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = CliRunner().invoke(network_command, [str(tmp_path / "none.csv")])
    assert result.exit_code == 2
    assert "cannot read" in result.stderr


def test_a_table_of_netmeta_gives_its_numbers(tmp_path: Path) -> None:
    path = Path(__file__).parents[2] / "reference" / "network" / "netmeta" / "senn2013.json"
    case = json.loads(path.read_text("utf-8"))
    names = ("studlab", "treat1", "treat2", "TE", "seTE")
    with (tmp_path / "senn.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(zip(*(case["data"][name] for name in names), strict=True))
    result = CliRunner().invoke(
        network_command,
        [str(tmp_path / "senn.csv"), "--reference", "placebo", "--tau2", "DL", "--format", "json"],
    )
    found = data(result)
    assert found["random"]["tau2"] == pytest.approx(case["tau2"], rel=1e-8)
    rows = case["random"]["TE"]["rows"]
    i, j = rows.index("metformin"), rows.index("placebo")
    ours = next(
        e
        for e in found["random"]["league"]
        if (e["treatment"], e["comparator"]) == ("metformin", "placebo")
    )
    assert ours["estimate"] == pytest.approx(case["random"]["TE"]["values"][i][j], rel=1e-8)
