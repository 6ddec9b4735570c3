"""A marked claim against the finding it is about: GRADE's grid of permitted wordings.

Santesso et al. (2020), GRADE guidelines 26, J Clin Epidemiol 119, 126-135,
doi:10.1016/j.jclinepi.2019.10.014: size in the noun or adverb, certainty in the verb.
A wording stronger than its cell is an error; a weaker one is a warning.
"""

from collections.abc import Iterator, Sequence

from osler.certainty.model import Evidence, Finding, Level
from osler.claims.lexicon import table
from osler.claims.model import Judged, Page, Reading, Span, Verdict
from osler.claims.names import Names, belongs, mentioned, offer
from osler.claims.positions import place_of
from osler.claims.reading import find_absolutes, read_words
from osler.claims.rulings import Ruling, error, warning, worst
from osler.claims.words import Phrases, words_of
from osler.review.model import Review
from osler.synthesis.answers import Answer

_DIRECTIONS = {"better": "a benefit", "worse": "a harm", "none": "no important difference"}


def judge_claim(span: Span, page: Page, review: Review, evidence: Evidence, names: Names) -> Judged:
    """Hold one marked claim against every question it is about; the worst verdict wins."""
    findings = [evidence.findings[a] for a in span.about if a in evidence.findings]
    rulings: list[Ruling] = []
    for about in span.about:
        if about in evidence.findings:
            rulings += _judge(span, evidence.findings[about])
        else:
            rulings.append(_not_answered(span, about, names, evidence))
    rulings += _other_treatment(span, findings, review, names)
    rulings += _absolutes(span, page, findings)
    first = findings[0] if findings else None
    reading = _read(span, first)
    diagnostics = tuple(dict.fromkeys(r.diagnostic for r in rulings))
    return Judged(span, reading, worst(rulings), tuple(findings), (), diagnostics)


def _read(span: Span, finding: Finding | None) -> Reading:
    if finding is None:
        return read_words(span.text)
    outcome = finding.outcome
    labels = (outcome.label, outcome.name)
    return read_words(span.text, better=outcome.better, harm=outcome.harm, labels=labels)


def _not_answered(span: Span, about: str, names: Names, evidence: Evidence) -> Ruling:
    if about not in names.questions:
        return error(
            Verdict.NOT_SHOWN,
            "CLM001",
            span.place,
            "the claim is about a question that the review does not have",
            f'about="{about}"',
            offer(about, names.questions, "question"),
        )
    return error(
        Verdict.NOT_SHOWN,
        "CLM002",
        span.place,
        "no trial in this folder answers the question that the claim is about",
        f"{about}: {_why(evidence.unanswered.get(about))}",
        "say that no trial was found that answers it, without marking it as a claim, "
        "or take the sentence out",
    )


def _why(answer: Answer | None) -> str:
    if answer is None or not answer.left_out:
        return "no study compares these treatments for this outcome"
    reasons = list(dict.fromkeys(f"{left.label}: {left.why}" for left in answer.left_out))
    more = f"; and {len(reasons) - 2} more" if len(reasons) > 2 else ""
    return "left out: " + "; ".join(reasons[:2]) + more


def _judge(span: Span, finding: Finding) -> list[Ruling]:
    """What stands against a wording: the gravest matter alone, so that one fault is one finding."""
    reading = _read(span, finding)
    for check in (_direction, _size, _certainty, _inconclusive, _unread, _weaker):
        rulings = list(check(span, reading, finding))
        if rulings:
            return rulings
    return []


def _told(finding: Finding) -> str:
    """The evidence in a few words."""
    way = {
        "better": f"favours {finding.comparison.intervention}",
        "worse": f"favours {finding.comparison.comparator}",
        "none": "little to no difference",
    }[finding.direction]
    size = "" if finding.direction == "none" else f", {finding.size} difference"
    k = len(finding.answer.effects)
    trials = f"{k} trial{'s' if k != 1 else ''}, " if k else ""
    interval = "" if finding.conclusive else ", and the interval includes no difference"
    return (
        f"{finding.about}: {trials}{way}{size}, {finding.certainty.level.word} certainty{interval}"
    )


def _instead(finding: Finding) -> str:
    return f"the evidence carries: {finding.statement}"


def _direction(span: Span, reading: Reading, finding: Finding) -> Iterator[Ruling]:
    if not reading.direction or (reading.certainty is Level.VERY_LOW and not reading.absence):
        return
    said, shown = reading.direction, finding.direction
    opposite = {said, shown} == {"better", "worse"}
    denied = said == "none" and shown != "none" and finding.size != "trivial"
    if reading.absence:
        # "Not been shown to" is right as long as the interval or the certainty leaves it open.
        denied = denied and finding.conclusive and finding.certainty.level > Level.LOW
    elif finding.certainty.level is Level.VERY_LOW:
        # Nothing can be denied on such evidence either: told as a matter of certainty.
        denied = False
    if opposite or denied:
        yield error(
            Verdict.CONTRADICTED,
            "CLM003",
            span.place,
            "the trials point another way than the claim",
            f"the words tell {_DIRECTIONS[said]}; {_told(finding)}",
            _instead(finding),
        )


