"""Which format a file has, by what stands in it; its name is not asked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from osler.records.formats.delimited import known_columns
from osler.records.formats.dialects import DIALECTS
from osler.records.formats.model import Format

HEAD_LINES = 400
_XML_ROOT = re.compile(r"<(?![?!])(?:[A-Za-z][\w.-]*:)?([A-Za-z][\w.-]*)")
_XML_NOISE = re.compile(r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
_PUBMED_ROOTS = frozenset(
    {"PubmedArticleSet", "PubmedArticle", "PubmedBookArticle", "PubmedBookArticleSet"}
)
_BIBTEX = re.compile(r"^[\s\ufeff]*@\s*[A-Za-z]+\s*[{(]")
_ENOUGH_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class Sniffed:
    """A format, and for RIS how strictly its tags are told from text."""

    format: Format
    dialect: str = ""


def sniff_bytes(head: bytes) -> Format | None:
    """The formats that are no text; None for text."""
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return Format.XLSX
    unread = head.startswith((b"%PDF", b"{\\rtf")) or packed_as(head)
    return Format.UNKNOWN if unread else None


_PACKED = {
    b"\x1f\x8b\x08": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"7z\xbc\xaf": "7-Zip",
    b"Rar!\x1a": "RAR",
    b"PK\x03\x04": "ZIP",
}


def packed_as(head: bytes) -> str:
    r"""How a file is packed, by its first bytes; "" where it is not.

    Examples
    --------
    >>> packed_as(b"\x1f\x8b\x08\x00"), packed_as(b"TY  - JOUR")
    ('gzip', '')
    """
    return next((name for sign, name in _PACKED.items() if head.startswith(sign)), "")


def sniff_lines(lines: Sequence[str]) -> Sniffed:
    """The format of text, by its first lines.

    Examples
    --------
    >>> sniff_lines(["", "TY  - JOUR", "TI  - A trial", "ER  - "]).format.value
    'ris'
    >>> sniff_lines(["Title;Year", "A trial;2001"]).format.value
    'csv'
    """
    filled = [line for line in lines if line.strip(" \t\ufeff")]
    if not filled:
        return Sniffed(Format.UNKNOWN)
    first = filled[0].lstrip(" \t\ufeff")
    if first.startswith("<") and not re.match(r"^<\d+>", first):
        return Sniffed(_xml("\n".join(filled)))
    if first[0] in "[{" and not DIALECTS["noteexpress"].tag.match(first):
        return Sniffed(_json("\n".join(filled)))
    return _text(filled)


def _xml(text: str) -> Format:
    match = _XML_ROOT.search(_XML_NOISE.sub("", text[:200_000]))
    root = match[1] if match else ""
    if root in _PUBMED_ROOTS:
        return Format.PUBMED_XML
    if root == "Trials_downloaded_from_ICTRP" or (root == "Trial" and "<TrialID" in text):
        return Format.ICTRP_XML
    if root == "RDF":
        return Format.RDF
    if root in ("xml", "records", "XML", "RECORDS") and "<record" in text.lower():
        return Format.ENDNOTE_XML
    if root.lower() == "html":
        return Format.UNKNOWN
    return Format.PUBMED_XML if "<PubmedArticle" in text else Format.UNKNOWN


def _json(text: str) -> Format:
    if '"protocolSection"' in text or '"nctId"' in text:
        return Format.CLINICALTRIALS_JSON
    if '"ItemId"' in text or '"CodeSets"' in text:
        return Format.EPPI_JSON
    return Format.CSL_JSON


_BEGINS = {
    "ris": re.compile(r"^[ \t\ufeff]*TY[ \t]{2,6}-"),
    "ris-loose": re.compile(r"^[ \t\ufeff]*TY[ \t]{0,6}-(?:[ \t]|$)"),
    "nbib": re.compile(r"^\ufeff?(?:PMID|PMC |STAT|OWN )-? ?-"),
    "wos": re.compile(r"^\ufeff?(?:FN (?:Clarivate|ISI|Thomson)|PT [A-Z]\s*$|VR 1\.0)"),
    "refworks": re.compile(r"^\ufeff?(?:RT [A-Z]|Refworks Export)"),
    "refer": re.compile(r"^\ufeff?%[0TAJD](?:[ \t]|$)"),
    "cochrane": re.compile(r"^(?:ID: (?:CN|CD)|TI: |AU: )"),
    "noteexpress": re.compile(r"^\ufeff?\{Reference Type\}:"),
    "ovid": re.compile(r"^<\d+>\s*$"),
    "ovid-tagged": re.compile(r"^(?:UI|VN|AN) {1,3}- "),
}
_SMALL_RIS = re.compile(r"^[ \t\ufeff]*ty[ \t]{0,6}-(?:[ \t]|$)")
_RIS_FIELD = re.compile(r"^[ \t\ufeff]*(?:TI|T1|AU|A1|PY|Y1|JO|JF|ER)[ \t]{2,6}-")


def _text(filled: Sequence[str]) -> Sniffed:
    """Tagged text by the lines that begin records; BibTeX; else a table."""
    if known_columns(filled[:30]) >= 4:
        return Sniffed(Format.CSV)
    counts = {name: sum(1 for line in filled if form.match(line)) for name, form in _BEGINS.items()}
    if any(_BIBTEX.match(line) for line in filled) and not counts["ris"]:
        return Sniffed(Format.BIBTEX)
    if counts["nbib"] and counts["ris"] and _first_of(filled, "nbib") < _first_of(filled, "ris"):
        return _dialect("nbib")  # with records of RIS behind it
    for name in ("ris", "ris-loose", "noteexpress", "wos", "refworks", "nbib", "refer"):
        if counts[name]:
            return _dialect(name)
    if counts["cochrane"] >= 2:
        return _dialect("cochrane")
    if counts["ovid-tagged"] and not _labels(filled):
        return _dialect("ovid-tagged")
    if counts["ovid"] and _labels(filled):
        return _dialect("ovid")
    if known_columns(filled[:30]) >= _ENOUGH_COLUMNS:
        return Sniffed(Format.CSV)
    if any(_SMALL_RIS.match(line) for line in filled):
        return _dialect("ris-small")
    return _by_fields(filled)


def _first_of(filled: Sequence[str], name: str) -> int:
    """The place of the first line that begins a record of a dialect."""
    return next((i for i, line in enumerate(filled) if _BEGINS[name].match(line)), len(filled))


def _labels(filled: Sequence[str]) -> int:
    """Ovid's labels: a name at the margin and an indented value below it."""
    label = DIALECTS["ovid"].tag
    return sum(1 for one, two in pairwise(filled) if label.match(one) and two.startswith("  "))


def _by_fields(filled: Sequence[str]) -> Sniffed:
    """Records that never say where they begin: the dialect most of whose lines are fields."""
    if sum(1 for line in filled if _RIS_FIELD.match(line)) >= 2:
        return _dialect("ris")
    best, most = "", 0.3 * len(filled)
    for name in ("nbib", "ovid-tagged"):
        fields = sum(1 for line in filled if DIALECTS[name].tag.match(line))
        if fields > most and fields >= 3:
            best, most = name, fields
    if best:
        return _dialect(best)
    return Sniffed(Format.CSV) if known_columns(filled[:1]) else Sniffed(Format.UNKNOWN)


def _dialect(name: str) -> Sniffed:
    return Sniffed(DIALECTS[name].format, name)
