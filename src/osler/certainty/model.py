"""A finding: the pooled answer to one question, and how certain it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

from osler.review.model import Comparison, Judgement, Outcome
from osler.synthesis.answers import Answer
from osler.synthesis.model import Synthesis

Direction = Literal["better", "worse", "none"]
# "important" where only the smallest important difference is declared (minimally
# contextualised); "small", "moderate" and "large" where those thresholds are declared too.
Size = Literal["trivial", "small", "moderate", "important", "large"]


class Level(IntEnum):
    """GRADE's four levels of certainty."""

    VERY_LOW = 1
    LOW = 2
    MODERATE = 3
    HIGH = 4

    @property
    def word(self) -> str:
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the ledger.

    ``levels`` is how far this reason lowers the certainty (0, 1, 2, ...). ``rule`` says
    which rule decided, ``facts`` the computed numbers it looked at. Where a person
    decided, ``judgement`` holds it and ``rule_levels`` keeps what the rule would have taken.
    ``way`` is "down" for the five reasons to lower the certainty and "up" for the three to
    raise it; ``levels`` counts in that way. ``stale`` tells which numbers changed since the
    person decided; empty where none did.
    """

    reason: str
    levels: int
    rule_levels: int
    rule: str
    facts: str
    judgement: Judgement | None = None
    way: Literal["down", "up"] = "down"
    stale: str = ""


@dataclass(frozen=True, slots=True)
class Certainty:
    """Where the certainty starts, each reason to lower or raise it, and where it ends."""

    start: Level
    steps: tuple[Step, ...]
    level: Level


@dataclass(frozen=True, slots=True)
class Absolute:
    """Absolute effect for a binary outcome at a stated baseline risk.

    All risks are proportions in [0, 1]. ``baseline_source`` says where the baseline
    comes from; ``name`` is "low", "median" or "high" risk.
    """

    baseline: float
    risk: float
    risk_lower: float
    risk_upper: float
    baseline_source: str
    name: str = "median"


@dataclass(frozen=True, slots=True)
class Part:
    """What one comparison, or one trial, contributes to a network estimate.

    ``name`` says it as pages do; ``key`` is the id of a trial, "" for a comparison. ``share`` is
    a fraction; those of all comparisons, and of all trials, add up to 1.
    """

    name: str
    share: float
    trials: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class Sort:
    """Evidence of one kind, direct or indirect, on the analysis scale."""

    estimate: float
    ci_lower: float
    ci_upper: float


@dataclass(frozen=True, slots=True)
class NetworkBasis:
    """Where a network estimate comes from.

    Attributes
    ----------
    treatment, comparator : str
        Names of the review.
    trials : int
        That compared the two.
    whole : int
        Trials that connect with these.
    share : float
        The part of the evidence that is direct, between 0 and 1.
    direct, indirect : Sort or None
        None where there is no evidence of the kind.
    p_value : float
        Of the difference between direct and indirect evidence; NaN where one is missing.
    comparisons, studies : tuple of Part
        The largest contribution first; those below half a percent are left out of
        ``comparisons``.
    doubts : tuple of str
        What speaks against setting the trials side by side, where a person let them stand.
    """

    treatment: str
    comparator: str
    trials: int
    whole: int
    share: float
    direct: Sort | None
    indirect: Sort | None
    p_value: float
    comparisons: tuple[Part, ...]
    studies: tuple[Part, ...]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question (comparison x outcome), ready to be said.

    ``direction`` is better or worse for the patient, of the intervention against the
    comparator; "none" where the point estimate is trivial. ``conclusive`` is True where
    the interval excludes no effect. ``statement`` is GRADE's informative sentence, the
    strongest wording the evidence carries. ``absolutes`` hold the absolute effect at each
    stated baseline risk, the median one among them, which is also ``absolute``. ``network`` tells
    where a network estimate comes from; its ``answer`` then holds the trials that contribute,
    each with what it compared itself, and ``synthesis`` their contributions as weights.
    """

    about: str
    comparison: Comparison
    outcome: Outcome
    answer: Answer
    synthesis: Synthesis
    certainty: Certainty
    direction: Direction
    size: Size
    conclusive: bool
    absolute: Absolute | None
    statement: str
    absolutes: tuple[Absolute, ...] = ()
    network: NetworkBasis | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All findings by their ``about``; questions without a usable study are in ``unanswered``.

    Findings of networks are among them where they were asked for. ``untold`` says of questions
    that no study answers why no network does either, and ``networks`` holds the doubts about the
    network of an outcome, by its name.
    """

    findings: Mapping[str, Finding]
    unanswered: Mapping[str, Answer]
    untold: Mapping[str, str] = field(default_factory=dict)
    networks: Mapping[str, Step] = field(default_factory=dict)
