"""Which record comes next for whom."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from osler.records.model import Record, Stage
from osler.records.screening.sharing import queue
from osler.web.screening.desk import Review
from osler.web.screening.plans import EXCLUDED, KINDS, Sampled


@dataclass(frozen=True, slots=True)
class Filters:
    """Which records to see; empty: all of them."""

    abstract: str = ""
    language: str = ""
    year_from: int | None = None
    year_to: int | None = None
    words: str = ""

    @classmethod
    def of(cls, told: Mapping[str, str]) -> "Filters":
        """From an address; what cannot be used is left out.

        Examples
        --------
        >>> Filters.of({"abstract": "without", "from": "2001", "to": "x"})
        Filters(abstract='without', language='', year_from=2001, year_to=None, words='')
        """
        abstract = told.get("abstract", "")
        return cls(
            abstract if abstract in ("with", "without") else "",
            told.get("language", "").strip(),
            _year(told.get("from", "")),
            _year(told.get("to", "")),
            told.get("words", "").strip()[:200],
        )

    @property
    def is_set(self) -> bool:
        return any(value not in ("", None) for value in asdict(self).values())

    def fits(self, record: Record) -> bool:
        """Whether a record is to be seen.

        A record whose year is not known is in no range of years.
        """
        if self.abstract and bool(record.abstract) is not (self.abstract == "with"):
            return False
        if self.language and record.language.casefold() != self.language.casefold():
            return False
        if self.year_from is not None and (record.year is None or record.year < self.year_from):
            return False
        if self.year_to is not None and (record.year is None or record.year > self.year_to):
            return False
        return has_words(record, self.words)


def has_words(record: Record, words: str) -> bool:
    """Whether every word stands somewhere in a record.

    Examples
    --------
    >>> has_words(Record(title="Leg pain after surgery"), "surg LEG")
    True
    """
    if not words.strip():
        return True
    names = " ".join(name.shown for name in record.authors)
    parts = (record.title, record.abstract, names, record.container, record.doi, record.pmid)
    text = " ".join((*parts, record.key, str(record.year or ""), *record.registrations)).casefold()
    return all(word in text for word in words.casefold().split())


def waiting(
    review: Review, who: str, stage: Stage, ranking: Sequence[str], filters: Filters
) -> list[str]:
    """What ``who`` has still to screen, the next one first.

    Before all else come the calibration round and the random samples: their records must not
    depend on the ranking. What others voted changes nothing, except that a record which has as
    many votes as it needs is no longer asked for where the work is not shared out.
    """
    by_key = review.ledger.library.by_key
    again = set(unanswered(review, review.plan.sample(EXCLUDED)))
    if stage is Stage.FULL_TEXT:
        again = set()
        keys: Iterable[str] = (key for key in review.full_texts if not review.is_lost(key))
    else:
        keys = _first(review, who, ranking)
    standings = review.standings[stage]
    open_ones = [
        key
        for key in dict.fromkeys(keys)
        if key in by_key
        and (key not in standings or key in again or _is_open(review, who, stage, key))
    ]
    if not filters.is_set:
        return open_ones
    return [key for key in open_ones if filters.fits(by_key[key].record)]


def unanswered(review: Review, sampled: Sampled | None) -> tuple[str, ...]:
    """Records of a sample that nobody has screened since it was drawn."""
    if sampled is None:
        return ()
    later = {d.record for d in review.ledger.of_entries[sampled.rows :]}
    owner = review.ledger.library.owner
    return tuple(k for k in sampled.records if k in owner and owner[k] not in later)


def _first(review: Review, who: str, ranking: Sequence[str]) -> Iterator[str]:
    plan = review.plan
    if who in plan.team:
        yield from plan.calibration
    for kind in KINDS:
        yield from unanswered(review, plan.sample(kind))
    # The model leaves out what anybody has decided. A second reviewer sees those first, in the
    # order in which the first one did: so records are finished soon.
    order = [*review.labels, *ranking]
    if review.shares:
        shares = {key: who_else or (who,) for key in order for who_else in [_of(review, key)]}
        order = list(queue(order, shares, review.ledger.of_entries, who))
    yield from order


def _of(review: Review, key: str) -> tuple[str, ...]:
    """Who has a record to screen; nobody where it came after the shares."""
    return tuple(who for who in review.shares.get(key, ()) if who not in review.plan.left)


def _is_open(review: Review, who: str, stage: Stage, key: str) -> bool:
    standing = review.standings[stage][key]
    if standing.settled or who in standing.votes:
        return False
    if any(vote.role != "reviewer" for vote in standing.votes.values()):
        return False
    if stage is Stage.TITLE_ABSTRACT and who in review.plan.team:
        if key in review.plan.calibration:
            return True
        if shared := _of(review, key):
            return who in shared
    return len(standing.votes) < review.needed


def _year(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else None
