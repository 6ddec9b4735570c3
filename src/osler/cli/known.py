"""Findings with what is set aside: by comments in the pages, and by a baseline on the disk."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from osler.claims.document.passages import texts_of
from osler.claims.document.suppression import Applied, apply_suppressions, never_set_aside
from osler.cli.examining import Examined
from osler.cli.explain import known_codes
from osler.cli.terminal import place_from_here, seen_from_here
from osler.core.baseline import (
    FILE_NAME,
    Baseline,
    Key,
    baseline_of,
    compare,
    gone,
    key_of,
    not_allowed,
    read_baseline,
)
from osler.core.diagnostics import Diagnostic
from osler.core.rendering import Aside, Told


@dataclass(frozen=True)
class Sorted:
    """A target's findings, each with its sentence, and what is set aside.

    Attributes
    ----------
    examined : Examined
    told : tuple of Told
        Those that count and those set aside in the pages, in order; files as in ``examined``.
    """

    examined: Examined
    told: tuple[Told, ...]

    @property
    def standing(self) -> tuple[Diagnostic, ...]:
        return tuple(t.diagnostic for t in self.told if t.aside is None)


def sort_out(examined: Examined) -> Sorted:
    """A target's findings after the comments in its pages."""
    applied = apply_suppressions(examined.diagnostics, examined.pages, known_codes())
    return Sorted(examined, _in_order(applied, examined))


def _in_order(applied: Applied, examined: Examined) -> tuple[Told, ...]:
    asides = [Aside("page", s.suppression.because, s.suppression.place) for s in applied.suppressed]
    found = [*applied.standing, *(s.diagnostic for s in applied.suppressed)]
    texts = texts_of(found, examined.pages)
    told = map(Told, found, texts, [*([None] * len(applied.standing)), *asides])
    return tuple(sorted(told, key=_position))


def _position(told: Told) -> tuple[str, int, int, str, str]:
    d = told.diagnostic
    return (d.place.file, d.place.line, d.place.column, d.code, d.message)


def after_baseline(targets: Sequence[Sorted], path: Path) -> tuple[list[Sorted], list[Diagnostic]]:
    """Targets with what a baseline knows set aside, and what is to be said of the baseline.

    Raises OSError where the file cannot be read.
    """
    name = os.path.relpath(path) if not path.is_absolute() else str(path)
    baseline, problems = read_baseline(path.read_bytes(), name)
    said = list(problems)
    barred = Counter({k[1]: n for k, n in baseline.counts.items() if k[1] in never_set_aside()})
    if barred:
        said.append(not_allowed(barred, never_set_aside(), name))
    allowed = {k: n for k, n in baseline.counts.items() if k[1] not in barred}
    candidates = [(n, t) for n, target in enumerate(targets) for t in _candidates(target)]
    keys = [_key(targets[n], t, path) for n, t in candidates]
    compared = compare(keys, Baseline(allowed))
    known = {
        (n, t) for (n, t), is_known in zip(candidates, compared.known, strict=True) if is_known
    }
    aside = Aside("baseline", path.name)
    out = [
        replace(target, told=tuple(_set(t, aside) if (n, t) in known else t for t in target.told))
        for n, target in enumerate(targets)
    ]
    left = {k: n for k, n in compared.gone.items() if _is_covered(k[0], targets, path)}
    return out, [*said, *gone(left, name)]


def _set(told: Told, aside: Aside) -> Told:
    return replace(told, aside=aside)


def _candidates(target: Sorted) -> Iterator[Told]:
    """Errors and warnings that count and that a baseline may hold."""
    return (
        t
        for t in target.told
        if t.aside is None
        and t.diagnostic.is_finding
        and t.diagnostic.code not in never_set_aside()
    )


def _key(target: Sorted, told: Told, path: Path) -> Key:
    file = target.examined.base / told.diagnostic.place.file
    return key_of(told.diagnostic, told.text, _from(path, file))


def _from(path: Path, file: Path) -> str:
    """A file as the baseline names it: from the folder in which the baseline lies."""
    return Path(os.path.relpath(file, path.parent)).as_posix()


def _is_covered(file: str, targets: Sequence[Sorted], path: Path) -> bool:
    """Whether this run would have found it: the file is a target, or within one."""
    whole = Path(os.path.normpath(path.parent / file)).absolute()
    return any(_holds(target.examined, whole) for target in targets)


def _holds(examined: Examined, file: Path) -> bool:
    target = Path(os.path.normpath(Path(examined.target).absolute()))
    return file == target or target in file.parents


def baseline_from(targets: Sequence[Sorted], path: Path) -> Baseline:
    """A baseline that knows all that counts now."""
    return baseline_of(_key(target, t, path) for target in targets for t in _candidates(target))


def default_baseline(examined: Examined) -> Path | None:
    """``osler-baseline.json`` in the folder, where there is one."""
    path = examined.base / FILE_NAME
    return path if Path(examined.target).is_dir() and path.is_file() else None


def told_from_here(target: Sorted) -> list[Told]:
    """What is told, with files as seen from here."""
    base = target.examined.base
    return [
        replace(
            t, diagnostic=seen_from_here(t.diagnostic, base), aside=_aside_from_here(t.aside, base)
        )
        for t in target.told
    ]


def _aside_from_here(aside: Aside | None, base: Path) -> Aside | None:
    if aside is None or aside.place is None:
        return aside
    return replace(aside, place=place_from_here(aside.place, base))
