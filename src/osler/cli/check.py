"""``osler check``: validate a folder, or a page by itself, and judge every claim."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from pathlib import Path

import click

from osler.cli.examining import ONE_PAGE, examine, pages_from_here
from osler.cli.explain import explanations
from osler.cli.fixing import Mended, difference, mend, write_mended, write_whole
from osler.cli.known import (
    Sorted,
    after_baseline,
    baseline_from,
    default_baseline,
    sort_out,
    told_from_here,
)
from osler.cli.terminal import counted, wants_colour, width
from osler.core.baseline import changes, read_baseline, write_baseline
from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.rendering import FORMATS, Format, Report, Told, render, render_report
from osler.core.rendering.passages import harmless

EPILOG = """\b
Examples:
  osler check examples/sciatica
  osler check page.md saved.html          without a review folder
  osler check --diff                      safe rewritings, shown
  osler check --format markdown > report.md
  osler check --format json | jq '.[].code'

\b
Exit codes:
  0  nothing found
  1  errors or warnings were found
  2  Osler could not run (no such folder, unreadable file)
"""


@click.command("check", epilog=EPILOG)
@click.argument("targets", nargs=-1, metavar="[FOLDER | PAGE | -]...")
@click.option(
    "--format",
    "style",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="text for people, json or sarif for programs, github for a pull request's lines, "
    "markdown as a report for a colleague.",
)
@click.option("--fix", is_flag=True, help="Write the safe rewritings, then check again.")
@click.option("--diff", is_flag=True, help="Show the safe rewritings; write nothing.")
@click.option(
    "--show-suppressed", is_flag=True, help="Tell too what comments and the baseline set aside."
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Findings in this file are known and do not count; left out: osler-baseline.json in "
    "the folder, if there is one.",
)
@click.option(
    "--write-baseline",
    "target_baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what is found now into this file, so that only what is new counts.",
)
def check_command(
    targets: tuple[str, ...],
    style: Format,
    fix: bool,
    diff: bool,
    show_suppressed: bool,
    baseline: Path | None,
    target_baseline: Path | None,
) -> None:
    """Validate a review folder and judge every claim on its pages.

    FOLDER holds osler.toml, the tables and pages/*.md; the current folder if left out.
    Drafts are judged like all other pages. A PAGE (Markdown, or HTML as saved from any site)
    or - for standard input needs no folder: its language is read, and the rules are held
    against it.
    """
    targets = tuple(dict.fromkeys(_named(target, style) for target in targets)) or (".",)
    _refuse_what_does_not_go_together(targets, fix and not diff, target_baseline)
    try:
        look = _looking(targets)
        found = look()
        if target_baseline is not None:
            sys.exit(_write_baseline(found, target_baseline))
        found, said = _after_baselines(found, baseline)
        if fix and not diff and _mend(found):
            found, said = _after_baselines(look(), baseline)
    except OSError as error:
        sys.exit(_cannot_read(error, targets, style))
    report = report_of(found, said)
    if diff:
        _show_difference(found)
    else:
        _tell(report, style, show_suppressed)
    sys.exit(exit_code(report))


def _named(target: str, style: Format) -> str:
    """A target as its findings are to name it: services want paths within the repository."""
    path = Path(target)
    if style in ("sarif", "github") and path.is_absolute() and path.is_relative_to(Path.cwd()):
        return str(path.relative_to(Path.cwd()))
    return target


def _refuse_what_does_not_go_together(
    targets: Sequence[str], fix: bool, target_baseline: Path | None
) -> None:
    if fix and "-" in targets:
        raise click.UsageError("--fix has no file to write standard input to; use --diff")
    if fix and target_baseline:
        raise click.UsageError("--fix and --write-baseline: do one, look at it, then the other")


def _looking(targets: Sequence[str]) -> Callable[[], list[Sorted]]:
    """A look at all targets, which can be taken again; standard input is read once."""
    stdin = sys.stdin.buffer.read() if "-" in targets else None
    today = date.today()
    return lambda: [sort_out(examine(target, stdin, today)) for target in targets]


def _after_baselines(
    found: Sequence[Sorted], given: Path | None
) -> tuple[list[Sorted], list[Diagnostic]]:
    """The targets after the baseline of each: the one that is given, or the folder's own."""
    paths = [given or default_baseline(target.examined) for target in found]
    out, said = list(found), []
    for path in dict.fromkeys(path for path in paths if path is not None):
        at = [n for n, other in enumerate(paths) if other == path]
        changed, about = after_baseline([found[n] for n in at], path)
        for n, target in zip(at, changed, strict=True):
            out[n] = target
        said += about
    return out, said


def report_of(found: Sequence[Sorted], said: Sequence[Diagnostic]) -> Report:
    """Everything that is to be told of some targets and their baselines."""
    examined = [target.examined for target in found]
    told = [t for target in found for t in told_from_here(target)]
    return Report(
        (*told, *map(Told, said)),
        ", ".join("standard input" if e.target == "-" else e.target for e in examined),
        _together([e.checked for e in examined]),
        tuple(page for e in examined for page in pages_from_here(e)),
        explanations({t.diagnostic.code for t in told} | {d.code for d in said}),
        version("osler"),
        all(e.ran for e in examined),
    )


def _together(checked: Sequence[str]) -> str:
    """What was checked, in numbers; pages by themselves are added up."""
    pages = checked.count(ONE_PAGE)
    others = [text for text in checked if text != ONE_PAGE]
    return "; ".join([*others, *([counted(pages, "page")] if pages else [])])


def exit_code(report: Report) -> int:
    """0 clean, 1 findings, 2 where there was nothing to check."""
    if not report.ran:
        return 2
    return 1 if any(d.is_finding for d in report.standing) else 0


def _tell(report: Report, style: Format, show_suppressed: bool) -> None:
    text = render_report(
        report, style, colour=wants_colour(), width=width(), show_set_aside=show_suppressed
    )
    if text:
        click.echo(text)


def _show_difference(found: Sequence[Sorted]) -> None:
    """The difference on standard output, fit for ``git apply``; what it is on the other."""
    all_mended = [(target.examined, mend(target.examined, target.standing)) for target in found]
    for examined, mended in all_mended:
        text = difference(examined, mended)
        click.echo(_painted(text) if wants_colour() else text, nl=False)
    click.echo(_account([mended for _, mended in all_mended], "to be written"), err=True)


_PAINT = {"+": "32", "-": "31", "@": "36"}


def _painted(text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(
        f"\x1b[{_PAINT[line[0]]}m{harmless(line.rstrip())}\x1b[0m\n"
        if line[0] in _PAINT
        else harmless(line)
        for line in lines
    )


def _mend(found: Sequence[Sorted]) -> bool:
    """Writes the safe rewritings and tells how many; whether anything was written."""
    all_mended = []
    for target in found:
        mended = mend(target.examined, target.standing)
        try:
            write_mended(target.examined, mended)
        except OSError as error:
            what = error.filename or target.examined.target
            click.echo(f"osler: cannot write {what}: {error.strerror or error}", err=True)
            sys.exit(2)
        all_mended.append(mended)
    click.echo(_account(all_mended, "written"), err=True)
    return any(mended.written for mended in all_mended)


def _account(mended: Sequence[Mended], verb: str) -> str:
    """How many rewritings, in how many files, and what is left for another run."""
    written, files = sum(m.written for m in mended), sum(m.changed for m in mended)
    if not written:
        return "Nothing here has a safe rewriting."
    parts = [f"{counted(written, 'rewriting')} {verb} in {counted(files, 'file')}."]
    waiting, unfit = sum(m.waiting for m in mended), sum(m.unfit for m in mended)
    if waiting:
        parts.append(f"{waiting} more overlap{'s' if waiting == 1 else ''} these: run it again.")
    if unfit:
        parts.append(f"{unfit} could not be placed for certain, and {_is_left(unfit)} to you.")
    return " ".join(parts)


def _is_left(count: int) -> str:
    return "is left" if count == 1 else "are left"


def _write_baseline(found: Sequence[Sorted], path: Path) -> int:
    """Writes what is found as known and tells how it differs from what was known."""
    fresh = baseline_from(found, path)
    before = read_baseline(path.read_bytes(), str(path))[0] if path.exists() else None
    try:
        write_whole(path.resolve(), write_baseline(fresh).encode("utf-8"))
    except OSError as error:
        click.echo(f"osler: cannot write {path}: {error.strerror or error}", err=True)
        return 2
    change = ""
    if before is not None:
        new, lost = changes(before, fresh)
        change = f" ({new} new, {lost} gone)"
    click.echo(f"{counted(fresh.total, 'finding')} written to {path}{change}.")
    found, said = _after_baselines(found, path)
    report = report_of(found, said)
    left = [d for d in report.standing if d.is_finding]
    if left:
        shown = render_report(replace(report, told=tuple(map(Told, left))), width=width())
        click.echo(f"These cannot be known and left:\n\n{shown}")
    return exit_code(report)


def _cannot_read(error: OSError, targets: Sequence[str], style: Format) -> int:
    problem = Diagnostic(
        "REV037",
        Severity.ERROR,
        Place(str(error.filename or targets[0])),
        f"this cannot be read: {error.strerror or error}",
        so="nothing is checked",
        help="name a review folder, whose files and whose pages/ you may read, or a page",
    )
    report = Report(
        (Told(problem),),
        targets[0],
        "nothing",
        (),
        explanations({"REV037"}),
        version("osler"),
        False,
    )
    if style == "text":
        click.echo(render([problem], "text", wants_colour(), width()), err=True)
    else:
        click.echo(render_report(report, style))
    return 2
