"""``osler network``: from a table of arms or contrasts to every comparison."""

import csv
import json
import math
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
        (ARMS, ("--reference", "Placbo"), "NET010"),
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


def estimate(found: dict[str, Any], a: str, b: str, model: str = "random") -> float:
    league = found[model]["league"]
    row = next(e for e in league if (e["treatment"], e["comparator"]) == (a, b))
    return float(row["estimate"])


# One network, as different programs and people write it.
FORMS = {
    "netmeta": "studlab,treat1,treat2,TE,seTE\n1,A,P,0.5,0.2\n2,B,P,0.8,0.25\n",
    "osler": "study;treatment;comparator;estimate;se\n1;A;P;0,5;0,2\n2;B;P;0,8;0,25\n",
    "log hazard": "trial\tt1\tt2\tlnHR\tse(lnHR)\n1\tA\tP\t0.5\t0.2\n2\tB\tP\t0.8\t0.25\n",
    "variance": (
        '"","id","treat1","treat2","yi","vi"\n"1",1,"A","P",0.5,0.04\n"2",2,"B","P",0.8,0.0625\n'
    ),
    "bars": "study|experimental|control|log_or|se_log_or\n1|A|P|0.5|0.2\n2|B|P|0.8|0.25\n",
    "gemtc": "study,treatment,diff,std.err\n1,P,NA,NA\n1,A,0.5,0.2\n2,P,,\n2,B,0.8,0.25\n",
    "swapped": "study,treat1,treat2,estimate,se\n1,P,A,-0.5,0.2\n2,P,B,-0.8,0.25\n",
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_contrasts_in_many_forms(tmp_path: Path, form: str, encoding: str) -> None:
    file = tmp_path / "trials.csv"
    file.write_text(FORMS[form].replace("P", "Plazebo é"), encoding=encoding)
    options = [str(file), "--reference", "Plazebo é", "--format", "json"]
    result = CliRunner().invoke(network_command, options)
    assert result.exit_code == 0, result.stderr
    found = data(result)
    assert estimate(found, "A", "Plazebo é") == pytest.approx(0.5)
    assert estimate(found, "B", "A") == pytest.approx(0.3)
    if form == "osler":
        assert "decimal commas are read as points: estimate, se" in result.stderr
    if form == "log hazard":
        assert found["measure"] == "HR"


def test_ratios_with_their_intervals(tmp_path: Path) -> None:
    """exp(0.5), exp(0.5 ± 1.96 × 0.2), and so on."""
    z, rows = 1.959963984540054, ["study,treat1,treat2,HR,ci_lower,ci_upper"]
    for study, arm, y, se in ((1, "A", 0.5, 0.2), (2, "B", 0.8, 0.25)):
        ends = ",".join(repr(math.exp(v)) for v in (y, y - z * se, y + z * se))
        rows.append(f"{study},{arm},P,{ends}")
    found = data(run(tmp_path, "\n".join(rows), "--reference", "P", "--format", "json"))
    assert found["measure"] == "HR"
    assert estimate(found, "A", "P") == pytest.approx(0.5)
    e = next(e for e in found["random"]["league"] if e["treatment"] == "B")
    assert e["se"] == pytest.approx(math.hypot(0.2, 0.25)) or e["comparator"] == "P"
    bare = run(tmp_path, "study,treat1,treat2,HR,se\n1,A,B,1.6,0.2\n")
    assert bare.exit_code == 2
    assert "ratios stand without their intervals" in bare.stderr


ARM_FORMS = {
    "netmeta": "studlab,treat,event,n\n1,A,12,50\n1,P,5,52\n2,B,14,48\n2,P,6,49\n",
    "gemtc": "study,treatment,responders,sampleSize\n1,A,12,50\n1,P,5,52\n2,B,14,48\n2,P,6,49\n",
    "cinema": "study,id,t,r,n,rob\n1,1,A,12,50,1\n1,1,P,5,52,1\n2,2,B,14,48,3\n2,2,P,6,49,3\n",
    "wide": "study,treat1,event1,n1,treat2,event2,n2\n1,A,12,50,P,5,52\n2,B,14,48,P,6,49\n",
    "pairs": (
        "studlab,treat1,treat2,event1,n1,event2,n2\n1,A,P,12,50,5,52\n2,B,P,14,48,6,49\n"
        "2,P,B,6,49,14,48\n"
    ),
    "metafor": "study,trt,xi,ni\n1,A,12,50\n1,P,5,52\n2,B,14,48\n2,P,6,49\n",
}


@pytest.mark.parametrize("form", ARM_FORMS)
def test_arms_in_many_forms(tmp_path: Path, form: str) -> None:
    result = run(tmp_path, ARM_FORMS[form], "--reference", "P", "--format", "json")
    assert result.exit_code == 0, result.stderr
    found = data(result)
    assert found["measure"] == "OR"
    assert estimate(found, "A", "P") == pytest.approx(math.log(12 * 47 / (38 * 5)))
    assert estimate(found, "B", "P") == pytest.approx(math.log(14 * 43 / (34 * 6)))


def test_columns_named_on_the_command_line(tmp_path: Path) -> None:
    text = ARM_FORMS["netmeta"].replace("event", "died").replace("treat", "what")
    assert "NET02" in run(tmp_path, text).stderr
    named = ("--column", "events=died", "--column", "treatment=what")
    assert run(tmp_path, text, *named).exit_code == 0
    for wrong in ("events", "=died", "events="):
        result = run(tmp_path, text, "--column", wrong)
        assert result.exit_code == 2
        assert "ROLE=NAME" in result.stderr


def test_means_with_standard_errors(tmp_path: Path) -> None:
    text = "study,treatment,mean,se\n1,A,2.0,0.3\n1,P,5.0,0.4\n"
    found = data(run(tmp_path, text, "--reference", "P", "--format", "json"))
    assert found["measure"] == "MD"
    assert found["random"]["league"][0]["se"] == pytest.approx(0.5)


def test_an_arm_without_numbers_leaves_the_others(tmp_path: Path) -> None:
    text = "study,treatment,events,n\n1,A,12,50\n1,P,5,52\n1,B,,49\n2,B,3,40\n2,P,2,40\n"
    result = run(tmp_path, text, "--reference", "P", "--format", "json")
    assert result.exit_code == 1
    found = data(result)
    assert estimate(found, "A", "P") == pytest.approx(math.log(12 * 47 / (38 * 5)))
    assert found["excluded"] == [
        {"study": "1", "why": "an arm's numbers are missing; the other arms stay"}
    ]
    assert "1, B: no events" in result.stderr
    rare = run(tmp_path, text, "--method", "MH", "--format", "json")
    assert data(rare)["excluded"] == [{"study": "1", "why": "no numbers of B; the other arms stay"}]


def test_sub_networks_apart(tmp_path: Path) -> None:
    text = CONTRASTS + "8,X,Y,0.4,0.2\n9,X,Y,0.6,0.2\n"
    found = data(run(tmp_path, text, "--format", "json", "--reference", "placebo"))
    (other,) = found["sub_networks"]
    assert (found["not_connected"], other["treatments"]) == ([["X", "Y"]], ["X", "Y"])
    assert estimate(other, "X", "Y", "common") == pytest.approx(0.5)
    told = run(tmp_path, text).stdout
    assert "each against A" in told
    assert "each against X" in told
    # By the reference the order turns.
    turned = data(run(tmp_path, text, "--format", "json", "--reference", "Y"))
    assert turned["treatments"] == ["X", "Y"]
    assert turned["sub_networks"][0]["treatments"] == ["A", "B", "placebo"]


@pytest.mark.parametrize("method", ["MH", "nch"])
def test_rare_events(tmp_path: Path, method: str) -> None:
    text = ARMS + "4,A,0,40\n4,placebo,0,40\n5,A,0,30\n5,placebo,2,30\n8,X,1,9\n8,Y,2,9\n"
    result = run(tmp_path, text, "--method", method, "--reference", "placebo", "--format", "json")
    assert result.exit_code == 1
    found = data(result)
    assert found["random"] is None
    assert [e["study"] for e in found["excluded"]] == ["4"]
    assert len(found["common"]["league"]) == 6
    assert set(found["ranking"]["if_lower_is_better"]["p_scores"]) == {"A", "B", "placebo"}
    assert found["sub_networks"][0]["treatments"] == ["X", "Y"]
    assert "continuity correction" in run(tmp_path, text, "--method", method).stdout


def test_rare_events_need_counts_and_odds_ratios(tmp_path: Path) -> None:
    for text, options, code in (
        (ARMS, ("--measure", "RR"), "NET057"),
        (CONTRASTS, (), "NET058"),
        ("study,n\n1,2\n", (), "NET020"),
    ):
        result = run(tmp_path, text, "--method", "MH", *options)
        assert result.exit_code == 2
        assert code in result.stderr
    assert run(tmp_path, ARMS, "--method", "MH", "--components", "+").exit_code == 2


def test_what_is_good_in_either_words(tmp_path: Path) -> None:
    good = run(tmp_path, ARMS, "--small-values", "good").stdout
    assert good == run(tmp_path, ARMS, "--better", "lower").stdout
    assert run(tmp_path, ARMS, "--small-values", "bad", "--better", "higher").exit_code == 0
    assert run(tmp_path, ARMS, "--small-values", "bad", "--better", "lower").exit_code == 2


def test_components(tmp_path: Path) -> None:
    text = "study,treat1,treat2,estimate,se\n1,A,N,-0.4,0.1\n2,B,N,-0.3,0.1\n3,A + B,B,-0.5,0.1\n"
    options = ("--components", "+", "--inactive", "N", "--tau2", "DL")
    found = data(run(tmp_path, text, *options, "--format", "json"))["components"]
    assert [c["component"] for c in found["common"]] == ["A", "B"]
    assert found["common"][0]["estimate"] == pytest.approx(-0.45)
    assert "Additive network" in run(tmp_path, text, *options).stdout
    assert run(tmp_path, text, "--components", "+", "--inactive", "Z").exit_code == 2


@pytest.mark.parametrize("program", ["netmeta", "gemtc", "cinema"])
@pytest.mark.parametrize(
    "text", [ARMS, CONTRASTS, ARM_FORMS["wide"]], ids=["arms", "pairs", "wide"]
)
def test_exported_tables_are_read_again(tmp_path: Path, program: str, text: str) -> None:
    file = tmp_path / f"for-{program}.csv"
    options = ("--measure", "OR", "--format", "json")
    whole = data(run(tmp_path, text, "--export", program, str(file), *options))
    again = data(CliRunner().invoke(network_command, [str(file), *options]))
    ours = {(e["treatment"], e["comparator"]): e["estimate"] for e in whole["random"]["league"]}
    theirs = {(e["treatment"], e["comparator"]): e["estimate"] for e in again["random"]["league"]}
    assert theirs == pytest.approx(ours)
    assert (tmp_path / "for-gemtc-treatments.csv").exists() == (program == "gemtc")


def test_an_export_that_cannot_be_written(tmp_path: Path) -> None:
    result = run(tmp_path, ARMS, "--export", "netmeta", str(tmp_path / "none" / "x.csv"))
    assert result.exit_code == 2
    assert "cannot write" in result.stderr


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    text = "study,treatment,events,n,n\n1,A,12,50,60\n1,P,5,52,60\n"
    result = run(tmp_path, text)
    assert result.exit_code == 2
    assert "NET029" in result.stderr


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=300), st.sampled_from(["", "study,treat1,treat2,TE,seTE\n", ARMS]))
def test_any_bytes(tmp_path: Path, more: bytes, before: str) -> None:
    """Never a crash: a result, or a diagnostic."""
    file = tmp_path / "trials.csv"
    file.write_bytes(before.encode() + more)
    result = CliRunner().invoke(network_command, [str(file), "--format", "json"])
    assert isinstance(result.exception, SystemExit | None)
    assert result.exit_code in (0, 1, 2)


def test_standardised_differences_of_either_kind(tmp_path: Path) -> None:
    text = "study,treatment,mean,sd,n\n1,A,3,1,9\n1,P,4,2,12\n2,A,2,1,8\n2,P,4,2,11\n"
    found = {
        kind: json.loads(run(tmp_path, text, "--measure", "SMD", *options).stdout)
        for kind, options in {
            "default": ("--format", "json"),
            "d": ("--smd", "d", "--format", "json"),
            "g": ("--smd", "g", "--format", "json"),
        }.items()
    }
    assert found["default"] == found["d"]
    d, g = (abs(found[kind]["common"]["league"][0]["estimate"]) for kind in "dg")
    assert 0.9 < g / d < 0.97
    assert "Hedges' g" in found["g"]["notes"][0]
