"""What deduplication gives, as values: pairs with reasons, groups, links, judgements."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from osler.core.diagnostics import Diagnostic
from osler.records.model import Record


class Standing(StrEnum):
    """What became of a pair of records that look alike."""

    MERGED = "merged"
    LOOK = "look"
    APART = "apart"


class LinkKind(StrEnum):
    """How two records that are not the same one belong together."""

    DIFFERENT_DOI = "different DOI"
    DIFFERENT_PMID = "different PMID"
    DIFFERENT_REGISTRATION = "different registration"
    SERIES = "part of a series"
    CORRECTION = "correction"
    REPLY = "comment or reply"
    ABSTRACT = "abstract and full paper"
    PROTOCOL = "protocol"
    UPDATE = "update of a review"
    OTHER_REPORT = "other report"


class Opinion(StrEnum):
    """What a person said of two records; ``OPEN`` takes what was said before back."""

    MERGED = "merged"
    APART = "apart"
    LINKED = "linked"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One row of a file that only grows; of two on the same pair the later row holds.

    ``when`` is ISO 8601 in UTC; ``kind`` says how records that are ``LINKED`` belong together.
    """

    first: str
    second: str
    opinion: Opinion
    who: str
    when: str
    kind: LinkKind | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that were compared, and what speaks for and against their being one.

    Attributes
    ----------
    first, second : str
        Keys of the records, the smaller first.
    probability : float
        That they are one record, as the weights have it, before any bar to merging.
    speaks_for, speaks_against : tuple of str
        Reasons in words, the weightiest first: "same DOI", "title 0.98".
    bar : str
        Why they may not be merged however alike they are; "" where nothing bars it.
    link : LinkKind or None
        How they belong together where they are kept apart.
    judged : Judgement or None
        What a person said, which always holds.
    """

    first: str
    second: str
    standing: Standing
    probability: float
    speaks_for: tuple[str, ...] = ()
    speaks_against: tuple[str, ...] = ()
    bar: str = ""
    link: LinkKind | None = None
    judged: Judgement | None = None

    @property
    def keys(self) -> tuple[str, str]:
        """Both keys."""
        return self.first, self.second

    @property
    def reason(self) -> str:
        """Why it stands as it does, in one line.

        Examples
        --------
        >>> Pair("a", "b", Standing.MERGED, 0.99, ("same DOI", "same title")).reason
        'same DOI, same title'
        >>> Pair("a", "b", Standing.APART, 0.9, ("same title",), ("different DOIs",)).reason
        'same title; but different DOIs'
        """
        if self.judged is not None:
            return f"{self.judged.opinion} by {self.judged.who}"
        against = [text for text in (self.bar, *self.speaks_against) if text]
        spoken = ", ".join(self.speaks_for)
        if self.standing is Standing.MERGED or not against:
            return spoken
        return f"{spoken}; but {', '.join(dict.fromkeys(against))}"


@dataclass(frozen=True, slots=True)
class Group:
    """Records that are one, and the pairs that hold them together."""

    key: str
    records: tuple[Record, ...]
    pairs: tuple[Pair, ...]

    @property
    def members(self) -> tuple[str, ...]:
        """Keys of the records."""
        return tuple(record.key for record in self.records)


@dataclass(frozen=True, slots=True)
class Library:
    """What an earlier search left: its records, what was found of their pairs, its groups.

    ``groups`` maps a group's key, which is one of its members', to the members, so that a group
    keeps its key for good.
    """

    records: tuple[Record, ...] = ()
    pairs: tuple[Pair, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Every record, and in which of the three classes its pairs fell.

    Attributes
    ----------
    records : tuple of Record
        All of them, each with its key, in order of keys.
    groups : tuple of Group
        Records that were merged, two or more each.
    look : tuple of Pair
        For a person to look at, the likeliest duplicates first.
    apart : tuple of Pair
        Alike, and kept apart for a reason; those with a ``link`` belong together.
    merges : tuple of Pair
        Every pair that was found to be one record.
    found : tuple of Pair
        Every pair as it was found, before judgements and groups: what ``library`` keeps.
    diagnostics : tuple of Diagnostic
        What a person has to know: judgements without records, blocks that were split.
    """

    records: tuple[Record, ...]
    groups: tuple[Group, ...]
    look: tuple[Pair, ...]
    apart: tuple[Pair, ...]
    merges: tuple[Pair, ...]
    found: tuple[Pair, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def links(self) -> tuple[Pair, ...]:
        """Pairs that are kept apart and belong together."""
        return tuple(pair for pair in self.apart if pair.link is not None)

    @property
    def surplus(self) -> int:
        """Records that merging removes."""
        return sum(len(group.records) - 1 for group in self.groups)

    @property
    def library(self) -> Library:
        """What the next search starts from."""
        return Library(
            self.records,
            self.found,
            MappingProxyType({group.key: group.members for group in self.groups}),
        )
