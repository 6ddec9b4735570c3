"""What can make an effect impossible to compute, as diagnostics.

The place is left open: these functions see values, not files. Whoever knows the row puts
it in with :func:`at`.
"""

from collections.abc import Sequence
from dataclasses import replace

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity

_NOWHERE = Place("")
_LEFT_OUT = "the study cannot be used until it is corrected"
_CHECK = "check the extraction against the report"


def at(place: Place, *diagnostics: Diagnostic) -> tuple[Diagnostic, ...]:
    """The same diagnostics at a place; a field they name themselves is kept.

    Examples
    --------
    >>> at(Place("trials.csv", 3), no_participants("control"))[0].place.line
    3
    """
    return tuple(
        replace(d, place=replace(place, field=place.field or d.place.field)) for d in diagnostics
    )


def _error(code: str, message: str, found: str, help_: str, so: str = _LEFT_OUT) -> DataError:
    return DataError(Diagnostic(code, Severity.ERROR, _NOWHERE, message, found, so, help_))


def unknown_measure(name: str, known: str) -> DataError:
    return _error(
        "EFF001",
        "unknown effect measure",
        repr(name),
        f"use one of {known}",
        "no effect is computed",
    )


def wrong_kind(measure: str, needed: str, found: str) -> DataError:
    return _error("EFF002", f"{measure} needs {needed}", found, "choose a measure that fits")


def no_participants(group: str) -> Diagnostic:
    return Diagnostic(
        "EFF010",
        Severity.ERROR,
        _NOWHERE,
        "a group has no participants",
        f"{group} group",
        _LEFT_OUT,
        _CHECK,
    )


def negative_count(group: str, events: int) -> Diagnostic:
    return Diagnostic(
        "EFF011",
        Severity.ERROR,
        _NOWHERE,
        "the number of events is negative",
        f"{group} group: {events} events",
        _LEFT_OUT,
        _CHECK,
    )


def too_many_events(group: str, events: int, n: int) -> Diagnostic:
    return Diagnostic(
        "EFF012",
        Severity.ERROR,
        _NOWHERE,
        "events exceed the group size",
        f"{group} group: {events} events among {n} participants",
        _LEFT_OUT,
        f"{_CHECK}; events may count episodes, not participants",
    )


def no_events(measure: str, n1: int, n2: int) -> DataError:
    return _error(
        "EFF013",
        f"no events in either group: {measure} cannot be estimated",
        f"0/{n1} against 0/{n2}",
        "pool the risk difference (RD) if the study should count, and say how many such "
        "studies there are",
        "the study says nothing about a ratio and is left out",
    )


def all_events(measure: str, n1: int, n2: int) -> DataError:
    return _error(
        "EFF014",
        f"every participant had the event: {measure} cannot be estimated",
        f"{n1}/{n1} against {n2}/{n2}",
        "pool the risk difference (RD) if the study should count",
        "the study says nothing about a ratio and is left out",
    )


def sd_not_positive(group: str, sd: float) -> Diagnostic:
    return Diagnostic(
        "EFF020",
        Severity.ERROR,
        _NOWHERE,
        "a standard deviation is not above 0",
        f"{group} group: SD {sd:g}",
        _LEFT_OUT,
        _CHECK,
    )


def too_few_for_sd(group: str, n: int) -> Diagnostic:
    return Diagnostic(
        "EFF021",
        Severity.ERROR,
        _NOWHERE,
        "a mean with a standard deviation needs two participants",
        f"{group} group: {n} participants",
        _LEFT_OUT,
        _CHECK,
    )


def not_finite(what: str, value: float) -> DataError:
    return _error("EFF022", f"{what} is not a finite number", f"{value:g}", _CHECK)


def nothing_reported(given: str) -> DataError:
    return _error(
        "EFF030",
        "the reported result has no standard error, interval or p-value",
        given,
        "give the standard error, both ends of the interval, or the exact p-value",
    )


def se_not_positive(se: float) -> DataError:
    return _error("EFF031", "the standard error is not above 0", f"SE {se:g}", _CHECK)


def variance_not_positive(variance: float) -> DataError:
    return _error("EFF037", "the variance is not above 0", f"variance {variance:g}", _CHECK)


def interval_reversed(lower: float, upper: float) -> DataError:
    return _error(
        "EFF032",
        "the interval's lower end is not below its upper end",
        f"{lower:g} to {upper:g}",
        f"{_CHECK}; the ends may be exchanged",
    )


def outside_interval(estimate: float, lower: float, upper: float) -> DataError:
    return _error(
        "EFF033",
        "the estimate lies outside its own interval",
        f"{estimate:g} ({lower:g} to {upper:g})",
        f"{_CHECK}; a sign or a decimal point may be wrong",
    )


def ratio_not_positive(measure: str, value: float) -> DataError:
    return _error(
        "EFF035",
        f"{measure} is a ratio and must be above 0",
        f"{value:g}",
        "give ratios as ratios, not as logarithms",
    )


def p_value_unusable(found: str) -> DataError:
    return _error(
        "EFF036",
        "a standard error cannot be had from this p-value",
        found,
        "give the exact two-sided p-value, between 0 and 1, with an estimate that shows an "
        "effect; 'p < 0.05' is not enough",
    )


def empty_range(low: float, high: float) -> DataError:
    return _error(
        "EFF040",
        "the range of an instrument is empty",
        f"{low:g} to {high:g}",
        "give its lowest score first and its highest second",
    )


