"""Columns and cells of a network's table: which is which, names, numbers."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.synthesis.network import problems

# Names of estimates that tell the measure too: differences, logarithms of ratios, and ratios.
_DIFFERENCES: Mapping[str, str] = {
    **dict.fromkeys(("md", "meandifference", "meandiff"), "MD"),
    **dict.fromkeys(("smd", "standardizedmeandifference", "standardisedmeandifference"), "SMD"),
    **dict.fromkeys(("rd", "riskdifference"), "RD"),
}
_RATIOS: Mapping[str, str] = {
    "or": "OR", "oddsratio": "OR",
    "rr": "RR", "riskratio": "RR", "relativerisk": "RR",
    "hr": "HR", "hazardratio": "HR",
    "irr": "IRR", "rateratio": "IRR",
    "rom": "ROM", "ratioofmeans": "ROM",
}  # fmt: skip
_LOGS: Mapping[str, str] = {
    f"{log}{name}": measure for log in ("ln", "log") for name, measure in _RATIOS.items()
}

# Usual names of columns, without capitals, spaces and signs; those of netmeta, gemtc, CINeMA.
SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "study": ("study", "studlab", "studyid", "id", "trial", "author", "label", "name", "studies"),
    "treatment": ("treatment", "treat", "trt", "arm", "t", "intervention", "treatments"),
    "treat1": ("treat1", "t1", "treatment1", "trt1", "arm1"),
    "treat2": ("treat2", "t2", "treatment2", "trt2", "arm2", "comparator"),
    "events": ("events", "event", "r", "responders", "xi", "x", "cases"),
    "n": ("n", "ni", "samplesize", "size", "total", "participants"),
    "mean": ("mean", "y", "mi", "m", "average"),
    "sd": ("sd", "sdi", "stddev", "stdev", "standarddeviation"),
    "time": ("time", "ti", "exposure", "persontime", "personyears", "e"),
    "estimate": ("estimate", "te", "yi", "effect", "diff", "es"),
    "se": ("se", "sete", "sei", "stderr", "standarderror"),
    "variance": ("variance", "vi", "v", "var"),
    "ci_lower": ("cilower", "lower", "lci", "lcl"),
    "ci_upper": ("ciupper", "upper", "uci", "ucl"),
}

# Taken where there is no column of a name above.
_FURTHER: Mapping[str, tuple[str, ...]] = {
    "study": ("studyname", "trialid", "trialname", "reference", "paper"),
    "treatment": ("drug", "treatmentname", "armname", "group", "tx"),
    "treat1": ("treata", "trta", "arma", "intervention1", "drug1", "tx1", "experimental"),
    "treat2": ("treatb", "trtb", "armb", "intervention2", "drug2", "tx2", "control"),
    "events": (
        "resp",
        "nevents",
        "eventsn",
        "nresponders",
        "deaths",
        "death",
        "d",
    ),
    "n": (
        "randomized",
        "randomised",
        "ntotal",
        "totaln",
        "nrandomized",
        "nrandomised",
        "patients",
        "narm",
        "groupsize",
        "nparticipants",
    ),
    "mean": ("means",),
    "sd": ("sds",),
    "time": ("patientyears", "pyears", "persondays", "years"),
    "estimate": ("est", "estimatedeffect", "effectestimate", *_DIFFERENCES, *_LOGS),
    "se": ("stderror", "sediff", "sed", "sey", *(f"se{name}" for name in (*_DIFFERENCES, *_LOGS))),
    "variance": ("varte", "vard"),
    "ci_lower": ("cilow", "lowerci", "lower95", "cilb"),
    "ci_upper": ("cihigh", "upperci", "upper95", "ciub"),
}

COUNTS = ("events", "n")
CONTRAST_ROLES = (
    "study", "treatment", "treat1", "treat2", "estimate", "se", "variance", "ci_lower", "ci_upper",
)  # fmt: skip
_SPREADS = {"se", "variance", "ci_lower"}
# As 7,081 and, in other countries, 7 081 or 7'081. With a point it would be a decimal fraction.
_THOUSANDS = re.compile("[1-9][0-9]{0,2}([,'’ \u00a0\u2009\u202f])[0-9]{3}(\\1[0-9]{3})*")
# Of these two columns with usual names are two different numbers; of names the first will do.
_NUMBERS = ("events", "n", "mean", "sd", "time", "estimate", "se", "variance")


def roles_of(
    header: Sequence[str], given: object, wanted: Sequence[str] = tuple(SPELLINGS)
) -> dict[str, str]:
    """From role to column, of those wanted: as told, else by the usual names.

    Raises
    ------
    DataError
        Where what is told is no role or no column (NET020), or two columns could play one
        part (NET029).

    Examples
    --------
    >>> roles_of(["Study", "treat", "r", "n"], {})
    {'study': 'Study', 'treatment': 'treat', 'events': 'r', 'n': 'n'}
    """
    if not isinstance(given, Mapping):
        raise DataError(problems.columns_unknown(list(header), [str(given)]))
    strange = [str(name) for name in given.values() if name not in header]
    unknown = [str(role) for role in given if role not in wanted]
    if strange or unknown:
        raise DataError(
            *(problems.no_such_role(role, wanted) for role in unknown),
            *(problems.no_such_column(name, header) for name in strange),
        )
    out = {str(role): str(name) for role, name in given.items()}
    # Names of R that begin with a point stand for what is kept beside: .seTE of netmeta's pairwise.
    free = (name for name in header if name not in out.values() and not name.startswith("."))
    left = {name: plain(name) for name in free}
    for role in wanted:
        if role in out:
            continue
        ratios = tuple(_RATIOS) if role == "estimate" else ()
        for spelt in (SPELLINGS[role], _FURTHER[role], ratios):
            found = [name for name, known in left.items() if known in spelt]
            if role in _NUMBERS and len(found) > 1:
                raise DataError(problems.columns_several(role, found))
            if found:
                out[role] = _first(found, spelt)
                break
    return _as_sides(out)


def _first(found: Sequence[str], spelt: Sequence[str]) -> str:
    """The column whose name is the most usual one."""
    return min(found, key=lambda name: spelt.index(plain(name)))


def _as_sides(roles: dict[str, str]) -> dict[str, str]:
    """The two sides of a contrast and its estimate, where other names stand for them.

    Between two treatments y and d are an effect, not an arm's mean or its deaths; a treatment
    with a comparator is one side.
    """
    if {"treat1", "treat2"} <= set(roles) and "estimate" not in roles and set(roles) & _SPREADS:
        for role in ("mean", "events"):
            if plain(roles.get(role, "")) in ("y", "d"):
                roles["estimate"] = roles.pop(role)
                break
    if {"treatment", "treat2", "estimate"} <= set(roles) and "treat1" not in roles:
        roles["treat1"] = roles.pop("treatment")
    return roles


def measure_told(column: str) -> str:
    """The measure that a column of estimates is named for, if it is.

    Examples
    --------
    >>> measure_told("lnHR"), measure_told("odds ratio"), measure_told("TE")
    ('HR', 'OR', '')
    """
    known = {**_DIFFERENCES, **_LOGS, **_RATIOS}
    return known.get(plain(column), "")


def ratio_named(column: str) -> bool:
    """Whether a column of estimates is named for ratios as ratios, not for their logarithms."""
    return plain(column) in _RATIOS


def counts_named(column: str) -> bool:
    """Whether a column holds events or people by its name, with an arm's number or without.

    Examples
    --------
    >>> counts_named("n"), counts_named("event2"), counts_named("sd1")
    (True, True, False)
    """
    stem = plain(column).rstrip("0123456789")
    return any(stem in (*SPELLINGS[role], *_FURTHER[role]) for role in COUNTS)


def plain(name: str) -> str:
    """A column's name without capitals, spaces and signs, and without "number of"."""
    small = str(name).lower()
    if not (small.isascii() and small.isalnum()):
        small = "".join(c for c in small if c.isascii() and c.isalnum())
    return small.removeprefix("numberof").removeprefix("noof")


