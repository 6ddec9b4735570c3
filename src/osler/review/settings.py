"""osler.toml and certainty.toml: TOML text to typed values, with the line of each key."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.toml_text import read_toml

Toml: TypeAlias = Mapping[str, object]

FORMAT = 1
LARGEST_NUMBER = 1e12  # no week, score or place in a list comes near


@dataclass(frozen=True)
class Settings:
    """One TOML file: its values, its lines, and a list that readers add diagnostics to."""

    file: str
    values: Toml
    lines: Sequence[str]
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def place(self, table: str = "", index: int = 0, key: str = "") -> Place:
        """Where ``key`` of the ``index``-th ``[[table]]`` (or ``[table]``) stands."""
        heads = self._heads.get(table, ())
        start = heads[index] if index < len(heads) else 0
        for number in range(start, len(self.lines)) if key else ():
            line = self.lines[number].lstrip()
            inside = bool(table) and line.strip("[").startswith(f"{table}.")
            if number > start and line.startswith("[") and not inside:
                break
            if line.startswith(key) and line[len(key) :].lstrip().startswith("="):
                return self._whole_line(number, key)
        return self._whole_line(start, key)

    def header_of(self, table: str, parent: str, index: int) -> int | None:
        """Which ``[table]`` line belongs to the ``index``-th ``[[parent]]``, if one does."""
        parents = [*self._heads.get(parent, ()), len(self.lines)]
        start, end = (parents[index], parents[index + 1]) if index + 1 < len(parents) else (0, 0)
        lines = self._heads.get(table, ())
        return next((i for i, line in enumerate(lines) if start < line < end), None)

    def _whole_line(self, number: int, key: str) -> Place:
        shown = self.lines[number] if number < len(self.lines) else ""
        return Place(self.file, number + 1, 1, len(shown) + 1, key, shown)

    @cached_property
    def _heads(self) -> Mapping[str, Sequence[int]]:
        """Lines of the table headers, by the table's name."""
        found: dict[str, list[int]] = {}
        for number, line in enumerate(self.lines):
            head = re.match(r"\s*\[\[?([^\[\]]+)\]", line)
            if head:
                found.setdefault(head[1].strip(), []).append(number)
        return found

    def report(
        self, code: str, message: str, place: Place, *, found: str = "", so: str = "", help: str
    ) -> None:
        self.diagnostics.append(
            Diagnostic(code, Severity.ERROR, place, message, found=found, so=so, help=help)
        )


