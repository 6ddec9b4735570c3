"""The site as files: what is there, what it links to, and that it is always the same."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import PurePosixPath
from posixpath import join, normpath
from urllib.parse import urlsplit
from xml.etree.ElementTree import fromstring

import pytest

from osler.certainty.model import Evidence, Level
from osler.claims.model import Judged, Reading, Verdict
from osler.core.diagnostics import DataError, Place
from osler.publish.options import comparator_rank
from osler.publish.references import bibliography
from osler.publish.site import build_site
from osler.review.model import Contrast, Outcome, Review, Site, TreatmentRole
from tests.unit.publish.sample import (
    BETTER_DRUGS,
    DISABILITY,
    EVIDENCE,
    PAIN_SHAM,
    REVIEW,
    SHAM,
    TEXT,
    outcome,
    page,
)

FRONT = TEXT[: TEXT.index("## What is")]
ATOM = "{http://www.w3.org/2005/Atom}"


class Seen(HTMLParser):
    """Ids, links and tags of a page, and whether its elements nest."""

    VOID = frozenset({"meta", "link", "br", "hr", "img", "input", "col"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.labels: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {k: v or "" for k, v in attrs}
        self.tags.append(tag)
        self.ids += [named["id"]] if "id" in named else []
        self.links += [named[k] for k in ("href", "src") if k in named]
        self.labels += named.get("aria-labelledby", "").split()
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1:] == [tag], f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()


@pytest.fixture(scope="module")
def site() -> dict[str, bytes]:
    return dict(build_site(REVIEW, EVIDENCE, [(page(), ())], version="0.1.0"))


@pytest.fixture(scope="module")
def html(site: dict[str, bytes]) -> str:
    return site["needles/index.html"].decode()


def test_the_same_input_gives_the_same_bytes(site: dict[str, bytes]) -> None:
    assert build_site(REVIEW, EVIDENCE, [(page(), ())], version="0.1.0") == site


def test_the_files_of_a_site(site: dict[str, bytes]) -> None:
    assert {name for name in site if not name.startswith("data/")} == {
        "index.html",
        "404.html",
        "needles/index.html",
        "style.css",
        "favicon.svg",
        "feed.xml",
        "sitemap.xml",
        "robots.txt",
    }


@pytest.mark.parametrize("name", ["index.html", "404.html", "needles/index.html"])
def test_html_nests_and_ids_are_unique(site: dict[str, bytes], name: str) -> None:
    seen = Seen(site[name].decode())
    assert seen.open == []
    assert len(seen.ids) == len(set(seen.ids))
    assert set(seen.labels) <= set(seen.ids)
    assert seen.tags.count("h1") == seen.tags.count("main") == 1


@pytest.mark.parametrize("name", ["index.html", "needles/index.html"])
def test_every_relative_link_leads_somewhere(site: dict[str, bytes], name: str) -> None:
    seen = Seen(site[name].decode())
    for link in seen.links:
        parts = urlsplit(link)
        if parts.scheme:
            continue
        if parts.path:
            target = normpath(join(str(PurePosixPath(name).parent), parts.path))
            assert target in site, link
        elif parts.fragment:
            assert parts.fragment in seen.ids, link


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(site: dict[str, bytes]) -> None:
    for name in ("index.html", "404.html", "needles/index.html"):
        text = site[name].decode()
        loaded = re.findall(r'<(?:img|iframe|video|audio|source)\b|<link[^>]*"https?:[^>]*>', text)
        assert all('rel="canonical"' in tag for tag in loaded)
        scripts = re.findall(r"<script[^>]*>", text)
        assert set(scripts) <= {'<script type="application/ld+json">'}
    assert "url(" not in site["style.css"].decode()
    assert "@import" not in site["style.css"].decode()


def test_raw_html_in_an_article_is_shown_and_not_run(html: str) -> None:
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert" not in html


def test_a_number_leads_to_its_trials(html: str) -> None:
    target = "evidence-acupuncture-vs-sham-acupuncture-leg-pain"
    assert f'<a class="number" href="#{target}">11.9 points lower on a 0–100 scale</a>' in html
    section = html[
        html.index(f'id="{target}"') : html.index("</details>", html.index(f'id="{target}"'))
    ]
    for word in ("Trial A 2024", "https://example.org/a", "no SD, SE or interval", "A reviewer"):
        assert word in section
    assert "rescaled 0–10 to 0–100" in section


def test_the_details_hold_the_target_so_that_a_browser_opens_them(html: str) -> None:
    for found in re.finditer(r'<div class="evidence-body" id="([^"]+)"', html):
        before = html[: found.start()]
        assert before.rfind('<details class="evidence">') > before.rfind("</details>")


def test_a_result_never_gives_a_relative_effect_alone(html: str) -> None:
    assert "68 of 100 instead of 41 of 100</a> (95% confidence interval 52 to 89 of 100" in html
    bare = replace(BETTER_DRUGS, absolute=None)
    evidence = Evidence({**EVIDENCE.findings, bare.about: bare}, EVIDENCE.unanswered)
    text = re.sub(r"\{\{ icons.*?\}\}\n", "", TEXT)
    shown = build_site(REVIEW, evidence, [(page(text), ())], version="0")["needles/index.html"]
    assert "how many people that is cannot be worked out from the trials" in shown.decode()


def test_claims_carry_their_certainty_in_words_for_screen_readers(html: str) -> None:
    assert re.search(
        r'may reduce leg pain</span>&#8288;<a class="grade grade-2"[^>]*>'
        r'<span aria-hidden="true">⊕⊕⊝⊝</span><span class="unseen">\(low certainty',
        html,
    )


def test_the_answer_stands_in_its_box(html: str) -> None:
    box = html[html.index('<section class="answer"') :]
    assert "Acupuncture" in box[: box.index("</section>")]


def test_the_summary_has_harms_and_explains_each_lowering(html: str) -> None:
    table = html[html.index('<table class="sheet findings"') :]
    table = table[: table.index("</table>")]
    assert "Adverse events" in table
    assert "41 of 100 (41%)" in table
    assert "27 more in 100" in table
    notes = html[html.index('<ol class="notes-list"') :]
    notes = notes[: notes.index("</ol>")]
    assert "Imprecision: lowered 2 levels. Decided by the rule. Seen: 3.4 to 20.4, MID 10." in notes
    assert "Rule for imprecision: interval crosses the MID." in html


def test_options_are_in_their_order_and_say_against_what(html: str) -> None:
    table = html[html.index('<table class="options"') :]
    table = table[: table.index("</table>")]
    assert table.index("Anti-inflammatory drugs") < table.index("Acupuncture")
    assert "Against sham acupuncture:" in table
    assert "Bruising is common." in table
    assert ">Sham<" not in table


def _with_roles(roles: Mapping[str, TreatmentRole]) -> Review:
    changed = {k: replace(REVIEW.treatments[k], role=role) for k, role in roles.items()}
    return replace(REVIEW, treatments={**REVIEW.treatments, **changed})


@pytest.mark.parametrize(
    ("roles", "first"),
    [
        ({"nsaid": "inactive"}, "medication"),
        ({"nsaid": "usual care"}, "medication"),
        ({}, "sham acupuncture"),
        ({"nsaid": "usual care", "sham acupuncture": "inactive"}, "sham acupuncture"),
    ],
)
def test_options_show_the_comparison_with_the_least_active_comparator(
    roles: dict[str, TreatmentRole], first: str
) -> None:
    built = build_site(_with_roles(roles), EVIDENCE, [(page(), ())], version="0")
    table = _options_table(built["needles/index.html"].decode())
    assert re.findall("Against ([^:]+):", table) == [first]


def test_a_comparison_is_as_active_as_its_most_active_comparator() -> None:
    review = _with_roles({"nsaid": "usual care", "sham acupuncture": "inactive"})
    for comparators, rank in (
        (("sham acupuncture",), 0),
        (("sham acupuncture", "nsaid"), 1),
        (("nsaid", "acupuncture"), 2),
        (("sham acupuncture", "not listed"), 2),
        ((), 2),
    ):
        assert comparator_rank(replace(SHAM, comparators=comparators), review) == rank


def _options_table(html: str) -> str:
    table = html[html.index('<table class="options"') :]
    return table[: table.index("</table>")]


def _later(measure: str = "MD", **changes: object) -> Outcome:
    """Disability at a year, from the rows that disability accepts."""
    year: dict[str, object] = {"weeks": (40.0, 65.0), "prefer_week": 52.0}
    same: dict[str, object] = {"label": "disability at a year", "accepts": DISABILITY.accepts}
    return outcome("disability later", measure, **(year | same | changes))


def _options_beside(later: Outcome) -> str:
    """The page with the options for disability, where there is a finding for ``later`` only."""
    found = replace(PAIN_SHAM, about=f"{SHAM.name} / {later.name}", outcome=later)
    review = replace(REVIEW, outcomes={**REVIEW.outcomes, later.name: later})
    evidence = Evidence({**EVIDENCE.findings, found.about: found}, EVIDENCE.unanswered)
    text = f'{FRONT}\n{{{{ options("disability") }}}}\n'
    return build_site(review, evidence, [(page(text), ())], version="0")[
        "needles/index.html"
    ].decode()


def test_options_lead_to_the_same_measurement_at_another_time() -> None:
    html = _options_beside(_later())
    target = "evidence-acupuncture-vs-sham-acupuncture-disability-later"
    table = _options_table(html)
    assert table.count("No usable trial result for this outcome") == 2
    link = f'<a href="#{target}">disability at a year</a>, against sham acupuncture'
    assert table.count(f"There is one for {link}") == 1
    assert f'id="{target}"' in html


@pytest.mark.parametrize(
    "later", [_later(accepts=("other",)), _later("SMD"), _later(weeks=DISABILITY.weeks)]
)
def test_another_measurement_is_not_offered_as_another_time(later: Outcome) -> None:
    html = _options_beside(later)
    assert _options_table(html).count("No usable trial result for this outcome") == 2
    assert "There is one for" not in html


def test_recomputed_intervals_are_told_where_one_was_reported() -> None:
    said = "Intervals in this table are recomputed from the standard error"
    (place,) = PAIN_SHAM.answer.effects[0].places
    printed = Contrast(
        "a", "1", "2", "leg pain", "", 4.0, "MD", -16.0, None, -21.3, -10.6, "", True, 216,
        "https://example.org/a", "", "", place,
    )  # fmt: skip
    for row, told in (
        (printed, True),
        (replace(printed, se=2.7, ci_lower=None, ci_upper=None), False),
        (replace(printed, place=Place("contrasts.csv", 99)), False),
    ):
        review = replace(REVIEW, contrasts=(row,))
        html = build_site(review, EVIDENCE, [(page(FRONT), ())], version="0")["needles/index.html"]
        assert html.decode().count(said) == told


def test_the_foot_says_of_numbers_what_is_true_of_all(site: dict[str, bytes]) -> None:
    for name in ("index.html", "404.html", "needles/index.html"):
        foot = site[name].decode()
        foot = foot[foot.index('<footer class="site-foot"') :]
        assert "Pooled results on this site are computed from the trials listed with them" in foot
        assert "Every number" not in foot


def test_links_to_sources_say_what_they_lead_to(html: str) -> None:
    link = '>page where the figure was read<span class="unseen"> for Trial A 2024</span></a>'
    assert f'<a href="https://example.org/a"{link}' in html


def test_studies_against_a_mechanism_are_never_folded_away(html: str) -> None:
    part = html[html.index('id="mechanism-growth-factors"') :]
    part = part[: part.index("</section>")]
    open_part = part[: part.index("<details>")]
    assert "rat: contradicts" in open_part
    assert "human: null" in open_part
    assert "supports" in part[part.index("<details>") :]
    assert "A mechanism does not show that a treatment helps." in html


def test_tested_in_people_with_the_condition(html: str) -> None:
    assert "only in studies that cannot tell" in html
    part = html[html.index('id="mechanism-growth-factors"') :]
    assert '<span class="tested tested-no">no</span>' in part[:400]


def test_references_are_numbered_by_first_mention_and_lead_back(html: str) -> None:
    assert '<sup class="cite"><a id="cite-1-1" href="#ref-1">' in html
    first = html[html.index('<li id="ref-1">') :]
    first = first[: first.index("</li>")]
    assert "Needles &amp; drugs in &lt;sciatica&gt; (cohort). <i>J Trial</i>. 2024;12:1–9." in first
    assert 'href="https://doi.org/10.1000/cohort"' in first
    assert 'href="#cite-1-2"' in first


def test_structured_data_claims_nothing(html: str) -> None:
    text = html[html.index('<script type="application/ld+json">') + 35 :]
    data = json.loads(text[: text.index("</script>")])
    assert data["@type"] == "MedicalWebPage"
    assert data["about"] == {"@type": "MedicalCondition", "name": "sciatica"}
    assert data["lastReviewed"] == "2025-01-15"
    assert "possibleTreatment" not in text


def test_structured_data_cannot_end_its_script() -> None:
    title = TEXT.replace('Needles for "sciatica"', "A </script><b> title")
    built = build_site(REVIEW, EVIDENCE, [(page(title), ())], version="0")
    shown = built["needles/index.html"].decode()
    assert shown.count("</script>") == 1
    assert "A &lt;/script&gt;&lt;b&gt; title" in shown


def test_verdicts_are_counted() -> None:
    parsed = page()
    reading = Reading("better", "", Level.LOW, ())
    judged = Judged(parsed.spans[0], reading, Verdict.SUPPORTED, (PAIN_SHAM,), (), ())
    built = build_site(REVIEW, EVIDENCE, [(parsed, (judged,))], version="0")
    expected = "1 statement on this page was checked against its evidence: 1 supported."
    assert expected in built["needles/index.html"].decode()


def test_the_feed(site: dict[str, bytes]) -> None:
    feed = fromstring(site["feed.xml"])
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}id") == "https://example.org/needles/"
    assert entry.findtext(f"{ATOM}updated") == "2025-01-15T00:00:00Z"
    assert entry.findtext(f"{ATOM}title") == 'Needles for "sciatica" & what trials show'


def test_a_site_without_an_address_has_no_site_map_and_no_absolute_links_to_itself() -> None:
    nowhere = replace(REVIEW, site=Site("Local", "", "en", ""))
    built = build_site(nowhere, EVIDENCE, [(page(), ())], version="0")
    assert "sitemap.xml" not in built
    assert b"canonical" not in built["needles/index.html"]
    assert b"Sitemap" not in built["robots.txt"]
    entry = fromstring(built["feed.xml"]).find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}id") == "urn:osler:local:needles"


def test_drafts_are_left_out() -> None:
    draft = page(TEXT.replace("draft: false", "draft: true"), "pages/draft.md")
    built = build_site(REVIEW, EVIDENCE, [(draft, ()), (page(), ())], version="0")
    assert "draft/index.html" not in built
    assert b"draft" not in built["sitemap.xml"]


def test_an_empty_site_still_builds() -> None:
    built = build_site(REVIEW, EVIDENCE, [], version="0")
    assert b"No page has been published yet." in built["index.html"]


def test_the_index_lists_pages_by_category_newest_first() -> None:
    older = TEXT.replace("2025-01-15", "2024-05-01").replace("2025-01-10", "2024-05-01")
    pages = [(page(older, "pages/older.md"), ()), (page(), ())]
    index = build_site(REVIEW, EVIDENCE, pages, version="0")["index.html"].decode()
    assert index.count("<h2") == 1
    assert index.index("needles/index.html") < index.index("older/index.html")
    assert "15 January 2025" in index
    assert "What trials show, and how sure we can be." in index


def test_downloads_keep_full_precision(site: dict[str, bytes]) -> None:
    rows = site["data/acupuncture-vs-medication-global-improvement.csv"].decode().split("\r\n")
    assert rows[0].startswith("study,label,measure,estimate,variance")
    assert repr(BETTER_DRUGS.synthesis.estimates[0]) in rows[1]
    assert ",32,47,19,46," in rows[1]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('It [may help]{.claim about="a / b"}.', "PUB001"),
        ('{{ result("nothing / such") }}', "PUB001"),
        ('{{ left_out("nothing / such") }}', "PUB001"),
        ('{{ fact("nothing") }}', "PUB002"),
        ("{{ chart() }}", "PUB003"),
        ("{{ forest() }}", "PUB003"),
        ('{{ summary("a") }}', "PUB004"),
        ('{{ options("a") }}', "PUB004"),
        ('{{ icons("acupuncture vs sham acupuncture / leg pain") }}', "PUB005"),
    ],
)
def test_what_a_page_cannot_have_is_told_with_its_place(text: str, code: str) -> None:
    with pytest.raises(DataError) as error:
        build_site(REVIEW, EVIDENCE, [(page(f"{FRONT}\n{text}\n"), ())], version="0")
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == code
    assert (diagnostic.place.file, diagnostic.place.line > 9) == ("pages/needles.md", True)
    assert diagnostic.help


@pytest.mark.parametrize(
    ("files", "code"),
    [
        (["pages/needles.md", "pages/old/needles.md"], "PUB006"),
        (["pages/data.md"], "PUB007"),
        (["pages/Back pain.md"], "PUB007"),
    ],
)
def test_addresses_that_clash_are_told(files: list[str], code: str) -> None:
    with pytest.raises(DataError) as error:
        build_site(REVIEW, EVIDENCE, [(page(TEXT, f), ()) for f in files], version="0")
    assert [d.code for d in error.value.diagnostics] == [code]


def test_a_question_without_a_trial_says_so_everywhere() -> None:
    about = "acupuncture vs sham acupuncture / adverse events"
    text = (
        f'{FRONT}\nIt [is uncertain]{{.claim about="{about}"}}: {{{{ certainty("{about}") }}}}.\n'
    )
    for name in ("forest", "icons"):
        text += f'\n{{{{ {name}("{about}") }}}}\n'
    shown = build_site(REVIEW, EVIDENCE, [(page(text), ())], version="0")["needles/index.html"]
    assert shown.decode().count("No trial gave a result that could be used") == 3
    assert "no usable trial" in shown.decode()


@pytest.mark.parametrize(
    "target", ["https://example.org/x.png", "x.png", "data:image/png;base64,AA"]
)
def test_a_picture_is_refused_at_its_line(target: str) -> None:
    text = f"{FRONT}\nLook:\n![needles]({target})\n"
    with pytest.raises(DataError) as error:
        build_site(REVIEW, EVIDENCE, [(page(text), ())], version="0")
    (told,) = error.value.diagnostics
    assert told.code == "PUB014"
    assert text.splitlines()[told.place.line - 1] == "Look:"


def test_references_whose_ids_differ_in_capitals_are_two() -> None:
    first, second = bibliography([{"id": "Qin", "title": "One"}, {"id": "qin", "title": "Two"}])
    assert ("One" in first, "Two" in second) == (True, True)


def test_control_characters_do_not_break_the_feed() -> None:
    review = replace(REVIEW, site=replace(REVIEW.site, name="Health\x07\ufffe"))
    feed = build_site(review, EVIDENCE, [(page(TEXT), ())], version="0")["feed.xml"]
    assert fromstring(feed).findtext(f"{ATOM}title") == "Health\ufffd\ufffd"