def no_arms() -> DataError:
    return _error("EFF041", "there is no arm to combine", "none given", "give at least one arm")


def level_unusable(level: float) -> DataError:
    return _error(
        "EFF042",
        "the interval's level does not lie between 0 and 1",
        f"level {level:g}",
        "write 0.95 for a 95 % interval",
    )


def other_measure(column: str, held: str, wanted: str) -> Diagnostic:
    return Diagnostic(
        "DAT018",
        Severity.ERROR,
        Place("", 1, field=column),
        f"the table holds {held}, not {wanted}",
        found=f"the column of estimates is called {column!r}",
        so="nothing is pooled: one measure cannot be read as another",
        help=f"ask for {held}, or rename the column if it is misnamed",
    )


def not_from_these(measure: str, layout: str, understood: str, can: Sequence[str]) -> Diagnostic:
    """A table is complete, but what it holds does not give the measure that was asked for."""
    reported = {"HR": "hr, ci_lower, ci_upper", "SMD": "smd, se", "MD": "md, se"}
    columns = reported.get(measure, f"{measure.lower()}, ci_lower, ci_upper")
    only = ", only taken from reported estimates" if measure == "HR" else ""
    return Diagnostic(
        "DAT001",
        Severity.ERROR,
        Place("", 1),
        f"{measure} cannot be computed from {layout}{only}",
        found=f"columns of {layout}: {understood}",
        so="nothing is pooled",
        help=f"ask for {', '.join(can[:-1])} or {can[-1]}, which can be computed from {layout};\n"
        f"or give each study's reported {measure} (columns {columns})",
    )


def unknown_role(role: str, measure: str, roles: Sequence[str]) -> DataError:
    return _error(
        "EFF050",
        f"{measure} is not made from {role!r}",
        f"columns names {role!r}; {measure} knows {', '.join(roles)}",
        "use one of these names on the left of columns",
        "no effect is computed",
    )


def no_effect_at_all(measure: str, why: Sequence[str]) -> DataError:
    told = "\n".join(why[:5]) + (f"\nand {len(why) - 5} more" if len(why) > 5 else "")
    return _error(
        "EFF051",
        f"no row gives {measure or 'an effect'}",
        told or "the table has no rows",
        "correct the rows, or choose another measure",
        "no effect is computed",
    )


def not_determined(measure: str, estimate: float, variance: float) -> DataError:
    return _error(
        "EFF052",
        f"{measure} or its variance cannot be had from these numbers",
        f"estimate {estimate:g}, variance {variance:g}",
        "empty cells, means of unlike sign, or too few participants do this; choose a rule for "
        "empty cells, or another measure",
    )


def unknown_zero_cells(name: str, known: str) -> DataError:
    return _error(
        "EFF053",
        "unknown rule for empty cells",
        repr(name),
        f"use one of {known}, or a ZeroCells value",
        "no effect is computed",
    )


def no_study_to_share_by(studies: int) -> DataError:
    return _error(
        "EFF054",
        "the empirical correction needs a study without an empty cell",
        f"each of the {studies} studies has one",
        'use zero_cells="treatment-arm"',
        "no effect is computed",
    )


def cannot_add(amount: float) -> DataError:
    return _error(
        "EFF055",
        "what is added to empty cells is not a number from 0 up",
        f"{amount:g}",
        "0.5 is usual",
        "no effect is computed",
    )


def unknown_choice(what: str, measure: str, given: str, known: Sequence[str]) -> DataError:
    return _error(
        "EFF056",
        f"{measure} has no {what} {given!r}",
        f"it has {', '.join(known)}",
        "use one of these",
        "no effect is computed",
    )


def columns_missing(measure: str, missing: Sequence[str], header: Sequence[str]) -> DataError:
    return _error(
        "EFF057",
        f"the table does not hold what {measure} is made from",
        f"missing: {', '.join(missing)}\ncolumns: {', '.join(header) or 'none'}",
        "rename the columns, or say which is which: "
        f"columns={{{missing[0]!r}: 'name of its column'}}",
        "no effect is computed",
    )


def correlation_unusable(value: float) -> DataError:
    return _error(
        "EFF058",
        "a correlation does not lie between -1 and 1",
        f"{value:g}",
        "take one from a similar study that reports it, and try others, too",
        "nothing is computed",
    )


def time_not_positive(group: str, time: float) -> Diagnostic:
    return Diagnostic(
        "EFF059",
        Severity.ERROR,
        _NOWHERE,
        "the person-time is not above 0",
        f"{group} group: {time:g}",
        _LEFT_OUT,
        _CHECK,
    )


def no_way_back(measure: str, found: str, help_: str) -> DataError:
    return _error(
        "EFF060",
        f"a value of {measure} cannot be brought back to the printed scale",
        found,
        help_,
        "nothing is computed",
    )


def statistic_unusable(what: str, found: str) -> DataError:
    return _error(
        "EFF061",
        f"{what} cannot be used",
        found,
        f"{_CHECK}; give exact values, with the sign of the effect",
        "nothing is computed",
    )


def quantiles_unusable(found: str, why: str) -> DataError:
    return _error(
        "EFF062",
        f"mean and standard deviation cannot be had from these quantiles: {why}",
        found,
        f"{_CHECK}, or choose another method",
        "nothing is computed",
    )


def clusters_unusable(what: str, found: str) -> DataError:
    return _error(
        "EFF064",
        f"{what} of the clusters cannot be",
        found,
        "give the mean cluster size (1 or more) and the intracluster correlation (0 to 1)",
        "nothing is computed",
    )
