"""Whether trials of different comparisons can be set side by side: what speaks against it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from osler.core.wording import counted, number, p_value, plain
from osler.review.model import Review, Study
from osler.synthesis.network.decomposition import decompose
from osler.synthesis.network.model import NetworkSynthesis
from osler.synthesis.network.review_rows import NetworkRow

# Two trials whose times lie further apart than this by their ratio look at other things.
_TIMES = 4.0
_DISAGREE = 0.10

# What the texts of a trial's design and population say of it, by what it tells apart.
_SIGNS: Mapping[str, Mapping[str, str]] = {
    "how long people had been ill": {
        "acute": r"\bacute\b|\brecent onset\b",
        "chronic": r"\bchronic\b|\blong-standing\b",
    },
    "who was treated": {
        "waiting for an operation": r"\bsurgical candidates\b|\bcandidates for surgery\b",
        "not waiting for one": r"\bnot surgical candidates\b|\bnever operated\b|\bprimary care\b",
        "after an operation": r"\bfailed back surgery\b|\bpost(?:-)?surg|\bafter surgery\b",
    },
    "how the trial was made": {
        "crossover": r"\bcross-?over\b",
        "only people who had responded before": r"\bresponders\b|\benriched\b",
        "side by side": r"\bparallel\b",
    },
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why trials may not be comparable; ``kind`` is for programs, ``text`` for people."""

    kind: str
    text: str


def doubts_of(
    review: Review, fit: NetworkSynthesis, rows: Sequence[NetworkRow]
) -> tuple[Doubt, ...]:
    """What speaks against comparing treatments across trials, by the tables of the review.

    A network of two treatments takes nothing from elsewhere, so nothing speaks against it.
    """
    if len(fit.treatments) < 3:
        return ()
    by_pair: dict[frozenset[str], list[NetworkRow]] = {}
    for row in rows:
        by_pair.setdefault(row.pair, []).append(row)
    found = [_differ(review, what, signs, by_pair) for what, signs in _SIGNS.items()]
    found += [_times(by_pair), _thin(by_pair), _checked(fit)]
    return tuple(doubt for doubt in found if doubt is not None)


def signs_of(study: Study, signs: Mapping[str, str]) -> frozenset[str]:
    """What a trial's texts say, of a set of signs; of one within another the longer."""
    text = f"{study.design}; {study.population}".casefold()
    spans = {
        name: [match.span() for match in re.finditer(pattern, text)]
        for name, pattern in signs.items()
    }
    return frozenset(
        name for name, own in spans.items() if any(not _within(span, name, spans) for span in own)
    )


def _within(span: tuple[int, int], name: str, spans: Mapping[str, list[tuple[int, int]]]) -> bool:
    return any(
        other[0] <= span[0] and span[1] <= other[1] and other != span
        for them, found in spans.items()
        if them != name
        for other in found
    )


def _differ(
    review: Review,
    what: str,
    signs: Mapping[str, str],
    by_pair: Mapping[frozenset[str], Sequence[NetworkRow]],
) -> Doubt | None:
    """Two comparisons of which every trial that tells says other things."""
    told: dict[str, frozenset[str]] = {}
    for pair, rows in by_pair.items():
        found = [signs_of(review.studies[row.study], signs) for row in rows]
        told[_named(review, pair)] = frozenset().union(*found)
    known = [(name, said) for name, said in told.items() if said]
    for i, (one, said) in enumerate(known):
        for other, says in known[i + 1 :]:
            if not said & says:
                return Doubt(
                    what,
                    f"the trials differ in {what}: {_listed(said)} in those of {one}, "
                    f"{_listed(says)} in those of {other}.",
                )
    return None


def _times(by_pair: Mapping[frozenset[str], Sequence[NetworkRow]]) -> Doubt | None:
    weeks = [
        [row.weeks for row in rows if row.weeks is not None and row.weeks > 0]
        for rows in by_pair.values()
    ]
    ranges = [(min(found), max(found)) for found in weeks if found]
    if not ranges:
        return None
    latest_start, earliest_end = max(low for low, _ in ranges), min(high for _, high in ranges)
    if latest_start < _TIMES * earliest_end:
        return None
    return Doubt(
        "when it was measured",
        f"some trials measured after {plain(earliest_end)} "
        f"week{'s' * (earliest_end != 1)}, others not before {plain(latest_start)}.",
    )


def _thin(by_pair: Mapping[frozenset[str], Sequence[NetworkRow]]) -> Doubt | None:
    single = sum(len({row.study for row in rows}) == 1 for rows in by_pair.values())
    if 2 * single <= len(by_pair):
        return None
    return Doubt(
        "few trials",
        f"{number(single, 0)} of {counted(len(by_pair), 'comparison')} rest on one trial each, "
        "too few to see whether the trials are alike.",
    )


def _checked(fit: NetworkSynthesis) -> Doubt | None:
    """Whether direct and indirect evidence meet anywhere, and agree."""
    found = decompose(fit)
    if not found.between.df:
        return Doubt(
            "cannot be checked",
            "nowhere do trials of two treatments meet with trials that reach them by another "
            "way, so that one could check the other.",
        )
    p = found.interaction.p_value
    if p < _DISAGREE:
        return Doubt(
            "disagreement",
            "where trials of two treatments meet with trials that reach them by another way, "
            f"the two disagree ({p_value(p)}).",
        )
    return None


def _named(review: Review, pair: Iterable[str]) -> str:
    labels = [review.treatments[t].label if t in review.treatments else t for t in sorted(pair)]
    return " and ".join(map(within_sentence, labels))


def within_sentence(label: str) -> str:
    """A label within a sentence; what begins with an abbreviation stays as it is.

    Examples
    --------
    >>> within_sentence("Usual care"), within_sentence("NSAIDs")
    ('usual care', 'NSAIDs')
    """
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _listed(names: Iterable[str]) -> str:
    return " and ".join(sorted(names))
