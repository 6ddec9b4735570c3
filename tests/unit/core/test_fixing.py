"""Rewritings written into bytes."""

import codecs
import time

import pytest

from osler.core.diagnostics import Fix, Place
from osler.core.fixing import apply_fixes, unified_diff

LINE = "It reduces pain, and it reduces cost."


def fix(start: int, end: int, text: str, line: int = 1, source: str = LINE) -> Fix:
    return Fix(Place("a.md", line, start, end, "", source), text)


def test_two_rewritings_of_one_line() -> None:
    fixed = apply_fixes(LINE.encode(), [fix(25, 32, "may cut"), fix(4, 11, "may reduce")])
    assert fixed.data == b"It may reduce pain, and it may cut cost."
    assert len(fixed.written) == 2


def test_of_two_that_overlap_the_first_wins_and_the_other_waits() -> None:
    first, second = fix(4, 16, "may reduce pain"), fix(12, 16, "aches")
    fixed = apply_fixes(LINE.encode(), [second, first])
    assert (fixed.written, fixed.waiting) == ((first,), (second,))


def test_the_same_rewriting_twice_counts_once() -> None:
    assert apply_fixes(LINE.encode(), [fix(4, 11, "cuts")] * 2).written == (fix(4, 11, "cuts"),)


@pytest.mark.parametrize(
    "unfit",
    [
        fix(4, 11, "cuts", source="Another line."),
        fix(4, 11, "cuts", line=2),
        fix(4, 99, "cuts"),
        fix(11, 4, "cuts"),
        fix(4, 0, "cuts"),
        fix(0, 3, "cuts"),
        fix(4, 11, "cuts\nand more"),
        fix(4, 11, "cuts\r"),
        fix(4, 11, "cuts\x07"),
        fix(1, len(LINE) + 1, ""),
    ],
)
def test_what_cannot_be_placed_for_certain_is_not_written(unfit: Fix) -> None:
    fixed = apply_fixes(LINE.encode(), [unfit])
    assert (fixed.data, fixed.unfit, fixed.written) == (LINE.encode(), (unfit,), ())


def test_windows_1252_stays_and_takes_no_letter_it_lacks() -> None:
    source = "Müller reduces pain."
    data = source.encode("cp1252") + b"\r\n\x81\r\n"
    cuts = Fix(Place("a.md", 1, 8, 15, "", source), "cuts – a bit –")
    assert (
        apply_fixes(data, [cuts]).data
        == "Müller cuts – a bit – pain.\r\n".encode("cp1252") + b"\x81\r\n"
    )
    needle = Fix(cuts.place, "針")
    assert apply_fixes(data, [needle]).unfit == (needle,)


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF8 * 2])
def test_a_mark_at_the_start_stays(mark: bytes) -> None:
    fixed = apply_fixes(mark + LINE.encode() + b"\r", [fix(4, 11, "cuts")])
    assert fixed.data == mark + b"It cuts pain, and it reduces cost.\r"


def test_a_damaged_utf16_file_is_left_alone() -> None:
    data = codecs.BOM_UTF16_LE + b"\x00\xd8"
    assert apply_fixes(data, [fix(1, 1, "x")]).data == data


def test_a_difference_holds_changes_apart_and_joins_neighbours() -> None:
    old = b"".join(b"%d\n" % n for n in range(30))
    new = old.replace(b"\n3\n", b"\nthree\n").replace(b"\n7\n", b"\nseven\n")
    new = new.replace(b"\n25\n", b"\nlast\n")
    heads = [line for line in unified_diff(old, new, "a").splitlines() if line.startswith("@@")]
    assert heads == ["@@ -1,11 +1,11 @@", "@@ -23,7 +23,7 @@"]


def test_a_difference_is_only_of_files_with_the_same_lines() -> None:
    with pytest.raises(ValueError, match="same number of lines"):
        unified_diff(b"a\n", b"a\nb\n", "a.md")


def test_many_rewritings_of_a_long_file_take_no_time() -> None:
    lines = 20_000
    data = (LINE + "\n").encode() * lines
    fixes = [fix(4, 11, "cuts", line=n + 1) for n in range(lines)]
    fixed = apply_fixes(data, fixes)
    assert len(fixed.written) == lines
    assert unified_diff(data, fixed.data, "a.md").count("\n+It cuts") == lines


def test_many_rewritings_of_one_long_line_take_no_time() -> None:
    parts = 20_000
    source = "é It reduces pain. " * parts
    fixes = [Fix(Place("a", 1, 19 * n + 6, 19 * n + 13, "", source), "cuts") for n in range(parts)]
    start = time.perf_counter()
    fixed = apply_fixes(source.encode(), fixes)
    assert time.perf_counter() - start < 5
    assert fixed.data.decode() == "é It cuts pain. " * parts
