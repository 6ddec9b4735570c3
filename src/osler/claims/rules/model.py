"""A rule, a pack of rules, and what a folder chooses of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from osler.core.diagnostics import Place, Severity

# What a rule looks for. "built-in" is a reading that phrases cannot say, named by `what`;
# "elsewhere" lists a code that other parts of the checker give.
Check = Literal[
    "existence", "substitution", "requires", "occurrence", "limit", "built-in", "elsewhere"
]
Scope = Literal["sentence", "paragraph", "section", "page"]

DEFAULT_PACKS = ("grade", "plain-language", "consistency")
# Packs that come on by themselves where a site speaks this language.
PACKS_BY_LANGUAGE: Mapping[str, tuple[str, ...]] = {"en-GB": ("uk-cap",)}


@dataclass(frozen=True, slots=True)
class Terms:
    """Phrases to look for, those that only look alike, and names that the folder adds.

    ``named`` holds "therapies", "treatments" or "conditions" where such a list takes part:
    what the folder calls them is then looked for too.
    """

    patterns: tuple[str, ...]
    neutral: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a pack. :mod:`osler.claims.rules.reading` tells what each key means."""

    pack: str
    id: str
    code: str
    severity: Severity
    check: Check
    message: str
    help: str
    source: str
    seen: date | None
    expires: date | None
    place: Place
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()
    find: Terms = Terms(())
    then: tuple[Terms, ...] = ()
    near: tuple[Terms, ...] = ()
    unless: Terms = Terms(())
    needs: Terms = Terms(())
    swap: Mapping[str, str] = field(default_factory=dict)
    safe: bool = False
    gap: int = 4
    where: frozenset[str] = frozenset()
    under: Terms = Terms(())
    denied: bool = False
    asked: bool = False
    unmarked: bool = False
    once: bool = False
    scope: Scope = "sentence"
    at_most: int | None = None
    at_least: int | None = None
    metric: str = ""
    above: float | None = None
    what: str = ""
    instead_of: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The rule as a diagnostic and a comment name it."""
        return f"{self.pack}/{self.id}"

    def is_expired(self, today: date) -> bool:
        return self.expires is not None and self.expires < today


@dataclass(frozen=True, slots=True)
class Pack:
    """A file of rules. ``languages`` is empty where they fit any."""

    name: str
    title: str
    file: str
    rules: tuple[Rule, ...]
    languages: tuple[str, ...] = ()
    shipped: bool = False


@dataclass(frozen=True, slots=True)
class RuleChoice:
    """``[rules]`` of osler.toml. ``packs`` is None where the folder leaves it to Osler.

    ``place`` is where the table stands.
    """

    packs: tuple[str, ...] | None = None
    off: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    place: Place = field(default_factory=lambda: Place("osler.toml"))
