"""Whatever is sent, the answer is one of a website: no error of the server, none of its insides."""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from osler.web.accounts.models import Clinic, Membership, User
from osler.web.entry import read_as_utf8
from tests.web.security.test_matrix import ACCESS, names

pytestmark = pytest.mark.django_db
PATHS = ("/", "/nothing/", "/search/", "/comments/write/page-one/", "/staff/login/", "/privacy/")
HUGE = 10**30


@pytest.fixture
def clinic():
    clinic = Clinic.objects.create(slug="one", name="Clinic one")
    ACCESS["pages-history"].kwargs(clinic)
    return clinic


@pytest.fixture
def visitor(clinic):
    return Client(raise_request_exception=False)


@pytest.fixture
def owner(clinic):
    user = User.objects.create(username="owner")
    Membership.objects.create(user=user, clinic=clinic, role="owner")
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO", "get"])
def test_another_method_is_no_error(visitor, path, method):
    assert visitor.generic(method, path).status_code < 500


@pytest.mark.parametrize("path", PATHS)
def test_asking_for_the_headers_alone_is_answered_as_reading_is(visitor, path):
    assert visitor.head(path).status_code == visitor.get(path).status_code


COOKIES = ('"\\000aaaaaaaaaaaa"', "x" * 4000, "\x7f", '"', "a=b; a=c", "é" * 20, "'; --")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("cookie", COOKIES)
def test_no_cookie_is_an_error(visitor, path, cookie):
    sent = f"sessionid={cookie}; csrftoken={cookie}"
    assert visitor.get(path, HTTP_COOKIE=sent).status_code < 500


TYPES = (
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=é",
    f"multipart/form-data; boundary={'x' * 300}",
    "multipart/form-data; boundary=x; charset=rot13",
    "multipart/form-data; boundary=x; charset=zlib",
    "multipart/form-data; boundary=x; charset=utf-16",
    "application/x-www-form-urlencoded; charset=rot13",
    "application/x-www-form-urlencoded; charset=idna",
    "application/x-www-form-urlencoded; charset=\x00",
    "application/json",
    "text/html; charset=hex",
    ";;;",
)
BODIES = (
    b"",
    b"\x00\xff\xfe=%00%ff&name=%ed%a0%80&email=a%00b@c.example&text=%",
    b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\x00\r\n--x--\r\n',
    b"--x\r\nContent-Disposition: form-data; name*=utf-16''%ff; filename=\"../../a\"\r\n\r\n1",
    b"--x\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: form-data; name=a\r\n\r\n!",
)


@pytest.mark.parametrize("path", ["/comments/write/page-one/", "/staff/login/", "/privacy/"])
@pytest.mark.parametrize("kind", [kind for kind in TYPES if "charset" not in kind])
def test_no_body_is_an_error(visitor, path, kind):
    for body in BODIES:
        assert visitor.generic("POST", path, body, kind).status_code < 500, body


@pytest.mark.parametrize(
    ("kind", "is_read"),
    [
        ("", True),
        ("text/plain", True),
        ("multipart/form-data; boundary=x; charset=UTF8", True),
        ('application/x-www-form-urlencoded; charset="utf-8"', True),
        *((kind, False) for kind in TYPES if "charset" in kind),
    ],
)
def test_text_is_read_as_utf8_or_not_at_all(kind, is_read):
    said = []
    application = read_as_utf8(lambda environ, start_response: [b"read"])
    answered = application({"CONTENT_TYPE": kind}, lambda status, headers: said.append(status))
    assert (answered == [b"read"]) is is_read
    assert said == ([] if is_read else ["415 Unsupported Media Type"])


@pytest.mark.parametrize("path", ["/comments/write/page-one/", "/staff/login/", "/search/"])
def test_what_is_too_large_is_called_so(visitor, path):
    body = b"text=" + b"x" * (3 * 2**20)
    response = visitor.generic("POST", path, body, "application/x-www-form-urlencoded")
    assert response.status_code == 413


def test_too_many_fields_are_no_error(visitor):
    body = "&".join(f"a{n}=1" for n in range(5000))
    response = visitor.generic(
        "POST", "/comments/write/page-one/", body, "application/x-www-form-urlencoded"
    )
    assert response.status_code in (400, 413)


QUERIES = (
    "q=%00",
    "q=" + "a" * 5000,
    "q=%ff%fe",
    "p=%00",
    "q=" + "%CC%81" * 900,
    "next=//e.example",
)


@pytest.mark.parametrize("path", [*PATHS, "/%00", "/%ff%fe/", "/..%2f..%2fetc/passwd", "/a//b/"])
@pytest.mark.parametrize("query", QUERIES)
def test_no_question_is_an_error(visitor, path, query):
    response = visitor.get(f"{path}?{query}")
    assert response.status_code < 500
    assert "e.example" not in response.headers.get("Location", "")


def numbered():
    found = []
    for name in sorted(set(names(get_resolver().url_patterns)) & set(ACCESS)):
        for _, params in get_resolver().reverse_dict.getlist(name)[0][0]:
            if {"pk", "number", "first", "second"} & set(params):
                found.append((name, tuple(params)))
    return found


@pytest.mark.parametrize(("name", "params"), numbered())
def test_a_number_that_no_database_holds_is_nothing(owner, clinic, name, params):
    given = dict(ACCESS[name].kwargs(clinic))
    kwargs = given | {p: HUGE for p in params if isinstance(given[p], int)}
    address = reverse(name, kwargs=kwargs)
    sent = owner.post(address) if ACCESS[name].method == "POST" else owner.get(address)
    assert sent.status_code in (302, 404), sent.status_code


ADDRESSES = (
    '"\x01\x7f"@site.example',
    '"a b"@site.example',
    "'; DROP TABLE@site.example",
    '"<script>"@site.example',
    f"{'a' * 64}@site.example",
    f"{'a' * 65}@site.example",
    "a@İİİ.example",
    f"a@{'é' * 63}.example",
    "a@[127.0.0.1]",
    "a@xn--a.example",
    "a@b.example\r\nBcc: c@d.example",
    "a@b.example,c@d.example",
    "a+%0ab@c.example",
    "é@site.example",
    "a..b@site.example",
    '"a\\"@b"@site.example',
    f"a@{'b.' * 120}example",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_is_an_error_or_changes_the_message(visitor, clinic, address, mailoutbox):
    filled = dict(ACCESS["comments-write"].data(clinic)) | {"email": address}
    assert visitor.post("/comments/write/page-one/", filled).status_code in (302, 422, 503)
    asked = visitor.post("/privacy/", {"email": address, "clinic": clinic.pk})
    assert asked.status_code in (302, 422, 503)
    for mail in mailoutbox:
        assert len(mail.to) == 1
        written = mail.message().as_bytes().decode("ascii", "replace")
        assert "\nBcc" not in written and written.count("\nTo: ") == 1


def test_an_error_page_tells_nothing_of_the_server(visitor, monkeypatch):
    def broken(*told, **more):
        raise RuntimeError("secret detail in /srv/place")

    monkeypatch.setattr("osler.web.pages.views.search_index", broken)
    response = visitor.get("/search/?q=a")
    assert response.status_code == 500
    assert "secret detail" not in response.text and "Traceback" not in response.text
