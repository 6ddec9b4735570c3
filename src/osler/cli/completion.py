"""``osler completion``: the script that makes the shell complete commands and options."""

import click
from click.shell_completion import get_completion_class

EPILOG = """\b
Examples:
  osler completion bash >> ~/.bashrc
  osler completion zsh  >> ~/.zshrc
  osler completion fish > ~/.config/fish/completions/osler.fish
"""


@click.command("completion", epilog=EPILOG, short_help="Print the shell's completion script.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion_command(ctx: click.Context, shell: str) -> None:
    """Print the completion script for SHELL; add it to the shell's start-up file."""
    kind = get_completion_class(shell)
    if kind is None or ctx.parent is None:
        raise click.ClickException(f"no completion for {shell}")
    click.echo(kind(ctx.parent.command, {}, "osler", "_OSLER_COMPLETE").source())
