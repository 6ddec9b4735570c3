"""``osler rules``: every rule with its source, the day it was seen and the day it expires."""

import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import click

from osler.claims.rules.choice import choose_packs, parse_choice
from osler.claims.rules.model import Pack, Rule, RuleChoice
from osler.claims.rules.shipped import FOLDER, house_packs, shipped_packs
from osler.cli.terminal import seen_from_here, wants_colour, width
from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.rendering import render

EPILOG = """\b
Examples:
  osler rules
  osler rules examples/sciatica --pack uk-cap
  osler rules --format json | jq '.[].rule'

\b
Exit codes:
  0  the rules were listed
  1  a rule file of the folder has a mistake
  2  there is no such pack or folder
"""


@click.command("rules", epilog=EPILOG)
@click.argument("folder", type=click.Path(path_type=Path), default=".")
@click.option("--pack", "wanted", metavar="PACK", help="Only the rules of this pack.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="text for people, or a JSON list of rules for programs.",
)
def rules_command(folder: Path, wanted: str | None, style: str) -> None:
    """List the rules of all packs: code, weight, source, when seen and when they expire.

    FOLDER is a review folder, whose own rules/*.toml and [rules] in osler.toml count; the
    current folder if left out. Without osler.toml there, Osler's own packs are listed.
    """
    packs, on, wrong = _packs(folder)
    if wanted is not None:
        packs = tuple(pack for pack in packs if pack.name == wanted)
        if not packs:
            known = ", ".join(pack.name for pack in _packs(folder)[0])
            click.echo(f"osler: there is no pack {wanted!r}; the packs are {known}", err=True)
            sys.exit(2)
    if style == "json":
        click.echo(json.dumps(list(as_data(packs, on, date.today())), indent=1))
    else:
        click.echo("\n".join(as_lines(packs, on, date.today())))
    if wrong:
        seen = [seen_from_here(d, folder) for d in wrong]
        click.echo("\n" + render(seen, "text", wants_colour(), width()), err=True)
        sys.exit(1)


def _packs(folder: Path) -> tuple[tuple[Pack, ...], tuple[Pack, ...], tuple[Diagnostic, ...]]:
    """All packs, those that are on, and what is wrong in the folder's files."""
    settings = folder / "osler.toml"
    try:
        if not folder.is_dir():
            raise FileNotFoundError(2, "there is no such folder", str(folder))
        text = settings.read_text("utf-8", errors="replace") if settings.exists() else ""
        own = {
            f"{FOLDER}/{path.name}": path.read_bytes()
            for path in sorted((folder / FOLDER).glob("*.toml"))
        }
    except OSError as error:
        click.echo(f"osler: {error.filename or folder}: {error.strerror or error}", err=True)
        sys.exit(2)
    house, wrong = house_packs(own)
    packs = (*shipped_packs(), *house)
    choice, language, more = _chosen(text)
    on, unknown = choose_packs(packs, choice, language, text.splitlines())
    return packs, on, (*wrong, *more, *unknown)


def _chosen(text: str) -> tuple[RuleChoice, str, tuple[Diagnostic, ...]]:
    """The choice and the language in osler.toml; Osler's own where it cannot be read."""
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        told = Diagnostic(
            "RUL008",
            Severity.ERROR,
            Place("osler.toml"),
            "osler.toml is not TOML",
            str(error)[:120],
            "Osler's own choice of rules is listed",
            "mend the line",
        )
        return RuleChoice(), "", (told,)
    site = values.get("site")
    language = site.get("language", "") if isinstance(site, dict) else ""
    choice, wrong = parse_choice(values.get("rules"), text.splitlines())
    return choice, str(language), wrong


def as_data(
    packs: Sequence[Pack], on: Sequence[Pack], today: date
) -> Iterator[dict[str, str | bool]]:
    """Each rule as a mapping for JSON."""
    kept = {rule.name: rule for pack in on for rule in pack.rules}
    for pack in packs:
        for rule in pack.rules:
            weighed = kept.get(rule.name, rule)
            yield {
                "rule": rule.name,
                "pack": rule.pack,
                "id": rule.id,
                "code": rule.code,
                "severity": weighed.severity.value,
                "on": rule.name in kept,
                "message": rule.message,
                "help": rule.help,
                "source": rule.source,
                "seen": rule.seen.isoformat() if rule.seen else "",
                "expires": rule.expires.isoformat() if rule.expires else "",
                "expired": rule.is_expired(today),
            }


def as_lines(packs: Sequence[Pack], on: Sequence[Pack], today: date) -> Iterator[str]:
    """The rules as text, pack by pack."""
    kept = {rule.name: rule for pack in on for rule in pack.rules}
    names = {pack.name for pack in on}
    for number, pack in enumerate(packs):
        if number:
            yield ""
        yield f"{pack.name}: {pack.title} ({'on' if pack.name in names else _off(pack)})"
        common = _most_common(pack)
        if common:
            yield f"  {common}"
        for rule in pack.rules:
            yield from _rule_lines(kept.get(rule.name, rule), rule.name in kept, common, today)


def _off(pack: Pack) -> str:
    return (
        f"off; on where the language is {' or '.join(pack.languages)}" if pack.languages else "off"
    )


def _rule_lines(rule: Rule, is_on: bool, common: str, today: date) -> Iterator[str]:
    off = "" if is_on else "  off"
    expired = "  EXPIRED" if rule.is_expired(today) else ""
    yield f"  {rule.code}  {rule.severity.value:<7}  {rule.name}{off}{expired}"
    yield f"          {_spoken(rule.message)}"
    origin = _origin(rule)
    if origin and origin != common:
        yield f"          {origin}"


def _spoken(message: str) -> str:
    """A message whose gaps are filled only when it speaks."""
    return message.replace("{found}", "...").replace("{value}", "N").replace("{limit}", "N")


def _origin(rule: Rule) -> str:
    seen = f"seen {rule.seen.isoformat()}" if rule.seen else ""
    expires = f"expires {rule.expires.isoformat()}" if rule.expires else ""
    return ", ".join(part for part in (rule.source, seen, expires) if part)


def _most_common(pack: Pack) -> str:
    """Where most rules of a pack come from, told once at its head."""
    origins = Counter(_origin(rule) for rule in pack.rules)
    return origins.most_common(1)[0][0] if origins else ""
