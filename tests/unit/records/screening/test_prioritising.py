"""The ranking: learns, forgets what is taken back, buries nothing, and is the same every time."""

import math

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.records.model import Record
from osler.records.screening.common import common_words
from osler.records.screening.features import texts_of, words_in
from osler.records.screening.prioritising import (
    Prioritiser,
    Settings,
    checkpoint,
    class_weights,
)
from osler.records.screening.replaying import n95, random_start, recall_at, replay, work_saved

TOPIC = "sciatica leg pain acupuncture needling lumbar radicular nerve relief".split()
OTHER = "bridge steel rivet girder concrete traffic river load wind corrosion tunnel span".split()
PLAIN = "study of the in patients with results we methods and was were data between".split()


def library(
    size: int = 150, relevant: int = 12, seed: int = 3
) -> tuple[list[Record], dict[str, bool]]:
    rng = np.random.default_rng(seed)

    def text(words: list[str], length: int) -> str:
        return " ".join(rng.choice(words + PLAIN, length))

    records, answers = [], {}
    for at in range(size):
        words = TOPIC if at < relevant else OTHER
        key = f"r{at}"
        records.append(Record(key=key, title=text(words, 8), abstract=text(words, 40)))
        answers[key] = at < relevant
    return records, answers


@pytest.fixture(scope="module")
def known() -> tuple[list[Record], dict[str, bool]]:
    return library()


def test_relevant_records_come_first(known: tuple[list[Record], dict[str, bool]]) -> None:
    records, answers = known
    prioritiser = Prioritiser(records, seed=1)
    prioritiser.learn({"r0": True, "r100": False})
    assert sum(answers[key] for key in prioritiser.ranking()[:11]) == 11


def test_same_input_same_ranking_after_a_restart(
    known: tuple[list[Record], dict[str, bool]],
) -> None:
    records, answers = known
    labels = {key: answers[key] for key in list(answers)[::2]}
    running = Prioritiser(records, seed=1)
    for count in range(1, len(labels) + 1):
        running.learn(dict(list(labels.items())[:count]))
    restarted = Prioritiser(records, seed=1)
    restarted.learn(labels)
    assert running.ranking() == restarted.ranking()


def test_the_ranking_holds_each_undecided_record_once(
    known: tuple[list[Record], dict[str, bool]],
) -> None:
    records, _ = known
    prioritiser = Prioritiser([*records, Record(key="bare")], seed=1)
    prioritiser.learn({"r0": True, "r1": False})
    assert sorted(prioritiser.ranking()) == sorted(
        {"bare", *(record.key for record in records)} - {"r0", "r1"}
    )


def test_a_label_taken_back_leaves_no_trace(known: tuple[list[Record], dict[str, bool]]) -> None:
    records, _ = known
    prioritiser = Prioritiser(records, seed=1)
    prioritiser.learn({"r0": True, "r100": False})
    before = prioritiser.ranking()
    prioritiser.learn({"r0": True, "r100": False, "r120": True})
    assert prioritiser.ranking() != before
    prioritiser.learn({"r0": True, "r100": False})
    assert prioritiser.ranking() == before


def test_a_changed_mind_is_learnt(known: tuple[list[Record], dict[str, bool]]) -> None:
    records, _ = known
    prioritiser = Prioritiser(records, seed=1)
    prioritiser.learn({"r0": True, "r100": False})
    prioritiser.learn({"r0": False, "r100": True})
    assert int(prioritiser.ranking()[0][1:]) >= 12


def test_a_start_record_without_text_does_no_harm(
    known: tuple[list[Record], dict[str, bool]],
) -> None:
    records, answers = known
    with_bare = [*records, Record(key="bare")]
    labels = {"bare": True, "r100": False}
    prioritiser = Prioritiser(with_bare, seed=1)
    learnt = prioritiser.learn(labels)
    assert learnt.by_chance
    # Not pushed away from what is relevant: the first finds come as soon as chance brings them.
    chance = [key for key in prioritiser.ranking() if answers[key]]
    assert prioritiser.ranking().index(chance[0]) < 60
    labels |= {"r0": True}
    assert not prioritiser.learn(labels).by_chance
    assert sum(answers[key] for key in prioritiser.ranking()[:11]) >= 10


def test_records_without_text_are_spread_evenly(
    known: tuple[list[Record], dict[str, bool]],
) -> None:
    records, _ = known
    bare = [Record(key=f"bare{at}") for at in range(15)]
    prioritiser = Prioritiser([*records, *bare], seed=1)
    prioritiser.learn({"r0": True, "r100": False})
    ranking = prioritiser.ranking()
    for read in range(11, len(ranking) + 1, 11):
        shown = sum(key.startswith("bare") for key in ranking[:read])
        assert abs(shown - read * 15 / 165) <= 1.1


