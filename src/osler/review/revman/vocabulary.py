"""RevMan's words for measures, domains and judgements, and what they are called here."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Words:
    """See ``words.toml``."""

    measures: Mapping[str, str]
    ratios: frozenset[str]
    domains: tuple[tuple[str, tuple[str, ...]], ...]
    judgements: Mapping[str, str]

    def measure(self, text: str) -> str:
        """The name of a measure; empty where RevMan's word is not known.

        Examples
        --------
        >>> words().measure("Std. Mean Difference"), words().measure("PETO_OR")
        ('SMD', 'PETO')
        """
        plain = re.sub(r"\s*\(.*?\)\s*$|^log\s+", "", text.strip().casefold())
        return self.measures.get(plain, "")

    def domain(self, item: str) -> str:
        """The domain that an item of the table belongs to; empty where it belongs to none."""
        plain = item.casefold()
        for name, parts in self.domains:
            if any(part in plain for part in parts):
                return name
        return ""

    def judgement(self, text: str) -> str:
        """How an answer reads as a judgement; empty where it is not known."""
        return self.judgements.get(text.strip().casefold(), "")


@cache
def words() -> Words:
    found = tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf-8"))
    return Words(
        MappingProxyType(found["measures"]),
        frozenset(found["ratios"]["names"]),
        tuple((each["name"], tuple(each["words"])) for each in found["domains"]),
        MappingProxyType(found["judgements"]),
    )
