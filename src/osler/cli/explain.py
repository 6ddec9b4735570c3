"""``osler explain``: what a code means."""

import difflib
import sys
from importlib.resources import files

import click


def known_codes() -> list[str]:
    """All codes that have an explanation, sorted."""
    folder = files("osler") / "explanations"
    return sorted(p.name.removesuffix(".md") for p in folder.iterdir() if p.name.endswith(".md"))


@click.command(
    "explain",
    epilog="\b\nExamples:\n  osler explain CLM001\n  osler explain",
    short_help="Say what a message's code means.",
)
@click.argument("code", required=False)
def explain_command(code: str | None) -> None:
    """Say what a message's CODE means and what to do; without a code, list them all."""
    codes = known_codes()
    if code is None:
        for name in codes:
            title = (files("osler") / "explanations" / f"{name}.md").read_text("utf-8")
            click.echo(title.splitlines()[0].removeprefix("# "))
        return
    wanted = code.upper()
    if wanted not in codes:
        close = difflib.get_close_matches(wanted, codes, 1)
        hint = f"did you mean {close[0]}?" if close else "'osler explain' lists all codes"
        click.echo(f"osler: there is no code {wanted}; {hint}", err=True)
        sys.exit(2)
    click.echo((files("osler") / "explanations" / f"{wanted}.md").read_text("utf-8").rstrip())
