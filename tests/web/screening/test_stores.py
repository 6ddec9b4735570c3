"""Rows on the disk: appended whole, mended where the power failed, refused where unreadable."""

import random
import threading

import pytest

from osler.core.diagnostics import DataError
from osler.records.decisions import COLUMNS, join_labels, parse_decisions, render_decisions
from osler.records.model import Decision, Stage, Verdict
from osler.web.screening.desk import Desk
from osler.web.screening.mending import mended
from osler.web.screening.stores import FolderStore, addition

FILE = "records/decisions.csv"
ALPHABET = "ab ,;\"é\\'="


def histories(count):
    """Decisions with texts that are hard on CSV, notes of two lines among them."""
    rng = random.Random(1)

    def text():
        return "".join(rng.choices(ALPHABET, k=rng.randrange(6)))

    for _ in range(count):
        yield [
            Decision(
                f"k{text()}",
                rng.choice(list(Stage)),
                rng.choice(list(Verdict)),
                f"w{text()}",
                "2026-01-05T10:00:00Z",
                text(),
                f"{text()}\n{text()}",
                tuple(filter(None, (text(), text()))),
            )
            for _ in range(rng.randint(1, 3))
        ]


def test_a_row_torn_anywhere_takes_no_other_row_with_it():
    for told in histories(40):
        whole, kept = render_decisions(told).encode(), tuple(told[:-1])
        for torn_at in range(len(render_decisions(kept).encode()), len(whole)):
            good, torn = mended(whole[:torn_at], FILE)
            assert good + torn == whole[:torn_at]
            added = good + addition(good, COLUMNS, [cells(told[0])])
            rows, found = parse_decisions(added.decode())
            assert found == ()
            assert rows in ((*kept, told[0]), (*kept, told[-1], told[0]))


def cells(d):
    start = (d.record, d.stage.value, d.verdict.value, d.reason, d.who, d.when, d.note)
    return (*start, join_labels(d.labels), d.role)


def test_a_whole_file_is_left_as_it_is():
    for told in histories(100):
        whole = render_decisions(told).encode()
        assert mended(whole, FILE) == (whole, b"")


@pytest.mark.parametrize(
    "content",
    [
        b"record,stage,verdict,who,note\na,full-text,include,A,\xe9\nb,full-text,include,A,\n",
        b'record,stage,verdict,who,note\na,full-text,include,A,"open\nb,full-text,include,A,\n',
    ],
)
def test_a_file_that_cannot_be_added_to_is_refused(folder, content):
    (folder / FILE).write_bytes(content)
    with pytest.raises(DataError) as told:
        FolderStore(folder).mend()
    assert told.value.diagnostics[0].code == "WEB082"
    assert (folder / FILE).read_bytes() == content


def test_what_is_torn_is_set_aside_and_kept(folder):
    head = ",".join(COLUMNS) + "\n"
    (folder / FILE).write_text(head + 'a,full-text,include,,A,2026,"he sa', "utf-8")
    store = FolderStore(folder)
    assert store.mend() == b'a,full-text,include,,A,2026,"he sa'
    assert (folder / FILE).read_text("utf-8") == head
    assert (folder / "records" / "decisions.torn").read_bytes().startswith(b"a,full-text")
    assert store.mend() == b""


def test_threads_and_desks_write_whole_rows(folder):
    stores = [FolderStore(folder), FolderStore(folder)]
    desk = Desk(stores[0])

    def write(n):
        for m in range(20):
            row = (f"r{m:02}", "full-text", "maybe", "", f"w{n}", "", "x" * n * 500, "", "reviewer")
            stores[n % 2].append(FILE, COLUMNS, [row])
            desk.review()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(desk.review().ledger.decisions) == 80
    assert Desk(stores[1]).review().ledger.decisions == desk.review().ledger.decisions
    desk.close()
