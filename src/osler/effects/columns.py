"""Which columns of a table hold what, told from their usual names.

Names are compared without capitals, spaces and signs: "Events (treated)", "events.treated"
and "eventsTreated" are one. The spellings are those of common practice and of the R packages
metafor (ai, n1i, m1i, yi, vi) and meta (event.e, n.c, mean.e, TE, seTE).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from types import MappingProxyType
from typing import Literal

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity

Layout = Literal["counts", "means", "estimates"]

_GROUPS = {
    "treated": (
        *("treated", "treatment", "treat", "trt", "tx", "t", "e", "exp", "experimental"),
        *("intervention", "int", "active", "1", "g1", "group1", "arm1"),
    ),
    "control": (
        *("control", "controls", "ctrl", "ctl", "con", "c", "comparator", "comparison", "comp"),
        *("placebo", "pbo", "sham", "2", "g2", "group2", "arm2"),
    ),
}
_QUANTITIES = {
    "events": (
        *("events", "event", "ev", "cases", "responders", "deaths", "dead", "successes"),
        *("positive", "pos", "x", "r"),
    ),
    "nonevents": (
        *("nonevents", "nonevent", "noevents", "noevent", "nonresponders", "negative"),
        *("neg", "failures"),
    ),
    "n": (
        *("n", "total", "totals", "size", "samplesize", "participants", "patients", "subjects"),
        *("randomised", "randomized", "analysed", "analyzed"),
    ),
    "mean": ("mean", "means", "m", "average", "avg"),
    "sd": ("sd", "sds", "std", "stdev", "stddev", "standarddeviation"),
}
# Spellings that no rule gives. "e" alone stands for events only where it cannot be read as
# anything else: "te" is the estimate of the package meta, "se" a standard error.
_SPECIAL = {
    "events_treated": ("ai", "ee", "e1", "x1i", "evente"),
    "events_control": ("ci", "ec", "e2", "x2i", "eventc"),
    "nonevents_treated": ("bi",),
    "nonevents_control": ("di",),
    "n_treated": ("n1i", "ne"),
    "n_control": ("n2i", "nc"),
    "mean_treated": ("m1i", "me"),
    "mean_control": ("m2i", "mc"),
    "sd_treated": ("sd1i", "sde"),
    "sd_control": ("sd2i", "sdc"),
    "estimate": (
        *("estimate", "est", "effect", "effectsize", "effectestimate", "pointestimate", "es"),
        *("yi", "y", "te", "beta", "coef", "coefficient"),
    ),
    "se": ("se", "sei", "sete", "stderr", "standarderror", "stderror", "seestimate", "seeffect"),
    "variance": ("vi", "v", "var", "variance", "samplingvariance", "varte"),
    "ci_lower": (
        *("lower", "lci", "lcl", "ll", "lb", "cilb", "cilow", "low", "lowerbound"),
        *("lowerlimit", "cil", "cilower", "lowerci", "lowercl"),
    ),
    "ci_upper": (
        *("upper", "uci", "ucl", "ul", "ub", "ciub", "cihigh", "high", "upperbound"),
        *("upperlimit", "ciu", "ciupper", "upperci", "uppercl"),
    ),
    "study": (
        *("study", "studies", "trial", "trials", "label", "studlab", "slab", "name", "author"),
        *("authors", "studyid", "trialid", "studyname", "trialname", "firstauthor", "reference"),
    ),
    "year": ("year", "yr", "pubyear", "publicationyear"),
}
# Estimates named for what they are: the measure, and whether they are printed as ratios.
_NAMED = {
    **dict.fromkeys(("rr", "riskratio", "relativerisk"), ("RR", True)),
    **dict.fromkeys(("or", "oddsratio"), ("OR", True)),
    **dict.fromkeys(("hr", "hazardratio"), ("HR", True)),
    **dict.fromkeys(("logrr", "lnrr", "logriskratio"), ("RR", False)),
    **dict.fromkeys(("logor", "lnor", "logoddsratio"), ("OR", False)),
    **dict.fromkeys(("loghr", "lnhr", "loghazardratio"), ("HR", False)),
    **dict.fromkeys(("rd", "riskdifference"), ("RD", False)),
    **dict.fromkeys(("md", "meandifference", "meandiff"), ("MD", False)),
    **dict.fromkeys(("smd", "hedgesg", "cohensd", "g", "d"), ("SMD", False)),
}
LABEL_ROLES = ("study", "study_id", "year")
_COUNTS = ("events_treated", "n_treated", "events_control", "n_control")
_MEANS = ("mean_treated", "sd_treated", "n_treated", "mean_control", "sd_control", "n_control")
_NEEDED: Mapping[Layout, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "counts": (
            # Where both are there, the size may be of the randomised, or of another outcome.
            ("events_treated", "nonevents_treated", "events_control", "nonevents_control"),
            _COUNTS,
        ),
        "means": (_MEANS,),
        "estimates": (
            ("estimate", "se"),
            ("estimate", "variance"),
            ("estimate", "ci_lower", "ci_upper"),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Columns:
    """What a header was understood to hold.

    Attributes
    ----------
    layout : "counts", "means" or "estimates"
        What effects are computed from.
    roles : mapping of str to str
        From a role ("events_treated", "se", "study", ...) to the name of its column.
    measure : str
        The measure that the estimate's column is named for; empty where none.
    as_ratio : bool
        Whether that column holds ratios as printed rather than logarithms.
    unused : tuple of str
        Columns that play no part.
    """

    layout: Layout
    roles: Mapping[str, str]
    measure: str
    as_ratio: bool
    unused: tuple[str, ...]

    def said(self) -> str:
        """In words: "events_treated from 'ai', n_treated from 'n1i'"."""
        return ", ".join(f"{role} from {name!r}" for role, name in self.roles.items())


LAYOUTS: tuple[Layout, ...] = ("counts", "means", "estimates")


def recognise(header: Sequence[str], wanted: Sequence[Layout] = LAYOUTS) -> Columns:
    """Tell what the columns hold.

    Parameters
    ----------
    header : sequence of str
        Column names as they stand.
    wanted : sequence of {"counts", "means", "estimates"}
        What will do, best first; of those the first that the table has is taken.

    Returns
    -------
    Columns

    Raises
    ------
    DataError
        DAT001 where nothing that will do is complete, with what was understood and what
        is missing; DAT002 where two columns would play one part.

    Examples
    --------
    >>> columns = recognise(["trial", "tpos", "tneg", "cpos", "cneg", "ablat"])
    >>> columns.layout, columns.roles["nonevents_control"], columns.unused
    ('counts', 'cneg', ('ablat',))
    >>> recognise(["Study", "TE", "seTE"]).roles
    mappingproxy({'study': 'Study', 'estimate': 'TE', 'se': 'seTE'})
    """
    found = _found(header)
    layout = next((layout for layout in wanted if _needed(layout, found)), None)
    if layout is None:
        raise DataError(_not_understood(header, found, wanted))
    roles = {role: names for role, names in found.items() if role in LABEL_ROLES}
    roles |= {role: found[role] for role in _needed(layout, found)}
    for role, names in roles.items():
        if len(names) > 1:
            raise DataError(two_for_one(role, names))
    used = {names[0] for names in roles.values()}
    estimate = roles.get("estimate", ("",))[0]
    measure, as_ratio = _NAMED.get(_key(estimate), ("", False))
    return Columns(
        layout,
        MappingProxyType({role: names[0] for role, names in roles.items()}),
        measure,
        as_ratio,
        tuple(name for name in header if name and name not in used),
    )


@cache
def spellings() -> Mapping[str, str]:
    """Every spelling that is known, reduced to letters and digits, with its role."""
    out: dict[str, str] = {}
    for quantity, names in _QUANTITIES.items():
        for group, groups in _GROUPS.items():
            for a, b in product(names, groups):
                out[a + b] = out[b + a] = f"{quantity}_{group}"
    for role, names in _SPECIAL.items():
        out |= dict.fromkeys(names, role)
    for side in ("lower", "upper"):
        for name, prefix in product(_SPECIAL[f"ci_{side}"], ("", "rr", "or", "hr", "md", "smd")):
            out |= dict.fromkeys((prefix + name, f"{name}95", f"95{name}"), f"ci_{side}")
        out |= dict.fromkeys((f"{side}95ci", f"ci95{side}", f"95ci{side}"), f"ci_{side}")
    return MappingProxyType(out | dict.fromkeys(_NAMED, "estimate"))


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.lower())


def _found(header: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Columns by role, in the order of the roles' first columns."""
    known = spellings()
    out: dict[str, tuple[str, ...]] = {}
    for name in header:
        role = known.get(_key(name))
        if role:
            out[role] = (*out.get(role, ()), name)
    return _best_estimate(_best_label(out))


