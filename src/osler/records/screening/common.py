"""The words of ``common.toml``, read once: they count in the ranking and explain nothing."""

import tomllib
from functools import cache
from importlib.resources import files


@cache
def common_words() -> frozenset[str]:
    """Articles, pronouns, prepositions and the like.

    Examples
    --------
    >>> "the" in common_words(), "trial" in common_words()
    (True, False)
    """
    text = files("osler.records.screening").joinpath("common.toml").read_text("utf-8")
    return frozenset(word for words in tomllib.loads(text).values() for word in words)
