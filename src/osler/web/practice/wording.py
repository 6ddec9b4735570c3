"""What people agree to, in words that have a version."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from osler.web.practice.models import Purpose


@dataclass(frozen=True)
class Wording:
    """The words in force for one purpose."""

    purpose: str
    version: str
    text: str

    @property
    def label(self) -> str:
        return str(Purpose(self.purpose).label)


@cache
def wordings() -> Mapping[str, Wording]:
    """The last wording of each purpose, in the order in which people are asked."""
    text = (resources.files(__package__) / "wordings.toml").read_text("utf-8")
    told = tomllib.loads(text)
    return {p.value: Wording(p.value, **told[p.value][-1]) for p in Purpose}
