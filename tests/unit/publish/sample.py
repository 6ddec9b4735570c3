"""A small review with its evidence and a page, made by hand: values as a real one has them.

Trials are called "Trial A" and so on: none of this is real.
"""

import math
from collections.abc import Sequence

from osler.certainty.model import Absolute, Certainty, Evidence, Finding, Level, Step
from osler.claims.document.page import parse_page
from osler.claims.model import Page
from osler.core.diagnostics import Place
from osler.effects.model import Effect
from osler.review.model import (
    Comparison,
    Fact,
    Judgement,
    Mechanism,
    ModelChoice,
    Outcome,
    Review,
    Site,
    Study,
    Threshold,
    Treatment,
    about,
)
from osler.synthesis.answers import Answer, LeftOut, StudyEffect
from osler.synthesis.model import Heterogeneity, Pooled, Synthesis

TOML = Place("osler.toml")

SHAM = Comparison(
    "acupuncture vs sham acupuncture",
    "acupuncture",
    "sham acupuncture",
    ("acupuncture",),
    ("sham acupuncture",),
    TOML,
)
DRUGS = Comparison(
    "acupuncture vs medication", "acupuncture", "medication", ("acupuncture",), ("nsaid",), TOML
)


def outcome(name: str, measure: str, **changes: object) -> Outcome:
    """An outcome; binary for ratios and RD, else on a scale of 0 to 100."""
    binary = measure in ("RR", "OR", "RD")
    values: dict[str, object] = {
        "name": name,
        "kind": "binary" if binary else "continuous",
        "measure": measure,
        "better": "higher" if binary else "lower",
        "accepts": (name,),
        "weeks": (0.5, 18.0),
        "prefer_week": 4.0,
        "weeks_unknown": True,
        "low": None if binary or measure == "SMD" else 0.0,
        "high": None if binary or measure == "SMD" else 100.0,
        "unit": "" if binary else "points on a 0-100 scale",
        "mid": None if binary else Threshold(10.0, "between groups", "source-2021", "set before"),
        "large": None,
        "person_mid": None,
        "harm": False,
        "label": f"{name} in the first four months",
        "place": TOML,
    }
    return Outcome(**(values | changes))  # type: ignore[arg-type]  # fields by name


PAIN = outcome("leg pain", "MD")
BETTER = outcome("global improvement", "RR")
HARM = outcome("adverse events", "RR", better="lower", harm=True)
DISABILITY = outcome("disability", "MD")


def synthesis(
    measure: str, labels: Sequence[str], estimates: Sequence[float], errors: Sequence[float]
) -> Synthesis:
    """Pooled by DerSimonian and Laird, with Wald intervals, in a few lines of its own."""
    variances = [e * e for e in errors]
    fixed = [1 / v for v in variances]
    common = _mean(estimates, fixed)
    q = sum(w * (y - common) ** 2 for w, y in zip(fixed, estimates, strict=True))
    df = len(labels) - 1
    scale = sum(fixed) - sum(w * w for w in fixed) / sum(fixed)
    tau2 = max(0.0, (q - df) / scale) if df else 0.0
    weights = [1 / (v + tau2) for v in variances]
    pooled = _mean(estimates, weights)
    spread = math.sqrt(1 / sum(weights) + tau2)
    return Synthesis(
        measure,
        tuple(labels),
        tuple(estimates),
        tuple(variances),
        tuple(w / sum(fixed) for w in fixed),
        tuple(w / sum(weights) for w in weights),
        _pooled(common, sum(fixed) ** -0.5, None),
        _pooled(pooled, sum(weights) ** -0.5, spread if df >= 2 else None),
        Heterogeneity(
            q, df, 0.034 if df else math.nan, max(0.0, 1 - df / q) if q else 0.0, 1.0, tau2, 0.0,
            math.inf if df < 2 else 9 * tau2 + 1, "DL",
        ),
        0.95,
    )  # fmt: skip


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    return sum(w * y for w, y in zip(weights, values, strict=True)) / sum(weights)


def _pooled(estimate: float, se: float, spread: float | None) -> Pooled:
    low, high = (math.nan, math.nan) if spread is None else (-4.3 * spread, 4.3 * spread)
    return Pooled(
        estimate, se, estimate - 1.96 * se, estimate + 1.96 * se, 0.01, "HKSJ",
        estimate + low, estimate + high,
    )  # fmt: skip


