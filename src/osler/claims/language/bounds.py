"""What evidence permits, as data: sizes and their words, lengths of time, shares, scope.

TOML files in ``bounds/``, each number with its source.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from osler.claims.language.words import Phrases


@cache
def bounds(name: str) -> Mapping[str, Any]:
    """One file of ``bounds/`` as it stands.

    Examples
    --------
    >>> bounds("grid")["permits"]["small"], bounds("reach")["weeks"]["long_from"]
    ('slight', 52)
    """
    path = files("osler.claims.language").joinpath("bounds", f"{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def scope_phrases(kind: str) -> Phrases:
    """The words of one kind ("people", "conditions", "outcomes") by the group they name.

    Examples
    --------
    >>> from osler.claims.language.words import words_of
    >>> [m.name for m in scope_phrases("people").find(words_of("in pregnant women and children"))]
    ['pregnant women', 'children']
    """
    lists = bounds("scope")
    return Phrases({**lists[kind], **lists["neutral"]})


@cache
def everything(group: str) -> Phrases:
    """Words for all other treatments at once ("everything"), and for standing above them ("best").

    Examples
    --------
    >>> from osler.claims.language.words import words_of
    >>> len(everything("best").find(words_of("It is second to none.")))
    1
    """
    return Phrases({group: bounds("scope")["everything"][group]})


def size_rank(word: str) -> int:
    """How strong a size word is: 0 for none, 3 for large; a bare verb counts as moderate.

    Examples
    --------
    >>> [size_rank(word) for word in ("none", "slight", "", "large")]
    [0, 1, 2, 3]
    """
    grid = bounds("grid")
    order: list[str] = grid["words"]
    return order.index(word or grid["bare"])


def permitted_rank(size: str) -> int:
    """The strongest size word that an effect of this size permits.

    Examples
    --------
    >>> permitted_rank("small") < permitted_rank("important") < permitted_rank("large")
    True
    """
    return size_rank(bounds("grid")["permits"][size])
