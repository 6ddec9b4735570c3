"""The model beside the screen: the same everywhere, never waited for, never in the way."""

import logging

from osler.records.screening.prioritising import Prioritiser
from osler.web.screening import ranker as beside
from osler.web.screening.ranker import Ranker
from tests.web.screening.library import records

LABELS = {f"r{n:02}": n % 3 == 0 for n in range(12)}


def settled(labels):
    made = Ranker(records(), 5)
    made.tell(labels)
    assert made.settle(30)
    made.end()
    return made


def test_two_processes_rank_alike_and_as_the_library_does():
    model = Prioritiser(records(), seed=5)
    model.learn(LABELS)
    first, second = settled(LABELS), settled(LABELS)
    assert first.order == second.order
    assert first.order.keys == model.ranking()
    assert first.why("r20") == model.why("r20")


def test_before_anything_is_learnt_the_order_is_chance_by_the_seed():
    orders = {Ranker(records(), seed).order.keys for seed in (1, 1, 2)}
    assert len(orders) == 2
    assert all(sorted(keys) == [r.key for r in records()] for keys in orders)


def test_a_model_that_fails_leaves_the_order_and_lets_screening_go_on(monkeypatch, caplog):
    made = Ranker(records(), 5)
    before = made.order

    def fails(*args):
        raise MemoryError

    monkeypatch.setattr(Prioritiser, "learn", fails)
    with caplog.at_level(logging.ERROR):
        made.tell(LABELS)
        assert made.settle(30)
    assert made.order == before and "order stays" in caplog.text
    made.end()


def test_words_are_not_waited_for_while_the_model_learns():
    made = settled(LABELS)
    with made._model:
        assert made.why("r20") == beside.BUSY
