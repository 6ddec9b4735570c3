"""The packs that come with Osler, and those of a review folder."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath

from osler.claims.rules.model import Pack, Rule
from osler.claims.rules.reading import parse_pack
from osler.claims.rules.trying import try_pack
from osler.core.decoding import decode
from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.toml_text import read_toml

FOLDER = "rules"


@cache
def shipped_packs() -> tuple[Pack, ...]:
    """All of them, in the order of their names.

    Examples
    --------
    >>> {"grade", "plain-language", "uk-cap"} <= {pack.name for pack in shipped_packs()}
    True
    """
    return tuple(sorted((p for p, _ in _read().values() if p is not None), key=lambda p: p.name))


def problems_of_shipped() -> tuple[Diagnostic, ...]:
    """What is wrong in the shipped rule files; a test holds that there is nothing."""
    return tuple(d for _, wrong in _read().values() for d in wrong)


@cache
def _read() -> Mapping[str, tuple[Pack | None, tuple[Diagnostic, ...]]]:
    folder = files("osler.claims").joinpath("rules", "packs")
    found: dict[str, tuple[Pack | None, tuple[Diagnostic, ...]]] = {}
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name.endswith(".toml"):
            text = path.read_text(encoding="utf-8")
            pack, wrong = parse_pack(text, path.name, shipped=True)
            found[path.name] = (pack and _with_codes(pack, text), wrong)
    return found


def _with_codes(pack: Pack, text: str) -> Pack:
    """A pack that lists codes by their first letters: one rule for each explanation."""
    values = read_toml(text)
    starts = tuple(values.get("codes", ()))
    written = {rule.code for rule in pack.rules}
    weights = {code: Severity(weight) for code, weight in values.get("severity", {}).items()}
    listed = [
        Rule(
            pack.name,
            code.lower(),
            code,
            weights.get(code, Severity.ERROR),
            "elsewhere",
            title,
            f"osler explain {code}",
            str(values.get("source", "")),
            values.get("seen"),
            values.get("expires"),
            Place(pack.file),
        )
        for code, title in _explained(starts)
        if code not in written
    ]
    return replace(pack, rules=(*pack.rules, *listed))


def _explained(starts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Codes that start so, with the first line of their explanations."""
    folder = files("osler").joinpath("explanations")
    for path in sorted(folder.iterdir(), key=lambda p: p.name) if starts else ():
        if path.name.startswith(starts) and path.name.endswith(".md"):
            line = path.read_text(encoding="utf-8").partition("\n")[0]
            yield path.name.removesuffix(".md"), line.partition(": ")[2]


def house_packs(
    files_of_folder: Mapping[str, bytes],
) -> tuple[tuple[Pack, ...], tuple[Diagnostic, ...]]:
    """The packs in a review folder's ``rules/*.toml``; each rule is tried on its own examples.

    Parameters
    ----------
    files_of_folder : mapping of str to bytes
        The folder's files by path, with forward slashes; what is no rule file is passed over.

    Examples
    --------
    >>> packs, wrong = house_packs({"rules/house.toml": b'pack = "house"'})
    >>> packs[0].name, wrong
    ('house', ())
    """
    packs: dict[str, Pack] = {}
    found: list[Diagnostic] = []
    for file in sorted(files_of_folder):
        path = PurePosixPath(file)
        if path.suffix != ".toml" or path.parts[:-1] != (FOLDER,):
            continue
        text, unreadable = decode(files_of_folder[file], file)
        pack, wrong = parse_pack(text, file)
        found += [*unreadable, *wrong]
        if pack is None:
            continue
        taken = packs.get(pack.name) or next(
            (p for p in shipped_packs() if p.name == pack.name), None
        )
        if taken is not None:
            found.append(_taken(pack, taken))
            continue
        found += try_pack(pack)
        packs[pack.name] = pack
    return tuple(packs.values()), tuple(found)


def _taken(pack: Pack, other: Pack) -> Diagnostic:
    return Diagnostic(
        "RUL003",
        Severity.ERROR,
        Place(pack.file),
        f"there is another pack called {pack.name}",
        f"in {other.file}",
        "this rule file is not used",
        "give the pack a name of its own",
    )
