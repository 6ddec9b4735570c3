"""The model beside the screen: it learns in a thread of its own and is never waited for.

Each process that answers has its own model. They agree, because a model is a function of the
records, the decisions in their order, and the seed; a process that is behind shows the order of
the decisions that it has learnt from. What was decided is taken out of the order at once. What
computes is loaded with the first model: a site that nobody screens on does without it.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from osler.records.model import Record
from osler.records.screening.auditing import sample
from osler.records.screening.learning import Learnt, Reasons

if TYPE_CHECKING:
    from osler.records.screening.prioritising import Prioritiser

_LOG = logging.getLogger(__name__)
BUSY = Reasons((), (), "the model is learning at this moment: look again")
PATIENCE = 0.1
"""Seconds to wait for words while the model learns."""


@dataclass(frozen=True, slots=True)
class Order:
    """Records that were undecided when it was made, the most promising first."""

    keys: tuple[str, ...]
    learnt: Learnt | None = None


class Ranker:
    """Ranks one library; made again when the library changes."""

    def __init__(self, records: Sequence[Record], seed: int) -> None:
        self.records, self._seed = tuple(records), seed
        self.order = Order(sample([r.key for r in self.records], len(self.records), seed=seed))
        self._labels: Mapping[str, bool] | None = None
        self._wake, self._model = threading.Condition(), threading.Lock()
        self._prioritiser: Prioritiser | None = None
        self._ended = False
        self._idle = threading.Event()
        self._thread = threading.Thread(target=self._work, name="screening model", daemon=True)
        self._thread.start()

    def tell(self, labels: Mapping[str, bool]) -> None:
        """What was decided so far; comes back at once."""
        with self._wake:
            if labels != self._labels:
                self._labels = labels
                self._idle.clear()
                self._wake.notify()

    def settle(self, seconds: float) -> bool:
        """Waits until all that was told is learnt; for the opening of the screen, and for tests."""
        return self._idle.wait(seconds)

    def end(self) -> None:
        """Lets the thread go."""
        with self._wake:
            self._ended = True
            self._wake.notify()

    def why(self, key: str) -> Reasons:
        """Why a record ranks where it does; a note where that cannot be said just now."""
        if self._prioritiser is None or not self._model.acquire(timeout=PATIENCE):
            return BUSY
        try:
            return self._prioritiser.why(key)
        finally:
            self._model.release()

    def _work(self) -> None:
        done: Mapping[str, bool] | None = None
        while True:
            with self._wake:
                while not self._ended and self._labels is done:
                    self._idle.set()
                    self._wake.wait()
                if self._ended:
                    return
                done = self._labels
            try:
                with self._model:
                    self.order = self._learn(done or {})
            except Exception:
                # Decisions are kept without it, and the order so far is as good as any.
                _LOG.exception("the screening model could not learn; the order stays as it is")

    def _learn(self, labels: Mapping[str, bool]) -> Order:
        if self._prioritiser is None:
            prioritising = import_module("osler.records.screening.prioritising")
            self._prioritiser = prioritising.Prioritiser(self.records, seed=self._seed)
        learnt = self._prioritiser.learn(labels)
        return Order(self._prioritiser.ranking(), learnt)
