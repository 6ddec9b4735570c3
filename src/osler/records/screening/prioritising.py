"""What to screen next: a linear model that learns from every decision.

    records --texts_of--> matrix --.
    decisions ------ learn --------+--> weight of each term --> ranking, why

The model is a linear support vector machine on words and pairs of words. Five things are done
beside the plain fit: unread records stand in as irrelevant ones, since nearly all of them are;
relevant records weigh more than irrelevant ones, and those found late more than those found early;
how words begin and end counts too; and a record is lifted by records alike that rank high.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from osler.core.arrays import Bools, Floats
from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.records.model import Record
from osler.records.screening.common import common_words
from osler.records.screening.features import Numbers, Texts, texts_of
from osler.records.screening.learning import Learnt, Reasons
from osler.records.screening.separating import separate

Rows = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Settings:
    """How the model learns; chosen by leaving one set out at a time, see docs.

    Attributes
    ----------
    cost : float
        Of a wrong label in the support vector machine; small means smooth.
    relevant_weight : float
        What all relevant records weigh together, for 1 of all irrelevant ones together.
    late_weight : float
        What the relevant record found last weighs, for 1 of the one found first; those between
        lie evenly between. What is still unread is more like what was found late.
    presumed : int
        How many unread records, drawn by chance, stand in as irrelevant.
    presumed_weight : float
        What each of them weighs, for 1 of a record judged irrelevant.
    title : int
        How often words of the title count.
    parts : float
        What beginnings and ends of words weigh, beside 1 for words and pairs.
    likeness : float
        How far records alike lift each other, beside 1 for a record's own words.
    parts_fading, likeness_fading : float
        With so many relevant records known, ``parts`` and ``likeness`` have fallen to a half.
    patience : int
        The model learns anew when decisions have grown by one in ``patience``.
    """

    cost: float = 0.2
    relevant_weight: float = 9.8
    late_weight: float = 2.0
    presumed: int = 300
    presumed_weight: float = 1 / 3
    title: int = 2
    parts: float = 0.8
    parts_fading: float = 50.0
    likeness: float = 0.3
    likeness_fading: float = 10.0
    patience: int = 50


class Prioritiser:
    """Ranks a library by what was decided so far.

    The same records, decisions in the same order, and seed give the same ranking, also after a
    restart: nothing is remembered that could not be learnt again.

    Parameters
    ----------
    records : sequence of Record
        With a ``key`` each, all different.
    seed : int
        For the order before anything is known, and for which unread records stand in.
    settings : Settings

    Raises
    ------
    DataError
        Where keys are missing or repeated (REC053).

    Examples
    --------
    >>> library = [Record(key="a", title="Acupuncture for sciatica: randomised trial"),
    ...            Record(key="b", title="Bridges and their rivets"),
    ...            Record(key="c", title="Rivets in old bridges"),
    ...            Record(key="d", title="Randomised trial of acupuncture for back pain")]
    >>> prioritiser = Prioritiser(library, seed=1)
    >>> learnt = prioritiser.learn({"a": True, "b": False})
    >>> prioritiser.ranking()
    ('d', 'c')
    >>> [word for word, _ in prioritiser.why("d").speaks_for[:2]]
    ['acupuncture', 'randomised']
    """

    def __init__(
        self, records: Sequence[Record], *, seed: int, settings: Settings | None = None
    ) -> None:
        self._records = tuple(records)
        self._row = {record.key: row for row, record in enumerate(self._records)}
        self._keys = np.array(list(self._row), object)
        if "" in self._row or len(self._row) < len(self._records):
            raise DataError(_keys_unusable(self._records))
        self._seed, self._settings = seed, settings or Settings()
        self._texts = texts_of(self._records, title=self._settings.title)
        self._speaks: Bools = np.diff(self._texts.matrix.indptr) > 0
        self._chance = np.random.default_rng(seed).permutation(len(self._records))
        self._labels: dict[str, bool] = {}
        self._seen: tuple[tuple[str, bool], ...] = ()
        self._weights: Numbers | None = None
        self._scores: Numbers | None = None

    def learn(self, labels: Mapping[str, bool]) -> Learnt:
        """Take note of all decisions so far, in their order, and learn where enough are new.

        Parameters
        ----------
        labels : mapping of str to bool
            Every decided record: True for relevant. One that was taken back is simply no longer
            there. Records that are not in the library are passed over.
        """
        self._labels = {key: label for key, label in labels.items() if key in self._row}
        count = checkpoint(len(self._labels), self._settings.patience)
        due = tuple(self._labels.items())[:count]
        if due != self._seen:
            self._seen = due
            self._fit()
        return self.learnt

    @property
    def learnt(self) -> Learnt:
        """What the ranking rests on, and when it changes next."""
        seen = len(self._seen)
        return Learnt(
            seen,
            sum(label for _, label in self._seen),
            len(self._labels) - seen,
            seen + _step(seen, self._settings.patience),
            self._weights is None,
        )

    def _fit(self) -> None:
        rows = np.array([self._row[key] for key, _ in self._seen], int)
        relevant = np.array([label for _, label in self._seen], bool)
        # A record without a word that another has teaches nothing about the others.
        told = self._speaks[rows]
        rows, relevant = rows[told], relevant[told]
        if not relevant.any():
            self._weights = self._scores = None
            return
        rng = np.random.default_rng([self._seed, len(self._seen)])
        presumed = self._presumed(rows, rng)
        if relevant.all() and presumed.size == 0:
            self._weights = self._scores = None
            return
        settings, found = self._settings, int(relevant.sum())
        scales = self._texts.scales(_faded(settings.parts, settings.parts_fading, found))
        weights = _separate(self._texts, scales, rows, relevant, presumed, settings)
        likeness = _faded(settings.likeness, settings.likeness_fading, found)
        self._weights, self._scores = _spread(self._texts.matrix, scales, weights, likeness)

    def _presumed(self, rows: Rows, rng: np.random.Generator) -> Rows:
        unread = self._speaks.copy()
        unread[rows] = False
        pool = np.flatnonzero(unread)
        return np.asarray(rng.permutation(pool)[: self._settings.presumed], int)

    def ranking(self) -> tuple[str, ...]:
        """The undecided records, the most promising first.

        Records without title and abstract have no score; they are spread evenly, so that their
        share of what was shown is their share of the library.
        """
        unread = np.ones(len(self._records), bool)
        unread[[self._row[key] for key in self._labels]] = False
        rows = self._chance[unread[self._chance]]
        has_text = self._texts.has_text
        texts, bare = rows[has_text[rows]], rows[~has_text[rows]]
        if self._scores is not None:
            texts = texts[np.argsort(-self._scores[texts], kind="stable")]
        order = _spread_out(texts.tolist(), bare.tolist(), len(self._labels), ~has_text)
        return tuple(self._keys[order].tolist())

    def score(self, key: str) -> float | None:
        """How promising, on a scale that only orders; None where there is nothing to go by."""
        row = self._row[key]
        if self._scores is None or not self._texts.has_text[row]:
            return None
        return float(self._scores[row])

    def why(self, key: str, terms: int = 8) -> Reasons:
        """The words that put a record where it stands.

        ``speaks_for`` and ``speaks_against`` have at most ``terms`` each. Terms of common words
        alone count in the score but explain nothing to a reader; they are left out here.
        """
        row = self._row[key]
        record = self._records[row]
        if not self._texts.has_text[row]:
            return Reasons((), (), "neither title nor abstract: its place is chance")
        if self._weights is None:
            return Reasons((), (), "no relevant record is known yet: its place is chance")
        own = self._texts.matrix[row]
        part = dict(zip(own.indices.tolist(), (own.data * self._weights[own.indices]), strict=True))
        terms_of = self._texts.terms_of(record)
        # What words have in common, like a beginning, is shared out among them.
        sharers = Counter(column for columns in terms_of.values() for column in columns)
        parts = [
            (term, float(sum(part.get(column, 0.0) / sharers[column] for column in columns)))
            for term, columns in terms_of.items()
            if not common_words().issuperset(term.split())
        ]
        up = sorted((p for p in parts if p[1] > 0), key=lambda p: (-p[1], p[0]))
        down = sorted((p for p in parts if p[1] < 0), key=lambda p: (p[1], p[0]))
        note = "" if record.abstract else "no abstract: judged by the title alone"
        return Reasons(tuple(up[:terms]), tuple(down[:terms]), note)


def _faded(share: float, fading: float, found: int) -> float:
    return share * fading / (fading + found)


def _separate(
    texts: Texts, scales: Numbers, rows: Rows, relevant: Bools, presumed: Rows, settings: Settings
) -> Numbers:
    """Weights of the terms that tell relevant records from others."""
    labels = np.concatenate([relevant, np.zeros(presumed.size, bool)])
    weight = class_weights(labels, presumed.size, settings)
    costs = (settings.cost * rows.size * weight).astype(np.float32)
    scaled = texts.matrix[np.concatenate([rows, presumed])]
    scaled.data *= scales[scaled.indices]
    return scales * separate(scaled, labels, costs)


def class_weights(labels: Bools, presumed: int, settings: Settings) -> Floats:
    """What each record weighs in the fit; all together 1.

    Parameters
    ----------
    labels : array of shape (n,)
        In the order in which they were decided; the last ``presumed`` are presumed irrelevant.

    Examples
    --------
    >>> labels, settings = np.array([True, False, True, False]), Settings(relevant_weight=9.0)
    >>> class_weights(labels, 1, settings).round(3)
    array([0.3  , 0.075, 0.6  , 0.025])
    """
    weight = np.ones(labels.size)
    weight[labels.size - presumed :] = settings.presumed_weight
    weight[labels] = np.linspace(1.0, settings.late_weight, int(labels.sum()))
    # Each kind has its share, whatever is presumed: that must not make its kind look larger.
    part = settings.relevant_weight / (settings.relevant_weight + 1)
    for kind, share in ((labels, part), (~labels, 1 - part)):
        weight[kind] *= share / max(float(weight[kind].sum()), np.finfo(float).tiny)
    return weight


def _spread(
    matrix: Any, scales: Numbers, weights: Numbers, likeness: float
) -> tuple[Numbers, Numbers]:
    """Weights that also let records alike lift each other, and the scores that they give.

    Still linear in the terms: what a record gets from those alike is a sum over its terms too.
    """
    scores = matrix @ weights
    scale = float(scores.std()) or 1.0
    weights, scores = weights / scale, scores / scale
    alike = scales**2 * (matrix.T @ (scores - scores.mean()))
    lift = matrix @ alike
    share = likeness / (float(lift.std()) or 1.0)
    return weights + share * alike, scores + share * lift


def _spread_out(texts: list[int], bare: list[int], shown: int, is_bare: Bools) -> list[int]:
    """``bare`` in between ``texts``, as often as their share of the library says."""
    if not bare:
        return texts
    share = float(is_bare.mean())
    shown_bare = int(is_bare.sum()) - len(bare)
    order, texts, bare = [], texts[::-1], bare[::-1]
    while texts or bare:
        due = int((shown + 1) * share) > shown_bare
        if bare and (due or not texts):
            order.append(bare.pop())
            shown_bare += 1
        else:
            order.append(texts.pop())
        shown += 1
    return order


def checkpoint(decisions: int, patience: int) -> int:
    """From how many decisions the model has learnt when there are ``decisions``.

    Examples
    --------
    >>> [checkpoint(n, 50) for n in (1, 99, 101, 103, 1000)]
    [1, 99, 100, 102, 998]
    """
    at = min(decisions, patience)
    while at + _step(at, patience) <= decisions:
        at += _step(at, patience)
    return at


def _step(at: int, patience: int) -> int:
    return max(1, at // patience)


def _keys_unusable(records: Sequence[Record]) -> Diagnostic:
    keys = [record.key for record in records]
    repeated = next((key for key in keys if key and keys.count(key) > 1), "")
    return Diagnostic(
        "REC053",
        Severity.ERROR,
        Place(""),
        "records cannot be told apart",
        f"two records have the key {repeated!r}" if repeated else "a record has no key",
        "nothing is ranked, since a decision could not be given to its record",
        "give every record a key of its own; the library does so when records are added to it",
    )
