"""Claims made without a word of effect: recommendations, offers, and leading away from treatment.

That a clinic offers a treatment for a condition is read as "it helps", and so is that doctors
recommend it. Worse is "you do not need surgery": a reader may act on it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from osler.claims.language.lexicon import phrases, table
from osler.claims.language.words import Mention
from osler.claims.scenes import Scene

# How many words may stand between a verb and what it is about.
_NEAR = 4
_IMPLYING = ("endorsing", "endorsed", "offering", "treating", "treatable")


@dataclass(frozen=True, slots=True)
class Implied:
    """The words that make the claim, the treatment it speaks for, and in what way."""

    mention: Mention
    treatment: str
    kind: Literal["endorsement", "offer"]


def discouraging(scene: Scene) -> Mention | None:
    """Words that could lead a reader away from treatment that they need; None without such.

    Advice stays advice: what asks, denies or sets a condition ("if the pain is mild", "once it
    has gone") is no promise, unless a treatment is named to take the place of the other.
    """
    if not _essentials(scene) or scene.is_warning or scene.has("whole", "red_flags"):
        return None
    offered = _offered(scene)
    if not offered and scene.has("persuasion", "conditions"):
        return None
    if scene.sentence.citations and scene.has("unmarked", "attribution"):
        return None
    told = (*_told_off(scene, offered), *_urged_instead(scene, offered))
    return next((m for m in told if not scene.is_denied(m)), None)


def _essentials(scene: Scene) -> list[Mention]:
    return scene.find("persuasion", "essential")


def _offered(scene: Scene) -> list[Mention]:
    """The treatments of a sentence that are none of those nobody should be talked out of."""
    essential = {n for m in _essentials(scene) for n in range(m.first, m.last)}
    return [t for t in scene.treatments if essential.isdisjoint(range(t.first, t.last))]


def _told_off(scene: Scene, offered: list[Mention]) -> Iterator[Mention]:
    """Words such as "you do not need", with the treatment that they stand before."""
    groups = ["unneeded", "stopping", *(["spared"] if offered else [])]
    found = [m for group in groups for m in scene.find("persuasion", group)]
    if scene.sentence.kind != "heading" and scene.words[0].text in table("persuasion")["orders"]:
        found.append(Mention("orders", 0, 1))
    for mention in found:
        last = _essential_after(scene, mention)
        if last:
            yield Mention(mention.name, mention.first, last)


def _essential_after(scene: Scene, mention: Mention) -> int:
    """Where the treatment right behind a mention ends; 0 where none stands there."""
    fillers = table("persuasion")["between"]
    starts = {m.first: m.last for m in _essentials(scene)}
    for n in range(mention.last, len(scene.words)):
        if n in starts:
            return starts[n]
        if scene.words[n].text not in fillers:
            break
    return 0


def _urged_instead(scene: Scene, offered: list[Mention]) -> Iterator[Mention]:
    """ "Try acupuncture instead of surgery"."""
    urged = [m.last for m in scene.find("persuasion", "urged")]
    if scene.words[0].text in table("persuasion")["urging"]:
        urged.append(1)
    for mention in scene.find("persuasion", "instead"):
        last = _essential_after(scene, mention)
        before = (t for t in offered if mention.first - _NEAR <= t.last <= mention.first)
        if last and any(0 <= t.first - start <= _NEAR for t in before for start in urged):
            # From the first word on, because "instead of" by itself is a denial.
            yield Mention(mention.name, min(urged), last)


def implied_claim(scene: Scene) -> Implied | None:
    """A recommendation or an offer without source, mark or reservation; None without such."""
    # Each list is looked for by itself below; most sentences hold nothing of any.
    if not phrases("persuasion", *_IMPLYING).find(scene.words):
        return None
    open_to_doubt = any(m.name == "very_low" for m in phrases("certainty").find(scene.words))
    whether = any(w.text == "whether" for w in scene.words)
    if scene.sentence.citations or open_to_doubt or whether:
        return None
    every = (*_endorsements(scene), *_offers(scene))
    return next((i for i in every if not scene.is_denied(i.mention)), None)


def _endorsements(scene: Scene) -> Iterator[Implied]:
    if scene.has("persuasion", "reserved") or scene.is_advice:
        return
    if not scene.has("persuasion", "conditions"):
        for mention in scene.find("persuasion", "endorsing"):
            treatment = _object(scene, mention)
            if treatment is not None and _is_for_this(scene, treatment.last, needed=False):
                yield Implied(mention, treatment.name, "endorsement")
    for mention in scene.find("persuasion", "endorsed"):
        subject = scene.subject(mention)
        if subject and _is_for_this(scene, mention.last - 1, needed=False):
            yield Implied(mention, subject, "endorsement")


def _offers(scene: Scene) -> Iterator[Implied]:
    for mention in scene.find("persuasion", "offering"):
        treatment = _object(scene, mention)
        if treatment is None or not _is_seller(scene, mention):
            continue
        if _is_for_this(scene, treatment.last, needed=True):
            yield Implied(mention, treatment.name, "offer")
    ours = [m for m in scene.find("persuasion", "treating") if _is_seller(scene, m)]
    for mention in (*ours, *scene.find("persuasion", "treatable")):
        treatment = _object(scene, mention)
        if treatment is not None and scene.things:
            yield Implied(mention, treatment.name, "offer")


def _object(scene: Scene, mention: Mention) -> Mention | None:
    """The treatment soon after a verb: no comma between, and no trial of the treatment."""
    astray = table("persuasion")["astray"]
    for treatment in scene.treatments:
        between = scene.words[mention.last : treatment.first]
        if not mention.last <= treatment.first <= mention.last + _NEAR:
            continue
        joined = scene.words[mention.last : treatment.first + 1]
        if any(w.before not in ("", "-") for w in joined) or any(w.text in astray for w in between):
            continue
        around = (*between, *scene.words[treatment.last : treatment.last + 1])
        if not phrases("unmarked", "attribution").find(around):
            return treatment
    return None


def _is_seller(scene: Scene, mention: Mention) -> bool:
    ahead = scene.words[max(mention.first - _NEAR, 0) : mention.first]
    return any(w.text in table("persuasion")["sellers"] for w in ahead)


def _is_for_this(scene: Scene, start: int, *, needed: bool) -> bool:
    """Whether "for" and the condition follow; where not ``needed``, also if no "for" follows."""
    rest = scene.words[start:]
    at = next((n for n, w in enumerate(rest) if w.text in ("for", "with", "against")), None)
    if at is None:
        return not needed
    aim = rest[at:]
    names = scene.names
    own = names.condition.find(aim) or names.outcomes.find(aim)
    return bool(own or phrases("persuasion", "targets").find(aim))
