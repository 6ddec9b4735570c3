"""The front matter of a page: ``key: value`` lines between two lines of ``---``.

A small and strict part of YAML: one line for each key, a list as ``[a, b]``, quotation
marks where a value should keep them out, ``#`` for a comment. Anything else is named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from osler.core.diagnostics import Diagnostic, Place, Severity

FENCE = "---"
REQUIRED = ("title", "description", "author", "date", "reviewed", "next_review", "categories")
KNOWN = (*REQUIRED, "draft")
LISTS = ("categories",)
# What YAML reads as "nothing"; in quotation marks it is a word.
_NOTHING = ("null", "~", "none")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What was read: values and places by key, the number of lines taken, and what is wrong."""

    values: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    places: Mapping[str, Place]
    length: int
    diagnostics: tuple[Diagnostic, ...]


def read_front_matter(lines: Sequence[str], file: str) -> FrontMatter:
    """Read the front matter at the top of a page.

    Examples
    --------
    >>> lines = ["---", "title: Sciatica", "categories: [pain, back]", "---"]
    >>> read = read_front_matter(lines, "a.md")
    >>> read.values["title"], read.lists["categories"], read.length
    ('Sciatica', ('pain', 'back'), 4)
    """
    end = _end(lines)
    if not end:
        return FrontMatter({}, {}, {}, 0, (_missing(lines, file),))
    values: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    places: dict[str, Place] = {}
    wrong: list[Diagnostic] = []
    for number, line in enumerate(lines[1:end], start=2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, colon, rest = line.partition(":")
        if not colon or not _is_key(key) or not _is_value(rest.strip()):
            wrong.append(_unreadable(Place(file, number, 1, len(line) + 1, "", line)))
            continue
        column = len(line) - len(rest.lstrip()) + 1
        place = Place(file, number, column, max(len(line.rstrip()) + 1, column), key, line)
        wrong += _double(key, places, place)
        places[key] = place
        unfit = _unfit(key, rest.strip())
        if unfit:
            wrong.append(_wrong_kind(key, place, unfit))
        elif key in LISTS:
            lists[key] = _items(rest)
        else:
            values[key] = _bare(rest)
    return FrontMatter(values, lists, places, end + 1, tuple(wrong))


def _end(lines: Sequence[str]) -> int:
    """Index of the closing fence; 0 where the page has no front matter."""
    if not lines or lines[0].rstrip() != FENCE:
        return 0
    return next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), 0)


def _is_key(key: str) -> bool:
    return key.isascii() and key.replace("_", "").isalnum() and key == key.lower()


def _is_value(text: str) -> bool:
    """False for what YAML reads as something else than words, a quotation or a flat list."""
    if text.startswith("["):
        return text.endswith("]") and "[" not in text[1:] and "]" not in text[:-1]
    if text[:1] in ('"', "'"):
        return len(text) > 1 and text.endswith(text[0])
    return text[:1] not in ("{", "|", ">", "&", "*", "!", "%", "@", "`")


def _unfit(key: str, text: str) -> str:
    """What a value is, where it is neither words nor, for a list, words between commas."""
    if key not in KNOWN:
        return ""
    if text.lower() in _NOTHING:
        return "nothing"
    if key not in LISTS:
        return "a list" if text.startswith("[") else ""
    for item in _split(text):
        bare = not item.startswith(('"', "'"))
        if bare and (": " in item or item.endswith(":") or item.startswith("{")):
            return "a pair of key and value"
        if item.lower() in _NOTHING:
            return "nothing"
    return ""


def _items(text: str) -> tuple[str, ...]:
    return tuple(item for item in map(_bare, _split(text)) if item)


def _split(text: str) -> list[str]:
    """What stands between the commas of a list, quotation marks and all."""
    text = text.strip()
    inside = text[1:-1] if text.startswith("[") else text
    items, quote = [""], ""
    for character in inside:
        if character in "\"'" and quote in ("", character):
            quote = "" if quote else character
        if character == "," and not quote:
            items.append("")
        else:
            items[-1] += character
    return [item.strip() for item in items]


def _bare(text: str) -> str:
    text = text.strip()
    quoted = len(text) > 1 and text[0] in "\"'" and text[-1] == text[0]
    return text[1:-1] if quoted else text


def _missing(lines: Sequence[str], file: str) -> Diagnostic:
    return Diagnostic(
        "PAG001",
        Severity.ERROR,
        Place(file, source=lines[0] if lines else ""),
        "the page has no front matter",
        "the first line is not --- or no second --- follows it",
        "title, author, dates and categories are unknown",
        "open the page with ---, then title: ..., " + ", ".join(REQUIRED[1:]) + ", then ---",
    )


def _unreadable(place: Place) -> Diagnostic:
    return Diagnostic(
        "PAG002",
        Severity.ERROR,
        place,
        "this line of the front matter cannot be read",
        place.source.strip()[:80],
        "the line is not used",
        "write key: value on one line, and a list as key: [one, two]",
    )


def _wrong_kind(key: str, place: Place, kind: str) -> Diagnostic:
    advice = {
        "categories": "write words, as in categories: [Sciatica, Acupuncture]",
        "author": "write the names as one text, as in author: A. One and B. Two",
    }
    return Diagnostic(
        "PAG012",
        Severity.ERROR,
        place,
        f"{key} in the front matter must be " + ("a list of words" if key in LISTS else "words"),
        f"{place.source.strip()[:80]} ({kind})",
        "the page counts as having none",
        advice.get(
            key, f"write {key}: and the words; put them in quotation marks if they are meant"
        ),
    )


def _double(key: str, places: Mapping[str, Place], place: Place) -> list[Diagnostic]:
    if key in KNOWN and key not in places:
        return []
    if key not in KNOWN:
        return [
            Diagnostic(
                "PAG004",
                Severity.WARNING,
                place,
                f"unknown key {key!r} in the front matter",
                so="it is not used",
                help="the keys are " + ", ".join(KNOWN),
            )
        ]
    return [
        Diagnostic(
            "PAG002",
            Severity.ERROR,
            place,
            f"{key!r} stands in the front matter twice",
            f"first in line {places[key].line}",
            "the last one is used",
            "keep one of them",
        )
    ]
