"""An import from its beginning to its end: read twice, write, check what was written."""

import csv
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TextIO

from osler.claims.alone import judge_alone, of_form
from osler.claims.document.page import parse_page
from osler.core.diagnostics import DataError, Diagnostic, Place, Severity, in_order
from osler.core.wording import counted
from osler.publish.pipeline import check_files
from osler.review.folder import read_folder
from osler.web.wordpress.bringing import (
    BroughtPage,
    comment_lines,
    fate_of,
    list_addresses,
    pages,
    redirects_csv,
    survey,
)
from osler.web.wordpress.cleaning import Cleaned
from osler.web.wordpress.model import Entry, Part
from osler.web.wordpress.parsing import parse_wxr
from osler.web.wordpress.preparing import data

OWN = "wordpress"
"""The folder within the review folder for what is no part of the review."""


@dataclass
class Done:
    """What was written, and what there is to say of it."""

    written: list[str] = field(default_factory=list)
    drafts: int = 0
    comments: Counter[str] = field(default_factory=Counter)
    files: int = 0
    moved: int = 0
    left: Mapping[tuple[str, str], int] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    checked: tuple[Diagnostic, ...] = ()


def import_export(export: Path, folder: Path, *, replace: bool, today: date) -> Done:
    """Bring an export into a folder and check the pages.

    Raises OSError where a file cannot be read or written, and DataError where the export has
    no page that can be read.
    """
    done, counts = Done(), Cleaned()
    parts = _Parts(export, counts)
    found = survey(parts, export.name)
    if parts.damage and not found.slugs:
        raise DataError(*parts.damage)
    told = [*parts.damage, *_of_signs(export.name, counts), *found.diagnostics]
    found.moved |= {
        old: new
        for old, new in list_addresses(found, parts.terms).items()
        if old not in found.moved
    }
    own = folder / OWN
    own.mkdir(parents=True, exist_ok=True)
    (folder / "pages").mkdir(exist_ok=True)
    # Names and e-mail addresses of people: not for git, not for other users of the machine.
    (own / ".gitignore").write_text("*\n", encoding="utf-8")
    with (
        _private(own / "comments.jsonl") as comments,
        (own / "files.csv").open("w", encoding="utf-8", newline="") as listed,
    ):
        table = csv.writer(listed, lineterminator="\n")
        table.writerow(("page", "kind", "address", "words"))
        for page in pages(_Parts(export, Cleaned()), found, export.name):
            told += _write(page, folder, replace, done)
            comments.write(comment_lines(page.comments))
            table.writerows((page.file, *map(_cell, row)) for row in page.files)
            done.files += len(page.files)
            done.comments.update(row["status"] for row in page.comments)
    redirects = folder / "redirects.csv"
    before = redirects.read_bytes() if redirects.exists() else b""
    redirects.write_bytes(redirects_csv(before, found))
    done.moved, done.left = len(found.moved), found.left
    done.diagnostics = in_order(told)
    done.checked = check_brought(folder, done.written, today)
    report = own / "report.md"
    report.write_text(report_of(export.name, done), encoding="utf-8")
    return done


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; the words are those of the former site."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


class _Parts:
    """The parts of an export; damage is put down, and what came before it is used."""

    def __init__(self, export: Path, counts: Cleaned) -> None:
        self._export, self._counts = export, counts
        self.damage: tuple[Diagnostic, ...] = ()
        self.terms: dict[tuple[str, str], None] = {}

    def __iter__(self) -> Iterator[Part]:
        try:
            with self._export.open("rb") as stream:
                for part in parse_wxr(stream, self._export.name, self._counts):
                    if isinstance(part, Entry) and fate_of(part) == "page":
                        self.terms |= {(t.slug, t.name): None for t in part.categories}
                    yield part
        except DataError as error:
            self.damage = error.diagnostics


