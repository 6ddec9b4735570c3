"""How well duplicates are found: ``python -m validation.deduplication FOLDER``.

FOLDER holds ``NAME.csv`` (columns ID, title, author, year, journal, volume, number, pages, doi,
abstract) beside ``NAME.truth.json`` (groups of IDs that are one record). Printed for each set and
pooled: sensitivity and precision with the labels as given and as settled in
``deduplication_labels.json``, what is left for a person to look at, CPU time and memory.

``--wrong`` names what was joined or parted against the settled labels; ``--fit`` fits the weights
to all sets but one and tries them on that one (memory counts scikit-learn, which this alone needs,
some 170 MiB); ``--worse`` takes fields of half of the records away or changes them;
``--large N`` times N synthetic records, made of the words, names and journals of the sets and
copied with slips.
"""

import argparse
import csv
import json
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from osler.records.duplicates.barring import bar_between
from osler.records.duplicates.blocking import candidate_pairs
from osler.records.duplicates.comparing import Comparison, compare
from osler.records.duplicates.finding import find_duplicates
from osler.records.duplicates.fingerprints import fingerprint
from osler.records.duplicates.scoring import FIELDS, probability, weights
from osler.records.formats.reading import parse_records
from osler.records.model import Name, Record

LABELS = Path(__file__).parent / "deduplication_labels.json"
Groups = list[set[str]]
_MEBI = 1024


class Counts(NamedTuple):
    """Right, wrong and missed: records merged away, and pairs."""

    records_right: int = 0
    records_wrong: int = 0
    records_missed: int = 0
    pairs_right: int = 0
    pairs_wrong: int = 0
    pairs_missed: int = 0

    def plus(self, other: "Counts") -> "Counts":
        """The sum, count by count."""
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))

    def shown(self) -> str:
        """Sensitivity and precision of both kinds."""
        told = []
        for kind, (right, wrong, missed) in (("records", self[:3]), ("pairs", self[3:])):
            sensitivity = right / (right + missed) if right + missed else 1.0
            precision = right / (right + wrong) if right + wrong else 1.0
            told.append(
                f"{kind} sensitivity {sensitivity:.4f} precision {precision:.5f} "
                f"({wrong} wrong, {missed} missed)"
            )
        return "; ".join(told)


@dataclass(frozen=True)
class LabelledSet:
    """Records and which of them are one, as given and as settled."""

    name: str
    records: tuple[Record, ...]
    given: Groups
    settled: Groups


def count(found: Sequence[Sequence[str]], truth: Groups) -> Counts:
    """Found groups against true ones.

    Of a found group of n records that are e true ones, n - e were rightly and e - 1 wrongly
    merged away. This does not depend on which record of a group is kept. Pairs are all pairs
    inside a group.

    Examples
    --------
    >>> count([["a", "b", "c"]], [{"a", "b"}, {"c", "d"}])
    Counts(records_right=1, records_wrong=1, records_missed=1, pairs_right=1, pairs_wrong=2, \
pairs_missed=1)
    """
    home = {key: str(number) for number, group in enumerate(truth) for key in group}
    right = wrong = same = other = 0
    for group in found:
        sizes = Counter(home.get(key, key) for key in group)
        right += len(group) - len(sizes)
        wrong += len(sizes) - 1
        inside = sum(map(_pairs, sizes.values()))
        same += inside
        other += _pairs(len(group)) - inside
    surplus = sum(len(group) - 1 for group in truth)
    every = sum(_pairs(len(group)) for group in truth)
    return Counts(right, wrong, surplus - right, same, other, every - same)


def _pairs(size: int) -> int:
    return size * (size - 1) // 2


def read_sets(folder: Path) -> Iterator[LabelledSet]:
    """The labelled sets of a folder, by name."""
    labels = json.loads(LABELS.read_text(encoding="utf-8"))
    for file in sorted(folder.glob("*.truth.json")):
        name = file.name.removesuffix(".truth.json")
        given = [set(group) for group in json.loads(file.read_text(encoding="utf-8"))]
        records = _read(folder / f"{name}.csv")
        yield LabelledSet(name, records, given, _settled(given, labels, name))


def _settled(given: Groups, labels: list[dict[str, object]], name: str) -> Groups:
    out = [set(group) for group in given]
    for row in labels:
        if row["set"] == name:
            ids, parts = row["ids"], row["settled"]
            assert isinstance(ids, list)
            assert isinstance(parts, list)
            out = [group - set(ids) for group in out] + [set(part) for part in parts]
    return [group for group in out if len(group) > 1]


def _read(file: Path) -> tuple[Record, ...]:
    """The records of a table under the keys of its column ID."""
    content = file.read_bytes()
    read = parse_records(content, file.name).records
    with file.open(encoding="utf-8", newline="") as rows:
        ids = [row["ID"] for row in csv.DictReader(rows)]
    assert len(ids) == len(read), file
    return tuple(replace(record, key=key) for record, key in zip(read, ids, strict=True))


