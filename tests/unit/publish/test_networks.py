"""The network of an outcome on a page: rows, graph, and when nothing is ranked."""

import re
from pathlib import Path

import pytest

from osler.certainty.evidence import gather_evidence
from osler.certainty.network.asked import with_networks
from osler.claims.document.page import parse_page
from osler.claims.links import questions_of
from osler.core.diagnostics import Place
from osler.publish.composition import Composition, environment
from osler.publish.decision import decision_sheet
from osler.publish.figures.drawing import Circle, Line, Text
from osler.publish.figures.network import Cluster, network_drawing
from osler.publish.networks import by_kinds, clusters, groups_of, short_reason, why_not_ranked
from osler.publish.options import OptionRow, option_rows
from osler.publish.site import build_site
from osler.review.folder import read_folder
from osler.review.model import Review
from osler.review.reading import parse_review
from tests.unit.certainty.network.sample import judged, judgement, loop_folder, review_of
from tests.unit.publish.network_page import NETWORK_PAGE

ROOT = Path(__file__).resolve().parents[3]
HERE = Place("pages/network.md", 1)
APART = "rest:usual-care rest:usual-care tablets:exercise tablets:exercise"
CHAIN = "rest:usual-care rest:tablets rest:usual-care rest:tablets"


def composed(review: Review) -> Composition:
    page, found = parse_page(NETWORK_PAGE, HERE.file)
    assert found == ()
    evidence = with_networks(review, gather_evidence(review), questions_of(page))
    return Composition(review, evidence, page, environment())


def rows(review: Review) -> dict[str, OptionRow]:
    made = option_rows(composed(review), review.outcomes["recovery"], HERE)
    return {row.label: row for row in made}


def site(review: Review) -> dict[str, bytes]:
    page, _ = parse_page(NETWORK_PAGE, HERE.file)
    evidence = with_networks(review, gather_evidence(review), questions_of(page))
    return dict(build_site(review, evidence, [(page, ())], version="0"))


@pytest.fixture(scope="module")
def sciatica() -> Composition:
    """The example, whose trials of leg pain do not connect."""
    review, _ = parse_review(read_folder(ROOT / "examples" / "sciatica"))
    assert review is not None
    return composed(review)


def test_a_row_is_the_networks_and_says_how_much_of_it_is_direct() -> None:
    rest = rows(review_of(loop_folder()))["Rest"]
    assert rest.shown is not None and rest.behind is not None and rest.by_network
    assert rest.shown.said.lead == "50 of 100 instead of 40 of 100"
    assert "a network of 6 trials, 2 of them of these two" in rest.shown.said.rest
    assert rest.shown.statement == (
        "Rest probably increases the chance of recovery compared with usual care."
    )
    direct, indirect = rest.behind.kinds
    assert (direct.share, direct.trials, indirect.share) == ("59%", "2 trials", "41%")
    assert direct.effect == "1.25 (1.12 to 1.39)"
    first, *_ = rest.behind.comparisons
    assert (first.name, first.share, first.trials) == ("Rest against usual care", "59%", "2 trials")
    assert len(rest.behind.trials) == 6


def test_a_row_whose_evidence_is_all_direct_says_so() -> None:
    exercise = rows(review_of(loop_folder()))["Exercise"]
    assert exercise.behind is not None
    assert exercise.behind.head.startswith("2 trials of the two. Of the 8 that connect no others")
    assert [kind.share for kind in exercise.behind.kinds] == ["100%"]


def test_where_it_is_doubtful_rows_stay_with_their_own_trials() -> None:
    told = rows(review_of(loop_folder(CHAIN)))
    rest, tablets = told["Rest"], told["Tablets"]
    assert rest.shown is not None and rest.behind is not None and not rest.by_network
    assert rest.behind.note.startswith("Other trials are not counted in: it is doubtful")
    assert tablets.shown is None and "no number is given" in tablets.unknown


def test_the_sciatica_page_takes_no_number_from_elsewhere(sciatica: Composition) -> None:
    made = option_rows(sciatica, sciatica.review.outcomes["leg pain"], HERE)
    told = {row.label: row for row in made}
    assert not any(row.by_network for row in told.values())
    acupuncture = told["Acupuncture"]
    assert acupuncture.behind is not None
    assert set(acupuncture.behind.trials) == {"Tu 2024", "Huang 2019"}


def test_patients_are_told_why_nothing_is_the_best(sciatica: Composition) -> None:
    graded = sciatica.network(sciatica.review.outcomes["leg pain"])
    assert graded.ranking is None
    (told,) = why_not_ranked(graded)
    assert "They fall into 6 groups, and no trial links one group with another" in told
    assert told.endswith("So no treatment is called the best.")
    assert short_reason(graded) == (
        "The trials fall into 6 groups that no trial links, so none is called the best."
    )
    groups = groups_of(graded.ground.network)
    assert [len(group.treatments) for group in groups] == [10, 4, 3, 2, 2, 2]
    assert groups[0].treatments[0].label == "Anti-inflammatory drugs (NSAIDs)"
    assert any("one trial each" in doubt for doubt in groups[0].doubts)


