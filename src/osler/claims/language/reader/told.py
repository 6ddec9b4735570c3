"""What a passage tells beside direction, size and certainty, read from the lists of told.toml."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Literal, cast

from osler.claims.language.lexicon import Lexicon
from osler.claims.language.reader.clauses import NEGATION_REACH
from osler.claims.language.reader.passage import Passage, between
from osler.claims.language.words import Mention
from osler.claims.model import Duration, Generality, Source

# Short term is less than three months, long term a year or more: Furlan and others (2009),
# Spine 34, 1929-1941, doi:10.1097/BRS.0b013e3181b1c99f.
SHORT_WEEKS = 13.0
LONG_WEEKS = 52.0
_WEEKS = {"day": 1 / 7, "week": 1.0, "month": 52.18 / 12, "year": 52.18}
_BEFORE_TIME = ("at", "for", "within", "after", "over", "in", "by", "first", "next", "to", "about")

# How far a name reaches, and how far a mechanism may stand behind its link, in words.
NAME_REACH = 5
LINK_REACH = 8

Safety = Literal["", "safe", "safer", "harms"]
_SOURCES: tuple[Source, ...] = (
    "review", "study", "research", "patients", "authority", "tradition", "writer",
)  # fmt: skip


def duration(p: Passage) -> Duration:
    """The longest time that an effect is said to last."""
    found = p.find("told", "short_term", "lasting", "permanent", "duration_neutral")
    told = {m.name for m in found if not p.is_negated(m.first, 4)}
    # "will not come back" holds its own negation.
    told |= {m.name for m in found if p.words[m.first].text in ("never", "will", "won't", "does")}
    weeks = [w for at in range(len(p.words)) if (w := _weeks(p, at)) is not None]
    if "permanent" in told:
        return "permanent"
    if "lasting" in told or any(w >= LONG_WEEKS for w in weeks):
        return "lasting"
    short = "short_term" in told or any(w < SHORT_WEEKS for w in weeks)
    return "short-term" if short else ""


def _weeks(p: Passage, at: int) -> float | None:
    """The weeks of a time that ends at word ``at`` ("for four weeks")."""
    unit = p.words[at].text.removesuffix("s")
    if unit not in _WEEKS or at < 1:
        return None
    value = p.number(at - 1)
    if value is None:
        return None
    before = p.words[at - 2].text if at > 1 else ""
    followed = p.words[at + 1].text if at + 1 < len(p.words) else ""
    later = followed in ("later", "on", "afterwards")
    timed = before in _BEFORE_TIME and followed not in ("old", "ago", "of")
    return value * _WEEKS[unit] if timed or later else None


def generality(p: Passage) -> Generality:
    """How many are said to be helped; of several, what comes last in none, some, most, all."""
    groups = ("all", "nearly_all", "most", "some", "generality_neutral")
    found = [m for m in p.find("told", *groups) if m.name != "generality_neutral"]
    told = {"some" if _turned(p, m) else m.name for m in found}
    order: tuple[tuple[str, Generality], ...] = (
        ("all", "all"),
        ("nearly_all", "nearly all"),
        ("most", "most"),
        ("some", "some"),
    )
    return next((value for name, value in order if name in told), "")


def _turned(p: Passage, mention: Mention) -> bool:
    """Whether "not" stands before "all": some, that is, not none."""
    return mention.name in ("all", "nearly_all") and p.is_negated(mention.first, NEGATION_REACH)


def source(p: Passage) -> Source:
    """Whose statement it is said to be; the first that is named."""
    found = [m for m in p.find("told", *_SOURCES, "source_neutral") if m.name != "source_neutral"]
    return cast(Source, found[0].name) if found else ""


def hedges(p: Passage) -> tuple[str, ...]:
    """The words of doubt, as they stand there."""
    doubt = [m for m in p.certainty if m.name in ("very_low", "low", "moderate")]
    return p.told(_apart([*doubt, *(m for m in p.find("told", "hedges") if m.name == "hedges")]))


def _apart(mentions: Iterable[Mention]) -> list[Mention]:
    """Of mentions that overlap, the longer; in their order."""
    out: list[Mention] = []
    for m in sorted(mentions, key=lambda m: (m.first, -m.last)):
        if not out or m.first >= out[-1].last:
            out.append(m)
    return out


def comparators(p: Passage) -> tuple[str, ...]:
    """What the treatment is set against: the words after "than" and its like."""
    return p.told(_compared(p))


def _compared(p: Passage) -> list[Mention]:
    ends, articles = _set(p.lexicon, "ends"), _set(p.lexicon, "articles")
    nothing = _set(p.lexicon, "no_comparator")
    out: list[Mention] = []
    for m in p.lexicon.phrases("comparators", "than").find(p.words):
        first = m.last
        while first < len(p.words) and p.words[first].text in articles and not p.stops(first):
            first += 1
        last = _name_end(p, first, ends)
        text = p.words[first].text if last > first else ""
        if text and not text[0].isdigit() and text not in nothing:
            out.append(Mention("comparator", first, last))
    return out


def _name_end(p: Passage, first: int, ends: frozenset[str]) -> int:
    at = first
    while at < min(len(p.words), first + NAME_REACH):
        if p.words[at].text in ends or p.stops(at):
            break
        at += 1
    while at > first and p.words[at - 1].text in ("and", "or", "the", "a", "of"):
        at -= 1
    return at


def populations(p: Passage) -> tuple[str, ...]:
    """The people that are named, with what is told of them."""
    return p.told(_people(p))


def _people(p: Passage) -> list[Mention]:
    ends, after = _set(p.lexicon, "ends"), _set(p.lexicon, "people_after")
    ends = (ends - {"over", "have", "has", "had"}) | {"the", "from"}
    ahead = _set(p.lexicon, "people_before")
    out: list[Mention] = []
    for m in p.find("told", "people"):
        if m.name != "people":
            continue
        first, last = m.first, m.last
        while first > 0 and p.words[first - 1].text in ahead and not p.stops(first):
            first -= 1
        if last < len(p.words) and p.words[last].text in after and not p.stops(last):
            stop = _name_end(p, last + 1, ends)
            last = stop if stop > last + 1 else last
        if p.words[first].text == "many" and first and p.words[first - 1].text == "how":
            first += 1
        out.append(Mention("people", first, last))
    return out


# Outcomes that name none.
_GENERAL = ("effect", "effects", "change", "result", "risk", "risks", "benefit", "success")


def outcomes(p: Passage, labels: Sequence[str]) -> tuple[str, ...]:
    """What is said to change: outcomes by the review's names, or by a general word."""
    before = _set(p.lexicon, "outcome_before")
    named = {at for m in (*_people(p), *_compared(p)) for at in range(m.first, m.last)}
    acts = {at for m in p.direction for at in range(m.first, m.last) if m.name != "neutral"}
    out: list[Mention] = list(p.labels(labels))
    for m in p.objects:
        general = m.last - m.first == 1 and p.words[m.first].text in _GENERAL
        if m.name in ("neutral", "either") or m.first in acts or general or m.first in named:
            continue
        first = m.first
        while first > 0 and p.words[first - 1].text in before and not p.stops(first):
            first -= 1
        out.append(Mention(m.name, first, m.last))
    return p.told(_apart(out))


