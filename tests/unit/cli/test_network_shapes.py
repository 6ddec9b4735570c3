"""One set of trials in many shapes of table: the same answer, by explicit least squares."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from osler.cli.network import network_command

Arm = tuple[str, float, float]  # its place on the analysis scale, and the variance of that
COUNTS = [
    ("Hart 2001", [("A", 12, 50), ("placebo", 5, 52)]),
    ("Mill 2003", [("B", 14, 48), ("placebo", 6, 49)]),
    ("Byrd 2004", [("A", 10, 40), ("B", 15, 41), ("placebo", 4, 39)]),
    ("Webb 2007", [("C", 0, 30), ("B", 3, 31)]),
    ("Ross 2009", [("A", 7, 25), ("placebo", 6, 26)]),
    ("Cole 2011", [("C", 4, 60), ("placebo", 9, 61), ("A", 8, 59), ("B", 11, 58)]),
]


def log_odds(arms: Sequence[tuple[str, float, float]]) -> list[Arm]:
    """With half an event and half a non-event in every arm where one has none."""
    added = 0.5 * any(events in (0, n) for _, events, n in arms)
    cells = [(name, events + added, n - events + added) for name, events, n in arms]
    return [(name, math.log(a / b), 1 / a + 1 / b) for name, a, b in cells]


def placed(studies: Sequence[tuple[str, Sequence[Any]]]) -> dict[str, list[Arm]]:
    return {study: log_odds(arms) for study, arms in studies}


def least_squares(studies: Mapping[str, Sequence[Arm]]) -> dict[str, Any]:
    """Effects and standard errors of all pairs, tau2 by moments: with matrices of everything."""
    names = sorted({arm[0] for arms in studies.values() for arm in arms})
    size = sum(len(arms) - 1 for arms in studies.values())
    x, y = np.zeros((size, len(names))), np.zeros(size)
    v, shape = np.zeros((size, size)), np.zeros((size, size))
    i = 0
    for (first, place, variance), *others in studies.values():
        own = slice(i, i + len(others))
        v[own, own], shape[own, own] = variance, 0.5
        for name, at, spread in others:
            x[i, names.index(name)], x[i, names.index(first)], y[i] = 1, -1, at - place
            v[i, i], shape[i, i] = spread + variance, 1.0
            i += 1
    # The first treatment stands at 0.
    w = np.linalg.inv(v)
    p = w - w @ x[:, 1:] @ np.linalg.inv(x[:, 1:].T @ w @ x[:, 1:]) @ x[:, 1:].T @ w
    q, df = float(y @ p @ y), size - len(names) + 1
    tau2 = max(0.0, (q - df) / float(np.trace(p @ shape)))
    out: dict[str, Any] = {"q": q, "df": df, "tau2": tau2}
    for model, extra in (("common", 0.0), ("random", tau2)):
        w = np.linalg.inv(v + extra * shape)
        cov = np.linalg.inv(x[:, 1:].T @ w @ x[:, 1:])
        d = np.concatenate([[0.0], cov @ x[:, 1:].T @ w @ y])
        whole = np.zeros((len(names), len(names)))
        whole[1:, 1:] = cov
        out[model] = {
            (a, b): (
                d[j] - d[k],
                math.sqrt(whole[j, j] + whole[k, k] - 2 * whole[j, k]),
            )
            for j, a in enumerate(names)
            for k, b in enumerate(names)
            if j != k
        }
    return out


def run(tmp_path: Path, text: str, *options: str, encoding: str = "utf-8") -> Result:
    file = tmp_path / "trials.csv"
    file.write_bytes(text.encode(encoding))
    return CliRunner().invoke(network_command, [str(file), "--tau2", "DL", *options])


def answer(result: Result) -> dict[str, Any]:
    assert result.exit_code in (0, 1), result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def agree(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    assert found["heterogeneity"]["df"] == wanted["df"]
    assert found["heterogeneity"]["q"] == pytest.approx(wanted["q"], rel=1e-8)
    assert found["random"]["tau2"] == pytest.approx(wanted["tau2"], rel=1e-8, abs=1e-12)
    for model in ("common", "random"):
        league = {
            (e["treatment"], e["comparator"]): (e["estimate"], e["se"])
            for e in found[model]["league"]
        }
        assert set(league) == set(wanted[model])
        for pair, (estimate, se) in wanted[model].items():
            assert league[pair] == pytest.approx((estimate, se), rel=1e-8, abs=1e-9)


def long(header: str, separator: str = ",") -> str:
    rows = [[study, *map(str, arm)] for study, arms in COUNTS for arm in arms]
    return "\n".join([header, *(separator.join(row) for row in rows)]) + "\n"


def wide(columns: Sequence[str], *, named: bool = True) -> str:
    """All arms of a study in one row; "{}" in the columns' names is the arm's number."""
    header = ["study"] * named + [f'"{c.format(i)}"' for i in range(1, 5) for c in columns]
    rows = []
    for study, arms in COUNTS:
        cells = [str(cell) for arm in arms for cell in arm]
        rows.append([study] * named + cells + ["NA"] * (3 * (4 - len(arms))))
    return "\n".join([",".join(header), *map(",".join, rows)]) + "\n"


def contrasts(header: str, separator: str = ",", **more: str) -> str:
    """Every pair of every study, either way round."""
    rows, turned = [], False
    for study, arms in placed(COUNTS).items():
        for i, (a, at, variance) in enumerate(arms):
            for b, other, spread in arms[i + 1 :]:
                y, se = at - other, math.sqrt(variance + spread)
                pair = (b, a, repr(-y)) if turned else (a, b, repr(y))
                rows.append([study, *pair, repr(se), *more.values()])
                turned = not turned
    return "\n".join([separator.join([header, *more]), *map(separator.join, rows)]) + "\n"


def relative() -> str:
    """gemtc's differences from each study's first arm."""
    rows = ["study,treatment,diff,std.err"]
    for study, ((first, at, variance), *others) in placed(COUNTS).items():
        rows.append(f"{study},{first},NA,{math.sqrt(variance)!r}")
        for name, other, spread in others:
            rows.append(f"{study},{name},{other - at!r},{math.sqrt(variance + spread)!r}")
    return "\n".join(rows) + "\n"


ARM_HEADERS = (
    *("study,treatment,events,n", "studlab,treat,event,n", "Study,Trt,r,N", "id,t,r,n"),
    *("study,treatment,responders,sampleSize", "author,treatment,death,randomized"),
    *("trial,drug,deaths,total", "Study ID,Treatment Name,No. of events,Sample size"),
    *("Study,Intervention,Events (n),Total (N)", "study_id,arm,cases,No. of participants"),
)
CONTRAST_HEADERS = (
    *("study,treat1,treat2,estimate,se", "studlab,treat1,treat2,TE,seTE", "id,t1,t2,effect,se"),
    *("study,treatment1,treatment2,yi,sei", "study,treatment,comparator,est,std.err"),
    *("study,trt1,trt2,y,se", "study,treat1,treat2,d,se.d", "study,arm1,arm2,lnOR,selnOR"),
    *("study,experimental,control,logOR,se(logOR)", "Author,treat.1,treat.2,diff,standard error"),
)
SHAPES: dict[str, str] = {
    **{header: long(header) for header in ARM_HEADERS},
    **{header: contrasts(header) for header in CONTRAST_HEADERS},
    "semicolons": long("study;treatment;events;n", ";"),
    "tabs": long("study\ttreatment\tevents\tn", "\t"),
    "byte order mark": "\ufeff" + long("study,treatment,events,n"),
    "lines of Windows": long("study,treatment,events,n").replace("\n", "\r\n"),
    "blank lines": "\n" + long("study,treatment,events,n").replace("\n", "\n\n") + ",,,\n",
    "rows with numbers": "".join(
        f'"{i}",{line}\n' if i else f'"",{line}\n'
        for i, line in enumerate(long("study,treatment,events,n").splitlines())
    ),
    "quoted, over two lines": long("study,treatment,events,n").replace("Hart 2001", '"Hart\n2001"'),
    "decimal commas": contrasts("study;treat1;treat2;TE;seTE", ";").replace(".", ","),
    "decimal commas after tabs": contrasts(
        "study\ttreat1\ttreat2\tTE\tseTE", "\t"
    ).replace(".", ","),
    "a typeset minus": contrasts("study,treat1,treat2,TE,seTE").replace(",-", ",−"),
    "beside other columns": contrasts("study,treat1,treat2,TE,seTE", n1="50", n2="52", rob="1"),
    "as pairwise of R appends": contrasts(
        "studlab,treat1,treat2,TE,seTE",
        **{"n1": "50", "total1": "50", "n2": "52", "total2": "52", ".seTE": "9", "size": "99"},
    ),
    "wide": wide(("treat{}", "event{}", "n{}")),
    "wide, dots": wide(("treatment.{}", "r.{}", "n.{}")),
    "wide, BUGS": wide(("t[,{}]", "r[,{}]", "n[,{}]")),
    "wide, no study": wide(("t{}", "r{}", "n{}"), named=False),
    "gemtc": relative(),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_the_same_trials_in_any_shape(name: str, tmp_path: Path) -> None:
    found = answer(run(tmp_path, SHAPES[name], "--measure", "OR", "--format", "json"))
    agree(found, least_squares(placed(COUNTS)))


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "cp1252"])
def test_the_same_trials_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    text = long("study,treatment,events,n").replace("placebo", "plac\xe9bo")
    found = answer(run(tmp_path, text, "--format", "json", encoding=encoding))
    assert "plac\xe9bo" in found["treatments"]
    assert found["heterogeneity"]["q"] == pytest.approx(least_squares(placed(COUNTS))["q"])


def test_treatments_with_numbers_for_names(tmp_path: Path) -> None:
    codes = {"A": "2", "B": "10", "C": "3", "placebo": "1"}
    text = long("study,treatment,events,n")
    for name, code in codes.items():
        text = text.replace(f",{name},", f",{code},")
    found = answer(run(tmp_path, text, "--reference", "1", "--format", "json"))
    assert (found["treatments"], found["reference"]) == (["1", "10", "2", "3"], "1")
    numbered = {
        study: [(codes[name], y, v) for name, y, v in arms]
        for study, arms in placed(COUNTS).items()
    }
    agree(found, least_squares(numbered))


@pytest.mark.parametrize(
    ("separator", "mark", "note"),
    [(",", ",", False), (";", ",", False), (";", "'", False), (";", "\u202f", False),
     (";", ".", True)],
)  # fmt: skip
def test_thousands_that_stand_apart(separator: str, mark: str, note: bool, tmp_path: Path) -> None:
    """A point is between thousands only where other columns have decimal commas."""
    counts = [(study, [(name, x, 100 * n) for name, x, n in arms]) for study, arms in COUNTS]
    lines = [separator.join(("study", "treatment", "events", "n", "age"))]
    for study, arms in counts:
        for name, events, n in arms:
            size = f"{n:,}".replace(",", mark)
            cells = (study, name, str(events), f'"{size}"', "60,5" if note else "60")
            lines.append(separator.join(cells))
    result = run(tmp_path, "\n".join(lines) + "\n", "--format", "json")
    agree(answer(result), least_squares(placed(counts)))
    assert ("decimal commas are read as points: age" in result.stderr) == note


def test_numbered_columns_by_their_name_without_the_number(tmp_path: Path) -> None:
    text = wide(("drug{}", "resp{}", "total{}")).replace("study,", "id,", 1)
    head, *rows = text.splitlines()
    text = "\n".join([f"{head},remi1,remi2,n", *(f"{row},1,2,7" for row in rows)]) + "\n"
    found = answer(run(tmp_path, text, "--column", "events=resp", "--format", "json"))
    agree(found, least_squares(placed(COUNTS)))
    for wanted, told in (("events=rsp", "did you mean"), ("cases=resp", "columns are for study")):
        wrong = run(tmp_path, text, "--column", wanted)
        assert wrong.exit_code == 2
        assert "NET020" in wrong.stderr and told in wrong.stderr


def test_arms_beside_contrasts_serve_where_events_are_added_up(tmp_path: Path) -> None:
    rows = ["TE,seTE,studlab,treat1,treat2,event1,n1,event2,n2"]
    for study, arms in COUNTS:
        for i, (a, x, n) in enumerate(arms):
            rows += [f"9,9,{study},{a},{b},{x},{n},{y},{m}" for b, y, m in arms[i + 1 :]]
    paired = run(tmp_path, "\n".join(rows) + "\n", "--method", "MH", "--format", "json")
    plain = run(tmp_path, long("study,treatment,events,n"), "--method", "MH", "--format", "json")
    assert answer(paired)["common"] == answer(plain)["common"]


def test_a_reference_whose_studies_were_left_out(tmp_path: Path) -> None:
    text = long("study,treatment,events,n") + "Lost 2012,Z,0,20\nLost 2012,A,0,20\n"
    told = run(tmp_path, text, "--reference", "Z")
    assert told.exit_code == 2
    assert "NET027" in told.stderr and "NET010" in told.stderr
    kept = run(tmp_path, text)
    assert kept.exit_code == 1
    assert "nothing is told about them: Z" in kept.stdout


def test_a_tree_has_nothing_to_judge_its_spread_by(tmp_path: Path) -> None:
    text = "study,treat1,treat2,estimate,se\n1,A,B,0.1,0.2\n2,B,C,0.3,0.2\n"
    result = run(tmp_path, text)
    assert result.exit_code == 0
    assert "no prediction intervals" in result.stdout
    rows = answer(run(tmp_path, text, "--format", "json"))["random"]["league"]
    assert {row["pred_lower"] for row in rows} == {None}


def test_one_outcome_of_several(tmp_path: Path) -> None:
    pain = [f"{line},Leg pain" for line in long("x").splitlines()[1:]]
    harm = [f"{study},{arm},1,{n},harm" for study, arms in COUNTS for arm, _, n in arms]
    text = "\n".join(["study,treatment,events,n,outcome", *harm, *pain]) + "\n"
    found = answer(run(tmp_path, text, "--only", "outcome=leg pain", "--format", "json"))
    agree(found, least_squares(placed(COUNTS)))
    both = run(tmp_path, text)
    assert both.exit_code == 2 and both.stderr.count("NET025 error") == len(COUNTS)
    assert "--only outcome=pain" in both.stderr
    for wanted, told in (("outcome=leg", "there are harm, Leg pain"), ("x=1", "there are study,")):
        wrong = run(tmp_path, text, "--only", wanted)
        assert wrong.exit_code == 2 and "NET059" in wrong.stderr and told in wrong.stderr
    assert run(tmp_path, text, "--only", "outcome").exit_code == 2


@pytest.mark.parametrize("seed", range(8))
def test_networks_of_every_shape(seed: int, tmp_path: Path) -> None:
    """Trials of two to five arms, by their means; the answer of explicit matrices."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 12))
    designs = [(i, i + 1) for i in range(n - 1)]
    designs += [tuple(rng.permutation(n)[: rng.integers(2, min(n, 5) + 1)]) for _ in range(2 * n)]
    lines, studies = ["study,treatment,mean,sd,n"], dict[str, list[Arm]]()
    for s, design in enumerate(designs):
        for arm in design:
            mean, sd, size = rng.normal(float(arm), 1), rng.uniform(1, 3), int(rng.integers(9, 80))
            lines.append(f"s{s},t{arm},{mean!r},{sd!r},{size}".replace("np.float64", ""))
            studies.setdefault(f"s{s}", []).append((f"t{arm}", mean, sd * sd / size))
    text = "\n".join(lines).replace("(", "").replace(")", "") + "\n"
    found = answer(run(tmp_path, text, "--format", "json"))
    agree(found, least_squares(studies))


