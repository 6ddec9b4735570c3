"""The tables of a review folder, from a review of RevMan."""

import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

from osler.core.diagnostics import Diagnostic
from osler.review.revman import problems
from osler.review.revman.model import RevmanAnalysis, RevmanReview, RevmanRow, RevmanStudy
from osler.review.revman.vocabulary import words

_STUDIES = (
    *("id", "label", "first_author", "year", "title", "journal", "doi", "pmid", "registration"),
    *("country", "design", "population", "symptom_duration", "randomised", "reference", "source"),
    *("included", "reason", "notes"),
)
_ARMS = ("study", "arm", "treatment", "detail", "schedule", "sessions", "n", "notes")
_RESULTS = (
    *("study", "arm", "outcome", "instrument", "weeks", "value", "events", "n", "mean", "sd"),
    *("se", "ci_lower", "ci_upper", "percent", "source", "where", "notes"),
)
_CONTRASTS = (
    *("study", "arm", "comparator_arm", "outcome", "instrument", "weeks", "measure", "estimate"),
    *("se", "ci_lower", "ci_upper", "p_value", "adjusted", "n", "source", "where", "notes"),
)
_BIAS = ("study", "domain", "judgement", "basis", "source")
_MEASURES = frozenset({"MD", "SMD", "RD", "RR", "OR", "HR"})  # of contrasts.csv
# From best to worst: a domain that several items belong to gets the worst of them.
_WORSE = ("low", "some concerns", "unclear", "high")
_DESIGN = "not stated in the RevMan file"
_Cells = Mapping[str, object]


@dataclass
class _Folder:
    """What is written, while it is gathered."""

    file: str
    source: str
    ids: dict[str, str] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    arm_counts: dict[str, int] = field(default_factory=dict)
    contrasted: set[tuple[str, str]] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    arms: dict[tuple[str, str], dict[str, object]] = field(default_factory=dict)
    results: dict[tuple[str, str, str], dict[str, object]] = field(default_factory=dict)
    contrasts: dict[tuple[str, str, str, str], dict[str, object]] = field(default_factory=dict)
    outcomes: dict[str, RevmanAnalysis] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)

    def arm(self, study: str, treatment: str, n: float) -> str:
        """The id of a study's arm with this treatment; the largest number analysed is its size."""
        known = self.arms.get((study, treatment))
        if known is None:
            count = self.arm_counts[study] = self.arm_counts.get(study, 0) + 1
            known = {"study": study, "arm": f"a{count}", "treatment": treatment, "n": math.nan}
            self.arms[study, treatment] = known
        sizes = [v for v in (known["n"], n) if isinstance(v, float) and math.isfinite(v) and v > 0]
        known["n"] = max(sizes, default=math.nan)
        return str(known["arm"])


def folder_tables(
    review: RevmanReview, file: str = ""
) -> tuple[dict[str, str], tuple[Diagnostic, ...]]:
    """Tables of a review folder as texts, by their file names, and what they do not hold.

    Parameters
    ----------
    review : RevmanReview
    file : str
        Its name, for messages.

    Returns
    -------
    tables : dict of str to str
        studies.csv, arms.csv, results.csv, contrasts.csv and bias.csv where they have rows, and
        osler.toml: a draft of the question, in which what RevMan does not know is left empty.
    diagnostics : tuple of Diagnostic
        Besides those of the review itself.

    Notes
    -----
    Treatments are the labels of the groups. An outcome is an analysis; where a study stands in
    several of its subgroups, each subgroup is an outcome of its own. Analyses that give one
    study other numbers under the same name get their number in the name.
    """
    source = f"https://doi.org/{review.doi}" if review.doi else ""
    folder = _Folder(file, source)
    for study in review.studies:
        _id_of(study, folder)
    for analysis in review.analyses:
        for outcome, part in _outcomes(analysis, folder):
            _write(outcome, part, folder)
    gathered: tuple[tuple[str, Sequence[str], list[_Cells]], ...] = (
        ("studies.csv", _STUDIES, [_study(each, folder) for each in review.studies]),
        ("arms.csv", _ARMS, [*folder.arms.values()]),
        ("results.csv", _RESULTS, [*folder.results.values()]),
        ("contrasts.csv", _CONTRASTS, [*folder.contrasts.values()]),
        ("bias.csv", _BIAS, _bias(review, folder)),
    )
    tables = {name: _table(header, rows) for name, header, rows in gathered if rows}
    return tables | {"osler.toml": _question(review, folder)}, tuple(folder.found)


