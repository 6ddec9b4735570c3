"""Health claims that nobody marked, and words that need evidence a page does not have.

A sentence is a claim where a treatment, an effect and something about health meet, and
nothing in it denies, asks, hopes or quotes. Few false alarms count for more here than
finding everything: a checker that cries wolf is switched off.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from osler.certainty.model import Evidence, Finding
from osler.claims.against.facts import share_of
from osler.claims.language.lexicon import phrases, table
from osler.claims.language.names import Names, belongs, fitting, mentioned
from osler.claims.language.quantities import Quantity, quantities_in
from osler.claims.language.reading import find_absolutes
from osler.claims.language.words import Mention, words_of
from osler.claims.model import Page
from osler.claims.persuasion import discouraging, implied_claim
from osler.claims.rulings import STANDS
from osler.claims.scenes import Scene, scenes
from osler.claims.voices import check_voices, opinions_of
from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.review.model import Fact, Review

# Half a percentage point, and what is lost in computing: figures on pages are rounded so.
_WHOLE_PERCENT = 0.006

# From treatments and outcomes to the findings that may be meant.
Fit = Callable[[tuple[str, ...], tuple[str, ...]], list[Finding]]

CLINIC_HELP = (
    "a clinic's own results can show who came, how they fared and how many were not followed "
    "up; without a comparison they cannot show that the treatment was the reason"
)
DISCOURAGING_HELP = (
    "take the sentence out: only the person who treats a patient can say so; what fits any page "
    'is "Ask your doctor before you stop or put off a treatment"'
)
IMPLIED = {
    "endorsement": "a recommendation without a source is a health claim that is not marked",
    "offer": "to offer a treatment for a condition is to say that it helps; this is not marked",
}
SAFETY_HELP = (
    "say how many people were watched, for how long, and how many had an unwanted effect, "
    "as a fact or a claim about adverse events"
)


@dataclass(frozen=True, slots=True)
class _Shares:
    """The ends of all facts that are shares, by size, each with its fact and that one's number."""

    values: Sequence[float]
    facts: Sequence[tuple[int, Fact]]

    def near(self, value: float) -> list[Fact]:
        """The facts with this number, as far as whole percents tell, in the order of the table."""
        first = bisect_right(self.values, value - _WHOLE_PERCENT)
        last = bisect_left(self.values, value + _WHOLE_PERCENT)
        near = dict(self.facts[first:last])
        return [near[number] for number in sorted(near)]


def _shares_of(review: Review) -> _Shares:
    ends = [
        (x * unit, number, fact)
        for number, fact in enumerate(review.facts.values())
        if (unit := share_of(fact.unit)) is not None
        for x in (fact.high, fact.value, fact.low)
        if x is not None
    ]
    ends.sort(key=lambda end: end[:2])
    return _Shares([value for value, _, _ in ends], [(n, fact) for _, n, fact in ends])


def find_unmarked(page: Page, review: Review, evidence: Evidence, names: Names) -> list[Diagnostic]:
    """Everything in a page's sentences, title and headings that should be marked or taken out."""
    fit: Fit = lru_cache(maxsize=256)(partial(fitting, names, evidence))
    shares = _shares_of(review)
    out: list[Diagnostic] = []
    for scene in scenes(page, names):
        if not scene.words or scene.is_question:
            continue
        found = [*_discouraging(scene), *_clinic(scene), *_safety(scene)]
        found += _absolutes(scene, found, fit)
        found += [] if found else _claims(scene, review, fit)
        found += [] if found else _implied(scene, review, fit)
        out += [*found, *_numbers(scene, shares)]
    for scene in opinions_of(page, names):
        found = [*_discouraging(scene), *_safety(scene, plainly=False)]
        out += [*found, *_absolutes(scene, found, fit)]
    return _unless_story([*out, *check_voices(page, names)])


def _unless_story(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Of a patient's story it is told once that it is one."""
    told = {d.found for d in found if d.code == "CLM017"}
    return [d for d in found if d.code not in ("CLM010", "CLM013") or d.found not in told]


def _error(code: str, place: Place, message: str, found: str, advice: str) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, place, message, found, STANDS, advice)


