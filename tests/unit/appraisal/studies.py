"""Thirteen trials of the BCG vaccine as log risk ratios, and studies made up."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_COUNTS = [
    (4, 123, 11, 139),
    (6, 306, 29, 303),
    (3, 231, 11, 220),
    (62, 13598, 248, 12867),
    (33, 5069, 47, 5808),
    (180, 1541, 372, 1451),
    (8, 2545, 10, 629),
    (505, 88391, 499, 88391),
    (29, 7499, 45, 7277),
    (17, 1716, 65, 1665),
    (186, 50634, 141, 27338),
    (5, 2498, 3, 2341),
    (27, 16913, 29, 17854),
]


@dataclass(frozen=True)
class Made:
    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    arms: Any = None


def made(y: Sequence[float], v: Sequence[float], measure: str = "", arms: Any = None) -> Made:
    return Made(measure, tuple(f"study {i}" for i in range(len(y))), tuple(y), tuple(v), arms)


BCG = made(
    [math.log((a / n) / (c / m)) for a, n, c, m in _COUNTS],
    [1 / a - 1 / n + 1 / c - 1 / m for a, n, c, m in _COUNTS],
    "RR",
)
BCG_ARMS: dict[str, list[float]] = {
    name: [float(row[i]) for row in _COUNTS]
    for i, name in enumerate(("events_treated", "n_treated", "events_control", "n_control"))
}