@pytest.mark.parametrize(
    ("trials", "reason", "ranked"),
    [
        ("", "", True),
        (APART, "The trials fall into 2 groups", False),
        (CHAIN, "It is doubtful that the trials can be set side by side", False),
    ],
)
def test_only_what_connects_without_doubt_is_ranked(trials: str, reason: str, ranked: bool) -> None:
    review = review_of(loop_folder(trials) if trials else loop_folder())
    graded = composed(review).network(review.outcomes["recovery"])
    assert short_reason(graded).startswith(reason) and bool(short_reason(graded)) != ranked
    html = site(review)["network/index.html"].decode()
    assert ("Chance of being better than another" in html) is ranked


def test_a_persons_view_of_the_doubts_stands_on_the_page() -> None:
    doubt = judgement("network / recovery", "intransitivity", 0)
    html = site(judged(review_of(loop_folder(CHAIN)), doubt))["network/index.html"].decode()
    assert "decided: a reason (A reviewer, 31 January 2026)" in html
    assert "Doubted, and judged by a person: nowhere do trials" in html


def test_the_evidence_of_a_network_answer_unfolds_to_its_trials() -> None:
    made = site(review_of(loop_folder()))
    html = made["network/index.html"].decode()
    section = html[html.index('id="evidence-tablets-vs-exercise-recovery"') :]
    for told in (
        "No trial compared these two",
        "Indirect, by way of other treatments: 100% of the evidence",
        "Exercise against usual care: 44% (2 trials)",
        "Intransitivity",
        "Incoherence",
    ):
        assert told in section, told
    table = made["data/tablets-vs-exercise-recovery.csv"].decode().splitlines()
    assert len(table) == 1 + 8
    assert "data/rest-vs-usual-care-recovery-network.csv" in made


def test_a_forest_plot_of_a_network_shows_what_was_put_together() -> None:
    review = review_of(loop_folder())
    graded = composed(review).network(review.outcomes["recovery"])
    shown = by_kinds(graded.findings["rest"])
    assert [e.label for e in shown.answer.effects] == [
        "Direct (2 trials)", "Indirect (other trials)",
    ]  # fmt: skip
    assert shown.synthesis.random_weights == pytest.approx((0.588, 0.412), abs=0.001)
    # Two kinds at their precision give the network's estimate back.
    weights = [1 / v for v in shown.synthesis.variances]
    both = sum(w * y for w, y in zip(weights, shown.synthesis.estimates, strict=True))
    assert both / sum(weights) == pytest.approx(shown.synthesis.random.estimate)


def test_a_decision_rests_on_the_same_numbers_as_the_options() -> None:
    review = review_of(loop_folder())
    composition = composed(review)
    sheet = decision_sheet(composition, review.outcomes["recovery"], HERE)
    told = " ".join(line.text for line in sheet.rows[0][1].lines)
    assert "a network of 6 trials" in told


def test_the_graph_shows_every_treatment_and_comparison() -> None:
    review = review_of(loop_folder())
    network = composed(review).network(review.outcomes["recovery"]).ground.network
    (cluster,) = clusters(review, network)
    assert cluster.numbers == (1, 2, 3, 4) and cluster.inert == (False, False, False, True)
    assert sorted(k for *_, k in cluster.edges) == [2, 2, 2, 2]
    drawing = network_drawing([cluster], dict(zip(range(1, 5), "RTEU", strict=True)), "Recovery")
    assert sum(isinstance(m, Circle) for m in drawing.marks) == 4
    assert sum(isinstance(m, Line) for m in drawing.marks) == 4
    assert drawing.description.startswith("A network of 4 treatments. ")


@pytest.mark.parametrize("small", [False, True])
def test_groups_stand_apart_and_inside_the_figure(small: bool) -> None:
    edges = tuple((0, i, 1) for i in range(1, 12))
    wheel = Cluster(tuple(range(1, 13)), edges, (11, *[1] * 11), (True, *[False] * 11))
    pairs = [Cluster((a, a + 1), ((0, 1, a),), (a, a), (False, True)) for a in (13, 15, 17)]
    drawing = network_drawing([wheel, *pairs], {i: str(i) for i in range(1, 19)}, "x", small=small)
    circles = [m for m in drawing.marks if isinstance(m, Circle)]
    for i, one in enumerate(circles):
        assert one.radius <= one.x <= drawing.width - one.radius
        assert one.radius <= one.y <= drawing.height - one.radius
        for other in circles[:i]:
            apart = (one.x - other.x) ** 2 + (one.y - other.y) ** 2
            assert apart > (one.radius + other.radius) ** 2
    heads = [m.text for m in drawing.marks if isinstance(m, Text) and m.style == "head"]
    assert heads == ["Group 1", "Group 2", "Group 3", "Group 4"]
    assert "4 groups that no trial links" in drawing.description


def test_an_outcome_without_trials_says_so_and_draws_nothing(sciatica: Composition) -> None:
    graded = sciatica.network(sciatica.review.outcomes["serious adverse events"])
    assert clusters(sciatica.review, graded.ground.network) == ()
    assert why_not_ranked(graded) == (
        "No trial gives a result for the risk of serious unwanted effects that could be used.",
    )


def test_the_same_folder_gives_the_same_page() -> None:
    assert site(review_of(loop_folder())) == site(review_of(loop_folder()))
    html = site(review_of(loop_folder()))["network/index.html"].decode()
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
