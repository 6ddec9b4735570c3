"""What ``{{ name("argument") }}`` puts in its place."""

from collections.abc import Callable, Mapping

from markupsafe import Markup

from osler.certainty.model import Finding
from osler.claims.links import no_records
from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.core.wording import capital
from osler.effects.scales import estimate_cell
from osler.publish.cells import basis, date_text, denominator, scale_of_outcome
from osler.publish.composition import Composition, evidence_id
from osler.publish.decision import decision_sheet
from osler.publish.evidence import left_out_rows, study_rows
from osler.publish.figures.forest import forest_of_finding
from osler.publish.figures.icons import icons_of_finding, icons_text
from osler.publish.figures.network import network_drawing
from osler.publish.figures.svg import svg_inline
from osler.publish.flows import flow_of_review
from osler.publish.marks import grade_mark, source_marks
from osler.publish.mechanisms import DIRECTIONS, mechanism_views
from osler.publish.networks import (
    by_kinds,
    clusters,
    compared,
    groups_of,
    numbered,
    ranked,
    said_in_words,
    short_reason,
    why_not_ranked,
)
from osler.publish.options import option_rows
from osler.publish.plots.prisma_page import flow_figure
from osler.publish.profile import profile_sheet
from osler.publish.sentences import more_or_fewer, result
from osler.publish.sheet_html import sheet_html
from osler.publish.summary import summary_sheet
from osler.records.library import FILE as LIBRARY
from osler.review.model import Comparison, Outcome

Insert = Callable[[Composition, tuple[str, ...], Place], Markup]


def insert(composition: Composition, name: str, arguments: tuple[str, ...], place: Place) -> Markup:
    """One insertion as HTML.

    Raises
    ------
    DataError
        PUB003 for an unknown name or the wrong number of arguments; PUB001, PUB002 and
        PUB004 for a question, fact, comparison or outcome that the review does not have.
    """
    takes = _TAKES.get(name)
    if takes is None or len(arguments) not in takes:
        raise DataError(_unknown_insertion(name, arguments, place))
    return INSERTIONS[name](composition, arguments, place)


def certainty_mark(composition: Composition, about: str, place: Place) -> Markup:
    """GRADE's circles behind a claim, leading to its evidence."""
    finding = composition.finding(about, place)
    if finding is None:
        return composition.render("no_result.html", target=evidence_id(about), brief=True)
    return grade_mark(finding.certainty.level, about)


def _result(composition: Composition, arguments: tuple[str, ...], place: Place) -> Markup:
    about = arguments[0]
    finding = composition.finding(about, place)
    if finding is None:
        return composition.render("no_result.html", target=evidence_id(about), brief=False)
    return composition.render(
        "result.html",
        said=result(finding),
        target=evidence_id(about),
        grade=grade_mark(finding.certainty.level, about, worded=True),
    )


def _certainty(composition: Composition, arguments: tuple[str, ...], place: Place) -> Markup:
    about = arguments[0]
    finding = composition.finding(about, place)
    if finding is None:
        return composition.render("no_result.html", target=evidence_id(about), brief=False)
    mark = grade_mark(finding.certainty.level, about, worded=True)
    return Markup("{} certainty&nbsp;{}").format(finding.certainty.level.word, mark)


def _forest(composition: Composition, arguments: tuple[str, ...], place: Place) -> Markup:
    about = arguments[0]
    finding = composition.finding(about, place)
    if finding is None:
        return _nothing(composition, about)
    heading, finding = _heading(finding), by_kinds(finding)
    return composition.render(
        "forest.html",
        **heading,
        id=(name := composition.figure_id(about)),
        wide=Markup(svg_inline(forest_of_finding(finding, titled=False), name=f"{name}-wide")),
        small=Markup(
            svg_inline(forest_of_finding(finding, small=True, titled=False), name=f"{name}-small")
        ),
        rows=study_rows(composition, finding, cite=False),
        pooled=_pooled_text(finding),
    )