def _discouraging(scene: Scene) -> Iterator[Diagnostic]:
    """Words that may lead a reader away from treatment; nothing on a page weighs more."""
    mention = discouraging(scene)
    if mention is not None:
        yield _error(
            "CLM015",
            scene.place(mention),
            "a reader could be led away from treatment that they need",
            _short(scene),
            DISCOURAGING_HELP,
        )


def _clinic(scene: Scene) -> Iterator[Diagnostic]:
    """The clinic's own results, told as if they showed what the treatment does."""
    named = [*scene.find("clinic", "results"), *scene.find("selling", "results")]
    if not named:
        return
    ours = scene.find("clinic", "ours")
    results = [
        m
        for m in named
        if not scene.is_denied(m) and not any(o.first <= m.first < o.last for o in ours)
    ]
    if not results or scene.has("clinic", "caveats"):
        return
    sessions = scene.find("clinic", "sessions")
    reported = scene.has("unmarked", "attribution")
    spoken = scene.treatments or (scene.pronouns and scene.topic) or _is_fragment(scene)
    if ours or (sessions and spoken and not reported):
        mention = (ours or sessions)[0]
        yield _error(
            "CLM013",
            scene.place(mention),
            "a clinic's own results cannot carry a claim of what the treatment does",
            _short(scene),
            CLINIC_HELP,
        )


def _is_fragment(scene: Scene) -> bool:
    return bool(scene.topic) and len(scene.words) <= 8


def _is_about_treatment(scene: Scene, mention: Mention) -> bool:
    """Whether words of safety or certainty are said of a treatment, by name or by "it"."""
    if scene.treatments:
        return True
    stands_for = scene.topic or scene.spoken
    starts = [p for p in scene.pronouns if p.first <= mention.first]
    return bool(stands_for) and (bool(starts) or len(scene.words) <= 6)


def _safety(scene: Scene, *, plainly: bool = True) -> list[Diagnostic]:
    """Words of safety; with ``plainly`` also "safe", which an opinion may say."""
    sure = [m for m in scene.find("safety", "absolute") if _is_said(scene, m)]
    plain = [m for m in scene.find("safety", "plain") if _is_said(scene, m)]
    if sure:
        message = f'no treatment can be called "{scene.said(sure[0]).lower()}"'
        return [_error("CLM011", scene.place(sure[0]), message, _short(scene), SAFETY_HELP)]
    hedged = scene.sentence.citations and scene.has("safety", "hedges")
    if plain and plainly and not hedged and not scene.is_advice:
        message = "a claim of safety without counts or a source"
        return [_error("CLM011", scene.place(plain[0]), message, _short(scene), SAFETY_HELP)]
    return []


def _is_said(scene: Scene, mention: Mention) -> bool:
    return not scene.is_denied(mention) and _is_about_treatment(scene, mention)


def _absolutes(scene: Scene, already: Sequence[Diagnostic], fit: Fit) -> Iterator[Diagnostic]:
    # Few sentences hold such a word, and the others need not be read for what is denied.
    if not (phrases("strong").find(scene.words) or phrases("safety", "absolute").find(scene.words)):
        return
    told = any(d.code == "CLM011" for d in already)
    safety = scene.find("safety", "absolute") if told else []
    for start, end in find_absolutes(scene.sentence.outside):
        words = [n for n, w in enumerate(scene.words) if w.start < end and start < w.end]
        if not words:
            continue
        mention = Mention("absolute", words[0], words[-1] + 1)
        said = scene.said(mention)
        place = scene.place_between(start, end)
        if scene.is_advice or scene.is_denied(mention):
            continue
        if any(m.first < mention.last and mention.first < m.last for m in safety):
            continue
        if "proven" not in said.lower() and not _is_about_treatment(scene, mention):
            continue
        findings = _fitting(scene, fit)
        advice = _advice(findings) if findings else "say what was measured, and in how many people"
        yield _error("CLM006", place, f'no trial can show "{said}"', _short(scene), advice)
        return


