"""What can be wrong with a network, as diagnostics."""

import difflib
from collections.abc import Sequence

from osler.core.diagnostics import Diagnostic, Place, Severity

# Of columns or values of a table so many are listed.
_MOST_LISTED = 12


def _error(
    code: str, message: str, found: str, help_: str, so: str = "nothing is pooled"
) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, Place(""), message, found, so, help_)


def number_unusable(study: str, a: str, b: str, estimate: float, variance: float) -> Diagnostic:
    spread = f"variance {variance:g}" if variance == variance else "no variance above 0"
    told = f"estimate {estimate:g}" if estimate == estimate else "no estimate"
    return _error(
        "NET001",
        "a contrast has no estimate, or no variance above 0",
        f"{study}, {a} against {b}: {told}, {spread}",
        "fill the contrast in, or leave the study out by name",
    )


def same_treatment(study: str, treatment: str) -> Diagnostic:
    return _error(
        "NET002",
        "a treatment is compared with itself",
        f"{study}: {treatment} against {treatment}",
        "give doses or kinds that differ names of their own, or combine the arms first",
    )


def contrast_twice(study: str, a: str, b: str) -> Diagnostic:
    return _error(
        "NET003",
        "a study has the same contrast twice",
        f"{study}: {a} against {b}",
        "two studies of one name need two names; of two outcomes or times choose one "
        "(--only outcome=pain)",
    )


def contrasts_absent(
    study: str, arms: Sequence[str], absent: Sequence[tuple[str, str]]
) -> Diagnostic:
    wanted = ", ".join(f"{a} against {b}" for a, b in absent[:6])
    return _error(
        "NET004",
        "a study with several arms lacks contrasts between them",
        f"{study} has {len(arms)} arms ({', '.join(arms)}) and no row for {wanted}",
        "add the rows (their variances tell how the contrasts share an arm), or give the arms",
    )


def estimates_contradict(study: str, a: str, b: str, told: float, implied: float) -> Diagnostic:
    return _error(
        "NET005",
        "the estimates of one study contradict each other",
        f"{study}: {a} against {b} is {told:g}, and {implied:g} by way of its other arms",
        "check signs and digits: within a study A-B and B-C give A-C exactly",
    )


def variances_contradict(study: str, arms: Sequence[str]) -> Diagnostic:
    return _error(
        "NET006",
        "no arms could have these variances",
        f"{study}: {', '.join(arms)}",
        "check the standard errors: adjusted or rounded ones often do not fit together",
    )


def no_such_treatment(name: str, known: Sequence[str]) -> Diagnostic:
    folded = {each.casefold(): each for each in known}
    close = difflib.get_close_matches(name.strip().casefold(), folded, 1)
    return _error(
        "NET010",
        "the network has no such treatment",
        f"{name!r}; there are {', '.join(known)}",
        f"did you mean {folded[close[0]]!r}?" if close else "name one of these",
    )


def no_studies(left_out: int = 0) -> Diagnostic:
    if left_out:
        told, help_ = f"studies left out: {left_out}, which is all", "correct what is said of each"
    else:
        told, help_ = "no rows", "give a row a contrast or an arm"
    return _error("NET011", "there is no study to pool", told, help_)


def ranking_unclear(better: object, mid: object) -> Diagnostic:
    return _error(
        "NET012",
        "the ranking does not know what is good",
        f"better={better!r}, mid={mid!r}",
        'say better="lower" (pain) or better="higher" (recovery), with mid 0 or above',
        "nothing is ranked",
    )


def columns_unknown(header: Sequence[str], known: Sequence[str]) -> Diagnostic:
    return _error(
        "NET020",
        "the columns do not make a network",
        f"columns: {', '.join(header)}; understood: {', '.join(known) or 'none'}",
        "arms: study, treatment and events, n (or mean, sd, n; or events, time); contrasts: study, "
        "treat1, treat2, estimate, se",
    )


def no_such_column(name: str, header: Sequence[str]) -> Diagnostic:
    close = difflib.get_close_matches(name, header, 1)
    return _error(
        "NET020",
        "the table has no such column",
        f"{name!r}; there are {', '.join(header)}",
        f"did you mean {close[0]!r}?" if close else "name one of these",
    )


def no_such_role(name: str, known: Sequence[str]) -> Diagnostic:
    return _error(
        "NET020",
        "no column of a network is for this",
        f"{name!r}; columns are for {', '.join(known)}",
        'say what a column is for first: columns={"events": "deaths"}, --column events=deaths',
    )


def measure_unknown(asked: str, there: Sequence[str], known: Sequence[str]) -> Diagnostic:
    if not asked:
        return _error(
            "NET021",
            "the columns do not tell what to compare arms by",
            f"columns for {', '.join(there) or 'nothing'}",
            "events with n, mean with sd and n, or events with time are needed; where a column "
            'has another name, name it: columns={"events": ...}, --column events=...',
        )
    return _error(
        "NET021",
        "the measure cannot be had from arms",
        f"measure {asked!r}, columns for {', '.join(there) or 'nothing'}",
        f"use one of {', '.join(known)}, or give contrasts",
    )


def measure_lacks(name: str, lacking: Sequence[str]) -> Diagnostic:
    return _error(
        "NET021",
        "the measure cannot be had from these arms",
        f"{name} needs {', '.join(lacking)}",
        "add the columns (or name them, where they have other names), or ask for another measure",
    )


