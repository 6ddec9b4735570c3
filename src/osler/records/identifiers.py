"""Identifiers and numbers as exports write them, brought to one form: DOI, PMID, pages, ..."""

import html
import re
from functools import lru_cache
from urllib.parse import unquote

_DOI = re.compile(r"(?<![0-9.])10\.\d{4,9}(?:\.\d{1,9}){0,4}/[^\s\"|\\^`{}]{1,400}")
_DOI_SPACED = re.compile(
    r"^((?:doi|https?:)\S*\s*)?10\.\s?(\d{4,9}(?:\.\d+)*)\s?/\s?(?=\S+$)", re.IGNORECASE
)
# What publishers' addresses add behind a DOI; no registrant ends its names so.
_DOI_ENDING = re.compile(r"/(?:abstract|full|pdf|epdf|fulltext|full/html|summary|meta)$")
_NEXT_DOI = re.compile(r"[;,](?:https?://[^/]*/|doi:)?10\.\d{4,9}/")
_PAIRS = {")": "(", "]": "[", ">": "<"}


# What most exports write, PubMed with a word behind it; of its signs none needs care.
_USUAL_DOI = re.compile(r"(10\.\d{4,9}/[A-Za-z0-9._-]{0,100}[A-Za-z0-9])(?: \[doi\])?")
_ENDING_WORDS = ("abstract", "full", "pdf", "fulltext", "html", "summary", "meta")


def normalise_doi(text: str) -> str:
    """The first DOI in a text, bare and in lower case; "" where there is none.

    Notes
    -----
    DOIs are compared without regard to case (DOI Handbook, 2.4), so lower case stands for all.
    A bracket or sign of punctuation that only the sentence around the DOI needs is left out.

    Examples
    --------
    >>> normalise_doi("https://doi.org/10.1000/ABC.5."), normalise_doi("doi:10.1000%2Fx [doi]")
    ('10.1000/abc.5', '10.1000/x')
    >>> normalise_doi("10.1002/(SICI)1097-0258(19980815)17:15<1661::AID-SIM968>3.0.CO;2-2")
    '10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2'
    """
    if "10." not in text:
        return ""
    if match := _USUAL_DOI.fullmatch(text):
        usual = match[1].lower()
        if not usual.endswith(_ENDING_WORDS):
            return usual
    plain = html.unescape(text.strip()) if "&" in text else text.strip()
    if "%" in plain:
        plain = unquote(plain)
    if len(plain) < 300:  # a field of its own, not a page of text
        plain = _DOI_SPACED.sub(r"10.\2/", plain)
    found = _DOI.search(plain)
    return _bare_doi(found[0].lower()) if found else ""


def _bare_doi(doi: str) -> str:
    """Without what follows it: a second DOI, an address's ending, closing signs."""
    if following := _NEXT_DOI.search(doi):
        doi = doi[: following.start()]
    if tag := re.search(r"</?(?:a|p|br|span|div|i|b|em|sup|sub)\b", doi):
        doi = doi[: tag.start()]
    while doi:
        last = doi[-1]
        opening = _PAIRS.get(last)
        if last in ".,;:'’”*" or (opening and doi.count(last) > doi.count(opening)):
            doi = doi[:-1]
        elif ending := _DOI_ENDING.search(doi):
            doi = doi[: ending.start()]
        else:
            break
    return doi if "/" in doi and not doi.endswith("/") else ""


_PMID = re.compile(
    r"^(?:(?:.*?(?:pubmed(?:\.ncbi\.nlm\.nih\.gov)?[/:\s]|pmid[:\s]|medline[:/\s]))\s*)?"
    r"(?:nlm)?0*"
    r"([1-9]\d{0,7})(?:\.0)?(?:\D.*)?$",
    re.IGNORECASE | re.DOTALL,
)
_OTHER_NUMBER = re.compile(r"^\s*[1-9]\d{0,7}(?:\.[1-9]|[-/]\d|\s*[A-Za-z])")


def normalise_pmid(text: str) -> str:
    """A PubMed identifier's digits; "" where the text is none.

    Examples
    --------
    >>> normalise_pmid("PMID: 012345678"), normalise_pmid("https://pubmed.ncbi.nlm.nih.gov/123/")
    ('12345678', '123')
    >>> normalise_pmid("MEDLINE:25005654"), normalise_pmid("PMC12345"), normalise_pmid("123.0")
    ('25005654', '', '123')
    """
    plain = text.strip()[:200]
    if _OTHER_NUMBER.match(plain):
        return ""
    found = _PMID.match(plain)
    return found[1] if found else ""


