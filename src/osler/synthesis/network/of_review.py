"""The network of a review for one outcome, and what it can say of each treatment to a patient.

It ranks nothing that the trials do not connect, and nothing where it is doubtful that they can
be set side by side.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from osler.core.results import Result, Why
from osler.core.wording import aligned, capital, counted, level_percent
from osler.effects.scales import Scale, interval, scale_of, shown
from osler.review.model import Outcome, Review, Treatment
from osler.synthesis.answers import LeftOut
from osler.synthesis.network.alikeness import Doubt, doubts_of, within_sentence
from osler.synthesis.network.contrasts import network_of
from osler.synthesis.network.data import Network
from osler.synthesis.network.fit import fit_network
from osler.synthesis.network.model import NetworkSynthesis
from osler.synthesis.network.ranking import Ranking, rank
from osler.synthesis.network.review_rows import NetworkRow, rows_of_review
from osler.synthesis.network.tau2 import NETWORK_TAU2
from osler.synthesis.pool import synthesise

Kind = Literal["network", "direct", "chain", "apart", "none"]
_INERT = ("inactive", "usual care")


@dataclass(frozen=True, slots=True)
class TreatmentSays:
    """What the network says of one treatment.

    Attributes
    ----------
    kind : {"network", "direct", "chain", "apart", "none"}
        An estimate by the whole network; by trials against the comparator alone, as no others
        connect or it is doubtful to set them beside these; a chain of trials alone, from which
        no number is taken; trials that do not lead to placebo or usual care; no trial.
    trials : int
        That compared the two directly.
    estimate, ci_lower, ci_upper : float
        On the analysis scale; NaN where no number is given.
    text : str
        A sentence for patients.
    """

    treatment: str
    label: str
    comparator: str
    kind: Kind
    trials: int
    estimate: float
    ci_lower: float
    ci_upper: float
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """Treatments that trials connect with one another, and whether they can be compared."""

    treatments: tuple[str, ...]
    network: Network
    fit: NetworkSynthesis
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True, repr=False)
class ReviewNetwork(Result):
    """All treatments of a review for one outcome.

    Attributes
    ----------
    outcome : Outcome
    network : Network or None
        Of all trials, in parts or whole; None without any.
    parts : tuple of Part
        The largest first; one where all connect.
    says : tuple of TreatmentSays
        One a treatment of the options table, in its order.
    left_out : tuple of LeftOut
        Comparisons of trials that could not go in.
    ranking : Ranking or None
        Only where all treatments of the options connect and nothing speaks against comparing.
    labels : mapping of str to str
        How pages name the treatments.
    """

    outcome: Outcome
    network: Network | None
    rows: tuple[NetworkRow, ...]
    parts: tuple[Part, ...]
    says: tuple[TreatmentSays, ...]
    left_out: tuple[LeftOut, ...]
    ranking: Ranking | None
    labels: Mapping[str, str]

    @property
    def connects(self) -> bool:
        return len(self.parts) == 1

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """Why the trials of a part cannot be set side by side, the largest part's first."""
        return tuple(doubt for part in self.parts for doubt in part.doubts)

    @property
    def why_no_ranking(self) -> str:
        """In words for patients; empty where there is a ranking."""
        if self.ranking is not None:
            return ""
        what = within_sentence(self.outcome.label)
        if not self.parts:
            return f"No trial gives a result for {what} that could be used."
        if not self.connects:
            groups = " ".join(
                f"Group {i}: {self._named(part.treatments)}."
                for i, part in enumerate(self.parts, 1)
            )
            return (
                f"For {what} the trials do not connect: they fall into "
                f"{counted(len(self.parts), 'group')} that no trial links, and treatments of "
                f"different groups cannot be compared, so none is called the best. {groups}"
            )
        if self.doubts:
            reasons = " ".join(capital(doubt.text) for doubt in self.doubts)
            return (
                f"For {what} trials link all the treatments, but it is doubtful that they can be "
                f"set side by side. {reasons} So no treatment is called the best."
            )
        absent = self._named(s.treatment for s in self.says if s.kind == "none")
        return f"For {what} not every treatment was tested ({absent}), so there is no order."

    def _named(self, treatments: Iterable[str]) -> str:
        return "; ".join(self.labels.get(name, name) for name in treatments)

    def summary(self) -> str:
        head = f"{self.outcome.label}: {counted(len(self.rows), 'comparison')} within trials"
        groups = [f"  {', '.join(part.treatments)}" for part in self.parts]
        doubts = [f"  {doubt.text}" for doubt in self.doubts]
        table = aligned([["", "Against", "", "Trials"], *(
            [s.label, s.comparator, s.kind, str(s.trials)] for s in self.says
        )])  # fmt: skip
        lines = [head, "", "Connected:", *groups]
        lines += ["", "Doubtful:", *doubts] if doubts else []
        return "\n".join([*lines, "", *table, "", self.why_no_ranking or "Can be ranked."])

    def columns(self) -> dict[str, list[object]]:
        """One row a treatment of the options table."""
        names = TreatmentSays.__slots__
        return {name: [getattr(s, name) for s in self.says] for name in names}

    def text(self) -> str:
        """The sentences of the options, and why there is no order."""
        said = " ".join(s.text for s in self.says)
        return f"{said} {self.why_no_ranking}".strip()

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        told = {s.treatment: s for s in self.says if math.isfinite(s.estimate)}
        return {name: partial(self._why, says) for name, says in told.items()}

    def _why(self, says: TreatmentSays) -> Why:
        own = [row for row in self.rows if row.pair == {says.treatment, says.comparator}]
        how = (
            "By all trials that connect, direct and indirect, with one tau2 for all."
            if says.kind == "network"
            else "By the trials of the two alone: others do not connect, or cannot be relied on."
        )
        inputs = tuple((row.label, row.turned(says.treatment)) for row in own)
        return Why(says.treatment, says.estimate, how, "", inputs)


