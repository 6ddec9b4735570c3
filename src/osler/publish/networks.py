"""The network of an outcome on a page: its graph, whether it ranks, where each row comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from osler.certainty.model import Finding, NetworkBasis, Sort
from osler.certainty.network.evidence import GradedNetwork
from osler.core.wording import capital, counted, number, percent
from osler.effects.model import Effect
from osler.effects.scales import estimate_cell
from osler.publish.cells import scale_of_outcome
from osler.publish.figures.network import Cluster
from osler.review.model import Review
from osler.synthesis.answers import StudyEffect
from osler.synthesis.network.of_review import Part, ReviewNetwork, TreatmentSays

_SHOWN = 8  # comparisons told one by one in a row of a table


@dataclass(frozen=True, slots=True)
class Source:
    """One comparison, or kind of evidence, with its part of an estimate."""

    name: str
    share: str
    trials: str
    effect: str = ""


@dataclass(frozen=True, slots=True)
class Behind:
    """Where the number in a row comes from.

    ``kinds`` are direct and indirect evidence, ``comparisons`` what they are made of; both are
    empty where trials of the two alone were pooled. ``trials`` are the names of the trials.
    """

    head: str
    kinds: tuple[Source, ...]
    agreement: str
    comparisons: tuple[Source, ...]
    more: str
    trials: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Named:
    """A treatment in the list beside the graph."""

    number: int
    label: str
    trials: str


@dataclass(frozen=True, slots=True)
class Group:
    """Treatments that trials connect, and what speaks against comparing them."""

    name: str
    treatments: tuple[Named, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two treatments and the trials that compared them."""

    name: str
    trials: int
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A place in the order, with the certainty beside it: ranks alone mislead."""

    label: str
    score: str
    grade: int
    level: str


def behind(finding: Finding, says: TreatmentSays | None, surer: bool = False) -> Behind:
    """Where a row's number comes from.

    Parameters
    ----------
    finding : Finding
        What the row shows.
    says : TreatmentSays or None
        What the network says of the treatment.
    surer : bool
        Whether the trials of the two are shown because they are the more certain.
    """
    labels = tuple(effect.label for effect in finding.answer.effects)
    basis = finding.network
    if basis is None:
        how = counted(len(labels), "trial")
        head = f"Direct evidence only: {how} that made this comparison, none by way of others."
        return Behind(head, (), "", (), "", labels, _why_alone(says, surer))
    kinds = _kinds(finding, basis)
    more = len(basis.comparisons) - _SHOWN
    return Behind(
        _head(basis),
        kinds,
        _agreement(basis),
        tuple(
            Source(capital(part.name), percent(part.share), counted(part.trials, "trial"))
            for part in basis.comparisons[:_SHOWN]
        ),
        f"and {counted(more, 'other comparison')} with less" if more > 0 else "",
        labels,
        "Doubted, and judged by a person: " + " ".join(basis.doubts) if basis.doubts else "",
    )


def _head(basis: NetworkBasis) -> str:
    whole = f"All {counted(basis.whole, 'trial')} that connect are taken into account"
    if not basis.trials:
        return (
            f"{whole}. No trial compared these two: the number follows from trials of each "
            "against others."
        )
    if basis.share >= 1:
        return (
            f"{capital(counted(basis.trials, 'trial'))} of the two. Of the {basis.whole} that "
            "connect no others reach this comparison by way of other treatments; they tell only "
            "how much trials differ from one another."
        )
    compared = "1 trial compared" if basis.trials == 1 else f"{basis.trials} trials compared"
    return f"{whole}; {compared} these two."


def _kinds(finding: Finding, basis: NetworkBasis) -> tuple[Source, ...]:
    direct, indirect = basis.direct, basis.indirect
    out = []
    if direct is not None:
        trials = counted(basis.trials, "trial")
        out.append(
            Source("Direct, from trials of the two", percent(basis.share), trials,
                   _cell(finding, direct))
        )  # fmt: skip
    if indirect is not None and basis.share < 1:
        out.append(
            Source("Indirect, by way of other treatments", percent(1 - basis.share), "",
                   _cell(finding, indirect))
        )  # fmt: skip
    return tuple(out)


def _cell(finding: Finding, sort: Sort) -> str:
    scale = scale_of_outcome(finding.outcome)
    return estimate_cell(scale, sort.estimate, sort.ci_lower, sort.ci_upper)


def _agreement(basis: NetworkBasis) -> str:
    if basis.direct is None or basis.indirect is None or basis.share >= 1:
        return ""
    p = basis.p_value
    if p < 0.10:
        return f"The two kinds of evidence disagree (p = {number(p, 3)})."
    return f"The two kinds of evidence do not clearly disagree (p = {number(p, 2)})."


def _why_alone(says: TreatmentSays | None, surer: bool) -> str:
    """Why no other trials were counted in, in words for patients."""
    if surer:
        return (
            "Other trials connect with these. Taken together with them the result would be less "
            "certain, so the trials of the two alone are shown."
        )
    if says is None or says.kind in ("none", "network"):
        return ""
    if says.kind == "apart":
        return "No chain of trials leads from this treatment to placebo or usual care."
    if says.text.rstrip(".").endswith("no other trial connects with these"):
        return "No other trial connects with these."
    return (
        "Other trials are not counted in: it is doubtful that they can be set side by side with "
        "these."
    )


def short_reason(graded: GradedNetwork) -> str:
    """Why nothing is ranked, in a sentence below a table; "" where there is a ranking."""
    network = graded.ground.network
    if graded.ranking is not None or not network.parts:
        return ""
    if not network.connects:
        groups = counted(len(network.parts), "group")
        return f"The trials fall into {groups} that no trial links, so none is called the best."
    if network.doubts:
        return "It is doubtful that the trials can be set side by side, so none is called the best."
    return "Not every treatment was tested for this, so there is no order."


def numbered(network: ReviewNetwork) -> Mapping[str, int]:
    """A number for each treatment, group by group."""
    names = (name for part in network.parts for name in _in_order(network, part))
    return {name: i for i, name in enumerate(names, 1)}


def _in_order(network: ReviewNetwork, part: Part) -> list[str]:
    """The options first, in their order; then the others as the network has them."""
    options = [s.treatment for s in network.says if s.treatment in part.treatments]
    return [*options, *(name for name in part.treatments if name not in options)]


def groups_of(network: ReviewNetwork) -> tuple[Group, ...]:
    """The parts of a network in words."""
    numbers, several = numbered(network), len(network.parts) > 1
    return tuple(
        Group(
            f"Group {i}" if several else "",
            tuple(
                Named(numbers[name], network.labels.get(name, name), _tested(part, name))
                for name in _in_order(network, part)
            ),
            tuple(capital(doubt.text) for doubt in part.doubts),
        )
        for i, part in enumerate(network.parts, 1)
    )


def _trials(part: Part) -> Mapping[str, int]:
    tested = dict.fromkeys(part.treatments, 0)
    for group in part.network.groups:
        for code in group.arms.ravel().tolist():
            tested[part.network.treatments[code]] += 1
    return tested


def _tested(part: Part, name: str) -> str:
    return counted(_trials(part)[name], "trial")


def clusters(review: Review, network: ReviewNetwork) -> tuple[Cluster, ...]:
    """The parts of a network as they are drawn."""
    numbers = numbered(network)
    return tuple(_cluster(review, network, part, numbers) for part in network.parts)


def _cluster(
    review: Review, network: ReviewNetwork, part: Part, numbers: Mapping[str, int]
) -> Cluster:
    names, tested = _in_order(network, part), _trials(part)
    counts: dict[tuple[int, int], int] = {}
    for row in network.rows:
        if row.treatment in tested:
            a, b = sorted((names.index(row.treatment), names.index(row.comparator)))
            counts[a, b] = counts.get((a, b), 0) + 1
    return Cluster(
        tuple(numbers[name] for name in names),
        tuple((a, b, k) for (a, b), k in sorted(counts.items())),
        tuple(tested[name] for name in names),
        tuple(_inert(review, name) for name in names),
    )


def _inert(review: Review, name: str) -> bool:
    known = review.treatments.get(name)
    return known is not None and known.role != "active"


def compared(network: ReviewNetwork) -> tuple[Compared, ...]:
    """Every two treatments that trials compared, with the trials, group by group."""
    numbers = numbered(network)
    found: dict[tuple[str, str], list[str]] = {}
    for row in network.rows:
        a, b = sorted((row.treatment, row.comparator), key=lambda name: numbers[name])
        found.setdefault((a, b), []).append(row.label)
    return tuple(
        Compared(
            f"{network.labels.get(a, a)} and {network.labels.get(b, b)}", len(labels), tuple(labels)
        )
        for (a, b), labels in sorted(found.items(), key=lambda one: [numbers[n] for n in one[0]])
    )


def ranked(graded: GradedNetwork) -> tuple[Ranked, ...]:
    """The order of the options with the certainty of each; empty where there is none."""
    if graded.ranking is None:
        return ()
    labels = graded.ground.network.labels
    scores = dict(zip(graded.ranking.treatments, graded.ranking.p_scores, strict=True))
    return tuple(
        Ranked(
            labels.get(name, name),
            _chance(score),
            int(shown.certainty.level),
            shown.certainty.level.word,
        )
        for name, score in scores.items()
        if (shown := graded.shown(name)) is not None
    )


def _chance(score: float) -> str:
    """A chance that is never told as certain."""
    return "over 99%" if score > 0.99 else "under 1%" if score < 0.01 else percent(score)


def by_kinds(finding: Finding) -> Finding:
    """A network's estimate with direct and indirect evidence as its two rows.

    So that a forest plot shows what was put together, and no trial of other treatments as if it
    had compared these.
    """
    basis = finding.network
    if basis is None:
        return finding
    rows = [
        (name, sort, share)
        for name, sort, share in (
            (f"Direct ({counted(basis.trials, 'trial')})", basis.direct, basis.share),
            ("Indirect (other trials)", basis.indirect, 1 - basis.share),
        )
        if sort is not None and share > 0
    ]
    effects = tuple(_row(finding, name, sort) for name, sort, _ in rows)
    weights = tuple(share for *_, share in rows)
    synthesis = replace(
        finding.synthesis,
        studies=tuple(e.label for e in effects),
        estimates=tuple(float(e.effect.estimate) for e in effects),
        variances=tuple(float(e.effect.variance) for e in effects),
        common_weights=weights,
        random_weights=weights,
    )
    return replace(finding, answer=replace(finding.answer, effects=effects), synthesis=synthesis)


def _row(finding: Finding, name: str, sort: Sort) -> StudyEffect:
    pooled = finding.synthesis.random
    # The same quantile as the pooled interval has, read back from it.
    reach = (pooled.ci_upper - pooled.estimate) / pooled.se
    variance = ((sort.ci_upper - sort.estimate) / reach) ** 2
    effect = Effect(finding.outcome.measure, sort.estimate, variance)
    return StudyEffect(name, name, effect, "evidence of one kind", "", None, "", None, None, (), "")


def said_in_words(network: ReviewNetwork) -> str:
    """How large the network is."""
    trials = len({row.study for row in network.rows})
    treatments = sum(len(part.treatments) for part in network.parts)
    return (
        f"{counted(trials, 'trial')} gave a result that can be used here. They tested "
        f"{counted(treatments, 'treatment')}, counting placebo, sham and usual care."
    )


def why_not_ranked(graded: GradedNetwork) -> Sequence[str]:
    """Paragraphs for patients; the groups themselves stand in the list beside the graph."""
    network = graded.ground.network
    if graded.ranking is not None:
        return ()
    if not network.parts or network.connects:
        return (graded.why_no_ranking,) if graded.why_no_ranking else ()
    groups = counted(len(network.parts), "group")
    told = (
        f"These trials do not make one picture. They fall into {groups}, and no trial links one "
        "group with another. What a treatment did in one group cannot be compared with what "
        "a treatment did in another: the people, the care and the time may have been different. So "
        "no treatment is called the best."
    )
    return (told,)
