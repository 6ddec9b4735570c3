"""The files of a small ``records/``: two sources, three records of two reports."""

from collections.abc import Mapping
from types import MappingProxyType

RECORDS: Mapping[str, bytes] = MappingProxyType(
    {
        "records/library.jsonl": (
            b'{"key": "a", "title": "A trial of rest", '
            b'"sources": [["exports/p.nbib", 1, "nbib", "PubMed"],'
            b' ["exports/e.ris", 1, "ris", "Embase"]]}\n'
            b'{"key": "b", "title": "Rivets", "sources": [["exports/e.ris", 9, "ris", "Embase"]]}\n'
        ),
        "records/searches.toml": (
            b'[[search]]\ndatabase = "PubMed"\ndate = 2026-01-05\nexports = ["exports/p.nbib"]\n'
            b'note = "Made up <for a test>."\n'
            b'[[search]]\ndatabase = "Embase"\ndate = 2026-01-06\nexports = ["exports/e.ris"]\n'
            b'note = "Made up <for a test>."\n'
        ),
        "records/decisions.csv": (
            b"record,stage,verdict,who\n"
            b"a,title-abstract,include,A\nb,title-abstract,exclude,A\na,full-text,include,A\n"
        ),
    }
)
