"""What the network of a review says of each treatment, and when it says nothing."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from osler.review.folder import read_folder
from osler.review.model import Review
from osler.review.reading import parse_review
from osler.synthesis.answers import answers
from osler.synthesis.network.alikeness import signs_of
from osler.synthesis.network.of_review import ReviewNetwork, network_of_review
from tests.unit.review.folders import TOML, small_folder

EXAMPLE = Path(__file__).resolve().parents[4] / "examples" / "sciatica"
TREATMENTS = """\
[[treatments]]
name = "rest"
label = "Rest"
order = 1
[[treatments]]
name = "tablets"
label = "Tablets"
order = 2
[[treatments]]
name = "usual care"
label = "Usual care"
role = "usual care"
"""
# Who recovered of 100: usual care 40, rest 50, tablets 60.
RISK = {"usual care": 40, "rest": 50, "tablets": 60}


def made(
    trials: Sequence[Sequence[str]],
    people: Mapping[int, str] | None = None,
    risk: Mapping[tuple[int, str], int] | None = None,
    weeks: Mapping[int, float] | None = None,
) -> Review:
    """Trials with the arms named, each of 100 people an arm."""
    studies = ["id,label,year,design,population,reference,source,included,reason"]
    arms = ["study,arm,treatment,n"]
    results = ["study,arm,outcome,instrument,weeks,value,events,n,mean,sd,source"]
    for i, treatments in enumerate(trials):
        who = (people or {}).get(i, "adults")
        studies.append(f"t{i},Trial {i},2001,parallel RCT,{who},,https://example.org/{i},yes,")
        for j, treatment in enumerate(treatments):
            arms.append(f"t{i},a{j},{treatment},100")
            events = (risk or {}).get((i, treatment), RISK[treatment])
            week = (weeks or {}).get(i, 6)
            results.append(f"t{i},a{j},recovery,,{week:g},,{events},100,,,https://example.org/{i}")
    old = TOML[TOML.index("[[treatments]]") : TOML.index("[[instruments]]")]
    review, _ = parse_review(
        small_folder(
            osler_toml=TOML.replace(old, TREATMENTS),
            studies_csv="\n".join(studies) + "\n",
            arms_csv="\n".join(arms) + "\n",
            results_csv="\n".join(results) + "\n",
            contrasts_csv=None,
        )
    )
    assert review is not None
    return review


def found(review: Review, outcome: str = "recovery") -> ReviewNetwork:
    return network_of_review(review, review.outcomes[outcome])


PAIRS = (("rest", "usual care"), ("tablets", "usual care"), ("rest", "tablets"))
LOOP = (*PAIRS, *PAIRS)


def test_a_network_that_connects_and_agrees_ranks() -> None:
    told = found(made(LOOP))
    assert told.connects and told.doubts == () and told.why_no_ranking == ""
    assert told.ranking is not None
    assert told.ranking.treatments == ("tablets", "rest", "usual care")
    rest, tablets = told.says
    assert (rest.kind, rest.comparator, rest.trials) == ("network", "usual care", 2)
    assert math.exp(tablets.estimate) == pytest.approx(1.5)
    assert "Tablets, against usual care: risk ratio 1.50 (95% CI" in tablets.text
    assert "above 1 is better; 2 trials compared the two" in tablets.text


def test_trials_of_three_arms_stay_whole() -> None:
    told = found(made([("rest", "tablets", "usual care")] * 2 + list(LOOP)))
    assert told.left_out == () and len(told.rows) == 6 + 6
    assert told.network is not None and len(told.network.studies) == 8


def test_trials_that_do_not_connect_are_named_and_not_ranked() -> None:
    review = made([("rest", "usual care")] * 2)
    apart = found(replace(review, treatments=review.treatments))
    assert apart.connects and apart.says[1].kind == "none"
    assert apart.ranking is None and "not every treatment was tested (Tablets)" in (
        apart.why_no_ranking
    )
    assert apart.says[0].kind == "direct"
    assert apart.says[0].text.endswith(
        "by 2 trials of the two; no other trial connects with these."
    )


def test_without_a_loop_nothing_is_taken_from_elsewhere() -> None:
    chain = found(made([("rest", "usual care"), ("rest", "tablets")] * 2))
    assert {doubt.kind for doubt in chain.doubts} == {"cannot be checked"}
    rest, tablets = chain.says
    assert (rest.kind, tablets.kind) == ("direct", "chain")
    assert math.isnan(tablets.estimate) and "no number is given" in tablets.text
    assert chain.ranking is None and "it is doubtful" in chain.why_no_ranking


def test_other_people_in_other_comparisons_are_a_doubt() -> None:
    people = {i: "acute sciatica" if i % 3 == 0 else "chronic sciatica" for i in range(6)}
    told = found(made(LOOP, people))
    (doubt,) = told.doubts
    assert doubt.kind == "how long people had been ill"
    assert "acute in those of rest and usual care" in doubt.text
    assert told.ranking is None and all(s.kind == "direct" for s in told.says)
    mixed = found(made(LOOP, {**people, 3: "acute or chronic sciatica"}))
    assert mixed.doubts == ()


def test_other_times_are_a_doubt() -> None:
    told = found(made(LOOP, weeks={0: 2.0, 3: 2.0, 1: 12.0, 4: 12.0}))
    (doubt,) = told.doubts
    assert doubt.text == "some trials measured after 2 weeks, others not before 12."


def test_evidence_that_disagrees_is_a_doubt() -> None:
    upside_down = {(i, "tablets"): 15 for i in (2, 5)}
    told = found(made(LOOP, risk=upside_down))
    assert {doubt.kind for doubt in told.doubts} == {"disagreement"}
    assert "the two disagree (p" in told.why_no_ranking


def test_single_trials_are_too_few_to_judge() -> None:
    assert {doubt.kind for doubt in found(made(PAIRS)).doubts} == {"few trials"}


def test_no_trial_says_nothing() -> None:
    told = found(made(LOOP), "leg pain")
    assert told.network is None and told.parts == ()
    assert {s.kind for s in told.says} == {"none"}
    assert told.why_no_ranking.startswith("No trial gives a result for leg pain")


def test_a_result_of_its_own_kind() -> None:
    told = found(made(LOOP))
    assert told.columns()["treatment"] == ["rest", "tablets"]
    assert "By all trials that connect" in str(told.why("rest"))
    assert "Can be ranked." in repr(told)


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("not surgical candidates", {"no"}),
        ("surgical candidates", {"yes"}),
        ("adults", set()),
    ],
)
def test_the_longer_sign_holds(text: str, signs: set[str]) -> None:
    study = replace(next(iter(made(PAIRS).studies.values())), population=text)
    told = {"yes": "surgical candidates", "no": "not surgical candidates"}
    assert signs_of(study, told) == signs


# The sciatica example, as it is today


@pytest.fixture(scope="module")
def example() -> Review:
    review, _ = parse_review(read_folder(EXAMPLE))
    assert review is not None
    return review


def test_no_outcome_of_the_example_is_ranked(example: Review) -> None:
    for outcome in example.outcomes.values():
        told = network_of_review(example, outcome)
        assert told.ranking is None and told.why_no_ranking
        assert len(told.says) == 7


def test_leg_pain_of_the_example_does_not_connect(example: Review) -> None:
    told = found(example, "leg pain")
    assert len(told.parts) > 1 and not told.connects
    assert "the trials do not connect" in told.why_no_ranking
    by_name = {s.treatment: s for s in told.says}
    assert by_name["discectomy"].kind == "none"
    assert (by_name["acupuncture"].kind, by_name["acupuncture"].comparator) == (
        "direct",
        "sham acupuncture",
    )
    assert "mean difference" in by_name["gabapentinoid"].text


def test_direct_numbers_are_those_of_the_answers(example: Review) -> None:
    by_sides = {
        (a.comparison.interventions, a.comparison.comparators, a.outcome.name): a
        for a in answers(example).values()
    }
    compared = 0
    for outcome in example.outcomes.values():
        for says in network_of_review(example, outcome).says:
            known = by_sides.get(((says.treatment,), (says.comparator,), outcome.name))
            if says.kind != "direct" or known is None or len(known.effects) != says.trials:
                continue
            assert known.synthesis is not None
            compared += 1
            assert says.estimate == pytest.approx(known.synthesis.random.estimate)
            assert says.ci_lower == pytest.approx(known.synthesis.random.ci_lower)
    assert compared >= 1


def test_acupuncture_reaches_placebo_by_a_chain_alone(example: Review) -> None:
    told = found(example, "global improvement")
    acupuncture = next(s for s in told.says if s.treatment == "acupuncture")
    assert acupuncture.kind == "chain" and "no number is given" in acupuncture.text
