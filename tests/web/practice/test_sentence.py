"""The sentence that the dashboard offers passes the check of the page that says it."""

from dataclasses import replace

from osler.claims.against.practice import judge_practice
from osler.claims.document.page import parse_page
from osler.claims.model import Verdict
from osler.practice.audit import audit
from osler.practice.telling import not_to_say
from osler.review.reading import parse_practice
from osler.web.practice.auditing import dashboard
from osler.web.practice.exporting import TABLES, table_export
from osler.web.practice.selectors import PUBLISHED
from tests.unit.claims.test_special_judges import folder
from tests.web.practice.conftest import NOW, opened, practice, told


def test_what_may_be_said_is_supported_by_the_table_that_leaves(clinic, user):
    practice(clinic, user, 9)
    told(opened(clinic, user), user, 3, "no benefit", "no")
    files = {t: table_export(t, PUBLISHED, clinic=clinic, user=user, now=NOW) for t in TABLES}
    episodes, scores, found = parse_practice(files)
    assert found == ()
    review = replace(folder()[0], practice=episodes, scores=scores)
    (section,) = dashboard(clinic, PUBLISHED, 10).sections
    text = f'[{section.sentence}]{{.practice about="{section.name}"}}'
    text += " Many people get better by themselves."
    page, _ = parse_page(text, "pages/a.md")
    judged = judge_practice(page.spans[0], page, review)
    assert (judged.verdict, judged.diagnostics) == (Verdict.SUPPORTED, ())


def test_what_may_not_be_said_follows_from_the_numbers(clinic, user):
    practice(clinic, user, 9)
    (section,) = dashboard(clinic, PUBLISHED, 10).sections
    lines = " ".join(section.not_to_say)
    assert "Not “100% recovered”: of 1 nobody knows, and it is at least 89%" in lines
    assert "in as many as 1 in 3 could have been missed" in lines
    episodes, _, _ = parse_practice(
        {
            "practice.csv": b"id,condition,recovered\n"
            + b"".join(b"E%d,x,yes\n" % n for n in range(9))
        }
    )
    untold = " ".join(not_to_say(audit(episodes, "x")))
    assert "nobody was asked" in untold
    assert "recovered”" not in untold
    assert "score" not in untold
