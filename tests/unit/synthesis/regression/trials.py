"""The 13 trials of BCG vaccine (Colditz 1994): log risk ratios with latitude and allocation."""

import math
from typing import Any

LATITUDE = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]
YEAR = [1948, 1949, 1960, 1977, 1973, 1953, 1973, 1980, 1968, 1961, 1974, 1969, 1976]
ALLOCATION = (
    "random random random random alternate alternate random random random systematic systematic "
    "systematic systematic"
).split()
AUTHORS = (
    "Aronson Ferguson Rosenthal Hart Frimodt Stein Vandiviere TPT Coetzee Rosenthal-2 Comstock "
    "Comstock-2 Comstock-3"
).split()
# Events and non-events, vaccinated then not.
COUNTS = [
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619),
    (33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892),
    (29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
]  # fmt: skip


def bcg() -> dict[str, Any]:
    """A table with log risk ratios and their variances."""
    rows = [
        (
            math.log(a * (c + d) / (c * (a + b))),
            1 / a - 1 / (a + b) + 1 / c - 1 / (c + d),
        )
        for a, b, c, d in COUNTS
    ]
    return {
        "author": list(AUTHORS),
        "yi": [y for y, _ in rows],
        "vi": [v for _, v in rows],
        "ablat": list(LATITUDE),
        "year": list(YEAR),
        "alloc": list(ALLOCATION),
    }