@dataclass(frozen=True)
class Table:
    """One table of a TOML file, read key by key; every wrong key becomes a diagnostic."""

    settings: Settings
    name: str
    index: int
    values: Toml
    inline: Place | None = None

    def place(self, key: str = "") -> Place:
        """Where ``key`` stands; the whole line of a table that is written on one line."""
        return self.inline or self.settings.place(self.name, self.index, key)

    def text(self, key: str, default: str | None = None) -> str:
        """A string; without a default the key is required and may not be blank."""
        value = self._value(key, (str,), "a text in quotes", default)
        if default is None and isinstance(value, str) and not value.strip():
            self.settings.report(
                "REV003",
                f"{key} is empty",
                self.place(key),
                so="nothing can be named by it",
                help=f"write {key} = a text in quotes",
            )
        return value if isinstance(value, str) else ""

    def number(self, key: str, default: float | None = None) -> float | None:
        value = self._value(key, (int, float), "a number", default, optional=True)
        if not isinstance(value, int | float):
            return None
        if abs(value) < LARGEST_NUMBER:  # false for nan too; int() of a bigger one may fail
            return float(value)
        self._wrong(key, value, "a number that can be computed with")
        return default

    def truth(self, key: str, default: bool = False) -> bool:
        return self._value(key, (bool,), "true or false", default) is True

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        value = self._value(key, (list,), "a list of texts", default)
        if not isinstance(value, list):
            return default or ()
        good = tuple(v for v in value if isinstance(v, str) and v.strip())
        if len(good) < len(value):
            self._wrong(key, value, "a list of texts", "what is not a text is left out")
        return good

    def choice(self, key: str, known: Sequence[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value in known:
            return value
        if value or (default is not None and self.values.get(key) == ""):
            close = difflib.get_close_matches(value, known, 1)
            self.settings.report(
                "REV004",
                f"{key} is {value!r}, which is not one of {', '.join(known)}",
                self.place(key),
                so=f"{known[0]!r} is used for this check",
                help=f"did you mean {close[0]!r}?" if close else f"write one of {', '.join(known)}",
            )
        return known[0]

    def table(self, key: str) -> "Table | None":
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self._wrong(key, value, "a table: { ... }")
            return None
        name = f"{self.name}.{key}"
        header = self.settings.header_of(name, self.name, self.index)
        inline = self.place(key) if header is None else None
        return Table(self.settings, name, header or 0, value, inline)

    def expect(self, known: Sequence[str]) -> None:
        """Says which keys nobody reads."""
        for key in self.values:
            if key not in known:
                close = difflib.get_close_matches(key, known, 1)
                self.settings.diagnostics.append(
                    Diagnostic(
                        "REV005",
                        Severity.WARNING,
                        self.place(key),
                        f"{key!r} is not a key of [{self.name or 'osler.toml'}]",
                        so="it is not read",
                        help=f"did you mean {close[0]!r}?"
                        if close
                        else f"known keys: {', '.join(known)}",
                    )
                )

    def _value(
        self,
        key: str,
        kinds: tuple[type, ...],
        wanted: str,
        default: object,
        optional: bool = False,
    ) -> object:
        value = self.values.get(key)
        if value is None:
            if default is None and not optional:
                self.settings.report(
                    "REV003",
                    f"[{self.name or 'osler.toml'}] needs the key {key!r}",
                    self.place(),
                    so="it is read as empty",
                    help=f"add {key} = {wanted}",
                )
            return default
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            self._wrong(key, value, wanted)
            return default
        return value

    def _wrong(self, key: str, value: object, wanted: str, so: str = "it is read as empty") -> None:
        self.settings.report(
            "REV004",
            f"{key} must be {wanted}",
            self.place(key),
            found=f"{key} is {str(value)[:80]!r}",
            so=so,
            help=f"write {wanted}",
        )


def parse_settings(text: str, file: str) -> Settings:
    """The values of a TOML text; a syntax error is a diagnostic at its line."""
    lines = text.splitlines()
    try:
        return Settings(file, dict(read_toml(text)), lines)
    # A number of thousands of digits is a ValueError, deep nesting a RecursionError.
    except (ValueError, RecursionError) as error:
        at = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(at[1]), int(at[2])) if at else (max(1, len(lines)), 1)
        source = lines[line - 1] if 0 < line <= len(lines) else ""
        settings = Settings(file, {}, lines)
        settings.report(
            "REV006",
            f"this is not TOML: {str(error).split(' (at')[0][:1].lower()}"
            f"{str(error).split(' (at')[0][1:]}",
            Place(file, line, column, column + 1, "", source),
            so="nothing in this file is read",
            help="texts stand in quotes, lists in [ ], and every key once in its table",
        )
        return settings


def tables(settings: Settings, name: str) -> list[Table]:
    """All ``[[name]]`` tables of a file, in order."""
    value = settings.values.get(name, [])
    if not isinstance(value, list):
        settings.report(
            "REV004",
            f"{name} must be written as [[{name}]]",
            settings.place(key=name),
            found=f"{name} is {str(value)[:80]!r}",
            so="it is not read",
            help=f"write each one under its own [[{name}]] line",
        )
        return []
    if not all(isinstance(v, dict) for v in value):
        settings.report(
            "REV004",
            f"{name} holds what is not a table",
            settings.place(key=name),
            found=f"{name} is {str(value)[:80]}",
            so="that part of it is not read",
            help=f"write each one under its own [[{name}]] line",
        )
    return [Table(settings, name, i, v) for i, v in enumerate(value) if isinstance(v, dict)]


def table(settings: Settings, name: str) -> Table:
    """The one ``[name]`` table of a file; empty where there is none."""
    value = settings.values.get(name, {})
    if not isinstance(value, dict):
        settings.report(
            "REV004",
            f"{name} must be written as [{name}]",
            settings.place(key=name),
            found=f"{name} is {str(value)[:80]!r}",
            so="it is not read",
            help=f"write its keys under a [{name}] line",
        )
    return Table(settings, name, 0, value if isinstance(value, dict) else {})
