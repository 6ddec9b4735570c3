"""The examples in Markdown documents, and how each kind is run.

- ``console``: each line after ``$`` is run as a person would run it, in a scratch folder that
  holds a copy of the examples; what it prints must match what stands below it, where ``...``
  stands for anything.
- ``python``: run in order, with what earlier blocks of the page defined; ``>>>`` blocks are
  compared like any doctest.
- a block with a caption (``:caption: trials.csv``) is written to a file of that name.

Written on markdown-it-py, which Osler needs anyway, so that no further package is involved.
"""

import doctest
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
PROGRAMS = ("osler", "cat", "ls", "mkdir", "sed")
_CAPTION = re.compile(r"^:caption:\s*(\S+)\s*$")


@dataclass(frozen=True)
class Block:
    """One fenced block; ``line`` counts from 1 and is that of its opening fence."""

    file: str
    line: int
    language: str
    caption: str
    text: str

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"


def blocks(text: str, file: str) -> Iterator[Block]:
    """Every fenced block of a document; MyST's ``{code-block} x`` counts as ``x``."""
    for token in MarkdownIt().parse(text):
        if token.type != "fence" or token.map is None:
            continue
        language = token.info.strip().removeprefix("{code-block}").strip()
        lines = token.content.splitlines()
        caption = _CAPTION.match(lines[0]) if lines else None
        body = "\n".join(lines[1:] if caption else lines).strip("\n") + "\n"
        yield Block(file, token.map[0] + 1, language, caption[1] if caption else "", body)


@dataclass(frozen=True)
class Command:
    line: str
    expected: str


def commands(text: str) -> list[Command]:
    """What a console block runs and prints.

    Examples
    --------
    >>> commands("$ osler check\\nNo findings\\n$ ls\\n")
    [Command(line='osler check', expected='No findings\\n'), Command(line='ls', expected='')]
    """
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    return [Command(line, rest) for line, _, rest in (part.partition("\n") for part in parts)]


class Scratch:
    """A folder to run one document's examples in, as one sitting at one terminal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.here = folder
        self.names: dict[str, object] = {}

    def run(self, block: Block) -> list[str]:
        """What went wrong in this block; empty where nothing did."""
        if block.caption:
            (self.here / block.caption).write_text(block.text, encoding="utf-8")
        if block.language == "console":
            return [p for command in commands(block.text) for p in self._command(block, command)]
        if block.language == "python":
            return self._python(block)
        return []

    def _command(self, block: Block, command: Command) -> list[str]:
        words = shlex.split(command.line)
        if words[0] == "cd":
            self.here = (self.here / words[1]).resolve()
            return []
        if words[0] not in PROGRAMS:
            return [f"{block.where}: {words[0]!r} is not run by the tests; use ```sh for it"]
        bin_folder = Path(sys.executable).parent
        done = subprocess.run(
            ["bash", "-c", command.line],
            cwd=self.here,
            env={**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}
            | {"COLUMNS": "100", "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
        )
        if done.returncode not in (0, 1) or "Traceback" in done.stdout:
            return [f"{block.where}: $ {command.line}\nexit {done.returncode}\n{done.stdout}"]
        return _difference(f"{block.where}: $ {command.line}", command.expected, done.stdout)

    def _python(self, block: Block) -> list[str]:
        if ">>>" not in block.text:
            exec(compile(block.text, block.where, "exec"), self.names)
            return []
        test = doctest.DocTestParser().get_doctest(
            block.text, self.names, block.where, block.file, block.line
        )
        told: list[str] = []
        runner = doctest.DocTestRunner(optionflags=OPTIONS, verbose=False)
        runner.run(test, out=told.append, clear_globs=False)
        self.names.update(test.globs)
        return ["".join(told)] if told else []


def _difference(where: str, expected: str, got: str) -> list[str]:
    if not expected.strip() or doctest.OutputChecker().check_output(expected, got, OPTIONS):
        return []
    return [f"{where}\n--- the page says\n{expected}--- it printed\n{got}"]