def network_of_review(review: Review, outcome: Outcome) -> ReviewNetwork:
    """The network of all included trials for one outcome.

    Parameters
    ----------
    review : Review
    outcome : Outcome
        One of the review's.

    Returns
    -------
    ReviewNetwork

    Notes
    -----
    Each trial gives the effect that answers to questions would take from it, for every two of
    its treatments. Of a trial with three arms or more whose tables do not hold all of its
    comparisons one is used (against placebo or usual care, where it has one), as how its arms
    hang together is not known; the others are in ``left_out``.

    Nothing is ranked, and no number is taken from a chain of trials, where

    - the trials of different comparisons differ by what :func:`doubts_of` reads in the tables;
    - there is no place where direct and indirect evidence meet, so that they cannot be checked;
    - they meet and disagree (design by treatment, p < 0.10).

    These rules doubt much: they are to keep a page from saying more than its trials do.

    References
    ----------
    .. [1] Salanti (2012). Res Synth Methods 3, 80-97. doi:10.1002/jrsm.1037
    """
    rows, left_out = rows_of_review(review, outcome)
    labels = {t.name: t.label for t in review.treatments.values()}
    if not rows:
        says = tuple(_nothing(t.name, t.label, outcome) for t in _options(review))
        return ReviewNetwork(outcome, None, (), (), says, left_out, None, labels)
    network = _network(rows)
    parts = tuple(_part(review, outcome, part, rows) for part in network.parts())
    says = tuple(_says(review, outcome, t.name, rows, parts) for t in _options(review))
    ranking = _ranking(outcome, parts, says)
    return ReviewNetwork(outcome, network, rows, parts, says, left_out, ranking, labels)


def _options(review: Review) -> list[Treatment]:
    return sorted((t for t in review.treatments.values() if t.order > 0), key=lambda t: t.order)


def _network(rows: Sequence[NetworkRow]) -> Network:
    return network_of(
        [row.study for row in rows],
        [row.treatment for row in rows],
        [row.comparator for row in rows],
        np.array([row.estimate for row in rows]),
        np.array([row.variance for row in rows]),
    )


def _part(review: Review, outcome: Outcome, network: Network, rows: Sequence[NetworkRow]) -> Part:
    method = review.model.tau2_method
    fit = fit_network(
        network,
        reference=_most_tested(review, network),
        measure=outcome.measure,
        tau2_method=method if method in NETWORK_TAU2 else "REML",
        level=review.model.level,
    )
    own = [row for row in rows if row.study in network.studies]
    return Part(network.treatments, network, fit, doubts_of(review, fit, own))


def _most_tested(review: Review, network: Network) -> str:
    """Placebo, sham or usual care with the most trials; the first treatment where none is."""
    taking = dict.fromkeys(network.treatments, 0)
    for group in network.groups:
        for code in group.arms.ravel().tolist():
            taking[network.treatments[code]] += 1
    inert = [name for name in network.treatments if _inert(review, name)]
    return max(inert or network.treatments, key=lambda name: taking[name])


def _inert(review: Review, name: str) -> bool:
    known = review.treatments.get(name)
    return known is not None and known.role in _INERT


def _ranking(
    outcome: Outcome, parts: Sequence[Part], says: Sequence[TreatmentSays]
) -> Ranking | None:
    """Only where nothing speaks against one."""
    if len(parts) != 1 or parts[0].doubts or any(s.kind != "network" for s in says):
        return None
    return rank(parts[0].fit, better="lower" if outcome.better == "lower" else "higher")


