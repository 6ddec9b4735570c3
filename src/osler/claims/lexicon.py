"""The word lists that ship with Osler, as phrases.

They are TOML files in ``lexicon/``: a health writer can read them, and say which word is
missing or wrong.
"""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from osler.claims.words import Phrases


@cache
def table(name: str) -> Mapping[str, Sequence[str]]:
    """The lists of one file, by group.

    Examples
    --------
    >>> table("certainty")["moderate"][:2]
    ['probably', 'likely']
    """
    text = files("osler.claims").joinpath("lexicon", f"{name}.toml").read_text(encoding="utf-8")
    return {group: list(value) for group, value in tomllib.loads(text).items()}


@cache
def phrases(name: str, *groups: str) -> Phrases:
    """One file's groups as phrases; all of them where none is named.

    The group "neutral" always takes part: its phrases hold a word of another group and
    mean something else.
    """
    lists = table(name)
    wanted = (*groups, "neutral") if groups else tuple(lists)
    return Phrases({group: lists[group] for group in wanted if group in lists})


@cache
def numbers() -> Mapping[str, Mapping[str, float]]:
    """Number words and shares in words."""
    text = files("osler.claims").joinpath("lexicon", "numbers.toml").read_text(encoding="utf-8")
    read = tomllib.loads(text)
    return {"values": read["values"], "shares": read["shares"]}


@cache
def number_words() -> Mapping[str, Phrases]:
    """Words around numbers ("up to", "lifetime"), each group by itself."""
    text = files("osler.claims").joinpath("lexicon", "numbers.toml").read_text(encoding="utf-8")
    return {name: Phrases({name: lists}) for name, lists in tomllib.loads(text)["words"].items()}
