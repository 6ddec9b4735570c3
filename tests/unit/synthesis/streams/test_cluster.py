"""A cluster that loses a worker half-way gives the same file."""

import os
import signal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from distributed import Client, LocalCluster

from osler.core.diagnostics import DataError
from osler.synthesis.streams.cluster import pool_on_cluster
from osler.synthesis.streams.parquet import pool_parquet
from tests.unit.synthesis.streams.test_parquet import studies


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets of the worker that was killed
def test_one_of_two_workers_is_killed(tmp_path: Path) -> None:
    source, here, there = (tmp_path / f"{name}.parquet" for name in ("in", "here", "there"))
    pq.write_table(studies(400), source, row_group_size=60)
    pool_parquet(source, here)
    killed: list[int] = []
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):

        def kill_one(done: int, parts: int) -> None:
            if done == parts // 2:
                pid = next(iter(client.run(os.getpid).values()))
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

        report = pool_on_cluster(source, there, cluster.scheduler_address, progress=kill_one)
    assert len(killed) == 1
    assert report.groups == 400
    # As frames, because Arrow holds that NaN differs from NaN.
    assert pq.read_table(there).to_pandas().equals(pq.read_table(here).to_pandas())


def test_no_scheduler_there(tmp_path: Path) -> None:
    pq.write_table(studies(2), tmp_path / "in.parquet")
    with pytest.raises(DataError) as caught:
        pool_on_cluster(
            tmp_path / "in.parquet", tmp_path / "out", "tcp://127.0.0.1:9", timeout_seconds=0.5
        )
    assert caught.value.diagnostics[0].code == "BAT006"
