import math

import pytest

from osler.core.diagnostics import DataError
from osler.effects import effect_from_report


def code(**reported: float | str | None) -> str:
    measure = str(reported.pop("measure", "MD"))
    with pytest.raises(DataError) as error:
        effect_from_report(measure, **reported)  # type: ignore[arg-type]
    return error.value.diagnostics[0].code


@pytest.mark.parametrize(
    ("reported", "found"),
    [
        ({"estimate": 0.7, "ci_lower": 0.75, "ci_upper": 0.9}, "0.7 (0.75 to 0.9)"),
        ({"estimate": 0.7, "ci_lower": 0.9, "ci_upper": 0.6}, "0.9 to 0.6"),
        ({"estimate": 0.7}, "only estimate 0.7"),
        ({"estimate": 0.7, "ci_lower": 0.5}, "only estimate 0.7, lower end 0.5"),
        ({}, "no estimate either"),
    ],
)
def test_what_is_found_stands_there_as_it_was_printed(
    reported: dict[str, float], found: str
) -> None:
    with pytest.raises(DataError) as error:
        effect_from_report("RR", **reported)  # type: ignore[arg-type]
    assert error.value.diagnostics[0].found == found


def test_from_a_standard_error() -> None:
    effect, note = effect_from_report("MD", estimate=-8.0, se=2.0)
    assert (effect.estimate, effect.variance, note) == (-8.0, 4.0, "")


def test_a_ratio_is_taken_to_the_log_scale() -> None:
    effect, note = effect_from_report("RR", estimate=0.5, ci_lower=0.25, ci_upper=1.0)
    assert effect.estimate == pytest.approx(math.log(0.5))
    assert effect.variance == pytest.approx((math.log(4) / (2 * 1.959963984540054)) ** 2)
    assert note == ""


def test_the_level_of_the_interval_counts() -> None:
    """By hand: half of log(2.2 / 0.04), over 1.644854 for a 90 % interval."""
    effect, _ = effect_from_report("OR", estimate=0.31, ci_lower=0.04, ci_upper=2.2, level=0.9)
    assert math.sqrt(effect.variance) == pytest.approx(math.log(55) / 2 / 1.6448536269514722)


def test_an_interval_alone_gives_its_middle() -> None:
    effect, note = effect_from_report("OR", ci_lower=0.5, ci_upper=2.0)
    assert effect.estimate == pytest.approx(0.0, abs=1e-15)
    assert "middle" in note


def test_the_standard_error_comes_before_the_interval_and_the_p_value() -> None:
    effect, _ = effect_from_report(
        "MD", estimate=1.0, se=0.5, ci_lower=-1.0, ci_upper=3.0, p_value=0.5
    )
    assert effect.variance == 0.25


@pytest.mark.parametrize("p_value", [0.03, "0.03", "p = 0.03", "P=0.03", " 0.030 "])
def test_an_exact_p_value(p_value: float | str) -> None:
    effect, _ = effect_from_report("MD", estimate=-4.0, p_value=p_value)
    assert math.sqrt(effect.variance) == pytest.approx(4.0 / 2.170090377584560)


def test_t_where_degrees_of_freedom_are_given() -> None:
    """Cochrane Handbook 6.5.2.3: MD 3.8, P = 0.008, 25 + 22 people: t = 2.78, SE = 1.37."""
    effect, _ = effect_from_report("MD", estimate=3.8, p_value=0.008, df=45)
    assert math.sqrt(effect.variance) == pytest.approx(1.37, abs=0.005)


def test_an_interval_off_its_middle_is_told() -> None:
    assert effect_from_report("MD", estimate=-8.0, ci_lower=-15, ci_upper=-5)[1]
    assert "log" in effect_from_report("RR", estimate=0.9, ci_lower=0.3, ci_upper=1.0)[1]


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        ({"estimate": 1.0}, "EFF030"),
        ({}, "EFF030"),
        ({"estimate": 1.0, "ci_lower": 0.5}, "EFF030"),
        ({"se": 1.0}, "EFF030"),
        ({"estimate": 1.0, "se": 0.0}, "EFF031"),
        ({"estimate": 1.0, "se": -1.0}, "EFF031"),
        ({"estimate": 1.0, "se": math.nan}, "EFF031"),
        ({"estimate": 1.0, "ci_lower": 2.0, "ci_upper": 0.0}, "EFF032"),
        ({"estimate": 1.0, "ci_lower": 1.0, "ci_upper": 1.0}, "EFF032"),
        ({"estimate": 5.0, "ci_lower": 0.0, "ci_upper": 2.0}, "EFF033"),
        ({"measure": "RR", "estimate": -0.7, "se": 0.1}, "EFF035"),
        ({"measure": "HR", "ci_lower": 0.0, "ci_upper": 2.0}, "EFF035"),
        ({"estimate": 1.0, "p_value": "<0.05"}, "EFF036"),
        ({"estimate": 1.0, "p_value": 0.0}, "EFF036"),
        ({"estimate": 1.0, "p_value": 1.5}, "EFF036"),
        ({"estimate": 0.0, "p_value": 0.5}, "EFF036"),
        ({"estimate": math.inf, "se": 1.0}, "EFF022"),
        ({"ci_lower": 0.0, "ci_upper": 1.0, "level": 95}, "EFF042"),
    ],
)
def test_what_cannot_be_used(reported: dict[str, float | str], expected: str) -> None:
    assert code(**reported) == expected
