"""A whole site in one file: every row, as seen at one moment, and the secret key.

Rows are written as JSON, one a line, by Django's serialisers, so that a site of SQLite can be
brought back as one of PostgreSQL and the other way round. The file appears when it is whole.
"""

import json
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import AutoField, Model

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.web.commands.starting import SECRET
from osler.web.pages import shelf

FORMAT = 1
NOT_KEPT = frozenset(
    ("contenttypes.contenttype", "auth.permission", "sessions.session", "accounts.dailysalt")
)
"""Made anew by Django, or not worth keeping: who is logged in, the salt of the day."""
MOST_TOGETHER = 500


def write_backup(file: Path) -> int:
    """Writes ``file``, which nobody else on the machine can read; gives the number of rows."""
    # A new file with a name that nobody can guess: whatever waits under a known name in a
    # folder that others write to, such as a link, is not written into.
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as out:
            count = _write_archive(out)
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return count


def _write_archive(out: IO[bytes]) -> int:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("rows.jsonl", "w", force_zip64=True) as rows:
            count, last = _write_rows(rows)
        archive.writestr("site.json", json.dumps(_about(count, last), indent=1))
        archive.writestr(SECRET, settings.SECRET_KEY)
    return count


def restore(file: Path) -> int:
    """Brings every row back; gives their number.

    Raises
    ------
    DataError
        WEB010 where the file is no backup or is damaged, WEB011 where another version of
        Osler wrote it, WEB012 where this site is not empty. Nothing is changed then.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            about = json.loads(archive.read("site.json"))
            secret = archive.read(SECRET).decode("ascii").strip()
            _check(about, file)
            with archive.open("rows.jsonl") as rows, transaction.atomic():
                _check_empty(file)
                count = _read_rows(rows)
                if count != about["rows"]:
                    raise DataError(_damaged(file, f"{count} of {about['rows']} rows"))
                _set_sequences(about.get("last", {}))
                shelf.mark_changed()
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError) as error:
        raise DataError(_damaged(file, str(error))) from None
    except (DatabaseError, serializers.base.DeserializationError) as error:
        raise DataError(_damaged(file, str(error))) from None
    _keep_secret(secret)
    return count


def _models() -> list[type[Model]]:
    """All that is kept, what is referred to before what refers to it."""
    found = [
        (config, list(config.get_models(include_auto_created=True)))
        for config in apps.get_app_configs()
    ]
    ordered = serializers.sort_dependencies(found, allow_cycles=True)
    auto = [m for _, models in found for m in models if m not in ordered]
    return [m for m in (*ordered, *auto) if m._meta.managed and m._meta.label_lower not in NOT_KEPT]


def _write_rows(out: IO[bytes]) -> tuple[int, Mapping[str, int]]:
    """How many rows, and the last number that each table has given."""
    count = 0
    with transaction.atomic():
        _see_one_moment()
        for model in _models():
            manager = model._meta.default_manager
            if manager is None:
                continue
            for row in manager.order_by("pk").iterator(chunk_size=MOST_TOGETHER):
                line = serializers.serialize("jsonl", [row])
                out.write(line.rstrip("\n").encode() + b"\n")
                count += 1
        last = _last_numbers()
    return count, last


def _see_one_moment() -> None:
    """All tables as they are now, whatever is written meanwhile; SQLite does so by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _read_rows(rows: IO[bytes]) -> int:
    count = 0
    with connection.constraint_checks_disabled():
        for deserialised in serializers.deserialize("jsonl", _lines(rows)):
            deserialised.save()
            count += 1
    connection.check_constraints()
    return count


def _lines(rows: Iterable[bytes]) -> Iterator[str]:
    for line in rows:
        yield line.decode()


def _set_sequences(last: Mapping[str, int]) -> None:
    """Rows are numbered on from the last that there ever was, also where it is deleted.

    A link in an old e-mail names its row by the number: it must not open another's.
    """
    tables = {model._meta.db_table for model in _numbered()}
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), _models()):
            cursor.execute(statement)
        for table, number in last.items():
            if table in tables and number > 0:
                _number_on(cursor, table, int(number))


def _number_on(cursor: CursorWrapper, table: str, number: int) -> None:
    if connection.vendor == "postgresql":
        sequence = "pg_get_serial_sequence(%s, 'id')"
        cursor.execute(f"SELECT setval({sequence}, %s)", [f'"{table}"', number])
        return
    cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
    cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, number])


def _last_numbers() -> dict[str, int]:
    """By table; 0 where no row was ever there."""
    with connection.cursor() as cursor:
        return {
            model._meta.db_table: _last_number(cursor, model._meta.db_table)
            for model in _numbered()
        }


def _last_number(cursor: CursorWrapper, table: str) -> int:
    if connection.vendor == "postgresql":
        sequence = "pg_get_serial_sequence(%s, 'id')"
        cursor.execute(f"SELECT pg_sequence_last_value({sequence}::regclass)", [f'"{table}"'])
    else:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
    row = cursor.fetchone()
    return int(row[0] or 0) if row else 0


def _numbered() -> list[type[Model]]:
    return [model for model in _models() if isinstance(model._meta.pk, AutoField)]


def _about(rows: int, last: Mapping[str, int]) -> dict[str, object]:
    return {"format": FORMAT, "rows": rows, "last": last, "migrations": _migrations()}


def _migrations() -> list[str]:
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)


def _check(about: dict[str, object], file: Path) -> None:
    if about["format"] != FORMAT or about["migrations"] != _migrations():
        raise DataError(
            Diagnostic(
                "WEB011",
                Severity.ERROR,
                Place(file.name),
                "another version of Osler wrote this backup",
                f"{file.name} has tables of another shape",
                "nothing is brought back",
                "restore it with the version that wrote it, then update",
            )
        )


def _check_empty(file: Path) -> None:
    filled = [
        model._meta.label
        for model in _models()
        if model._meta.default_manager is not None and model._meta.default_manager.exists()
    ]
    if filled:
        raise DataError(
            Diagnostic(
                "WEB012",
                Severity.ERROR,
                Place(file.name),
                "this site is not empty",
                f"there are rows of {', '.join(filled)}",
                "nothing is brought back, and what is there stays as it is",
                "restore into a new folder: osler site restore FILE --data NEW",
            )
        )


def _damaged(file: Path, why: str) -> Diagnostic:
    return Diagnostic(
        "WEB010",
        Severity.ERROR,
        Place(file.name),
        "this is no whole backup of a site",
        f"{file.name}: {why}",
        "nothing is brought back",
        "take another copy of the backup",
    )


def _keep_secret(secret: str) -> None:
    """The old key: links in e-mails that were signed with it go on working."""
    if settings.SITE is not None and "OSLER_SECRET_KEY" not in os.environ:
        path = settings.SITE / SECRET
        path.write_text(f"{secret}\n", "ascii")
