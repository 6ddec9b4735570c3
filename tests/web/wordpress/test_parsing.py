"""Exports as they come: damaged, mislabelled, hostile, long."""

import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.core.diagnostics import DataError
from osler.web.wordpress.cleaning import Cleaned
from osler.web.wordpress.model import Author, Entry
from osler.web.wordpress.parsing import LONGEST_FIELD, parse_wxr
from tests.web.wordpress.exports import HEAD, TAIL, comment, export, item


def read(content, counted=None):
    return list(parse_wxr(io.BytesIO(content), "export.xml", counted))


def entries(content, counted=None):
    return [part for part in read(content, counted) if isinstance(part, Entry)]


def damage(content):
    before = []
    with pytest.raises(DataError) as error:
        before.extend(parse_wxr(io.BytesIO(content), "export.xml"))
    return before, error.value.diagnostics[0]


def test_everything_of_an_entry():
    meta = (
        "<wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>9</wp:meta_value>"
        "</wp:postmeta><category domain='post_tag' nicename='x'>Tag</category>"
    )
    made = export(item("<p>a ]]]]><![CDATA[> b</p>", excerpt="Short", more=meta + comment(1)))
    (entry,) = entries(made)
    assert (entry.html, entry.excerpt, entry.picture) == ("<p>a ]]> b</p>", "Short", "9")
    assert (entry.kind, entry.status, entry.slug, entry.when) == (
        "post", "publish", "knee-pain", "2019-03-01",
    )  # fmt: skip
    assert [(t.slug, t.name) for t in entry.categories] == [("knees", "Knees")]
    assert [t.name for t in entry.tags] == ["Tag"]
    assert [(c.name, c.email, c.approved) for c in entry.comments] == [
        ("A. Reader", "reader@site.example", "1")
    ]
    assert Author("aa", "A. Author") in read(made)
    assert made.decode().split("\n")[entry.line - 1].startswith("<item>")


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252", "utf-16", "koi8-r"])
def test_an_export_in_another_encoding(encoding):
    words = "боль" if encoding == "koi8-r" else "Schmerz über é"
    assert entries(export(item(title=words), encoding=encoding))[0].title == words


def test_signs_that_are_not_text_are_counted():
    counted = Cleaned()
    made = export(item(title="a\x08b")).replace(b"Text.", b"Te\xff\xfext &#x0B;")
    (entry,) = entries(b"\n\n  " + made.replace(b"<p>", b"]]>&#11;<![CDATA[<p>"), counted)
    assert entry.title == "a b" and "\ufffd" in entry.html
    assert (counted.unread, counted.forbidden) == (2, 3)


def test_what_comes_before_the_damage_is_given():
    before, told = damage(export(item(), item(number=2, title="Second"))[:-300])
    assert [e.title for e in before if isinstance(e, Entry)] == ["Knee pain"]
    assert told.code == "WEB100" and told.place.line > 10


@pytest.mark.parametrize("content", [b"", b"no xml", b"<rss><channel/></rss>", b"\xff\xfe<", b"<a"])
def test_what_is_no_export_is_told(content):
    assert damage(content)[1].code == "WEB100"


BOMB = "<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'>{}]>".format(
    "".join(f"<!ENTITY {c} '{f'&{p};' * 10}'>" for p, c in zip("abcdefgh", "bcdefghi", strict=True))
)
OUTSIDE = '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
DTD = '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">'


@pytest.mark.parametrize("declared", [BOMB, OUTSIDE, DTD], ids=["laughs", "file", "dtd"])
def test_entities_are_refused(declared):
    made = export(item(title="x]]>&a;<![CDATA[")).decode().replace("<rss", f"{declared}<rss", 1)
    before, told = damage(made.encode())
    assert told.code == "WEB101" and before == []


def test_elements_without_end_are_refused():
    assert damage(HEAD.format(encoding="utf-8").encode() + b"<a>" * 10_000)[1].code == "WEB101"


class Long:
    """An export of any length that is never whole in memory."""

    def __init__(self, count):
        made = item("Line of text.\n" * 5_000).encode()
        self.parts = iter([HEAD.format(encoding="utf-8").encode(), *[made] * count, TAIL.encode()])

    def read(self, size):
        return next(self.parts, b"")


def peak(count):
    tracemalloc.start()
    found = sum(isinstance(part, Entry) for part in parse_wxr(Long(count), "export.xml"))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == count
    return most


def test_memory_does_not_grow_with_the_export():
    assert peak(200) < 1.2 * peak(20) + 100_000


def test_a_field_that_never_ends_is_cut_and_told():
    (entry,) = entries(export(item("x" * (LONGEST_FIELD + 1000), excerpt="Short")))
    assert len(entry.html) == LONGEST_FIELD
    assert entry.cut == ("content:encoded",) and entry.excerpt == "Short"


@given(st.binary(max_size=300), st.integers(0, 3000))
def test_any_bytes_give_entries_or_a_diagnostic(noise, at):
    made = export(item(more=comment(1)))
    for content in (noise, made[:at] + noise + made[at:]):
        codes = ["WEB100"]
        try:
            read(content)
        except DataError as error:
            codes = [d.code for d in error.diagnostics]
        assert codes in (["WEB100"], ["WEB101"])
