"""Learning from labelled texts. The only place that needs scikit-learn; never in a request."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.web.comments.spam.features import PLACES, hashed
from osler.web.comments.spam.model import SpamModel, score

FEWEST = 20
"""Of spam and of other comments, each, before anything is learnt from them."""
FALSE_HOLDS = 0.005
"""Share of good comments above the threshold, out of sample, while training: half of the aim."""
# How little the weights are held back: much is known at the start, little from some decisions.
_STRENGTH = 100.0
_STRENGTH_OF_DECISIONS = 10.0
_FOLDS = 5

Matrix = csr_array


@dataclass(frozen=True)
class Labelled:
    """A text and whether it is spam."""

    text: str
    is_spam: bool


@dataclass(frozen=True)
class Figures:
    """How often a model is right about texts that it has not seen."""

    spam: int
    caught: int
    good: int
    false_holds: int

    def __str__(self) -> str:
        caught, held = self.caught / max(self.spam, 1), self.false_holds / max(self.good, 1)
        return (
            f"caught {self.caught} of {self.spam} ({caught:.1%}), "
            f"held {self.false_holds} of {self.good} good ones ({held:.2%})"
        )


def without_repeats(rows: Sequence[Labelled]) -> list[Labelled]:
    """One of each text, where digits and punctuation make no difference.

    Otherwise a message sent to thousands stands in both parts of a split.

    Examples
    --------
    >>> len(without_repeats([Labelled("Call 0123!", True), Labelled("call 4567", True)]))
    1
    """
    seen: dict[str, Labelled] = {}
    for row in rows:
        seen.setdefault(_bare(row.text), row)
    return list(seen.values())


def _bare(text: str) -> str:
    return re.sub(r"\W+", " ", re.sub(r"\d+", "0", text.lower())).strip()


def share_of(text: str) -> float:
    """A number from 0 to 1 that the text alone decides: for splits that anyone can repeat."""
    return int(hashlib.sha256(_bare(text).encode()).hexdigest()[:8], 16) / 2**32


def train(rows: Sequence[Labelled], about: dict[str, Any]) -> SpamModel:
    """Learn from nothing but these texts.

    Logistic regression; both kinds weigh the same, however many of each there are. The
    threshold comes from five-fold cross-validation: where ``FALSE_HOLDS`` of the good ones
    would be held.

    Raises
    ------
    DataError
        WEB031 where there are too few of either kind.
    """
    x, y = _matrix(rows), _labels(rows)
    _enough(y)
    fitted = _classifier().fit(x, y)
    threshold = _threshold(_out_of_sample(x, y)[~y])
    weights = _rounded(fitted.coef_[0])
    return SpamModel(weights, float(fitted.intercept_[0]), threshold, about)


def learn(start: SpamModel, rows: Sequence[Labelled], about: dict[str, Any]) -> SpamModel:
    """Correct what ``start`` knows by what moderators decided.

    The starting model's score stands in front of the logistic regression as an offset, so that
    with few decisions little changes, and words that they do not have keep their weights. Start
    and correction together are again one list of weights.

    Raises
    ------
    DataError
        WEB031 where there are too few of either kind.
    """
    x, y = _matrix(rows), _labels(rows)
    _enough(y)
    known = np.array([score(start, row.text).value for row in rows])
    correction, shift = _corrected(x, y, known)
    weights = _rounded(np.array(start.weights) + correction)
    unseen = np.empty(len(y))
    for seen, left in StratifiedKFold(_FOLDS).split(x, y):
        fold, moved = _corrected(x[seen], y[seen], known[seen])
        unseen[left] = known[left] + x[left] @ fold + moved
    return SpamModel(weights, start.intercept + shift, _threshold(unseen[~y]), about)


def _corrected(
    x: Matrix, y: NDArray[np.bool_], known: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Weights and intercept beside a fixed offset; scikit-learn's regression has no offset.

    The loss is scikit-learn's: both kinds weigh the same, the intercept is not shrunk.
    """
    places = np.unique(x.indices)  # where no text has anything, nothing is corrected
    x = x[:, places]
    sign = np.where(y, 1.0, -1.0)
    balance = len(y) / (2 * np.where(y, y.sum(), (~y).sum()))

    def loss(beta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = sign * (known + x @ beta[:-1] + beta[-1])
        slopes = -_STRENGTH_OF_DECISIONS * balance * sign * expit(-margins)
        value = (
            _STRENGTH_OF_DECISIONS * (balance * np.logaddexp(0, -margins)).sum()
            + beta[:-1] @ beta[:-1] / 2
        )
        return float(value), np.append(x.T @ slopes + beta[:-1], slopes.sum())

    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B")
    correction = np.zeros(PLACES)
    correction[places] = found.x[:-1]
    return correction, float(found.x[-1])


def figures_of(model: SpamModel, rows: Sequence[Labelled]) -> Figures:
    """How a model does on texts; only those that it was not trained on tell anything."""
    held = [score(model, row.text).is_spam for row in rows]
    spam = [h for h, row in zip(held, rows, strict=True) if row.is_spam]
    good = [h for h, row in zip(held, rows, strict=True) if not row.is_spam]
    return Figures(len(spam), sum(spam), len(good), sum(good))


def _labels(rows: Sequence[Labelled]) -> NDArray[np.bool_]:
    return np.array([row.is_spam for row in rows], dtype=bool)


def _matrix(rows: Sequence[Labelled]) -> Matrix:
    places: list[int] = []
    values: list[float] = []
    ends = [0]
    for row in rows:
        found = hashed(row.text)
        places += found.keys()
        values += found.values()
        ends.append(len(places))
    return csr_array((values, places, ends), shape=(len(rows), PLACES))


def _enough(y: NDArray[np.bool_]) -> None:
    fewest = min(int(y.sum()), int((~y).sum()))
    if fewest >= FEWEST:
        return
    raise DataError(
        Diagnostic(
            "WEB031",
            Severity.ERROR,
            Place("comments"),
            "too few decisions to learn from",
            found=f"{int(y.sum())} comments marked as spam and {int((~y).sum())} shown",
            so="the classifier stays as it is",
            help=f"moderate on; it takes {FEWEST} of each",
        )
    )


def _classifier() -> LogisticRegression:
    return LogisticRegression(C=_STRENGTH, max_iter=3000, class_weight="balanced")


def _out_of_sample(x: Matrix, y: NDArray[np.bool_]) -> NDArray[np.float64]:
    folds = StratifiedKFold(_FOLDS)
    return np.asarray(cross_val_predict(_classifier(), x, y, cv=folds, method="decision_function"))


def _threshold(good: NDArray[np.float64]) -> float:
    """What ``FALSE_HOLDS`` of the good ones score above; where they are few, none of them."""
    ordered = np.sort(good)[::-1]
    return round(float(ordered[int(FALSE_HOLDS * len(ordered))]) + 0.01, 4)


def _rounded(weights: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(f"{w:.4g}") for w in weights)
