"""A clinic's own results, marked .practice, against its own audit.

An audit has no comparison group: it can say who came and how they fared, never why. Those of
whom nobody knows are counted twice, as recovered and as not, and a word such as "nearly always"
has to hold both ways.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from osler.claims.document.positions import place_of
from osler.claims.document.surroundings import paragraph_of
from osler.claims.language.lexicon import phrases
from osler.claims.language.names import offer
from osler.claims.language.quantities import Quantity, quantities_in
from osler.claims.language.reading import NEGATION_REACH, find_absolutes, is_negated
from osler.claims.language.words import Mention, Word, words_of
from osler.claims.language.yardsticks import Share, generality_in
from osler.claims.model import Judged, Page, Span, Verdict
from osler.claims.rulings import Ruling, error, warning, worst
from osler.core.diagnostics import Place
from osler.core.wording import counted, percent
from osler.practice.audit import (
    NO_COMPARISON,
    REGRESSION,
    audit,
    episodes_about,
    names_of_episodes,
    recovered_within,
)
from osler.practice.model import Audit
from osler.practice.telling import describe, describe_sessions
from osler.review.model import Episode, Review

# A plural without a number ("our patients recover within ten sessions") speaks of most.
_MOST = Share("most", 0.5, above=True)
_TIME = ("day", "days", "week", "weeks", "month", "months", "year", "years")


@dataclass(frozen=True)
class _Scene:
    """A passage with its words, its paragraph and what the clinic counted."""

    span: Span
    page: Page
    episodes: tuple[Episode, ...]
    audit: Audit

    @cached_property
    def words(self) -> tuple[Word, ...]:
        return words_of(self.span.text)

    @cached_property
    def around(self) -> tuple[Word, ...]:
        return words_of(paragraph_of(self.span, self.page))

    def find(self, group: str) -> list[Mention]:
        return [m for m in phrases("audit", group).find(self.words) if m.name == group]

    def says_around(self, group: str) -> bool:
        words = (*self.words, *self.around)
        return any(m.name == group for m in phrases("audit", group).find(words))

    def place(self, first: int, last: int) -> Place:
        start, end = self.words[first].start, self.words[last - 1].end
        return place_of(self.span.pieces, start, end, self.page.file, self.page.lines)

    def said(self, first: int, last: int) -> str:
        return self.span.text[self.words[first].start : self.words[last - 1].end]

    def is_denied(self, mention: Mention) -> bool:
        negation = phrases("negation").find(self.words)
        absent = any(m.name == "absence" and m.first <= mention.first for m in negation)
        return absent or is_negated(self.words, negation, mention.first, NEGATION_REACH)


def judge_practice(span: Span, page: Page, review: Review) -> Judged:
    """Hold a marked statement on a clinic's own results against its audit.

    Parameters
    ----------
    span : Span
        Marked ``.practice``; its ``about`` is a condition of practice.csv, or
        "condition / treatment".
    page, review
        The page it stands on, and the folder.

    Returns
    -------
    Judged
        Its verdict with everything that stands against it.
    """
    rulings: list[Ruling] = []
    for about in span.about:
        episodes = episodes_about(review.practice, about)
        if episodes:
            rulings += _judge(_Scene(span, page, episodes, audit(episodes, about)))
        else:
            rulings.append(_unknown(span, about, review))
    diagnostics = tuple(dict.fromkeys(r.diagnostic for r in rulings))
    return Judged(span, None, worst(rulings), (), (), diagnostics)


def _unknown(span: Span, about: str, review: Review) -> Ruling:
    known = names_of_episodes(review.practice)
    return error(
        Verdict.NOT_SHOWN,
        "CLM070",
        span.place,
        "the clinic's audit has nothing on this",
        f'about="{about}"; ' + (f"practice.csv has {', '.join(known)}" if known else
                                "there is no practice.csv with episodes"),
        offer(about, known, "condition") if known else
        "keep an audit in practice.csv, one row an episode, or take the sentence out",
    )  # fmt: skip


def _judge(scene: _Scene) -> list[Ruling]:
    causal = list(_causal(scene))
    told = [*_generality(scene), *_numbers(scene)]
    return [
        *causal,
        *_promises(scene),
        *told,
        *_missing(scene),
        *_change(scene),
        *_absolutes(scene, bool(causal)),
    ]


def _causal(scene: _Scene) -> Iterator[Ruling]:
    for mention in scene.find("caused"):
        if scene.is_denied(mention):
            continue
        yield error(
            Verdict.OVERSTATED,
            "CLM071",
            scene.place(mention.first, mention.last),
            "results without a comparison cannot show that the treatment was the reason",
            f'"{scene.said(mention.first, mention.last)}"; {NO_COMPARISON}',
            f"tell what was counted: {describe(scene.audit)}",
        )
        return


def _promises(scene: _Scene) -> Iterator[Ruling]:
    for mention in scene.find("promises")[:1]:
        if not scene.is_denied(mention):
            yield error(
                Verdict.OVERSTATED,
                "CLM077",
                scene.place(mention.first, mention.last),
                "what happened to others is told as what the reader will have",
                f'"{scene.said(mention.first, mention.last)}"; {describe(scene.audit)}',
                "tell in the past tense what became of those who came",
            )


@dataclass(frozen=True, slots=True)
class _Limit:
    """A number of sessions by which something is said to have happened."""

    sessions: float
    first: int
    last: int


def _limit(scene: _Scene) -> _Limit | None:
    """The number of sessions in "within ten sessions"; None where there is none."""
    nouns = {m.first for m in scene.find("sessions")}
    starts = {m.last: m for m in scene.find("by_then")}
    for quantity in quantities_in(scene.span.text):
        inside = [n for n, w in enumerate(scene.words) if quantity.start <= w.start < quantity.end]
        if quantity.kind != "count" or not inside:
            continue
        following = {inside[-1] + 1, inside[-1] + 2}
        before = starts.get(inside[0])
        if before is not None and nouns & following:
            under = scene.words[before.last - 1].text in ("under", "than")
            noun = min(nouns & following)
            return _Limit(quantity.high - bool(under), before.first, noun + 1)
    return None


def _generality(scene: _Scene) -> Iterator[Ruling]:
    """Words such as "nearly always" against the share and its worst case."""
    limit = _limit(scene)
    found = [(m, s) for m, s in generality_in(scene.words) if not scene.is_denied(m)]
    shares = [q for q in quantities_in(scene.span.text) if q.kind == "share"]
    if found:
        mention, share = found[0]
        first, last = mention.first, mention.last
    elif limit is not None and not shares:
        share, first, last = _MOST, limit.first, limit.last
    else:
        return
    least, most = _bounds(scene, limit)
    if share.holds(least):
        return
    known = scene.audit.share.proportion
    friendly = most if limit is not None else known
    because = (
        "holds only if those who are missing recovered"
        if share.holds(friendly)
        else "is more than the audit counted"
    )
    yield error(
        Verdict.OVERSTATED,
        "CLM074" if limit is not None else "CLM072",
        scene.place(first, last),
        f'"{scene.said(first, last)}" {because}',
        f"it stands for {_threshold(share)} of everybody; {_found(scene, limit, least, most)}",
        describe(scene.audit),
    )


def _threshold(share: Share) -> str:
    if share.least >= 1:
        return "all"
    return f"{'more than' if share.above else 'at least'} {percent(share.least)}"


def _bounds(scene: _Scene, limit: _Limit | None) -> tuple[float, float]:
    if limit is not None:
        return recovered_within(scene.episodes, limit.sessions)
    return scene.audit.share.worst, scene.audit.share.best


def _found(scene: _Scene, limit: _Limit | None, least: float, most: float) -> str:
    by_then = "" if limit is None else f" within {counted(int(limit.sessions), 'session')}"
    bounds = percent(least) if most - least < 1e-9 else f"{percent(least)} to {percent(most)}"
    missing = scene.audit.share.missing
    unknown = f", as {missing} are missing" if missing else ""
    return f"{bounds} of {scene.audit.share.everybody} recovered{by_then}{unknown}"


def _numbers(scene: _Scene) -> Iterator[Ruling]:
    limit = _limit(scene)
    for quantity in quantities_in(scene.span.text):
        inside = [n for n, w in enumerate(scene.words) if quantity.start <= w.start < quantity.end]
        if not inside or (limit and limit.first <= inside[0] < limit.last):
            continue
        after = scene.words[inside[-1] + 1 : inside[-1] + 2]
        timed = bool(after) and after[0].text in _TIME
        if timed or not _is_counted(scene, quantity, limit):
            yield error(
                Verdict.CONTRADICTED,
                "CLM073",
                scene.place(inside[0], inside[-1] + 1),
                "the audit counts sessions, not weeks or months"
                if timed
                else "the number is not what the audit counted",
                f'"{scene.said(inside[0], inside[-1] + 1)}"; {describe(scene.audit)}',
                f"{describe(scene.audit)} {describe_sessions(scene.audit)}".strip(),
            )


def _is_counted(scene: _Scene, said: Quantity, limit: _Limit | None) -> bool:
    known = list(_shares(scene, limit) if said.kind == "share" else _counts(scene.audit))
    reach = said.precision + (0.02 if said.kind == "share" and said.approximate else 0) + 1e-9
    return all(any(abs(x - end) <= reach for x in known) for end in (said.low, said.high))


def _shares(scene: _Scene, limit: _Limit | None) -> Iterator[float]:
    share = scene.audit.share
    yield from recovered_within(scene.episodes, limit.sessions) if limit else ()
    if limit is None:
        yield from (share.proportion, share.worst, share.best, share.ci_lower, share.ci_upper)
        yield from (share.missing / share.everybody, 1 - share.proportion, 0.95)
        yield (share.known - share.recovered) / share.everybody


def _counts(audit_: Audit) -> Iterator[float]:
    share = audit_.share
    yield from (share.everybody, share.known, share.recovered, share.missing)
    yield from (share.known - share.recovered, audit_.continuing)
    if audit_.sessions is not None:
        s = audit_.sessions
        yield from (s.n, s.lower, s.median, s.upper)
        yield from () if s.product_limit is None else (s.product_limit,)
    for change in audit_.changes:
        yield from (change.n, change.missing, change.baseline, change.last)
        yield abs(change.baseline - change.last)
        yield from _plain_numbers(change.measure)


def _plain_numbers(text: str) -> Iterator[float]:
    for quantity in quantities_in(text):
        yield from (quantity.low, quantity.high)


def _missing(scene: _Scene) -> Iterator[Ruling]:
    """Where somebody is missing, the paragraph has to say so."""
    share = scene.audit.share
    told = generality_in(scene.words) or quantities_in(scene.span.text)
    if not share.missing or not told or scene.says_around("missing"):
        return
    yield error(
        Verdict.OVERSTATED,
        "CLM075",
        scene.span.place,
        "the missing are left out of the account",
        f"of {share.missing} of {share.everybody} people nobody knows whether they recovered",
        f"say it beside the result: {describe(scene.audit)}",
    )


def _change(scene: _Scene) -> Iterator[Ruling]:
    """Better at the end than at the start, told without what would have happened anyway."""
    numbers = [q.low for q in quantities_in(scene.span.text) if q.kind == "count"]
    before_and_after = any(
        all(any(abs(n - mean) < 0.5 for n in numbers) for mean in (c.baseline, c.last))
        for c in scene.audit.changes
    )
    if not (before_and_after or scene.find("change")) or scene.says_around("natural"):
        return
    yield warning(
        Verdict.OVERSTATED,
        "CLM076",
        scene.span.place,
        "a change from before to after is told as if it were an effect",
        REGRESSION,
        "add that people get better without treatment too, and that this cannot show how much",
    )


def _absolutes(scene: _Scene, causal: bool) -> Iterator[Ruling]:
    """Words that no count can carry, beside those that were held against the audit."""
    general = [(m.first, m.last) for m, _ in generality_in(scene.words)]
    held = [(scene.words[a].start, scene.words[b - 1].end) for a, b in general]
    if causal:
        held += [
            (scene.words[m.first].start, scene.words[m.last - 1].end) for m in scene.find("caused")
        ]
    for start, end in find_absolutes(scene.span.text):
        if any(a < end and start < b for a, b in held):
            continue
        yield error(
            Verdict.OVERSTATED,
            "CLM006",
            place_of(scene.span.pieces, start, end, scene.page.file, scene.page.lines),
            f'no audit can show "{scene.span.text[start:end]}"',
            describe(scene.audit),
            "say what was counted",
        )


def audits(review: Review) -> Sequence[Audit]:
    """Every audit that a page may be about, by condition and by condition and treatment."""
    return [
        audit(episodes_about(review.practice, name), name)
        for name in names_of_episodes(review.practice)
    ]
