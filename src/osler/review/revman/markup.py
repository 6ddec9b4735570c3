"""RevMan 5's own files (.rm5): XML, from its bytes to a review."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

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
from osler.review.revman.scales import NOT_ESTIMABLE, OnScale, logged, on_scale, pooled_on_scale
from osler.review.revman.vocabulary import words

_KINDS: dict[str, Kind] = {
    "DICH": "binary",
    "CONT": "continuous",
    "IPD": "observed minus expected",
    "IV": "contrast",
}
_ATTRIBUTES = {
    "events_treated": "EVENTS_1",
    "n_treated": "TOTAL_1",
    "events_control": "EVENTS_2",
    "n_control": "TOTAL_2",
    "mean_treated": "MEAN_1",
    "sd_treated": "SD_1",
    "mean_control": "MEAN_2",
    "sd_control": "SD_2",
    "observed_minus_expected": "O_E",
    "variance": "VAR",
}
_CHUNK = 65_536


class _Lined(TreeBuilder):
    """Builds the tree, and keeps the line on which each element begins."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[Element, int] = {}
        self.parser: Any = None

    def start(self, tag: Any, attrs: Any) -> Element:
        element = super().start(tag, attrs)
        self.lines[element] = self.parser.parser.CurrentLineNumber
        return element


@dataclass
class _File:
    """The tree, and what was found while reading it."""

    name: str
    root: Element
    lines: dict[Element, int]
    found: list[Diagnostic] = field(default_factory=list)

    def line(self, element: Element) -> int:
        return self.lines.get(element, 1)

    def number(self, element: Element, attribute: str, who: str) -> float:
        """A number of an element; NaN where there is none or it cannot be read."""
        text = element.get(attribute, "").strip()
        if not text:
            return math.nan
        try:
            return float(text)
        except ValueError:
            line = self.line(element)
            self.found.append(problems.not_a_number(self.name, line, who, attribute, text))
            return math.nan


def parse_markup(content: bytes, file: str) -> RevmanReview:
    """A review from the bytes of an .rm5 file.

    Raises
    ------
    DataError
        RMN002 where it is no RevMan file, RMN003 where the XML is broken, RMN004 where it
        declares entities.
    """
    tree = _tree(content, file)
    if tree.root.tag != "COCHRANE_REVIEW":
        raise DataError(problems.not_revman(file, f"its root element is {tree.root.tag[:60]!r}"))
    studies = {study.id: study for study in _studies(tree)}
    analyses = tuple(_analyses(tree, studies))
    bias = tuple(_bias(tree, studies))
    _left_behind(tree)
    return RevmanReview(
        _text(tree.root.find("COVER_SHEET/TITLE")),
        tree.root.get("DOI", ""),
        tuple(studies.values()),
        analyses,
        bias,
        tuple(tree.found),
    )


def _tree(content: bytes, file: str) -> _File:
    builder = _Lined()
    parser = DefusedXMLParser(
        target=builder, forbid_dtd=False, forbid_entities=True, forbid_external=True
    )
    builder.parser = parser
    try:
        for at in range(0, len(content), _CHUNK):
            parser.feed(content[at : at + _CHUNK])
        root = parser.close()
    except DefusedXmlException as error:
        raise DataError(problems.hostile(file, type(error).__name__)) from None
    except (ParseError, ValueError, LookupError, AssertionError) as error:
        line = getattr(error, "position", (1, 0))[0]
        raise DataError(problems.broken(file, line, str(error)[:200])) from None
    return _File(file, root, builder.lines)


