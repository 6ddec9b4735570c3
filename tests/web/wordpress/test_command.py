"""``osler import-wordpress`` from an export to a folder, and what it says."""

import csv
import json
import shutil
from urllib.parse import unquote

import pytest
from click.testing import CliRunner

from osler.claims.document.page import parse_page
from osler.web.pages.old_addresses import parse_redirects
from osler.web.pages.services import RESERVED as OF_THE_SITE
from osler.web.wordpress.bringing import RESERVED
from osler.web.wordpress.command import import_wordpress_command
from tests.web.pages.conftest import STARTER
from tests.web.wordpress.exports import comment, export, item


@pytest.fixture
def bring(tmp_path):
    def brought(*items, options=(), content=None):
        made = tmp_path / "export.xml"
        made.write_bytes(export(*items) if content is None else content)
        arguments = [str(made), "-o", str(tmp_path / "clinic"), *options]
        done = CliRunner().invoke(import_wordpress_command, arguments)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return brought


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "clinic"


def test_addresses_that_the_site_needs_are_the_same_in_both_lists():
    assert {"data", *OF_THE_SITE} == RESERVED


def test_a_page_with_its_front_matter(bring, folder):
    done = bring(item("It is sore.\n\nMore.", title="Knees: <i>what</i> helps & why"))
    assert (folder / "pages" / "knee-pain.md").read_text() == (
        "---\n# From https://old.example/2019/03/knee-pain/\n"
        "title: Knees: what helps & why\ndescription: It is sore.\nauthor: A. Author\n"
        "date: 2019-03-01\ncategories: [Knees]\n---\n\nIt is sore.\n\nMore.\n"
    )
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("status", ["draft", "pending", "future", "private", "made-up"])
def test_what_was_not_public_stays_a_draft_without_addresses(bring, folder, status):
    bring(item(status=status))
    assert "draft: true\n" in (folder / "pages" / "knee-pain.md").read_text()
    assert "knee-pain" not in (folder / "redirects.csv").read_text()


def test_a_page_behind_a_password_is_a_draft(bring, folder):
    done = bring(item(more="<wp:post_password>secret</wp:post_password>"))
    text = (folder / "pages" / "knee-pain.md").read_text()
    assert "draft: true\n" in text and "secret" not in text
    assert "the password" in done.output


def test_old_addresses_are_what_the_site_reads(bring, folder):
    bring(
        item(),
        item(number=2, kind="page", slug="about", title="About"),
        item(number=3, slug="%C3%BCber", title="Über"),
    )
    rows, found = parse_redirects((folder / "redirects.csv").read_bytes())
    moved = {row.old: row.new for row in rows}
    assert found == ()
    assert moved["/2019/03/knee-pain/"] == moved["/?p=1"] == "/knee-pain/"
    assert moved["/?page_id=2"] == "/about/" and moved["/2019/03/über/"] == "/uber/"
    assert moved["/category/knees/"] == "/categories/Knees/" and moved["/feed/"] == "/feed.xml"


def test_old_lists_lead_to_the_names_that_the_pages_have(bring, folder):
    """WordPress keeps names with "&amp;" in them."""
    more = '<category domain="category" nicename="hips"><![CDATA[Hips &amp; "knees"]]></category>'
    bring(item(more=more))
    rows, _ = parse_redirects((folder / "redirects.csv").read_bytes())
    page, _ = parse_page((folder / "pages" / "knee-pain.md").read_text(), "pages/knee-pain.md")
    leads = {row.old: unquote(row.new) for row in rows}
    assert leads["/category/hips/"] == "/categories/Hips & 'knees'/"
    assert "Hips & 'knees'" in page.meta.categories
    assert leads["/author/aa/"] == f"/authors/{page.meta.author}/"


def test_one_name_twice_and_names_that_the_site_needs(bring, folder):
    done = bring(
        item("First."), item("Second.", number=2), item("Third.", number=3, slug="contact")
    )
    names = sorted(p.name for p in (folder / "pages").iterdir())
    assert names == ["contact-page.md", "knee-pain-2.md", "knee-pain.md"]
    assert done.output.count("WEB104 note") == 2


def test_links_between_pages_lead_to_the_new_ones(bring, folder):
    html = (
        '<p><a href="https://www.old.example/2019/03/back">Back</a> <a href="/?p=2">again</a> '
        '<a href="https://other.example/x">other</a> <a href="/lost/">lost</a> '
        '<a href="#note">note</a> <a href="http://[bad">bad</a></p>'
    )
    bring(item(html), item(number=2, slug="back"))
    text = (folder / "pages" / "knee-pain.md").read_text()
    for wanted in (
        "[Back](../back/)", "[again](../back/)", "[other](https://other.example/x)",
        "[lost](https://old.example/lost/)", "[note](#note)", "[bad](http://[bad)",
    ):  # fmt: skip
        assert wanted in text