def test_records_with_a_title_alone_are_not_buried(
    known: tuple[list[Record], dict[str, bool]],
) -> None:
    records, _ = known
    bare = [Record(key=r.key, title=r.title) if r.key in ("r3", "r4") else r for r in records]
    prioritiser = Prioritiser(bare, seed=1)
    prioritiser.learn({"r0": True, "r100": False})
    ranking = prioritiser.ranking()
    assert max(ranking.index("r3"), ranking.index("r4")) < 0.15 * len(ranking)
    assert prioritiser.why("r3").note == "no abstract: judged by the title alone"


def test_before_any_decision_the_order_is_chance_by_seed(
    known: tuple[list[Record], dict[str, bool]],
) -> None:
    records, _ = known
    first, again, other = (Prioritiser(records, seed=seed) for seed in (1, 1, 2))
    assert first.ranking() == again.ranking() != other.ranking()
    assert first.learnt.by_chance
    assert first.score("r0") is None
    assert "chance" in first.why("r0").note


def test_what_was_found_last_counts_most() -> None:
    texts = {"a": "needling", "b": "massage", "c": "bridge", "d": "needling", "e": "massage"}
    records = [Record(key=key, title=title) for key, title in texts.items()]
    prioritiser = Prioritiser(records, seed=1)
    prioritiser.learn({"a": True, "b": True, "c": False})
    assert prioritiser.ranking() == ("e", "d")
    prioritiser.learn({"b": True, "a": True, "c": False})
    assert prioritiser.ranking() == ("d", "e")


def test_what_each_record_weighs() -> None:
    # Found first, not, found second, not, found last; then three that are presumed irrelevant.
    labels = np.array([True, False, True, False, True, False, False, False])
    weight = class_weights(labels, 3, Settings(relevant_weight=9.0, presumed_weight=1 / 3))
    # 9 parts of 10 for the relevant ones, as 2 : 3 : 4; a presumed one is a third of a judged one.
    whole = [0.2, 1 / 30, 0.3, 1 / 30, 0.4, *[1 / 90] * 3]
    assert weight == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("labels", [[True], [True, True], [False], [False, True]])
def test_one_kind_alone_weighs_its_share(labels: list[bool]) -> None:
    weight = class_weights(np.array(labels), 0, Settings(relevant_weight=9.0))
    assert np.isfinite(weight).all()
    assert weight.sum() == pytest.approx(0.9 * any(labels) + 0.1 * (not all(labels)))


def test_only_irrelevant_records_so_far(known: tuple[list[Record], dict[str, bool]]) -> None:
    records, _ = known
    prioritiser = Prioritiser(records, seed=1)
    assert prioritiser.learn({"r100": False, "r101": False}).by_chance


def test_only_relevant_records_so_far(known: tuple[list[Record], dict[str, bool]]) -> None:
    records, answers = known
    prioritiser = Prioritiser(records, seed=1)
    assert not prioritiser.learn({"r0": True}).by_chance
    assert sum(answers[key] for key in prioritiser.ranking()[:11]) >= 10


def test_why_names_words_of_the_record(known: tuple[list[Record], dict[str, bool]]) -> None:
    records, _ = known
    prioritiser = Prioritiser(records, seed=1)
    prioritiser.learn({"r0": True, "r100": False})
    reasons = prioritiser.why("r5")
    words = set(words_in(records[5]))
    assert {word for term, _ in reasons.speaks_for for word in term.split()} <= words
    assert {word for word, _ in reasons.speaks_for[:3]} & set(TOPIC)
    assert all(value > 0 for _, value in reasons.speaks_for)


def test_the_words_add_up_to_the_score() -> None:
    records, _ = library(60, 6, seed=8)
    prioritiser = Prioritiser(records, seed=1)
    prioritiser.learn({"r0": True, "r50": False})
    matrix, weights = texts_of(records).matrix, prioritiser._weights
    assert weights is not None
    for row in (1, 30):
        score = prioritiser.score(f"r{row}")
        assert score == pytest.approx(float((matrix[row] @ weights)[0]), abs=1e-5)
        reasons = prioritiser.why(f"r{row}", terms=1000)
        told = sum(value for _, value in (*reasons.speaks_for, *reasons.speaks_against))
        silent = set(words_in(records[row])) & common_words()
        assert silent, "the texts have common words, which count and are not told"
        own = matrix[row].toarray()[0] * weights
        left = {
            column: own[column] / sum(column in columns for columns in terms.values())
            for terms in [texts_of(records).terms_of(records[row])]
            for term in terms
            if common_words().issuperset(term.split())
            for column in terms[term]
        }
        assert told + sum(left.values()) == pytest.approx(score, abs=1e-4)


