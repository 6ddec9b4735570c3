"""What must hold between the tables of a review folder."""

import csv
import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.splitting import cell_columns
from osler.review.model import Arm, Contrast, Episode, Result, Review, Score, Study, about


def check_review(review: Review) -> tuple[Diagnostic, ...]:
    """Every break between tables: unknown names, impossible numbers, missing arms.

    Where there are no studies or no arms at all, the table itself has been complained of:
    then nothing is said of each row that would need it.
    """
    return (
        *_studies(review),
        *_arms(review),
        *_results(review),
        *_contrasts(review),
        *_bias(review),
        *_sources(review),
        *_baselines(review),
        *_judgements(review),
    )


def _studies(review: Review) -> Iterator[Diagnostic]:
    with_arms = {arm.study for arm in review.arms}
    labels = Counter(study.label for study in review.studies.values())
    for study in review.studies.values():
        if review.arms and study.id not in with_arms:
            yield _error(
                "REV007",
                study.place,
                f"study {study.id!r} has no arms",
                found=f"{study.label} stands in studies.csv and nowhere in arms.csv",
                so="nothing of it can be compared",
                help="add its arms to arms.csv, one row each, or remove the study",
            )
        if not study.included and not study.reason:
            yield _error(
                "REV015",
                study.place,
                f"study {study.id!r} is left out without a reason",
                so="readers of the page cannot see why",
                help="write in the column reason why its results are not pooled",
            )
        if labels[study.label] > 1:
            yield Diagnostic(
                "REV027",
                Severity.WARNING,
                study.place,
                f"the label {study.label!r} belongs to more than one study",
                so="readers cannot tell them apart in a forest plot",
                help=f"write {study.label + 'a'!r} and {study.label + 'b'!r}",
            )


def _arms(review: Review) -> Iterator[Diagnostic]:
    for arm in review.arms:
        yield from _known_study(review, arm.study, arm.place)
        if arm.treatment not in review.treatments:
            yield _unknown(
                "REV010", "treatment", arm.treatment, review.treatments, arm.place, "osler.toml"
            )
    totals = Counter[str]()
    for arm in review.arms:
        totals[arm.study] += arm.n or 0
    for study in review.studies.values():
        total = totals[study.id]
        # In a crossover trial the same participants are in every arm.
        crossover = "crossover" in study.design.lower()
        if study.randomised is not None and total > study.randomised and not crossover:
            yield Diagnostic(
                "REV017",
                Severity.WARNING,
                study.place,
                f"the arms of {study.id!r} hold more participants than were randomised",
                found=f"{study.label}: arms add up to {total}, randomised {study.randomised}",
                so="both are kept as they stand",
                help="check n in arms.csv and randomised in studies.csv against the report",
            )


def _results(review: Review) -> Iterator[Diagnostic]:
    arms = {(arm.study, arm.arm): arm for arm in review.arms}
    accepted = _accepted(review)
    for row in review.results:
        yield from _known_study(review, row.study, row.place)
        yield from _known_arm(review, arms, row.study, row.arm, row.place)
        yield from _known_outcome(review, row, accepted)
        yield from _counts(review, row)
        yield from _interval(row, row.mean, "mean")


def _contrasts(review: Review) -> Iterator[Diagnostic]:
    arms = {(arm.study, arm.arm): arm for arm in review.arms}
    accepted = _accepted(review)
    for row in review.contrasts:
        yield from _known_study(review, row.study, row.place)
        yield from _known_arm(review, arms, row.study, row.arm, row.place)
        yield from _known_arm(review, arms, row.study, row.comparator_arm, row.place)
        yield from _known_outcome(review, row, accepted)
        yield from _interval(row, row.estimate, "estimate")
        if row.arm == row.comparator_arm:
            yield _error(
                "REV028",
                row.place,
                f"arm {row.arm!r} is compared with itself",
                found=f"{_who(review, row.study)}, {row.outcome}",
                so="the row is left out",
                help="write the other arm in comparator_arm",
            )
        positive = [v for v in (row.estimate, row.ci_lower, row.ci_upper) if v is not None]
        if row.measure in ("RR", "OR", "HR") and any(v <= 0 for v in positive):
            yield _error(
                "REV029",
                row.place,
                f"a {row.measure} must be above 0",
                found=f"{_who(review, row.study)}, {row.outcome}: {min(positive):g}",
                so="the row is left out",
                help="write the ratio itself, not its logarithm",
            )


