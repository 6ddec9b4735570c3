"""A marked fact against facts.csv: its numbers and units, its range, its period, its people."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from osler.claims.document.positions import place_of
from osler.claims.language.harms import limit_of_none
from osler.claims.language.lexicon import number_words, phrases
from osler.claims.language.names import offer
from osler.claims.language.quantities import Quantity, plain_numbers, quantities_in
from osler.claims.language.units import Unit, share_of, unit_after, units_of
from osler.claims.language.words import words_of
from osler.claims.model import Judged, Page, Span, Verdict
from osler.claims.rulings import Ruling, error, warning, worst
from osler.review.model import Fact, Review

__all__ = ["judge_fact", "share_of"]

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
        rulings += _people(span, facts)
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
        if _is_scale(quantity, span.text) or _is_limit(quantity, facts):
            continue
        kinds = [_checked(quantity, fact, said, span.text) for fact in facts]
        if "agrees" in kinds:
            continue
        place = place_of(span.pieces, quantity.start, quantity.end, page.file, page.lines)
        words = span.text[quantity.start : quantity.end]
        told = "; ".join(_told(fact) for fact in facts)
        other = _other_unit(quantity, span, facts)
        if other and "one end" not in kinds:
            yield error(
                Verdict.CONTRADICTED,
                "CLM025",
                place,
                "the number is the one of the source, in another unit",
                f'"{words}"; {told}',
                f"the source counts {other}: write its unit, or convert the number",
            )
        elif "one end" in kinds:
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


def _is_scale(said: Quantity, text: str) -> bool:
    """Whether a range is the scale itself: "on a scale of 0 to 100"."""
    around = text[max(said.start - 12, 0) : said.end + 8].lower()
    return said.low == 0.0 and said.is_range and "scale" in around


def _is_limit(said: Quantity, facts: Sequence[Fact]) -> bool:
    """Whether it may be what none of n leaves open; :mod:`osler.claims.safety` looks at it."""
    return said.kind == "share" and said.low > 0 and any(map(limit_of_none, facts))


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


def _checked(said: Quantity, fact: Fact, others: Sequence[Quantity], text: str) -> str:
    """As :func:`_agreement`, once both are in one unit; "unit" where they cannot be."""
    unit = unit_after(text, said.start, said.end)
    there = _units_like(unit, fact)
    if _is_percent_of_other(said, fact, text):
        return "unit"
    if unit is None or not there or unit in there:
        return _agreement(said, fact, others)
    if unit.factor and said.kind == "count":
        for other in there:
            ratio = unit.factor / other.factor
            turned = replace(
                said,
                low=said.low * ratio,
                high=said.high * ratio,
                # A month is not just 30 days: half a unit of what is written, or a tenth.
                precision=max(said.precision * ratio, 0.05 * said.high * ratio),
            )
            if _agreement(turned, fact, others) == "agrees":
                return "agrees"
    return "unit" if _agreement(said, fact, others) == "agrees" else "differs"


def _other_unit(said: Quantity, span: Span, facts: Sequence[Fact]) -> str:
    """What the source counts, where the number is right and its unit is not; "" otherwise."""
    unit = unit_after(span.text, said.start, said.end)
    for fact in facts:
        there = _units_like(unit, fact)
        if there and unit not in there and _is_value(fact, (said.low, said.high)):
            return _in_words(there[0])
        if _is_percent_of_other(said, fact, span.text):
            return fact.unit
        if said.kind == "share" and share_of(fact.unit) == 0.01:
            whole = _whole(span.text[said.start : said.end])
            if whole not in (0.0, 100.0) and _is_value(fact, (said.low * whole, said.high * whole)):
                return "percent"
    return ""


def _units_like(unit: Unit | None, fact: Fact) -> list[Unit]:
    """The units of a fact that are of one kind with this one."""
    if unit is None:
        return []
    return [u for u in units_of(f"{fact.unit} {fact.statement}") if u.kind == unit.kind]


def _is_percent_of_other(said: Quantity, fact: Fact, text: str) -> bool:
    """Whether "107%" is written for 107 in 1000."""
    written = text[said.start : said.end + len(" per cent")].lower()
    percent = "%" in written or "per cent" in written or "percent" in written
    if said.kind != "share" or not percent or share_of(fact.unit) in (None, 0.01):
        return False
    return _is_value(fact, (said.low * 100, said.high * 100))


def _whole(words: str) -> float:
    """The "1000" of "30 in 1000"; 0 where there is none."""
    numbers = list(plain_numbers([words]))
    return numbers[-1] if len(numbers) > 1 else 0.0


def _is_value(fact: Fact, said: tuple[float, float]) -> bool:
    known = [abs(x) for x in (fact.value, fact.low, fact.high) if x is not None]
    return all(any(abs(x - k) < 1e-6 * max(1.0, k) for k in known) for x in said)


def _in_words(unit: Unit) -> str:
    return f"points on a scale of 0 to {unit.name}" if unit.kind == "scale" else f"{unit.name}s"


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
    told = [q for text in (fact.statement, fact.notes) for q in quantities_in(text)]
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


def _people(span: Span, facts: Sequence[Fact]) -> Iterator[Ruling]:
    """Whom the words tell the figure of, against whom the source counted."""
    said = _groups(span.text)
    known: dict[str, set[str]] = {}
    for fact in facts:
        for axis, groups in _groups(f"{fact.population}; {fact.statement}").items():
            known.setdefault(axis, set()).update(groups)
    for axis, groups in said.items():
        if axis not in known or groups & known[axis]:
            continue
        source = " and ".join(sorted(known[axis]))
        yield warning(
            Verdict.CONTRADICTED,
            "CLM024",
            span.place,
            "the fact is about other people",
            f"the words speak of {' and '.join(sorted(groups))}, the source of {source}: "
            + "; ".join(_told(fact) for fact in facts),
            f"say whom the source counted: {source}",
        )


def _groups(text: str) -> dict[str, set[str]]:
    """The groups of people that a text names, by axis."""
    out: dict[str, set[str]] = {}
    for mention in phrases("whom").find(words_of(text)):
        axis, _, group = mention.name.partition("/")
        if group:
            out.setdefault(axis, set()).add(group)
    return out


def _period(text: str) -> str:
    words = words_of(text)
    found = [name for name in _PERIODS if number_words()[name].find(words)]
    return found[0] if found else ""
