"""Review folders whose trials make a network."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from osler.certainty.evidence import gather_evidence
from osler.certainty.model import Evidence
from osler.core.diagnostics import Place
from osler.review.model import Bias, BiasJudgement, Judgement, Review
from osler.review.reading import parse_review

# Senn, Gavini, Magrez & Scheen (2013), Stat Methods Med Res 22, 169-189: change in HbA1c, as
# netmeta's reference values were made from.
SENN = Path(__file__).parents[3] / "reference" / "network" / "netmeta" / "senn2013.json"

TOML = """\
format = 1
title = "Tablets for diabetes"
condition = "diabetes"
population = "Adults with type 2 diabetes"
words = ["diabetes"]

[model]
tau2 = "DL"

{treatments}
[[outcomes]]
name = "HbA1c"
kind = "continuous"
measure = "MD"
better = "lower"
accepts = ["HbA1c"]
weeks = [1, 60]
prefer_week = 26
unit = "percentage points"
mid = {{ value = 0.5, kind = "between groups", source = "nice" }}

[[comparisons]]
name = "metformin vs placebo"
intervention = "metformin"
comparator = "placebo"
interventions = ["metformin"]
comparators = ["placebo"]

[[comparisons]]
name = "sulfonylurea vs placebo"
intervention = "a sulfonylurea"
comparator = "placebo"
interventions = ["sulfonylurea"]
comparators = ["placebo"]
"""


def senn_folder(certainty: str = "") -> Mapping[str, bytes]:
    """The trials of Senn 2013 as a review folder."""
    data = json.loads(SENN.read_text(encoding="utf-8"))["data"]
    columns = (data[name] for name in ("studlab", "treat1", "treat2", "TE", "seTE"))
    rows = list(zip(*columns, strict=True))
    names = list(dict.fromkeys(t for _, a, b, *_ in rows for t in (a, b) if t != "placebo"))
    treatments = "".join(
        f'[[treatments]]\nname = "{name}"\nlabel = "{name.capitalize()}"\norder = {i}\n'
        for i, name in enumerate(names, 1)
    )
    treatments += '[[treatments]]\nname = "placebo"\nlabel = "Placebo"\nrole = "inactive"\n'
    studies = "id,label,year,design,population,reference,source,included,reason\n"
    arms = "study,arm,treatment,n\n"
    contrasts = "study,arm,comparator_arm,outcome,instrument,weeks,measure,estimate,se\n"
    for study in dict.fromkeys(row[0] for row in rows):
        key = study.lower().replace(" ", "-")
        own = [row for row in rows if row[0] == study]
        studies += f"{key},{study},2000,parallel RCT,adults,,,yes,\n"
        for treatment in dict.fromkeys(t for _, a, b, *_ in own for t in (a, b)):
            arms += f"{key},{treatment},{treatment},100\n"
        for _, a, b, estimate, se in own:
            contrasts += f"{key},{a},{b},HbA1c,,26,MD,{estimate!r},{se!r}\n"
    files = {
        "osler.toml": TOML.format(treatments=treatments),
        "studies.csv": studies,
        "arms.csv": arms,
        "contrasts.csv": contrasts,
        "certainty.toml": certainty,
        "references.json": '[{"id": "nice", "type": "report", "title": "Type 2 diabetes"}]',
    }
    return {name: text.encode() for name, text in files.items()}


def review_of(files: Mapping[str, bytes]) -> Review:
    review, _ = parse_review(files)
    assert review is not None
    return review


def senn() -> tuple[Review, Evidence]:
    review = review_of(senn_folder())
    return review, gather_evidence(review)


def judged(review: Review, *judgements: Judgement) -> Review:
    return replace(review, judgements=judgements)


def judgement(about: str, reason: str, levels: int, basis: str = "") -> Judgement:
    place = Place("certainty.toml", 3)
    return Judgement(about, reason, levels, "a reason", "A reviewer", "2026-01-31", place, basis)


def with_bias(review: Review, judgements: Mapping[str, BiasJudgement]) -> Review:
    """A judgement for each study; those that are not named are at low risk."""
    rows = [
        Bias(study, "overall", judgements.get(study, "low"), "stated", "", Place("bias.csv"))
        for study in review.studies
    ]
    return replace(review, bias=tuple(rows))


def pairs(text: str) -> Sequence[tuple[str, str]]:
    return [(a, b) for a, _, b in (pair.partition(":") for pair in text.split())]


# Of 400 people in each arm, how many recovered; "made" as in arithmetic examples, no real trials.
RISKS = {"rest": 200, "tablets": 260, "exercise": 180, "usual care": 160}
LOOP = "rest:usual-care tablets:usual-care rest:tablets exercise:usual-care"

LOOP_TOML = """\
format = 1
title = "What helps?"
condition = "sciatica"
population = "Adults with sciatica"
words = ["sciatica"]

[[treatments]]
name = "rest"
label = "Rest"
words = ["rest"]
order = 1
invasiveness = "Nothing enters the body"

[[treatments]]
name = "tablets"
label = "Tablets"
words = ["tablets"]
order = 2
invasiveness = "Tablets"

[[treatments]]
name = "exercise"
label = "Exercise"
words = ["exercise"]
order = 3
invasiveness = "Several visits"

[[treatments]]
name = "usual care"
label = "Usual care"
words = ["usual care"]
order = 0
role = "usual care"

[[outcomes]]
name = "recovery"
label = "the chance of recovery"
kind = "binary"
measure = "RR"
better = "higher"
accepts = ["recovery"]
weeks = [1, 20]
prefer_week = 6
mid = { value = 1.1, kind = "between groups", source = "guide" }

[[comparisons]]
name = "tablets vs exercise"
intervention = "tablets"
comparator = "exercise"
interventions = ["tablets"]
comparators = ["exercise"]

[[comparisons]]
name = "rest vs usual care"
intervention = "rest"
comparator = "usual care"
interventions = ["rest"]
comparators = ["usual care"]
"""


def loop_folder(
    trials: str = f"{LOOP} {LOOP}",
    events: Mapping[tuple[int, str], int] | None = None,
    certainty: str = "",
    people: Mapping[int, str] | None = None,
) -> Mapping[str, bytes]:
    """Trials that make a loop; ``events`` changes how many recovered in an arm of one of them."""
    studies = "id,label,year,design,population,reference,source,included,reason\n"
    arms = "study,arm,treatment,n\n"
    results = "study,arm,outcome,instrument,weeks,value,events,n,mean,sd,source\n"
    bias = "study,domain,judgement,basis,source\n"
    for i, pair in enumerate(pairs(trials)):
        who = (people or {}).get(i, "adults")
        studies += f"t{i},Trial {i},2001,parallel RCT,{who},,https://example.org/{i},yes,\n"
        bias += f"t{i},overall,low,stated,https://example.org/{i}\n"
        for arm in pair:
            name = arm.replace("-", " ")
            count = (events or {}).get((i, name), RISKS[name])
            arms += f"t{i},{name},{name},400\n"
            results += f"t{i},{name},recovery,,6,,{count},400,,,https://example.org/{i}\n"
    files = {
        "osler.toml": LOOP_TOML,
        "studies.csv": studies,
        "arms.csv": arms,
        "results.csv": results,
        "bias.csv": bias,
        "certainty.toml": certainty,
        "references.json": '[{"id": "guide", "type": "report", "title": "A guide"}]',
    }
    return {name: text.encode() for name, text in files.items()}
