"""``osler language-server``: starts the server, or says which extra it needs."""

import sys
from importlib import import_module
from importlib.metadata import version

import click

from osler.cli.terminal import wants_colour
from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.rendering import render

EPILOG = """\b
Editors start it themselves; docs/how-to/use-osler-in-your-editor.md says how. By hand it
waits for an editor on standard input.

\b
Examples:
  osler language-server          what an editor is told to run
  pip install 'osler[lsp]'       what it needs

\b
Exit codes:
  0  the editor ended it
  2  the extra is not installed
"""


@click.command("language-server", epilog=EPILOG, short_help="Checks pages inside an editor.")
def language_server_command() -> None:
    """Check pages inside an editor while they are written (Language Server Protocol).

    Squiggles as osler check reports them, the evidence behind a claim on hovering, safe
    rewritings as quick fixes, and completion of about="...". It speaks over standard input
    and output.
    """
    try:
        make_server = import_module("osler.cli.language_server.server").make_server
    except ModuleNotFoundError as missing:
        problem = _not_installed(str(missing.name))
        click.echo(render([problem], "text", wants_colour()), err=True)
        sys.exit(2)
    make_server(version("osler")).start_io()


def _not_installed(missing: str) -> Diagnostic:
    return Diagnostic(
        "LSP001",
        Severity.ERROR,
        Place("osler language-server"),
        "a library that this needs is not installed",
        missing,
        "the editor gets no answers",
        "pip install 'osler[lsp]'",
    )
