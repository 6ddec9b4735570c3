"""Words that a review adds to the lists or takes from them, read from TOML."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from osler.claims.language.words import normal
from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.toml_text import read_toml

# A longer pattern is a sentence, not a phrase, and with more gaps it fits too much.
LONGEST_PATTERN = 12
MOST_GAPS = 2

Names = Mapping[str, tuple[str, ...]]
_LINE = re.compile(r"line (\d+)")
_PART = re.compile(r"\.\.\.|_|(?:\d+(?:[.,]\d+)*%?|[^\W\d_][^\W_]*(?:'[^\W\d_]+)?)\*?")


@dataclass(frozen=True, slots=True)
class Change:
    """One pattern added to the group of a file, or taken from it."""

    name: str
    group: str
    pattern: str
    removes: bool = False


def read_changes(
    toml_text: str,
    file: str,
    names: Names,
    has: Callable[[str, str, str], bool],
    *,
    settings: bool = False,
) -> tuple[tuple[Change, ...], tuple[Diagnostic, ...]]:
    """The changes that a text asks for, and what in it cannot be used.

    Parameters
    ----------
    toml_text : str
        Tables named for the shipped files, with lists named for their groups; those to take
        away stand under ``remove``.
    file : str
        Its name, for the diagnostics.
    names : mapping
        The files that there are, with their groups.
    has : callable
        Whether a pattern (of file, group, pattern) is among the shipped ones.
    settings : bool
        Whether the text is osler.toml, of which only the table ``words`` is meant.
    """
    reader = _Reader(toml_text, file, names, has)
    try:
        read = read_toml(toml_text)
    except (ValueError, RecursionError) as error:
        return (), (reader.broken(str(error)),)
    given = read.get("lexicon", {} if settings else read)
    if not isinstance(given, dict):
        reader.no_tables("lexicon", given)
        given = {}
    changes = tuple(reader.changes(given))
    return changes, tuple(reader.found)


class _Reader:
    def __init__(
        self, text: str, file: str, names: Names, has: Callable[[str, str, str], bool]
    ) -> None:
        self.lines = text.splitlines()
        self.file, self.names, self.has = file, names, has
        self.found: list[Diagnostic] = []

    def broken(self, message: str) -> Diagnostic:
        told = _LINE.search(message)
        line = min(int(told[1]), max(len(self.lines), 1)) if told else max(len(self.lines), 1)
        return Diagnostic(
            "LEX001",
            Severity.ERROR,
            Place(self.file, line, source=self._source(line)),
            "the word list is not TOML",
            message,
            "none of its words is used",
            'write a list as: large = ["tremendous*"]',
        )

    def no_tables(self, name: str, given: object) -> None:
        self._tell(
            "LEX004",
            [name],
            f'"{name}" is a table of lists',
            f"{name} = {given!r:.80}",
            f"write: [{name}.size], and below it: large = [...]",
        )

    def changes(self, given: Mapping[str, object]) -> Iterator[Change]:
        yield from self._tables(given, removes=False)
        removed = given.get("remove", {})
        if isinstance(removed, dict):
            yield from self._tables(removed, removes=True)
        else:
            self.no_tables("remove", removed)

    def _tables(self, given: Mapping[str, object], removes: bool) -> Iterator[Change]:
        for name, groups in given.items():
            if name == "remove" and not removes:
                continue
            if name not in self.names:
                self._unknown("LEX002", name, [name], "list of words", self.names)
                continue
            if not isinstance(groups, dict):
                self.no_tables(name, groups)
                continue
            for group, patterns in groups.items():
                yield from self._group(name, group, patterns, removes)

    def _group(self, name: str, group: str, patterns: object, removes: bool) -> Iterator[Change]:
        if group not in self.names[name]:
            what = f'group of the list "{name}"'
            self._unknown("LEX003", group, [name, group], what, self.names[name])
        elif not isinstance(patterns, list) or not all(isinstance(p, str) for p in patterns):
            self._tell(
                "LEX004",
                [name, group],
                "a group of words is a list of texts",
                f"{name}.{group} = {patterns!r:.80}",
                f'write: {group} = ["one", "another"]',
            )
        else:
            for pattern in patterns:
                yield from self._pattern(Change(name, group, pattern, removes))

    def _pattern(self, change: Change) -> Iterator[Change]:
        found = f"{change.name}.{change.group}: {change.pattern!r:.80}"
        where = [change.name, change.group, change.pattern]
        if why := _unusable(change.pattern):
            self._tell(
                "LEX005",
                where,
                f"a pattern {why}",
                found,
                "write words in full, * after the start of a word for any ending, _ for one "
                "word, ... for up to four",
            )
        elif change.removes and not self.has(change.name, change.group, change.pattern):
            self._tell(
                "LEX006",
                where,
                "a word to take away is not in the list",
                found,
                "write it as the list has it (src/osler/claims/lexicon), stars and all",
                Severity.WARNING,
            )
        else:
            yield replace(change, pattern=normal(change.pattern))

    def _unknown(
        self, code: str, name: str, where: list[str], what: str, known: Iterable[str]
    ) -> None:
        near = get_close_matches(name[:40], list(known), n=1)
        offer = f'did you mean "{near[0]}"?' if near else "there are: " + ", ".join(known)
        self._tell(code, where, f"there is no {what} of this name", f"{name:.80}", offer)

    def _tell(
        self,
        code: str,
        where: list[str],
        message: str,
        found: str,
        help: str,
        severity: Severity = Severity.ERROR,
    ) -> None:
        line = self._line(where)
        place = Place(self.file, line, source=self._source(line))
        self.found.append(Diagnostic(code, severity, place, message, found, "it is left out", help))

    def _line(self, where: list[str]) -> int:
        """The line where the last of some names stands, each looked for after the one before.

        TOML's reader tells no lines, so the names are looked for in the text. Where one is
        written in another way (escapes, dotted keys), the line of what holds it is told.
        """
        at = 0
        for name in where:
            at = next((n for n in range(at, len(self.lines)) if name in self.lines[n]), at)
        return at + 1

    def _source(self, line: int) -> str:
        return self.lines[line - 1] if 0 < line <= len(self.lines) else ""


def _unusable(pattern: str) -> str:
    """Why a pattern could never be matched, or would fit too much; empty where it is sound."""
    parts = normal(pattern).split()
    if not parts:
        return "is empty"
    if len(parts) > LONGEST_PATTERN or parts.count("...") > MOST_GAPS:
        return f"has more than {LONGEST_PATTERN} words or {MOST_GAPS} gaps"
    wrong = [part for part in parts if not _PART.fullmatch(part)]
    if wrong:
        return f'has "{wrong[0]:.40}", which is no word'
    if parts[0] in ("...", "_") or parts[-1] == "...":
        return "begins or ends with a gap"
    if parts[0].endswith("*") and len(parts[0]) < 4:
        return "needs three letters before its first star"
    return ""