def test_what_is_said_of_a_row_stands_at_its_line(tmp_path: Path) -> None:
    text = (
        '\nstudy;treatment;mean;sd;n;note\n1;A;1,5;2,0;20;"over\ntwo lines"\n1;B;2,5;2,1;21;x\n'
        "2;A;1,2;2,0;20;x\n2;B;2,2;abc;20;x\n3;A;1,2;2,0;20;x\n4;A;1;1;20;x\n4;A;1;1;20;x\n"
    )
    result = run(tmp_path, text)
    assert result.exit_code == 1
    for told in ("trials.csv:7:9: NET026", "trials.csv:8:1: NET024", "trials.csv:10:3: NET025"):
        assert told in result.stderr
    contrast = "study,treat1,treat2,TE,seTE\n1,A,B,0.1,0.2\n2,A,B,0.1,0\n3,A,,0.1,0.2\n4,C,C,1,1\n"
    result = run(tmp_path, contrast + "5,A,B,1,1\n5,A,C,1,1\n6,A,B,1,1\n6,B,A,1,1\n")
    for told in ("3:1: NET001", "4:5: NET023", "5:1: NET002", "6:1: NET004", "9:1: NET003"):
        assert f"trials.csv:{told}" in result.stderr
    names = long("study,treatment,events,n").replace("Ross 2009,placebo", "Ross 2009,Placebo")
    assert "trials.csv:12:11: NET022" in run(tmp_path, names).stderr
    differences = "study,treatment,diff,std.err\n1,A,,\n1,B,0.4,0.2\n2,A,0.1,0.1\n2,B,0.2,0.2\n"
    assert "trials.csv:4:5: NET053" in run(tmp_path, differences + "3,A,,\n3,B,x,1\n").stderr
    all_arms = "study,t1,r1,n1,t2,r2,n2\n1,A,1,9,B,2,9\n2,A,1,9,B,12,9\n"
    assert "trials.csv:3:1: NET026" in run(tmp_path, all_arms).stderr
    assert "trials.csv:1:1: NET020" in run(tmp_path, "study,drug,good\n1,A,2\n").stderr
