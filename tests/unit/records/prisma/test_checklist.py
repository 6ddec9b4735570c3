"""The checklist has every item of PRISMA 2020 and says what the folder knows."""

import re

from osler.records.criteria import Criteria
from osler.records.ledger import Ledger
from osler.records.library import Library, lone
from osler.records.model import Decision, Record, Source, Stage, Verdict
from osler.records.prisma.checklist import KNOWN, TO_DO, checklist, items
from osler.records.prisma.counting import count_flow
from osler.records.searches import Search, Searches

# Page and others 2021, table 1: 27 items, of which seven are in parts.
REASON = "Not | randomised"
NUMBERS = (
    "1 2 3 4 5 6 7 8 9 10a 10b 11 12 13a 13b 13c 13d 13e 13f 14 15 16a 16b 17 18 19 20a 20b 20c "
    "20d 21 22 23a 23b 23c 23d 24a 24b 24c 25 26 27"
).split()


def test_the_items_are_those_of_the_statement() -> None:
    assert [item.number for item in items()] == NUMBERS
    assert len(NUMBERS) == 42
    assert {item.known for item in items() if item.known} == set(KNOWN)


def test_what_the_folder_knows_is_filled_in() -> None:
    ledger = Ledger(
        Library((lone(Record("x", sources=(Source("e.ris", 1, "ris"),))),)),
        (
            Decision(
                "x", Stage.FULL_TEXT, Verdict.EXCLUDE, "A", "", "Not | randomised", role="consensus"
            ),
        ),
        searches=Searches(
            (
                Search("e", "Embase", platform="Ovid", date="2026-01-01", exports=("e.ris",)),
                Search("p", "PubMed", date="2026-01-02", strategy="sciatica"),
            )
        ),
        criteria=Criteria(include=("Randomised trial",), exclude=("Reviews",), reviewers_needed=2),
    )
    text = checklist(ledger, count_flow(ledger)[0])
    rows = {m[1]: m[2] for m in re.finditer(r"^\| (\w+) \| .*? \| (.*) \| \|$", text, re.MULTILINE)}
    assert list(rows) == NUMBERS
    assert rows["5"] == "in: Randomised trial; out: Reviews"
    assert "Embase (Ovid), 2026-01-01" in rows["6"]
    assert "up to 2026-01-01 at least" in rows["6"]
    assert "still lacking: Embase" in rows["7"]
    assert rows["8"].startswith("2 reviewers had to agree")
    assert "1 record found" in rows["16a"]
    assert "Not \\| randomised 1" in rows["16b"]
    assert rows["26"] == TO_DO
