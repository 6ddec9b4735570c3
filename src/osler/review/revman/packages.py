"""Data packages of RevMan Web: tables of analyses and of bias, from their bytes to a review."""

import io
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from osler.core.decoding import decode_any
from osler.core.delimited import DelimitedRow, DelimitedTable, parse_delimited
from osler.core.diagnostics import DataError, Diagnostic
from osler.review.revman import problems
from osler.review.revman.model import (
    COLUMNS,
    Kind,
    RevmanAnalysis,
    RevmanBias,
    RevmanPooled,
    RevmanReview,
    RevmanRow,
    RevmanStudy,
)
from osler.review.revman.scales import Four, logged, pooled_on_scale
from osler.review.revman.vocabulary import words

# How the names of the tables end, after the review's number.
SETTINGS, ROWS = "overall-estimates-and-settings.csv", "data-rows.csv"
SUBGROUPS, BIAS = "subgroup-estimates.csv", "risk-of-bias.csv"
# A table of one review fits in far less: more is no review, or meant to fill the memory.
_MOST_BYTES = 64 * 2**20
_KINDS: Mapping[str, Kind] = {
    "dichotomous": "binary",
    "continuous": "continuous",
    "o-e and variance": "observed minus expected",
    "contrast level": "contrast",
    "generic inverse variance": "contrast",
}
_CELLS = {
    "events_treated": "Experimental cases",
    "n_treated": "Experimental N",
    "events_control": "Control cases",
    "n_control": "Control N",
    "mean_treated": "Experimental mean",
    "sd_treated": "Experimental SD",
    "mean_control": "Control mean",
    "sd_control": "Control SD",
    "observed_minus_expected": "O-E",
    "variance": "Variance",
}


@dataclass
class _Package:
    """Tables by the ends of their names, and what was found while reading them."""

    tables: dict[str, DelimitedTable]
    found: list[Diagnostic] = field(default_factory=list)

    def rows(self, name: str) -> Iterator["_Line"]:
        table = self.tables.get(name)
        if table is None:
            return
        for row in table.rows:
            yield _Line(self, table, row, dict(zip(table.header.cells, row.cells, strict=False)))


@dataclass(frozen=True)
class _Line:
    """One row of a table, by the names of its columns."""

    package: _Package
    table: DelimitedTable
    row: DelimitedRow
    cells: Mapping[str, str]

    def text(self, name: str) -> str:
        text = " ".join(self.cells.get(name, "").split())
        return "" if text in ("#N/A", "N/A") else text

    def number(self, name: str, who: str) -> float:
        """A number with or without a percent sign; NaN where there is none."""
        text = self.text(name).removesuffix("%").replace(",", "")
        if not text:
            return math.nan
        try:
            return float(text)
        except ValueError:
            at = self.table.file, self.row.line
            self.package.found.append(problems.not_a_number(*at, who, name, self.text(name)))
            return math.nan

    @property
    def analysis(self) -> str:
        return f"{self.text('Analysis group')}.{self.text('Analysis number')}"


def files_of_zip(content: bytes, file: str) -> dict[str, bytes]:
    """The tables in a zipped package; a package in a package (RevMan Web's download) is opened.

    Raises
    ------
    DataError
        RMN002 where it cannot be unpacked, or unpacks to more than a review can hold.
    """
    files: dict[str, bytes] = {}
    waiting = [content]
    room = _MOST_BYTES
    while waiting:
        for name, data in _members(waiting.pop(), file, room):
            room -= len(data)
            if name.casefold().endswith(".zip") and len(files) + len(waiting) < 50:
                waiting.append(data)
            elif name.casefold().endswith(".csv"):
                files[name] = data
    return files


def _members(content: bytes, file: str, room: int) -> Iterator[tuple[str, bytes]]:
    wanted = (".csv", ".zip")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            for each in package.infolist():
                if not each.filename.casefold().endswith(wanted):
                    continue
                with package.open(each) as member:
                    data = member.read(room + 1)
                room -= len(data)
                if room < 0:
                    found = f"it unpacks to more than {_MOST_BYTES // 2**20} MB of tables"
                    raise DataError(problems.not_revman(file, found))
                yield each.filename, data
    except (
        zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError,
        ValueError,
    ) as error:  # fmt: skip
        found = f"it cannot be unpacked ({type(error).__name__})"
        raise DataError(problems.not_revman(file, found)) from None


def parse_package(files: Mapping[str, bytes], file: str) -> RevmanReview:
    """A review from the tables of a data package.

    Parameters
    ----------
    files : mapping of str to bytes
        By their names, of which the ends tell: "...-overall-estimates-and-settings.csv",
        "...-data-rows.csv", and where there are such "...-subgroup-estimates.csv" and
        "...-risk-of-bias.csv".
    file : str
        The package's name, for messages.

    Raises
    ------
    DataError
        RMN002 where the settings or the data are missing.
    """
    package = _Package({})
    for name, content in files.items():
        end = next((e for e in (SETTINGS, ROWS, SUBGROUPS, BIAS) if name.endswith(e)), "")
        if not end:
            continue
        text, notes = decode_any(content.removeprefix(b"\xef\xbb\xbf"), name)
        table, found = parse_delimited(text, name)
        package.found += [*notes, *found]
        if table is not None:
            package.tables[end] = table
    missing = [end for end in (SETTINGS, ROWS) if end not in package.tables]
    if missing:
        raise DataError(problems.not_revman(file, f"there is no table ...-{missing[0]}"))
    studies: dict[str, RevmanStudy] = {}
    analyses = tuple(_analyses(package, studies))
    bias = tuple(_bias(package, studies))
    title = file.partition("-")[0] if file.startswith("CD") else ""
    return RevmanReview(title, "", tuple(studies.values()), analyses, bias, tuple(package.found))


