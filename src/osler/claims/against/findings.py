"""A marked claim against the finding it is about: GRADE's grid of permitted wordings.

Santesso et al. (2020), GRADE guidelines 26, J Clin Epidemiol 119, 126-135,
doi:10.1016/j.jclinepi.2019.10.014: size in the noun or adverb, certainty in the verb.
A wording stronger than its cell is an error; a weaker one is a warning.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from osler.certainty.model import Evidence, Finding, Level
from osler.certainty.statements import statement
from osler.claims.against.reach import judge_reach
from osler.claims.against.scope import judge_scope, judge_whom
from osler.claims.beside import beside
from osler.claims.document.positions import place_of
from osler.claims.grounds import Grounds
from osler.claims.language.bounds import permitted_rank, size_rank
from osler.claims.language.names import Names, offer
from osler.claims.language.reading import find_absolutes
from osler.claims.language.rewriting import rewrite
from osler.claims.model import Judged, Page, Reading, Span, Verdict
from osler.claims.rulings import Ruling, error, warning, worst
from osler.core.diagnostics import Diagnostic, Severity
from osler.core.wording import counted
from osler.synthesis.answers import Answer

_DIRECTIONS = {"better": "a benefit", "worse": "a harm", "none": "no important difference"}


def judge_claim(span: Span, page: Page, grounds: Grounds) -> Judged:
    """Hold one marked claim against every question it is about; the worst verdict wins."""
    findings = _findings(span, grounds)
    around = _around(span, page, grounds, findings)
    rulings = [*_rulings(span, page, grounds), *around]
    diagnostics = tuple(dict.fromkeys(r.diagnostic for r in rulings))
    if len(findings) == len(span.about) == 1 and not around:

        def passes(words: str) -> bool:
            """Whether other words in this mark would be the strongest that its finding permits."""
            other, finding = replace(span, text=words), findings[0]
            read = grounds.read(words, finding)
            cell = (read.certainty, read.direction) == (permitted_level(finding), finding.direction)
            return cell and not _rulings(other, page, grounds)

        diagnostics = _with_fix(span, page, findings[0], diagnostics, passes)
    reading = grounds.read(span.text, findings[0] if findings else None)
    diagnostics += tuple(_indirect(span, finding) for finding in findings if _rests(finding))
    return Judged(span, reading, worst(rulings), findings, (), diagnostics)


def _rests(finding: Finding) -> bool:
    """Whether a finding rests on indirect evidence alone."""
    return finding.network is not None and finding.network.direct is None


def _indirect(span: Span, finding: Finding) -> Diagnostic:
    one, other = finding.comparison.intervention, finding.comparison.comparator
    return Diagnostic(
        "NET071",
        Severity.NOTE,
        span.place,
        "the claim rests on indirect evidence alone",
        f"{finding.about}: no trial compared {one} with {other}; it follows from trials of each "
        "against others",
        f"it is held against the network's certainty, {finding.certainty.level.word}",
        "say on the page that no trial compared the two",
    )


def _findings(span: Span, grounds: Grounds) -> tuple[Finding, ...]:
    found = grounds.evidence.findings
    return tuple(found[about] for about in span.about if about in found)


def permitted_level(finding: Finding) -> Level:
    """The certainty that a verb may presume: that of the finding, and low while it is open."""
    level = finding.certainty.level
    if finding.conclusive or finding.direction == "none":
        return level
    return min(level, Level.LOW)


def _around(span: Span, page: Page, grounds: Grounds, findings: Sequence[Finding]) -> list[Ruling]:
    """What phrases that cling to the mark add to it: other people, a longer time."""
    out: list[Ruling] = []
    main = grounds.read(span.text, findings[0] if findings else None)
    for part in beside(span, page) if findings else ():
        said = grounds.read(part.text)
        reading = replace(main, duration=said.duration, generality=said.generality)
        out += judge_whom(part, page, reading, findings, grounds)
        out += judge_reach(part, page, reading, findings)
    return out


def _rulings(span: Span, page: Page, grounds: Grounds) -> list[Ruling]:
    findings = _findings(span, grounds)
    rulings: list[Ruling] = []
    for about in span.about:
        if about in grounds.evidence.findings:
            finding = grounds.evidence.findings[about]
            rulings += _judge(span, grounds.read(span.text, finding), finding)
        else:
            rulings.append(_not_answered(span, about, grounds.names, grounds.evidence))
    reading = grounds.read(span.text, findings[0] if findings else None)
    rulings += judge_scope(span, page, reading, findings, grounds)
    absolutes = _absolutes(span, page, findings, grounds)
    reach = list(judge_reach(span, page, reading, findings))
    return [r for r in (*rulings, *absolutes, *reach) if not _is_said(r, absolutes)]


def _is_said(ruling: Ruling, absolutes: Sequence[Ruling]) -> bool:
    """Whether "always", "permanent" or "the best" was found already, as a word for no trial."""
    code, place = ruling.diagnostic.code, ruling.diagnostic.place
    if code in ("CLM050", "CLM052"):
        return bool(absolutes)
    return code == "CLM055" and any(
        a.diagnostic.place.line == place.line
        and a.diagnostic.place.column < place.end_column
        and place.column < a.diagnostic.place.end_column
        for a in absolutes
    )


def _with_fix(
    span: Span,
    page: Page,
    finding: Finding,
    diagnostics: tuple[Diagnostic, ...],
    passes: Callable[[str], bool],
) -> tuple[Diagnostic, ...]:
    """The first error with a rewriting of the whole mark, where one puts everything right."""
    wrong = [n for n, d in enumerate(diagnostics) if d.severity is Severity.ERROR]
    if not wrong:
        return diagnostics
    fix = rewrite(span, page, permitted_level(finding), finding.size, passes)
    told = list(diagnostics)
    told[wrong[0]] = replace(told[wrong[0]], fix=fix)
    return tuple(told)


def _not_answered(span: Span, about: str, names: Names, evidence: Evidence) -> Ruling:
    if about not in names.questions and about not in evidence.untold:
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
        f"{about}: {evidence.untold.get(about) or _why(evidence.unanswered.get(about))}",
        "say that no trial was found that answers it, without marking it as a claim, "
        "or take the sentence out",
    )


def _why(answer: Answer | None) -> str:
    if answer is None or not answer.left_out:
        return "no study compares these treatments for this outcome"
    reasons = list(dict.fromkeys(f"{left.label}: {left.why}" for left in answer.left_out))
    more = f"; and {len(reasons) - 2} more" if len(reasons) > 2 else ""
    return "left out: " + "; ".join(reasons[:2]) + more


def _judge(span: Span, reading: Reading, finding: Finding) -> list[Ruling]:
    """What stands against a wording: the gravest matter alone, so that one fault is one finding."""
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
    trials = _trials(finding)
    interval = "" if finding.conclusive else ", and the interval includes no difference"
    return (
        f"{finding.about}: {trials}{way}{size}, {finding.certainty.level.word} certainty{interval}"
    )


def _trials(finding: Finding) -> str:
    if finding.network is not None:
        direct = counted(finding.network.trials, "trial") if finding.network.trials else "no trial"
        whole = counted(len(finding.network.studies), "trial")
        return f"a network of {whole}, {direct} of the two, "
    return f"{counted(k, 'trial')}, " if (k := len(finding.answer.effects)) else ""


def _instead(finding: Finding) -> str:
    """The strongest sentence; one with "may" where the interval leaves the direction open."""
    level = permitted_level(finding)
    if level is finding.certainty.level:
        return f"the evidence carries: {finding.statement}"
    words = statement(finding.comparison, finding.outcome, level, finding.size, finding.direction)
    return f"the evidence carries: {words}"


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
    size = "trivial" if finding.direction == "none" else finding.size
    if size_rank(reading.size) > permitted_rank(size):
        yield error(
            Verdict.OVERSTATED,
            "CLM005",
            span.place,
            "the claim tells a larger effect than the trials found",
            f"the words tell {_difference(reading)}; {_told(finding)}",
            _instead(finding),
        )


def _difference(reading: Reading) -> str:
    if not reading.size:
        return 'a difference, and no word such as "slightly"'
    return f"a {reading.size} difference"


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
    level = permitted_level(finding)
    settled = finding.conclusive and level > Level.LOW and finding.direction != "none"
    open_to_doubt = reading.absence and not settled
    small = (
        reading.direction in ("better", "worse")
        and bool(reading.size)
        and size_rank(reading.size) < permitted_rank(finding.size)
    )
    if level is Level.VERY_LOW or open_to_doubt or (reading.certainty >= level and not small):
        return
    said = f"a {reading.size} difference" if small else f"{reading.certainty.word} certainty"
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


def _absolutes(
    span: Span, page: Page, findings: Sequence[Finding], grounds: Grounds
) -> list[Ruling]:
    out: list[Ruling] = []
    measured = " ".join(f"{f.outcome.label} {f.outcome.name}" for f in findings).lower()
    for start, end in find_absolutes(span.text, lexicon=grounds.lexicon):
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
