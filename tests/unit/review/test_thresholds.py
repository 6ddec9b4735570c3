"""Thresholds and baseline risks in osler.toml: what is read, and what is said of the rest."""

import pytest

from osler.core.diagnostics import Diagnostic
from osler.review.model import Outcome
from osler.review.reading import parse_review
from tests.unit.review.folders import TOML, small_folder

RATIO = 'mid = { value = 1.25, kind = "between groups", source = "guyatt-2011" }'
POINTS = 'mid = { value = 10, kind = "between groups", source = "guyatt-2011" }'
REST = 'kind = "between groups", source = "guyatt-2011" }'


def read(toml: str) -> tuple[dict[str, Outcome], list[Diagnostic]]:
    review, found = parse_review(small_folder(osler_toml=toml))
    assert review is not None
    return dict(review.outcomes), list(found)


def recovery(text: str) -> tuple[Outcome, list[str]]:
    outcomes, found = read(TOML.replace(RATIO, text))
    return outcomes["recovery"], [d.code for d in found]


def pain(text: str) -> tuple[Outcome, list[str]]:
    outcomes, found = read(TOML.replace(POINTS, text))
    return outcomes["leg pain"], [d.code for d in found]


def test_all_thresholds_and_the_approach_are_read() -> None:
    found, codes = pain(
        f"mid = {{ value = 5, {REST}\nmoderate = {{ value = 10, {REST}\n"
        f'large = {{ value = 20, {REST}\napproach = "partial"'
    )
    assert codes == []
    values = [t.value for t in (found.mid, found.moderate, found.large) if t]
    assert (values, found.approach) == ([5, 10, 20], "partial")


def test_the_approach_of_the_folder_holds_where_an_outcome_has_none() -> None:
    toml = TOML.replace('words = ["sciatica"]', 'words = ["sciatica"]\napproach = "partial"')
    outcomes, _ = read(toml.replace(POINTS, f'{POINTS}\napproach = "minimal"'))
    assert outcomes["recovery"].approach == "partial"
    assert outcomes["leg pain"].approach == "minimal"


def test_an_absolute_threshold_may_be_people_per_1000_or_a_proportion() -> None:
    one, codes = recovery(f"mid = {{ per_1000 = 50, {REST}")
    two, also = recovery(f'mid = {{ value = 0.05, scale = "absolute", {REST}')
    assert codes == also == []
    assert one.mid == two.mid
    assert one.mid is not None
    assert (one.mid.value, one.mid.scale) == (0.05, "absolute")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"mid = {{ per_1000 = 50, value = 0.05, {REST}", "CRT005"),
        (f"mid = {{ per_1000 = 50, {REST}\nlarge = {{ value = 2, {REST}", "CRT005"),
        (f"mid = {{ per_1000 = 1000, {REST}", "REV023"),
        (f"mid = {{ value = 1, {REST}", "REV023"),
        (f"mid = {{ value = 1.5, {REST}\nlarge = {{ value = 1.25, {REST}", "CRT001"),
        (f"mid = {{ value = 0.8, {REST}\nlarge = {{ value = 1.25, {REST}", "CRT001"),
        (f'{RATIO}\napproach = "partial"', "CRT004"),
        (f'{RATIO}\napproach = "full"', "REV004"),
    ],
)
def test_what_does_not_fit_together_is_said(text: str, code: str) -> None:
    assert code in recovery(text)[1]


def test_thresholds_out_of_order_leave_the_smallest() -> None:
    found, _ = pain(f"mid = {{ value = 20, {REST}\nlarge = {{ value = 10, {REST}")
    assert found.mid is not None
    assert (found.mid.value, found.large) == (20, None)


def test_ratios_are_in_order_by_their_distance_from_no_effect() -> None:
    _, codes = recovery(f"mid = {{ value = 0.8, {REST}\nlarge = {{ value = 2, {REST}")
    assert codes == []


def test_a_mean_has_no_people_per_1000() -> None:
    found, codes = pain(f"mid = {{ per_1000 = 50, {REST}")
    assert sorted(codes) == ["CRT005", "REV024"]
    assert found.mid is None


class TestWithinAndBetween:
    """A change within a person and a difference between groups are told apart."""

    def test_a_change_within_a_person_is_no_threshold_between_groups(self) -> None:
        outcomes, found = read(
            TOML.replace(POINTS, POINTS.replace("between groups", "within person"))
        )
        (d,) = found
        assert (d.code, d.severity.value) == ("CRT002", "warning")
        assert "mid of 'leg pain'" in d.message
        assert d.place.source.startswith("mid = {")
        assert outcomes["leg pain"].mid is not None

    def test_nor_the_other_way_round(self) -> None:
        _, codes = pain(f"{POINTS}\nperson_mid = {{ value = 15, {REST}")
        assert codes == ["CRT002"]

    def test_one_value_of_one_source_cannot_well_be_both(self) -> None:
        within = POINTS.replace("mid =", "person_mid =").replace("between groups", "within person")
        assert pain(f"{POINTS}\n{within}")[1] == ["CRT003"]

    def test_both_as_they_should_be(self) -> None:
        within = POINTS.replace("mid =", "person_mid =").replace("between groups", "within person")
        assert pain(f"{POINTS}\n{within.replace('10', '15')}")[1] == []

    def test_a_table_of_its_own_is_named_by_its_line(self) -> None:
        own = '[outcomes.mid]\nvalue = 10\nkind = "within person"\nsource = "guyatt-2011"\n'
        _, found = read(TOML.replace(POINTS, own))
        assert [(d.code, d.place.source) for d in found] == [("CRT002", 'kind = "within person"')]


BASELINE = '\n[[baselines]]\noutcome = "{}"\nlow = {}\nmedian = {}\nsource = "guyatt-2011"\n'


def test_baseline_risks_are_read_with_their_outcome() -> None:
    outcomes, found = read(TOML + BASELINE.format("recovery", 0.1, 0.2))
    assert found == []
    (only,) = outcomes["recovery"].baselines
    assert (only.low, only.median, only.high, only.comparison) == (0.1, 0.2, None, "")


@pytest.mark.parametrize(
    ("outcome", "low", "median"),
    [("recovry", 0.1, 0.2), ("leg pain", 0.1, 0.2), ("recovery", 0.3, 0.2), ("recovery", 10, 20)],
)
def test_baseline_risks_that_cannot_be(outcome: str, low: float, median: float) -> None:
    outcomes, found = read(TOML + BASELINE.format(outcome, low, median))
    assert [d.code for d in found] == ["CRT006"]
    assert all(not o.baselines for o in outcomes.values())


def test_two_baseline_risks_for_the_same() -> None:
    both = BASELINE.format("recovery", 0.1, 0.2) + BASELINE.format("recovery", 0.1, 0.3)
    outcomes, found = read(TOML + both)
    assert [d.code for d in found] == ["CRT006"]
    assert [b.median for b in outcomes["recovery"].baselines] == [0.2]


def test_names_in_a_baseline_are_checked() -> None:
    text = BASELINE.format("recovery", 0.1, 0.2)
    _, found = read(TOML + text.replace("guyatt-2011", "guyat-2011"))
    assert [d.code for d in found] == ["REV030"]
    _, found = read(TOML + text + 'comparison = "rest vs sleep"\n')
    assert [d.code for d in found] == ["CRT006"]
