"""DOIs, PubMed numbers and trial registers: how they look, and their plain form."""

import re

from osler.claims.language.yardsticks import registries

# "10.", four to nine digits, a slash, then anything without white space: the DOI Handbook's
# form as Crossref checks it (https://www.crossref.org/blog/dois-and-matching-regular-expressions/).
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")
_PREFIXES = ("https://doi.org/", "http://doi.org/", "https://dx.doi.org/", "http://dx.doi.org/",
             "doi.org/", "doi:")  # fmt: skip
_KNOWN = re.compile(r"[A-Za-z]{2,7}")


def plain_doi(text: str) -> str:
    """A DOI without its address, in lower case, as DOIs are compared.

    Examples
    --------
    >>> plain_doi("https://doi.org/10.1136/BMJ.e497")
    '10.1136/bmj.e497'
    """
    text = text.strip()
    low = text.lower()
    for prefix in _PREFIXES:
        if low.startswith(prefix):
            return low[len(prefix) :].strip()
    return low


def doi_problem(text: str) -> str:
    """What is wrong with a DOI; "" where it is well formed.

    Examples
    --------
    >>> doi_problem("10.1136/bmj.e497"), doi_problem("10.1136bmj.e497")
    ('', 'it has no "/" behind the number of its publisher')
    """
    doi = plain_doi(text)
    if not doi.startswith("10."):
        return 'it does not begin with "10."'
    if "/" not in doi:
        return 'it has no "/" behind the number of its publisher'
    if any(c.isspace() for c in doi):
        return "it has a space in it"
    if doi[-1] in ".,;:" or (doi.endswith(")") and doi.count("(") < doi.count(")")):
        return f"it ends in {doi[-1]!r}, which belongs to the sentence"
    return "" if _DOI.fullmatch(doi) else "its form is not that of a DOI"


def pmid_problem(text: str) -> str:
    """What is wrong with a PubMed number; "" where nothing is.

    Examples
    --------
    >>> pmid_problem("25503625"), pmid_problem("PMC4575738")
    ('', 'it begins with PMC, which is another number')
    """
    text = text.strip()
    if text.upper().startswith("PMC"):
        return "it begins with PMC, which is another number"
    if not (text.isascii() and text.isdigit()):
        return "it is not a number"
    return "" if len(text) <= 8 and int(text) > 0 else "PubMed numbers have at most eight digits"


def registration_problem(text: str) -> str:
    """What is wrong with a register's identifier; "" where it fits or no known register is named.

    Examples
    --------
    >>> registration_problem("NCT0183804"), registration_problem("ISRCTN12345678")
    ('NCT numbers look like NCT99999999, with a digit for each 9', '')
    """
    text = text.strip()
    for prefix, shapes in registries().items():
        if not text.lower().startswith(prefix.lower()):
            continue
        rest = text[len(prefix) :].strip()
        if any(_has_shape(rest, shape) for shape in shapes):
            return ""
        return f"{prefix} numbers look like {prefix}{shapes[0]}, with a digit for each 9"
    return ""


def _has_shape(text: str, shape: str) -> bool:
    if len(text) != len(shape):
        return False
    for character, wanted in zip(text, shape, strict=True):
        fits = (
            character.isdigit() if wanted == "9" else
            character.isalnum() if wanted == "A" else character == wanted
        )  # fmt: skip
        if not fits:
            return False
    return True


def registrations_in(text: str) -> list[str]:
    """The identifiers that a cell lists.

    Examples
    --------
    >>> registrations_in("NCT01838044; ISRCTN 12345678")
    ['NCT01838044', 'ISRCTN12345678']
    """
    parts = [part.strip() for part in re.split(r"[;,]| and ", text) if part.strip()]
    return [part.replace(" ", "") for part in parts if _KNOWN.match(part)]