def _text(element: Element | None) -> str:
    """All the words of an element, with single spaces."""
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def _studies(tree: _File) -> Iterator[RevmanStudy]:
    for element in tree.root.iterfind(".//INCLUDED_STUDIES/STUDY"):
        references = element.findall("REFERENCE")
        primary = [each for each in references if each.get("PRIMARY") == "YES"]
        main = next(iter([*primary, *references]), None)
        year = element.get("YEAR", "").strip()
        # Codes such as _x002d_ stand for characters in ids, never in names.
        yield RevmanStudy(
            element.get("ID", ""),
            " ".join(element.get("NAME", "").split()) or element.get("ID", ""),
            int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,
            *(_text(main.find(tag)) if main is not None else "" for tag in ("AU", "TI", "SO")),
            *(_identifier((element, *references), kind) for kind in ("DOI", "MEDLINE")),
        )


def _identifier(elements: Iterable[Element], kind: str) -> str:
    kinds = ("PUBMED", "MEDLINE") if kind == "MEDLINE" else (kind,)
    for element in elements:
        for each in element.iterfind("IDENTIFIERS/IDENTIFIER"):
            if each.get("TYPE", "").upper() in kinds:
                return (each.get("VALUE") or _text(each)).strip()
    return ""


def _analyses(tree: _File, studies: dict[str, RevmanStudy]) -> Iterator[RevmanAnalysis]:
    for comparison in tree.root.iterfind("ANALYSES_AND_DATA/COMPARISON"):
        for element in comparison:
            prefix, _, rest = element.tag.partition("_")
            if rest != "OUTCOME":
                continue
            if prefix in _KINDS:
                yield _analysis(tree, comparison, element, prefix, studies)
            else:
                what = f"analysis {_number_of(comparison, element)}: {_text(element.find('NAME'))}"
                why = "data of this kind are words, not numbers"
                tree.found.append(
                    problems.not_brought(tree.name, tree.line(element), what[:200], why)
                )


def _number_of(comparison: Element, outcome: Element) -> str:
    return f"{comparison.get('NO', '?')}.{outcome.get('NO', '?')}"


def _analysis(
    tree: _File,
    comparison: Element,
    element: Element,
    prefix: str,
    studies: dict[str, RevmanStudy],
) -> RevmanAnalysis:
    kind, number = _KINDS[prefix], _number_of(comparison, element)
    named = element.get("EFFECT_MEASURE") or _text(element.find("EFFECT_MEASURE"))
    measure = words().measure(named)
    if not measure:
        tree.found.append(problems.unknown_measure(tree.name, tree.line(element), number, named))
    ratio = measure in words().ratios
    groups = element.findall(f"{prefix}_SUBGROUP")
    level = tree.number(element, "CI_STUDY", number) / 100
    level = level if 0 < level < 1 else 0.95
    rows = [
        _row(tree, data, kind, number, subgroup, OnScale(ratio, bool(measure), level), studies)
        for subgroup, data in _data(element, groups, prefix)
    ]
    return RevmanAnalysis(
        number,
        _text(comparison.find("NAME")),
        _text(element.find("NAME")),
        kind,
        measure,
        named,
        element.get("METHOD", "PETO" if kind == "observed minus expected" else "IV"),
        element.get("RANDOM", "NO") == "YES",
        element.get("SWAP_EVENTS", "NO") == "YES",
        level,
        _text(element.find("GROUP_LABEL_1")),
        _text(element.find("GROUP_LABEL_2")),
        (_text(element.find("GRAPH_LABEL_1")), _text(element.find("GRAPH_LABEL_2"))),
        tuple(rows),
        _pooled(tree, element, number, ratio) if element.get("TOTALS", "YES") == "YES" else None,
        {
            _text(each.find("NAME")): pooled
            for each in groups
            if (pooled := _pooled(tree, each, number, ratio))
        },
    )


def _data(element: Element, groups: list[Element], prefix: str) -> Iterator[tuple[str, Element]]:
    for data in element.iterfind(f"{prefix}_DATA"):
        yield "", data
    for group in groups:
        for data in group.iterfind(f"{prefix}_DATA"):
            yield _text(group.find("NAME")), data