def _counts(review: Review, row: Result) -> Iterator[Diagnostic]:
    if row.events is not None and row.n is not None and row.events > row.n:
        yield _error(
            "REV008",
            row.place,
            "events exceed the group size",
            found=f"{_who(review, row.study)}, arm {row.arm}, {row.outcome}"
            f"{_at(row.weeks)}: {row.events} events among {row.n} participants",
            so="this study is left out of the syntheses that need the row",
            help="check the row against the report: events is participants with the event, "
            "n those analysed",
        )
    if row.mean is not None and row.sd == 0:
        yield _error(
            "REV009",
            row.place,
            "a standard deviation of 0",
            found=f"{_who(review, row.study)}, arm {row.arm}, {row.outcome}{_at(row.weeks)}",
            so="the row is left out",
            help="leave sd empty if it was not reported",
        )


def _interval(row: Result | Contrast, estimate: float | None, name: str) -> Iterator[Diagnostic]:
    lower, upper = row.ci_lower, row.ci_upper
    if lower is None or upper is None:
        return
    if lower > upper:
        message = "the interval's lower end is above its upper end"
        found = f"{lower:g} to {upper:g}"
    elif estimate is not None and not lower <= estimate <= upper:
        message = f"the {name} lies outside its own interval"
        found = f"{estimate:g}, interval {lower:g} to {upper:g}"
    else:
        return
    yield _error(
        "REV016",
        row.place,
        message,
        found=f"{row.study}, {row.outcome}: {found}",
        so="the row is left out",
        help="check the signs and the order of the two ends against the report",
    )


def _known_study(review: Review, study: str, place: Place) -> Iterator[Diagnostic]:
    if review.studies and study not in review.studies:
        yield _unknown("REV011", "study", study, review.studies, place, "studies.csv")


def _known_arm(
    review: Review, arms: dict[tuple[str, str], Arm], study: str, arm: str, place: Place
) -> Iterator[Diagnostic]:
    if arms and study in review.studies and (study, arm) not in arms:
        known = [a.arm for a in review.arms if a.study == study]
        yield _unknown("REV012", f"arm of {study!r}", arm, known, place, "arms.csv")


def _accepted(review: Review) -> set[str]:
    """The outcome names that a question accepts or that are kept without being pooled."""
    names = {name for outcome in review.outcomes.values() for name in outcome.accepts}
    return names | set(review.not_pooled)


def _known_outcome(
    review: Review, row: Result | Contrast, accepted: Set[str]
) -> Iterator[Diagnostic]:
    if row.outcome not in accepted:
        close = difflib.get_close_matches(row.outcome, accepted, 1)
        yield Diagnostic(
            "REV014",
            Severity.WARNING,
            _at_cell(row.place, row.outcome, "outcome"),
            f"no outcome in osler.toml accepts {row.outcome!r}",
            found=f"{_who(review, row.study)}",
            so="the row is not used",
            help=f"did you mean {close[0]!r}?"
            if close
            else "add it to the accepts of an [[outcomes]] table, or to not_pooled",
        )


def _bias(review: Review) -> Iterator[Diagnostic]:
    for row in review.bias:
        yield from _known_study(review, row.study, row.place)


def _sources(review: Review) -> Iterator[Diagnostic]:
    """References that are named and do not exist; facts without any source."""
    named = [(s.reference, s.place) for s in review.studies.values()]
    named += [(f.reference, f.place) for f in review.facts.values()]
    for outcome in review.outcomes.values():
        limits = (outcome.mid, outcome.moderate, outcome.large, outcome.person_mid)
        named += [(t.source, outcome.place) for t in limits if t]
        named += [(baseline.source, baseline.place) for baseline in outcome.baselines]
    for key, place in named:
        if key and key not in review.references:
            yield _unknown("REV030", "reference", key, review.references, place, "references.json")
    for fact in review.facts.values():
        if not fact.source and not fact.reference:
            yield _error(
                "REV031",
                fact.place,
                f"fact {fact.id!r} has no source",
                so="no page may state it",
                help="fill the column source (an address) or reference (a key)",
            )
    for treatment in review.treatments.values():
        for key in (*treatment.harms, *treatment.cost, *treatment.acceptability):
            if key not in review.facts:
                yield _unknown("REV032", "fact", key, review.facts, treatment.place, "facts.csv")


