r"""Studies that a search has to find: ``records/known.csv``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from osler.core.diagnostics import Diagnostic
from osler.records.model import Record
from osler.records.rows import bad_row, parse_rows, render_rows

FILE = "records/known.csv"
COLUMNS = ("title", "doi", "pmid", "registration", "note")


@dataclass(frozen=True, slots=True)
class Known:
    """A report that is known to belong in the review, by whatever identifies it."""

    title: str = ""
    doi: str = ""
    pmid: str = ""
    registration: str = ""
    note: str = ""
    line: int = 0

    @property
    def shown(self) -> str:
        """How a message calls it."""
        return self.title or self.doi or (f"PMID {self.pmid}" if self.pmid else self.registration)


def parse_known(text: str, file: str = FILE) -> tuple[tuple[Known, ...], tuple[Diagnostic, ...]]:
    r"""Every row that says what it is about.

    Examples
    --------
    >>> known, _ = parse_known("title,doi\n,https://doi.org/10.1000/X\n")
    >>> known[0].doi
    '10.1000/x'
    """
    rows, found = parse_rows(text, file, COLUMNS, ())
    good, bad = [], list(found)
    for row in rows:
        cells = {name: row.cells[name].strip() for name in COLUMNS}
        if not any(cells[name] for name in COLUMNS[:4]):
            bad.append(bad_row(row, file, "title, doi, pmid and registration are all empty"))
            continue
        doi = cells["doi"].lower().partition("doi.org/")[2] or cells["doi"].lower()
        good.append(Known(**(cells | {"doi": doi}), line=row.line))
    return tuple(good), tuple(bad)


def render_known(known: Iterable[Known]) -> str:
    """The whole file; :func:`parse_known` gives the same studies back."""
    rows = [(k.title, k.doi, k.pmid, k.registration, k.note) for k in known]
    return render_rows([COLUMNS, *rows])


def found_known(known: Iterable[Known], records: Iterable[Record]) -> Mapping[Known, str]:
    """The key of the record that each known study was found as; those not found are not there.

    Any one of DOI, PMID and registration is enough; the title counts, letters and digits only,
    where the known study has none of them or the record lacks them.

    Examples
    --------
    >>> records = [Record(key="a", title="A Trial of Rest."), Record(key="b", doi="10.1000/x")]
    >>> known = [Known(title="a trial of rest"), Known(doi="10.1000/y")]
    >>> list(found_known(known, records).values())
    ['a']
    """
    at: dict[tuple[str, str], str] = {}
    for record in records:
        for sign in _signs(record.title, record.doi, record.pmid, record.registrations):
            at.setdefault(sign, record.key)
    out = {}
    for one in known:
        registrations = (one.registration.upper(),) if one.registration else ()
        signs = _signs(one.title, one.doi, one.pmid, registrations)
        key = next((at[sign] for sign in signs if sign in at), None)
        if key is not None:
            out[one] = key
    return out


def _signs(
    title: str, doi: str, pmid: str, registrations: Iterable[str]
) -> Iterable[tuple[str, str]]:
    plain = "".join(c for c in title.casefold() if c.isalnum())
    named = (("doi", doi), ("pmid", pmid), *(("registration", r) for r in registrations))
    return [(kind, text) for kind, text in (*named, ("title", plain)) if text]