def analysis_table(analysis: RevmanAnalysis) -> str:
    """The data of one analysis as CSV, as pooling takes it."""
    columns = analysis.columns()
    if analysis.kind in ("contrast", "observed minus expected") and analysis.measure:
        columns["measure"] = [analysis.measure] * len(analysis.rows)
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    return _table([*columns], rows)


def _table(header: Sequence[str], rows: Iterable[_Cells]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(row.get(name, "")) for name in header] for row in rows)
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return " ".join(str(value).split())


def _id_of(study: RevmanStudy, folder: _Folder) -> str:
    """A short id made of the study's name: "El-Daher 1991" is "el-daher-1991"."""
    if study.id not in folder.ids:
        plain = unicodedata.normalize("NFKD", study.label).encode("ascii", "ignore").decode()
        short = re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-") or "study"
        name = short
        while name in folder.taken:
            folder.taken[short] += 1
            name = f"{short}-{folder.taken[short]}"
        folder.taken.setdefault(name, 1)
        folder.ids[study.id] = name
    return folder.ids[study.id]


def _study(study: RevmanStudy, folder: _Folder) -> _Cells:
    return {
        "id": _id_of(study, folder),
        "label": study.label,
        "first_author": study.authors.partition(",")[0],
        "year": study.year,
        "title": study.title,
        "journal": study.journal,
        "doi": study.doi,
        "pmid": study.pmid if study.pmid.isdigit() else "",
        "design": _DESIGN,
        "source": folder.source,
        "included": "yes",
    }


def _outcomes(
    analysis: RevmanAnalysis, folder: _Folder
) -> list[tuple[str, tuple[RevmanAnalysis, list[int]]]]:
    """Names of outcomes with the rows that belong to them."""
    by_subgroup: dict[str, list[int]] = {}
    seen: dict[str, set[str]] = {}
    for i, row in enumerate(analysis.rows):
        by_subgroup.setdefault(row.subgroup, []).append(i)
        seen.setdefault(row.study.id, set()).add(row.subgroup)
    base = analysis.outcome or f"analysis {analysis.number}"
    twice = [row.study.label for row in analysis.rows if len(seen[row.study.id]) > 1]
    if twice:
        folder.found.append(problems.several_subgroups(folder.file, analysis.number, twice[0]))
        return [(f"{base}: {name}", (analysis, rows)) for name, rows in by_subgroup.items()]
    return [(base, (analysis, list(range(len(analysis.rows)))))] if analysis.rows else []


def _write(outcome: str, part: tuple[RevmanAnalysis, list[int]], folder: _Folder) -> None:
    analysis, rows = part
    same = folder.outcomes.get(outcome)
    if same is not None and (
        (same.kind, same.measure) != (analysis.kind, analysis.measure)
        or _clash(outcome, analysis, rows, folder)
    ):
        outcome = f"{outcome} ({analysis.number})"
    arm_level = analysis.kind in ("binary", "continuous")
    if not arm_level and analysis.measure not in _MEASURES:
        named = analysis.measure_named or "no measure"
        what, why = f"analysis {analysis.number}: {named}", "contrasts.csv does not know it"
        folder.found.append(problems.not_brought(folder.file, 1, what, why))
        return
    folder.outcomes[outcome] = analysis
    columns = analysis.columns()
    for i in rows:
        if arm_level:
            _write_arms(outcome, analysis, i, columns, folder)
        else:
            _write_contrast(outcome, analysis, analysis.rows[i], folder)


