"""Rewritings change what they name and nothing else, whatever the file."""

import codecs
import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from osler.core.decoding import decode
from osler.core.diagnostics import Fix, Place
from osler.core.fixing import apply_fixes, unified_diff

ENDINGS = st.sampled_from(["\n", "\r\n", "\r"])
# Everything but line ends, which are drawn for themselves.
LINES = st.lists(
    st.tuples(
        st.text(
            st.characters(exclude_characters="\r\n\ufeff", exclude_categories=["Cs"]), max_size=12
        ),
        ENDINGS,
    ),
    min_size=1,
    max_size=6,
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=8)


@st.composite
def files(draw: st.DrawFn) -> tuple[list[str], list[str], bytes, str]:
    """Lines, their endings, the bytes of the file and its encoding."""
    drawn = draw(LINES)
    encoding = draw(ENCODINGS)
    last = draw(st.booleans())
    lines, endings = [line for line, _ in drawn], [end for _, end in drawn]
    if not last:
        endings[-1] = ""
        lines, endings = (lines, endings) if lines[-1] else ([*lines[:-1], "x"], endings)
    for n in range(len(lines) - 1):
        if endings[n] == "\r" and not lines[n + 1]:
            endings[n] = "\r\n"  # or the next ending would be part of this one
    text = "".join(line + end for line, end in zip(lines, endings, strict=True))
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(encoding, b"")
    return lines, endings, mark + text.encode(encoding), encoding


def source_of(data: bytes, line: int) -> str:
    """A line as the reader of pages gives it to a finding."""
    text = decode(data, "a.md")[0].removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[line - 1]


@given(files(), st.data())
def test_a_rewriting_changes_its_passage_and_nothing_else(
    file: tuple[list[str], list[str], bytes, str], data: st.DataObject
) -> None:
    lines, endings, content, encoding = file
    at = data.draw(st.integers(0, len(lines) - 1))
    start = data.draw(st.integers(0, len(lines[at])))
    end = data.draw(st.integers(start, len(lines[at])))
    words = data.draw(WORDS)
    fix = Fix(Place("a.md", at + 1, start + 1, end + 1, "", source_of(content, at + 1)), words)
    fixed = apply_fixes(content, [fix])
    if not words and start == 0 and end == len(lines[at]):
        assert (fixed.unfit, fixed.data) == ((fix,), content)  # a line is never emptied
        return
    assert fixed.written == (fix,)
    lines[at] = lines[at][:start] + words + lines[at][end:]
    wanted = "".join(line + e for line, e in zip(lines, endings, strict=True))
    mark = content[:2] if encoding.startswith("utf-16") else b""
    assert fixed.data == mark + wanted.encode(encoding)


@given(
    st.binary(max_size=60),
    st.lists(
        st.builds(
            Fix,
            st.builds(
                Place,
                st.just("a"),
                st.integers(-1, 9),
                st.integers(-1, 9),
                st.integers(-1, 9),
                st.just(""),
                st.text(max_size=5),
            ),
            st.text(max_size=5),
        ),
        max_size=5,
    ),
)
def test_no_file_and_no_rewriting_makes_it_fail(content: bytes, fixes: list[Fix]) -> None:
    fixed = apply_fixes(content, fixes)
    assert {*fixed.written, *fixed.waiting, *fixed.unfit} == set(fixes)
    if not fixed.written:
        assert fixed.data == content


@given(
    st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8), WORDS), max_size=8),
)
def test_overlapping_rewritings_leave_the_first_and_wait(
    line: str, drawn: list[tuple[int, int, str]]
) -> None:
    fixes = []
    for start, size, words in drawn:
        first = min(start, len(line))
        place = Place("a", 1, first + 1, min(first + size, len(line)) + 1, "", line)
        fixes.append(Fix(place, words))
    fixed = apply_fixes(line.encode(), fixes)
    spans = [(f.place.column, f.place.end_column) for f in fixed.written]
    assert spans == sorted(spans)
    assert all(a[1] <= b[0] and a[0] < b[0] for a, b in pairwise(spans))
    assert fixed.written or all(f in fixed.unfit for f in fixes)
    assert apply_fixes(line.encode(), fixed.written).data == fixed.data


@given(files(), st.data())
def test_a_second_run_with_the_same_rewritings_changes_nothing(
    file: tuple[list[str], list[str], bytes, str], data: st.DataObject
) -> None:
    lines, _, content, _ = file
    at = data.draw(st.integers(0, len(lines) - 1))
    words = data.draw(WORDS.filter(lambda text: text not in ("", lines[at])))
    place = Place("a.md", at + 1, 1, len(lines[at]) + 1, "", source_of(content, at + 1))
    once = apply_fixes(content, [Fix(place, words)])
    again = apply_fixes(once.data, [Fix(place, words)])
    assert once.written and again.data == once.data


@given(
    st.lists(st.text("ab é", max_size=4), min_size=1, max_size=25),
    st.sets(st.integers(0, 24), max_size=6),
    st.booleans(),
    st.booleans(),
)
def test_the_difference_makes_the_one_file_of_the_other(
    lines: list[str], changed: set[int], closed: bool, windows: bool
) -> None:
    end = "\r\n" if windows else "\n"
    after = [f"{line}x" if n in changed else line for n, line in enumerate(lines)]
    old, new = ((end.join(part) + end * closed).encode() for part in (lines, after))
    assert applied(old.decode(), unified_diff(old, new, "a.md")) == new.decode()


def applied(old: str, difference: str) -> str:
    """The file after a difference, read as ``patch`` reads it: every line must fit."""
    rows = difference.split("\n")[2:-1] if difference else []
    left = re.findall(r"[^\n]*\n|[^\n]+", old)
    out: list[str] = []
    done = 0
    while rows:
        header = re.fullmatch(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@", rows.pop(0))
        assert header is not None
        at, size, to, grown = map(int, header.groups())
        first = at - 1 if size else at
        out += left[done:first]
        assert len(out) == (to - 1 if grown else to)
        old_rows, new_rows = [], []
        while rows and not rows[0].startswith("@@"):
            row = rows.pop(0)
            bare = bool(rows) and rows[0].startswith("\\ No newline")
            text = row[1:] if bare else row[1:] + "\n"
            if bare:
                rows.pop(0)
            old_rows += [text] if row[0] in " -" else []
            new_rows += [text] if row[0] in " +" else []
        assert (len(old_rows), len(new_rows)) == (size, grown)
        assert left[first : first + size] == old_rows
        out += new_rows
        done = first + size
    return "".join([*out, *left[done:]])
