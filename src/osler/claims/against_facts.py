"""A marked fact against facts.csv: its numbers, its range, its period."""

from collections.abc import Iterator, Sequence

from osler.claims.lexicon import number_words
from osler.claims.model import Judged, Page, Span, Verdict
from osler.claims.names import offer
from osler.claims.positions import place_of
from osler.claims.quantities import Quantity, plain_numbers, quantities_in
from osler.claims.rulings import Ruling, error, warning, worst
from osler.claims.words import words_of
from osler.review.model import Fact, Review

# "About 30%" may stand for a figure that lies this far off, as a share of the figure.
ROUGHLY = 0.12
# "3 in 10" is exact to half a tenth, but never further off than this share of the figure.
COARSE = 0.2

_PERIODS = {
    "lifetime": "over a lifetime",
    "point": "at one time",
    "annual": "in one year",
}


def judge_fact(span: Span, page: Page, review: Review) -> Judged:
    """Hold the numbers of a marked fact against the facts it names."""
    facts = [review.facts[a] for a in span.about if a in review.facts]
    rulings = [_unknown(span, a, review) for a in span.about if a not in review.facts]
    if facts and not rulings:
        rulings += _numbers(span, page, facts)
        rulings += _periods(span, facts)
    diagnostics = tuple(r.diagnostic for r in rulings)
    return Judged(span, None, worst(rulings), (), tuple(facts), diagnostics)


def _unknown(span: Span, about: str, review: Review) -> Ruling:
    return error(
        Verdict.NOT_SHOWN,
        "CLM020",
        span.place,
        "facts.csv has no such fact",
        f'about="{about}"',
        offer(about, review.facts, "fact"),
    )


def _numbers(span: Span, page: Page, facts: Sequence[Fact]) -> Iterator[Ruling]:
    said = quantities_in(span.text)
    for quantity in said:
        kinds = [_agreement(quantity, fact, said) for fact in facts]
        if "agrees" in kinds:
            continue
        place = place_of(span.pieces, quantity.start, quantity.end, page.file, page.lines)
        words = span.text[quantity.start : quantity.end]
        told = "; ".join(_told(fact) for fact in facts)
        if "one end" in kinds:
            yield error(
                Verdict.OVERSTATED,
                "CLM022",
                place,
                "one end of a range is told as if it were the figure",
                f'"{words}"; {told}',
                _range_help(facts[kinds.index("one end")]),
            )
        else:
            yield error(
                Verdict.CONTRADICTED,
                "CLM021",
                place,
                "the number is not the one of the source",
                f'"{words}"; {told}',
                "write the figure as the source has it, or name the fact that has this one",
            )


def _range_help(fact: Fact) -> str:
    if fact.low is not None and fact.high is not None:
        unit = "%" if "percent" in fact.unit else f" {fact.unit}" if fact.unit else ""
        middle = f"{abs(fact.value):g}{unit} (" if fact.value is not None else ""
        ends = f"{fact.low:g} to {fact.high:g}{unit}"
        return f"tell both ends: {middle}{ends}" + (")" if middle else "")
    return 'the source gives a limit, not a figure: say "at most" or "at least"'


def _told(fact: Fact) -> str:
    text = fact.statement if len(fact.statement) <= 140 else fact.statement[:137] + "..."
    return f"{fact.id}: {text}"


def _agreement(said: Quantity, fact: Fact, others: Sequence[Quantity]) -> str:
    """Tells "agrees", "one end" (of the fact's range, told alone) or "differs"."""
    unit = share_of(fact.unit)
    value, low, high = (_scaled(x, unit) for x in (fact.value, fact.low, fact.high))
    if (unit is None) == (said.kind == "share"):
        return "agrees" if _is_in_words(said, fact) else "differs"
    if value is not None and not said.is_range and _near(said, said.low, value):
        return "agrees"
    if said.is_range:
        ends = low is not None and high is not None
        if ends and _near(said, said.low, low or 0.0) and _near(said, said.high, high or 0.0):
            return "agrees"
        return "agrees" if _is_in_words(said, fact) else "differs"
    end = next((e for e in (high, low) if e is not None and _near(said, said.low, e)), None)
    if end is None:
        return "agrees" if _is_in_words(said, fact) else "differs"
    other = (low if end == high else high) if value is None else value
    if other is None:
        # Only one end is known: "up to 30%" or "fewer than 5%" is the fact itself.
        return "agrees" if said.bound or said.approximate else "one end"
    told = any(q is not said and _near(q, x, other) for q in others for x in (q.low, q.high))
    return "agrees" if told else "one end"


def share_of(unit: str) -> float | None:
    """What one unit is as a fraction; None where it is no share.

    Examples
    --------
    >>> share_of("percent of patients"), share_of("per 100,000 people"), share_of("trials")
    (0.01, 1e-05, None)
    """
    text = unit.lower()
    if "percent" in text or "per cent" in text or "%" in text:
        return 0.01
    if text.startswith("per "):
        of = next(iter(plain_numbers([text])), 0.0)
        return 1 / of if of else None
    return 1.0 if text.startswith(("proportion", "fraction")) else None


def _scaled(value: float | None, unit: float | None) -> float | None:
    return None if value is None else abs(value) * (1.0 if unit is None else unit)


def _near(said: Quantity, number: float, value: float) -> bool:
    reach = max(min(said.precision, COARSE * value), 0.0)
    if said.approximate:
        reach = max(reach, ROUGHLY * value)
    return abs(number - value) <= reach + 1e-9


def _is_in_words(said: Quantity, fact: Fact) -> bool:
    """Whether the number stands in the fact's own statement, population or notes."""
    there = [*plain_numbers((fact.statement, fact.population, fact.notes))]
    scale = 100 if said.kind == "share" else 1
    return all(
        any(abs(x * scale - n) < 1e-6 for n in there) for x in (said.low, said.high)
    ) or _is_fraction_in_words(said, fact)


def _is_fraction_in_words(said: Quantity, fact: Fact) -> bool:
    """Whether the statement holds the same share or count, such as "107 in 1000"."""
    told = quantities_in(fact.statement)
    return any(
        q.kind == said.kind and abs(q.low - said.low) < 1e-9 and abs(q.high - said.high) < 1e-9
        for q in told
    )


def _periods(span: Span, facts: Sequence[Fact]) -> Iterator[Ruling]:
    said = _period(span.text)
    known = {_period(f"{fact.statement} {fact.notes}") for fact in facts}
    if said and known - {""} and said not in known:
        source = " and ".join(_PERIODS[k] for k in sorted(known - {""}))
        yield warning(
            Verdict.CONTRADICTED,
            "CLM023",
            span.place,
            "the fact is about another period",
            f"the words tell how many {_PERIODS[said]}; the source how many {source}",
            f"say: {source}",
        )


def _period(text: str) -> str:
    words = words_of(text)
    found = [name for name in _PERIODS if number_words()[name].find(words)]
    return found[0] if found else ""
