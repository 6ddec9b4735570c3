"""What each layer holds, and what it must not."""

import json
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.web.comments.layers.akismet import judge_by_akismet
from osler.web.comments.layers.learnt import judge_by_model
from osler.web.comments.layers.links import judge_links
from osler.web.comments.layers.names import judge_name
from osler.web.comments.layers.testimonials import judge_testimonial
from osler.web.comments.layers.words import judge_words, word_lists
from osler.web.comments.limits import Limits
from osler.web.comments.spam.model import starting_model
from osler.web.comments.wording import html_of, links_in


@pytest.mark.parametrize(
    "text",
    [
        "My specialist said so",  # cialis
        "socialism, dialysis, espresso, Essexes",
        "a casinolike tent, the viagrant",
        "I was caught cornering and earning money, online banking aside",
        "I buy bread now, and order it tomorrow",
    ],
)
def test_words_are_never_found_inside_words(text):
    assert judge_words(text).verdict == "clean"


def test_the_clinics_own_words_hold_too_and_not_inside_other_words():
    own = ("magnet*", "cold laser")
    assert (
        judge_words("Try magnetic beds", own).reason == 'is on the list of the clinic: "magnetic"'
    )
    assert judge_words("C0ld L\u0430ser for all", own).verdict == "hold"
    assert judge_words("An electromagnet, a cold, a laser", own).verdict == "clean"


def test_every_word_of_every_list_is_found_alone_and_not_inside_another_word():
    path = files("osler.web.comments.layers").joinpath("words.toml")
    lists = tomllib.loads(path.read_text("utf-8"))
    assert set(lists) == set(word_lists())
    for entry in lists.values():
        for word in entry["words"]:
            bare = word.removesuffix("*")
            assert judge_words(f"so, {bare.upper()}!").verdict == "hold", word
            assert judge_words(f"xq{bare}").reason.find(f'"xq{bare}"') < 0
            if " " not in bare:
                assert judge_words(f"xq{bare}").verdict == "clean", word
                if not word.endswith("*"):
                    assert judge_words(f"{bare}xq").verdict == "clean", word


@pytest.mark.parametrize(
    "text",
    [
        "c\u0456\u0430lis",  # two letters of Cyrillic
        "\u0441\u0456\u0430\u04cf\u0456\u0455",  # all of them
        "\u03bdi\u03b1gra",  # Greek
        "\uff36\uff29\uff21\uff27\uff32\uff21",  # full width
        "\U0001d42f\U0001d422\U0001d41a\U0001d420\U0001d42b\U0001d41a",  # bold
        "\u24e5\u24d8\u24d0\u24d6\u24e1\u24d0",  # in circles
        "via\u200dg\u200cra",  # joined unseen
        "v\u00ed\u00e0gr\u00e2, vi\u0301agra",
        "v1agra",
        "Vi@gr@",
        "v i a g r a",
        "C.I.A.L.I.S",
        "order\u00a0now",
        "0rder n0w",
    ],
)
def test_letters_that_only_look_alike_are_read(text):
    assert judge_words(text).verdict == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "\u041f\u0440\u0438\u0432\u0435\u0442, \u0441\u043f\u0438\u043d\u0430",
        "\u039a\u03b1\u03bb\u03b7, TNF\u03b1, IL-1\u03b2, 5 \u03bcg, 10\u00b3",
        "Na\u00efve caf\u00e9 M\u00fcller, spécialiste",
        "L4/L5, S1, B12, 3 in 10, 100% of it, I, a, b, c and d",
        "\u6211\u7684\u8170\u75db, \u0a95\u0aae\u0ab0, \u05d2\u05d1",
    ],
)
def test_other_writings_and_measures_are_not_held(text):
    assert judge_words(text).verdict == "clean"


def test_a_word_of_two_alphabets_is_told():
    assert "two alphabets" in judge_words("dec\u0430sino-free p\u0430in").reason


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("Oak Street Clinic", "hold"),
        ("oak  street-clinic", "hold"),
        ("\u041eak Street Clinic", "hold"),
        ("Jo (the clinic)", "hold"),
        ("Oak Street", "clean"),
        ("A clinician of Oak Street", "clean"),
        ("", "clean"),
    ],
)
def test_nobody_is_taken_for_the_clinic(name, verdict):
    assert judge_name(name, "Oak Street Clinic").verdict == verdict


def test_a_long_word_does_not_fill_the_moderators_page():
    reason = judge_by_model(f"FREE WIN CASH PRIZE CALL NOW {'W' * 4000}", starting_model()).reason
    assert len(reason) < 400


def test_links_are_counted_and_markup_is_told():
    limits = Limits()
    assert judge_links("see https://a.example and https://b.example", "A", limits).verdict == "hold"
    assert judge_links("[url=http://a.example]x[/url]", "A", limits).verdict == "hold"
    assert judge_links("e.g. 3.5 or and/or", "A", limits).reason == "no link"


