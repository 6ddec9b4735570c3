"""``osler pool``: tables good and bad, and what is said about them."""

import json
import math
import re
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from click.testing import CliRunner, Result

from osler.cli.pool import pool_command
from osler.synthesis import synthesise

COUNTS = """study,ai,n1i,ci,n2i,site
Adams 2009,12,60,5,58,one
Brown 2013,3,40,6,41,one
Clark 2018,8,55,4,50,two
Davis 2021,20,80,9,82,two
"""
ESTIMATES = "study,estimate,se\nA,0.1,0.2\nB,0.3,0.14\nC,0.9,0.17\n"


@pytest.fixture
def pool(tmp_path: Path) -> Any:
    def run(table: str | bytes, *options: str, name: str = "t.csv") -> Result:
        file = tmp_path / name
        file.write_bytes(table.encode() if isinstance(table, str) else table)
        return CliRunner().invoke(pool_command, [str(file), *options], catch_exceptions=False)

    return run


def test_study_estimate_se_must_work(pool: Any) -> None:
    done = pool(ESTIMATES, "--format", "json")
    assert done.exit_code == 0
    assert done.stderr == ""
    got = json.loads(done.stdout)
    fit = synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.2**2, 0.14**2, 0.17**2])
    assert got["scale"] == "as given"
    for name in ("estimate", "se", "ci_lower", "ci_upper", "pred_lower", "pred_upper"):
        assert got["random"][name] == pytest.approx(getattr(fit.random, name), rel=1e-12)
    for name in ("tau2", "i2", "h2", "q"):
        assert got["random"][name] == pytest.approx(getattr(fit.heterogeneity, name), rel=1e-12)
    assert got["common"]["estimate"] == pytest.approx(fit.common.estimate)
    assert [s["study"] for s in got["studies"]] == ["A", "B", "C"]
    assert got["excluded"] == []


def test_ratios_are_given_on_both_scales(pool: Any) -> None:
    got = json.loads(pool(COUNTS, "--measure", "or", "--format", "json").stdout)
    assert (got["measure"], got["scale"], got["back_transformation"]) == ("OR", "log OR", "exp")
    shown = got["random"]["back_transformed"]
    assert shown["estimate"] == pytest.approx(math.exp(got["random"]["estimate"]))
    assert shown["ci_upper"] == pytest.approx(math.exp(got["random"]["ci_upper"]))


def test_methods_are_what_was_asked(pool: Any) -> None:
    options = ["--tau2", "dl", "--ci", "hksj-adhoc", "--level", "0.9", "--format", "json"]
    got = json.loads(pool(COUNTS, *options).stdout)
    assert got["methods"]["tau2"] == "DL"
    assert got["methods"]["random_ci"] == "HKSJ-adhoc"
    assert got["level"] == 0.9


def test_the_text_names_what_it_did(pool: Any) -> None:
    text = pool(COUNTS).stdout
    for words in (
        "Risk ratio (RR), 4 studies from t.csv",
        "12/60 against 5/58",
        "Random effects",
        "Common effect",
        "95% prediction interval",
        "tau² = ",
        "I² = ",
        "(REML)",
        "chosen by auto",
        "events_treated from 'ai'",
        "Q-profile",
    ):
        assert words in text, words
    assert all(len(line) <= 100 for line in text.splitlines())