def measure(sets: Sequence[LabelledSet], wrong: bool) -> None:
    """Print the figures of each set and of all."""
    given, settled, seconds, total = Counts(), Counts(), 0.0, 0
    find_duplicates(sets[0].records[:10])  # reads the word lists
    for each in sets:
        began = time.process_time()
        found = find_duplicates(each.records)
        taken = time.process_time() - began
        groups = [group.members for group in found.groups]
        as_given, as_settled = count(groups, each.given), count(groups, each.settled)
        given, settled = given.plus(as_given), settled.plus(as_settled)
        seconds, total = seconds + taken, total + len(each.records)
        _say(f"{each.name}: {len(each.records)} records, {_pace(taken, len(each.records))}")
        _say(f"  given    {as_given.shown()}")
        _say(f"  settled  {as_settled.shown()}")
        _say(f"  {len(found.look)} pairs to look at, {len(found.links)} links")
        if wrong:
            _tell_wrong(groups, each.settled)
    _say(f"all: {total} records, {_pace(seconds, total)}, {_memory()}")
    _say(f"  given    {given.shown()}")
    _say(f"  settled  {settled.shown()}")


def _tell_wrong(found: list[tuple[str, ...]], truth: Groups) -> None:
    ours = {key: number for number, group in enumerate(found) for key in group}
    theirs = {key: number for number, group in enumerate(truth) for key in group}
    for group in found:
        if len({theirs.get(key, key) for key in group}) > 1:
            _say(f"  wrongly joined  {' '.join(group)}")
    for keys in truth:
        if len({ours.get(key, key) for key in keys}) > 1:
            _say(f"  wrongly parted  {' '.join(sorted(keys))}")


def _pace(seconds: float, records: int) -> str:
    return f"{seconds:.2f} CPU s, {seconds / records * 10_000:.2f} per 10,000"


def _memory() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEBI:.0f} MiB at most"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


Row = tuple[Comparison, bool, bool]


def _compared(each: LabelledSet) -> list[Row]:
    """Every candidate pair: how it compares, whether it is barred, whether it is one record."""
    marks = [fingerprint(record) for record in each.records]
    home = {key: str(number) for number, group in enumerate(each.settled) for key in group}
    out = []
    for one, two in candidate_pairs(marks)[0]:
        a, b = marks[one], marks[two]
        found = compare(a, b)
        same = home.get(a.key, a.key) == home.get(b.key, b.key)
        out.append((found, bar_between(found, a, b) is not None, same))
    return out


def cross_validate(sets: Sequence[LabelledSet]) -> None:
    """Weights fitted to all sets but one, on that one, beside the weights that ship."""
    rows = {each.name: _compared(each) for each in sets}
    by = weights()
    for name, held in rows.items():
        others = [row for other, of in rows.items() if other != name for row in of]
        fitted = _fitted(others, held)
        shipped = [probability(row[0], by) for row in held]
        _say(f"{name}: {len(held)} candidate pairs, {sum(row[2] for row in held)} one record")
        for kind, likely in (("fitted to the others", fitted), ("as shipped", shipped)):
            _say(f"  {kind:20}  with bars {_errors(held, likely, barred=True)}")
            _say(f"  {kind:20}  without   {_errors(held, likely, barred=False)}")


def _errors(rows: list[Row], likely: Sequence[float], barred: bool) -> str:
    merged = [
        p >= weights().merged_from and not (barred and row[1])
        for p, row in zip(likely, rows, strict=True)
    ]
    wrong = sum(m and not row[2] for m, row in zip(merged, rows, strict=True))
    missed = sum(row[2] and not m for m, row in zip(merged, rows, strict=True))
    return f"{wrong} wrong, {missed} missed"


def _fitted(train: list[Row], test: list[Row]) -> list[float]:
    vectoriser = DictVectorizer()
    x = vectoriser.fit_transform([_levels(row[0]) for row in train])
    model = LogisticRegression(C=0.3, max_iter=5000).fit(x, [row[2] for row in train])
    held = vectoriser.transform([_levels(row[0]) for row in test])
    return [float(p) for p in model.predict_proba(held)[:, 1]]


def _levels(found: Comparison) -> dict[str, int]:
    pairs = zip(FIELDS, found, strict=False)
    return {f"{field}={level}": 1 for field, level in pairs if level != "missing"}


WORSE: dict[str, Callable[[Record], Record]] = {
    "nothing": lambda record: record,
    "no DOI": lambda record: replace(record, doi=""),
    "no abstract": lambda record: replace(record, abstract=""),
    "no journal": lambda record: replace(record, container=""),
    "no pages": lambda record: replace(record, pages=""),
    "only the first page": lambda record: replace(record, pages=record.pages.partition("-")[0]),
    "last page shortened": lambda record: replace(record, pages=_shortened(record.pages)),
    "no volume and issue": lambda record: replace(record, volume="", issue=""),
    "the year after": lambda record: replace(record, year=record.year and record.year + 1),
    "initials for given names": lambda record: replace(
        record, authors=tuple(map(_with_initials, record.authors))
    ),
    "no authors": lambda record: replace(record, authors=()),
    "journal's words cut": lambda record: replace(record, container=_cut(record.container)),
    "title in capitals": lambda record: replace(record, title=record.title.upper()),
    "no subtitle": lambda record: replace(record, title=record.title.split(":")[0]),
}