def _size(span: Span, reading: Reading, finding: Finding) -> Iterator[Ruling]:
    if reading.certainty is Level.VERY_LOW or reading.direction not in ("better", "worse"):
        return
    trivial = finding.direction == "none" or finding.size == "trivial"
    if trivial or (reading.size == "large" and finding.size != "large"):
        said = f"{reading.size} " if reading.size else ""
        kind = "difference" if not said else f"{said.strip()} difference"
        yield error(
            Verdict.OVERSTATED,
            "CLM005",
            span.place,
            "the claim tells a larger effect than the trials found",
            f"the words tell a {kind}; {_told(finding)}",
            _instead(finding),
        )


def _certainty(span: Span, reading: Reading, finding: Finding) -> Iterator[Ruling]:
    if not reading.direction or reading.absence or reading.certainty <= finding.certainty.level:
        return
    yield error(
        Verdict.OVERSTATED,
        "CLM004",
        span.place,
        "the claim sounds more certain than the evidence is",
        f"the words inside the mark presume {reading.certainty.word} certainty; {_told(finding)}",
        _instead(finding),
    )


def _inconclusive(span: Span, reading: Reading, finding: Finding) -> Iterator[Ruling]:
    surely = reading.certainty >= Level.MODERATE and reading.direction in ("better", "worse")
    if surely and not finding.conclusive:
        yield error(
            Verdict.OVERSTATED,
            "CLM007",
            span.place,
            "the claim tells as settled what the trials leave open",
            _told(finding),
            f'say "may", or tell the interval; {_instead(finding)}',
        )


def _unread(span: Span, reading: Reading, finding: Finding) -> Iterator[Ruling]:
    if reading.direction or reading.certainty is Level.VERY_LOW:
        return
    yield warning(
        Verdict.NOT_SHOWN,
        "CLM009",
        span.place,
        "Osler cannot tell what the marked words claim",
        f'"{_short(span.text)}" tells no direction that could be held against the evidence',
        f"mark the whole statement with its verb; {_instead(finding)}",
    )


def _weaker(span: Span, reading: Reading, finding: Finding) -> Iterator[Ruling]:
    level = finding.certainty.level
    settled = finding.conclusive and level > Level.LOW and finding.direction != "none"
    open_to_doubt = reading.absence and not settled
    small = reading.size == "slight" and finding.size == "large"
    if level is Level.VERY_LOW or open_to_doubt or (reading.certainty >= level and not small):
        return
    said = "a slight difference" if small else f"{reading.certainty.word} certainty"
    yield warning(
        Verdict.UNDERSTATED,
        "CLM008",
        span.place,
        "the claim says less than the evidence carries",
        f"the words tell {said}; {_told(finding)}",
        _instead(finding),
    )


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


def _other_treatment(
    span: Span, findings: Sequence[Finding], review: Review, names: Names
) -> list[Ruling]:
    """A treatment named after "than", or the only one named, that is not part of the question."""
    words = words_of(span.text)
    treatments = names.treatments.find(words)
    than = Phrases({"than": table("comparators")["than"]}).find(words)
    for finding in findings:
        comparison = finding.comparison
        fits = {m.name: belongs(comparison, m.name, names) for m in treatments}
        after = [m.name for m in treatments if than and m.first >= than[0].last]
        strange = [name for name in after[:1] if not fits[name]]
        if not strange and fits and not any(fits.values()):
            strange = mentioned(treatments)
        if strange:
            ruling = error(
                Verdict.OVERSTATED,
                "CLM014",
                span.place,
                "the claim names a treatment that this question is not about",
                f"the words name {strange[0]}; {finding.about} compares "
                f"{comparison.intervention} with {comparison.comparator}",
                _comparison_help(strange[0], comparison.interventions, review, names),
            )
            return [ruling]
    return []


def _comparison_help(
    strange: str, interventions: Sequence[str], review: Review, names: Names
) -> str:
    fitting = [
        c.name
        for c in review.comparisons.values()
        if set(interventions) & set(c.interventions) and belongs(c, strange, names)
    ]
    if fitting:
        return "mark it with the comparison " + " or ".join(f'"{name}"' for name in fitting[:3])
    return f"no comparison in osler.toml holds this against {strange}: compare what was compared"


def _absolutes(span: Span, page: Page, findings: Sequence[Finding]) -> list[Ruling]:
    out: list[Ruling] = []
    measured = " ".join(f"{f.outcome.label} {f.outcome.name}" for f in findings).lower()
    for start, end in find_absolutes(span.text):
        if span.text[start:end].lower() in measured:
            # "Cured, as the trial defined it" is what was counted.
            continue
        place = place_of(span.pieces, start, end, page.file, page.lines)
        out.append(
            error(
                Verdict.OVERSTATED,
                "CLM006",
                place,
                f'no trial can show "{span.text[start:end]}"',
                f'"{_short(span.text)}"',
                _instead(findings[0]) if findings else "say what was measured, and in how many",
            )
        )
    return out
