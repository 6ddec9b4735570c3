"""The words of ``words.toml``, read once."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import cast


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words that titles and journals' names are read by."""

    additions: tuple[str, ...]
    languages: frozenset[str]
    corrections: frozenset[tuple[str, ...]]
    replies: frozenset[tuple[str, ...]]
    protocols: tuple[str, ...]
    several: tuple[str, ...]
    common_titles: frozenset[str]
    silent: frozenset[str]
    cochrane: frozenset[str]
    meetings: frozenset[str]


def _tables() -> Mapping[str, Mapping[str, list[str]]]:
    text = files("osler.records.duplicates").joinpath("words.toml").read_text(encoding="utf-8")
    return cast(Mapping[str, Mapping[str, list[str]]], tomllib.loads(text))


@cache
def vocabulary() -> Vocabulary:
    """The words that ship with Osler."""
    words = _tables()
    notices, journals = words["notices"], words["journals"]
    return Vocabulary(
        tuple(words["additions"]["begins"]),
        frozenset(words["additions"]["languages"]),
        frozenset(tuple(phrase.split()) for phrase in notices["correction"]),
        frozenset(tuple(phrase.split()) for phrase in notices["reply"]),
        tuple(notices["protocol"]),
        tuple(notices["several"]),
        frozenset("".join(title.split()) for title in words["common"]["titles"]),
        frozenset(journals["silent"]),
        frozenset(journals["cochrane"]),
        frozenset(journals["meetings"]),
    )
