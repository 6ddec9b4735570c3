"""Journal, year, volume, issue and pages from the one line that some exports put them in."""

import re

_EMBASE = re.compile(
    r"^(?P<container>.+?)\s*\((?P<year>\d{4})\)\s*(?P<volume>[\w.-]+)?(?::(?P<issue>[^\s(]+))?"
    r"(?:[\s,]*(?:SUPPL[^()]*)?\((?P<pages>[^)]*)\))?"
)
_PUBMED = re.compile(
    r"^(?P<container>[^;]+?)\.\s*(?P<year>\d{4})[^;:.]*(?:;\s*(?P<volume>[^(:.;]*)"
    r"(?:\((?P<issue>[^)]*)\))?(?::(?P<pages>[^.;]*))?)?"
)
_OVID_EMBASE = re.compile(
    r"^(?P<container>.+?)\.\s+(?P<volume>[\w-]+)?\s*(?:\((?P<issue>[^)]*)\))?\s*"
    r"\((?:pp?\.?\s*(?P<pages>[^)]*)|no pagination)\)\s*,\s*(?P<year>\d{4})"
    r"(?:.*?Article Number:\s*(?P<article_number>[^\s,;]*[^\s,;.]))?"
)
_OVID = re.compile(
    r"^(?P<container>.+?)\.?\s+(?:Vol\.?\s*)?(?P<volume>[A-Z]?\d+)\s*(?:\((?P<issue>[^)]*)\))?"
    r"\s*(?:\([^)]*\)\s*)?[:,(]\s*(?:pp?\.?\s*)?(?P<pages>[\w.]+(?:-[\w.]+)?)"
    r"[^\d]*(?:.*?(?P<year>(?:19|20)\d{2}))?"
)
_ERIC = re.compile(
    r"^(?:(?P<container>.*?)[,;]?\s+)?v(?P<volume>\d+)(?:\s+n(?P<issue>[\w-]+))?"
    r"(?:\s+p(?P<pages>[\d-]+))?.*?(?P<year>(?:19|20)\d{2})"
)
_CAB = re.compile(
    r"^(?P<container>[^;]+?);\s*(?P<year>\d{4})\.\s*(?P<volume>[\w-]+)?\s*"
    r"(?:\((?P<issue>[^)]*)\))?(?::\s*(?P<pages>\w+(?:-\w+)?))?"
)
_LONGEST = 600


def parse_source(text: str) -> dict[str, str]:
    """The parts of a source line, by field; empty where its form is not known.

    Examples
    --------
    >>> parse_source("Ecohydrology.   8(6):1048-1064, September 2015.")["pages"]
    '1048-1064'
    >>> sorted(parse_source("Endoscopic Ultrasound (2014) 3:3 (152-160)").values())
    ['152-160', '2014', '3', '3', 'Endoscopic Ultrasound']
    >>> parse_source("Eur J Med Genet. 2020 Feb;63(2):103640. doi: 10.1000/x")["volume"]
    '63'
    """
    short = " ".join(text.split())[:_LONGEST]
    for form in (_ERIC, _CAB, _OVID_EMBASE, _EMBASE, _PUBMED, _OVID):
        if match := form.match(short):
            return {role: part.strip() for role, part in match.groupdict().items() if part}
    return {}
