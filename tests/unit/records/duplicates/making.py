"""Records to compare, made short."""

from osler.records.duplicates.finding import find_duplicates
from osler.records.duplicates.fingerprints import fingerprint
from osler.records.duplicates.model import Duplicates, Pair
from osler.records.duplicates.scoring import judge_pair
from osler.records.model import Name, Record, Source

TITLE = "Needling for sciatica in primary care: a randomised trial"


def record(key: str = "", **said: object) -> Record:
    """A record of a trial of 2001, with whatever is said otherwise."""
    fields: dict[str, object] = {
        "title": TITLE,
        "authors": (Name("Author", "A."), Name("Bell", "B.")),
        "year": 2001,
        "container": "Journal of Pain Research",
        "volume": "12",
        "issue": "3",
        "pages": "101-109",
    }
    fields |= said
    return Record(key, sources=(Source(f"{key}.ris", 1, "ris"),), **fields)  # type: ignore[arg-type]


def pair_of(one: Record, two: Record) -> Pair | None:
    """What becomes of two records, in either order alike."""
    a, b = fingerprint(one), fingerprint(two)
    pair = judge_pair(a, b)
    assert pair == judge_pair(b, a)
    return pair


def groups_of(found: Duplicates) -> list[tuple[str, ...]]:
    """Members of each group."""
    return [group.members for group in found.groups]


def found_in(*records: Record) -> list[tuple[str, ...]]:
    """Members of each group found in the records."""
    return groups_of(find_duplicates(records))
