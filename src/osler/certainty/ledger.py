"""The ledger: each reason's step, a person's decision beside the rule's, and where it ends."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from osler.certainty.model import Certainty, Finding, Level, Step
from osler.certainty.rules import RULES
from osler.certainty.upgrades import RULES_UP
from osler.review.model import Judgement, Review
from osler.synthesis.answers import Answer
from osler.synthesis.model import Synthesis

_RANDOMISED = re.compile(r"\brcts?\b|\brandom(?:i[sz](?:ed|ation)|ly)?\b")
_NOT_RANDOMISED = re.compile(r"\b(?:non|not|un|quasi|pseudo)[\s-]?random|\bnon-?rct")
# As a page prints them, from which a basis may be pasted.
_PRINTED = str.maketrans({"\u2212": "-", "\u2013": "-", "\u00a0": " ", "\u202f": " "})


def grade(review: Review, key: str, answer: Answer, synthesis: Synthesis) -> Certainty:
    """The ledger of one finding: a step for each of GRADE's reasons.

    Starts high for randomised trials and low where any study was not randomised; then the
    three reasons to rate up follow the five to rate down, and count only where none of those
    took a level.
    """
    designs = [review.studies[effect.study].design for effect in answer.effects]
    start = Level.HIGH if all(map(randomised, designs)) else Level.LOW
    own = [j for j in review.judgements if j.about == key]
    down = [judged_step(own, rule(review, answer, synthesis)) for rule in RULES]
    taken = sum(step.levels for step in down)
    if start is Level.HIGH:
        return Certainty(start, tuple(down), Level(max(1, start - taken)))
    why = " and ".join(step.reason for step in down if step.levels)
    up = [_up(judged_step(own, rule(review, answer, synthesis)), why) for rule in RULES_UP]
    given = sum(step.levels for step in up)
    level = min(int(Level.HIGH), max(1, start - taken) + given)
    return Certainty(start, (*down, *up), Level(level))


def randomised(design: str) -> bool:
    """Whether a design, in the words of studies.csv, says that chance decided who got what.

    Anything that does not say so counts as not randomised, so that "cohort" or "before and
    after" cannot start at high certainty.

    Examples
    --------
    >>> [randomised(d) for d in ("parallel RCT", "Cluster-randomised trial", "cohort study")]
    [True, True, False]
    >>> [randomised(d) for d in ("non-randomised", "quasi-randomized", "not randomised")]
    [False, False, False]
    """
    words = design.lower()
    if _NOT_RANDOMISED.search(words):
        return False
    return bool(_RANDOMISED.search(words))


def judged_step(judgements: Iterable[Judgement], step: Step) -> Step:
    """The step with a person's judgement in place of the rule's, where there is one."""
    for judgement in judgements:
        if judgement.reason == step.reason:
            return replace(
                step,
                levels=judgement.levels,
                judgement=judgement,
                stale=changes(judgement.basis, step.facts) if judgement.basis else "",
            )
    return step


def _up(step: Step, lowered: str) -> Step:
    """A step up, which gives nothing where the certainty was lowered."""
    if not lowered:
        return step
    facts = f"{step.facts}; not counted, as the certainty was lowered for {lowered}"
    stale = changes(step.judgement.basis, facts) if step.judgement and step.judgement.basis else ""
    return replace(step, levels=0, rule_levels=0, facts=facts, stale=stale)


def current_basis(finding: Finding, reason: str) -> str:
    """The facts that a judgement on one reason of a finding rests on today.

    It is what belongs behind ``basis =`` in certainty.toml; once it differs, the judgement
    is stale. Empty where the finding's ledger has no such reason.
    """
    return next((s.facts for s in finding.certainty.steps if s.reason == reason), "")


def changes(basis: str, facts: str) -> str:
    """What is different between the facts a person saw and the facts of today; "" if nothing.

    Examples
    --------
    >>> changes("I2 60%, tau2 14; estimates on one side", "I2 72%, tau2 14; estimates on one side")
    'I2 60% is now I2 72%'
    >>> changes("one study", "one  study")
    ''
    """
    before, after = _clauses(basis), _clauses(facts)
    told = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            told.append(_told(before[a:b], after[c:d]))
    return "; ".join(told)


def _told(before: Sequence[str], after: Sequence[str]) -> str:
    old, new = ", ".join(before), ", ".join(after)
    if not before:
        return f"new: {new}"
    return f"{old} is now {new}" if after else f"gone: {old}"


def _clauses(text: str) -> list[str]:
    plain = " ".join(text.translate(_PRINTED).split())
    return [clause for clause in re.split(r"[;,] ", plain) if clause]