def safety(p: Passage) -> Safety:
    """Whether it is said to be safe, safer than something, or to do harm."""
    safe = [m for m in p.find("safety", "absolute", "plain") if m.name != "neutral"]
    if any(m.name == "absolute" and not p.is_absent(m) for m in safe):
        return "safe"
    if any(m.name == "safer" for m in p.find("told", "safer")):
        return "safer"
    sure = [m for m in safe if "natural" not in p.text_of(m.first, m.last)]
    sure += [m for m in p.direction if m.name == "safe"]
    if any(not p.is_negated(m.first, 3) and not p.is_absent(m) for m in sure):
        return "safe"
    harms = [m for m in p.objects if m.name == "harm"]
    if any(m.name == "bad" and p.words[m.first].text in _HARMING for m in p.direction) or sure:
        return "harms"
    return "harms" if any(_is_told(p, m) for m in harms) else ""


_HARMING = ("unsafe", "dangerous", "harmful", "riskier", "harms", "harm", "damages")


def _is_told(p: Passage, harm: Mention) -> bool:
    """Whether a harm is said to happen, and not to be reduced or denied."""
    ahead = p.words[harm.first - 1].text if harm.first else ""
    if ahead in ("least", "low", "small", "little") or p.is_negated(harm.first, 4):
        return False
    near = between(p.direction, harm.first - LINK_REACH, harm.first)
    return not any(m.name in ("decrease", "fewer", "good", "above") for m in near)


def is_proof(p: Passage) -> bool:
    """Whether a mechanism is given as the reason to believe that the treatment helps."""
    links = [m for m in p.find("told", "therefore", "because", "no_link") if m.name != "no_link"]
    processes = p.find("mechanism", "processes")
    processes += [m for m in p.find("told", "processes") if m.name == "processes"]
    at = sorted(m.first for m in processes if m.name != "neutral")
    if not links or not at or p.absence:
        return False
    helps = [m.first for m in p.direction if _is_benefit(p, m)]
    return any(_joins(link, at, helps) for link in links)


def _is_benefit(p: Passage, mention: Mention) -> bool:
    good = mention.name in ("good", "above", "decrease")
    return good and not p.is_negated(mention.first, 6)


def _joins(link: Mention, processes: Sequence[int], helps: Sequence[int]) -> bool:
    """Whether a link stands between a process and a benefit, in the order that it asks for."""
    if link.name == "therefore":
        return processes[0] < link.first and bool(helps) and helps[-1] >= link.last
    near = bisect_left(processes, link.last)
    if near == len(processes) or processes[near] - link.last > LINK_REACH:
        return False
    process = processes[near]
    return any(at < link.first or at > process for at in (*helps[:1], *helps[-1:]))


def _set(lexicon: Lexicon, group: str) -> frozenset[str]:
    return frozenset(lexicon.table("told")[group])