def _claims(scene: Scene, review: Review, fit: Fit) -> Iterator[Diagnostic]:
    effects = _effects(scene)
    if not effects or _is_reported(scene) or scene.is_warning:
        return
    for effect in effects:
        treatment = _treatment_of(scene, effect)
        if not treatment or scene.is_denied(effect) or scene.is_purpose(effect):
            continue
        if effect.name != "orders" and scene.is_advice and scene.is_in_first_clause(effect):
            continue
        yield _error(
            "CLM010",
            scene.place(effect),
            "a health claim that is not marked, and so is not held against the evidence",
            _short(scene),
            _mechanism_advice(scene, review) or _claim_advice(scene, treatment, review, fit),
        )
        return


def _implied(scene: Scene, review: Review, fit: Fit) -> Iterator[Diagnostic]:
    """A recommendation or an offer, which says that a treatment helps without the word."""
    implied = implied_claim(scene)
    if implied is not None and not scene.is_warning:
        advice = _claim_advice(scene, implied.treatment, review, fit)
        if implied.kind == "endorsement":
            advice = f"cite who says so and for whom, as [@key]; or {advice}"
        place = scene.place(implied.mention)
        yield _error("CLM010", place, IMPLIED[implied.kind], _short(scene), advice)


def _effects(scene: Scene) -> list[Mention]:
    """Words of effect, plain ones first, then the idioms of selling."""
    found = phrases("unmarked", "strong", "weak").find(scene.words)
    found += phrases("selling", "strong", "weak", "onto", "orders").find(scene.words)
    near = [m for m in found if m.name in _ENOUGH or (m.name in _NEED_THING and scene.things)]
    nouns = table("selling")["nouns"]
    near = [m for m in near if scene.said(m).lower() not in nouns]
    return [m for m in near if not _is_help_to(scene, m)]


_ENOUGH = ("strong",)
_NEED_THING = ("weak", "onto", "orders")


def _treatment_of(scene: Scene, effect: Mention) -> str:
    """The treatment that is said to have an effect; "" where there is none."""
    if effect.name == "onto":
        near = (t for t in scene.treatments if effect.last <= t.first <= effect.last + 2)
        return next((t.name for t in near), "")
    return scene.subject(effect)


def _is_help_to(scene: Scene, mention: Mention) -> bool:
    """Whether what follows "to" is no effect: "it may help to write down"."""
    rest = scene.words[mention.last : mention.last + 2]
    helps = any("help" in w.text for w in scene.words[mention.first : mention.last])
    if not helps or len(rest) < 2 or rest[0].text != "to":
        return False
    return not phrases("unmarked", "weak", "strong").find(rest[1:])


def _is_reported(scene: Scene) -> bool:
    """A cited source's finding, told as such: hedged, in the past tense, or as advice."""
    if not scene.sentence.citations or not scene.has("unmarked", "attribution"):
        return False
    hedged = any(
        m.name in ("very_low", "low", "moderate") for m in phrases("certainty").find(scene.words)
    )
    past = any(w.text in ("was", "were", "had", "did") or _is_past(w.text) for w in scene.words)
    return hedged or past or scene.has("unmarked", "advised")


def _is_past(word: str) -> bool:
    return word.endswith("ed") and bool(phrases("unmarked", "weak", "strong").find(words_of(word)))


def _fitting(scene: Scene, fit: Fit, treatment: str = "") -> list[Finding]:
    words = words_of(scene.sentence.text)
    named = mentioned(scene.names.treatments.find(words)) or [scene.topic or scene.spoken]
    treatments = dict.fromkeys([*([treatment] if treatment else []), *named])
    return fit(tuple(treatments), tuple(mentioned(scene.names.outcomes.find(words))))


