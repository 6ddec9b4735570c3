"""``osler records dedupe``: which records of some files are the same one."""

import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

from osler.cli.collecting import uncollected
from osler.cli.records.folder import fail, tell
from osler.cli.records.reading import opened_export, records_as
from osler.core.diagnostics import Diagnostic
from osler.records.duplicates.finding import find_duplicates
from osler.records.duplicates.merging import unique_records
from osler.records.duplicates.model import Duplicates, Pair
from osler.records.duplicates.reporting import duplicates_text
from osler.records.making import with_key, without_fields
from osler.records.model import Record

EPILOG = """\b
A record is called by the ID that its file gives it (a column ID, id, key or record_id, where
no two are the same), else by its place: the third record of hits.ris is hits.ris:3.

\b
Examples:
  osler records dedupe pubmed.nbib embase.ris
  osler records dedupe all.csv --format json -o groups.json
  osler records dedupe all.csv --format csv -o which-group.csv
  osler records dedupe pubmed.nbib embase.ris --unique unique.ris

\b
Exit codes:
  0  done; nothing needs a person
  1  done; some pairs should be looked at
  2  a file could not be read
"""
_LONGEST_ID = 20  # with spaces around it
_IDS = ("id", "record_id", "recordid", "key", "record id")


@click.command("dedupe", epilog=EPILOG, short_help="Which records are the same one.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="Text for people; JSON with groups, pairs and reasons; CSV with the group of each record.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the answer here.")
@click.option("--unique", type=click.Path(path_type=Path), help="Write each record once, here.")
def dedupe_command(
    files: tuple[Path, ...], style: str, output: Path | None, unique: Path | None
) -> None:
    """Find the duplicates among the records of FILES; no review folder is needed.

    A FILE of - is standard input.

    Three classes: merged, each with its reason; to be looked at; kept apart, with the kind of
    link where two belong together (an erratum, part II, an abstract and the full paper).
    """
    with uncollected():
        read = [_read(file) for file in files]
        found = find_duplicates(_named(files, read))
    tell((*(d for one in read for d in one.diagnostics), *found.diagnostics))
    text = {"text": _text, "json": _json, "csv": _csv}[style](found)
    try:
        if unique is not None:
            unique.write_bytes(records_as(unique_records(found), unique))
        if output is None:
            click.echo(text, nl=False)
        else:
            output.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        fail(f"cannot write {error.filename}: {error.strerror or error}")
    sys.exit(1 if found.look else 0)


class _Export(NamedTuple):
    """What of an export is needed: records without their raw fields, and the IDs in these."""

    records: list[Record]
    ids: list[str]
    diagnostics: tuple[Diagnostic, ...]


def _read(file: Path) -> _Export:
    records, ids = [], []
    with opened_export(file) as stream:
        for record in stream:
            ids.append(_own_id(record))
            records.append(without_fields(record))
        return _Export(records, ids, stream.diagnostics)


def _named(files: Sequence[Path], read: Sequence[_Export]) -> Iterator[Record]:
    """Records called by their own IDs, where these tell all of them apart, else by place."""
    count = Counter(name for one in read for name in one.ids)
    telling = "" not in count and all(n == 1 for n in count.values())
    for file, one in zip(_called(files), read, strict=True):
        for place, (record, name) in enumerate(zip(one.records, one.ids, strict=True), 1):
            yield with_key(record, name if telling else f"{file}:{place}")


def _called(files: Sequence[Path]) -> list[str]:
    """Each file by its name, where two have the same by path, and given twice by a number."""
    for called in ([file.name for file in files], [str(file) for file in files]):
        if len(set(called)) == len(called):
            return called
    return [f"{file}#{number}" for number, file in enumerate(files, 1)]


def _own_id(record: Record) -> str:
    found: dict[str, str] = {}
    for tag, value, _ in record.fields:
        if len(tag) <= _LONGEST_ID and (name := tag.strip().lower()) in _IDS:
            found.setdefault(name, value.strip())
    return next((found[name] for name in _IDS if found.get(name)), "")


def _text(found: Duplicates) -> str:
    return duplicates_text(found) + "\n"


def _json(found: Duplicates) -> str:
    grouped = {key for group in found.groups for key in group.members}
    values = {
        "records": len(found.records),
        "unique": len(found.records) - found.surplus,
        "groups": [
            {"key": g.key, "records": list(g.members), "why": [_pair(p) for p in g.pairs]}
            for g in found.groups
        ],
        "look": [_pair(pair) for pair in found.look],
        "links": [_pair(pair) for pair in found.links],
        "alone": [r.key for r in found.records if r.key not in grouped],
    }
    return json.dumps(values, ensure_ascii=False, indent=1) + "\n"


def _pair(pair: Pair) -> dict[str, Any]:
    out: dict[str, Any] = {"first": pair.first, "second": pair.second, "reason": pair.reason}
    out["probability"] = round(pair.probability, 4)
    return out | ({"link": pair.link.value} if pair.link else {})


def _csv(found: Duplicates) -> str:
    """One row a record: the group that it is in, itself where it is alone, and why."""
    home = {key: group for group in found.groups for key in group.members}
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(("record", "group", "why"))
    for record in found.records:
        group = home.get(record.key)
        reasons = [p.reason for p in group.pairs if record.key in p.keys] if group else []
        why = "; ".join(dict.fromkeys(reasons))
        writer.writerow((record.key, group.key if group else record.key, why))
    return held.getvalue()
