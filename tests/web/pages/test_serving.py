"""Published bytes before Django: the same for every worker, fresh at once, never half."""

import gzip
from io import BytesIO

import pytest
from django.db import DatabaseError, transaction

from osler.web.pages import serving, shelf
from osler.web.pages.models import OldAddress, PublishedFile, Shelf
from osler.web.pages.serving import Published

pytestmark = pytest.mark.django_db(transaction=True)


def django(environ, start_response):
    start_response("418 Django", [])
    return [b"django"]


def put(**files):
    with transaction.atomic():
        shelf.put({name.replace("__", "/").replace("_", "."): c for name, c in files.items()}, None)


@pytest.fixture
def ask(monkeypatch):
    monkeypatch.setattr(serving, "ASK_AGAIN_SECONDS", -1)
    app = Published(django)

    def asked(path="/", method="GET", query="", host="127.0.0.1:8000", **headers):
        said = {}
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_HOST": host,
            "wsgi.input": BytesIO(),
            "wsgi.url_scheme": "http",
        } | {f"HTTP_{name.upper()}": value for name, value in headers.items()}

        def start(status, told):
            said["status"], said["headers"] = int(status.split()[0]), dict(told)

        body = b"".join(app(environ, start))
        return said["status"], said["headers"], body

    asked.app = app
    return asked


def test_a_page_with_all_its_headers(ask):
    put(knee__index_html=b"<p>knee</p>", index_html=b"all")
    status, headers, body = ask("/knee/")
    assert (status, body) == (200, b"<p>knee</p>")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY" and headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers
    assert ask("/")[2] == ask("/index.html")[2] == b"all"
    assert ask("/knee/index.html")[2] == b"<p>knee</p>"
    status, headers, _ = ask("/knee")
    assert (status, headers["Location"]) == (301, "/knee/")


def test_compressed_for_who_takes_it(ask):
    put(index_html=b"all" * 500)
    _, headers, body = ask(accept_encoding="br, gzip")
    assert headers["Content-Encoding"] == "gzip" and gzip.decompress(body) == b"all" * 500
    assert headers["Content-Length"] == str(len(body)) and headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in ask(accept_encoding="gzip;q=0, br")[1]
    assert "Content-Encoding" not in ask()[1]


def test_not_again_for_who_has_it(ask):
    put(index_html=b"all")
    etag = ask()[1]["ETag"]
    assert ask(if_none_match=etag)[0] == 304 and ask(if_none_match=etag)[2] == b""
    assert ask(if_none_match=f'W/{etag}, "x"')[0] == 304  # a proxy that compressed it anew
    assert ask(if_none_match='"x"')[0] == 200
    put(index_html=b"new")
    assert ask(if_none_match=etag)[::2] == (200, b"new")


def test_head_has_the_length_and_no_body(ask):
    put(index_html=b"all")
    status, headers, body = ask(method="HEAD")
    assert (status, headers["Content-Length"], body) == (200, "3", b"")


@pytest.mark.parametrize(
    "asked",
    [
        {"method": "POST"},
        {"path": "/nothing/"},
        {"path": "/../index.html"},
        {"host": "evil.example"},
        {"host": "127.0.0.1:8000@evil.example"},
        {"host": "127.0.0.1:8000, evil.example"},
        {"host": "127.0.0.1:"},
    ],
)
def test_all_else_is_djangos(ask, asked):
    put(index_html=b"all")
    assert ask(**asked)[0] == 418


def test_over_http_django_redirects_where_https_is_required(ask, settings):
    put(index_html=b"all")
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert ask()[0] == 418
    assert ask(x_forwarded_proto="https")[0] == 200


def test_a_change_is_seen_and_what_did_not_change_is_not_read_again(ask):
    put(index_html=b"all", knee__index_html=b"knee")
    ask()
    before = ask.app._everything.files["/knee/"]
    put(index_html=b"new")
    assert ask()[2] == b"new"
    assert ask.app._everything.files["/knee/"] is before
    with transaction.atomic():
        shelf.take_away(["knee/index.html"])
    assert ask("/knee/")[0] == 418


def test_what_is_not_committed_is_not_shown(ask):
    put(index_html=b"all")
    with transaction.atomic():
        shelf.put({"index.html": b"half"}, None)
        transaction.set_rollback(True)
    assert ask()[2] == b"all"


def test_a_database_that_is_away_takes_no_page_away(ask, monkeypatch):
    put(index_html=b"all")
    assert ask()[0] == 200

    def away(known):
        raise DatabaseError("away")

    monkeypatch.setattr(serving, "_newer", away)
    assert ask()[::2] == (200, b"all")


def test_a_worker_that_missed_the_stamp_asks_after_a_second(monkeypatch):
    monkeypatch.setattr(serving, "stamp", lambda: 7)
    clock = [0.0]
    monkeypatch.setattr(serving.time, "monotonic", lambda: clock[0])
    app = Published(django)
    clock[0] = 10
    app._current()
    put(index_html=b"all")
    clock[0] = 10.9
    assert "/" not in app._current().files
    clock[0] = 11.1
    assert "/" in app._current().files


def test_old_addresses(ask):
    put(knee__index_html=b"knee", index_html=b"all")
    OldAddress.objects.bulk_create(
        [
            OldAddress(folder=_folder(), old="/2019/knee/", new="/knee/"),
            OldAddress(folder=_folder(), old="/?p=3", new="/knee/"),
        ]
    )
    with transaction.atomic():
        shelf.mark_changed()
    assert ask("/2019/knee/")[1]["Location"] == "/knee/"
    assert ask("/", query="p=3")[0] == 301
    assert ask("/", query="p=4")[0] == ask("/")[0] == 200


def _folder():
    from osler.web.accounts.models import Clinic  # noqa: PLC0415
    from osler.web.pages.models import Folder  # noqa: PLC0415

    clinic, _ = Clinic.objects.get_or_create(slug="one", name="One")
    return Folder.objects.get_or_create(slug="f", path="/f", clinic=clinic)[0]


def test_the_row_of_revisions_is_one(ask):
    put(index_html=b"a")
    put(index_html=b"b")
    assert Shelf.objects.count() == 1 and PublishedFile.objects.count() == 1
