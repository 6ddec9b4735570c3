"""What a review folder says, as values.

Every name here is a term of the field. Tables keep the line they were read from, so
that whatever is said about a row can name its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from osler.core.diagnostics import Place

Better = Literal["lower", "higher"]
OutcomeKind = Literal["binary", "continuous"]
TreatmentRole = Literal["active", "usual care", "inactive"]
BiasJudgement = Literal["low", "some concerns", "high", "unclear"]

# "minimal": imprecision against the smallest important difference alone; "partial": against
# the thresholds of small, moderate and large effects.
Approach = Literal["minimal", "partial"]
# "own": the outcome's own scale; "absolute": a difference between two risks, as a proportion.
ThresholdScale = Literal["own", "absolute"]

REASONS_DOWN = ("risk of bias", "inconsistency", "indirectness", "imprecision", "publication bias")
# Of networks alone: direct and indirect evidence disagree; trials cannot be set side by side.
REASONS_NETWORK = ("incoherence", "intransitivity")
REASONS_UP = ("large effect", "dose-response", "plausible confounding")


@dataclass(frozen=True, slots=True)
class Threshold:
    """A difference that matters, with where it comes from.

    ``value`` is on the outcome's own scale: points for MD, standard deviations for
    SMD, a ratio above 1 for RR and OR (its inverse is the threshold on the other
    side), a proportion for RD. With ``scale`` "absolute" it is the difference between two
    risks, as a proportion, whatever the outcome's measure. ``kind`` is "between groups" or
    "within person".
    """

    value: float
    kind: str
    source: str
    note: str = ""
    scale: ThresholdScale = "own"


@dataclass(frozen=True, slots=True)
class Baseline:
    """The risk without the intervention, as proportions, with where it comes from.

    ``low`` and ``high`` are None where only a typical risk is known. ``comparison`` names the
    one comparison that it belongs to; "" where it holds for all.
    """

    low: float | None
    median: float
    high: float | None
    source: str
    note: str
    comparison: str
    place: Place


@dataclass(frozen=True, slots=True)
class Instrument:
    """A scale as printed by trials, and its range; ``better`` tells its direction."""

    id: str
    low: float
    high: float
    better: Better


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is measured and how it is pooled.

    ``accepts`` lists the outcome names in results.csv and contrasts.csv that count as
    this one, best first. A result counts when its week lies in ``weeks`` (or has none
    and ``weeks_unknown`` is true); of several, the one nearest ``prefer_week`` is used.
    ``mid``, ``moderate`` and ``large`` are where small, moderate and large effects begin;
    ``person_mid`` is the change that one person notices, and no threshold between groups.
    """

    name: str
    kind: OutcomeKind
    measure: str
    better: Better
    accepts: tuple[str, ...]
    weeks: tuple[float, float]
    prefer_week: float
    weeks_unknown: bool
    low: float | None
    high: float | None
    unit: str
    mid: Threshold | None
    large: Threshold | None
    person_mid: Threshold | None
    harm: bool
    label: str
    place: Place
    moderate: Threshold | None = None
    approach: Approach = "minimal"
    baselines: tuple[Baseline, ...] = ()