def _pooled_text(finding: Finding) -> str:
    synthesis, pooled = finding.synthesis, finding.synthesis.random
    if synthesis.k == 1:
        return ""
    scale = scale_of_outcome(finding.outcome)
    return estimate_cell(scale, pooled.estimate, pooled.ci_lower, pooled.ci_upper)


def _heading(finding: Finding) -> Mapping[str, object]:
    return {
        "about": finding.about,
        "target": evidence_id(finding.about),
        "outcome": capital(finding.outcome.label),
        "comparison": finding.comparison,
        "basis": basis(finding),
        "certainty": finding.certainty.level,
    }


def _icons(composition: Composition, arguments: tuple[str, ...], place: Place) -> Markup:
    about = arguments[0]
    finding = composition.finding(about, place)
    if finding is None:
        return _nothing(composition, about)
    if finding.absolute is None:
        raise DataError(_no_absolute(about, place))
    return composition.render(
        "icons.html",
        **_heading(finding),
        id=(name := composition.figure_id(about)),
        wide=Markup(svg_inline(icons_of_finding(finding), name=f"{name}-wide")),
        small=Markup(svg_inline(icons_of_finding(finding, small=True), name=f"{name}-small")),
        text=icons_text(finding, finding.absolute),
        change=more_or_fewer(finding.absolute),
        of=denominator(finding.absolute),
        source=finding.absolute.baseline_source,
    )


def _nothing(composition: Composition, about: str) -> Markup:
    target = evidence_id(about)
    return composition.render("no_figure.html", target=target, about=about)


def _summary(composition: Composition, arguments: tuple[str, ...], place: Place) -> Markup:
    comparison = _comparison(composition, arguments[0], place)
    return sheet_html(composition, summary_sheet(composition, comparison), f"sof {comparison.name}")


def _profile(composition: Composition, arguments: tuple[str, ...], place: Place) -> Markup:
    comparison = _comparison(composition, arguments[0], place)
    return sheet_html(
        composition, profile_sheet(composition, comparison), f"profile {comparison.name}"
    )


def _comparison(composition: Composition, name: str, place: Place) -> Comparison:
    comparison = composition.review.comparisons.get(name)
    if comparison is None:
        known = [*composition.review.comparisons]
        raise DataError(_unknown_name("comparison", name, known, place))
    return comparison


def _options(composition: Composition, arguments: tuple[str, ...], place: Place) -> Markup:
    outcome = _outcome(composition, arguments[0], place)
    graded = composition.network(outcome)
    rows = option_rows(composition, outcome, place)
    return composition.render(
        "options.html",
        outcome=outcome,
        rows=rows,
        id=composition.figure_id(f"options {outcome.name}"),
        by_network=any(row.by_network for row in rows),
        no_order=short_reason(graded),
    )


def _network(composition: Composition, arguments: tuple[str, ...], place: Place) -> Markup:
    outcome = _outcome(composition, arguments[0], place)
    graded = composition.network(outcome)
    network = graded.ground.network
    name = composition.figure_id(f"network {outcome.name}")
    title = f"What was compared with what: {outcome.label}"
    labels = {n: network.labels.get(key, key) for key, n in numbered(network).items()}
    drawn = clusters(composition.review, network)

    def figure(small: bool) -> Markup:
        if not drawn:
            return Markup("")
        drawing = network_drawing(drawn, labels, title, small=small)
        return Markup(svg_inline(drawing, name=f"{name}-{'small' if small else 'wide'}"))

    return composition.render(
        "network.html",
        id=name,
        outcome=outcome,
        size=said_in_words(network) if drawn else "",
        wide=figure(small=False),
        small=figure(small=True),
        groups=groups_of(network),
        why_not=why_not_ranked(graded),
        judged=graded.ground.judged,
        judged_on=date_text(graded.ground.judged.date) if graded.ground.judged else "",
        ranking=ranked(graded),
        compared=compared(network),
        left_out=network.left_out,
    )


def _decision(composition: Composition, arguments: tuple[str, ...], place: Place) -> Markup:
    outcome = _outcome(composition, arguments[0], place)
    sheet = decision_sheet(composition, outcome, place)
    return sheet_html(composition, sheet, f"decision {outcome.name}")


