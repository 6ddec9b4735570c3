"""One reviewer on a folder's plain files, through HTTP, without a database."""

import re

import pytest

from osler.records.decisions import parse_decisions
from osler.records.model import Verdict

HERE = "/screening/here/"


def rows(folder):
    path = folder / "records" / "decisions.csv"
    told, found = parse_decisions(path.read_text("utf-8") if path.exists() else "")
    assert found == ()
    return told


def shown(client, where=HERE):
    html = client.get(where).content.decode()
    key = re.search(r'name="record" value="([^"]+)"', html)
    return key[1] if key else ""


def vote(client, key, verdict="exclude", stage="title-abstract", **more):
    told = {"record": key, "verdict": verdict, **more}
    return client.post(f"{HERE}{stage}/decide/", told, follow=True)


def messages(response):
    return re.findall(r'<p class="message[^>]*>([^<]*)', response.content.decode())


@pytest.mark.parametrize(
    "page",
    ["", "full-text/", "history/", "search/", "progress/", "conflicts/", "texts/", "pairs/"],
)
def test_every_page_answers_before_anything_is_decided(alone, page):
    assert alone.get(HERE + page).status_code == 200


def test_a_vote_is_a_row_and_the_next_record_comes(alone, folder):
    first = shown(alone)
    response = vote(alone, first, "exclude", note='said "no",\r\nthen left', labels="a, b;c")
    (row,) = rows(folder)
    assert (row.record, row.verdict, row.who) == (first, Verdict.EXCLUDE, "A. Author")
    assert row.note == 'said "no",\nthen left'
    assert row.labels == ("a", "b;c")
    second = re.search(r'name="record" value="([^"]+)"', response.content.decode())[1]
    assert second != first


def test_all_records_come_once_and_then_none(alone, folder):
    seen = []
    while key := shown(alone):
        seen.append(key)
        vote(alone, key, "include" if int(key[1:]) % 7 == 0 else "exclude")
    assert sorted(seen) == [f"r{n:02}" for n in range(40)]
    assert "Nothing is left" in alone.get(HERE).content.decode()
    assert "Every record was screened" in alone.get(HERE).content.decode()
    assert len(rows(folder)) == 40


def test_a_double_click_is_one_row_and_a_changed_mind_two(alone, folder):
    key = shown(alone)
    for verdict in ("include", "include", "exclude"):
        vote(alone, key, verdict)
    assert [row.verdict.value for row in rows(folder)] == ["include", "exclude"]


def test_undo_goes_back_step_by_step(alone, folder):
    keys = []
    for _ in range(3):
        keys.append(shown(alone))
        vote(alone, keys[-1])
    for key in reversed(keys):
        response = alone.post(f"{HERE}title-abstract/undo/", follow=True)
        assert f'value="{key}"' in response.content.decode()
    response = alone.post(f"{HERE}title-abstract/undo/", follow=True)
    assert messages(response) == ["There is nothing to undo."]
    assert [row.verdict.value for row in rows(folder)] == ["exclude"] * 3 + ["undecided"] * 3
    assert "You have not decided" in alone.get(HERE + "history/").content.decode()


def test_a_skipped_record_comes_last_and_is_not_lost(alone):
    first = shown(alone)
    alone.post(f"{HERE}title-abstract/skip/", {"record": first})
    seen = []
    while key := shown(alone):
        seen.append(key)
        vote(alone, key)
    assert seen[-1] == first and len(seen) == 40


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("abstract=without", {f"r{n:02}" for n in range(4, 40, 5)}),
        ("language=ger", {"r09"}),
        ("from=2028", {"r38", "r39"}),
        ("from=1990&to=1991", {"r00", "r01"}),
        ("words=r07", {"r07"}),
    ],
)
def test_filters_hold_from_one_record_to_the_next(alone, query, wanted):
    seen = set()
    where = f"{HERE}?{query}"
    while key := shown(alone, where):
        seen.add(key)
        told = {"record": key, "verdict": "maybe"}
        response = alone.post(f"{HERE}title-abstract/decide/?{query}", told)
        assert response["Location"].endswith(f"?{query}")
    assert seen == wanted
    assert "No record is left with these filters" in alone.get(where).content.decode()


def test_the_words_of_criteria_and_ones_own_are_marked_and_all_is_escaped(alone, folder):
    alone.post(HERE + "words/", {"in": "leg pain\n<b>", "out": "others"})
    html = alone.get(f"{HERE}?record=r02").content.decode()
    assert re.search(r'<mark class="in">[^<]*</mark>', html)
    told = (folder / "records" / "screening.toml").read_text("utf-8")
    assert '"leg pain"' in told and "A. Author" in told
    assert "<b>" not in html and "&lt;b&gt;" in html
    assert 'style="' not in html and "<script>" not in html


def test_full_text_asks_for_a_reason_and_counts_what_was_not_got(alone, folder):
    for key in ("r00", "r01", "r02"):
        vote(alone, key, "include")
    assert shown(alone, HERE + "full-text/") == "r00"
    response = vote(alone, "r00", "exclude", "full-text")
    assert "Give a reason" in messages(response)[0]
    vote(alone, "r00", "exclude", "full-text", reason="Not sciatica")
    told = {"record": "r01", "status": "not retrieved", "link": "", "note": "asked twice"}
    alone.post(HERE + "report/", told)
    assert shown(alone, HERE + "full-text/") == "r02"
    assert rows(folder)[-1].reason == "Not sciatica"
    assert "not retrieved" in (folder / "records" / "reports.csv").read_text("utf-8")


