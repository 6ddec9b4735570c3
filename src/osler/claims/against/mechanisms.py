"""A marked statement on how a treatment might work, against mechanisms.csv.

What is seen in rats is not seen in people, and neither shows that a treatment helps.
"""

from collections.abc import Sequence

from osler.claims.document.positions import place_of
from osler.claims.language.lexicon import phrases
from osler.claims.language.names import offer
from osler.claims.language.reading import find_absolutes
from osler.claims.language.words import Word, words_of
from osler.claims.model import Judged, Page, Span, Verdict
from osler.claims.rulings import Ruling, error, worst
from osler.claims.workings import judge_workings
from osler.review.model import Mechanism, Review

_AGAINST = ("contradicts", "null", "mixed")
_PEOPLE = ("human", "people", "patients", "volunteers")


def judge_mechanism(span: Span, page: Page, review: Review) -> Judged:
    """Hold a marked statement against the studies of each mechanism it names."""
    known = list(dict.fromkeys(m.mechanism for m in review.mechanisms))
    rulings: list[Ruling] = []
    for about in span.about:
        rows = [m for m in review.mechanisms if m.mechanism == about]
        if rows:
            rulings += _judge(span, about, rows)
        else:
            rulings.append(_unknown(span, about, known))
    rows = [m for m in review.mechanisms if m.mechanism in span.about]
    if rows:
        rulings += judge_workings(span, page, rows, review)
    rulings += _absolutes(span, page)
    diagnostics = tuple(r.diagnostic for r in rulings)
    return Judged(span, None, worst(rulings), (), (), diagnostics)


def _unknown(span: Span, about: str, known: Sequence[str]) -> Ruling:
    return error(
        Verdict.NOT_SHOWN,
        "CLM030",
        span.place,
        "mechanisms.csv has no such mechanism",
        f'about="{about}"',
        offer(about, known, "mechanism"),
    )


def _judge(span: Span, about: str, rows: Sequence[Mechanism]) -> list[Ruling]:
    words = words_of(span.text)
    if _says(words, "negation", "absence"):
        return []
    human = [m for m in rows if _is_human(m)]
    shown = any(m.direction == "supports" for m in human)
    animals = _says(words, "mechanism", "animals")
    if not shown and not animals:
        return [_not_in_people(span, about, rows, human)]
    # A statement on animals is held against the animal studies, one on people against all.
    held = [m for m in rows if not _is_human(m)] if animals and not shown else rows
    against = [m for m in held if m.direction in _AGAINST]
    open_ = _says(words, "mechanism", "hedged") or _says(words, "mechanism", "conflict")
    return [_one_sided(span, about, held, against)] if against and not open_ else []


def _is_human(row: Mechanism) -> bool:
    return any(word in row.species.lower() for word in _PEOPLE)


def _says(words: Sequence[Word], file: str, group: str) -> bool:
    return any(m.name == group for m in phrases(file, group).find(words))


def _not_in_people(
    span: Span, about: str, rows: Sequence[Mechanism], human: Sequence[Mechanism]
) -> Ruling:
    animals = len(rows) - len(human)
    code = "CLM031" if human else "CLM032"
    message = (
        "studies in people do not show this mechanism"
        if human
        else "this mechanism was seen in animals only, and the sentence does not say so"
    )
    people = _counted(human) if human else "none in people"
    species = ", ".join(dict.fromkeys(m.species for m in rows if not _is_human(m))) or "none"
    return error(
        Verdict.OVERSTATED,
        code,
        span.place,
        message,
        f"{about}: {animals} studies in animals or cells ({species}); {people}",
        'say in what it was seen, such as "in rats", and that it has not been shown in people',
    )


def _counted(rows: Sequence[Mechanism]) -> str:
    kinds = dict.fromkeys(m.direction for m in rows)
    told = ", ".join(f"{sum(m.direction == k for m in rows)} {k.replace('_', ' ')}" for k in kinds)
    return f"in people {told}"


def _one_sided(
    span: Span, about: str, rows: Sequence[Mechanism], against: Sequence[Mechanism]
) -> Ruling:
    first = against[0]
    return error(
        Verdict.OVERSTATED,
        "CLM033",
        span.place,
        "studies that found otherwise are left out",
        f"{about}: {len(against)} of {len(rows)} studies contradict it, found nothing or are "
        f"mixed; among them {_cited(first)}",
        'say that the studies disagree, or "in some studies"',
    )


def _cited(row: Mechanism) -> str:
    """First author and year, enough to find the row in the table."""
    author = row.citation.split(",")[0].split(".")[0].strip()
    return f"{author[:60]} {row.year}" if row.year else author[:60]


def _absolutes(span: Span, page: Page) -> list[Ruling]:
    return [
        error(
            Verdict.OVERSTATED,
            "CLM006",
            place_of(span.pieces, start, end, page.file, page.lines),
            f'no study can show "{span.text[start:end]}"',
            "",
            "say what was seen, and in what",
        )
        for start, end in find_absolutes(span.text)
    ]
