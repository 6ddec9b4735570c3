"""A grid of analyses, and how many agree."""

import math
from typing import Any

import numpy as np
import pytest

from osler.appraisal.multiverse import multiverse
from osler.appraisal.multiverse.result import variance_share
from osler.core.diagnostics import DataError
from osler.effects import estimate_effects
from osler.synthesis import synthesise
from tests.unit.appraisal.influence.sample import ALLOCATION, BCG, NAMES, Effects, code_of

# Cases and participants, vaccinated and not: Colditz et al. (1994), JAMA 271, 698-702.
TABLE: dict[str, Any] = {
    "study": NAMES,
    "ai": (4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27),
    "n1i": (123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913),
    "ci": (11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29),
    "n2i": (139, 303, 220, 12867, 5808, 1451, 629, 88391, 7277, 1665, 27338, 2341, 17854),
    "allocation": ALLOCATION,
}


def not_random(row: Any) -> bool:
    return bool(row["allocation"] != "random")


def test_the_grid_holds_every_combination_once() -> None:
    found = multiverse(
        TABLE,
        ["RR", "OR", "RD"],
        zero_cells=["metafor", "constant"],
        tau2_methods=["REML", "DL"],
        ci_methods=["HKSJ", "Wald"],
        exclusions={"not random": not_random},
    )
    names = [s.name for s in found.specifications]
    assert len(names) == len(set(names)) == 3 * 2 * 2 * (2 * 2 + 1)
    assert found.main.name == "RR, metafor, REML, HKSJ"
    assert set(found.shares) == {"measure", "zero_cells", "exclusion", "model", "ci_method"}
    assert found.shares_of == "z" and all(0 <= s <= 1 for s in found.shares.values())


def test_each_specification_is_its_synthesis() -> None:
    found = multiverse(TABLE, ["OR"], exclusions={"not random": not_random}, level=0.9)
    for s in found.specifications:
        effects = estimate_effects(TABLE, "OR")
        keep = [i for i in range(13) if not (s.exclusion and ALLOCATION[i] != "random")]
        fit = synthesise(
            [effects.studies[i] for i in keep],
            [effects.estimates[i] for i in keep],
            [effects.variances[i] for i in keep],
            tau2_method="REML" if s.model == "common effect" else s.model,
            ci_method=s.ci_method,
            level=0.9,
        )
        pooled = fit.common if s.model == "common effect" else fit.random
        assert s.k == len(keep)
        assert s.estimate == pytest.approx(pooled.estimate, rel=1e-10)
        assert s.ci_upper == pytest.approx(pooled.ci_upper, rel=1e-10)


def test_conclusions_are_counted() -> None:
    found = multiverse(BCG, exclusions={"not random": not_random}, mid=0.5, leave_out_each=True)
    specifications = found.specifications
    assert len(specifications) == 15 * 7
    assert found.count("same_direction") == sum(s.estimate < 0 for s in specifications)
    assert found.count("excludes_no_effect") == sum(s.ci_upper < 0 for s in specifications)
    assert found.count("beyond_mid") == sum(s.estimate <= -0.5 for s in specifications)
    assert found.count("wholly_beyond_mid") == sum(s.ci_upper <= -0.5 for s in specifications)
    order = [specifications[i].estimate for i in found.curve()]
    assert order == sorted(order)
    ranks = found.columns()["rank"]
    assert sorted(ranks) == list(range(1, 106))  # type: ignore[type-var]


def test_the_decisive_choice_is_named() -> None:
    effects = Effects((0.1, 0.12, 0.11, 2.0), (0.04,) * 4, "MD")
    found = multiverse(effects, exclusions={"odd one": ["S3"]})
    assert found.decisive == "exclusion" and found.shares["exclusion"] > 0.99
    assert "exclusion" in found.text() and "exclusion" in str(found.why("shares.exclusion"))


