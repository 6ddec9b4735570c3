"""A linear model as plain numbers: reading, writing, scoring. Needs no scikit-learn."""

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.web.comments.spam.features import PLACES, features_of, place_of

# 1 saw other features: its weights would be of other things.
_FORMAT = 2


@dataclass(frozen=True)
class SpamModel:
    """Weights of the places, and from which score on a comment is held.

    ``about`` tells where it comes from: the data, their licence, the figures.
    """

    weights: tuple[float, ...]
    intercept: float
    threshold: float
    about: dict[str, Any]


@dataclass(frozen=True)
class Score:
    """What the model makes of a text.

    ``chance`` is its own figure between 0 and 1, as spam-like as the training data make it;
    ``words`` are those that weighed most towards spam.
    """

    value: float
    chance: float
    is_spam: bool
    words: tuple[str, ...]


def score(model: SpamModel, text: str) -> Score:
    """Score one text; the same text and model give the same figures everywhere.

    Examples
    --------
    >>> found = score(starting_model(), "FREE entry! Win £1000 cash, call 09061701461 now to claim")
    >>> found.is_spam
    True
    >>> score(starting_model(), "My leg pain came back after a week. Is that usual?").is_spam
    False
    """
    parts = {n: v * model.weights[place_of(n)] for n, v in features_of(text).items()}
    value = math.fsum([model.intercept, *parts.values()])
    words = [n.removeprefix("word ") for n in _heaviest(parts) if n.startswith("word ")]
    return Score(value, _logistic(value), value > model.threshold, tuple(words[:4]))


def _heaviest(parts: dict[str, float]) -> list[str]:
    return sorted((n for n, v in parts.items() if v > 0), key=lambda n: (-parts[n], n))


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, value))))


def parse_model(text: str) -> SpamModel:
    """Read a model.

    Raises
    ------
    DataError
        WEB030 where it is not one, or one of another format.
    """
    try:
        read = json.loads(text)
        if read["format"] != _FORMAT or len(read["weights"]) != PLACES:
            raise ValueError("another format")
        weights = tuple(float(w) for w in read["weights"])
        numbers = (float(read["intercept"]), float(read["threshold"]))
        if not all(map(math.isfinite, (*weights, *numbers))):
            raise ValueError("a number that is not finite")
        return SpamModel(weights, *numbers, dict(read["about"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(_unreadable(str(error))) from error


def _unreadable(why: str) -> Diagnostic:
    return Diagnostic(
        "WEB030",
        Severity.ERROR,
        Place("spam model"),
        "this is not a model of Osler's spam classifier",
        found=why[:200],
        so="comments are judged by the model that comes with Osler",
        help="train anew: osler site learn",
    )


def write_model(model: SpamModel) -> str:
    """The model as JSON; reading it again gives the same."""
    weights = ",".join(f"{w:.4g}" for w in model.weights)
    head = {"format": _FORMAT, "about": model.about}
    numbers = {"intercept": model.intercept, "threshold": model.threshold}
    body = json.dumps(head | numbers, indent=1, sort_keys=True, ensure_ascii=False)
    return f'{body[:-2]},\n "weights": [{weights}]\n}}\n'


@cache
def starting_model() -> SpamModel:
    """The model that comes with Osler; docs/explanation/spam.md tells of what it was made."""
    path = files("osler.web.comments.spam").joinpath("starting_model.json")
    return parse_model(path.read_text("utf-8"))