def no_spread(ratio: bool) -> Diagnostic:
    scale = "of logarithms" if ratio else "of the estimate"
    return _error(
        "NET020",
        "the contrasts have no spread",
        "neither se, variance, nor ci_lower with ci_upper",
        f"add a column of standard errors {scale}",
    )


def names_alike(names: Sequence[str]) -> Diagnostic:
    return _error(
        "NET022",
        "names of treatments differ in capitals or spaces alone",
        ", ".join(repr(name) for name in names),
        "write each treatment one way: as two names they would be two treatments",
    )


def nameless(study: str) -> Diagnostic:
    return _left_out("NET023", "an arm has no treatment", study, "name the treatment of each arm")


def one_arm(study: str, arm: str) -> Diagnostic:
    return _left_out(
        "NET024",
        "a study has one arm alone",
        f"{study}: {arm}",
        "a network needs comparisons within studies: name the study in the row of each of its "
        "arms, and add those that the report has",
    )


def arm_twice(study: str, arm: str) -> Diagnostic:
    return _left_out(
        "NET025",
        "a study has two arms of one treatment",
        f"{study}: {arm}",
        "give doses or kinds that differ names of their own, or combine the arms first; of "
        "several outcomes or times choose one (--only outcome=pain)",
    )


def arm_unusable(study: str, arm: str, role: str, value: float) -> Diagnostic:
    told = f"{role} is missing or no number" if value != value else f"{role} {value:g}"
    return _left_out(
        "NET026",
        "an arm's numbers cannot be used",
        f"{study}, {arm}: {told}",
        "check the number against the report, or fill it in",
    )


def arms_empty(study: str, arms: Sequence[str], needs: Sequence[str]) -> Diagnostic:
    return _error(
        "NET026",
        "an arm's numbers are missing; the other arms stay",
        f"{study}, {', '.join(arms)}: no {' or '.join(needs)}",
        "fill the numbers in if the report has them",
        "the arm is left out, and its study with the other arms kept",
    )


def says_nothing(study: str, measure: str) -> Diagnostic:
    return _left_out(
        "NET027",
        "a study says nothing about this measure",
        f"{study}: no events in any arm, or nothing else ({measure})",
        "a difference of risks (RD) can use it",
    )


def ratios_without_interval(column: str) -> Diagnostic:
    return _error(
        "NET020",
        "ratios stand without their intervals",
        f"column {column!r}, no ci_lower with ci_upper",
        "add the intervals; or give logarithms with their standard errors (estimate, se)",
    )


def _left_out(code: str, message: str, found: str, help_: str) -> Diagnostic:
    return _error(code, message, found, help_, "the study is left out")


def beyond_computing(low: float, high: float, far: float) -> Diagnostic:
    return _error(
        "NET013",
        "the numbers of the network lie too far apart to compute with",
        f"variances from {low:g} to {high:g}, estimates up to {far:g}",
        "check the units and the standard errors of the studies at either end",
    )


def only_odds_ratios(method: str, measure: str) -> Diagnostic:
    return _error(
        "NET057",
        "this method is known for odds ratios alone",
        f"{method}, measure {measure}",
        "ask for OR; or for the measure by inverse variance (--method IV), which adds 0.5 to "
        "empty cells",
    )


def no_counts_to_add_up(method: str) -> Diagnostic:
    return _error(
        "NET058",
        "this method needs events by arm",
        f"{method}, a table of contrasts",
        "give a table with study, treatment, events and n",
    )


def no_interaction(given: str) -> Diagnostic:
    return _error(
        "NET014",
        "an interaction does not join different components, or stands twice",
        repr(given),
        'write the components with * between them: "acupuncture*NSAID"',
    )


def no_separator(given: str) -> Diagnostic:
    return _error(
        "NET015",
        "nothing tells a treatment's components apart",
        f"separator {given!r}",
        'give the sign that joins them in the names: "+"',
    )


def draws_unclear(draws: object, seed: object) -> Diagnostic:
    return _error(
        "NET012",
        "ranks cannot be simulated so",
        f"draws={draws!r}, seed={seed!r}",
        "give whole numbers of 0 or above; without draws there are P-scores alone",
        "nothing is ranked",
    )


def outside_interval(
    study: str, a: str, b: str, estimate: float, low: float, high: float
) -> Diagnostic:
    return _left_out(
        "NET028",
        "an estimate lies outside its own interval",
        f"{study}, {a} against {b}: {estimate:g} with {low:g} to {high:g}",
        "check for ratios beside logarithms, signs, and columns that changed places",
    )


def columns_several(role: str, names: Sequence[str]) -> Diagnostic:
    right = f"columns={{{role!r}: {names[0]!r}}}, --column {role}={names[0]}"
    same = len({name.strip() for name in names}) < len(names)
    return _error(
        "NET029",
        "several columns could play one part",
        f"{role}: {', '.join(names)}",
        "give one of them another name" if same else f"name the right one: {right}",
    )


def no_such_rows(column: str, value: str, there: Sequence[str]) -> Diagnostic:
    more = [] if len(there) <= _MOST_LISTED else ["..."]
    return _error(
        "NET059",
        "no row is as asked for",
        f"{column}={value}; there are {', '.join([*there[:_MOST_LISTED], *more])}",
        "name a column of the table and a value that stands in it",
    )