@dataclass(frozen=True, slots=True)
class Treatment:
    """One way to treat, with what a patient asks of it beside benefit.

    ``words`` are how pages name it. ``harms``, ``cost`` and ``acceptability`` are ids in
    facts.csv.
    ``order`` is the place in the options table; 0 keeps it out. ``role`` tells what a
    comparison against it shows: "inactive" is a placebo or sham, "usual care" what
    people would have had anyway (advice, waiting or nothing among it).
    """

    name: str
    label: str
    words: tuple[str, ...]
    order: int
    invasiveness: str
    harms: tuple[str, ...]
    cost: tuple[str, ...]
    place: Place
    role: TreatmentRole = "active"
    acceptability: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Intervention against comparator; each side lists the treatments that belong to it."""

    name: str
    intervention: str
    comparator: str
    interventions: tuple[str, ...]
    comparators: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Study:
    id: str
    label: str
    year: int | None
    title: str
    design: str
    population: str
    randomised: int | None
    reference: str
    source: str
    included: bool
    reason: str
    notes: str
    place: Place
    doi: str = ""
    pmid: str = ""
    registration: str = ""


@dataclass(frozen=True, slots=True)
class Arm:
    study: str
    arm: str
    treatment: str
    detail: str
    n: int | None
    place: Place


@dataclass(frozen=True, slots=True)
class Result:
    """One arm, one outcome, one time: events of n, or mean with SD, SE or interval.

    ``value`` is "final", "change" or "baseline" for means, empty for counts.
    """

    study: str
    arm: str
    outcome: str
    instrument: str
    weeks: float | None
    value: str
    events: int | None
    n: int | None
    mean: float | None
    sd: float | None
    se: float | None
    ci_lower: float | None
    ci_upper: float | None
    source: str
    where: str
    notes: str
    place: Place


@dataclass(frozen=True, slots=True)
class Contrast:
    """A between-arm result as reported: ``arm`` against ``comparator_arm``.

    ``estimate`` and the interval are as printed: ratios as ratios, not logs; RD as a
    proportion. ``p_value`` is kept as printed, such as "<0.001".
    """

    study: str
    arm: str
    comparator_arm: str
    outcome: str
    instrument: str
    weeks: float | None
    measure: str
    estimate: float | None
    se: float | None
    ci_lower: float | None
    ci_upper: float | None
    p_value: str
    adjusted: bool
    n: int | None
    source: str
    where: str
    notes: str
    place: Place


@dataclass(frozen=True, slots=True)
class Bias:
    study: str
    domain: str
    judgement: BiasJudgement
    basis: str
    source: str
    place: Place


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person's GRADE decision; it replaces the rule's, and both stay visible.

    ``basis`` holds the computed facts that the person looked at, in the rule's words; the
    decision is stale once the rule says something else. "" where it was not written down.
    """

    about: str
    reason: str
    levels: int
    because: str
    by: str
    date: str
    place: Place
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A sourced fact that a page may state; numbers as in the source, ``unit`` names them."""

    id: str
    statement: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    population: str
    reference: str
    source: str
    notes: str
    place: Place


@dataclass(frozen=True, slots=True)
class Mechanism:
    mechanism: str
    claim: str
    citation: str
    year: int | None
    doi: str
    species: str
    model: str
    direction: str
    evidence_level: str
    source: str
    place: Place
    pmid: str = ""


@dataclass(frozen=True, slots=True)
class Episode:
    """One course of treatment in the clinic's own audit; nothing in it tells who it was.

    ``started`` is a month (YYYY-MM). ``recovered`` is None where it is not known, which is
    not "no". ``baseline`` and ``last`` are of ``measure`` ("leg pain 0-10"). ``unwanted`` is
    the worst unwanted effect: "none", "minor", "serious", or "" where nobody knows.
    """

    id: str
    started: str
    condition: str
    treatment: str
    sessions: int | None
    measure: str
    baseline: float | None
    last: float | None
    recovered: bool | None
    ended: str
    place: Place
    unwanted: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """One questionnaire of one episode; ``score`` is None where it was not answered.

    ``session`` is how many sessions the person had had by then; 0 is before the first.
    """

    episode: str
    measure: str
    session: int
    score: float | None
    place: Place


@dataclass(frozen=True, slots=True)
class PublishedResult:
    """One result of a published review, and what its authors concluded, in our words.

    ``review`` is its key in references.json; several rows may belong to one review.
    """

    review: str
    citation: str
    doi: str
    pmid: str
    comparison: str
    outcome: str
    measure: str
    trials: int | None
    participants: int | None
    estimate: float | None
    ci_lower: float | None
    ci_upper: float | None
    certainty: str
    conclusion: str
    scope: str
    source: str
    notes: str
    place: Place


@dataclass(frozen=True, slots=True)
class PageSource:
    """An article as it stands in ``pages/``; read by ``osler.claims``."""

    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Site:
    name: str
    url: str
    language: str
    description: str


@dataclass(frozen=True, slots=True)
class ModelChoice:
    tau2_method: str = "REML"
    ci_method: str = "auto"
    level: float = 0.95


@dataclass(frozen=True)
class Review:
    """A validated folder. Mappings keep the order of the files.

    ``not_pooled`` names outcomes that the tables keep and no question asks for.
    ``reference_places`` tell where in references.json each key stands. ``records`` are the
    files of ``records/`` as they are, where a page shows the flow that is counted from them.
    """

    title: str
    condition: str
    population: str
    words: tuple[str, ...]
    site: Site
    model: ModelChoice
    treatments: Mapping[str, Treatment]
    instruments: Mapping[str, Instrument]
    outcomes: Mapping[str, Outcome]
    comparisons: Mapping[str, Comparison]
    studies: Mapping[str, Study]
    arms: tuple[Arm, ...]
    results: tuple[Result, ...]
    contrasts: tuple[Contrast, ...]
    bias: tuple[Bias, ...]
    judgements: tuple[Judgement, ...]
    facts: Mapping[str, Fact]
    mechanisms: tuple[Mechanism, ...]
    references: Mapping[str, Mapping[str, object]]
    pages: tuple[PageSource, ...]
    searched: str = ""
    not_pooled: tuple[str, ...] = ()
    practice: tuple[Episode, ...] = ()
    scores: tuple[Score, ...] = ()
    published: tuple[PublishedResult, ...] = ()
    reference_places: Mapping[str, Place] = field(default_factory=dict)
    records: Mapping[str, bytes] = field(default_factory=dict)


def about(comparison: str, outcome: str) -> str:
    """The id by which a page asks for a finding.

    Examples
    --------
    >>> about("acupuncture vs sham acupuncture", "leg pain")
    'acupuncture vs sham acupuncture / leg pain'
    """
    return f"{comparison} / {outcome}"
