"""What words amount to ("nearly all", "rare"), and how units and identifiers look: data."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from osler.claims.language.words import Mention, Phrases, Word


@dataclass(frozen=True, slots=True)
class Share:
    """A word and the least share it may stand for; with ``above``, more than that."""

    name: str
    least: float
    above: bool

    def holds(self, share: float) -> bool:
        """Whether a share carries the word.

        Examples
        --------
        >>> Share("most", 0.5, True).holds(0.5), Share("nearly all", 0.9, False).holds(0.9)
        (False, True)
        """
        return share > self.least + 1e-12 if self.above else share >= self.least - 1e-12


@cache
def _data() -> dict[str, Any]:
    text = files("osler.claims.language").joinpath("yardsticks.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _scale(kind: str) -> tuple[Phrases, dict[str, Share]]:
    rows = _data()[kind]
    words = Phrases({row["name"]: row["words"] for row in rows})
    return words, {
        row["name"]: Share(row["name"], row["least"], row.get("above", False)) for row in rows
    }


def generality_in(words: tuple[Word, ...]) -> list[tuple[Mention, Share]]:
    """Words that tell of how many something holds, each with the least share it stands for."""
    phrases, shares = _scale("generality")
    return [(m, shares[m.name]) for m in phrases.find(words) if m.name != "neutral"]


def frequency_in(words: tuple[Word, ...]) -> list[tuple[Mention, Share]]:
    """Words of frequency as regulators define them, each with the least share of its class."""
    phrases, shares = _scale("frequency")
    return [(m, shares[m.name]) for m in phrases.find(words)]


def frequency_class(share: float) -> Share:
    """The class that a frequency belongs to.

    Examples
    --------
    >>> frequency_class(0.107).name, frequency_class(3 / 6348).name
    ('very common', 'rare')
    """
    _, shares = _scale("frequency")
    return next(s for s in shares.values() if share >= s.least)


@cache
def units() -> dict[str, dict[str, tuple[float, tuple[str, ...]]]]:
    """Units by kind and name: how large one is (0 where it is not converted), and its words."""
    return {
        kind: {name: (unit["factor"], tuple(unit["words"])) for name, unit in group.items()}
        for kind, group in _data()["units"].items()
    }


@cache
def drug_stems() -> tuple[tuple[str, ...], frozenset[str]]:
    """Endings of international nonproprietary names, and names without such an ending."""
    drugs = _data()["drugs"]
    return tuple(drugs["stems"]), frozenset(drugs["names"])


@cache
def registries() -> dict[str, tuple[str, ...]]:
    """Prefixes of trial registers and how the rest of an identifier looks."""
    return {prefix: tuple(shapes) for prefix, shapes in _data()["registries"].items()}
