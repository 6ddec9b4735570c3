"""Works that a folder names: which identifiers belong to which title, and whether they agree."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from osler.claims.language.words import words_of
from osler.core.diagnostics import Place
from osler.review.model import Review

# Words of a title that say nothing of which work it is.
_SMALL = frozenset(
    "a an and the of in on for with to from by or vs versus at as is are trial study review "
    "systematic randomized randomised controlled clinical meta analysis et al".split()
)
# Two titles are of one work where the shorter shares this many of its words with the longer: a
# subtitle or a journal may be missing, a typing slip may be there.
_ALIKE = 0.6


@dataclass(frozen=True, slots=True)
class Work:
    """One work as one table names it. ``table`` is the file it stands in."""

    table: str
    key: str
    title: str
    doi: str
    pmid: str
    year: int | None
    place: Place


def works_of(review: Review) -> list[Work]:
    """Everything with an identifier: references, studies, mechanisms, published reviews."""
    out = [
        Work("studies.csv", s.id, s.title, s.doi, s.pmid, s.year, s.place)
        for s in review.studies.values()
    ]
    for key, item in review.references.items():
        place = review.reference_places.get(key, Place("references.json"))
        title, doi = str(item.get("title") or ""), str(item.get("DOI") or "")
        pmid = str(item.get("PMID") or "")
        out.append(Work("references.json", key, title, doi, pmid, year_of(item), place))
    out += [
        Work("mechanisms.csv", m.citation[:60], m.citation, m.doi, m.pmid, m.year, m.place)
        for m in review.mechanisms
    ]
    out += [
        Work("published_reviews.csv", p.review, p.citation, p.doi, p.pmid, None, p.place)
        for p in review.published
    ]
    return out


def year_of(item: Mapping[str, object]) -> int | None:
    """The year of a CSL-JSON entry.

    Examples
    --------
    >>> year_of({"issued": {"date-parts": [[2015, 3]]}})
    2015
    """
    issued = item.get("issued")
    if not isinstance(issued, dict):
        return None
    parts = issued.get("date-parts")
    if not (isinstance(parts, list) and parts and isinstance(parts[0], list) and parts[0]):
        return None
    year = str(parts[0][0])
    return int(year) if year.isdecimal() and len(year) == 4 else None


def alike(one: str, other: str) -> bool:
    """Whether two titles may be of one work; an empty one may be of any.

    Examples
    --------
    >>> alike("Acupuncture for sciatica: a review", "Acupuncture for Sciatica")
    True
    >>> alike("Pregabalin in spinal stenosis", "Topiramate for chronic sciatica")
    False
    """
    first, second = _telling(one), _telling(other)
    if not first or not second:
        return True
    return len(first & second) >= _ALIKE * min(len(first), len(second))


def _telling(title: str) -> frozenset[str]:
    return frozenset(w.text for w in words_of(title)) - _SMALL


def same(one: str, other: str) -> bool:
    """Whether two titles have the same words, in the same order."""
    first, second = ([w.text for w in words_of(t)] for t in (one, other))
    return first == second and len(first) > 3


def clashes(works: Iterable[Work], identifier: str) -> Iterator[tuple[Work, Work]]:
    """A work and the first one of its table that has the same identifier and another title."""
    first: dict[tuple[str, str], Work] = {}
    for work in works:
        value = (work.doi if identifier == "doi" else work.pmid).strip().lower()
        if not value:
            continue
        known = first.setdefault((work.table, value), work)
        if known.key != work.key and not alike(known.title, work.title):
            yield work, known