def _best_label(found: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Of "study" and "author", the author names it: a study is often only numbered.

    The next best stays as "study_id", to tell two studies of one author and year apart.
    """
    order = ("studlab", "slab", "label", "author", "authors", "firstauthor", "study")
    ranks = {name: i for i, name in enumerate(order)}
    names = sorted(found.get("study", ()), key=lambda n: ranks.get(_key(n), len(ranks)))
    for role, name in zip(("study", "study_id"), names, strict=False):
        found[role] = (name,)
    return found


def _best_estimate(found: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Beside "yi", a column "or" only repeats it as a ratio: the one called an estimate is meant.

    Without a standard error or variance it is the other way about: the interval that is left
    belongs to the ratio.
    """
    names = found.get("estimate", ())
    general = tuple(n for n in names if _key(n) not in _NAMED)
    named = tuple(n for n in names if _key(n) in _NAMED)
    if general and named:
        on_scale = "se" in found or "variance" in found
        found["estimate"] = general if on_scale else named
    return found


def _needed(layout: Layout, found: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The roles that make a layout complete in this table; empty where it is not."""
    complete = (roles for roles in _NEEDED[layout] if all(role in found for role in roles))
    return next(complete, ())


def _not_understood(
    header: Sequence[str], found: Mapping[str, tuple[str, ...]], wanted: Sequence[Layout]
) -> Diagnostic:
    understood = ", ".join(f"{role} from {names[0]!r}" for role, names in found.items())
    # Of several ways to be complete, the one that lacks least is what was probably meant.
    ways = [roles for layout in wanted for roles in _NEEDED[layout]]
    nearest = min(ways, key=lambda roles: sum(role not in found for role in roles))
    return Diagnostic(
        "DAT001",
        Severity.ERROR,
        Place("", 1),
        "the columns do not say what to pool",
        found=f"columns: {', '.join(n for n in header if n) or 'none'}\n"
        f"understood: {understood or 'nothing'}\n"
        f"missing: {', '.join(role for role in nearest if role not in found)}",
        so="nothing is pooled",
        help="add or rename columns so that one of these is complete:\n"
        + "\n".join(", ".join(roles) for roles in ways),
    )


def two_for_one(role: str, names: Sequence[str]) -> Diagnostic:
    """Several columns that could play one part."""
    return Diagnostic(
        "DAT002",
        Severity.ERROR,
        Place("", 1, field=names[1]),
        f"several columns could be {role}",
        found=", ".join(repr(name) for name in names),
        so="nothing is pooled, as the choice would be a guess",
        help=f"rename all but one of them, or call the right one {role!r}",
    )
