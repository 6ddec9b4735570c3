"""references.json: CSL-JSON as people and reference managers write it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from osler.core.diagnostics import Diagnostic, Place, Severity

TEXTS = (
    "type title container-title publisher publisher-place volume issue page number genre DOI URL"
).split()
NAMES = ("author", "editor")
FILE = "references.json"

_ID = re.compile(r'"id"\s*:\s*"([^"\\]+)"')


@dataclass(frozen=True)
class References:
    """Entries by their ids, where each stands in the file, and what is wrong with them."""

    items: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()


def read_references(text: str | None) -> References:
    """The entries of references.json; none where there is no such file.

    Examples
    --------
    >>> read = read_references('[{"id": "qin", "title": "Acupuncture for sciatica"}]')
    >>> list(read.items), read.places["qin"].line, read.diagnostics
    (['qin'], 1, ())
    """
    if text is None:
        return References()
    try:
        entries = json.loads(text)
    except RecursionError:
        return _unreadable(Place(FILE), f"{FILE} is nested too deeply")
    except json.JSONDecodeError as error:
        line = (text.split("\n") or [""])[error.lineno - 1][:2000]
        place = Place(FILE, error.lineno, error.colno, 0, "", line)
        return _unreadable(place, f"this is not JSON: {error.msg.lower()}")
    except ValueError as error:
        return _unreadable(Place(FILE), f"this is not JSON: {error}")
    if not isinstance(entries, list):
        return _unreadable(Place(FILE), f"{FILE} is not a list")
    return _read(entries, _places(text))


def _read(entries: list[object], places: Mapping[str, Place]) -> References:
    items: dict[str, Mapping[str, object]] = {}
    found: list[Diagnostic] = []
    for number, entry in enumerate(entries, start=1):
        key = entry.get("id") if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not isinstance(key, str) or not key or key in items:
            what = f"reference {number} has no id" if not key else f"reference {key!r} stands twice"
            found.append(_bad_references(Place(FILE), what))
            continue
        found += check_reference(entry, places.get(key, Place(FILE)))
        items[key] = sound_reference(entry)
    return References(items, {key: places.get(key, Place(FILE)) for key in items}, tuple(found))


def _places(text: str) -> Mapping[str, Place]:
    """Where the id of each entry stands, in a file that is written line by line."""
    out: dict[str, Place] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        match = _ID.search(line)
        if match:
            shown = line[:2000]
            out.setdefault(match[1], Place(FILE, number, 1, len(shown) + 1, "id", shown))
    return out


def _unreadable(place: Place, message: str) -> References:
    return References(diagnostics=(_bad_references(place, message),))


def _bad_references(place: Place, message: str) -> Diagnostic:
    return Diagnostic(
        "REV018",
        Severity.ERROR,
        place,
        message,
        so="it cannot be cited",
        help='references.json is CSL-JSON: [{"id": "key", "type": "article-journal", ...}, ...]',
    )


def check_reference(item: Mapping[str, object], place: Place) -> Iterator[Diagnostic]:
    """REV036 for each field that cannot be printed, and for an entry without a title."""
    if not str(item.get("title") or "").strip():
        yield _wrong(item, place, "title", "a text")
    for name in TEXTS:
        if item.get(name) is not None and not _is_text(item[name]):
            yield _wrong(item, place, name, "a text")
    for name in NAMES:
        if item.get(name) is not None and not _are_people(item[name]):
            yield _wrong(item, place, name, 'a list such as [{"family": "Qin", "given": "Z."}]')
    if item.get("issued") is not None and not _has_year(item["issued"]):
        yield _wrong(item, place, "issued", 'a date such as {"date-parts": [[2015]]}')


def sound_reference(item: Mapping[str, object]) -> Mapping[str, object]:
    """The entry without what cannot be printed; characters that UTF-8 lacks become U+FFFD."""
    usable = {
        **dict.fromkeys(TEXTS, _is_text),
        **dict.fromkeys(NAMES, _are_people),
        "issued": _has_year,
    }
    kept = {k: v for k, v in item.items() if k not in usable or usable[k](v)}
    if not str(kept.get("title") or "").strip():
        kept["title"] = "[no title]"
    return {k: _printable(v) for k, v in kept.items()}


def _printable(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", errors="replace").decode("utf-8")
    if isinstance(value, list):
        return [_printable(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _printable(v) for k, v in value.items()}
    return value


def _is_text(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _are_people(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(person, dict)
        and any(person.get(part) for part in ("family", "literal"))
        and all(isinstance(v, str) for v in person.values())
        for person in value
    )


def _has_year(value: object) -> bool:
    """Whether a CSL date says a year as a whole number or as digits."""
    if not isinstance(value, dict):
        return False
    parts = value.get("date-parts")
    if parts is None:
        return any(
            isinstance(value.get(k), str) and any(c.isdigit() for c in value[k])
            for k in ("raw", "literal")
        )
    if not (isinstance(parts, list) and parts and isinstance(parts[0], list) and parts[0]):
        return False
    year = parts[0][0]
    return not isinstance(year, bool) and isinstance(year, int | str) and str(year).isdecimal()


def _wrong(item: Mapping[str, object], place: Place, field: str, wanted: str) -> Diagnostic:
    value = item.get(field)
    return Diagnostic(
        "REV036",
        Severity.WARNING,
        place,
        f"{field} of reference {item['id']!r} must be {wanted}",
        found=f"{field} is {str(value)[:60]!r}" if value not in (None, "") else "it has none",
        so="the entry is printed without it",
        help=f"write {field} as {wanted}",
    )
