"""Killed under load, nothing that was acknowledged is lost. 50 kills: validation/site_crash.py."""

import random

import pytest

from tests.web.comments.crash_writers import Confirmations, Decisions
from tests.web.crash import Report, Site, crash, free_port
from tests.web.crash_writers import Comments, Members, environment, set_up
from tests.web.practice.crash_writer import Answers


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_site_is_killed(tmp_path):
    session = set_up(tmp_path / "site")
    site = Site(environment(tmp_path / "site"), free_port(), tmp_path / "log")
    writers = [
        Comments(tmp_path / "site"),
        Members(tmp_path / "site", session),
        Answers(tmp_path / "site"),
        Decisions(tmp_path / "site", session),
        Confirmations(tmp_path / "site"),
    ]
    report = crash(site, writers, kills=2, rng=random.Random(1), between=(0.3, 1.2))
    assert report.kills == 2
    assert all(count > 0 for count in report.acknowledged.values()), report.told()
    assert not any(report.lost.values()), report.told()


def test_the_harness_sees_what_is_lost():
    report = Report(1, {"x": 3}, {"x": ["b"]}, {"x": 0}, [0.5])
    assert "x: 3 acknowledged, 1 lost, 0 refused" in report.told()
