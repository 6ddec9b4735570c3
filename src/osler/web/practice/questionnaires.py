"""The questionnaires that a site can ask: those of Osler, and those of a folder of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.practice.instruments import SHIPPED, Instrument, parse_instrument, shipped
from osler.web.practice.limits import limits


@dataclass(frozen=True)
class Offered:
    """By key, with what was found wrong with the files of the folder."""

    instruments: Mapping[str, Instrument]
    diagnostics: tuple[Diagnostic, ...]


def offered() -> Offered:
    """All that can be asked. A file that cannot be used costs itself alone, and is told of."""
    known = {key: shipped(key) for key in SHIPPED}
    folder = limits().instruments
    return _with_own(known, Path(folder)) if folder else Offered(known, ())


def _with_own(known: dict[str, Instrument], folder: Path) -> Offered:
    found: list[Diagnostic] = []
    try:
        paths = sorted(p for p in folder.iterdir() if p.suffix == ".toml")
    except OSError as error:
        return Offered(known, (_unread(str(folder), error.strerror or str(error)),))
    for path in paths:
        try:
            own = parse_instrument(path.read_text("utf-8"), path.name)
        except DataError as error:
            found += error.diagnostics
            continue
        except (OSError, UnicodeDecodeError) as error:
            found.append(_unread(path.name, getattr(error, "strerror", None) or "not UTF-8 text"))
            continue
        if own.key in known:
            found.append(_twice(path.name, own.key))
        else:
            known[own.key] = own
    return Offered(known, tuple(found))


def _unread(file: str, why: str) -> Diagnostic:
    return Diagnostic(
        "WEB060",
        Severity.ERROR,
        Place(file),
        "questionnaires cannot be read",
        f"{file}: {why}",
        "what is in it is not offered",
        "check OSLER_INSTRUMENTS and who may read it",
    )


def _twice(file: str, key: str) -> Diagnostic:
    return Diagnostic(
        "WEB061",
        Severity.ERROR,
        Place(file, field="key"),
        "two questionnaires have the same key",
        f"key {key!r} is taken already",
        "the first is offered, this one is not",
        "give it a key of its own",
    )