def label_of(value: object) -> str:
    """A name without spaces around it; empty where it is missing, "3" for 3.0.

    Examples
    --------
    >>> label_of(" placebo "), label_of(3.0), label_of(float("nan")), label_of(b"sham")
    ('placebo', '3', '', 'sham')
    """
    if isinstance(value, str):
        return value.strip()
    if value is None or value != value:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace").strip()
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def number_of(value: object) -> float:
    """NaN where a cell is empty or no number: the study that needs it says so."""
    if isinstance(value, float):
        return float(value)
    if value is None or "_" in str(value):
        return np.nan
    try:
        # Typeset tables have a minus sign of their own.
        return float(str(value).replace("−", "-"))
    except ValueError:
        return np.nan


def count_of(value: object) -> float:
    """As :func:`number_of`, of a number of events or people, whose thousands may stand apart.

    Examples
    --------
    >>> count_of("7,081"), count_of("12\u202f345"), count_of("7,08")
    (7081.0, 12345.0, nan)
    """
    if grouped(value):
        return float("".join(c for c in str(value) if c.isdigit()))
    return number_of(value)


def grouped(value: object) -> bool:
    """Whether a cell could be a whole number in groups of thousands.

    Examples
    --------
    >>> grouped("7,081"), grouped("0,081"), grouped("7081")
    (True, False, False)
    """
    return isinstance(value, str) and bool(_THOUSANDS.fullmatch(value.strip()))


def numbers_of(values: Iterable[object], *, counts: bool = False) -> Floats:
    """A column as an array of numbers, by :func:`number_of` or :func:`count_of`."""
    read = count_of if counts else number_of
    return np.array([read(value) for value in values], float)


def names_alike(names: Iterable[str]) -> list[str]:
    """Spellings of one name that differ in capitals, spaces or hidden signs alone; the first such.

    Examples
    --------
    >>> names_alike(["rest", "yoga", "Rest", "rest"])
    ['rest', 'Rest']
    """
    alike: dict[str, dict[str, None]] = {}
    for name in dict.fromkeys(names):
        alike.setdefault(_folded(name), {})[name] = None
    return next((list(found) for found in alike.values() if len(found) > 1), [])


def _folded(name: str) -> str:
    seen = (c for c in unicodedata.normalize("NFKC", name) if unicodedata.category(c) != "Cf")
    return " ".join("".join(seen).casefold().split())