def test_what_is_left_out_is_counted_or_named(bring, folder):
    done = bring(
        item(),
        item(number=2, kind="attachment", status="inherit"),
        item(number=3, kind="product", title="Tea"),
        item(number=4, status="trash", title="Old"),
        item(number=5, kind="nav_menu_item"),
    )
    assert done.exit_code == 1
    report = (folder / "wordpress" / "report.md").read_text()
    assert "Tea" in report and "Old" in report
    assert "1 x attachment (inherit)" in report and "1 x nav\\_menu" not in report
    assert "1 x nav_menu_item" in report
    assert done.output.count("WEB103 warning") == 2


def test_comments_with_their_status_and_without_what_the_site_does_not_keep(bring, folder):
    done = bring(
        item(
            more=comment(1, "<p>One</p><p>two <a href='https://x.example'>here</a></p>")
            + comment(2, parent="1", approved="0")
            + comment(3, approved="spam")
            + comment(4, approved="post-trashed")
            + comment(5, kind="pingback")
            + comment(6, approved="strange")
            + comment(7, when="0000-00-00 00:00:00")
        )
    )
    path = folder / "wordpress" / "comments.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(r["number"], r["status"], r["parent"]) for r in rows] == [
        ("1", "approved", ""), ("2", "hold", "1"), ("3", "spam", ""), ("4", "trash", ""),
    ]  # fmt: skip
    assert rows[0]["text"] == "One\n\ntwo here (https://x.example)"
    assert rows[0]["written"] == "2019-04-01T10:00:00+00:00"
    assert "203.0.113.7" not in path.read_text() and "reader.example" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert (folder / "wordpress" / ".gitignore").read_text() == "*\n"
    for told in ("1 pingback", "comment 6: status 'strange'", "comment 7: date"):
        assert told in done.output


def test_pictures_are_listed(bring, folder):
    bring(item('<img src="https://old.example/a.jpg" alt="A knee">'))
    with (folder / "wordpress" / "files.csv").open(newline="") as stream:
        assert list(csv.reader(stream))[1:] == [
            ["pages/knee-pain.md", "picture", "https://old.example/a.jpg", "A knee"]
        ]


def test_findings_are_counted_for_each_page(bring, folder):
    done = bring(item("Acupuncture cures sciatica."), item("Fine.", number=2, slug="fine"))
    assert done.exit_code == 1
    report = (folder / "wordpress" / "report.md").read_text()
    assert "| pages/fine.md | 0 | 0 |" in report
    assert "| pages/knee-pain.md | 0 |" not in report


def test_in_a_folder_with_a_question_the_evidence_is_asked(bring, folder):
    shutil.copytree(STARTER, folder, ignore=shutil.ignore_patterns("__pycache__", "build"))
    before = (folder / "pages" / "bcg-vaccine.md").read_bytes()
    done = bring(item("BCG vaccination cures tuberculosis."), item(number=2, slug="bcg-vaccine"))
    assert "WEB107 warning" in done.output  # a page of this name is there
    assert (folder / "pages" / "bcg-vaccine.md").read_bytes() == before
    report = (folder / "wordpress" / "report.md").read_text()
    assert "| pages/knee-pain.md | 0 |" not in report and "osler.toml" not in done.output
    bring(item(), options=["--replace"])
    assert "Text." in (folder / "pages" / "knee-pain.md").read_text()


def test_twice_is_the_same_as_once(bring, folder):
    first = bring(item(more=comment(1)))
    files = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    second = bring(item(more=comment(1)))
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == files
    assert first.output == second.output


def test_half_an_export_is_brought_and_told(bring, folder):
    done = bring(content=export(item(), item(number=2))[:-200])
    assert done.exit_code == 1 and "WEB100 error" in done.output
    assert (folder / "pages" / "knee-pain.md").exists()


@pytest.mark.parametrize("content", [b"", b"<html></html>", b"PK\x03\x04"])
def test_no_export_is_refused(bring, folder, content):
    assert bring(content=content).exit_code == 2
    assert not (folder / "pages").exists()


def test_a_missing_file_is_told(tmp_path):
    done = CliRunner().invoke(
        import_wordpress_command, [str(tmp_path / "none.xml"), "-o", str(tmp_path / "x")]
    )
    assert done.exit_code == 2 and "No such file" in done.output


@pytest.mark.parametrize(
    "title", ["[x]", '"quoted"', "null", "- a", "a: b", "#1", "{a}", "'", "*a*", "", "\u2028"]
)
def test_any_title_is_read_back(bring, folder, title):
    from osler.claims.document.page import parse_page  # noqa: PLC0415

    bring(item(title=title, slug="x"))
    page, found = parse_page((folder / "pages" / "x.md").read_text(), "pages/x.md")
    assert page.meta.title == " ".join(title.split())
    assert {d.code for d in found} <= {"PAG003", "PAG006"}