def test_effects_made_in_several_ways() -> None:
    ways = {name: estimate_effects(TABLE, "RR", zero_cells=name) for name in ("none", "constant")}
    found = multiverse(ways)
    assert {s.zero_cells for s in found.specifications} == {"none", "constant"}


def test_what_cannot_be_computed_is_listed() -> None:
    found = multiverse(TABLE, ["RR", "SMD"], exclusions={"all": list(NAMES)})
    assert [name for name, _ in found.left_out] == ["SMD, metafor", "RR, all"]
    assert "Could not be computed" in found.summary()


def test_nothing_varies() -> None:
    found = multiverse(
        Effects((0.1, 0.3), (0.1, 0.1)),
        tau2_methods=["DL"],
        ci_methods=["Wald"],
        common_effect=False,
    )
    assert found.decisive == "" and "No choice" in found.text()
    same = multiverse(Effects((0.5, 0.5), (0.1, 0.1)))
    assert all(math.isnan(share) for share in same.shares.values()) and same.summary()


def test_it_explains_itself() -> None:
    found = multiverse(TABLE, ["RR", "RD"], mid={"RR": 0.2, "RD": 0.01}, leave_out_each=True)
    assert max(map(len, found.summary().splitlines())) <= 96
    assert "agree" in found.summary() and "smallest important" in found.text()
    for name in found.reasons():
        assert str(found.why(name))


@pytest.mark.parametrize(
    ("source", "options", "code"),
    [
        (BCG, {"tau2_methods": []}, "MUV001"),
        (BCG, {"ci_methods": []}, "MUV001"),
        (TABLE, {"measures": []}, "MUV001"),
        (BCG, {"exclusions": {"x": ["Smith 2010"]}}, "MUV002"),
        (TABLE, {"measures": ["SMD"]}, "MUV003"),
        (BCG, {"measures": ["OR"]}, "MUV004"),
        (BCG, {"mid": -0.2}, "MUV005"),
        (BCG, {"mid": math.nan}, "MUV005"),
        (BCG, {"mid": {"OR": 0.2}}, "MUV005"),
        (TABLE, {"measures": ["RR", "RD"], "mid": 0.1}, "MUV005"),
        (BCG, {"tau2_methods": ["DL"] * 2000, "ci_methods": ["Wald"] * 200}, "MUV006"),
        (BCG, {"tau2_methods": ["best"]}, "SYN005"),
    ],
)
def test_impossible_grids_are_told(source: Any, options: Any, code: str) -> None:
    with pytest.raises(DataError) as caught:
        multiverse(source, **options)
    assert code_of(caught.value) == code


@pytest.mark.parametrize(
    ("y", "v", "code"),
    [
        ((0.1, math.nan, 0.3), (0.1, math.nan, 0.1), "SYN004"),
        ((0.1, 0.2, 0.3), (0.1, 0.0, 0.1), "SYN003"),
        ((0.1, 0.2, 0.3), (0.1, 0.2), "SYN002"),
        ((0.1, "few", 0.3), (0.1, 0.2, 0.1), "FRM002"),
    ],
)
def test_no_study_is_dropped_in_silence(y: Any, v: Any, code: str) -> None:
    with pytest.raises(DataError) as caught:
        multiverse(Effects(y, v))
    assert code_of(caught.value) == code


def test_what_differs_by_rounding_has_no_share() -> None:
    assert math.isnan(variance_share(np.array([1.0, 1.0 + 2e-16, 1.0]), ["a", "b", "a"]))
    assert math.isnan(variance_share(np.array([0.0, 1e-17, 0.0]), ["a", "b", "a"], 1e-12))
    assert "nothing varies" in multiverse(Effects((0.5,), (0.1,))).why("shares.model").how


def test_rows_without_an_effect_are_told() -> None:
    table = {**TABLE, "ai": (None, *TABLE["ai"][1:])}
    found = multiverse(table, ["RR", "OR"])
    assert len(found.notes) == 2 and "where the measure is OR:" in found.notes[1]
    assert "events_treated is not reported" in found.text()
    assert "Without" in found.summary()
