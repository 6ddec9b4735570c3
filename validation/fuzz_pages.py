"""Pages out of random bytes, guided by what code they reach: does any of them crash Osler?

Needs atheris, which no test needs: see the README. Options are libFuzzer's; without any it runs
for a minute. What it cannot digest is written to ``crash-...`` in the current folder.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

_SECONDS = 60
_LONGEST = 1024


def main(arguments: list[str]) -> None:
    """Fuzz until the time is over or a promise is broken."""
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=["osler", "markdown_it"]):
        promises = import_module("validation.page_promises")
    here = Path(__file__).parent
    options = arguments or [f"-max_total_time={_SECONDS}"]
    with TemporaryDirectory() as seeds:
        _write_seeds(Path(seeds), promises.EXAMPLE)
        words = f"-dict={here / 'fuzz_pages.dict'}"
        atheris.Setup([__file__, words, f"-max_len={_LONGEST}", *options, seeds], target(promises))
        atheris.Fuzz()


def target(promises: object) -> Callable[[bytes], None]:
    """A function of bytes: the first says what kind of page the others are."""
    in_a_folder = getattr(promises, "in_a_folder")  # noqa: B009
    by_itself = getattr(promises, "by_itself")  # noqa: B009

    def fuzz(data: bytes) -> None:
        kind, rest = data[:1], data[1:]
        if kind in (b"", b"f"):
            in_a_folder(rest)
        else:
            by_itself(rest, {b"h": "page.html", b"m": "page.md"}.get(kind, "-"))

    return fuzz


def _write_seeds(folder: Path, example: Path) -> None:
    """Pieces of the example's pages, as pages of a folder, alone and as HTML."""
    number = 0
    for page in sorted(example.glob("pages/*.md")):
        text = page.read_text(encoding="utf-8")
        for start in range(0, len(text), 500):
            piece = text[start : start + 600]
            web = f"<html><head><title>{piece[:40]}</title></head><body><p>{piece}</p></body>"
            for kind, body in (("f", piece), ("m", piece), ("h", web)):
                (folder / str(number)).write_text(kind + body, encoding="utf-8")
                number += 1


if __name__ == "__main__":
    main(sys.argv[1:])
