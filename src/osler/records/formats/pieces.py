r"""Large exports in pieces that several processes read: what is counted is the same as in one.

    text --cut before a record--> pieces --read apart--> tallies --in order--> one tally
                                       \-> from the first cut that is in doubt: read here

Where a reader that begins at the next piece would go on as the one before it does, the cut makes
no difference, and each process looks whether that is so at the end of its piece. Where it is not
(a record that only looks as if it began), this piece and all that follow are read by one process.
"""

import gc
import os
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import connection, parent_process
from threading import Thread
from typing import Protocol

from osler.records.encodings import lines_of
from osler.records.formats.delimited import Table, ends_with_a_row, read_delimited, table_of
from osler.records.formats.dialects import DIALECTS
from osler.records.formats.findings import Findings
from osler.records.formats.model import Format
from osler.records.formats.sniffing import Sniffed
from osler.records.formats.tagged import TaggedReader
from osler.records.formats.tally import Tally

_LARGE = 1 << 23  # letters: to read fewer takes less than a second
_PIECE = 1 << 20
_HEAD_LINES = 2000
_AHEAD = 2  # pieces for each process that are read or wait


class Cutting(Protocol):
    """How texts of one kind are cut, and how a piece of one is read."""

    def place(self, text: str) -> int:
        """The last place at which a record seems to begin; 0 where none does."""

    def count(self, piece: "Piece", tally: Tally) -> bool:
        """Count the records of a piece; whether the cut behind it is sound."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines; ``following`` is the line behind them, None where these are the last."""

    first: int
    text: str
    following: str | None


@dataclass(frozen=True, slots=True)
class TaggedCutting:
    """Tagged text is cut before a line that begins as most records do."""

    dialect: str

    def place(self, text: str) -> int:
        return text.rfind("\n" + DIALECTS[self.dialect].begins) + 1

    def count(self, piece: Piece, tally: Tally) -> bool:
        reader = TaggedReader(self.dialect, tally.findings, piece.first)
        for draft in reader.drafts(lines_of(piece.text)):
            tally.record(draft)
        sound = piece.following is None or reader.ends_before(piece.following)
        for draft in reader.end() if piece.following is None else reader.closed():
            tally.record(draft)
        return sound


@dataclass(frozen=True, slots=True)
class TableCutting:
    """A table in text is cut between lines, where all quotation marks are closed."""

    table: Table

    def place(self, text: str) -> int:
        end, marks = len(text), text.count('"')
        while marks % 2 and end:
            start = text.rfind("\n", 0, end - 1) + 1
            marks -= text.count('"', start, end)
            end = start
        return end

    def count(self, piece: Piece, tally: Tally) -> bool:
        lines = lines_of(piece.text)
        if piece.following is not None and not ends_with_a_row(lines, self.table.delimiter):
            return False
        if piece.first == 1 and table_of(lines) != self.table:
            return False
        table = self.table if piece.first > 1 else None
        for draft, columns in read_delimited(lines, tally.findings, table, piece.first):
            tally.record(draft, columns)
        return True


@dataclass(frozen=True, slots=True)
class Unread:
    """Blocks of whole lines that are still to be read.

    ``first`` is the number of the first line, 0 where none is left; ``table`` says what columns
    there are where that is none of a table's first lines.
    """

    texts: Iterator[str]
    first: int = 1
    table: Table | None = None


_Waiting = deque[tuple[Piece, Future[Tally | None]]]
# A process that was ended from outside, or found no memory: reading goes on in this one.
_NOT_READ = (BrokenExecutor, OSError, MemoryError)


