"""Whole-word lists: ``words.toml`` beside this file, never inside other words."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from osler.web.comments.layers.finding import Finding
from osler.web.comments.layers.letters import of_two_alphabets, readings

_WORD = re.compile(r"[^\W_]+%?")
_LONGEST_SHOWN = 40


@dataclass(frozen=True)
class WordList:
    """Phrases that hold a comment, and why."""

    why: str
    phrases: tuple[tuple[str, ...], ...]


@cache
def word_lists() -> Mapping[str, WordList]:
    """All lists by name."""
    path = files("osler.web.comments.layers").joinpath("words.toml")
    read = tomllib.loads(path.read_text("utf-8"))
    return {
        name: WordList(entry["why"], tuple(_phrase(words) for words in entry["words"]))
        for name, entry in read.items()
    }


def _phrase(text: str) -> tuple[str, ...]:
    is_open = text.endswith("*")
    words = [m.group() for m in _WORD.finditer(text.casefold())]
    return (*words[:-1], words[-1] + "*") if is_open else tuple(words)


def judge_words(text: str, own: Sequence[str] = ()) -> Finding:
    """What stands on a list, also in letters that only look like Latin ones.

    ``own`` are the clinic's words and phrases, written as in ``words.toml``.

    Examples
    --------
    >>> judge_words("My specialist spoke of socialism").verdict
    'clean'
    >>> judge_words("c1al1s").reason
    'names a medicine that spam sells: "cialis"'
    >>> judge_words("Cheap CIALIS, order now").reason
    'names a medicine that spam sells: "cialis"; uses words of advertising: "order now"'
    >>> judge_words("Try magnet therapy", own=["magnet*"]).reason
    'is on the list of the clinic: "magnet"'
    """
    found = [[m.group() for m in _WORD.finditer(read)] for read in readings(text)]
    lists = (
        *word_lists().values(),
        WordList("is on the list of the clinic", tuple(map(_phrase, own))),
    )
    told = [f'{each.why}: "{hit}"' for each in lists if (hit := _first_of(found, each))]
    if mixed := of_two_alphabets(text):
        told.append(f'mixes the letters of two alphabets in one word: "{mixed[:_LONGEST_SHOWN]}"')
    if told:
        return Finding("words", "hold", "; ".join(told))
    return Finding("words", "clean", "no word of the lists")


def _first_of(readings: Sequence[list[str]], of: WordList) -> str:
    return next((hit for words in readings if (hit := _first(words, of))), "")


def _first(words: list[str], of: WordList) -> str:
    starts: dict[str, list[int]] = {}
    for n, word in enumerate(words):
        starts.setdefault(word, []).append(n)
    for phrase in of.phrases:
        exact = not phrase[0].endswith("*")
        places = starts.get(phrase[0], []) if exact else range(len(words))
        for n in places:
            if _stands_at(words, n, phrase):
                return " ".join(words[n : n + len(phrase)])
    return ""


def _stands_at(words: list[str], n: int, phrase: tuple[str, ...]) -> bool:
    here = words[n : n + len(phrase)]
    return len(here) == len(phrase) and all(
        word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted
        for word, wanted in zip(here, phrase, strict=True)
    )