def _claim_advice(scene: Scene, treatment: str, review: Review, fit: Fit) -> str:
    against = next((m for m in scene.treatments if m.name != treatment), None)
    findings = [
        finding
        for finding in _fitting(scene, fit, treatment)
        if belongs(finding.comparison, treatment, scene.names)
        and (against is None or belongs(finding.comparison, against.name, scene.names))
    ]
    if against is not None and not findings:
        return (
            f"no comparison in this folder holds {treatment} against "
            f"{scene.said(against)}: take the sentence out, or say what was compared"
        )
    outcomes = mentioned(scene.names.outcomes.find(words_of(scene.sentence.text)))
    findings = [f for f in findings if not outcomes or f.outcome.name in outcomes]
    if findings:
        return _advice(findings)
    of = f" and {' or '.join(outcomes)}" if outcomes else ""
    return (
        'mark it as [words]{.claim about="comparison / outcome"}; no question in this folder '
        f"has an answer on {treatment}{of}, so without one the sentence has to go"
    )


def _advice(findings: Sequence[Finding]) -> str:
    first = findings[0]
    others = [f'about="{f.about}"' for f in findings[1:3]]
    more = f" (other questions that may be meant: {', '.join(others)})" if others else ""
    return f'write: "{first.statement}" and mark it {{.claim about="{first.about}"}}{more}'


def _mechanism_advice(scene: Scene, review: Review) -> str:
    """How to mark a statement on how the treatment works."""
    if not scene.has("mechanism", "processes"):
        return ""
    words = {w.text for w in scene.words if len(w.text) > 3}
    best, score = "", 0
    for row in review.mechanisms:
        names = {w.text for w in words_of(row.mechanism) if len(w.text) > 3}
        shared = len({_stem(w) for w in words} & {_stem(n) for n in names})
        if shared > score:
            best, score = row.mechanism, shared
    if not best:
        return ""
    return (
        f'mark it as [words]{{.mechanism about="{best}"}} and say in what it was seen; '
        "a mechanism does not show that a treatment helps"
    )


def _stem(word: str) -> str:
    return word[:6]


def _numbers(scene: Scene, shares: _Shares) -> Iterator[Diagnostic]:
    if scene.sentence.citations or not (scene.things or scene.treatments):
        return
    for quantity in quantities_in(scene.sentence.outside):
        if quantity.kind != "share":
            continue
        place = scene.place_between(quantity.start, quantity.end)
        fact = _fact_with(quantity, scene, shares)
        ranged = fact is not None and fact.low is not None and fact.high is not None
        if fact is not None and ranged and not quantity.is_range and quantity.bound == "upper":
            yield _error(
                "CLM022",
                place,
                "one end of a range is told as if it were the figure",
                f"{fact.id}: {fact.statement}",
                f"tell both ends, {fact.low:g} to {fact.high:g} {fact.unit}, "
                f'and mark them {{.fact about="{fact.id}"}}',
            )
            continue
        yield Diagnostic(
            "CLM012",
            Severity.WARNING,
            place,
            "a number without a source",
            _short(scene),
            "",
            f'facts.csv may have it: mark it {{.fact about="{fact.id}"}}'
            if fact is not None
            else 'put it into facts.csv with its source and mark it [number]{.fact about="id"}',
        )


def _fact_with(quantity: Quantity, scene: Scene, shares: _Shares) -> Fact | None:
    """The fact that has this number and shares most words with the sentence."""
    said = {_stem(w.text) for w in scene.words if len(w.text) > 3}
    is_frequency = scene.has("unmarked", "frequency")
    best: Fact | None = None
    score = 0
    for fact in shares.near(quantity.high):
        there = words_of(f"{fact.statement} {fact.id} {fact.population}")
        # A range whose upper end is the number explains "up to" better than a lone figure.
        shared = 2 * len(said & {_stem(w.text) for w in there})
        shared += 4 * (is_frequency and bool(phrases("unmarked", "frequency").find(there)))
        shared += fact.low is not None and quantity.bound == "upper"
        if shared > score:
            best, score = fact, shared
    return best


def _short(scene: Scene) -> str:
    text = " ".join(scene.sentence.text.split())
    return f'"{text}"' if len(text) <= 100 else f'"{text[:97]}..."'