def _treatments(analysis: RevmanAnalysis, folder: _Folder) -> tuple[str, str]:
    one = analysis.intervention or "intervention"
    other = analysis.comparator or "comparator"
    if one.casefold() == other.casefold():
        if analysis.number not in folder.told:
            folder.told.add(analysis.number)
            folder.found.append(problems.same_labels(folder.file, analysis.number, one))
        return f"{one} (intervention)", f"{other} (comparator)"
    return one, other


def _clash(outcome: str, analysis: RevmanAnalysis, rows: list[int], folder: _Folder) -> bool:
    """Whether the outcome has other numbers already for an arm of one of these studies."""
    columns = analysis.columns()
    for i in rows:
        study = _id_of(analysis.rows[i].study, folder)
        if (study, outcome) in folder.contrasted:
            return True
        for arm, treatment in zip(
            ("treated", "control"), _treatments(analysis, folder), strict=True
        ):
            known = folder.arms.get((study, treatment))
            if known is None:
                continue
            before = folder.results.get((study, str(known["arm"]), outcome))
            if before is not None and any(
                before.get(name) != value for name, value in _numbers(columns, i, arm).items()
            ):
                return True
    return False


def _numbers(columns: Mapping[str, list[object]], i: int, arm: str) -> dict[str, object]:
    """What one arm contributes: events and n, or mean, SD and n."""
    return {
        name.removesuffix(f"_{arm}"): values[i]
        for name, values in columns.items()
        if name.endswith(f"_{arm}")
    }


def _write_arms(
    outcome: str,
    analysis: RevmanAnalysis,
    i: int,
    columns: Mapping[str, list[object]],
    folder: _Folder,
) -> None:
    study = _id_of(analysis.rows[i].study, folder)
    for arm, treatment in zip(("treated", "control"), _treatments(analysis, folder), strict=True):
        numbers = _numbers(columns, i, arm)
        n = numbers.get("n", math.nan)
        if not (isinstance(n, float) and n >= 1):
            who = f"analysis {analysis.number}, {analysis.rows[i].study.label}, {treatment}"
            why = "the file holds no number of participants for it"
            folder.found.append(problems.not_brought(folder.file, analysis.rows[i].line, who, why))
            continue
        id_ = folder.arm(study, treatment, n)
        swapped = analysis.swapped and analysis.kind == "binary"
        folder.results[study, id_, outcome] = {
            "study": study,
            "arm": id_,
            "outcome": outcome,
            **numbers,
            "source": folder.source,
            "where": f"RevMan, analysis {analysis.number}",
            "notes": "people without the event, as RevMan counted them" if swapped else "",
        }


def _write_contrast(
    outcome: str, analysis: RevmanAnalysis, row: RevmanRow, folder: _Folder
) -> None:
    study = _id_of(row.study, folder)
    if not (math.isfinite(row.estimate) and math.isfinite(row.se)):
        who = f"analysis {analysis.number}, {row.study.label}"
        why = "RevMan holds no estimate for it"
        folder.found.append(problems.not_brought(folder.file, row.line, who, why))
        return
    one, other = _treatments(analysis, folder)
    sizes = [row.values.get(name, math.nan) for name in ("n_treated", "n_control")]
    arm, beside = (folder.arm(study, name, n) for name, n in zip((one, other), sizes, strict=True))
    # Contrasts are 95% intervals, whatever RevMan showed.
    half = NormalDist().inv_cdf(0.975) * row.se
    numbers = [row.estimate, row.estimate - half, row.estimate + half]
    if analysis.measure in words().ratios:
        numbers = [math.exp(min(v, 700.0)) for v in numbers]
    names = ("estimate", "ci_lower", "ci_upper")
    folder.contrasted.add((study, outcome))
    folder.contrasts[study, arm, beside, outcome] = {
        "study": study,
        "arm": arm,
        "comparator_arm": beside,
        "outcome": outcome,
        "measure": analysis.measure,
        **dict(zip(names, (float(f"{v:.10g}") for v in numbers), strict=True)),
        "n": sum(sizes) if all(map(math.isfinite, sizes)) else math.nan,
        "source": folder.source,
        "where": f"RevMan, analysis {analysis.number}",
    }


