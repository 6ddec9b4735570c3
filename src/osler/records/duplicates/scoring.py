"""How likely two records are one, and the words that say why."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from rapidfuzz import fuzz

from osler.records.duplicates.barring import LIKE_TITLES, bar_between
from osler.records.duplicates.comparing import Comparison, compare
from osler.records.duplicates.fingerprints import Fingerprint
from osler.records.duplicates.model import Pair, Standing

FIELDS = Comparison._fields[:-1]


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of ``weights.toml``: by field, in the order of a comparison, and by level."""

    start: float
    merged_from: float
    looked_at_from: float
    levels: tuple[Mapping[str, float], ...]
    says: tuple[Mapping[str, str], ...]


@cache
def weights() -> Weights:
    """The weights that ship with Osler."""
    text = files("osler.records.duplicates").joinpath("weights.toml").read_text(encoding="utf-8")
    table: dict[str, Any] = tomllib.loads(text)
    fields = [table[name] for name in FIELDS]
    return Weights(
        table["start"],
        table["merged_from"],
        table["looked_at_from"],
        tuple({level: row["weight"] for level, row in field.items()} for field in fields),
        tuple({level: row["says"] for level, row in field.items()} for field in fields),
    )


def probability(comparison: Comparison, by: Weights) -> float:
    """That two records are one, by the weights alone.

    Examples
    --------
    >>> nothing = Comparison(*["missing"] * len(FIELDS), 0.0)
    >>> alike = nothing._replace(title="same", first_author="same", year="same", doi="same")
    >>> [round(probability(c, weights()), 3) for c in (nothing, alike)]
    [0.004, 0.985]
    """
    odds = by.start
    for level, of_field in zip(comparison[:-1], by.levels, strict=True):
        odds += of_field.get(level, 0.0)
    return 1 / (1 + math.exp(-odds))


def reasons(comparison: Comparison, by: Weights) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What speaks for and against, the weightiest first."""
    told: list[tuple[float, str]] = []
    for level, of_field, says in zip(comparison[:-1], by.levels, by.says, strict=True):
        if text := says.get(level, ""):
            shown = text.format(similarity=comparison.title_similarity)
            told.append((of_field[level], shown))
    told.sort(key=lambda row: -abs(row[0]))
    return (
        tuple(text for weight, text in told if weight > 0),
        tuple(text for weight, text in told if weight <= 0),
    )


# Most pairs compare in one of a few thousand ways.
@lru_cache(maxsize=65536)
def _probability(comparison: Comparison) -> float:
    return probability(comparison, weights())


@lru_cache(maxsize=65536)
def _reasons(comparison: Comparison) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return reasons(comparison, weights())


def _of_one_work(c: Comparison, a: Fingerprint, b: Fingerprint) -> bool:
    """Whether they may report the same work in places so different that they cannot be one."""
    if c.first_author not in ("same", "close"):
        return False
    like = c.title in ("same", "nearly") and c.words not in ("other", "turned")
    return like or (c.title in LIKE_TITLES and a.title.protocol != b.title.protocol)


# Titles less alike than this, in hundredths, and than that where no author is the same.
_FAR, _FAR_OF_OTHERS = 58.0, 85.0


def _worth_comparing(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether other titles leave a chance: without a common identifier, page or abstract, none."""
    one, two = a.title.key, b.title.key
    if one == two or not one or not two:
        return True
    if (a.doi and a.doi == b.doi) or (a.pmid and a.pmid == b.pmid):
        return True
    if (a.first_page and a.first_page == b.first_page) or a.abstract[:60] == b.abstract[:60] != "":
        return True
    others = bool(a.authors and b.authors) and a.authors.isdisjoint(b.authors)
    cutoff = _FAR_OF_OTHERS if others else _FAR
    return fuzz.ratio(one, two, score_cutoff=cutoff) > 0 or (not others and one[:25] == two[:25])


def judge_pair(a: Fingerprint, b: Fingerprint) -> Pair | None:
    """What becomes of two records; None where they have too little in common to tell of.

    Examples
    --------
    >>> from osler.records.duplicates.fingerprints import fingerprint
    >>> from osler.records.model import Name, Record
    >>> one = Record("a", title="Needling for sciatica: a trial", year=2001, pages="11-19",
    ...              authors=(Name("Hart", "A."),), container="J Pain")
    >>> two = Record("b", title="Needling for sciatica - a trial", year=2001, pages="11-9",
    ...              authors=(Name("Hart", "Anne"),), container="Journal of Pain")
    >>> pair = judge_pair(fingerprint(one), fingerprint(two))
    >>> pair.standing.value, pair.reason
    ('merged', 'same title, pages, first author, journal, year, authors')
    """
    if not _worth_comparing(a, b):
        return None
    by = weights()
    comparison = compare(a, b)
    likely = _probability(comparison)
    if likely < by.looked_at_from and not _of_one_work(comparison, a, b):
        return None
    bar = bar_between(comparison, a, b)
    if likely < by.looked_at_from and (bar is None or bar.link is None):
        return None
    standing = Standing.MERGED if likely >= by.merged_from else Standing.LOOK
    if bar is not None:
        standing = bar.standing
    speaks_for, against = _reasons(comparison)
    first, second = (a.key, b.key) if a.key < b.key else (b.key, a.key)
    return Pair(
        first,
        second,
        standing,
        round(likely, 4),
        speaks_for,
        against,
        bar.reason if bar else "",
        bar.link if bar else None,
    )


def barred_pair(a: Fingerprint, b: Fingerprint) -> Pair | None:
    """What keeps two records out of one group, however little they have in common; else None.

    Examples
    --------
    >>> from osler.records.duplicates.fingerprints import fingerprint
    >>> from osler.records.model import Record
    >>> one, two = fingerprint(Record("a", pmid="8")), fingerprint(Record("b", pmid="9"))
    >>> judge_pair(one, two), barred_pair(one, two).bar
    (None, 'different PMIDs')
    """
    bar = bar_between(compare(a, b), a, b)
    if bar is None or bar.standing is not Standing.APART:
        return None
    first, second = sorted((a.key, b.key))
    return Pair(first, second, bar.standing, 0.0, bar=bar.reason, link=bar.link)