def test_a_pdf_of_the_folder_is_given_and_nothing_else_is(alone, folder):
    (folder / "records" / "pdf").mkdir()
    (folder / "records" / "pdf" / "a.pdf").write_bytes(b"%PDF-1.4")
    (folder / "secret.pdf").write_bytes(b"%PDF-1.4 secret")
    vote(alone, "r00", "include")
    said = {"record": "r00", "status": "retrieved", "note": ""}
    alone.post(HERE + "report/", {**said, "link": "pdf/a.pdf"})
    response = alone.get(HERE + "text/?record=r00")
    assert b"".join(response.streaming_content) == b"%PDF-1.4"
    for link in ("../secret.pdf", "/etc/passwd", "javascript:alert(1)", "criteria.toml"):
        alone.post(HERE + "report/", {**said, "link": link})
        if link != "criteria.toml":
            assert link not in (folder / "records" / "reports.csv").read_text("utf-8")
    refused = alone.get(HERE + "text/?record=r00", follow=True)
    assert messages(refused)[-1] == "The folder has no such PDF below records/."


def test_a_pair_is_merged_and_its_votes_follow(alone, folder):
    vote(alone, "r01", "include")
    html = alone.get(HERE + "pairs/").content.decode()
    assert "titles differ" in html and "first author" in html
    alone.post(HERE + "judge/", {"first": "r00", "second": "r01", "opinion": "merged"})
    library = (folder / "records" / "library.jsonl").read_text("utf-8")
    assert len(library.splitlines()) == 39
    assert "A. Author" in (folder / "records" / "merges.csv").read_text("utf-8")
    assert "You decided" in alone.get(HERE + "?record=r00").content.decode()
    alone.post(HERE + "judge/", {"first": "r00", "second": "r01", "opinion": "open"})
    assert len((folder / "records" / "library.jsonl").read_text("utf-8").splitlines()) == 40


def test_a_link_needs_its_kind(alone, folder):
    said = {"first": "r00", "second": "r01", "opinion": "linked"}
    assert "Say how" in messages(alone.post(HERE + "judge/", said, follow=True))[0]
    alone.post(HERE + "judge/", {**said, "kind": "correction"})
    assert "correction" in (folder / "records" / "merges.csv").read_text("utf-8")


def test_what_others_add_to_the_folder_is_seen_at_once(alone, folder):
    key = shown(alone)
    vote(alone, key)
    path = folder / "records" / "decisions.csv"
    with path.open("a", encoding="utf-8") as file:
        file.write("r05,title-abstract,include,,A. Author,2026-01-05T10:00:00Z,,,reviewer\n")
    html = alone.get(HERE + "progress/").content.decode()
    assert re.search(r"Included</th><td>1<", html)
    path.write_text("\n".join(path.read_text("utf-8").splitlines()[:1]) + "\n", "utf-8")
    assert re.search(r"Open</th><td>40<", alone.get(HERE + "progress/").content.decode())


def test_the_certificate_and_a_sample_of_the_unread(alone, folder):
    for n in range(30):
        vote(alone, f"r{n:02}", "include" if n < 10 else "exclude")
    alone.post(HERE + "sample/", {"kind": "unread", "size": "4"})
    assert "still to be read" in alone.get(HERE + "progress/").content.decode()
    drawn = []
    for _ in range(4):
        html = alone.get(HERE).content.decode()
        assert "Random sample of the unread" in html
        drawn.append(shown(alone))
        vote(alone, drawn[-1])
    assert set(drawn) <= {f"r{n}" for n in range(30, 40)}
    html = alone.get(HERE + "progress/").content.decode()
    assert "0 of 4 drawn from 10 are relevant" in html
    response = alone.post(HERE + "certificate/", follow=True)
    assert "Written to records/certificate.toml" in messages(response)[0]
    text = (folder / "records" / "certificate.toml").read_text("utf-8")
    assert "audit_sampled = 4" in text and "audit_pool = 10" in text


def test_the_excluded_are_read_again_without_the_first_verdict(alone, folder):
    for n in range(10):
        vote(alone, f"r{n:02}")
    alone.post(HERE + "sample/", {"kind": "excluded", "size": "3"})
    drawn = []
    for verdict in ("exclude", "include", "exclude"):
        drawn.append(shown(alone))
        vote(alone, drawn[-1], verdict)
    assert len(set(drawn)) == 3 and set(drawn) <= {f"r{n:02}" for n in range(10)}
    assert len(rows(folder)) == 13
    html = alone.get(HERE + "progress/").content.decode()
    assert "1 of 3 drawn from 10 are relevant" in html


def test_an_unreadable_plan_is_told_and_left_alone(alone, folder):
    plan = folder / "records" / "screening.toml"
    plan.write_text("seed = 'x'\n", "utf-8")
    assert "WEB080" in alone.get(HERE).content.decode()
    response = alone.post(HERE + "words/", {"in": "leg", "out": ""}, follow=True)
    assert "WEB080" in messages(response)[0]
    assert plan.read_text("utf-8") == "seed = 'x'\n"


def test_made_up_words_are_refused(alone, folder):
    assert vote(alone, "r00", "yes").status_code == 404
    assert vote(alone, "r00", stage="abstract").status_code == 404
    assert "no such record" in messages(vote(alone, "r99"))[0]
    assert alone.post(HERE + "sample/", {"kind": "all"}).status_code == 404
    assert rows(folder) == ()
