"""A Parquet file in parts gives what it gives as a whole."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from osler.core.diagnostics import DataError
from osler.synthesis import synthesise
from osler.synthesis.streams.parquet import pool_parquet


def studies(groups: int = 60) -> pa.Table:
    rng = np.random.default_rng(8)
    lengths = rng.integers(1, 14, groups)
    v = rng.uniform(0.01, 0.5, lengths.sum())
    names = np.repeat([f"g{i:03}" for i in range(groups)], lengths)
    return pa.table({"group": names, "yi": rng.normal(0.3, np.sqrt(v + 0.1)), "vi": v})


def pooled(table: pa.Table, folder: Path, rows: int, **options: object) -> pa.Table:
    source, out = folder / "in.parquet", folder / "out.parquet"
    pq.write_table(table, source, row_group_size=rows)
    pool_parquet(source, out, **options)  # type: ignore[arg-type]
    return pq.read_table(out)


@pytest.mark.parametrize("rows", [1, 3, 7, 50, 10_000])
def test_where_the_file_is_cut_changes_nothing(tmp_path: Path, rows: int) -> None:
    whole = pooled(studies(), tmp_path, 10_000)
    assert whole.num_rows == 60
    cut = pooled(studies(), tmp_path, rows, workers=2)
    for name in whole.column_names:
        if pa.types.is_floating(whole.schema.field(name).type):
            np.testing.assert_allclose(cut[name], whole[name], rtol=1e-12, atol=1e-14)
        else:
            assert cut[name].to_pylist() == whole[name].to_pylist()


def test_a_row_is_the_synthesis_of_its_group(tmp_path: Path) -> None:
    table = studies()
    row = pooled(table, tmp_path, 20).to_pylist()[5]
    mine = table.filter(pa.compute.equal(table["group"], row["group"])).to_pydict()
    fit = synthesise(mine["group"], mine["yi"], mine["vi"])
    assert row["estimate"] == pytest.approx(fit.random.estimate, rel=1e-9)
    assert row["tau2"] == pytest.approx(fit.heterogeneity.tau2, rel=1e-8, abs=1e-12)
    assert row["pred_lower"] == pytest.approx(fit.random.pred_lower, rel=1e-9, nan_ok=True)


def test_standard_errors_and_names_of_columns(tmp_path: Path) -> None:
    table = studies()
    other = pa.table({"v": table["group"], "d": table["yi"], "s": pa.compute.sqrt(table["vi"])})
    got = pooled(other, tmp_path, 30, by="v", estimate="d", se="s")
    expected = pooled(table, tmp_path, 30)
    np.testing.assert_allclose(got["estimate"], expected["estimate"], rtol=1e-10)
    assert got.column_names[0] == "v"


def test_problems_and_rows_left_out_are_counted(tmp_path: Path) -> None:
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    table = {"group": [1, 1, 2, 2, 3], "yi": [0.1, None, 0.2, 0.3, 0.4]}
    pq.write_table(pa.table(table | {"vi": [0.1, None, 0.1, -0.1, 0.2]}), source)
    report = pool_parquet(source, out)
    assert (report.groups, report.problems, report.left_out) == (3, 1, 1)
    assert report.first_problems[0][0] == "2" and "row 2" in report.first_problems[0][1]
    assert pq.read_table(out)["estimate"].to_pylist()[2] == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("code", "table", "options"),
    [
        ("BAT002", {"g": [1], "yi": [0.1], "vi": [0.1]}, {}),
        ("BAT002", {"group": [1], "yi": [0.1], "vi": [0.1]}, {"estimate": "d", "variance": "vi"}),
        ("BAT003", {"group": [1], "yi": ["a"], "vi": [0.1]}, {}),
        ("BAT004", {"group": [1, 2, 1], "yi": [0.1] * 3, "vi": [0.1] * 3}, {}),
        ("BAT005", {"group": pa.array([], pa.int64()), "yi": pa.array([], pa.float64())}, {}),
        ("DAT001", {"group": [1], "yi": [0.1]}, {}),
        ("SYN005", {"group": [1], "yi": [0.1], "vi": [0.1]}, {"tau2_method": "XX"}),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_no_file(
    tmp_path: Path, code: str, table: dict[str, object], options: dict[str, object]
) -> None:
    with pytest.raises(DataError) as caught:
        pooled(pa.table(table), tmp_path, 2, **options)
    assert caught.value.diagnostics[0].code == code
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "in.parquet").write_text("group,yi,vi\n1,0.1,0.1\n")
    for name in ("in.parquet", "none.parquet"):
        with pytest.raises(DataError) as caught:
            pool_parquet(tmp_path / name, tmp_path / "out.parquet")
        assert caught.value.diagnostics[0].code == "BAT001"


def test_pandas_is_not_loaded_where_it_is_installed(tmp_path: Path) -> None:
    """It would take as long as a hundred thousand meta-analyses."""
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(studies(), source, row_group_size=50)
    code = (
        "import sys; from pathlib import Path; "
        "from osler.synthesis.streams.parquet import pool_parquet; "
        f"pool_parquet(Path({str(source)!r}), Path({str(out)!r})); "
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert out.exists()


def test_groups_written_as_a_dictionary_are_their_texts(tmp_path: Path) -> None:
    plain = studies()
    coded = plain.set_column(0, "group", plain["group"].dictionary_encode())
    for rows in (7, 10_000):
        got = pooled(coded, tmp_path, rows)
        assert got["group"].to_pylist() == pooled(plain, tmp_path, rows)["group"].to_pylist()


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_rows_without_a_group_are_not_pooled(tmp_path: Path, missing: float | None) -> None:
    names = pa.array([1.0, 1.0, missing, missing], pa.float64())
    table = pa.table({"group": names, "yi": [0.1, 0.2, 0.3, 0.4], "vi": [0.1] * 4})
    got = pooled(table, tmp_path, 10).to_pylist()
    assert got[0]["k"] == 2.0 and not got[0]["problem"]
    assert np.isnan(got[1]["estimate"])
    assert got[1]["problem"] == "the rows do not name their group"


@pytest.mark.parametrize("by", ["k", "problem"])
def test_a_group_called_like_a_result_stays_beside_it(tmp_path: Path, by: str) -> None:
    table = pa.table({by: ["x", "x", "y"], "yi": [0.1, 0.2, 0.3], "vi": [0.1] * 3})
    got = pooled(table, tmp_path, 10, by=by)
    assert got[f"group_{by}"].to_pylist() == ["x", "y"]
    assert got["k"].to_pylist() == [2.0, 1.0]


def test_lists_name_no_groups(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="BAT008"):
        pooled(pa.table({"group": [["a"]], "yi": [0.1], "vi": [0.1]}), tmp_path, 10)


def test_results_do_not_take_the_place_of_the_studies(tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(studies(), source)
    for out in (source, tmp_path / "none" / "out.parquet"):
        with pytest.raises(DataError, match="BAT009"):
            pool_parquet(source, out)
    assert pq.read_table(source).equals(studies())