# The registries of the WHO's network and ClinicalTrials.gov, each by the form of its numbers
# (https://www.who.int/tools/clinical-trials-registry-platform/network); the groups that are
# kept are joined without spaces.
_REGISTRATIONS = re.compile(
    r"""(?<![A-Za-z0-9])(?:
      (?P<nct>NCT)[\s:#\u2010-\u2015-]{0,2}(?P<nct_number>\d{8})
    | (?P<isrctn>ISRCTN)[\s:#\u2010-\u2015-]{0,2}(?P<isrctn_number>\d{8})
    | (?:EUCTR|EudraCT(?:\s*(?:number|no\.?|nr\.?))?)?[\s:#-]{0,3}
      (?P<eudract>(?:199|200|201|202)\d-\d{6}-\d{2}(?:-\d{2}(?!\d))?)
    | (?P<actrn>ACTRN)[\s:#-]{0,2}(?P<actrn_number>\d{14}p?)
    | (?P<whole>
        ChiCTR(?:-[A-Z]{2,5})?-?\d{8,10}
      | CTRI/\d{4}/\d{2,3}/\d{5,6}
      | DRKS\d{8} | IRCT\d{8,18}N\d{1,3}
      | JapicCTI-\d{6} | JMA-IIA\d{5} | jRCTs?\d{9,10}
      | KCT\d{7} | PACTR\d{15,16} | RBR-[0-9a-z]{6,8} | RPCEC\d{8}
      | SLCTR/\d{4}/\d{3} | TCTR\d{11} | LBCTR\d{10} | ITMCTR\d{10}
      | PER-\d{3}-\d{2} | NTR\s?\d{3,5}
      )
    | (?:JPRN-)?(?P<umin>UMIN)(?:-CTR)?[\s:#-]{0,2}(?P<umin_number>(?:C)?\d{9})
    )(?![A-Za-z0-9])""",
    re.VERBOSE | re.IGNORECASE,
)
_SHORT = 60  # a field that holds little else, where a number needs no registry's name beside it
_SOME_NUMBER = re.compile(r"\d\d\d|RBR-", re.IGNORECASE)
# The names that common words hold too ("function", "control"): with a number behind them.
_NUMBERED = re.compile(r"NCT[\s:#\u2010-\u2015-]{0,2}\d")
_IN_EUROPE = re.compile(r"EU(?:DRACT|CTR|\s?CT|\s(?:[Cc]linical\s)?[Tt]rial)")
_CTR = re.compile(r"CTR(?:-[A-Z]{2,5}-?|I/|/)?\d")
_NUMBERED_TOO = re.compile(r"NTR\s?\d|PER-\d\d")


# All numbers have five digits in a row but those of four registries, which have these letters.
# A digit becomes 0, these letters and the hyphen stay, and any other byte becomes a space.
_LEFT = bytes(
    48 if chr(byte).isdecimal() else byte if chr(byte) in "TR-" else 32 for byte in range(256)
)


def _may_be_numbered(text: str) -> bool:
    """Whether a long text may have a number: most have none."""
    left = b" ".join(text.encode("utf-8", "replace").translate(_LEFT).split())
    return b"00000" in left or b"TR" in left or b"R-" in left


def _names_registry(text: str) -> bool:
    """Whether a long text names a registry: tests for substrings, which cost next to nothing."""
    return (
        ("CT" in text and _names_ct(text))
        or "nct0" in text
        or ("EU" in text and _IN_EUROPE.search(text) is not None)
        or ("udra" in text and "udract" in text.lower())
        or "DRKS" in text
        or "RPCEC" in text
        or "UMIN" in text
        or ("R-" in text and ("RBR-" in text or _NUMBERED_TOO.search(text) is not None))
        or "JMA-IIA" in text
        or ("NTR" in text and _NUMBERED_TOO.search(text) is not None)
    )


def _names_ct(text: str) -> bool:
    """Of the registries whose names have these two letters, which most texts have not."""
    return (
        ("NCT" in text and _NUMBERED.search(text) is not None)
        or "ISRCTN" in text
        or ("CTR" in text and _CTR.search(text) is not None)
        or "TRN1" in text
        or "TRN 1" in text
        or "IRCT" in text
        or "JapicCTI" in text
        or "jRCT" in text
        or "KCT0" in text
    )


def registrations_in(text: str) -> tuple[str, ...]:
    """Every trial registration number in a text, once each, upper case, in order.

    Registries of the WHO's network, ClinicalTrials.gov, EudraCT and CTIS.

    Examples
    --------
    >>> registrations_in("Registered as NCT 01234567 and isrctn12345678 (NCT01234567).")
    ('NCT01234567', 'ISRCTN12345678')
    >>> registrations_in("EudraCT 2004-000446-20; UMIN000001234; ChiCTR-TRC-10000001")
    ('2004-000446-20', 'UMIN000001234', 'CHICTR-TRC-10000001')
    """
    if len(text) <= _SHORT:
        parts = [text] if _SOME_NUMBER.search(text) else []
    elif _may_be_numbered(text) and _names_registry(text):
        # No number has a full stop and a space within.
        parts = [part for part in text.split(". ") if _may_be_numbered(part)]
    else:
        return ()
    found = (_registration(match) for part in parts for match in _REGISTRATIONS.finditer(part))
    return tuple(dict.fromkeys(found))


def _registration(match: re.Match[str]) -> str:
    return "".join("".join(part.split()) for part in match.groups() if part).upper()