@pytest.mark.parametrize(
    "text",
    [
        "t.me/pills and bit.ly/x1",
        "cheap-pills.com or www.pills.example",
        "hxxps://a.example, HTTP://b.example",
        "pills[.]com and pills (dot) net",
        "ftp://a.example //b.example/x",
    ],
)
def test_addresses_without_http_are_links_too(text):
    assert judge_links(text, "A", Limits()).verdict == "hold", links_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "me@site.com and a.reader@clinic.org",
        "It is better.it was worse.So there. No.1, v.2/3, mg/ml, 1.5/10",
        "and/or, he/she, 24/7, L4/L5, i.e./e.g., a.m./p.m.",
        "The dot com years. Network. Uk.",
    ],
)
def test_what_only_looks_like_an_address_is_none(text):
    assert links_in(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "It cured my sciatica.",
        "Thank you! After three sessions my pain was gone.",
        "Acupuncture helped me a lot",
        "I feel so much better since the treatment",
        "My husband's back pain went away after four needles.",
        "I can walk again thanks to you",
        "My migraines stopped.",
    ],
)
def test_testimonials_are_flagged(text):
    found = judge_testimonial(text)
    assert found.verdict == "hold"
    assert "the clinic's claim" in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "Did it help you?",
        "It did not help me at all.",
        "My pain is 7 out of 10",
        "This clinic is wonderful, the best in Oxford",
        "How many sessions should I expect?",
        "The trial found that it reduced pain.",
    ],
)
def test_questions_and_disappointments_are_no_testimonials(text):
    assert judge_testimonial(text).verdict == "clean"


NASTY = st.text(max_size=300) | st.sampled_from(
    ["<script>alert(1)</script>", "javascript:alert(1)", "https://x.example/\"onclick='1'", "&lt;"]
)


@given(st.lists(NASTY, max_size=5).map("\n\n".join))
def test_html_has_nothing_but_paragraphs_breaks_and_safe_links(text):
    html = str(html_of(text))
    for element in html.split("<")[1:]:
        name = element.split(">")[0].split()[0].strip("/")
        assert name in ("p", "br", "a")
    assert "javascript:" not in html or 'href="javascript' not in html
    links_in(text), judge_words(text), judge_testimonial(text)


class Standin(BaseHTTPRequestHandler):
    """Speaks Akismet's protocol: the answer is decided by the text."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        told = {name: values[0] for name, values in parse_qs(body).items()}
        self.server.asked.append((self.path, told, dict(self.headers)))
        content = told.get("comment_content", "")
        answer = b"true" if "spam" in content else b"false"
        if "broken" in content:
            answer = b"invalid"
        self.send_response(200)
        if "worst" in content:
            self.send_header("X-akismet-pro-tip", "discard")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


class ToStandin(httpx.HTTPTransport):
    """Sends what is meant for Akismet to the stand-in."""

    def __init__(self, port):
        super().__init__()
        self.port = port

    def handle_request(self, request):
        assert request.url.host == "rest.akismet.com"
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        return super().handle_request(request)


@pytest.fixture(scope="module")
def standin():
    server = HTTPServer(("127.0.0.1", 0), Standin)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


ON = Limits(akismet_key="key", akismet_site="https://clinic.example")


def ask(text, standin, limits=ON):
    standin.asked.clear()
    port = standin.server_address[1]
    return judge_by_akismet(text, limits, lambda: httpx.Client(transport=ToStandin(port)))


@pytest.mark.parametrize(
    ("text", "verdict", "reason"),
    [
        ("a kind word", "clean", "does not take it"),
        ("this is spam", "hold", "takes it for spam"),
        ("the worst spam", "hold", "is sure of it"),
        ("broken", "hold", "did not answer (APIKeyError)"),
    ],
)
def test_akismet_is_asked_in_its_own_protocol(standin, text, verdict, reason):
    found = ask(text, standin)
    assert (found.verdict, reason in found.reason) == (verdict, True), found.reason


def test_akismet_is_told_as_little_as_it_takes(standin):
    ask("Write to me@site.example or ring 01865 555 010", standin)
    [(path, told, headers)] = standin.asked
    assert path == "/1.1/comment-check"
    assert told == {
        "api_key": "key",
        "blog": "https://clinic.example",
        "user_ip": "127.0.0.1",
        "comment_type": "comment",
        "comment_content": "Write to (address) or ring (number)",
    }
    assert "site.example" not in json.dumps(headers)


def test_akismet_is_off_unless_chosen_and_its_silence_holds(standin):
    assert ask("this is spam", standin, Limits()).verdict == "off"
    assert standin.asked == []
    closed = judge_by_akismet("x", ON, lambda: httpx.Client(transport=ToStandin(9)))
    assert closed.verdict == "hold"
    assert "did not answer" in closed.reason
