"""The reference, made from what the program itself uses, so that the two cannot drift apart.

:func:`pages` returns Markdown by path below ``docs/reference/generated``; Sphinx writes it
there before it reads the sources.
"""

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import click

import osler
from osler.cli.main import main as commands

if TYPE_CHECKING:  # the tests use `pages` on machines without Sphinx
    from sphinx.application import Sphinx

TABLES = (
    "studies",
    "arms",
    "results",
    "contrasts",
    "bias",
    "facts",
    "mechanisms",
    "practice",
    "practice_scores",
    "published_reviews",
)
ABOUT = {
    "studies": "One row a study.",
    "arms": "One row a study arm.",
    "results": "One row an arm, outcome and time: events of n, or mean with SD, SE or interval.",
    "contrasts": "One row a between-arm result as reported, where arm data are not given.",
    "bias": "One row a study and risk-of-bias domain.",
    "facts": "One row a sourced fact that a page may state.",
    "mechanisms": "One row a statement on how a treatment might work, with its study.",
    "practice": "One row an episode of care in the clinic; nothing that could name a patient.",
    "practice_scores": "One row a questionnaire of an episode, before, during or after.",
    "published_reviews": "One row a conclusion of a published review, with its certainty.",
}
FOLDER_INTRODUCTION = """\
UTF-8, comma-separated, with a header line. Columns may stand in any order; a column that is
not needed may be left out. An empty cell, `NA` or `NR` means *not reported*. These tables are
made from the schemas (Frictionless Table Schema) that Osler itself reads by.
"""
WIDTH = 88


def pages() -> dict[str, str]:
    """Path -> Markdown."""
    found = {"folder.md": folder_page(), "commands.md": commands_page(), "api.md": api_page()}
    codes = explanations()
    found["diagnostics.md"] = diagnostics_page(codes)
    for code, text in codes.items():
        found[f"diagnostics/{code}.md"] = f"---\norphan: true\n---\n{text}"
    return found


def explanations() -> dict[str, str]:
    """Code -> what ``osler explain CODE`` prints, in the order of the codes."""
    folder = resources.files(osler) / "explanations"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".md")), key=lambda f: f.name)
    return {f.name.removesuffix(".md"): f.read_text(encoding="utf-8") for f in files}


def diagnostics_page(codes: Mapping[str, str]) -> str:
    """The list of codes, by family.

    Plain links and no table of contents: with hundreds of codes in the side bar of every page
    the documentation took four times as long to build, and nobody found anything in it.
    """
    lines = [
        "# Diagnostics",
        "",
        "Everything Osler may say about a folder, by its code; `osler explain CODE` prints the",
        "same pages in a terminal.",
        "",
    ]
    family = ""
    for code, text in codes.items():
        if code[:3] != family:
            family = code[:3]
            lines += ["", f"## {family}", ""]
        lines.append(f"- [{_title(text)}](diagnostics/{code}.md)")
    return "\n".join([*lines, ""])


def _title(text: str) -> str:
    return text.splitlines()[0].removeprefix("# ")


def folder_page() -> str:
    parts = ["# The tables of a review folder\n", FOLDER_INTRODUCTION]
    for name in TABLES:
        text = (resources.files(osler) / "review" / "schemas" / f"{name}.json").read_text("utf-8")
        parts.append("\n".join(_table(name, json.loads(text))))
    return "\n".join(parts)


def _table(name: str, schema: Mapping[str, object]) -> Iterator[str]:
    yield f"## {name}.csv\n"
    yield ABOUT[name] + "\n"
    key = schema.get("primaryKey")
    if key:
        names = [key] if isinstance(key, str) else list(key)
        yield f"No two rows have the same {' and '.join(f'`{n}`' for n in names)}.\n"
    yield "| column | holds | needed | meaning |\n| --- | --- | --- | --- |"
    for field in schema["fields"]:
        needed = "yes" if field.get("constraints", {}).get("required") else ""
        meaning = str(field.get("description", "")).replace("|", "\\|")
        yield f"| `{field['name']}` | {_holds(field)} | {needed} | {meaning} |"
    yield ""


def _holds(field: Mapping[str, object]) -> str:
    limits = field.get("constraints", {})
    if "enum" in limits:
        return ", ".join(f"`{value}`" for value in limits["enum"])
    words = {"string": "text", "integer": "whole number", "boolean": "`yes` or `no`"}
    said = words.get(str(field["type"]), str(field["type"]))
    low, high = limits.get("minimum"), limits.get("maximum")
    if low is not None and high is not None:
        return f"{said}, {low} to {high}"
    if low is not None:
        return f"{said}, {low} or more"
    return said if high is None else f"{said}, {high} or less"


def commands_page() -> str:
    lines = ["# Commands", "", "What `--help` prints for each command.", ""]
    for path, command in all_commands():
        lines += [f"## {path}", "", "```text", help_text(path, command), "```", ""]
    return "\n".join(lines)


def all_commands() -> list[tuple[str, click.Command]]:
    """``osler`` itself, then its commands in the order of ``osler --help``, each with its own."""
    return list(_with_commands("osler", commands))


def _with_commands(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is None:
                raise LookupError(f"{path} {name} is listed but cannot be loaded")
            yield from _with_commands(f"{path} {name}", below)


def help_text(path: str, command: click.Command) -> str:
    context = click.Context(
        command, info_name=path, terminal_width=WIDTH, max_content_width=WIDTH, color=False
    )
    return command.get_help(context)


def api_page() -> str:
    lines = [
        "# Python",
        "",
        "What `import osler` offers. Numbers are on the analysis scale (ratios as logs) unless a",
        "name says otherwise.",
        "",
    ]
    for name in osler.__all__:
        kind, option = _directive(getattr(osler, name))
        lines += [f"## {name}", "", "```{eval-rst}", f".. {kind}:: osler.{name}", option]
        lines += ["```", ""]
    return "\n".join(lines)


def _directive(value: object) -> tuple[str, str]:
    """The autodoc directive for a value, and its option."""
    if isinstance(value, type):
        return "autoclass", "   :members:"
    return ("autofunction", "") if callable(value) else ("autodata", "   :no-value:")


def write(app: "Sphinx") -> None:
    """Only what changed, so that Sphinx reads only that again."""
    folder = Path(app.srcdir) / "reference" / "generated"
    wanted = pages()
    for path, text in wanted.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")
    for stale in sorted(folder.rglob("*.md")):
        if stale.relative_to(folder).as_posix() not in wanted:
            stale.unlink()


def setup(app: "Sphinx") -> dict[str, bool]:
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