_DASHES = re.compile(r"\s*(?:-{1,3}|[\u2010-\u2015\u2212]|&ndash;)\s*")
_PAGE_LEAD = re.compile(
    r"^(?:(?:pp?|pages?|pgs?|s)\s*[.:]\s*|(?:pp|pages?)\s*(?=[\dA-Za-z]))", re.IGNORECASE
)
_PAGE_COUNT = re.compile(r"^\d+\s?(?:pp?\.?|pages?|pgs?\.?|leaves)$", re.IGNORECASE)
_NO_PAGES = re.compile(
    r"^(?:n\.?\s?(?:/\s?a|p)\.?|no pag.*|not (?:available|paginated)|none|null|nan|unknown|"
    r"[-?]+)$",
    re.IGNORECASE,
)
_LONGEST_PAGES = 300
_PAGE = re.compile(r"^([A-Za-z]*[.:]?)(\d+)([A-Za-z]*)$")


_USUAL_PAGES = re.compile(r"[1-9][0-9]{0,6}-([1-9][0-9]{0,6})|[1-9][0-9]{0,6}")


def normalise_pages(text: str) -> str:
    """First and last page written out; a single page or an article's number stands alone.

    What follows the first stretch (a discussion, an erratum) is left out, as is a mere count
    of pages.

    Examples
    --------
    >>> [normalise_pages(t) for t in ("123-30", "pp. S12–9", "e1001-e1010", "77-77", "xi-xv")]
    ['123-130', 'S12-S19', 'e1001-e1010', '77', 'xi-xv']
    >>> [normalise_pages(t) for t in ("1065-71; discussion 1072-3", "12+", "350 p.", "n/a")]
    ['1065-1071', '12', '', '']
    """
    if usual := _USUAL_PAGES.fullmatch(text):
        return _written_out(*text.split("-")) if usual[1] else text
    plain = text[:_LONGEST_PAGES]
    for _ in range(4):  # until nothing is left to take away
        before, plain = plain, _pages_once(plain)
        if plain == before:
            break
    return plain


def _pages_once(text: str) -> str:
    plain = " ".join(text.strip().strip("[]()\"'").split())
    plain = re.split(r"\s*[;,]\s+|;|\+(?=\d)|\s+(?:discussion|passim)\b", plain, maxsplit=1)[0]
    plain = _DASHES.sub("-", plain).strip(" .,;:+-")
    if not plain or _NO_PAGES.match(plain) or _PAGE_COUNT.match(plain):
        return ""
    plain = _PAGE_LEAD.sub("", plain).strip(" .")
    first, _, last = plain.partition("-")
    if not last or "-" in last:
        return plain
    return _written_out(first.strip(), last.strip())


def _written_out(first: str, last: str) -> str:
    """The last page with what its writer left off: 123-30 is 123-130, S12-9 is S12-S19."""
    if len(first) == len(last) and first.isdigit() and last.isdigit():
        return first if first == last else f"{first}-{last}"
    one, two = _PAGE.match(first), _PAGE.match(last)
    if one and two and one[3] == two[3] and (not two[1] or one[1].lower() == two[1].lower()):
        digits = two[2]
        if len(digits) < len(one[2]):
            digits = one[2][: len(one[2]) - len(digits)] + digits
            digits = digits if int(digits) >= int(one[2]) else two[2]
        last = one[1] + digits + two[3]
    return first if first == last else f"{first}-{last}"


_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_YEAR_IN_DATE = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?:0[1-9]|1[0-2])(?:[0-3]\d)?(?!\d)")


@lru_cache(maxsize=1 << 12)
def normalise_year(text: str) -> int | None:
    """The first year between 1500 and 2099 in a date as it was written.

    Examples
    --------
    >>> [normalise_year(t) for t in ("2005//", "Mar 2010", "20190315", "c1998.", "in press")]
    [2005, 2010, 2019, 1998, None]
    """
    short = text[:200]
    found = _YEAR.search(short) or _YEAR_IN_DATE.search(short)
    return int(found[1]) if found else None


_ISSN = re.compile(r"(?<![\dXx])(?<![\dXx]-)(\d{4})[\s\u2010-\u2015-]?(\d{3}[\dXx])(?![\dXx-])")
_ISBN = re.compile(r"(?<!\d)(?:97[89][ -]?)?(?:\d[ -]?){9}[\dXx](?!\d)")


@lru_cache(maxsize=1 << 13)
def normalise_issn(text: str) -> str:
    """The first ISSN in a text, as "1234-567X".

    Examples
    --------
    >>> normalise_issn("1234567x (Print)"), normalise_issn("978-3-16-148410-0")
    ('1234-567X', '')
    """
    found = _ISSN.search(text[:500])
    return f"{found[1]}-{found[2]}".upper() if found else ""


@lru_cache(maxsize=1 << 13)
def normalise_isbn(text: str) -> str:
    """The first ISBN in a text, without hyphens.

    Examples
    --------
    >>> normalise_isbn("ISBN 978-3-16-148410-0 (hbk)"), normalise_isbn("1234-5678")
    ('9783161484100', '')
    """
    found = _ISBN.search(text[:500])
    return re.sub(r"[ -]", "", found[0]).upper() if found else ""
