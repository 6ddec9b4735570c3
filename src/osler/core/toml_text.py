"""TOML texts, each read once however many parts of a program look into it."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=32)
def read_toml(text: str) -> Mapping[str, Any]:
    r"""The tables of a text; kept, and so not to be changed.

    The settings of a folder alone are read for the question, for the rules and for the words,
    and they can be long.

    Raises
    ------
    ValueError
        Where it is not TOML; a number of thousands of digits is one too.
    RecursionError
        Where it is nested too deeply.

    Examples
    --------
    >>> read_toml("[words]\nlarge = ['big']")["words"]
    {'large': ['big']}
    """
    return tomllib.loads(text)
