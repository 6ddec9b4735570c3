"""Whom, what and against what: the scope of a claim against that of its question.

Trials on adults with sciatica say nothing of children or of back pain, a result on pain
nothing of function, and one against sham nothing of surgery.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from osler.certainty.model import Finding, Level
from osler.claims.document.positions import place_of
from osler.claims.grounds import Grounds
from osler.claims.language.bounds import everything, scope_phrases
from osler.claims.language.names import belongs, mentioned
from osler.claims.language.words import Mention, Word, words_of
from osler.claims.model import Page, Reading, Span, Verdict
from osler.claims.rulings import Ruling, error
from osler.core.diagnostics import Place
from osler.review.model import Outcome, Review


def judge_scope(
    span: Span,
    page: Page,
    reading: Reading,
    findings: Sequence[Finding],
    grounds: Grounds,
) -> list[Ruling]:
    """Everything that the words name and the question does not hold, one ruling a kind."""
    if not findings:
        return []
    words = words_of(span.text)
    scope = _Scope(span, page, words, reading, findings)
    return [
        *_people(scope, grounds.review),
        *(_conditions(scope, grounds.review) or _outcomes(scope, grounds)),
        *(_treatment(scope, grounds) or _everything(scope, grounds)),
    ]


def judge_whom(
    part: Span, page: Page, reading: Reading, findings: Sequence[Finding], grounds: Grounds
) -> list[Ruling]:
    """The people and conditions alone, for words beside a mark."""
    scope = _Scope(part, page, words_of(part.text), reading, findings)
    return [*_people(scope, grounds.review), *_conditions(scope, grounds.review)]


class _Scope:
    """A marked passage, its words, and the questions it is about."""

    def __init__(
        self,
        span: Span,
        page: Page,
        words: Sequence[Word],
        reading: Reading,
        findings: Sequence[Finding],
    ) -> None:
        self.span, self.page, self.words = span, page, words
        self.reading, self.findings = reading, findings

    def place(self, mention: Mention) -> Place:
        start, end = self.words[mention.first].start, self.words[mention.last - 1].end
        return place_of(self.span.pieces, start, end, self.page.file, self.page.lines)

    def said(self, mention: Mention) -> str:
        start, end = self.words[mention.first].start, self.words[mention.last - 1].end
        return self.span.text[start:end]

    @property
    def verdict(self) -> Verdict:
        """A very uncertain effect on something else is not overstated; it is not shown."""
        unsure = self.reading.certainty is Level.VERY_LOW or not self.reading.direction
        return Verdict.NOT_SHOWN if unsure else Verdict.OVERSTATED

    @property
    def outcomes(self) -> list[Outcome]:
        return [finding.outcome for finding in self.findings]

    @property
    def about(self) -> str:
        return "; ".join(finding.about for finding in self.findings)


def _asked(review: Review) -> str:
    return ". ".join((review.condition, review.population, *review.words))


def _named(outcomes: Iterable[Outcome]) -> list[str]:
    return [name for o in outcomes for name in (o.name, o.label, *o.accepts)]


def _strange(kind: str, scope: _Scope, known: Sequence[str]) -> list[Mention]:
    """Mentions of groups that none of the known texts names."""
    ours = _groups(kind, tuple(known))
    found = scope_phrases(kind).find(scope.words)
    return [m for m in found if m.name not in ours and m.name != "neutral"]


@lru_cache(maxsize=1024)
def _groups(kind: str, texts: tuple[str, ...]) -> frozenset[str]:
    phrases = scope_phrases(kind)
    return frozenset(m.name for text in texts for m in phrases.find(words_of(text)))


def _people(scope: _Scope, review: Review) -> list[Ruling]:
    strange = _strange("people", scope, [_asked(review), *_named(scope.outcomes)])
    return [_other_people(scope, strange[0], review)] if strange else []


def _conditions(scope: _Scope, review: Review) -> list[Ruling]:
    known = [_asked(review), *_named(scope.outcomes)]
    strange = _strange("conditions", scope, known)
    return [_other_people(scope, strange[0], review)] if strange else []


def _other_people(scope: _Scope, mention: Mention, review: Review) -> Ruling:
    whom = review.population or review.condition
    return error(
        scope.verdict,
        "CLM053",
        scope.place(mention),
        "the claim is about people or conditions that the review did not ask about",
        f'"{scope.said(mention)}"; the trials are on {whom[:1].lower() + whom[1:]}',
        f"say it of {whom[:1].lower() + whom[1:]} only, or take it out",
    )


def _outcomes(scope: _Scope, grounds: Grounds) -> list[Ruling]:
    """An outcome of the review, or of a family that every review knows, and not asked about."""
    own = _named(scope.outcomes)
    of_review = [
        m
        for m in grounds.names.outcomes.find(scope.words)
        if not _is_among(scope.words[m.first : m.last], own)
    ]
    # What is named after "than", or is a treatment ("pain management"), is no outcome.
    general = _strange("outcomes", scope, own)
    taken = grounds.names.treatments.find(scope.words)
    strange = [m for m in (*of_review, *general) if not _overlaps(m, taken)]
    if not strange:
        return []
    first = min(strange, key=lambda m: (m.first, -m.last))
    ruling = error(
        scope.verdict,
        "CLM054",
        scope.place(first),
        "the claim names an outcome that this question is not about",
        f'"{scope.said(first)}"; the mark is about {scope.about}',
        _outcome_help(scope, first, grounds),
    )
    return [ruling]


def _is_among(words: Sequence[Word], own: Iterable[str]) -> bool:
    """Whether these words stand in a row in one of the names, or a name is as wide as they are.

    An outcome called "pain" or "pain (standardised)" covers leg pain; "back pain" does not.
    """
    said = [w.text for w in words]
    for name in own:
        there = [w.text for w in words_of(name)]
        if there[:1] == said[-1:]:
            return True
        if any(there[n : n + len(said)] == said for n in range(len(there))):
            return True
    return False


def _overlaps(mention: Mention, others: Iterable[Mention]) -> bool:
    return any(m.first < mention.last and mention.first < m.last for m in others)


def _outcome_help(scope: _Scope, mention: Mention, grounds: Grounds) -> str:
    comparison = scope.findings[0].comparison.name
    found = grounds.names.outcomes.find(scope.words[mention.first : mention.last])
    for name in mentioned(found):
        about = f"{comparison} / {name}"
        if about in grounds.evidence.findings:
            return f'link it too: about="{scope.about}; {about}"'
    return "say it in a sentence of its own, with the question that it is about, or take it out"


def _treatment(scope: _Scope, grounds: Grounds) -> list[Ruling]:
    """A treatment named after "than", or the only one named, that is not part of the question."""
    names = grounds.names
    treatments = names.treatments.find(scope.words)
    than = _than(scope.words, grounds)
    for finding in scope.findings:
        comparison = finding.comparison
        fits = {m.name: belongs(comparison, m.name, names) for m in treatments}
        after = [m for m in treatments if than and m.first >= than[0].last]
        strange = [m.name for m in after[:1] if not fits[m.name]]
        if not strange and fits and not any(fits.values()):
            strange = mentioned(treatments)
        if strange:
            ruling = error(
                Verdict.OVERSTATED,
                "CLM014",
                scope.span.place,
                "the claim names a treatment that this question is not about",
                f"the words name {strange[0]}; {finding.about} compares "
                f"{comparison.intervention} with {comparison.comparator}",
                _comparison_help(strange[0], finding, grounds),
            )
            return [ruling]
    return []


def _than(words: Sequence[Word], grounds: Grounds) -> list[Mention]:
    return grounds.lexicon.phrases("comparators", "than").find(words)


def _comparison_help(strange: str, finding: Finding, grounds: Grounds) -> str:
    """The question that would carry the comparison, and what it says; direct evidence first."""
    ours = set(finding.comparison.interventions)
    fitting = [
        c.name
        for c in grounds.review.comparisons.values()
        if ours & set(c.interventions) and belongs(c, strange, grounds.names)
    ]
    for name in fitting:
        other = grounds.evidence.findings.get(f"{name} / {finding.outcome.name}")
        if other is not None:
            return f'mark it {{.claim about="{other.about}"}}: {other.statement}'
    if fitting:
        return "mark it with the comparison " + " or ".join(f'"{n}"' for n in fitting[:3])
    return f"no comparison in osler.toml holds this against {strange}: compare what was compared"


def _everything(scope: _Scope, grounds: Grounds) -> list[Ruling]:
    """Better than all else, which no comparison of two treatments can show."""
    best = everything("best").find(scope.words)
    than = _than(scope.words, grounds)
    others = everything("everything").find(scope.words)
    after = [m for m in others if than and m.first >= than[0].last]
    own = [f"{f.comparison.name}. {f.comparison.comparator}" for f in scope.findings]
    found = [m for m in (*best, *after) if not _is_among(scope.words[m.first : m.last], own)]
    if not found or scope.reading.negated or scope.reading.absence:
        return []
    first = min(found, key=lambda m: m.first)
    comparison = scope.findings[0].comparison
    ruling = error(
        Verdict.OVERSTATED,
        "CLM055",
        scope.place(first),
        "the claim compares with treatments that were not compared",
        f'"{scope.said(first)}"; {scope.findings[0].about} compares '
        f"{comparison.intervention} with {comparison.comparator} alone",
        f'say "than {comparison.comparator}", with a question for each comparison',
    )
    return [ruling]