def test_what_is_not_learnt_yet_is_told(known: tuple[list[Record], dict[str, bool]]) -> None:
    records, answers = known
    prioritiser = Prioritiser(records, seed=1)
    learnt = prioritiser.learn(dict(list(answers.items())[:103]))
    assert (learnt.decisions, learnt.waiting, learnt.next_at) == (102, 1, 104)


@pytest.mark.parametrize(
    "records",
    [[Record(title="No key")], [Record(key="a"), Record(key="a")]],
)
def test_records_that_cannot_be_told_apart(records: list[Record]) -> None:
    with pytest.raises(DataError) as raised:
        Prioritiser(records, seed=1)
    assert raised.value.diagnostics[0].code == "REC053"


@pytest.mark.parametrize(
    "records",
    [
        [],
        [Record(key="a")],
        [Record(key="a", title="\x00\ud800 \u0301"), Record(key="b", title="ψυχή 心理 療法")],
        [Record(key=key, title="the same words") for key in "abcde"],
    ],
)
def test_odd_libraries(records: list[Record]) -> None:
    prioritiser = Prioritiser(records, seed=1)
    keys = [record.key for record in records]
    assert sorted(prioritiser.ranking()) == keys
    prioritiser.learn({key: at == 0 for at, key in enumerate(keys[:2])} | {"elsewhere": True})
    assert sorted(prioritiser.ranking()) == keys[2:]
    for key in keys:
        prioritiser.why(key)


def test_tfidf_by_hand() -> None:
    # ln((1 + 4) / (1 + records with it)) + 1, times 1 + ln(count), divided by the length.
    records = [
        Record(title=t) for t in ("pain pain leg", "leg arm", "arm pain leg", "leg bone leg")
    ]
    texts = texts_of(records, title=1)
    idf = {word: math.log(5 / (1 + n)) + 1 for word, n in [("pain", 2), ("pain leg", 2), ("pp", 1)]}
    # "leg" is in all four records, which is more than 95 % and more than three.
    raw = {"pain": idf["pain"] * (1 + math.log(2)), "pain leg": idf["pain leg"], "pp": idf["pp"]}
    length = math.sqrt(sum(value**2 for value in raw.values()))
    terms = texts.terms_of(records[0])
    row = texts.matrix[0].toarray()[0]
    assert row[terms["pain"][0]] == pytest.approx(raw["pain"] / length, rel=1e-6)
    assert row[terms["pain leg"][0]] == pytest.approx(raw["pain leg"] / length, rel=1e-6)


def test_words_of_the_title_count_twice() -> None:
    records = [Record(title="pain", abstract="leg arm"), Record(title="leg", abstract="pain arm")]
    texts = texts_of(records)
    terms = texts.terms_of(records[0])
    row = texts.matrix[0].toarray()[0]
    assert row[terms["pain"][0]] / row[terms["leg"][0]] == pytest.approx(1 + math.log(2))


def test_how_words_begin_and_end_brings_their_forms_together() -> None:
    records = [Record(title=t) for t in ("needled", "needling", "treating", "bridge")]
    texts = texts_of(records)
    assert [texts.matrix[row].nnz for row in range(4)] == [1, 1, 0, 0]
    same, forms = texts.terms_of(records[0]), texts.terms_of(records[1])
    assert same["needled"] == forms["needling"]
    assert texts.scales(0.0)[same["needled"][0]] == 0


def test_replay_reads_everything_once(known: tuple[list[Record], dict[str, bool]]) -> None:
    records, answers = known
    start = random_start(answers, np.random.default_rng(1))
    order = replay(Prioritiser(records, seed=1), answers, start)
    assert order[:2] == list(start)
    assert sorted(order) == sorted(answers)
    found = [answers[key] for key in order]
    assert n95(found, 12) <= 30
    assert work_saved(found, 12, 150) == pytest.approx(1 - n95(found, 12) / 150 - 0.05)
    assert recall_at(found, 12, 150) == 1.0


def test_replay_stops_when_told(known: tuple[list[Record], dict[str, bool]]) -> None:
    records, answers = known
    order = replay(Prioritiser(records, seed=1), answers, ("r0", "r100"), until=5, at_least=20)
    assert 20 <= len(order) < 40


@pytest.mark.parametrize("patience", [1, 7, 50])
def test_checkpoints_never_run_ahead_and_never_lag(patience: int) -> None:
    for decisions in range(400):
        at = checkpoint(decisions, patience)
        assert at <= decisions
        assert decisions - at < max(1, at // patience)
