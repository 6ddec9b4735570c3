"""Hartmann-Boyce, Chepkin, Ye, Bullen & Lancaster (2018). Nicotine replacement therapy.

Cochrane Database Syst Rev, CD000146. doi:10.1002/14651858.CD000146.pub5. Abstinence at six
months or later, Mantel-Haenszel risk ratios.
"""

from typing import Any

import pytest

from osler import pool_counts
from tests.papers.studies import ratio, rows, table


def trials(treatment: str = "") -> dict[str, list[Any]]:
    t = table("hartmannboyce2018")
    columns = {
        "study": [f"{s} ({i})" for i, s in enumerate(t["study"])],
        "ai": t["x.nrt"],
        "n1i": t["n.nrt"],
        "ci": t["x.ctrl"],
        "n2i": t["n.ctrl"],
    }
    chosen = [i for i, kind in enumerate(t["treatment"]) if treatment in ("", kind)]
    return rows(columns, chosen)


def test_abstract_any_form() -> None:
    """1.55 (1.49 to 1.61)."""
    fit = pool_counts(trials(), measure="RR", method="MH").common
    assert ratio(fit) == (1.55, 1.49, 1.61)


@pytest.mark.parametrize(
    ("treatment", "k", "shown"),
    [
        ("gum", 56, (1.49, 1.40, 1.60)),
        ("patch", 51, (1.64, 1.53, 1.75)),
        ("tablets/lozenges", 8, (1.52, 1.32, 1.74)),
        ("inhalator", 4, (1.90, 1.36, 2.67)),
        ("intranasal spray", 4, (2.02, 1.49, 2.73)),
    ],
)
def test_abstract_by_form(treatment: str, k: int, shown: tuple[float, float, float]) -> None:
    fit = pool_counts(trials(treatment), measure="RR", method="MH")
    assert fit.k == k
    assert ratio(fit.common) == shown
