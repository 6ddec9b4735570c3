"""From where on a difference counts as important, in words and with its source."""

import math
from collections.abc import Mapping, Sequence

from osler.core.wording import number, plain
from osler.effects.scales import Scale
from osler.publish.cells import scale_of_outcome
from osler.review.model import Outcome, Review, Threshold


def importance_text(review: Review, outcome: Outcome) -> str:
    """The thresholds by which a statement calls an effect important or large.

    Empty where none is declared.
    """
    scale = scale_of_outcome(outcome)
    first = "small but important" if outcome.moderate else "important"
    named = ((first, outcome.mid), ("moderate", outcome.moderate), ("large", outcome.large))
    told = [
        f"{word} from {_value(scale, threshold)} ({threshold.kind}; "
        f"{short_reference(review, threshold.source)})"
        for word, threshold in named
        if threshold
    ]
    return f"An effect counts as {', as '.join(told)}." if told else ""


def _value(scale: Scale, threshold: Threshold) -> str:
    if threshold.scale == "absolute":
        of = 100 if math.isclose(threshold.value * 100 % 1, 0, abs_tol=1e-9) else 1000
        return f"{number(threshold.value * of, 0)} people in {of}"
    if scale.ratio:
        value = threshold.value
        return f"a {scale.name} of {number(value, 2)} or {number(1 / value, 2)}"
    return f"{plain(threshold.value * scale.factor)} {scale.unit.partition(' on ')[0]}".strip()


def short_reference(review: Review, key: str) -> str:
    """First author and year of a reference; the key itself where it is not listed.

    Examples
    --------
    >>> named({"author": [{"family": "Tu"}, {"family": "Li"}], "issued": {"date-parts": [[2024]]}})
    'Tu 2024'
    """
    reference = review.references.get(key)
    return (named(reference) if reference else "") or key


def named(reference: Mapping[str, object]) -> str:
    """First author and year of a CSL-JSON item; empty where it has neither."""
    people, issued = reference.get("author"), reference.get("issued")
    name = year = ""
    if isinstance(people, Sequence) and people and isinstance(people[0], Mapping):
        name = str(people[0].get("family") or people[0].get("literal") or "")
    if isinstance(issued, Mapping):
        parts = issued.get("date-parts")
        if isinstance(parts, Sequence) and parts and isinstance(parts[0], Sequence) and parts[0]:
            year = str(parts[0][0])
    return " ".join(part for part in (name, year) if part)
