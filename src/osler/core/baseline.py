"""The findings that were there before: known by code, file and words, never by line.

A baseline lets an old page be checked at once: what stands in it does not count, what is new
does, and what has gone is told, so that the file shrinks.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from osler.core.diagnostics import Diagnostic, Place, Severity

FILE_NAME = "osler-baseline.json"
_VERSION = 1
_SHOWN = 5  # entries named in the note; the file itself has them all
_ABOUT = "Findings that were here when this file was written. Mend them, then write it anew."
_KEYS = ("file", "code", "rule", "field", "text")

# File, code, rule, field, text.
Key: TypeAlias = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Baseline:
    """How often each finding is known."""

    counts: Mapping[Key, int]

    @property
    def total(self) -> int:
        """How many findings it holds."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Compared:
    """Findings beside a baseline: for each whether it is known, and the entries left over."""

    known: tuple[bool, ...]
    gone: Mapping[Key, int]


def key_of(diagnostic: Diagnostic, text: str, file: str) -> Key:
    r"""By what a finding is known again.

    Parameters
    ----------
    diagnostic : Diagnostic
    text : str
        The sentence or row it is about; white space makes no difference.
    file : str
        The file as the baseline names it.

    Examples
    --------
    >>> d = Diagnostic("CLM006", Severity.ERROR, Place("a.md", 3), "no trial can show it")
    >>> key_of(d, "It\n  cures.", "a.md")
    ('a.md', 'CLM006', '', '', 'It cures.')
    """
    return (file, diagnostic.code, diagnostic.rule, diagnostic.place.field, " ".join(text.split()))


def baseline_of(keys: Iterable[Key]) -> Baseline:
    """A baseline that knows these findings."""
    return Baseline(dict(sorted(Counter(keys).items())))


def compare(keys: Sequence[Key], baseline: Baseline) -> Compared:
    """Which findings a baseline knows; of more than it knows, the last ones are new.

    Examples
    --------
    >>> key = ("a.md", "CLM006", "", "", "It cures.")
    >>> compare([key, key], baseline_of([key])).known
    (True, False)
    """
    left = Counter(dict(baseline.counts))
    known = []
    for key in keys:
        known.append(left[key] > 0)
        left[key] -= known[-1]
    return Compared(tuple(known), {key: n for key, n in sorted(left.items()) if n > 0})


def changes(before: Baseline, after: Baseline) -> tuple[int, int]:
    """How many findings the later baseline has more, and how many it has no longer."""
    keys = {*before.counts, *after.counts}
    steps = [after.counts.get(key, 0) - before.counts.get(key, 0) for key in keys]
    return sum(n for n in steps if n > 0), -sum(n for n in steps if n < 0)


def write_baseline(baseline: Baseline) -> str:
    """The baseline as JSON, one finding a line, always in the same order."""
    entries = [_entry(key, count) for key, count in sorted(baseline.counts.items())]
    lines = ",\n".join(f"    {json.dumps(entry, ensure_ascii=False)}" for entry in entries)
    findings = f"[\n{lines}\n  ]" if lines else "[]"
    about = json.dumps(_ABOUT)
    return f'{{\n  "about": {about},\n  "version": {_VERSION},\n  "findings": {findings}\n}}\n'


def _entry(key: Key, count: int) -> dict[str, str | int]:
    values = dict(zip(_KEYS, key, strict=True))
    entry: dict[str, str | int] = {
        name: value for name, value in values.items() if value or name not in ("rule", "field")
    }
    return entry if count == 1 else {**entry, "count": count}


def read_baseline(data: bytes, name: str) -> tuple[Baseline, tuple[Diagnostic, ...]]:
    """A baseline from the bytes of its file; an empty one, and an error, where it is none.

    Examples
    --------
    >>> read_baseline(b"[]", "osler-baseline.json")[1][0].code
    'BAS002'
    """
    try:
        raw = json.loads(data.decode("utf-8-sig"))
        if raw["version"] != _VERSION:
            raise ValueError(f"its version is {raw['version']!r}, and this Osler reads {_VERSION}")
        counts: Counter[Key] = Counter()
        for entry in raw["findings"]:
            counts[_key(entry)] += _count(entry)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return Baseline({}), (_unreadable(name, error),)
    return Baseline(dict(sorted(counts.items()))), ()


def _key(entry: Mapping[str, object]) -> Key:
    file, code, text = (_text(entry[name]) for name in ("file", "code", "text"))
    return (file, code, _text(entry.get("rule", "")), _text(entry.get("field", "")), text)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} should be a text")
    return value


def _count(entry: Mapping[str, object]) -> int:
    count = entry.get("count", 1)
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ValueError(f"{count!r} should be a count of at least 1")
    return count


def _unreadable(name: str, error: Exception) -> Diagnostic:
    reason = f"there is no {error}" if isinstance(error, KeyError) else str(error)
    return Diagnostic(
        "BAS002",
        Severity.ERROR,
        Place(name),
        "this cannot be read as a baseline",
        reason[:200],
        "no finding is taken as known",
        "bring back the last good version, or write it anew with --write-baseline",
    )


def gone(keys: Mapping[Key, int], name: str) -> tuple[Diagnostic, ...]:
    """A note on known findings that the check no longer makes; nothing where there are none.

    Examples
    --------
    >>> gone({("a.md", "CLM006", "", "", "It cures."): 2}, "osler-baseline.json")[0].message
    '2 known findings have gone'
    """
    total = sum(keys.values())
    if not total:
        return ()
    shown = [f'{file} {code} "{_short(text)}"' for file, code, _, _, text in keys][:_SHOWN]
    more = f"; and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return (
        Diagnostic(
            "BAS001",
            Severity.NOTE,
            Place(name),
            f"{total} known findings have gone" if total > 1 else "a known finding has gone",
            "; ".join(shown) + more,
            "as long as they stand there, they could come back untold",
            "write it anew with --write-baseline, so that it shrinks",
        ),
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60].rpartition(' ')[0] or text[:60]} …"


def not_allowed(codes: Mapping[str, int], reasons: Mapping[str, str], name: str) -> Diagnostic:
    """An error: entries name codes that a baseline must not hold."""
    first = min(codes)
    return Diagnostic(
        "BAS003",
        Severity.ERROR,
        Place(name),
        f"the baseline lists {first}, which cannot be known and left",
        reasons.get(first, ""),
        "the finding is told all the same",
        "change the sentence, then write the baseline anew with --write-baseline",
    )