def _shortened(pages: str) -> str:
    """The last page without the digits that it has in common with the first: "123-9"."""
    first, _, last = pages.partition("-")
    if len(first) != len(last):
        return pages
    same = 0
    while same < len(last) - 1 and first[same] == last[same]:
        same += 1
    return f"{first}-{last[same:]}"


def _with_initials(name: Name) -> Name:
    initials = "".join(word[0] for word in name.given.split() if word[0].isalpha())
    return Name(name.family, initials, name.literal)


def _cut(journal: str) -> str:
    """Each word but small ones cut to four letters, where there are several."""
    words = [w for w in journal.split() if w.lower() not in ("of", "the", "and", "for", "in", "&")]
    return " ".join(word[:4] for word in words) if len(words) > 1 else journal


def worsened(sets: Sequence[LabelledSet]) -> None:
    """Print the figures with each change made to every second record or so."""
    for name, change in WORSE.items():
        total, look = Counts(), 0
        for each in sets:
            rng = random.Random(3)
            records = [change(r) if rng.random() < 0.5 else r for r in each.records]
            found = find_duplicates(records)
            total = total.plus(count([group.members for group in found.groups], each.settled))
            look += len(found.look)
        _say(f"{name}: {total.shown().split(';')[0]}; {look} pairs to look at")


def large(sets: Sequence[LabelledSet], size: int) -> None:
    """Time so many synthetic records."""
    records = list(synthetic(sets, size, random.Random(1)))
    began = time.process_time()
    found = find_duplicates(records)
    seconds = time.process_time() - began
    _say(f"{size} synthetic records: {_pace(seconds, size)}, {_memory()}")
    _say(f"  {found.surplus} merged away, {len(found.look)} to look at")


def synthetic(sets: Sequence[LabelledSet], size: int, rng: random.Random) -> Iterator[Record]:
    """Records of mixed words and names of the sets; two in five copied once or twice with slips.

    A copy is in capitals, or lacks a letter, or is in brackets; it may lack DOI and last page, and
    has initials for given names.
    """
    records = [record for each in sets for record in each.records]
    words = [word for record in records for word in record.title.split()]
    names = [name for record in records for name in record.authors]
    made = 0
    while made < size:
        base = _made(made, rng.choice(records), records, words, names, rng)
        copies = rng.choice([0, 0, 1, 1, 2])
        for record in (base, *(_slipped(base, rng) for _ in range(copies))):
            if made < size:
                yield replace(record, key=f"r{made}")
                made += 1


def _made(
    number: int,
    like: Record,
    records: list[Record],
    words: list[str],
    names: list[Name],
    rng: random.Random,
) -> Record:
    page = rng.randint(1, 3000)
    start = like.title.split()[: rng.randint(0, 4)]
    return Record(
        title=" ".join([*start, *rng.choices(words, k=rng.randint(6, 18))]),
        authors=tuple(rng.choices(names, k=rng.randint(1, 7))),
        year=rng.randint(1990, 2020),
        container=rng.choice(records).container,
        volume=str(rng.randint(1, 120)),
        issue=str(rng.randint(1, 12)),
        pages=f"{page}-{page + rng.randint(1, 12)}",
        doi=f"10.1000/{number}" if rng.random() < 0.6 else "",
        abstract=" ".join(rng.choices(words, k=150)) if rng.random() < 0.7 else "",
    )


def _slipped(record: Record, rng: random.Random) -> Record:
    title, draw = record.title, rng.random()
    if draw < 0.3:
        title = title.upper()
    elif draw < 0.5:
        at = rng.randrange(len(title))
        title = title[:at] + title[at + 1 :]
    elif draw < 0.6:
        title = f"[{title}]"
    return replace(
        record,
        title=title,
        doi=record.doi if rng.random() < 0.6 else "",
        pages=record.pages if rng.random() < 0.8 else record.pages.partition("-")[0],
        authors=tuple(Name(n.family or n.literal, n.given[:1]) for n in record.authors),
    )


def main() -> int:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m validation.deduplication")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wrong", action="store_true", help="name what is wrong")
    parser.add_argument("--fit", action="store_true", help="leave one set out")
    parser.add_argument("--worse", action="store_true", help="with fields taken away or changed")
    parser.add_argument("--large", type=int, metavar="N", help="time N synthetic records")
    asked = parser.parse_args()
    sets = list(read_sets(asked.folder))
    if not sets:
        parser.error(f"no NAME.truth.json in {asked.folder}")
    if asked.fit:
        cross_validate(sets)
    elif asked.worse:
        worsened(sets)
    elif asked.large:
        large(sets, asked.large)
    else:
        measure(sets, asked.wrong)
    return 0


if __name__ == "__main__":
    sys.exit(main())
