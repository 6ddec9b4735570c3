"""``osler batch`` as a person sees it."""

from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from osler.cli.main import main


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["batch", *map(str, words)])
    return result.exit_code, result.output


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.parquet"
    columns = {
        "group": ["a", "a", "a", "b"],
        "yi": [0.1, 0.3, 0.9, 0.2],
        "vi": [0.1, 0.1, 0.1, 0.1],
    }
    pl.DataFrame(columns).write_parquet(path)
    return path


def test_results_are_written_and_counted(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    code, told = run(source, out, "--tau2", "dl", "--workers", 1)
    assert code == 0
    assert told.startswith(f"{out}: 2 meta-analyses in ")
    assert pl.read_parquet(out)["group"].to_list() == ["a", "b"]


def test_a_group_that_cannot_be_pooled_is_named(source: Path, tmp_path: Path) -> None:
    pl.read_parquet(source).with_columns(vi=pl.Series([0.1, 0.1, -0.1, 0.1])).write_parquet(source)
    code, told = run(source, tmp_path / "out.parquet")
    assert code == 1
    assert "1 group could not be pooled:\n  a: a variance is not above 0: row 3" in told


def test_what_cannot_be_done_exits_with_2(source: Path, tmp_path: Path) -> None:
    code, told = run(source, tmp_path / "out.parquet", "--by", "voxel")
    assert code == 2
    assert "BAT002" in told and "columns: group, yi, vi" in told
    assert run(source, tmp_path / "out.parquet", "--se", "vi", "--variance", "vi")[0] == 2