def _baselines(review: Review) -> Iterator[Diagnostic]:
    for outcome in review.outcomes.values():
        for row in outcome.baselines:
            if row.comparison and row.comparison not in review.comparisons:
                yield _unknown(
                    "CRT006",
                    "comparison",
                    row.comparison,
                    review.comparisons,
                    row.place,
                    "osler.toml",
                )


def _judgements(review: Review) -> Iterator[Diagnostic]:
    known = [about(c, o) for c in review.comparisons for o in review.outcomes]
    seen: set[tuple[str, str]] = set()
    for judgement in review.judgements:
        if judgement.about not in known and not _of_network(review, judgement.about):
            yield _unknown(
                "REV019", "question", judgement.about, known, judgement.place, "osler.toml"
            )
        if not (judgement.because and judgement.by and judgement.date):
            yield _error(
                "REV033",
                judgement.place,
                "a judgement needs because, by and date",
                so="the judgement is used, but nobody can see why",
                help="say why, who decided, and when (YYYY-MM-DD)",
            )
        key = (judgement.about, judgement.reason)
        if key in seen:
            yield _error(
                "REV034",
                judgement.place,
                f"two judgements on {judgement.reason} of {judgement.about!r}",
                so="the first is used",
                help="keep one",
            )
        seen.add(key)


def _of_network(review: Review, question: str) -> bool:
    """Whether a question is about a network, or about two treatments within one."""
    name, _, outcome = question.removesuffix(" (network)").rpartition(" / ")
    one, _, other = name.partition(" vs ")
    known = name in ("network", *review.comparisons)
    return outcome in review.outcomes and (known or {one, other} <= review.treatments.keys())


def _unknown(
    code: str, what: str, name: str, known: Iterable[str], place: Place, home: str
) -> Diagnostic:
    names = list(known)
    place = _at_cell(place, name, what.split()[0])
    close = difflib.get_close_matches(name, names, 1, cutoff=0.5)
    listed = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    return _error(
        code,
        place,
        f"{name!r} is not {'an' if what[0] in 'aeiou' else 'a'} {what}",
        so="the row is not used" if place.file.endswith(".csv") else "it is not used",
        help=f"did you mean {close[0]!r}?" if close else f"add it to {home}; known: {listed}",
    )


def _at_cell(place: Place, text: str, field: str) -> Place:
    """The cell of the row that holds this text; the place as it was where none does."""
    if not place.file.endswith(".csv"):
        return place
    cells = next(csv.reader([place.source]), [])
    if text not in cells:
        return place
    start, end = cell_columns(place.source, cells.index(text), ",")
    return replace(place, column=start, end_column=end, field=field)


def _who(review: Review, study: str) -> str:
    known: Study | None = review.studies.get(study)
    return known.label if known else study


def _at(weeks: float | None) -> str:
    return "" if weeks is None else f" at {weeks:g} weeks"


def _error(
    code: str, place: Place, message: str, *, found: str = "", so: str = "", help: str
) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, place, message, found, so, help)


def check_scores(episodes: Sequence[Episode], scores: Sequence[Score]) -> list[Diagnostic]:
    """PRA003 for each score of an episode that practice.csv does not have."""
    known = {episode.id for episode in episodes}
    return [
        _error(
            "PRA003",
            score.place,
            "a score belongs to no episode",
            found=f"episode {score.episode!r} is not in practice.csv",
            so="this score is left out of the audit",
            help="correct the id, or add the episode to practice.csv: all who began have a row",
        )
        for score in scores
        if score.episode not in known
    ]