def _outcome(composition: Composition, name: str, place: Place) -> Outcome:
    outcome = composition.review.outcomes.get(name)
    if outcome is None:
        raise DataError(_unknown_name("outcome", name, [*composition.review.outcomes], place))
    return outcome


def _mechanisms(composition: Composition, arguments: tuple[str, ...], place: Place) -> Markup:
    views = mechanism_views(composition.review)
    return composition.render(
        "mechanisms.html",
        views=views,
        directions=DIRECTIONS,
        condition=composition.review.condition,
        id=composition.figure_id("mechanisms"),
    )


def _fact(composition: Composition, arguments: tuple[str, ...], place: Place) -> Markup:
    fact = composition.fact(arguments[0], place)
    return composition.render("fact.html", fact=fact, marks=source_marks(composition, [fact]))


def _left_out(composition: Composition, arguments: tuple[str, ...], place: Place) -> Markup:
    if arguments:
        composition.finding(arguments[0], place)
        answers = {arguments[0]: composition.used[arguments[0]]}
    else:
        answers = {k: f.answer for k, f in composition.evidence.findings.items()}
        answers |= composition.evidence.unanswered
    return composition.render(
        "left_out.html",
        groups=[(about, left_out_rows(answer)) for about, answer in answers.items()],
        studies=() if arguments else [s for s in composition.review.studies.values() if s.reason],
        id=composition.figure_id("left-out"),
    )


def _prisma(composition: Composition, arguments: tuple[str, ...], place: Place) -> Markup:
    if LIBRARY not in composition.review.records:
        raise DataError(no_records(place))
    ledger, flow, _ = flow_of_review(composition.review)
    return flow_figure(flow, ledger.searches.searches, name=composition.figure_id("prisma"))


INSERTIONS: Mapping[str, Insert] = {
    "result": _result,
    "certainty": _certainty,
    "forest": _forest,
    "icons": _icons,
    "summary": _summary,
    "profile": _profile,
    "options": _options,
    "network": _network,
    "decision": _decision,
    "mechanisms": _mechanisms,
    "fact": _fact,
    "left_out": _left_out,
    "prisma": _prisma,
}
_TAKES: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(INSERTIONS, (1,)),
    "mechanisms": (0,),
    "left_out": (0, 1),
    "prisma": (0,),
}
# These stand in a paragraph of their own and are not put inside <p>.
BLOCKS = frozenset(
    {
        "forest",
        "icons",
        "summary",
        "profile",
        "options",
        "network",
        "decision",
        "mechanisms",
        "left_out",
        "prisma",
    }
)


def _unknown_insertion(name: str, arguments: tuple[str, ...], place: Place) -> Diagnostic:
    takes = _TAKES.get(name)
    wanted = f"{name} takes {' or '.join(map(str, takes))} argument(s)" if takes else ""
    return Diagnostic(
        code="PUB003",
        severity=Severity.ERROR,
        place=place,
        message="this insertion is not known" if not takes else "wrong number of arguments",
        found=f"{{{{ {name}({', '.join(map(repr, arguments))}) }}}}",
        so="the page was not built",
        help=wanted or f"known insertions: {', '.join(INSERTIONS)}",
    )


def _unknown_name(kind: str, name: str, known: list[str], place: Place) -> Diagnostic:
    return Diagnostic(
        code="PUB004",
        severity=Severity.ERROR,
        place=place,
        message=f"the page asks for a table of an unknown {kind}",
        found=f"osler.toml has no {kind} named {name!r}",
        so="the page was not built",
        help=f"known: {'; '.join(known)}",
    )


def _no_absolute(about: str, place: Place) -> Diagnostic:
    return Diagnostic(
        code="PUB005",
        severity=Severity.ERROR,
        place=place,
        message="an icon array needs an absolute effect, and none is known",
        found=f"{about!r} has no risk in the comparator group to start from",
        so="the page was not built",
        help='use {{ result("...") }} or {{ forest("...") }} here instead',
    )
