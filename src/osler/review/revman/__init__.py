"""RevMan's files: reviews of Review Manager 5 (.rm5) and data packages of RevMan Web."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from osler.core.diagnostics import DataError
from osler.review.revman import problems
from osler.review.revman.model import (
    RevmanAnalysis,
    RevmanBias,
    RevmanPooled,
    RevmanReview,
    RevmanRow,
    RevmanStudy,
)

__all__ = [
    "RevmanAnalysis",
    "RevmanBias",
    "RevmanPooled",
    "RevmanReview",
    "RevmanRow",
    "RevmanStudy",
    "parse_revman",
    "read_revman",
]


def parse_revman(content: bytes | str, file: str = "") -> RevmanReview:
    """A review from the content of a RevMan file.

    Parameters
    ----------
    content : bytes or str
        XML of RevMan 5, or a zipped data package of RevMan Web (bytes).
    file : str
        Its name, for messages.

    Returns
    -------
    RevmanReview

    Raises
    ------
    DataError
        RMN001 where defusedxml is missing, RMN002 where it is no RevMan file, RMN003 where it
        is broken, RMN004 where it declares entities.

    References
    ----------
    .. [1] Review Manager (RevMan) 5.4. The Cochrane Collaboration, 2020.
    .. [2] RevMan Knowledge Base, Data package specification.
       https://documentation.cochrane.org/revman-kb/data-package-specification-249561249.html

    Examples
    --------
    >>> review = parse_revman('''<COCHRANE_REVIEW><ANALYSES_AND_DATA><COMPARISON NO="1">
    ... <NAME>Drug versus placebo</NAME>
    ... <DICH_OUTCOME NO="1" EFFECT_MEASURE="RR" METHOD="MH" RANDOM="NO"><NAME>Recovery</NAME>
    ... <DICH_DATA STUDY_ID="STD-A-2001" EVENTS_1="9" TOTAL_1="40" EVENTS_2="5" TOTAL_2="40"/>
    ... </DICH_OUTCOME></COMPARISON></ANALYSES_AND_DATA></COCHRANE_REVIEW>''')
    >>> review.analysis("1.1").columns()["events_treated"]
    [9.0]
    """
    data = content.encode() if isinstance(content, str) else content
    if data[:4] == b"PK\x03\x04":
        room = import_module("osler.review.revman.packages")
        found: RevmanReview = room.parse_package(room.files_of_zip(data, file), file)
        return found
    if find_spec("defusedxml") is None:
        raise DataError(problems.needs_defusedxml())
    markup = import_module("osler.review.revman.markup")
    read: RevmanReview = markup.parse_markup(_undeclared(content, data), file)
    return read


def _undeclared(content: bytes | str, data: bytes) -> bytes:
    """A text's bytes without the declaration of the encoding that it once had."""
    if isinstance(content, bytes) or not data.lstrip().startswith(b"<?xml"):
        return data.lstrip() if isinstance(content, str) else data
    return data.partition(b"?>")[2]


def read_revman(source: str | Path | bytes) -> RevmanReview:
    """Read a review of RevMan: comparisons, outcomes, studies with their data, bias.

    Parameters
    ----------
    source : str, Path or bytes
        A file of RevMan 5 (.rm5), a data package of RevMan Web (.zip, or the folder that was
        in it), the content of such a file, or its text.

    Returns
    -------
    RevmanReview
        ``diagnostics`` tell what was not read, or was read otherwise than it stands.

    Raises
    ------
    DataError
        RMN001 to RMN004, as :func:`parse_revman`.

    Examples
    --------
    >>> from osler.review.revman import read_revman
    >>> review = read_revman("<COCHRANE_REVIEW DOI='10.1002/1'/>")
    >>> review.doi, review.analyses
    ('10.1002/1', ())
    """
    if isinstance(source, bytes):
        return parse_revman(source)
    if isinstance(source, str) and source.lstrip("\ufeff \t\r\n").startswith("<"):
        return parse_revman(source.lstrip("\ufeff"))
    path = Path(source)
    if path.is_dir():
        files = {
            each.relative_to(path).as_posix(): each.read_bytes()
            for each in sorted(path.rglob("*.csv"))
        }
        room = import_module("osler.review.revman.packages")
        found: RevmanReview = room.parse_package(files, path.name)
        return found
    return parse_revman(path.read_bytes(), path.name)
