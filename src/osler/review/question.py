"""The question of a review: osler.toml as treatments, outcomes and comparisons."""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from osler.core.diagnostics import Diagnostic, Severity
from osler.review.model import (
    REASONS_DOWN,
    REASONS_NETWORK,
    REASONS_UP,
    Approach,
    Better,
    Comparison,
    Instrument,
    Judgement,
    ModelChoice,
    Outcome,
    OutcomeKind,
    Site,
    Treatment,
    TreatmentRole,
)
from osler.review.settings import FORMAT, Settings, Table, table, tables
from osler.review.thresholds import APPROACHES, with_baselines, with_thresholds

BINARY_MEASURES = ("RR", "OR", "RD")
CONTINUOUS_MEASURES = ("MD", "SMD")
# Those that the engine has; a test holds the two lists together.
TAU2_METHODS = (
    *("REML", "ML", "DL", "DL2", "PM", "PMM", "EB", "HE", "HE2", "HS", "HSk", "SJ", "SJIT"),
)
CI_METHODS = ("auto", "HKSJ", "HKSJ-adhoc", "HKSJ-hybrid", "KR", "KR-observed", "t", "Wald", "PL")
ROLES = ("active", "usual care", "inactive")
HIGHEST_LEVEL = 0.9999
_ADDRESS = r"https?://[^\s<>\"'`\\]+"
_LANGUAGE = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"  # BCP 47, the part that pages use
_TOP = (
    "format title condition population words searched not_pooled site model treatments "
    "instruments outcomes comparisons approach baselines rules lexicon"
).split()


T = TypeVar("T")


@dataclass(frozen=True)
class Question:
    """What osler.toml says."""

    title: str
    condition: str
    population: str
    words: tuple[str, ...]
    searched: str
    not_pooled: tuple[str, ...]
    site: Site
    model: ModelChoice
    treatments: Mapping[str, Treatment]
    instruments: Mapping[str, Instrument]
    outcomes: Mapping[str, Outcome]
    comparisons: Mapping[str, Comparison]


def read_question(settings: Settings) -> Question:
    """Every table of osler.toml; what is wrong is added to ``settings.diagnostics``."""
    top = Table(settings, "", 0, settings.values)
    if settings.values:
        top.expect(_TOP)
        _check_format(settings)
    treatments = _by_name(settings, "treatments", _treatment)
    approach = cast(Approach, top.choice("approach", APPROACHES, "minimal"))
    outcomes = _by_name(settings, "outcomes", lambda t: _outcome(t, approach))
    return Question(
        top.text("title"),
        top.text("condition"),
        top.text("population", ""),
        top.texts("words", ()),
        top.text("searched", ""),
        top.texts("not_pooled", ()),
        _site(settings),
        _model(settings),
        treatments,
        _by_name(settings, "instruments", _instrument, "id"),
        with_baselines(settings, outcomes),
        _by_name(settings, "comparisons", lambda t: _comparison(t, treatments)),
    )


def _check_format(settings: Settings) -> None:
    found = settings.values.get("format")
    if found == FORMAT and not isinstance(found, bool):
        return
    newer = isinstance(found, int) and found > FORMAT
    settings.report(
        "REV020",
        f"the folder's format is {found!r}, and this Osler reads format {FORMAT}",
        settings.place(key="format"),
        so="it is read as far as it can be",
        help="install a newer Osler" if newer else f"write format = {FORMAT} at the top",
    )


def _by_name(
    settings: Settings, name_of_table: str, read: Callable[[Table], T], key: str = "name"
) -> dict[str, T]:
    out: dict[str, T] = {}
    lines: dict[str, int] = {}
    for entry in tables(settings, name_of_table):
        name = entry.text(key)
        if name in out:
            settings.report(
                "REV021",
                f"{name_of_table} has {name!r} twice",
                entry.place(key),
                found=f"the first stands in line {lines[name]}",
                so="the second is not read",
                help="give each its own name",
            )
        elif name:
            out[name], lines[name] = read(entry), entry.place(key).line
    return out


