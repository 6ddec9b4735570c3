"""The question of a review: osler.toml as treatments, outcomes and comparisons."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar, cast

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.review.model import (
    Better,
    Comparison,
    Instrument,
    Judgement,
    ModelChoice,
    Outcome,
    OutcomeKind,
    Site,
    Threshold,
    Treatment,
)
from osler.review.settings import FORMAT, Settings, Table, tables

BINARY_MEASURES = ("RR", "OR", "RD")
CONTINUOUS_MEASURES = ("MD", "SMD")
TAU2_METHODS = ("REML", "DL", "PM")
CI_METHODS = ("auto", "HKSJ", "HKSJ-adhoc", "Wald")
_TOP = (
    "format title condition population words searched not_pooled site model treatments "
    "instruments outcomes comparisons"
).split()


class _Named(Protocol):
    @property
    def place(self) -> Place: ...


T = TypeVar("T", bound=_Named)


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
        {i.id: i for i in (_instrument(t) for t in tables(settings, "instruments"))},
        _by_name(settings, "outcomes", _outcome),
        _by_name(settings, "comparisons", lambda t: _comparison(t, treatments)),
    )


def _check_format(settings: Settings) -> None:
    found = settings.values.get("format")
    if found == FORMAT:
        return
    newer = isinstance(found, int) and found > FORMAT
    settings.report(
        "REV020",
        f"the folder's format is {found!r}, and this Osler reads format {FORMAT}",
        settings.place(key="format"),
        so="it is read as far as it can be",
        help="install a newer Osler" if newer else f"write format = {FORMAT} at the top",
    )


def _by_name(settings: Settings, table: str, read: Callable[[Table], T]) -> dict[str, T]:
    out: dict[str, T] = {}
    for entry in tables(settings, table):
        name = entry.text("name")
        if name in out:
            settings.report(
                "REV021",
                f"{table} has {name!r} twice",
                entry.place("name"),
                found=f"the first stands in line {out[name].place.line}",
                so="the second is not read",
                help="give each its own name",
            )
        elif name:
            out[name] = read(entry)
    return out


def _site(settings: Settings) -> Site:
    value = settings.values.get("site", {})
    table = Table(settings, "site", 0, value if isinstance(value, dict) else {})
    table.expect(("name", "url", "language", "description"))
    return Site(
        table.text("name", "Health pages"),
        table.text("url", ""),
        table.text("language", "en"),
        table.text("description", ""),
    )


def _model(settings: Settings) -> ModelChoice:
    value = settings.values.get("model", {})
    table = Table(settings, "model", 0, value if isinstance(value, dict) else {})
    table.expect(("tau2", "ci", "level"))
    level = table.number("level", 0.95) or 0.95
    if not 0.5 <= level < 1:
        settings.report(
            "REV004",
            "level must lie between 0.5 and 1",
            table.place("level"),
            found=f"level is {level:g}",
            so="0.95 is used",
            help="write 0.95 for 95% intervals",
        )
        level = 0.95
    return ModelChoice(
        table.choice("tau2", TAU2_METHODS, "REML"), table.choice("ci", CI_METHODS, "auto"), level
    )


def _treatment(table: Table) -> Treatment:
    table.expect(("name", "label", "words", "order", "invasiveness", "harms", "cost"))
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


def _outcome(table: Table) -> Outcome:
    table.expect(
        "name label kind measure better accepts weeks prefer_week weeks_unknown harm "
        "low high unit mid large person_mid".split()
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
        _threshold(table, "mid"),
        _threshold(table, "large"),
        _threshold(table, "person_mid"),
        table.truth("harm"),
        table.text("label", name),
        table.place("name"),
    )
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


def _threshold(table: Table, key: str) -> Threshold | None:
    inner = table.table(key)
    if inner is None:
        return None
    inner.expect(("value", "kind", "source", "note"))
    value = inner.number("value")
    if value is None or value <= 0:
        table.settings.report(
            "REV023",
            f"{key} of {table.text('name')!r} needs a value above 0",
            inner.place("value"),
            so="it is not used",
            help="write the size of the difference, without a sign",
        )
        return None
    kind = inner.choice("kind", ("between groups", "within person"))
    return Threshold(value, kind, inner.text("source"), inner.text("note", ""))


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
    reasons = ("risk of bias", "inconsistency", "indirectness", "imprecision", "publication bias")
    for table in tables(settings, "judgement"):
        table.expect(("about", "reason", "levels", "because", "by", "date"))
        levels = table.number("levels")
        if levels is None or levels not in (0, 1, 2, 3):
            settings.report(
                "REV026",
                "levels must be 0, 1, 2 or 3",
                table.place("levels"),
                so="the judgement is not used",
                help="write how many levels this reason lowers the certainty",
            )
            continue
        out.append(
            Judgement(
                table.text("about"),
                table.choice("reason", reasons),
                int(levels),
                table.text("because"),
                table.text("by"),
                table.text("date"),
                table.place("about"),
            )
        )
    return tuple(out)
