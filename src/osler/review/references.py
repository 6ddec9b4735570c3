"""One entry of references.json: CSL-JSON as people and reference managers write it."""

from collections.abc import Iterator, Mapping

from osler.core.diagnostics import Diagnostic, Place, Severity

TEXTS = (
    "type title container-title publisher publisher-place volume issue page number genre DOI URL"
).split()
NAMES = ("author", "editor")


def check_reference(item: Mapping[str, object], place: Place) -> Iterator[Diagnostic]:
    """REV036 for each field that cannot be printed, and for an entry without a title."""
    if not str(item.get("title") or "").strip():
        yield _wrong(item, place, "title", "a text")
    for field in TEXTS:
        if item.get(field) is not None and not _is_text(item[field]):
            yield _wrong(item, place, field, "a text")
    for field in NAMES:
        if item.get(field) is not None and not _are_people(item[field]):
            yield _wrong(item, place, field, 'a list such as [{"family": "Qin", "given": "Z."}]')
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