def _row(
    tree: _File,
    data: Element,
    kind: Kind,
    number: str,
    subgroup: str,
    scale: OnScale,
    studies: dict[str, RevmanStudy],
) -> RevmanRow:
    id_ = data.get("STUDY_ID", "")
    line = tree.line(data)
    if id_ not in studies:
        tree.found.append(problems.unknown_study(tree.name, line, number, id_))
        studies[id_] = RevmanStudy(id_, id_.removeprefix("STD-") or "study without a name")
    who = f"{number}, {studies[id_].label}"
    names = COLUMNS[kind] if kind != "contrast" else ("n_treated", "n_control")
    values = {name: tree.number(data, _ATTRIBUTES[name], who) for name in names}
    if kind in ("contrast", "observed minus expected"):
        sizes = {n: tree.number(data, _ATTRIBUTES[n], who) for n in ("n_treated", "n_control")}
        values |= {name: size for name, size in sizes.items() if size > 0}
    stored = [tree.number(data, name, who) for name in ("EFFECT_SIZE", "SE", "CI_START", "CI_END")]
    estimable = data.get("ESTIMABLE", "YES") == "YES"
    if kind == "observed minus expected":
        found = logged(values["observed_minus_expected"], values["variance"], scale.level)
    elif not estimable:
        found = NOT_ESTIMABLE
    else:
        found, disagree = on_scale(stored[0], stored[1], (stored[2], stored[3]), scale)
        if disagree and kind == "contrast":
            shown = f"{stored[0]:g} (SE {stored[1]:g}, {stored[2]:g} to {stored[3]:g})"
            tree.found.append(problems.scale_unclear(tree.name, line, who, shown))
    weight = tree.number(data, "WEIGHT", who)
    return RevmanRow(studies[id_], subgroup, values, *found, weight, line)


def _pooled(tree: _File, element: Element, number: str, ratio: bool) -> RevmanPooled | None:
    """What RevMan stored for an analysis or a subgroup; None where it could not pool."""
    if element.get("ESTIMABLE", "YES") != "YES":
        return None
    names = ("EFFECT_SIZE", "CI_START", "CI_END", "CHI2", "DF", "I2", "TAU2", "STUDIES")
    effect, lower, upper, q, df, i2, tau2, studies = (
        tree.number(element, name, number) for name in names
    )
    ends = pooled_on_scale((effect, lower, upper), ratio)
    if not all(map(math.isfinite, ends)):
        return None
    count = int(studies) if math.isfinite(studies) else 0
    return RevmanPooled(*ends, q, df, i2 / 100, tau2, count)


def _bias(tree: _File, studies: dict[str, RevmanStudy]) -> Iterator[RevmanBias]:
    for item in tree.root.iterfind(".//QUALITY_ITEMS/QUALITY_ITEM"):
        name = _text(item.find("NAME"))
        for entry in item.iterfind(".//QUALITY_ITEM_DATA_ENTRY"):
            study = studies.get(entry.get("STUDY_ID", ""))
            if study is None:
                continue
            judgement = words().judgement(entry.get("RESULT", ""))
            support = _text(entry.find("DESCRIPTION"))
            yield RevmanBias(study, name, words().domain(name), judgement, support)


def _left_behind(tree: _File) -> None:
    """Say what a review holds besides numbers and judgements, and is not brought over."""
    excluded = len(tree.root.findall(".//EXCLUDED_STUDIES/STUDY"))
    waiting = sum(
        len(tree.root.findall(f".//{tag}/STUDY")) for tag in ("AWAITING_STUDIES", "ONGOING_STUDIES")
    )
    tables = len(tree.root.findall(".//SOF_TABLES/SOF_TABLE"))
    for count, what in (
        (excluded, "excluded studies"),
        (waiting, "studies awaiting classification or ongoing"),
        (tables, "summary-of-findings tables"),
    ):
        if count:
            why = "only included studies, their data and judgements of bias are read"
            tree.found.append(problems.not_brought(tree.name, 1, f"{what}: {count}", why))
