"""What must hold for the effect of any two arms."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from osler.core.diagnostics import DataError
from osler.effects import (
    MEASURES,
    Counts,
    Moments,
    Rate,
    back,
    combine_counts,
    combine_moments,
    effect_from_report,
    estimate_effects,
)
from osler.effects.measures.zero_cells import CONVENTIONS

BINARY = ("RR", "OR", "RD", "AS", "PETO", "YUQ", "YUY", "PHI", "OR2DN", "OR2DL", "PBIT")
CONTINUOUS = ("MD", "SMD", "SMDH", "ROM", "VR", "CVR", "RPB", "D2ORN")
UNIT_FREE = ("SMD", "SMDH", "ROM", "VR", "CVR", "RPB")
counts = st.integers(1, 300).flatmap(
    lambda n: st.builds(Counts, events=st.integers(0, n), n=st.just(n))
)
moments = st.builds(
    Moments,
    mean=st.integers(-500, 500).map(lambda i: i / 10),
    sd=st.integers(1, 300).map(lambda i: i / 10),
    n=st.integers(2, 300),
)


@given(counts, counts, st.sampled_from(BINARY))
def test_swapped_arms_flip_the_sign_of_counts(one: Counts, two: Counts, name: str) -> None:
    try:
        forward = MEASURES[name].estimate(treated=one, control=two)
    except DataError:
        with pytest.raises(DataError):
            MEASURES[name].estimate(treated=two, control=one)
        return
    turned = MEASURES[name].estimate(treated=two, control=one)
    assert turned.estimate == pytest.approx(-forward.estimate, abs=1e-9)
    assert turned.variance == pytest.approx(forward.variance)
    assert forward.variance > 0


@given(moments, moments, st.sampled_from(CONTINUOUS))
def test_swapped_arms_flip_the_sign_of_means(one: Moments, two: Moments, name: str) -> None:
    if name in ("ROM", "CVR"):
        assume(one.mean * two.mean > 0)
    forward = MEASURES[name].estimate(treated=one, control=two)
    turned = MEASURES[name].estimate(treated=two, control=one)
    assert turned.estimate == pytest.approx(-forward.estimate, abs=1e-12)
    assert turned.variance == pytest.approx(forward.variance)


@given(moments, moments, st.sampled_from((0.1, 2.54, 100.0)))
def test_a_change_of_unit(one: Moments, two: Moments, factor: float) -> None:
    scaled = [Moments(m.mean * factor, m.sd * factor, m.n) for m in (one, two)]
    positive = one.mean * two.mean > 0
    free = [name for name in UNIT_FREE if positive or name not in ("ROM", "CVR")]
    for name, power in (("MD", 1), *((name, 0) for name in free)):
        before = MEASURES[name].estimate(treated=one, control=two)
        after = MEASURES[name].estimate(treated=scaled[0], control=scaled[1])
        assert after.estimate == pytest.approx(before.estimate * factor**power, abs=1e-9)
        assert after.variance == pytest.approx(before.variance * factor ** (2 * power))


@given(counts, counts)
def test_the_odds_ratio_of_the_opposite_event_is_its_inverse(one: Counts, two: Counts) -> None:
    opposite = [Counts(c.n - c.events, c.n) for c in (one, two)]
    try:
        effect = MEASURES["OR"].estimate(treated=one, control=two)
    except DataError:
        assume(False)
    turned = MEASURES["OR"].estimate(treated=opposite[0], control=opposite[1])
    assert turned.estimate == pytest.approx(-effect.estimate, abs=1e-12)
    assert turned.variance == pytest.approx(effect.variance)
    assert turned.added == effect.added


@given(st.lists(moments, min_size=1, max_size=5))
def test_arms_combined_in_any_order_and_in_steps(arms: list[Moments]) -> None:
    whole = combine_moments(arms)
    back = combine_moments(arms[::-1])
    step = arms[0]
    for arm in arms[1:]:
        step = combine_moments([step, arm])
    for other in (back, step):
        assert other.n == whole.n
        assert other.mean == pytest.approx(whole.mean, abs=1e-9)
        assert other.sd == pytest.approx(whole.sd, rel=1e-9)


@given(st.lists(counts, min_size=1, max_size=5))
def test_counts_combined_keep_their_sum(arms: list[Counts]) -> None:
    whole = combine_counts(arms)
    assert (whole.events, whole.n) == (sum(a.events for a in arms), sum(a.n for a in arms))


@given(
    st.sampled_from(("RR", "MD")),
    st.integers(-300, 300).map(lambda i: i / 100),
    st.integers(1, 300).map(lambda i: i / 100),
)
def test_an_interval_or_p_value_gives_back_its_standard_error(
    measure: str, estimate: float, se: float
) -> None:
    assume(abs(estimate) > 0.1 * se)
    z = 1.959963984540054
    show = math.exp if measure == "RR" else float
    assume(abs(estimate) < 5 * se)
    p = math.erfc(abs(estimate) / se / math.sqrt(2))
    by_interval, note = effect_from_report(
        measure,
        estimate=show(estimate),
        ci_lower=show(estimate - z * se),
        ci_upper=show(estimate + z * se),
    )
    by_p, _ = effect_from_report(measure, estimate=show(estimate), p_value=p)
    assert note == ""
    for effect in (by_interval, by_p):
        assert effect.estimate == pytest.approx(estimate, abs=1e-12)
        assert math.sqrt(effect.variance) == pytest.approx(se, rel=1e-6)


rates = st.builds(Rate, events=st.integers(0, 200), time=st.integers(1, 5000).map(lambda i: i / 7))


@given(rates, rates, st.sampled_from(("IRR", "IRD", "IRSD")))
def test_swapped_arms_flip_the_sign_of_rates(one: Rate, two: Rate, name: str) -> None:
    assume(one.events + two.events > 0)
    forward = MEASURES[name].estimate(treated=one, control=two)
    turned = MEASURES[name].estimate(treated=two, control=one)
    assert turned.estimate == pytest.approx(-forward.estimate, abs=1e-12)
    assert turned.variance == pytest.approx(forward.variance)


tables = st.lists(st.tuples(counts, counts), min_size=1, max_size=6)


def table_of(pairs: list[tuple[Counts, Counts]]) -> dict[str, list[object]]:
    return {
        "study": [f"s{i}" for i in range(len(pairs))],
        "ai": [one.events for one, _ in pairs],
        "n1i": [one.n for one, _ in pairs],
        "ci": [two.events for _, two in pairs],
        "n2i": [two.n for _, two in pairs],
    }


@given(tables, st.sampled_from(BINARY), st.sampled_from(sorted(CONVENTIONS)))
def test_every_row_is_an_effect_or_is_named(
    pairs: list[tuple[Counts, Counts]], name: str, rule: str
) -> None:
    table = table_of(pairs)
    try:
        effects = estimate_effects(table, name, zero_cells=rule)
    except DataError as error:
        told = error
    else:
        told = None
    if told is not None:
        assert {d.code for d in told.diagnostics} <= {"EFF051", "EFF054"}
        return
    rows = [*effects.row_numbers, *(e.row_number for e in effects.excluded)]
    assert sorted(rows) == list(range(1, len(pairs) + 1))
    assert all(e.why for e in effects.excluded)
    assert all(math.isfinite(y) for y in effects.estimates)
    assert all(math.isfinite(v) and v > 0 for v in effects.variances)
    assert effects.arms["events_treated"].tolist() == [
        table["ai"][i - 1] for i in effects.row_numbers
    ]


@given(tables, st.sampled_from(("RR", "OR", "RD")), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    pairs: list[tuple[Counts, Counts]], name: str, random: object
) -> None:
    table = table_of(pairs)
    order = list(range(len(pairs)))
    random.shuffle(order)  # type: ignore[attr-defined]
    mixed = {column: [values[i] for i in order] for column, values in table.items()}
    first, second = (estimate_effects(t, name, zero_cells="metafor") for t in (table, mixed))
    one = dict(zip(first.studies, first.estimates, strict=True))
    two = dict(zip(second.studies, second.estimates, strict=True))
    assert one == pytest.approx(two)


@given(counts)
def test_proportions_come_back(one: Counts) -> None:
    table = {"xi": [one.events], "ni": [one.n]}
    for name in ("PAS", "PFT"):
        y = estimate_effects(table, name).estimates[0]
        found = float(back(name, y, n=float(one.n)))
        assert found == pytest.approx(one.events / one.n, abs=1e-7)
