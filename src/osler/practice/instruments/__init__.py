"""Questionnaires as text files: what is asked, how it is scored, what change matters, who owns it.

Shipped are those that may be: a licensee puts the text of another into a folder of their own.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity

SHIPPED = ("pain-nrs", "global-change", "rmdq")
KINDS = ("scale", "choice", "tick")
SCORINGS = ("single", "sum", "ticks")
LARGEST = 1e6
"""No scale goes further; beyond some digits a number would not be the one that was answered."""
LONGEST_NAME = 100
_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
_NEEDED = ("key", "name", "measure", "low", "high", "better", "licence", "scoring", "items")


@dataclass(frozen=True, slots=True)
class Item:
    """One question: a number on a scale, one of several answers, or a sentence to tick."""

    key: str
    text: str
    kind: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire.

    ``measure`` is its name in tables ("pain 0-10"); ``mid`` the smallest change in one person
    that matters, None where none is agreed; ``improved_at`` the value from which an answer
    itself says "improved" (a measure of change), None for all others.
    """

    key: str
    name: str
    measure: str
    low: float
    high: float
    better: str
    licence: str
    scoring: str
    items: tuple[Item, ...]
    mid: float | None = None
    mid_source: str = ""
    improved_at: float | None = None
    source: str = ""
    instruction: str = ""


def parse_instrument(text: str, file: str = "") -> Instrument:
    """Reads one questionnaire; raises DataError (PRA010) with everything that is wrong with it.

    Examples
    --------
    >>> shipped("rmdq").name, len(shipped("rmdq").items)
    ('Roland-Morris Disability Questionnaire', 24)
    """
    try:
        raw = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also a number of 5,000 digits
        raise DataError(_wrong(file, f"it is not TOML: {error}")) from None
    faults = list(_faults(raw))
    if faults:
        raise DataError(*(_wrong(file, fault) for fault in faults))
    items = tuple(
        Item(str(i["key"]), i["text"], i["kind"], tuple(i.get("options", ()))) for i in raw["items"]
    )
    rest = {k: v for k, v in raw.items() if k != "items"}
    return Instrument(**rest, items=items)


def shipped(key: str) -> Instrument:
    """One of the questionnaires that come with Osler; KeyError where it is none of them."""
    if key not in SHIPPED:
        raise KeyError(key)
    file = resources.files(__name__) / f"{key}.toml"
    return parse_instrument(file.read_text("utf-8"), f"{key}.toml")


def score(instrument: Instrument, answers: Mapping[str, float]) -> float | None:
    """The score of one filled questionnaire; None where an answer that it needs is missing.

    Parameters
    ----------
    instrument : Instrument
    answers : mapping of item key to number
        A scale's number, the place of a choice from 1, 1 for a tick. A sentence that is not
        ticked may be left out; any other question may not.

    Raises
    ------
    ValueError
        Where a key is no question's, or a number none of its answers.

    Examples
    --------
    >>> score(shipped("pain-nrs"), {"pain": 7}), score(shipped("rmdq"), {"1": 1, "13": 1})
    (7.0, 2.0)
    >>> score(shipped("pain-nrs"), {}) is None
    True
    """
    keys = {item.key: item for item in instrument.items}
    for key, value in answers.items():
        if key not in keys:
            raise ValueError(f"{instrument.key} has no question {key!r}")
        if not _allowed(instrument, keys[key], value):
            raise ValueError(f"{value:g} is no answer to question {key!r} of {instrument.key}")
    if instrument.scoring != "ticks" and set(answers) != set(keys):
        return None
    return float(sum(answers.values()))


def _allowed(instrument: Instrument, item: Item, value: float) -> bool:
    if item.kind == "tick":
        return value in (0, 1)
    if item.kind == "choice":
        return value in range(1, len(item.options) + 1)
    return instrument.low <= value <= instrument.high


def _faults(raw: Mapping[str, object]) -> Sequence[str]:
    missing = [f"{name} is missing" for name in _NEEDED if name not in raw]
    known = Instrument.__dataclass_fields__
    unknown = [f"{name} is not a setting of a questionnaire" for name in raw if name not in known]
    if missing or unknown:
        return [*missing, *unknown]
    texts = [
        f"{name} must be text"
        for name, field in known.items()
        if field.type in ("str", str) and not isinstance(raw.get(name, ""), str)
    ]
    numbers = [
        f"{name} must be a number, and no further from 0 than {LARGEST:g}"
        for name in ("low", "high", "mid", "improved_at")
        if name in raw and not _is_number(raw[name])
    ]
    if texts or numbers:
        return [*texts, *numbers]
    return [*_name_faults(raw), *_choices(raw), *_item_faults(raw["items"], str(raw["scoring"]))]


def _name_faults(raw: Mapping[str, object]) -> Sequence[str]:
    """They stand in tables and forms: one line each, and no longer than a table has room for."""
    found = []
    if not _KEY.fullmatch(str(raw["key"])):
        found.append("key must be letters, digits, hyphens, 40 at most")
    for name in ("name", "measure"):
        told = str(raw[name])
        if not told.strip() or not told.isprintable() or len(told) > LONGEST_NAME:
            found.append(f"{name} must be one line of 1 to {LONGEST_NAME} characters")
    return found


def _is_number(value: object) -> bool:
    """A finite one of a size that a scale has; a comparison with nan is never true."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -LARGEST <= value <= LARGEST


def _choices(raw: Mapping[str, object]) -> Sequence[str]:
    found = []
    if raw["better"] not in ("lower", "higher"):
        found.append('better must be "lower" or "higher"')
    if raw["scoring"] not in SCORINGS:
        found.append(f"scoring must be one of {', '.join(SCORINGS)}")
    if not float(str(raw["low"])) < float(str(raw["high"])):
        found.append("low must be below high")
    return found


def _item_faults(items: object, scoring: str) -> Sequence[str]:
    if not isinstance(items, list) or not items:
        return ["there must be at least one [[items]]"]
    found, seen = [], set()
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict) or not {"key", "text", "kind"} <= item.keys():
            found.append(f"item {number} needs key, text and kind")
            continue
        if str(item["key"]) in seen:
            found.append(f"two items have the key {item['key']!r}")
        seen.add(str(item["key"]))
        found += [f"item {number}: {fault}" for fault in _own_faults(item)]
    if scoring == "single" and len(items) != 1:
        found.append('scoring = "single" is for one item')
    return found


def _own_faults(item: Mapping[str, object]) -> Sequence[str]:
    """What is wrong with one question by itself."""
    found = []
    if not isinstance(item["key"], str | int) or not _KEY.fullmatch(str(item["key"])):
        found.append("the key must be letters, digits, hyphens")
    if not isinstance(item["text"], str) or not item["text"].strip():
        found.append("the text must be text")
    if item["kind"] not in KINDS:
        found.append(f"the kind must be one of {', '.join(KINDS)}")
    options = item.get("options", [])
    if not isinstance(options, list) or not all(isinstance(told, str) for told in options):
        found.append("the options must be a list of texts")
    elif item["kind"] == "choice" and len(options) < 2:
        found.append("a choice needs at least two options")
    return found


def _wrong(file: str, fault: str) -> Diagnostic:
    return Diagnostic(
        code="PRA010",
        severity=Severity.ERROR,
        place=Place(file),
        message="a questionnaire's file cannot be used",
        found=fault,
        so="the questionnaire is not offered",
        help="compare it with the shipped ones; osler explain PRA010 lists every setting",
    )
