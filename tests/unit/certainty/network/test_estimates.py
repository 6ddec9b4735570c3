"""Network estimates as findings: their numbers, where they come from, when none is told."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from osler.certainty.evidence import gather_evidence
from osler.certainty.model import Evidence
from osler.certainty.network import asked
from osler.certainty.network.asked import with_networks
from osler.certainty.network.evidence import GradedNetwork, graded_network
from osler.review.model import Review
from tests.unit.certainty.network.sample import (
    judged,
    judgement,
    loop_folder,
    review_of,
    senn,
    senn_folder,
)

ROOT = Path(__file__).resolve().parents[4]
NETMETA = ROOT / "tests" / "reference" / "network" / "netmeta" / "senn2013.json"
WHOLE = "network / HbA1c"


@pytest.fixture(scope="module")
def netmeta() -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(NETMETA.read_text(encoding="utf-8"))
    return stored


@pytest.fixture(scope="module")
def diabetes() -> GradedNetwork:
    """Senn 2013, where a person let the doubts stand."""
    review, evidence = senn()
    return graded(judged(review, judgement(WHOLE, "intransitivity", 0)), evidence)


def graded(review: Review, evidence: Evidence | None = None) -> GradedNetwork:
    outcome = next(iter(review.outcomes.values()))
    return graded_network(review, outcome, evidence or gather_evidence(review))


def test_estimates_are_those_of_netmeta(diabetes: GradedNetwork, netmeta: dict[str, Any]) -> None:
    assert len(diabetes.findings) == 9
    for name, finding in diabetes.findings.items():
        pooled = finding.synthesis.random
        for field, table in (
            (pooled.estimate, netmeta["random"]["TE"]),
            (pooled.ci_lower, netmeta["random"]["lower"]),
            (pooled.ci_upper, netmeta["random"]["upper"]),
            (pooled.pred_lower, netmeta["prediction"]["lower"]),
            (finding.synthesis.common.estimate, netmeta["common"]["TE"]),
        ):
            row, column = table["rows"].index(name), table["cols"].index("placebo")
            assert field == pytest.approx(table["values"][row][column], rel=1e-6), name
    assert finding.synthesis.heterogeneity.tau2 == pytest.approx(netmeta["tau2"], rel=1e-6)


def found_at(comparisons: list[str], name: str) -> tuple[int, int]:
    """Where netmeta tells of a treatment and placebo, and which way round."""
    turned = f"placebo:{name}" in comparisons
    return comparisons.index(f"placebo:{name}" if turned else f"{name}:placebo"), 1 - 2 * turned


def test_direct_and_indirect_evidence_are_those_of_netmeta(
    diabetes: GradedNetwork, netmeta: dict[str, Any]
) -> None:
    table = netmeta["netsplit_random"]
    for name, finding in diabetes.findings.items():
        at, sign = found_at(table["comparison"], name)
        basis = finding.network
        assert basis is not None
        assert basis.trials == table["k"][at]
        assert basis.share == pytest.approx(table["prop_direct"][at], abs=1e-6)
        for kind in ("direct", "indirect"):
            theirs, ours = table[kind]["TE"][at], getattr(basis, kind)
            assert (ours is None) == (theirs is None), (name, kind)
            if ours is not None:
                assert ours.estimate == pytest.approx(sign * theirs, rel=1e-6)
        if basis.direct and basis.indirect:
            assert basis.p_value == pytest.approx(table["compare"]["p"][at], rel=1e-5)


def test_contributions_add_up_and_the_largest_comes_first(diabetes: GradedNetwork) -> None:
    for finding in diabetes.findings.values():
        assert finding.network is not None
        for parts in (finding.network.comparisons, finding.network.studies):
            shares = [part.share for part in parts]
            assert math.fsum(shares) == pytest.approx(1)
            assert shares == sorted(shares, reverse=True)
        studies = [part.key for part in finding.network.studies]
        assert studies == [effect.study for effect in finding.answer.effects]
        assert finding.synthesis.random_weights == tuple(
            part.share for part in finding.network.studies
        )


def test_each_contributing_trial_stands_with_what_it_compared(diabetes: GradedNetwork) -> None:
    effects = {e.label: e for e in diabetes.findings["sulfonylurea"].answer.effects}
    oyama = effects["Oyama (2008)"]  # acarbose against sulfonylurea: -0.4
    assert oyama.effect.estimate == pytest.approx(0.4)
    assert oyama.reported.startswith("sulfonylurea against acarbose: ")
    assert effects["Costa (1997)"].reported.startswith("acarbose against placebo: ")


def test_no_number_is_taken_from_doubtful_trials_unless_a_person_judged_them() -> None:
    review, evidence = senn()
    found = graded(review, evidence)
    assert found.findings == {} and found.ranking is None
    assert "9 of 15 comparisons rest on one trial each" in found.why_no_ranking


def test_a_judgement_on_one_estimate_lets_that_one_be_told() -> None:
    review, evidence = senn()
    about = "acarbose vs placebo / HbA1c"
    found = graded(judged(review, judgement(about, "intransitivity", 2)), evidence)
    assert set(found.findings) == {"acarbose"}
    step = found.findings["acarbose"].certainty.steps[-1]
    assert (step.reason, step.levels, step.rule_levels) == ("intransitivity", 2, 1)


def test_a_person_may_find_that_nothing_speaks_against_an_order(diabetes: GradedNetwork) -> None:
    assert diabetes.ranking is not None and diabetes.why_no_ranking == ""
    assert diabetes.ranking.treatments[0] == "rosiglitazone"


def test_a_person_who_doubts_stops_the_order() -> None:
    review = judged(review_of(loop_folder()), judgement("network / recovery", "intransitivity", 1))
    found = graded(review)
    assert found.ranking is None and "a reason" in found.why_no_ranking
    assert {f.certainty.steps[-1].levels for f in found.findings.values()} == {1}


def test_of_two_answers_the_more_certain_is_shown(diabetes: GradedNetwork) -> None:
    shown = diabetes.shown("rosiglitazone")  # six trials of the two, moderate
    assert shown is not None and shown.network is None
    assert shown.certainty.level > diabetes.findings["rosiglitazone"].certainty.level
    whole = diabetes.shown("metformin")
    assert whole is not None and whole.network is not None
    assert whole.certainty.level > diabetes.direct["metformin"].certainty.level
    assert diabetes.shown("placebo") is None


def test_absolute_effects_start_from_the_comparator_groups() -> None:
    finding = graded(review_of(loop_folder())).findings["tablets"]
    assert finding.absolute is not None
    assert finding.absolute.baseline == pytest.approx(0.4)
    assert finding.absolute.risk == pytest.approx(0.65)
    assert all((e.events is None) == ("against usual care" not in e.reported)
               for e in finding.answer.effects)  # fmt: skip


def test_where_all_evidence_is_direct_the_network_says_what_the_trials_say() -> None:
    review = review_of(loop_folder())
    network, alone = (getattr(graded(review), kind)["exercise"] for kind in ("findings", "direct"))
    assert network.network.share == 1 and network.network.indirect is None
    assert network.synthesis.common.estimate == pytest.approx(alone.synthesis.common.estimate)


# What pages and certainty.toml ask


def evidence_of(review: Review, *questions: str) -> Evidence:
    return with_networks(review, gather_evidence(review), questions)


def test_a_question_without_a_trial_is_answered_by_the_network() -> None:
    review = review_of(loop_folder())
    question = "tablets vs exercise / recovery"
    assert question in gather_evidence(review).unanswered
    found = evidence_of(review, question)
    assert question not in found.unanswered
    finding = found.findings[question]
    # Consistency: 260/160 over 180/160.
    assert math.exp(finding.synthesis.random.estimate) == pytest.approx(260 / 180)
    assert finding.network is not None and finding.network.direct is None
    other = evidence_of(review, "exercise vs tablets / recovery").findings
    turned = other["exercise vs tablets / recovery"].synthesis.random
    assert turned.estimate == pytest.approx(-finding.synthesis.random.estimate)
    assert turned.ci_upper == pytest.approx(-finding.synthesis.random.ci_lower)


def test_trials_of_the_two_keep_their_question_and_the_network_has_its_own() -> None:
    review = review_of(loop_folder())
    question = "rest vs usual care / recovery"
    before = gather_evidence(review)
    assert with_networks(review, before, [question]) is before
    found = evidence_of(review, f"{question} (network)").findings
    assert found[question].network is None
    assert found[f"{question} (network)"].network is not None


@pytest.mark.parametrize(
    ("trials", "why"),
    [
        ("rest:usual-care rest:usual-care tablets:exercise tablets:exercise", "no chain of trials"),
        ("rest:usual-care rest:tablets rest:usual-care rest:tablets", "it is doubtful"),
    ],
)
def test_where_the_network_does_not_carry_it_says_why(trials: str, why: str) -> None:
    review = review_of(loop_folder(trials))
    question = "tablets vs usual care / recovery"
    found = evidence_of(review, question)
    assert question not in found.findings and why in found.untold[question]


def test_numbers_that_cannot_be_put_together_are_told_not_stumbled_over() -> None:
    files = dict(senn_folder())
    lines = files["contrasts.csv"].decode().splitlines()
    lines[1] = ",".join([*lines[1].split(",")[:-1], "1e-9"])
    lines[2] = ",".join([*lines[2].split(",")[:-1], "1e4"])
    review = review_of({**files, "contrasts.csv": "\n".join(lines).encode()})
    question = "sulfonylurea vs placebo / HbA1c"
    told = evidence_of(review, question, WHOLE).untold[question]
    assert told.startswith("the network cannot be worked out: ")
    found = graded(review)
    assert found.findings == {} and found.ranking is None
    assert found.why_no_ranking.startswith("The trials cannot be put together: ")


def test_trials_of_two_that_no_question_asks_about_are_pointed_at() -> None:
    review = review_of(loop_folder("rest:usual-care rest:tablets rest:usual-care rest:tablets"))
    told = evidence_of(review, "tablets vs rest / recovery").untold["tablets vs rest / recovery"]
    assert told == "2 trials of tablets and rest, and no comparison of the two in osler.toml"


def test_a_pair_alone_is_no_network() -> None:
    review = review_of(loop_folder("rest:usual-care rest:usual-care"))
    found = evidence_of(review, "rest vs usual care / recovery (network)")
    assert "connect with each other" in found.untold["rest vs usual care / recovery (network)"]


def test_no_network_is_worked_out_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    review = review_of(loop_folder())
    evidence = gather_evidence(review)
    monkeypatch.setattr(asked, "_answered", lambda *_: pytest.fail("a network was worked out"))
    questions = [*evidence.findings, "no such thing / recovery", "rest vs rest / recovery", "", "/"]
    assert with_networks(review, evidence, questions) is evidence
