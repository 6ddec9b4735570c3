"""``osler explain``: what a code or a rule means."""

import difflib
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from importlib.resources import files
from typing import Any

import click

from osler.cli.terminal import wants_colour, width

EPILOG = """\b
Examples:
  osler explain CLM001
  osler explain uk-cap/sciatica
  osler explain
"""


def known_codes() -> list[str]:
    """All codes that have an explanation, sorted."""
    folder = files("osler") / "explanations"
    return sorted(p.name.removesuffix(".md") for p in folder.iterdir() if p.name.endswith(".md"))


def explanation(code: str) -> str:
    """What is written of a code, as Markdown; empty where there is nothing."""
    path = files("osler") / "explanations" / f"{code}.md"
    return path.read_text("utf-8") if path.is_file() else ""


def explanations(codes: Iterable[str]) -> dict[str, str]:
    """What is written of some codes, in the order of codes."""
    return {code: explanation(code) for code in sorted(set(codes))}


@click.command(
    "explain",
    epilog=EPILOG,
    short_help="Say what a message's code means.",
)
@click.argument("name", metavar="[CODE | RULE]", required=False)
def explain_command(name: str | None) -> None:
    """Say what a message's CODE or a RULE means and what to do; without either, list all codes."""
    if name is None:
        for code in known_codes():
            click.echo(explanation(code).splitlines()[0].removeprefix("# "))
        return
    text = explain(name)
    if text is None:
        click.echo(f"osler: there is no code or rule {name}; {_hint(name)}", err=True)
        sys.exit(2)
    if sys.stdout.isatty():
        text = laid_out(text, colour=wants_colour(), columns=width())
    click.echo(text.rstrip())


def explain(name: str) -> str | None:
    """What is to be said of a code or of a rule, as Markdown; None where it is neither."""
    code = name.upper()
    if code in known_codes():
        return explanation(code)
    if "/" not in name:
        return None
    told: str | None = _rule_words().explain_rule(name)
    return told


def _rule_words() -> Any:
    """Loaded when a rule is asked for: it takes the whole reader along, and codes need none."""
    return import_module("osler.cli.rule_words")


def _hint(name: str) -> str:
    names = known_codes()
    if "/" in name:
        names = _rule_words().rule_names()
    close = close_to(name.lower() if "/" in name else name.upper(), names)
    listed = "'osler explain' lists all codes, 'osler rules' all rules"
    return f"did you mean {' or '.join(close)}?" if close else listed


def close_to(name: str, names: Sequence[str]) -> list[str]:
    """The names nearest to one that does not exist: of equally near ones, the first three.

    Examples
    --------
    >>> close_to("CLM06", ["CLM001", "CLM006", "CLM016", "TAB001"])
    ['CLM006', 'CLM016']
    """
    near = {
        other: difflib.SequenceMatcher(None, name, other).ratio()
        for other in difflib.get_close_matches(name, names, 20)
    }
    return sorted(other for other in near if near[other] == max(near.values()))[:3]


def laid_out(text: str, *, colour: bool, columns: int) -> str:
    """Markdown for a terminal: paragraphs wrapped, headings in bold where there is colour."""
    return "\n".join(_lines(text.rstrip(), colour, columns))


def _lines(text: str, colour: bool, columns: int) -> Iterator[str]:
    is_code = False
    for line in text.splitlines():
        if line.startswith("```"):
            is_code = not is_code
        elif is_code:
            yield f"    {line}"
        elif line.startswith("#"):
            heading = line.lstrip("#").strip()
            yield f"\x1b[1m{heading}\x1b[0m" if colour else heading
        else:
            indent = "  " if line.startswith(("- ", "* ")) else ""
            yield from _wrapped(line, columns, indent) or [""]


def _wrapped(line: str, columns: int, indent: str) -> list[str]:
    return textwrap.wrap(line, columns, subsequent_indent=indent, break_long_words=False)