def study_effect(
    study: str,
    label: str,
    effect: Effect,
    *,
    n: int | None = 120,
    events: tuple[int, int, int, int] | None = None,
    scaling: str = "",
) -> StudyEffect:
    """One trial's contribution, read from a page on the web."""
    counts = f"{events[0]}/{events[1]} against {events[2]}/{events[3]}" if events else ""
    return StudyEffect(
        study,
        label,
        effect,
        counts or f"MD {effect.estimate:.1f}, as reported",
        "VAS 0-100" if events is None else "",
        4.0,
        scaling,
        n,
        events,
        (Place("contrasts.csv", 2),),
        f"https://example.org/{study}",
    )


def finding(
    comparison: Comparison,
    measured: Outcome,
    effects: Sequence[StudyEffect],
    *,
    level: Level = Level.LOW,
    absolute: Absolute | None = None,
    statement: str = "",
    left_out: tuple[LeftOut, ...] = (),
) -> Finding:
    """A finding with a ledger that ends at ``level``."""
    pooled = synthesis(
        measured.measure,
        [e.study for e in effects],
        [e.effect.estimate for e in effects],
        [math.sqrt(e.effect.variance) for e in effects],
    )
    name = about(comparison.name, measured.name)
    return Finding(
        name,
        comparison,
        measured,
        Answer(comparison, measured, tuple(effects), left_out, pooled),
        pooled,
        certainty(name, level),
        "better",
        "important",
        pooled.random.ci_upper < 0,
        absolute,
        statement or f"{comparison.intervention.capitalize()} may improve {measured.name}.",
    )


def certainty(name: str, level: Level) -> Certainty:
    """One rule's step and one that a person decided."""
    down = int(Level.HIGH) - int(level)
    judgement = Judgement(
        name, "indirectness", 0, "all trials were in people with sciatica", "A reviewer",
        "2025-01-15", Place("certainty.toml", 3),
    )  # fmt: skip
    return Certainty(
        Level.HIGH,
        (
            Step("imprecision", down, down, "interval crosses the MID", "3.4 to 20.4, MID 10"),
            Step("indirectness", 0, 1, "no rule", "", judgement),
        ),
        level,
    )


def log_rr(events: int, n: int, other: int, of: int) -> Effect:
    """Log risk ratio of one trial."""
    variance = 1 / events - 1 / n + 1 / other - 1 / of
    return Effect("RR", math.log(events / n / (other / of)), variance)


LONG = "Trial B and the other investigators of a name that is too long for one line 2017"
LEFT_OUT = (
    LeftOut(
        "d", "Trial D 2009", "leg pain at 4 weeks", "no SD, SE or interval",
        Place("results.csv", 18),
    ),
)  # fmt: skip

PAIN_SHAM = finding(
    SHAM,
    PAIN,
    (
        study_effect("a", "Trial A 2024", Effect("MD", -16.0, 2.73**2), n=216),
        study_effect("b", LONG, Effect("MD", -6.1, 3.9**2), n=46, scaling="0-10 to 0-100"),
        study_effect("c", "Trial C 2001", Effect("MD", -31.0, 30.0**2), n=None),
    ),
    left_out=LEFT_OUT,
    statement="Acupuncture may reduce leg pain compared with sham acupuncture.",
)
BETTER_DRUGS = finding(
    DRUGS,
    BETTER,
    (
        study_effect("e", "Trial E 2003", log_rr(32, 47, 19, 46), n=93, events=(32, 47, 19, 46)),
        study_effect("f", "Trial F 2011", log_rr(41, 60, 26, 60), n=120, events=(41, 60, 26, 60)),
    ),
    level=Level.MODERATE,
    absolute=Absolute(0.41, 0.68, 0.52, 0.89, "the median of the trials' comparator groups"),
)
HARM_DRUGS = finding(
    DRUGS,
    HARM,
    (study_effect("e", "Trial E 2003", log_rr(2, 147, 1, 146), n=293, events=(2, 147, 1, 146)),),
    level=Level.VERY_LOW,
    absolute=Absolute(0.0068, 0.0136, 0.0012, 0.148, "the one trial's comparator group"),
)
PAIN_DRUGS = finding(
    DRUGS, PAIN, (study_effect("g", "Trial G 2015", Effect("MD", -2.1, 2.0**2), n=80),)
)
UNANSWERED = Answer(SHAM, HARM, (), LEFT_OUT, None)

EVIDENCE = Evidence(
    {f.about: f for f in (PAIN_SHAM, BETTER_DRUGS, PAIN_DRUGS, HARM_DRUGS)},
    {about(SHAM.name, HARM.name): UNANSWERED},
)


def _study(name: str, label: str) -> Study:
    return Study(
        name, label, 2024, "A trial of needles & drugs", "parallel RCT", "sciatica", 120,
        f"trial-{name}", "https://example.org/", True, "", "", Place("studies.csv", 2),
    )  # fmt: skip


