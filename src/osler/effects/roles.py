"""Which column of a table holds which role of a measure, told from its name.

Two-arm tables are recognised as in :mod:`osler.effects.columns`. For a single group the same
short name means different things for different measures (metafor's ``mi`` is a mean, or the
number without the event), so those spellings are kept by kind of measure.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import product

from osler.core.diagnostics import DataError
from osler.effects import problems
from osler.effects.columns import spellings, two_for_one
from osler.effects.measures.measure import Measure

_N = (
    *("n", "ni", "total", "totals", "size", "samplesize", "participants", "patients"),
    *("subjects", "analysed", "analyzed"),
)
_EVENTS = ("events", "event", "ev", "cases", "x", "xi", "deaths", "successes", "responders")
_TIME = ("time", "ti", "persontime", "personyears", "patientyears", "py", "exposure")
_SD = ("sd", "sdi", "std", "stdev", "stddev", "standarddeviation")
_MEAN = ("mean", "mi", "m", "average", "avg")
_R = ("correlation", "correlations", "r", "ri", "cor", "corr", "pearson")
_ALONE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "proportion": {
        "events": _EVENTS,
        "n": _N,
        "nonevents": ("nonevents", "nonevent", "noevents", "mi", "failures"),
    },
    "rate": {"events": _EVENTS, "time": _TIME},
    "mean": {"mean": _MEAN, "sd": _SD, "n": _N, "se": ("se", "sei", "standarderror", "sem")},
    "spread": {"sd": _SD, "n": _N},
    "correlation": {"correlation": _R, "n": _N},
    "partial correlation": {
        "t": ("t", "ti", "tval", "tvalue", "tstatistic", "tstat"),
        "n": _N,
        "predictors": ("predictors", "mi", "preds", "npredictors", "p"),
        "r_squared": ("rsquared", "r2", "r2i", "rsq"),
    },
    # Not metafor's m1i, sd1i: there SMCR divides by the SD called 1, here by the one before.
    "change": {
        "mean_post": ("meanpost", "postmean", "meanafter", "meanfinal", "meanfollowup"),
        "mean_pre": ("meanpre", "premean", "meanbefore", "meanbaseline", "baselinemean"),
        "sd_post": ("sdpost", "postsd", "sdafter", "sdfinal", "sdfollowup"),
        "sd_pre": ("sdpre", "presd", "sdbefore", "sdbaseline", "baselinesd"),
        "sd_change": ("sdchange", "changesd", "sddiff", "sddifference"),
        "n": _N,
        "correlation": _R,
    },
    "matched pairs": {
        "both": ("both", "ai", "a"),
        "first_only": ("firstonly", "bi", "b"),
        "second_only": ("secondonly", "ci", "c"),
        "neither": ("neither", "di", "d"),
    },
    "matched margins": {
        "events_first": ("eventsfirst", "firstevents", "events1", "x1i", "x1"),
        "events_second": ("eventssecond", "secondevents", "events2", "x2i", "x2"),
        "n": (*_N, "pairs", "npairs"),
        "correlation": (*_R, "phi"),
    },
    "reliability": {
        "alpha": ("alpha", "ai", "cronbachsalpha", "cronbachalpha", "cronbach"),
        "items": ("items", "mi", "nitems"),
        "n": _N,
    },
    "genotypes": {
        "dominant": ("dominant", "ai"),
        "heterozygous": ("heterozygous", "bi"),
        "recessive": ("recessive", "ci"),
    },
}
_SAME_AS = {"semi-partial correlation": "partial correlation", "change of spread": "change"}
# Only what a measure of the kind is made from is looked for: a column that merely sounds like
# the events ("xtrt") must not cost a mean difference its rows.
_OF_ARMS: Mapping[str, tuple[str, ...]] = {
    "binary": ("events", "nonevents", "n"),
    "rates": ("events", "time"),
    "continuous": ("mean", "sd", "n", "se"),
    "spreads": ("sd", "n", "se"),
}
_LABELS = {
    "studlab": ("studlab", "slab", "label"),
    "author": ("author", "authors", "firstauthor"),
    "study": ("study", "studies", "trial", "trials", "name", "studyname", "trialname"),
    "number": ("studyid", "trialid", "id", "reference"),
    "year": ("year", "yr", "pubyear", "publicationyear"),
}
LABELS = ("study", "study_id", "year")


def roles_of(
    header: Sequence[str], measure: Measure, given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Role -> name of its column, for whatever the measure can be made from.

    Parameters
    ----------
    header : sequence of str
    measure : Measure
    given : mapping of str to str, optional
        Role -> column as the caller says; these are not looked for.

    Raises
    ------
    DataError
        Where a given role is none of this measure (EFF050), a given column is not there
        (FRM001, when it is read), or two columns could hold one role (DAT002).

    Examples
    --------
    >>> from osler.effects.measures import MEASURES
    >>> roles_of(["study", "xi", "ni"], MEASURES["PLO"])
    {'study': 'study', 'events': 'xi', 'n': 'ni'}
    """
    stated = dict(given or {})
    known = _spellings(measure.kind)
    allowed = (*LABELS, *dict.fromkeys(known.values()))
    for role in stated:
        if role not in allowed:
            raise problems.unknown_role(role, measure.name, allowed)
    found: dict[str, list[str]] = {}
    for name in header:
        role = known.get(_key(name), "")
        if role and role not in stated and name not in stated.values():
            found.setdefault(role, []).append(name)
    for role, names in found.items():
        if len(names) > 1:
            raise DataError(two_for_one(role, names))
    labels = {r: n for r, n in _labels(header).items() if r not in stated}
    return labels | {role: names[0] for role, names in found.items()} | stated


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.lower())


@cache
def _spellings(kind: str) -> Mapping[str, str]:
    kind = _SAME_AS.get(kind, kind)
    if kind not in _OF_ARMS:
        return {name: role for role, names in _ALONE[kind].items() for name in names}
    roles = [f"{what}_{group}" for what in _OF_ARMS[kind] for group in ("treated", "control")]
    out = {name: role for name, role in spellings().items() if role in roles}
    groups = {
        "treated": ("treated", "treatment", "e", "exp", "experimental", "intervention", "1"),
        "control": ("control", "ctrl", "c", "con", "placebo", "comparator", "2"),
    }
    for group, names in groups.items():
        for what, words in (("time", _TIME), ("se", ("se", "sem", "standarderror"))):
            for word, name in product(words, names):
                out.setdefault(word + name, f"{what}_{group}")
                out.setdefault(name + word, f"{what}_{group}")
    out |= {"t1i": "time_treated", "t2i": "time_control"}
    out |= {"se1i": "se_treated", "se2i": "se_control"}
    # "sec" and "see" are the standard errors of nobody in particular; "ec" is events.
    unclear = ("see", "sec", "ese", "cse")
    return {n: r for n, r in out.items() if r in roles and n not in unclear}


def _labels(header: Sequence[str]) -> dict[str, str]:
    """Of study and author, the author names it: a study is often only numbered."""
    keys = {_key(name): name for name in reversed(header)}
    # In the order of the spellings, not of the columns: a "trial" before a "study" is its number.
    by_kind = {
        kind: next(keys[name] for name in names if name in keys)
        for kind, names in _LABELS.items()
        if not keys.keys().isdisjoint(names)
    }
    ranked = [by_kind[k] for k in ("studlab", "author", "study", "number") if k in by_kind]
    out = dict(zip(("study", "study_id"), ranked, strict=False))
    return out | ({"year": by_kind["year"]} if "year" in by_kind else {})
