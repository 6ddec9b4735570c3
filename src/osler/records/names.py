"""Authors' names as exports write them, taken apart into family and given names."""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from osler.records.cleaning import is_missing, plain
from osler.records.making import person
from osler.records.model import Name


class NameOrder(StrEnum):
    """How a source writes a name that has no comma."""

    UNKNOWN = "unknown"  # only "Smith JA" and "Smith J.A." are taken apart
    FAMILY_FIRST = "family first"  # "Smith JA", "Smith John": PubMed, Embase, Scopus
    GIVEN_FIRST = "given first"  # "John Smith": BibTeX, OpenAlex, IEEE


_INITIALS = re.compile(
    r"^(?:[^\W\d_a-zà-öø-ÿ]\.?(?:-[^\W\d_]\.?)?){1,4}(?: (?:Jr|Sr|2nd|3rd|II|III|IV)\.?)?$"
)
_BODY = re.compile(
    r"\b(?:groups?|university|institut\w*|collaborat\w+|consortium|committee|council|society|"
    r"association|network|cent(?:er|re)s?|department|ministry|organi[sz]ation|foundation|college|"
    r"hospital|investigators|trialists|team|agency|board|federation|academy|service|services|"
    r"program(?:me)?|initiative|task force|working party|company|inc|ltd|gmbh|pharmaceuticals?)\b",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"^\W*(?:et\.? al\.?|and others|others|no authors? (?:listed|given|found|available)|"
    r"authors? not (?:listed|available)|n/?a)\W*$",
    re.IGNORECASE,
)
# An address, an identifier or a role that an export hangs on a name.
_HANGING = re.compile(
    r"\s*(?:\((?:[^()]*[@\d][^()]*|author|auth\.?|editor|eds?\.?|orcid[^()]*)\)|"
    r"\[(?:author|editor|[^\[\]]*[@\d][^\[\]]*)\]|[;,]?\s*orcid:?\s*\S+|"
    r"(?<=[^\W\d_])\s\d[\d,\s]*|,?\s+et\.?\s?al\.?)$",
    re.IGNORECASE,
)
_LONGEST = 300  # a field that is longer is no name
_ENDS_OF_HANGING = frozenset(")]0123456789Xx.lL")
_PARTICLES = frozenset(
    "von van der den de la le du da di del della dos das do des ter ten zu zur al el bin ibn st af "
    "av".split()
)
_ACADEMIC = re.compile(r"^(?:Prof|Dr|PD|Priv|Doz)\.?$")
_SUFFIX = re.compile(r"^(?:jr|sr|ii|iii|iv|2nd|3rd|phd|md|m\.d|ph\.d)\.?$", re.IGNORECASE)


# What most names are: "Author, Ann B." or "Author AB", of letters that are composed already,
# nothing to clean. Other names take the long way, which gives the same for these.
_LETTER = "A-Za-zÀ-ÖØ-öø-ſ"
_USUAL = re.compile(rf"([{_LETTER}'-]+), ?([{_LETTER}](?:[{_LETTER}.-]| (?=[A-Za-z]))*)")
_USUAL_INITIALS = re.compile(rf"([{_LETTER}'-]+) ([A-Z]{{1,3}})")
_ENDINGS_OF_LISTS = ("al", "al.", "AL", "AL.", "Al", "Al.")


def _usual_name(text: str, order: NameOrder) -> Name | None:
    """The name in a text that is written in one of the usual ways; None for all others."""
    if "," in text:
        usual = _USUAL.fullmatch(text)
        if usual is None or (text.endswith(_ENDINGS_OF_LISTS) and _HANGING.search(text)):
            return None
        family, given = usual.groups()
        return _divided(family, given) if " " in given else person(family, given)
    if order is not NameOrder.GIVEN_FIRST and (usual := _USUAL_INITIALS.fullmatch(text)):
        family, given = usual.groups()
        if not (_NOBODY.match(text) or _BODY.search(text)):
            return person(family, given)
    return None


def parse_name(text: str, order: NameOrder = NameOrder.UNKNOWN) -> Name | None:
    """A person's or a body's name; None where the field names nobody ("et al.").

    A comma divides family from given name; EndNote marks a body by a comma at its end, or by
    two commas where its name has one. What cannot be taken apart stays whole.

    Examples
    --------
    >>> parse_name("van der Berg,J.A. ")
    Name(family='van der Berg', given='J.A.', literal='')
    >>> parse_name("Smith JA")
    Name(family='Smith', given='JA', literal='')
    >>> parse_name("World Health Organization").literal
    'World Health Organization'
    >>> parse_name("Ada de la Cruz", NameOrder.GIVEN_FIRST)
    Name(family='de la Cruz', given='Ada', literal='')
    """
    return _usual_name(text, order) or _parsed(text, order)


