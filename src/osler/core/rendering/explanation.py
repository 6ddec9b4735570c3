"""The explanation of a code, taken apart: a title and sections under headings."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a code means. ``sections`` are texts by heading ("What it means"), in order."""

    code: str
    title: str
    sections: Mapping[str, str]

    @property
    def meaning(self) -> str:
        """The first section."""
        return next(iter(self.sections.values()), self.title)


def parse_explanation(text: str) -> Explanation:
    r"""The explanation as its Markdown gives it; what is missing is empty.

    Examples
    --------
    >>> read = parse_explanation("# TAB004: not a number\n\n## What it means\n\nA cell.\n")
    >>> read.code, read.title, read.meaning
    ('TAB004', 'not a number', 'A cell.')
    """
    first, _, rest = text.partition("\n")
    code, _, title = first.removeprefix("#").strip().partition(":")
    sections: dict[str, str] = {}
    heading = ""
    lines: list[str] = []
    for line in [*rest.splitlines(), "## "]:
        if line.startswith("## "):
            body = "\n".join(lines).strip()
            if body:
                sections[heading] = body
            heading, lines = line[3:].strip(), []
        else:
            lines.append(line)
    return Explanation(code.strip(), title.strip() or code.strip(), sections)
