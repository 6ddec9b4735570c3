"""Comments set aside what they name, where they stand, and nothing else."""

import time

from hypothesis import given
from hypothesis import strategies as st

from osler.claims.document.page import parse_page
from osler.claims.document.suppression import apply_suppressions, never_set_aside
from osler.claims.model import Page
from osler.core.diagnostics import Diagnostic, Place, Severity

COMMENT = "<!-- osler: ignore {} because it quotes a leaflet -->\n\n"


def found(line: int, code: str = "CLM006", rule: str = "", file: str = "a.md") -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, Place(file, line), "m", rule=rule)


def page(text: str) -> Page:
    return parse_page(text, "a.md")[0]


def test_a_comment_reaches_the_block_below_it_and_no_further() -> None:
    text = COMMENT.format("CLM006") + "It is proven.\n\nIt is proven.\n"
    applied = apply_suppressions([found(3), found(5)], [page(text)])
    assert applied.kept == (found(5),)
    assert [s.diagnostic for s in applied.suppressed] == [found(3)]
    assert applied.suppressed[0].suppression.because == "it quotes a leaflet"
    assert applied.unused == ()


def test_a_rule_can_be_named() -> None:
    text = COMMENT.format("plain-language/jargon") + "An idiopathic pain.\n"
    wordy = found(3, "RUL020", "plain-language/jargon")
    assert apply_suppressions([wordy], [page(text)]).kept == ()


def test_other_files_and_other_codes_stay() -> None:
    text = COMMENT.format("CLM006") + "It is proven.\n"
    others = (found(3, "CLM010"), found(3, file="b.md"))
    assert apply_suppressions(others, [page(text)]).kept == others


def test_a_comment_that_reaches_nothing_is_told() -> None:
    text = COMMENT.format("CLM006, CLM010") + "It may help.\n"
    (problem,) = apply_suppressions([found(3, "CLM010")], [page(text)]).unused
    assert (problem.code, problem.severity) == ("OUT010", Severity.WARNING)
    assert "CLM006" in problem.message and "CLM006" in problem.help
    assert (problem.place.line, problem.is_finding) == (1, True)


def test_words_that_lead_away_from_treatment_cannot_be_set_aside() -> None:
    text = COMMENT.format("CLM015") + "Try this instead of surgery.\n"
    applied = apply_suppressions([found(3, "CLM015")], [page(text)])
    assert applied.kept == (found(3, "CLM015"),)
    assert [d.code for d in applied.unused] == ["OUT011"]
    assert [d.code for d in applied.standing] == ["OUT011", "CLM015"]
    assert "CLM015" in never_set_aside()


def test_a_finding_about_a_comment_cannot_be_set_aside_by_another() -> None:
    text = COMMENT.format("OUT010") + COMMENT.format("CLM006") + "It may help.\n"
    assert {d.code for d in apply_suppressions([], [page(text)]).unused} == {"OUT010", "OUT011"}


def test_a_slip_of_the_pen_is_told_with_what_may_be_meant() -> None:
    text = COMMENT.format("CLM060") + "It is proven.\n"
    (problem,) = apply_suppressions([], [page(text)], ["CLM006", "TAB001"]).unused
    assert (problem.code, "CLM006" in problem.help) == ("OUT012", True)


@given(
    st.lists(
        st.tuples(st.integers(1, 12), st.sampled_from(["CLM006", "CLM010"])),
        max_size=9,
        unique=True,
    )
)
def test_nothing_is_lost_and_the_order_stays(drawn: list[tuple[int, str]]) -> None:
    text = (
        COMMENT.format("CLM006")
        + "One.\n\n- two\n"
        + f"- three {COMMENT.format('CLM010')}"
        + "Four.\n"
    )
    diagnostics = [found(line, code) for line, code in drawn]
    applied = apply_suppressions(diagnostics, [page(text)])
    aside = [s.diagnostic for s in applied.suppressed]
    assert sorted([*applied.kept, *aside], key=diagnostics.index) == diagnostics
    assert list(applied.kept) == [d for d in diagnostics if d in applied.kept]
    assert all(s.suppression.covers(s.diagnostic) for s in applied.suppressed)


def test_many_comments_and_findings_take_no_time() -> None:
    # One list that a comment covers, and in it a comment for each item.
    items = "".join(f"- {COMMENT.format('CLM006').strip()} x\n" for _ in range(2900))
    read = page(COMMENT.format("CLM006") + items)
    findings = [found(line) for line in range(3, 2903)]
    start = time.perf_counter()
    applied = apply_suppressions(findings, [read])
    assert time.perf_counter() - start < 5
    assert applied.kept == ()
