"""Every network of metadat by ``osler network``, against least squares with explicit matrices."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from osler.cli.network import network_command

HERE = Path(__file__).parent / "metadat"
NAMES = tuple(sorted(path.stem for path in HERE.glob("*.json")))


@cache
def case(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text("utf-8"))
    return found


CASES = [(name, measure) for name in NAMES for measure in case(name)["measures"]]


def write(path: Path, table: dict[str, list[Any]]) -> str:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(table)
        writer.writerows(zip(*table.values(), strict=True))
    return str(path)


def answer(*options: str) -> dict[str, Any]:
    result = CliRunner().invoke(
        network_command, [*options, "--better", "lower", "--format", "json"]
    )
    assert result.exit_code in (0, 1), result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def compare(found: dict[str, Any], model: str, theirs: dict[str, Any], names: list[str]) -> None:
    assert sorted(found["treatments"]) == sorted(names)
    at = {name: i for i, name in enumerate(names)}
    rows = found[model]["league"]
    assert len(rows) == len(names) * (len(names) - 1)
    pairs = [(at[row["treatment"]], at[row["comparator"]]) for row in rows]
    i, j = np.array(pairs).T
    position, se = np.array(theirs["position"]), np.array(theirs["se"])
    ours = np.array([[row["estimate"], row["se"]] for row in rows])
    np.testing.assert_allclose(ours[:, 0], position[i] - position[j], 1e-8, 1e-9)
    np.testing.assert_allclose(ours[:, 1], se[i, j], 1e-8)


def test_the_grid_is_whole() -> None:
    assert len(NAMES) == 12
    assert len(CASES) == 39
    for name in NAMES:
        assert case(name)["versions"]["metadat"]


@pytest.mark.parametrize("method", ["DL", "PM", "REML", "ML"])
@pytest.mark.parametrize(("name", "measure"), CASES)
def test_tables_of_arms(name: str, measure: str, method: str, tmp_path: Path) -> None:
    theirs = case(name)["measures"][measure]
    file = write(tmp_path / "arms.csv", case(name)["table"])
    found = answer(file, "--measure", measure, "--tau2", method)
    compare(found, "common", theirs["fits"]["common"], theirs["treatments"])
    compare(found, "random", theirs["fits"][method], theirs["treatments"])
    assert found["random"]["tau2"] == pytest.approx(
        theirs["fits"][method]["tau2"], rel=1e-7, abs=1e-12
    )
    assert found["heterogeneity"]["q"] == pytest.approx(theirs["Q"], rel=1e-8)
    assert found["heterogeneity"]["df"] == theirs["df"]


@pytest.mark.parametrize(("name", "measure"), [c for c in CASES if c[1] in ("OR", "MD")])
def test_contrasts_give_what_their_arms_give(name: str, measure: str, tmp_path: Path) -> None:
    theirs = case(name)["measures"][measure]
    file, pairs = write(tmp_path / "arms.csv", case(name)["table"]), tmp_path / "pairs.csv"
    answer(file, "--measure", measure, "--export", "netmeta", str(pairs))
    found = answer(str(pairs), "--tau2", "REML", "--measure", measure)
    compare(found, "random", theirs["fits"]["REML"], theirs["treatments"])


@pytest.mark.parametrize("name", [name for name in NAMES if "OR" in case(name)["measures"]])
def test_all_arms_in_one_row(name: str, tmp_path: Path) -> None:
    table, theirs = case(name)["table"], case(name)["measures"]["OR"]
    arms: dict[str, list[tuple[Any, ...]]] = {}
    for study, *arm in zip(*table.values(), strict=True):
        arms.setdefault(study, []).append(tuple(arm))
    most = max(map(len, arms.values()))
    wide: dict[str, list[Any]] = {"study": list(arms)}
    for k in range(most):
        for i, column in enumerate(("treat", "event", "n")):
            cells = [own[k][i] if k < len(own) else "" for own in arms.values()]
            wide[f"{column}{k + 1}"] = ["NA" if cell is None else cell for cell in cells]
    found = answer(write(tmp_path / "wide.csv", wide), "--tau2", "DL")
    compare(found, "random", theirs["fits"]["DL"], theirs["treatments"])