def _site(settings: Settings) -> Site:
    site = table(settings, "site")
    site.expect(("name", "url", "language", "description"))
    return Site(
        site.text("name", "Health pages"),
        _matching(site, "url", "", _ADDRESS, "an address: https://..."),
        _matching(site, "language", "en", _LANGUAGE, "a language tag such as en or en-GB"),
        site.text("description", ""),
    )


def _matching(entry: Table, key: str, default: str, pattern: str, wanted: str) -> str:
    value = entry.text(key, default)
    if value == default or re.fullmatch(pattern, value):
        return value
    entry.settings.report(
        "REV004",
        f"{key} must be {wanted}",
        entry.place(key),
        found=f"{key} is {value[:80]!r}",
        so=f"{default!r} is used" if default else "the site is built without it",
        help=f"write {wanted}",
    )
    return default


def _model(settings: Settings) -> ModelChoice:
    model = table(settings, "model")
    model.expect(("tau2", "ci", "level"))
    level = model.number("level", 0.95)
    if level is None or not 0.5 <= level <= HIGHEST_LEVEL:
        settings.report(
            "REV004",
            f"level must lie between 0.5 and {HIGHEST_LEVEL}",
            model.place("level"),
            found=f"level is {level!r}",
            so="0.95 is used",
            help="write 0.95 for 95% intervals",
        )
        level = 0.95
    return ModelChoice(
        model.choice("tau2", TAU2_METHODS, "REML"), model.choice("ci", CI_METHODS, "auto"), level
    )


def _treatment(table: Table) -> Treatment:
    table.expect("name label words order invasiveness harms cost role acceptability".split())
    name = table.text("name")
    return Treatment(
        name,
        table.text("label", name),
        table.texts("words", (name,)),
        int(table.number("order", 0) or 0),
        table.text("invasiveness", ""),
        table.texts("harms", ()),
        table.texts("cost", ()),
        table.place("name"),
        cast(TreatmentRole, table.choice("role", ROLES, "active")),
        table.texts("acceptability", ()),
    )


def _instrument(table: Table) -> Instrument:
    table.expect(("id", "low", "high", "better"))
    low, high = table.number("low"), table.number("high")
    if low is None or high is None or not low < high:
        table.settings.report(
            "REV022",
            f"instrument {table.text('id')!r} needs low and high, with low below high",
            table.place("id"),
            so="results on it are not rescaled",
            help="write the lowest and the highest score that it can give",
        )
        low, high = 0.0, 1.0
    return Instrument(
        table.text("id"), low, high, cast(Better, table.choice("better", ("lower", "higher")))
    )


def _outcome(table: Table, approach: Approach) -> Outcome:
    table.expect(
        "name label kind measure better accepts weeks prefer_week weeks_unknown harm "
        "low high unit mid moderate large person_mid approach".split()
    )
    name = table.text("name")
    kind = table.choice("kind", ("continuous", "binary"))
    measures = BINARY_MEASURES if kind == "binary" else CONTINUOUS_MEASURES
    weeks = _weeks(table)
    outcome = Outcome(
        name,
        cast(OutcomeKind, kind),
        table.choice("measure", measures),
        cast(Better, table.choice("better", ("lower", "higher"))),
        table.texts("accepts", (name,)),
        weeks,
        table.number("prefer_week", weeks[0]) or 0.0,
        table.truth("weeks_unknown"),
        table.number("low"),
        table.number("high"),
        table.text("unit", ""),
        None,
        None,
        None,
        table.truth("harm"),
        table.text("label", name),
        table.place("name"),
    )
    if outcome.low is not None and outcome.high is not None and outcome.low >= outcome.high:
        table.settings.report(
            "REV022",
            f"outcome {name!r} needs low below high",
            table.place("low"),
            found=f"low is {outcome.low:g}, high is {outcome.high:g}",
            so="its results cannot be rescaled",
            help="write the lowest and the highest value of the outcome's scale",
        )
        outcome = replace(outcome, low=None, high=None)
    outcome = with_thresholds(table, outcome, approach)
    if outcome.mid is None:
        _no_mid(table, outcome)
    return outcome


