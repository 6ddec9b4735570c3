"""A page, what its sentences say, and what may be said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Literal

from markdown_it.token import Token

from osler.certainty.model import Finding, Level
from osler.core.diagnostics import Diagnostic, Place
from osler.review.model import Fact

# The first four are held against the folder; the last three say whose words they are.
SpanKind = Literal["claim", "fact", "mechanism", "practice", "opinion", "story", "quote"]
Duration = Literal["", "short-term", "lasting", "permanent"]
Generality = Literal["", "some", "most", "nearly all", "all"]
Source = Literal["", "review", "study", "research", "patients", "authority", "tradition", "writer"]


class Verdict(StrEnum):
    SUPPORTED = "supported"
    OVERSTATED = "overstated"
    UNDERSTATED = "understated"
    CONTRADICTED = "contradicted"
    NOT_SHOWN = "not shown"
    OUT_OF_DATE = "out of date"


class Strength(IntEnum):
    """How strong a relation a sentence states, as Yu, Li and Wang (2019) divide it."""

    NONE = 0
    CORRELATIONAL = 1
    CONDITIONAL_CAUSAL = 2
    CAUSAL = 3


@dataclass(frozen=True, slots=True)
class Meta:
    """The front matter of a page. Dates are ISO 8601 (YYYY-MM-DD)."""

    title: str
    description: str
    author: str
    date: str
    reviewed: str
    next_review: str
    categories: tuple[str, ...]
    draft: bool
    answer: str
    slug: str


@dataclass(frozen=True, slots=True)
class Piece:
    """From character ``offset`` on, a text runs along ``line`` of the file from ``column``."""

    offset: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Span:
    """A marked passage: ``[text]{.claim about="..."}``.

    ``about`` may name several ids, split by ';' in the page. ``pieces`` say where in the
    file each part of ``text`` stands, so that a single word can be underlined.
    """

    kind: SpanKind
    about: tuple[str, ...]
    text: str
    place: Place
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Insertion:
    """``{{ name("argument", ...) }}``: a place that a computed value, table or figure fills."""

    name: str
    arguments: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Citation:
    """``[@key]`` or ``[@key1; @key2]``, one entry for each key."""

    key: str
    place: Place


@dataclass(frozen=True, slots=True)
class Suppression:
    """``<!-- osler: ignore CLM010 because ... -->``: findings that a person has looked at.

    Attributes
    ----------
    codes : tuple of str
        Codes ("CLM010") or rules ("plain-language/long-sentence").
    because : str
        The reason, which is never empty.
    place : Place
        Where the comment stands.
    lines : tuple of int
        The first and the last line it covers, both included.
    """

    codes: tuple[str, ...]
    because: str
    place: Place
    lines: tuple[int, int]

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Whether it is meant for this finding, by code or rule and by line."""
        named = diagnostic.code in self.codes or diagnostic.rule in self.codes
        first, last = self.lines
        return named and first <= diagnostic.place.line <= last


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of running text. ``marked`` tells that a span covers it, wholly or in part.

    Attributes
    ----------
    heading : str
        The text of the nearest heading above it.
    outside : str
        As long as ``text``, with what stands inside spans replaced by spaces.
    pieces : tuple of Piece
        Where each part of ``text`` stands in the file.
    kind : str
        "paragraph", "list", "cell", "heading" or "meta" (title and description).
    block : int
        Number of the paragraph, list item or cell it belongs to, from 1.
    citations : tuple of str
        Keys cited within the sentence.
    """

    text: str
    place: Place
    marked: bool
    heading: str
    outside: str = ""
    pieces: tuple[Piece, ...] = ()
    kind: str = "paragraph"
    block: int = 0
    citations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed article. ``tokens`` are markdown-it's, for rendering; the rest is for judging.

    In ``tokens``, ``span_open``, ``osler_insertion`` and ``osler_citation`` carry their
    :class:`Place` as ``meta["place"]`` (a citation one for each key, as ``meta["places"]``),
    equal to the place of the Span, Insertion or Citation. ``headings`` are judged as
    sentences are; ``lines`` is the file; ``fields`` are the places of the front matter.
    """

    file: str
    meta: Meta
    tokens: Sequence[Token]
    spans: tuple[Span, ...]
    insertions: tuple[Insertion, ...]
    citations: tuple[Citation, ...]
    sentences: tuple[Sentence, ...]
    headings: tuple[Sentence, ...] = ()
    lines: tuple[str, ...] = ()
    fields: Mapping[str, Place] = field(default_factory=dict)
    suppressions: tuple[Suppression, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words of a passage claim.

    ``direction`` is the direction of benefit as worded for the intervention: "better",
    "worse", "none" (says that there is no important difference) or "" (not told).
    ``size``: "large", "moderate", "slight", "none" or "" (not told). ``certainty`` is the
    strongest level that the wording presumes (a bare "reduces" presumes HIGH, "probably"
    MODERATE, "may" LOW, "very uncertain" VERY_LOW). ``absolutes`` are words that no trial
    can carry ("completely", "always"). ``absence`` is True where the words say that
    something has not been shown, which is not to say that it is not so.

    ``comparators``, ``populations`` and ``outcomes`` are the words of the passage that name
    them. ``duration`` and ``generality`` are "" where nothing is told of them. ``safety`` is
    "safe" (harmless, no side effects), "safer" (than something) or "harms" (harms are told).
    ``proof`` is True where a mechanism is given as the reason to believe that it helps.
    ``negated`` tells that the effect itself is denied. ``hedges`` are the hedging words.
    ``source`` is whose statement it is said to be. ``relative_alone`` is True where a relative
    effect ("30% less") stands without an absolute one.
    """

    direction: Literal["better", "worse", "none", ""]
    size: Literal["large", "moderate", "slight", "none", ""]
    certainty: Level
    absolutes: tuple[str, ...]
    absence: bool = False
    comparators: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    duration: Duration = ""
    generality: Generality = ""
    safety: Literal["", "safe", "safer", "harms"] = ""
    proof: bool = False
    negated: bool = False
    hedges: tuple[str, ...] = ()
    source: Source = ""
    relative_alone: bool = False
    strength: Strength = Strength.NONE


@dataclass(frozen=True, slots=True)
class Judged:
    """A passage with its verdict, the evidence it was held against, and what was found."""

    span: Span
    reading: Reading | None
    verdict: Verdict
    findings: tuple[Finding, ...]
    facts: tuple[Fact, ...]
    diagnostics: tuple[Diagnostic, ...]