def _private(path: Path) -> TextIO:
    """A file that only its owner reads."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(handle, "w", encoding="utf-8")


def _write(page: BroughtPage, folder: Path, replace: bool, done: Done) -> Sequence[Diagnostic]:
    path, content = folder / page.file, page.text.encode("utf-8", "replace")
    if path.exists() and not replace and path.read_bytes() != content:
        return (_kept(page),)
    path.write_bytes(content)
    done.written.append(page.file)
    done.drafts += page.is_draft
    return page.diagnostics


def check_brought(folder: Path, names: Sequence[str], today: date) -> tuple[Diagnostic, ...]:
    """What the checker says of some pages: with their folder, or alone where it asks nothing."""
    files = read_folder(folder)
    wanted = set(names)
    if "osler.toml" in files:
        _, found = check_files(files, today)
        return tuple(d for d in found if d.place.file in wanted)
    out: list[Diagnostic] = []
    for name in names:
        page, wrong = parse_page(files[name].decode("utf-8", "replace"), name)
        out += [*of_form(page, wrong), *judge_alone(page, today)]
    return in_order(out)


def report_of(export: str, done: Done) -> str:
    """The report as Markdown: what came, what did not, what the checker says of each page."""
    counts = Counter((d.place.file, d.severity) for d in done.checked)
    rows = [
        f"| {name} | {counts[name, Severity.ERROR]} | {counts[name, Severity.WARNING]} |"
        for name in done.written
    ]
    lines = [
        f"# What came of {_in_cell(export)}",
        "",
        *(f"- {line}" for line in summary_lines(done)),
        "- Not taken along of comments: addresses of connections, browsers, writers' websites.",
        "- comments.jsonl holds names and e-mail addresses: delete it once it is on the site.",
        "",
        "## Not brought",
        "",
        *(_told(d) for d in done.diagnostics),
        *([] if done.diagnostics else ["Everything was brought."]),
        "",
        "## Left out, because it is no page",
        "",
        *(
            f"- {n} x {_in_cell(kind)} ({_in_cell(status)}): {_why(kind)}"
            for (kind, status), n in sorted(done.left.items())
        ),
        "",
        "## Findings of the checker",
        "",
        "| page | errors | warnings |",
        "| --- | --- | --- |",
        *rows,
    ]
    return "\n".join(lines) + "\n"


def summary_lines(done: Done) -> list[str]:
    """What was done, a line each."""
    states = ", ".join(f"{n} {state}" for state, n in sorted(done.comments.items()))
    errors = sum(d.severity is Severity.ERROR for d in done.checked)
    warnings = sum(d.severity is Severity.WARNING for d in done.checked)
    drafts = f", {done.drafts} of them as {'a draft' if done.drafts == 1 else 'drafts'}"
    lost = sum(d.is_finding for d in done.diagnostics)
    return [
        f"{counted(len(done.written), 'page')} written{drafts if done.drafts else ''}.",
        f"{counted(done.comments.total(), 'comment')}{f' ({states})' if states else ''}.",
        f"{done.moved} old address{'' if done.moved == 1 else 'es'} in redirects.csv.",
        f"{counted(done.files, 'link')} to pictures and other files of the former site: files.csv.",
        f"{counted(lost, 'thing')} not brought.",
        f"The checker: {counted(errors, 'error')}, {counted(warnings, 'warning')}.",
    ]


def _told(d: Diagnostic) -> str:
    found = f": {_in_cell(d.found)}" if d.found else ""
    return f"- {_in_cell(d.place.file)}:{d.place.line} {d.code} {_in_cell(d.message)}{found}"


def _why(kind: str) -> str:
    return str(data()["kinds"].get(kind, "named above"))


def _in_cell(text: str) -> str:
    return " ".join(text.replace("|", "/").replace("<", "&lt;").split())


def _of_signs(file: str, counts: Cleaned) -> list[Diagnostic]:
    if not counts.unread and not counts.forbidden:
        return []
    return [
        Diagnostic(
            "WEB105",
            Severity.WARNING,
            Place(file),
            "signs of the export could not be read",
            f"{counted(counts.unread, 'byte')} not {counts.encoding}, "
            f"{counted(counts.forbidden, 'sign')} that XML forbids",
            "they stand as \ufffd or as a blank",
            "look for \ufffd in the pages",
        )
    ]


def _kept(page: BroughtPage) -> Diagnostic:
    return Diagnostic(
        "WEB107",
        Severity.WARNING,
        Place(page.file),
        "a page of this name is there already and is not the same",
        "",
        "it stays as it is; the one of the export is not written",
        "rename one of them, or run again with --replace",
    )