def test_subgroups(pool: Any) -> None:
    done = pool(COUNTS, "--by", "site")
    assert "Difference between subgroups: Q = " in done.stdout
    got = json.loads(pool(COUNTS, "--by", "site", "--format", "json").stdout)["subgroups"]
    assert [group["subgroup"] for group in got["results"]] == ["one", "two"]
    assert got["df"] == 1


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_a_forest_plot_is_written(pool: Any, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"forest.{suffix}"
    assert pool(COUNTS, "--forest", str(path)).exit_code == 0
    start = {"svg": b"<", "png": b"\x89PNG", "pdf": b"%PDF"}[suffix]
    assert path.read_bytes().startswith(start)


def test_a_forest_plot_that_cannot_be_written(pool: Any, tmp_path: Path) -> None:
    done = pool(COUNTS, "--forest", str(tmp_path / "forest.xyz"))
    assert done.exit_code == 2
    assert "PUB" in done.stderr
    assert "Random effects" in done.stdout


@pytest.mark.parametrize(
    "table",
    [
        COUNTS.replace(",", ";"),
        COUNTS.replace(",", "\t"),
        COUNTS.replace(",", "|"),
        COUNTS.replace("\n", "\r\n"),
        "\ufeff" + COUNTS,
        COUNTS.encode("utf-16"),
        COUNTS.replace("Adams", "Ådams").encode("latin-1"),
    ],
)
def test_tables_as_people_send_them(pool: Any, table: str | bytes) -> None:
    done = pool(table, "--format", "json")
    assert done.exit_code == 0
    plain = json.loads(pool(COUNTS, "--format", "json").stdout)
    assert json.loads(done.stdout)["random"] == plain["random"]


@pytest.mark.parametrize(
    ("bad", "code", "field"),
    [
        ("Evans 2022,x,60,5,58,two", "DAT003", "ai"),
        ('Evans 2022,"1,5",60,5,58,two', "DAT004", "ai"),
        ("Evans 2022,12,,5,58,two", "DAT005", "n1i"),
        ("Evans 2022,12.5,60,5,58,two", "DAT009", "ai"),
        ("Evans 2022,61,60,5,58,two", "EFF012", "ai"),
        ("Evans 2022,0,60,0,58,two", "EFF013", "ai"),
        ("Evans 2022,12,60,5,58", "DAT016", ""),
        ("Adams 2009,12,60,5,58,one", "DAT006", "study"),
    ],
)
def test_a_bad_row_is_named_and_left_out(pool: Any, bad: str, code: str, field: str) -> None:
    done = pool(COUNTS + bad + "\n")
    assert done.exit_code == 1
    assert "t.csv:6:" in done.stderr
    assert code in done.stderr
    assert f"[{field}]" in done.stderr or not field
    assert "Left out:\n  line 6  " in done.stdout
    assert "4 studies" in done.stdout
    got = json.loads(pool(COUNTS + bad + "\n", "--format", "json").stdout)
    assert [row["line"] for row in got["excluded"]] == [6]
    assert got["excluded"][0]["reason"]


def test_a_negative_sd(pool: Any) -> None:
    table = "study,m1i,sd1i,n1i,m2i,sd2i,n2i\nA,1,2,30,3,2,31\nB,1,-2,30,3,2,31\nC,2,2,40,3,2,31\n"
    done = pool(table)
    assert done.exit_code == 1
    assert "t.csv:3:5: EFF020" in done.stderr
    assert "Mean difference (MD), 2 studies" in done.stdout


def test_the_same_study_twice_with_other_numbers(pool: Any) -> None:
    done = pool(COUNTS + "Adams 2009,2,30,5,31,one\n")
    assert done.exit_code == 1
    assert "DAT007 warning" in done.stderr
    assert "Adams 2009 (line 6)" in done.stdout


def test_one_study_only(pool: Any) -> None:
    done = pool("".join(COUNTS.splitlines(keepends=True)[:2]))
    assert done.exit_code == 1
    assert "SYN011" in done.stderr
    assert "Heterogeneity cannot be seen in one study." in done.stdout
    got = json.loads(pool("estimate,se\n1,2\n", "--format", "json").stdout)
    unknown = ("pred_lower", "tau2", "tau2_ci_lower", "tau2_ci_upper", "i2", "h2", "q", "q_p_value")
    assert [got["random"][name] for name in unknown] == [None] * len(unknown)


def test_one_subgroup_has_nothing_to_compare_it_with(pool: Any) -> None:
    table = COUNTS.replace(",two", ",one")
    assert "only one subgroup" in pool(table, "--by", "site").stdout
    got = json.loads(pool(table, "--by", "site", "--format", "json").stdout)["subgroups"]
    assert (got["q"], got["df"], got["p_value"]) == (None, 0, None)


def test_a_subgroup_of_one_study_has_no_heterogeneity(pool: Any) -> None:
    table = COUNTS + "Evans 2022,1,80,9,82,three\n"
    assert re.search(r"three +1 .* –\n", pool(table, "--by", "site").stdout)
    got = json.loads(pool(table, "--by", "site", "--format", "json").stdout)["subgroups"]
    assert got["results"][2]["random"]["tau2"] is None
    assert got["results"][0]["random"]["tau2"] is not None


def test_every_interval_says_its_level(pool: Any) -> None:
    text = pool(COUNTS, "--by", "site", "--level", "0.9").stdout
    assert text.count("90% CI") == 3
    assert "95%" not in text


def test_the_interval_of_tau2_has_even_decimals(pool: Any) -> None:
    text = pool(ESTIMATES).stdout
    lower, upper = re.findall(r"95% CI ([\d.]+) to ([\d.]+)\)", text)[0]
    assert len(lower.split(".")[1]) == len(upper.split(".")[1])


def test_a_forest_plot_by_subgroups(pool: Any, tmp_path: Path) -> None:
    path = tmp_path / "forest.svg"
    assert pool(COUNTS, "--by", "site", "--forest", str(path)).exit_code == 0
    said = [e.text for e in fromstring(path.read_text("utf-8")).iter() if e.text]
    order = ["site: one", "Adams 2009", "Brown 2013", "site: two", "Clark 2018", "Davis 2021"]
    assert [text for text in said if text in order] == order
    assert said.count("Subgroup, random effects") == 2
    assert any(text.startswith("Difference between subgroups: Q = ") for text in said)
    assert "←\u00a0lower risk in the treated group" in said


def test_a_column_of_decimal_commas_is_said_once_and_every_line_named(pool: Any) -> None:
    rows = "".join(f"S{i};0,{i};0,1\n" for i in range(1, 6))
    done = pool("study;estimate;se\n" + rows)
    assert done.exit_code == 2
    assert done.stderr.count("DAT004 error") == 2
    assert "t.csv:2:4: DAT004 error: estimate has a comma in 5 rows" in done.stderr
    assert done.stderr.count("lines 2 to 6") == 2


def test_rows_with_decimal_commas_are_still_listed_one_by_one(pool: Any) -> None:
    done = pool('study,estimate,se\nA,"0,1",1\nB,0.3,1\nC,"0,2",1\n', "--format", "json")
    assert [row["line"] for row in json.loads(done.stdout)["excluded"]] == [2, 4]
    assert "lines 2, 4" in done.stderr


def test_that_no_row_can_be_used_comes_after_what_is_wrong_with_them(pool: Any) -> None:
    told = pool("study,estimate,se\nA,x,1\nB,1,-1\n").stderr
    assert told.index("DAT003") < told.index("EFF031") < told.index("DAT015")


def test_ratios_are_reported_as_they_are_written(pool: Any) -> None:
    done = pool(
        "study,rr,ci_lower,ci_upper\nA,0.5,0.3,0.8\nB,0.7,0.75,0.9\nC,0.8,0.9,0.7\n",
    )
    assert "B: 0.7 (0.75 to 0.9)" in done.stderr
    assert "C: 0.9 to 0.7" in done.stderr


@pytest.mark.parametrize(
    ("measure", "says"),
    [("HR", "reported estimates"), ("SMD", "SMD cannot be computed from counts")],
)
def test_a_measure_that_the_columns_cannot_give(pool: Any, measure: str, says: str) -> None:
    told = pool(COUNTS, "--measure", measure).stderr
    assert f"{measure} cannot be computed from counts" in told
    assert says in told
    assert "RR, OR or RD" in told


@pytest.mark.parametrize(
    ("table", "options", "code"),
    [
        ("", [], "DAT008"),
        ("study,ai,n1i,ci,n2i\n", [], "DAT008"),
        ("study,ai,n1i\nA,1,2\n", [], "DAT001"),
        ("study,ai,n1i,n.e,ci,n2i\nA,1,9,9,2,9\n", [], "DAT002"),
        ("estimate,se\nx,1\n", [], "DAT015"),
        ("estimate;se\n0,5;0,1\n", [], "DAT004"),
        ('"estimate,se\n1,1\n', [], "DAT008"),
        ("or,se\n1.5,1\n", ["--measure", "RR"], "DAT018"),
        (COUNTS, ["--measure", "SMD"], "DAT001"),
        (COUNTS, ["--by", "nowhere"], "DAT014"),
        (b"\x00\x01\x02\xff\xfe\n\x00", [], "DAT001"),
    ],
)
def test_nothing_to_pool(pool: Any, table: str | bytes, options: list[str], code: str) -> None:
    done = pool(table, *options)
    assert done.exit_code == 2
    assert code in done.stderr
    assert "t.csv:" in done.stderr
    assert done.stdout == ""


def test_trouble_with_columns_is_shown_at_the_header(pool: Any) -> None:
    done = pool("\n\nstudy,ai,n1i,n.e,ci,n2i\nA,1,9,9,2,9\n")
    assert "t.csv:3:14: DAT002" in done.stderr
    assert "^^^" in done.stderr


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        done = CliRunner().invoke(pool_command, [str(path)])
        assert done.exit_code == 2
        assert "cannot read" in done.stderr


def test_help_teaches() -> None:
    text = CliRunner().invoke(pool_command, ["--help"]).stdout
    assert "osler pool trials.csv --measure OR" in text
    assert "ai n1i ci n2i" in text


@pytest.mark.parametrize(
    "rows",
    [
        "D,1e308,1e308\n",
        "D,1,1e200\n",
        "D,1,1e-200\n",
        "D,1e200,1\n",
        "D,1_0,0.2\n",
        "D,nan,inf\n",
    ],
)
def test_a_number_beyond_computing_leaves_its_row_out_by_name(pool: Any, rows: str) -> None:
    done = pool(ESTIMATES + rows, "--format", "json")
    got = json.loads(done.stdout)
    assert done.exit_code == 1
    assert ([row["study"] for row in got["excluded"]], len(got["studies"])) == (["D"], 3)
    assert "t.csv:5:" in done.stderr


def test_counts_that_nobody_could_have_are_left_out(pool: Any) -> None:
    done = pool(COUNTS + "E,5,1e308,4,1e308,one\n", "--format", "json")
    assert [row["study"] for row in json.loads(done.stdout)["excluded"]] == ["E"]
    assert "DAT009" in done.stderr


@pytest.mark.parametrize("level", ["95", "0", "nan", "0.9999999999999999", "0.99999999999999999"])
def test_a_level_that_cannot_be_is_refused(pool: Any, level: str) -> None:
    done = pool(ESTIMATES, "--level", level)
    assert (done.exit_code, done.stdout) == (2, "")


def test_a_quote_that_is_never_closed_is_named_and_swallows_nothing_in_silence(pool: Any) -> None:
    done = pool(ESTIMATES.replace("B,0.3", '"B,0.3'), "--format", "json")
    assert done.exit_code == 1
    assert "t.csv:3:" in done.stderr
    assert "DAT017" in done.stderr
    assert len(json.loads(done.stdout)["studies"]) == 1


def test_control_characters_reach_neither_the_terminal_nor_the_figure(
    pool: Any, tmp_path: Path
) -> None:
    plot = tmp_path / "plot.svg"
    done = pool(ESTIMATES.replace("A,", "A\x1b[31m\x07,"), "--forest", str(plot))
    assert (done.exit_code, "DAT019" in done.stderr) == (1, True)
    assert "\x1b" not in done.stdout + done.stderr
    fromstring(plot.read_text("utf-8"))


@pytest.mark.parametrize("name", ["plot.png", "plot.pdf"])
def test_characters_that_the_typeface_lacks_are_named(pool: Any, tmp_path: Path, name: str) -> None:
    pytest.importorskip("matplotlib")
    done = pool(ESTIMATES.replace("A,", "漢字,"), "--forest", str(tmp_path / name))
    assert done.exit_code == 1
    assert "PUB013" in done.stderr
    assert (tmp_path / name).stat().st_size > 1000


def test_a_plot_that_cannot_be_written_exits_with_2(pool: Any, tmp_path: Path) -> None:
    done = pool(ESTIMATES, "--forest", str(tmp_path / "nowhere" / "plot.svg"))
    assert (done.exit_code, "PUB012" in done.stderr) == (2, True)


def test_many_rows_are_compared_by_name_and_not_with_each_other(pool: Any) -> None:
    many = "study,estimate,se\n" + "".join(f"S{i},{i % 7},0.{1 + i % 8}\n" for i in range(10_000))
    got = json.loads(pool(many + "S5,5,0.6\nS5,9,0.6\n", "--format", "json").stdout)
    assert len(got["studies"]) == 10_001
    assert [row["study"] for row in got["excluded"]] == ["S5"]
    assert got["studies"][-1]["study"] == "S5 (line 10003)"


# What metafor 3.8 gives for the same tables: rma(measure = ..., method = "DL").
MEASURED = {
    "PLO": "study,xi,ni\nA,5,50\nB,8,60\nC,1,40\nD,12,70\n",
    "ZCOR": "study,ri,ni\nA,0.3,50\nB,0.5,60\nC,0.1,40\n",
    "IRR": (
        "study,events_treated,time_treated,events_control,time_control\n"
        "A,5,100,9,110\nB,8,120,12,115\nC,3,90,14,100\n"
    ),
    "ROM": (
        "study,m1i,sd1i,n1i,m2i,sd2i,n2i\nA,5,1,20,6,1.1,22\nB,8,2,30,8.5,2.2,31\n"
        "C,3,1.2,25,4.4,1.2,24\n"
    ),
}
METAFOR = {
    "PLO": (-1.9575846151507958, 0.2763387213125666, 0.0995523903984854),
    "ZCOR": (0.3335763920280703, 0.1294167687326505, 0.0285929590319191),
    "IRR": (-0.694236457074911, 0.308829226115765, 0.0),
    "ROM": (-0.1947370574720941, 0.0815015167921390, 0.0144924106489885),
}


@pytest.mark.parametrize("measure", MEASURED)
def test_any_measure(pool: Any, measure: str) -> None:
    options = ("--measure", measure.lower(), "--tau2", "DL", "--ci", "Wald")
    done = pool(MEASURED[measure], *options, "--format", "json")
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    ours = (found["random"]["estimate"], found["random"]["se"], found["random"]["tau2"])
    assert ours == pytest.approx(METAFOR[measure], rel=1e-10, abs=1e-12)
    assert found["measure"] == measure
    assert found["methods"]["effects"]


def test_one_group_alone_is_tested_against_nothing(pool: Any) -> None:
    done = pool(MEASURED["PLO"] + "E,12,10\n", "--measure", "PLO")
    assert done.exit_code == 1
    assert "SYN032" in done.stderr
    assert "E: events exceeds n" in done.stdout
    random = next(line for line in done.stdout.splitlines() if line.startswith("Random effects"))
    assert "p " not in random
    assert "p " in pool(COUNTS, "--measure", "PETO").stdout