def _bias(review: RevmanReview, folder: _Folder) -> list[_Cells]:
    """One row a study and domain; items without a domain are told."""
    gathered: dict[tuple[str, str], list[tuple[str, str]]] = {}
    homeless: dict[str, int] = {}
    for each in review.bias:
        if not (each.domain and each.judgement):
            homeless[each.item] = homeless.get(each.item, 0) + 1
            continue
        support = f" ({each.support})" if each.support else ""
        told = f"{each.item}: {each.judgement}{support}"
        key = (_id_of(each.study, folder), each.domain)
        gathered.setdefault(key, []).append((each.judgement, told))
    for item, count in homeless.items():
        what = f"{count} judgements of {item[:80]!r}"
        why = "the item belongs to none of the domains of bias.csv, or its answers are not known"
        folder.found.append(problems.not_brought(folder.file, 1, what, why))
    return [
        {
            "study": study,
            "domain": domain,
            "judgement": max((judgement for judgement, _ in items), key=_WORSE.index),
            "basis": "; ".join(told for _, told in items),
            "source": folder.source,
        }
        for (study, domain), items in gathered.items()
    ]


def _question(review: RevmanReview, folder: _Folder) -> str:
    """A draft of osler.toml."""
    lines = [
        "# A draft made of a RevMan file. Fill in what is empty: `osler check` tells what it needs",
        "format = 1",
        f"title = {_quoted(review.title or 'Review without title')}",
        'condition = ""',
        'population = ""',
        "words = []",
    ]
    names = list(dict.fromkeys(str(arm["treatment"]) for arm in folder.arms.values()))
    for name in names:
        lines += ["", "[[treatments]]", f"name = {_quoted(name)}", f"label = {_quoted(name)}"]
        lines += [f"words = [{_quoted(name)}]", "order = 0"]
    for outcome, analysis in folder.outcomes.items():
        lines += ["", *_outcome(outcome, analysis)]
    pairs = dict.fromkeys(_treatments(each, folder) for each in folder.outcomes.values())
    for one, other in pairs:
        lines += [
            "",
            "[[comparisons]]",
            f"name = {_quoted(f'{one} vs {other}')}",
            f"intervention = {_quoted(one)}",
            f"comparator = {_quoted(other)}",
            f"interventions = [{_quoted(one)}]",
            f"comparators = [{_quoted(other)}]",
        ]
    return "\n".join([*lines, ""])


def _outcome(outcome: str, analysis: RevmanAnalysis) -> list[str]:
    kind = "binary" if analysis.measure in (*words().ratios, "RD") else "continuous"
    measure = {"PETO": "OR", "IRR": "RR"}.get(analysis.measure, analysis.measure)
    return [
        "[[outcomes]]",
        f"name = {_quoted(outcome)}",
        f"label = {_quoted(outcome)}",
        f'kind = "{kind}"',
        f'measure = "{measure}"',
        f'better = "{_better(analysis)}"  # as the labels of the graph say',
        f"accepts = [{_quoted(outcome)}]",
        "weeks = [0, 2000]",
        "weeks_unknown = true",
    ]


def _better(analysis: RevmanAnalysis) -> str:
    """Which results favour the intervention, by the words at both sides of the graph.

    Empty where they do not tell: a person has to say it then.
    """
    names = {analysis.intervention.casefold(), "experimental", "treatment", "intervention"} - {""}
    left, right = (any(n in side.casefold() for n in names) for side in analysis.favours)
    if left == right:
        return ""
    return "lower" if left else "higher"


def _quoted(text: str) -> str:
    plain = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c for c in plain if c.isprintable()) + '"'