def _reference(name: str) -> dict[str, object]:
    return {
        "id": name,
        "type": "article-journal",
        "title": f"Needles & drugs in <sciatica> ({name})",
        "author": [{"family": "Author", "given": "First Second"}],
        "container-title": "J Trial",
        "volume": "12",
        "page": "1-9",
        "issued": {"date-parts": [[2024]]},
        "DOI": f"10.1000/{name}",
    }


def _mechanism(name: str, species: str, model: str, direction: str) -> Mechanism:
    return Mechanism(
        name, f"What was seen in {species}: {direction}.", "A study. J Lab 2010;1:1-2", 2010,
        "10.1000/lab", species, model, direction, "animal in vivo", "https://example.org/lab",
        Place("mechanisms.csv", 2),
    )  # fmt: skip


FACTS = (
    Fact("prevalence", "About 3 in 10 people have sciatica at some time.", 30, None, None,
         "percent", "adults", "cohort", "https://example.org/cohort", "", Place("facts.csv", 2)),
    Fact("needle-harm", "Bruising is common.", None, None, None, "", "", "",
         "https://example.org/harm", "", Place("facts.csv", 3)),
)  # fmt: skip

REVIEW = Review(
    title="Treatments for sciatica",
    condition="sciatica",
    population="adults",
    words=("sciatica", "disc herniation"),
    site=Site("Sciatica, checked", "https://example.org/", "en-GB", "What trials say"),
    model=ModelChoice(),
    treatments={
        t.name: t
        for t in (
            Treatment("nsaid", "Anti-inflammatory drugs", ("NSAID",), 1, "Tablets", (), (), TOML),
            Treatment("acupuncture", "Acupuncture", ("acupuncture",), 2, "Needles in the skin",
                      ("needle-harm",), ("prevalence",), TOML),
            Treatment("sham acupuncture", "Sham", ("sham",), 0, "", (), (), TOML),
        )
    },
    instruments={},
    outcomes={o.name: o for o in (PAIN, DISABILITY, BETTER, HARM)},
    comparisons={c.name: c for c in (SHAM, DRUGS)},
    studies={k: _study(k, f"Trial {k.upper()}") for k in "abcdefg"},
    arms=(),
    results=(),
    contrasts=(),
    bias=(),
    judgements=(),
    facts={f.id: f for f in FACTS},
    mechanisms=(
        _mechanism("nerve blood flow", "rat", "anaesthetised", "mixed"),
        _mechanism("nerve blood flow", "human", "sciatica, no control", "not_established"),
        _mechanism("growth factors", "rat", "crush", "contradicts"),
        _mechanism("growth factors", "mixed animals", "review", "supports"),
        _mechanism("growth factors", "human", "carpal tunnel", "null"),
    ),
    references={
        k: _reference(k) for k in ("cohort", "source-2021", *(f"trial-{c}" for c in "abcdefg"))
    },
    pages=(),
)  # fmt: skip

TEXT = """\
---
title: Needles for "sciatica" & what trials show
description: What trials show, and how sure we can be.
author: A reviewer
date: 2025-01-10
reviewed: 2025-01-15
next_review: 2027-01-15
categories: [Back and leg pain, Acupuncture]
draft: false
---

::: answer
Acupuncture [may reduce leg pain]{.claim about="acupuncture vs sham acupuncture / leg pain"} by
{{ result("acupuncture vs sham acupuncture / leg pain") }}.
:::

## What is sciatica?

About [3 in 10 people]{.fact about="prevalence"} have it. <script>alert(1)</script>

| Sign | What to do |
|------|------------|
| Numb saddle area | Go to hospital *at once* |

## What trials show

### Against sham

{{ forest("acupuncture vs sham acupuncture / leg pain") }}

### Against drugs

More people got better: {{ result("acupuncture vs medication / global improvement") }}.
See [@cohort; @trial-a].

{{ icons("acupuncture vs medication / global improvement") }}

{{ icons("acupuncture vs medication / adverse events") }}

{{ summary("acupuncture vs medication") }}

Harms against sham: {{ result("acupuncture vs sham acupuncture / adverse events") }}. Certainty for
pain: {{ certainty("acupuncture vs medication / leg pain") }}. {{ fact("needle-harm") }}

## Treatments side by side

{{ options("leg pain") }}

## How might it work?

It [may raise growth factors]{.mechanism about="growth factors"} in animals [@cohort].

{{ mechanisms() }}

## What was left out

{{ left_out() }}
"""


def page(text: str = TEXT, file: str = "pages/needles.md") -> Page:
    """A page as the claims package reads it; the text must have no fault of form."""
    parsed, diagnostics = parse_page(text, file)
    if diagnostics:
        raise AssertionError(diagnostics)
    return parsed
