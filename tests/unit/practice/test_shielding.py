"""No small group leaves the practice, and what is written reads back."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from osler.core.diagnostics import Place
from osler.practice.shielding import LEAST, OTHER, runs_of_groups, shielded, unlinked
from osler.practice.tables import practice_csv, scores_csv
from osler.review.model import Episode, Score
from osler.review.reading import parse_practice

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["sciatica", "neck pain", "tennis elbow", "gout"]),
        st.sampled_from(["", "acupuncture", "massage"]),
        st.sampled_from(["2025-01", "2025-02", "2025-03"]),
        st.sampled_from([True, False, None]),
        st.integers(0, 30),
    ),
    max_size=40,
)


def episodes(rows):
    return [
        Episode(f"E{n:03}", s, c, t, k, "", None, None, r, "unknown", Place(""))
        for n, (c, t, s, r, k) in enumerate(rows, start=1)
    ]


@given(ROWS)
@settings(max_examples=80)
def test_no_group_is_small_and_nobody_is_lost(rows):
    made = episodes(rows)
    found = shielded(made, [Score(e.id, "pain 0-10", 0, 5.0, Place("")) for e in made])
    assert len(found.episodes) + found.left_out == len(made)
    by_condition: dict[str, list[Episode]] = {}
    for episode in found.episodes:
        by_condition.setdefault(episode.condition, []).append(episode)
    for own in by_condition.values():
        assert len(own) >= LEAST
        treatments = [e.treatment for e in own]
        assert all(treatments.count(t) >= LEAST for t in set(treatments))
    public = unlinked(found)
    months = [e.started for e in public.episodes]
    assert all(months.count(m) >= LEAST for m in set(months) - {""})
    assert [e.id for e in public.episodes] == [f"E{n:03}" for n in range(1, len(months) + 1)]
    assert sum(e.recovered is True for e in public.episodes) == sum(
        e.recovered is True for e in found.episodes
    )


@given(ROWS, st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_published_numbers_do_not_follow_the_running_ones(rows, rng):
    made = episodes(rows)
    shuffled = [replace(e, id=f"E{n:03}") for n, e in enumerate(rng.sample(made, len(made)), 1)]
    assert unlinked(shielded(made, ())) == unlinked(shielded(shuffled, ()))


def test_one_rare_condition_takes_the_next_one_with_it():
    made = episodes([("sciatica", "", "", None, 1)] * 6 + [("gout", "", "", None, 1)] * 2)
    assert {e.condition for e in shielded(made, ()).episodes} == {OTHER}
    made += episodes([("neck pain", "", "", None, 1)] * 4)
    assert {e.condition for e in shielded(made, ()).episodes} == {OTHER, "sciatica"}


@given(ROWS.filter(bool))
@settings(max_examples=40)
def test_what_is_written_reads_back_without_a_finding(rows):
    made = episodes(rows)
    scores = [
        Score(e.id, "pain 0-10", n, score, Place(""))
        for e in made
        for n, score in ((0, 7.0), (4, None), (6, 2.5))
    ]
    files = {"practice.csv": practice_csv(made), "practice_scores.csv": scores_csv(scores)}
    read, read_scores, found = parse_practice(files)
    assert found == ()
    assert [replace(e, place=Place("")) for e in read] == made
    assert [replace(s, place=Place("")) for s in read_scores] == scores


def test_a_measure_that_few_were_asked_for_is_not_published():
    made = [replace(e, measure="pain 0-10", baseline=7.0) for e in episodes([*SIX])]
    few = [Score(e.id, "pain 0-10", 0, 7.0, Place("")) for e in made[:4]]
    many = [Score(e.id, "sleep 0-10", 0, 5.0, Place("")) for e in made]
    found = unlinked(shielded(made, [*few, *many]))
    assert {s.measure for s in found.scores} == {"sleep 0-10"}
    assert {(e.measure, e.baseline) for e in found.episodes} == {("", None)}


def test_a_rare_treatment_is_not_found_by_subtraction():
    made = episodes(
        [("sciatica", "acupuncture", "", None, 1)] * 9 + [("sciatica", "massage", "", None, 1)] * 2
    )
    assert {e.treatment for e in shielded(made, ()).episodes} == {""}


SIX = [("sciatica", "", "", None, 1)] * 6


def test_quarters_in_which_few_began_are_not_drawn():
    made = episodes(
        [("sciatica", "", "2025-01", True, 1)] * 6
        + [("sciatica", "", "2025-04", False, 1)] * 3
        + [("sciatica", "", "2025-07", True, 1)] * 5
        + [("sciatica", "", "2025-10", None, 1)] * 7
    )
    chart = runs_of_groups(made)
    assert chart is not None
    # Three alone would be told by subtraction: the next smallest quarter is left out with them.
    assert [(p.label, p.recovered, p.known) for p in chart.points] == [
        ("2025 Q1", 6, 6),
        ("2025 Q4", 0, 0),
    ]
    assert runs_of_groups(made[6:9]) is None
