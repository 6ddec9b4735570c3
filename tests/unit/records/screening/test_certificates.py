from dataclasses import replace

import pytest

from osler.core.diagnostics import DataError
from osler.records.model import Decision, Verdict
from osler.records.screening.auditing import sample
from osler.records.screening.certificates import (
    Certificate,
    certify,
    read_certificate,
    verify,
    with_audit,
)
from tests.unit.records.screening.decisions import decisions

KEYS = [f"r{i}" for i in range(300)]
TOLD = decisions(*(f"r{i} one {'include' if i < 30 else 'exclude'}" for i in range(280)))


def certificate(told: list[Decision] = TOLD) -> Certificate:
    return certify(told, KEYS, today="2026-01-05")


def codes(made: Certificate, told: list[Decision], keys: list[str] = KEYS) -> list[str]:
    return [d.code for d in verify(made, told, keys, "records/stopping.toml")]


def test_written_and_read_again_it_is_the_same() -> None:
    made = certificate()
    assert read_certificate(made.as_toml()) == made
    assert made.as_toml() == certificate().as_toml()


def test_it_holds_for_its_decisions_and_later_irrelevant_ones() -> None:
    made = certificate()
    assert made.reached
    assert str(made).startswith("95 % recall reached with at most 5 % risk (280 of 300")
    assert codes(made, TOLD) == []
    assert codes(made, [*TOLD, *decisions("r290 one exclude")]) == []


def test_not_reached_is_said() -> None:
    made = certificate(TOLD[:60])
    assert not made.reached
    assert str(made).startswith("95 % recall not shown yet")


def test_a_changed_decision_breaks_it() -> None:
    changed = [replace(TOLD[0], verdict=Verdict.EXCLUDE), *TOLD[1:]]
    assert codes(certificate(), changed) == ["REC058"]
    assert codes(certificate(), TOLD[1:]) == ["REC058"]


def test_a_changed_number_breaks_it() -> None:
    made = certificate()
    for changed in (
        replace(made, relevant=31),
        replace(made, recall_lower=0.99),
        replace(made, lift=2.0),
        replace(made, rows=12),
        replace(made, stage="elsewhere"),
        replace(made, allowed=7.0),
        replace(made, audit_sampled=-4),
        replace(made, audit_recall=0.5),
    ):
        assert codes(changed, TOLD) == ["REC058"]


def test_a_find_or_a_new_record_after_it_overtakes_it() -> None:
    made = certificate()
    assert codes(made, [*TOLD, *decisions("r290 one include")]) == ["REC059"]
    assert codes(made, [*TOLD, *decisions("r250 two include")]) == ["REC059"]
    assert codes(made, TOLD, [*KEYS, "new"]) == ["REC059"]


def test_an_audit_is_part_of_it() -> None:
    drawn = sample(KEYS[280:], 10, seed=4)
    answers = [*TOLD, *decisions(*(f"{key} one exclude" for key in drawn))]
    made = with_audit(certificate(), drawn, answers, pool=20, seed=4)
    assert (made.audit_sampled, made.audit_found) == (10, 0)
    assert 0.8 < made.audit_recall < 1
    assert read_certificate(made.as_toml()) == made
    assert codes(made, answers) == []


def test_half_an_audit_is_none() -> None:
    drawn = sample(KEYS[280:], 10, seed=4)
    with pytest.raises(DataError) as raised:
        with_audit(certificate(), drawn, TOLD, pool=20, seed=4)
    assert raised.value.diagnostics[0].code == "REC056"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "version = 1",
        "version = 2",
        "= nonsense",
        certificate().as_toml().replace("total = 300", 'total = "300"'),
        certificate().as_toml() + "more = 1\n",
        "a = " + "[" * 5000,
    ],
)
def test_what_is_no_certificate(text: str) -> None:
    with pytest.raises(DataError) as raised:
        read_certificate(text, "records/stopping.toml")
    assert raised.value.diagnostics[0].code == "REC057"