@lru_cache(maxsize=1 << 14)
def _parsed(text: str, order: NameOrder) -> Name | None:
    whole = plain(text)
    if ",," in whole or whole.endswith(","):
        return _body(whole)
    clean = _bare(whole)
    if is_missing(clean) or _NOBODY.match(clean):
        return None
    family, comma, given = clean.partition(",")
    if comma:
        return _divided(family.strip(), given.strip(" ,;"))
    if " " not in clean or _BODY.search(clean):
        return Name(literal=clean)
    return _ordered(clean, order)


# A field for one name that holds several: "Author, A. and Other, B.", "Author AB, Other C".
_SEVERAL = re.compile(
    r"[^,]{2,60}, [^,]{1,40}(?: and [^,]{2,60}, [^,]{1,40})+|"
    r"(?:[^\W\d_][^\W\d_ '’-]+(?:[ -][^\W\d_'’-]+){0,3} [A-Z]{1,3}, ){1,500}"
    r"[^\W\d_][^\W\d_ '’-]+(?:[ -][^\W\d_'’-]+){0,3} [A-Z]{1,3}\.?"
)


def names_in(text: str, order: NameOrder = NameOrder.UNKNOWN) -> tuple[Name, ...]:
    """The names in a field that should hold one, and in some exports holds several.

    Examples
    --------
    >>> [name.shown for name in names_in("Author, A.; Other, B.")]
    ['Author, A.', 'Other, B.']
    >>> [name.shown for name in names_in("Author AB, van der Other C")]
    ['Author, AB', 'van der Other, C']
    """
    usual = _usual_name(text, order)
    if usual is not None:
        return (usual,)
    several = ";" in text or "\n" in text or "|" in text
    if not several and "," in text:
        several = _SEVERAL.fullmatch(" ".join(text.split())) is not None
    names = (parse_name(part, order) for part in (split_names(text) if several else (text,)))
    return tuple(name for name in names if name is not None)


def _body(whole: str) -> Name | None:
    """A body, or a person's name behind which a comma was left."""
    if ",," not in whole and "," in whole.rstrip(" ,"):
        return parse_name(whole.rstrip(" ,"))
    return parse_body(whole.replace(",,", ","))


def parse_body(text: str) -> Name | None:
    """A name that stays whole, as that of a body; None where it names nobody.

    Examples
    --------
    >>> parse_body("Unit 7, Back Group").literal
    'Unit 7, Back Group'
    """
    name = plain(text).replace(";", ",").replace("|", ",").strip(" ,")
    return None if is_missing(name) or _NOBODY.match(name) else Name(literal=name)


def _bare(clean: str) -> str:
    """Without affiliation marks and the signs that separate names."""
    clean = clean.replace(";", ",").replace("|", ",") if ";" in clean or "|" in clean else clean
    if clean.startswith("[") and clean.find("]") == len(clean) - 1:
        clean = clean[1:-1].strip()
    while len(clean) <= _LONGEST:
        shorter = _HANGING.sub("", clean) if clean[-1:] in _ENDS_OF_HANGING else clean
        shorter = shorter.strip(" ,*")
        if shorter == clean:
            return clean
        clean = shorter
    return clean


def write_name(name: Name) -> str:
    """A name so that :func:`parse_name` reads the same again.

    Examples
    --------
    >>> write_name(Name("Osler", "William")), write_name(Name(literal="Unit 7, Back Group"))
    ('Osler, William', 'Unit 7,, Back Group')
    """
    if not name.literal:
        return name.shown
    if "," in name.literal:
        return name.literal.replace(",", ",,")
    return name.literal if parse_name(name.literal) == name else f"{name.literal},"


def _divided(family: str, given: str) -> Name | None:
    if not given:
        return Name(literal=family) if family else None
    if not family:
        return Name(literal=given)
    if (" " in family or " " in given) and _BODY.search(given) and _BODY.search(family):
        return Name(literal=f"{family}, {given}")
    return person(family, given)


def _ordered(clean: str, order: NameOrder) -> Name:
    parts = clean.split(" ")
    if order is NameOrder.GIVEN_FIRST:
        return _given_first(parts)
    family, _, given = _trailing_initials(clean)
    if given:
        return Name(family=family, given=given)
    if order is NameOrder.FAMILY_FIRST and len(parts) == 2:
        return Name(family=parts[0], given=parts[1])
    return Name(literal=clean)


def _trailing_initials(clean: str) -> tuple[str, str, str]:
    """Family name and the initials behind it: "de la Cruz JA", "Smith J A", "Smith JA Jr"."""
    parts = clean.split(" ")
    for cut in range(max(1, len(parts) - 4), len(parts)):
        given = " ".join(parts[cut:])
        # A script without capitals has no initials that could be told from names; but names in
        # Chinese, Japanese and Korean are in that order, too.
        first = parts[cut][:1]
        if not (first.isupper() or "\u2e80" <= first <= "\ud7ff") or not _INITIALS.match(
            parts[cut]
        ):
            continue
        if all(_INITIALS.match(p) or _SUFFIX.match(p) for p in parts[cut:]):
            return " ".join(parts[:cut]), " ", given
    return clean, "", ""