# What is said of each treatment


def _says(
    review: Review,
    outcome: Outcome,
    name: str,
    rows: Sequence[NetworkRow],
    parts: Sequence[Part],
) -> TreatmentSays:
    label = review.treatments[name].label
    part = next((p for p in parts if name in p.treatments), None)
    if part is None:
        return _nothing(name, label, outcome)
    against = _comparator(review, name, rows, part)
    if not against:
        return _apart(review, name, label, outcome, rows)
    own = [row for row in rows if row.pair == {name, against}]
    other = within_sentence(review.treatments[against].label)
    if len(part.treatments) == 2:
        return _direct(review, outcome, name, against, own, "no other trial connects with these")
    if not part.doubts:
        e = part.fit.effect(name, against)
        told = _number(outcome, review.model.level, e.estimate, e.ci_lower, e.ci_upper)
        how = (
            f"{counted(len(own), 'trial')} compared the two, and all trials that connect with "
            "these are taken into account"
            if own
            else "no trial compared the two: this follows from trials of each against others"
        )
        text = f"{label}, against {other}: {told}; {how}."
        ends = (e.estimate, e.ci_lower, e.ci_upper)
        return TreatmentSays(name, label, against, "network", len(own), *ends, text)
    if own:
        rest = "it is doubtful that other trials can be set beside these"
        return _direct(review, outcome, name, against, own, rest)
    text = (
        f"{label}: no trial compared it with {other}. A chain of trials leads from one to the "
        "other, but it is doubtful that these can be set side by side, so no number is given."
    )
    return TreatmentSays(name, label, against, "chain", 0, math.nan, math.nan, math.nan, text)


def _comparator(review: Review, name: str, rows: Sequence[NetworkRow], part: Part) -> str:
    """Placebo, sham or usual care: with the most direct trials, else one that is connected."""
    inert = [t for t in part.treatments if t != name and _inert(review, t)]
    direct = {t: sum(row.pair == {name, t} for row in rows) for t in inert}
    if not inert:
        return ""
    best = max(inert, key=lambda t: direct[t])
    if direct[best] or part.fit.reference not in inert:
        return best
    return part.fit.reference


def _direct(
    review: Review,
    outcome: Outcome,
    name: str,
    against: str,
    own: Sequence[NetworkRow],
    rest: str,
) -> TreatmentSays:
    label, other = (review.treatments[t].label for t in (name, against))
    fit = synthesise(
        [row.label for row in own],
        [row.turned(name) for row in own],
        [row.variance for row in own],
        measure=outcome.measure,
        tau2_method=review.model.tau2_method,
        ci_method=review.model.ci_method,
        level=review.model.level,
    )
    pooled = fit.random
    ends = (pooled.estimate, pooled.ci_lower, pooled.ci_upper)
    told = _number(outcome, review.model.level, *ends)
    by = f"by {counted(len(own), 'trial')} of the two"
    text = f"{label}, against {within_sentence(other)}: {told}, {by}; {rest}."
    return TreatmentSays(name, label, against, "direct", len(own), *ends, text)


def _apart(
    review: Review, name: str, label: str, outcome: Outcome, rows: Sequence[NetworkRow]
) -> TreatmentSays:
    others = dict.fromkeys(t for row in rows if name in row.pair for t in row.pair if t != name)
    named = ", ".join(within_sentence(review.treatments[t].label) for t in others)
    what = within_sentence(outcome.label)
    text = (
        f"{label}: for {what} it was compared only with {named}. No chain of "
        "trials leads from there to placebo or usual care, so what it does against these is not "
        "known."
    )
    return TreatmentSays(name, label, "", "apart", 0, math.nan, math.nan, math.nan, text)


def _nothing(name: str, label: str, outcome: Outcome) -> TreatmentSays:
    what = within_sentence(outcome.label)
    text = f"{label}: no trial gives a result for {what} that could be used."
    return TreatmentSays(name, label, "", "none", 0, math.nan, math.nan, math.nan, text)


def _number(outcome: Outcome, level: float, estimate: float, lower: float, upper: float) -> str:
    scale = scale_of(outcome.measure, unit=outcome.unit)
    told = f"{shown(scale, estimate)} ({level_percent(level)} CI {interval(scale, lower, upper)})"
    return f"{scale.name} {told}; {_direction(outcome, scale)}"


def _direction(outcome: Outcome, scale: Scale) -> str:
    null = "1" if scale.ratio else "0"
    side = "below" if outcome.better == "lower" else "above"
    return f"{side} {null} is better"