def _weeks(table: Table) -> tuple[float, float]:
    value = table.values.get("weeks", [0, 1e9])
    if (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(v, int | float) for v in value)
        and value[0] <= value[1]
    ):
        return float(value[0]), float(value[1])
    table.settings.report(
        "REV004",
        "weeks must be [from, to]",
        table.place("weeks"),
        found=f"weeks is {value!r}",
        so="results of any week are used",
        help="write the first and the last week that count, such as [2, 16]",
    )
    return 0.0, 1e9


def _no_mid(table: Table, outcome: Outcome) -> None:
    table.settings.diagnostics.append(
        Diagnostic(
            "REV024",
            Severity.WARNING,
            table.place("name"),
            f"outcome {outcome.name!r} has no minimal important difference",
            so="its effects cannot be called important or trivial, and imprecision is judged "
            "against no effect only",
            help="add mid = { value = ..., kind = 'between groups', source = '...' }",
        )
    )


def _comparison(table: Table, treatments: Mapping[str, Treatment]) -> Comparison:
    table.expect(("name", "intervention", "comparator", "interventions", "comparators"))
    name = table.text("name")
    sides: dict[str, tuple[str, ...]] = {}
    for key in ("interventions", "comparators"):
        sides[key] = table.texts(key)
        for treatment in sides[key]:
            if treatment not in treatments:
                table.settings.report(
                    "REV013",
                    f"{treatment!r} is not a treatment of this review",
                    table.place(key),
                    found=f"comparison {name!r} lists it among its {key}",
                    so="no arm can match it",
                    help=f"add it as [[treatments]], or use one of {', '.join(treatments)}",
                )
    for both in set(sides["interventions"]) & set(sides["comparators"]):
        table.settings.report(
            "REV025",
            f"{both!r} stands on both sides of {name!r}",
            table.place("comparators"),
            so="arms with it cannot be told apart and are not compared",
            help="take it out of one side",
        )
    return Comparison(
        name,
        table.text("intervention"),
        table.text("comparator"),
        sides["interventions"],
        sides["comparators"],
        table.place("name"),
    )


def read_judgements(settings: Settings) -> tuple[Judgement, ...]:
    """The ``[[judgement]]`` tables of certainty.toml; each needs its reason and its author."""
    out = []
    Table(settings, "", 0, settings.values).expect(("judgement",))
    for entry in tables(settings, "judgement"):
        entry.expect(("about", "reason", "levels", "because", "by", "date", "basis"))
        reason, levels = _reason(entry), _levels(entry)
        if not reason or levels is None:
            continue
        out.append(
            Judgement(
                entry.text("about"),
                reason,
                levels,
                entry.text("because"),
                entry.text("by"),
                entry.text("date"),
                entry.place("about"),
                entry.text("basis", ""),
            )
        )
    return tuple(out)


def _reason(entry: Table) -> str:
    """The reason; "" where it is none of GRADE's, since a guess would lower something else."""
    reason, known = entry.text("reason"), (*REASONS_DOWN, *REASONS_NETWORK, *REASONS_UP)
    if reason in known:
        return reason
    if reason:
        close = difflib.get_close_matches(reason, known, 1)
        entry.settings.report(
            "REV004",
            f"reason is {reason!r}, which is not one of {', '.join(known)}",
            entry.place("reason"),
            so="the judgement is not used",
            help=f"did you mean {close[0]!r}?" if close else f"write one of {', '.join(known)}",
        )
    return ""


def _levels(entry: Table) -> int | None:
    levels = entry.number("levels")
    if levels is not None and levels in (0, 1, 2, 3):
        return int(levels)
    entry.settings.report(
        "REV026",
        "levels must be 0, 1, 2 or 3",
        entry.place("levels"),
        so="the judgement is not used",
        help="write how many levels this reason lowers or raises the certainty",
    )
    return None
