"""Lists that every rule file may use as ``"@name"``."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

# With these lists, what a folder calls its treatments and its condition is looked for too.
NAMED = frozenset({"treatments", "conditions"})


@cache
def shared_lists() -> Mapping[str, list[str]]:
    """The shipped lists by name.

    Examples
    --------
    >>> "migraine*" in shared_lists()["conditions"]
    True
    """
    text = files("osler.claims").joinpath("rules", "lists.toml").read_text(encoding="utf-8")
    return {name: list(words) for name, words in tomllib.loads(text).items()}