def count_apart(texts: Iterator[str], sniffed: Sniffed, tally: Tally, workers: int) -> Unread:
    """Count the records of a large text in several processes; what is left to be read here.

    All of it where the text is not large or has no places to cut it at, or where there are no
    processes to be had; nothing where every cut was sound.
    """
    if not (_tagged(sniffed) or sniffed.format is Format.CSV):
        return Unread(texts)
    early, length = list[str](), 0
    for text in texts:
        early.append(text)
        length += len(text)
        if length > _LARGE:
            break
    cutting = (_tagged(sniffed) or _of_table(early)) if length > _LARGE else None
    texts = chain(early, texts)
    return Unread(texts) if cutting is None else _counted(texts, cutting, tally, workers)


def _tagged(sniffed: Sniffed) -> TaggedCutting | None:
    cut = sniffed.dialect and DIALECTS[sniffed.dialect].begins
    return TaggedCutting(sniffed.dialect) if cut else None


def _of_table(early: Sequence[str]) -> TableCutting | None:
    table = table_of(list(islice(chain.from_iterable(map(lines_of, early)), _HEAD_LINES)))
    return None if table is None else TableCutting(table)


def _counted(texts: Iterator[str], cutting: Cutting, tally: Tally, workers: int) -> Unread:
    """Pieces that wait are few, so that memory is bounded; they are counted in their order."""
    waiting: _Waiting = deque()
    pieces = _pieces(texts, cutting)
    with _pool(workers) as pool:
        for piece in pieces:
            waiting.append((piece, _sent(pool, piece, cutting, tally)))
            if len(waiting) > _AHEAD * workers and not _taken(waiting, tally):
                break
        else:
            while waiting and _taken(waiting, tally):
                pass
    left = chain((piece for piece, _ in waiting), pieces)
    first = waiting[0][0].first if waiting else 0
    table = cutting.table if first != 1 and isinstance(cutting, TableCutting) else None
    return Unread((piece.text for piece in left), first, table)


def _taken(waiting: _Waiting, tally: Tally) -> bool:
    """Whether the next piece was read and cut well; its counts are added then."""
    try:
        counted = waiting[0][1].result()
    except _NOT_READ:
        return False
    if counted is None:
        return False
    tally.append(counted)
    waiting.popleft()
    return True


def _pieces(texts: Iterator[str], cutting: Cutting) -> Iterator[Piece]:
    first, text = 1, ""
    for following in chain(_cut(texts, cutting), [""]):
        if text:
            yield Piece(first, text, following.partition("\n")[0] if following else None)
            first += text.count("\n")
        text = following


def _cut(texts: Iterator[str], cutting: Cutting) -> Iterator[str]:
    """Pieces that begin as a record does; where none begins in a long stretch, anywhere."""
    parts, length = [], 0
    for text in texts:
        parts.append(text)
        length += len(text)
        if length >= _PIECE:
            whole = "".join(parts)
            at = cutting.place(whole) or length
            yield whole[:at]
            parts, length = [whole[at:]], length - at
    if rest := "".join(parts):
        yield rest


def _read_apart(piece: Piece, cutting: Cutting, file: str, format: Format) -> Tally | None:
    """In a process of its own: the counts of a piece; None where the cut behind it is in doubt."""
    tally = Tally(file, format, Findings(file), apart=True)
    return tally if cutting.count(piece, tally) else None


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor | None]:
    """Processes to read in; None where the system has none to give."""
    try:
        pool = ProcessPoolExecutor(workers, initializer=_begin)
    except (OSError, NotImplementedError, ImportError):  # no semaphores, as in some sandboxes
        yield None
        return
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _sent(
    pool: ProcessPoolExecutor | None, piece: Piece, cutting: Cutting, tally: Tally
) -> Future[Tally | None]:
    try:
        if pool is not None:
            return pool.submit(_read_apart, piece, cutting, tally.name, tally.format)
        raise BrokenExecutor("there are no processes")
    except (BrokenExecutor, OSError) as error:
        failed: Future[Tally | None] = Future()
        failed.set_exception(error)
        return failed


def _begin() -> None:
    """In each process: a key that ends the program is the parent's to hear, and so is its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # records make no circles
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
