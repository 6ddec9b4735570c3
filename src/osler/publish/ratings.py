"""GRADE's ledger in words: how serious each reason is, who decided, and what they looked at."""

import re
from collections.abc import Iterable

from osler.certainty.model import Level, Step
from osler.core.wording import capital, counted, number, typographic
from osler.publish.cells import date_text

# GRADE guidelines 4 (Guyatt 2011, doi:10.1016/j.jclinepi.2010.07.017) has the first three words;
# the fourth is that of GRADE guidance 34 (Zeng 2022, doi:10.1016/j.jclinepi.2022.07.014).
_SYMBOLS = re.compile(r"\b(I|tau)2\b")
_LETTERS = {"I": "I", "tau": "τ"}
_SERIOUS = ("not serious", "serious", "very serious", "extremely serious")


def rating(step: Step) -> str:
    """How a reason weighs, in GRADE's words.

    Examples
    --------
    >>> rating(Step("imprecision", 2, 2, "", "")), rating(Step("imprecision", 0, 1, "", ""))
    ('very serious (−2)', 'not serious')
    >>> rating(Step("large effect", 1, 1, "", "", way="up"))
    'raised (+1)'
    """
    if step.way == "up":
        return f"raised (+{step.levels})" if step.levels else "not raised"
    word = _SERIOUS[min(step.levels, 3)]
    return f"{word} ({number(-step.levels, 0)})" if step.levels else word


def explanation(step: Step) -> str:
    """A note for a rating: what was taken, by whom, on what; the rule's value and the person's.

    Examples
    --------
    >>> explanation(Step("imprecision", 1, 1, "a level for each", "one inside"))
    'Imprecision: lowered one level. Decided by the rule. Seen: one inside.'
    """
    taken = f"{capital(step.reason)}: {_taken(step, step.levels)}."
    seen = [f"Seen: {_sentence(step.facts)}"] if step.facts else []
    if step.judgement is None:
        return " ".join([f"{taken} Decided by the rule.", *seen])
    person = step.judgement
    when = f", {date_text(person.date)}" if person.date else ""
    stale = [f"Out of date, to be decided again: {_sentence(step.stale)}"] if step.stale else []
    return " ".join(
        [
            f"{taken} Decided by a person ({person.by}{when}).",
            f"Reason: {_sentence(person.because)}",
            *stale,
            f"The rule alone: {_taken(step, step.rule_levels)}.",
            *seen,
        ]
    )


def rules_told(steps: Iterable[Step]) -> tuple[str, ...]:
    """The rule of each reason, once.

    Examples
    --------
    >>> rules_told([Step("imprecision", 1, 1, "a level for each threshold", "one inside")])
    ('Rule for imprecision: a level for each threshold.',)
    """
    told = (f"Rule for {step.reason}: {_sentence(step.rule)}" for step in steps if step.rule)
    return tuple(dict.fromkeys(told))


def _taken(step: Step, levels: int) -> str:
    verb = "raised" if step.way == "up" else "lowered"
    if not levels:
        return f"not {verb}"
    return f"{verb} {'one level' if levels == 1 else counted(levels, 'level')}"


def _sentence(text: str) -> str:
    """A text of the engine as a sentence of its own: with signs, and one full stop."""
    made = _SYMBOLS.sub(lambda found: f"{_LETTERS[found[1]]}²", typographic(text.strip()))
    return made if made.endswith((".", "!", "?")) else f"{made}."


def needs_a_note(step: Step) -> bool:
    """Whether a summary has to explain a step: a level was taken, or two values differ.

    A person who left a level that the rule would have taken has decided as much as one who
    took it.
    """
    decided = step.judgement is not None and step.rule_levels != step.levels
    return bool(step.levels or decided or step.stale)


def started(level: Level) -> str:
    """Where the certainty starts, and why.

    Examples
    --------
    >>> started(Level.LOW)
    'low (not all studies were randomised)'
    """
    why = "randomised trials" if level is Level.HIGH else "not all studies were randomised"
    return f"{level.word} ({why})"