def _given_first(parts: list[str]) -> Name:
    """Family name last, with the particles before it and a suffix behind."""
    end = len(parts)
    while end > 1 and _SUFFIX.match(parts[end - 1]):
        end -= 1
    first = 0
    while first < end - 1 and _ACADEMIC.match(parts[first]):
        first += 1
    start = end - 1
    while start > first + 1 and parts[start - 1].lower() in _PARTICLES:
        start -= 1
    given = " ".join(parts[first:start])
    suffix = " ".join(parts[end:])
    family = " ".join(parts[start:end])
    if not given:
        return Name(literal=" ".join(parts))
    return Name(family=family, given=f"{given}, {suffix}" if suffix else given)


_INITIALS_ITEM = re.compile(r"^[^,;]+ (?:[^\W\d_]\.?-?){1,4}(?: (?:Jr|Sr|2nd|3rd)\.?)?$")
_JOINED = re.compile(r"(?<=[a-zß-öø-ÿ])(?=[A-Z][^\W\d_]*\.? )")
_MC = re.compile(r"(?:^|[\s-])(?:Mc|Mac|De|Di|La|Le|Van|O’|Fitz|Du)$")


# A list as Python writes one, which tables made with pandas hold.
_LISTED = re.compile(r"'([^']+)'|\"([^\"]+)\"")


def split_names(text: str) -> tuple[str, ...]:
    """The names of a cell that holds several, by the sign that divides them there.

    Examples
    --------
    >>> split_names("Curry Rogers, Kristina; Martínez, R. N.")
    ('Curry Rogers, Kristina', 'Martínez, R. N.')
    >>> split_names("Griffin DK, Larkin DM."), split_names("Longrich, N.R. and Pereda, X.")
    (('Griffin DK', 'Larkin DM'), ('Longrich, N.R.', 'Pereda, X.'))
    """
    whole = " ".join(text.split()).replace(", & ", ", ")
    if whole.startswith(("['", '["')) and whole.endswith("]"):
        return tuple(two or one for one, two in _LISTED.findall(whole))
    return tuple(part for part in (p.strip(" ;") for p in _parts(text, whole)) if part)


def _parts(text: str, whole: str) -> Iterator[str]:
    if "|" in whole:
        yield from whole.split("|")
    elif ";" in whole:
        yield from _without_stop(whole.split(";"))
    elif "\n" in text.strip():
        yield from (line.strip().removeprefix("and ") for line in text.split("\n"))
    elif " and " in whole:
        for part in whole.split(" and "):
            yield from _by_commas(part)
    else:
        yield from _by_commas(whole)


_WORD_AND_STOP = re.compile(r"^[^.]*[^\W\d_][a-zß-öø-ÿ]{2,}\.$")


def _without_stop(parts: list[str]) -> list[str]:
    """Without the full stop of the list itself: "One, Ann; Two, Ben."."""
    last = parts[-1].strip()
    if len(parts) > 1 and _WORD_AND_STOP.search(last) and not any("." in p for p in parts[:-1]):
        return [*parts[:-1], last[:-1]]
    return parts


def _by_commas(whole: str) -> Iterator[str]:
    """Commas between names ("Griffin DK, Larkin DM"), not inside one ("Griffin, Darren")."""
    if _USUAL.fullmatch(whole):
        yield whole
        return
    items = [item.strip() for item in whole.rstrip(" ,").split(",")]
    last = items[-1]
    if last.endswith(".") and "." not in last[:-1] and not any("." in i for i in items[:-1]):
        items[-1] = last[:-1]  # that of the list, not of an initial: "One AB, Two C."
    if len(items) > 2 and len(items) % 2 == 0 and all(_INITIALS.match(i) for i in items[1::2]):
        pairs = zip(items[::2], items[1::2], strict=True)
        yield from (f"{family}, {given}" for family, given in pairs)
    elif len(items) > 1 and _are_names(items):
        yield from items
    else:
        yield whole.strip(" ,")


def _are_names(items: list[str]) -> bool:
    """Whether each item is a whole name: all with initials or of bodies, or all of some words."""
    if all(_INITIALS_ITEM.match(item) or _BODY.search(item) for item in items):
        return True
    most = 3 if len(items) == 2 else 6
    return all(2 <= len(item.split()) <= most for item in items)


def split_joined_names(text: str) -> tuple[str, ...]:
    """Names written without anything between them, as Springer's table has them.

    Examples
    --------
    >>> split_joined_names("Araz R. AlievNigar T. Ismayilova")
    ('Araz R. Aliev', 'Nigar T. Ismayilova')
    """
    out, start = [], 0
    for match in _JOINED.finditer(text):
        if not _MC.search(text[start : match.start()]):
            out.append(text[start : match.start()])
            start = match.start()
    return tuple(part.strip() for part in (*out, text[start:]) if part.strip())