def _analyses(package: _Package, studies: dict[str, RevmanStudy]) -> Iterator[RevmanAnalysis]:
    data = _by_analysis(package.rows(ROWS))
    groups = _by_analysis(package.rows(SUBGROUPS))
    for settings in package.rows(SETTINGS):
        number = settings.analysis
        found = _kind(settings, data.get(number, []))
        if found is None:
            what = f"analysis {number}: data of the type {settings.text('Data type')!r}"
            package.found.append(
                problems.not_brought(
                    settings.table.file, settings.row.line, what, "data of this kind are not known"
                )
            )
            continue
        yield _analysis(settings, found, data.get(number, []), groups.get(number, []), studies)


def _by_analysis(lines: Iterator[_Line]) -> dict[str, list[_Line]]:
    out: dict[str, list[_Line]] = {}
    for line in lines:
        out.setdefault(line.analysis, []).append(line)
    return out


def _kind(settings: _Line, rows: list[_Line]) -> Kind | None:
    """The kind of data as named, or as the filled columns tell where the name says the level."""
    named = settings.text("Data type").casefold()
    if named != "arm level":
        return _KINDS.get(named)
    kinds: tuple[Kind, ...] = ("binary", "continuous", "observed minus expected")
    for kind in kinds:
        if any(row.text(_CELLS[COLUMNS[kind][0]]) for row in rows):
            return kind
    return None


def _analysis(
    settings: _Line,
    kind: Kind,
    rows: list[_Line],
    groups: list[_Line],
    studies: dict[str, RevmanStudy],
) -> RevmanAnalysis:
    number, named = settings.analysis, settings.text("Effect measure")
    measure = words().measure(named)
    if not measure:
        settings.package.found.append(
            problems.unknown_measure(settings.table.file, settings.row.line, number, named)
        )
    ratio = measure in words().ratios
    level = settings.number("Study CI", number)
    level = level / 100 if 1 < level < 100 else level if 0 < level < 1 else 0.95
    return RevmanAnalysis(
        number,
        settings.text("Analysis group name"),
        settings.text("Analysis name"),
        kind,
        measure,
        named,
        settings.text("Statistical method"),
        settings.text("Analysis model").casefold().startswith("random"),
        settings.text("Swap event and non-event").casefold() in ("true", "yes"),
        level,
        settings.text("Experimental group label"),
        settings.text("Control group label"),
        ("", ""),
        tuple(_row(line, kind, ratio, level, studies) for line in rows),
        _pooled(settings, number, ratio, len(rows)),
        {
            line.text("Subgroup"): pooled
            for line in groups
            if (pooled := _pooled(line, number, ratio, 0)) and line.text("Subgroup")
        },
    )


def _row(
    line: _Line, kind: Kind, ratio: bool, level: float, studies: dict[str, RevmanStudy]
) -> RevmanRow:
    label = line.text("Study") or "study without a name"
    year = line.text("Study year")
    study = studies.setdefault(
        label,
        RevmanStudy(label, label, int(year) if year.isascii() and year.isdigit() else None),
    )
    who = f"{line.analysis}, {label}"
    names = COLUMNS[kind] if kind != "contrast" else ("n_treated", "n_control")
    values = {name: line.number(_CELLS[name], who) for name in names}
    if kind == "contrast":
        values = {name: size for name, size in values.items() if size > 0}
    # "GIV" numbers are those that were pooled; "Mean" and its interval are as shown.
    estimate, se = line.number("GIV Mean", who), line.number("GIV SE", who)
    shown = tuple(line.number(name, who) for name in ("Mean", "CI start", "CI end"))
    ends = pooled_on_scale((shown[0], shown[1], shown[2]), ratio)
    found: Four = (estimate, se, ends[1], ends[2])
    if kind == "observed minus expected":
        found = logged(values["observed_minus_expected"], values["variance"], level)
    elif not math.isfinite(estimate):
        found = (ends[0], se, ends[1], ends[2])
    weight = line.number("Weight", who)
    return RevmanRow(study, line.text("Subgroup"), values, *found, weight, line.row.line)


def _pooled(line: _Line, number: str, ratio: bool, studies: int) -> RevmanPooled | None:
    effect, lower, upper = (line.number(name, number) for name in ("Mean", "CI start", "CI end"))
    ends = pooled_on_scale((effect, lower, upper), ratio)
    if not all(map(math.isfinite, ends)):
        return None
    q, df, i2, tau2 = (
        line.number(f"Heterogeneity {name}", number) for name in ("Chi²", "df", "I²", "Tau²")
    )
    # Per cent, with or without the sign.
    return RevmanPooled(*ends, q, df, i2 / 100, tau2, studies)


def _bias(package: _Package, studies: Mapping[str, RevmanStudy]) -> Iterator[RevmanBias]:
    """Judgements stand in columns: "Domain (judgement): NAME", and their reasons beside."""
    for line in package.rows(BIAS):
        study = studies.get(line.text("Study"))
        if study is None:
            continue
        for name in line.cells:
            head, _, item = name.partition(":")
            if head.strip().casefold() != "domain (judgement)" or not line.text(name):
                continue
            support = line.text(f"Domain (support):{item}")
            domain = words().domain(item)
            judgement = words().judgement(line.text(name))
            yield RevmanBias(study, item.strip(), domain, judgement, support)
