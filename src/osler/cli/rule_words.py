"""A rule of a pack, explained: what, why, example, use instead, source."""

from collections.abc import Iterator
from pathlib import Path

from osler.claims.rules.model import Pack, Rule
from osler.claims.rules.shipped import FOLDER, house_packs, shipped_packs


def explain_rule(name: str) -> str | None:
    """What is to be said of a rule ("pack/rule"), Osler's or of the folder here, as Markdown."""
    wanted = name.lower()
    rule = next((r for pack in packs_here() for r in pack.rules if r.name == wanted), None)
    return "\n".join(_lines(rule)) if rule else None


def rule_names() -> list[str]:
    """Every rule that comes with Osler, and those of the folder that one stands in."""
    return [rule.name for pack in packs_here() for rule in pack.rules]


def packs_here() -> tuple[Pack, ...]:
    """Osler's packs, and those in ``rules/`` of the current folder."""
    files = {f"{FOLDER}/{path.name}": path.read_bytes() for path in Path(FOLDER).glob("*.toml")}
    return (*shipped_packs(), *house_packs(files)[0])


def _filled(text: str) -> str:
    """The text with dots where a finding has the words of the page."""
    for name in ("found", "instead", "value"):
        text = text.replace(f"{{{name}}}", "…")
    return text


def _lines(rule: Rule) -> Iterator[str]:
    yield f"# {rule.name}: {_filled(rule.message)}"
    yield from _section("What it means", _meaning(rule))
    yield from _section("Finds", _as_list(rule.examples))
    yield from _section("Leaves in peace", _as_list(rule.counter_examples))
    yield from _section("Use instead", _swaps(rule) or _filled(rule.help))
    yield from _section("Source", _source(rule))
    yield from ("", f"Its findings have the code {rule.code}: osler explain {rule.code}")


def _section(heading: str, text: str) -> Iterator[str]:
    if text:
        yield from ("", f"## {heading}", "", text)


def _meaning(rule: Rule) -> str:
    kinds = {"error": "An error: the page is not published while it stands."}
    weight = kinds.get(rule.severity.value, f"A {rule.severity.value}.")
    message = _filled(rule.message)
    return f"{message[:1].upper()}{message[1:]}. {weight}"


def _as_list(examples: tuple[str, ...]) -> str:
    return "\n".join(f"- {text}" for text in examples)


def _swaps(rule: Rule) -> str:
    swaps = [f'- not "{old}" but "{new}"' for old, new in rule.swap.items()]
    more = [f"- and {len(swaps) - _SHOWN} more"] if len(swaps) > _SHOWN else []
    return "\n".join([_filled(rule.help), "", *swaps[:_SHOWN], *more]).strip() if swaps else ""


_SHOWN = 12


def _source(rule: Rule) -> str:
    seen = f" Seen {rule.seen}." if rule.seen else ""
    until = f" Holds until {rule.expires}." if rule.expires else ""
    return f"{rule.source.rstrip('.')}.{seen}{until}" if rule.source else ""
