"""Thirteen trials of the BCG vaccine, log risk ratios, and some difficult numbers."""

from dataclasses import dataclass, field

from osler.synthesis import Synthesis, synthesise

NAMES = (
    *("Aronson 1948", "Ferguson & Simes 1949", "Rosenthal 1960", "Hart & Sutherland 1977"),
    *("Frimodt-Moller 1973", "Stein & Aronson 1953", "Vandiviere 1973", "TPT Madras 1980"),
    *("Coetzee & Berjak 1968", "Rosenthal 1961", "Comstock 1974", "Comstock & Webster 1969"),
    "Comstock 1976",
)
# Colditz et al. (1994), JAMA 271, 698-702; effects by metafor's escalc, four decimals.
ESTIMATES = (
    *(-0.8893, -1.5854, -1.3481, -1.4416, -0.2175, -0.7861, -1.6209, 0.0120, -0.4694, -1.3713),
    *(-0.3394, 0.4459, -0.0173),
)
VARIANCES = (
    *(0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230, 0.0040, 0.0564, 0.0730, 0.0124),
    *(0.5325, 0.0714),
)
YEARS = tuple(int(name[-4:]) for name in NAMES)
ALLOCATION = (
    *("random", "random", "random", "random", "alternate", "alternate", "random", "random"),
    *("random", "systematic", "systematic", "systematic", "systematic"),
)


@dataclass(frozen=True)
class Effects:
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    measure: str = "RR"
    data: dict[str, tuple[object, ...]] = field(default_factory=dict)

    @property
    def studies(self) -> tuple[str, ...]:
        if len(self.estimates) == len(NAMES):
            return NAMES
        return tuple(f"S{i}" for i in range(len(self.estimates)))


BCG = Effects(ESTIMATES, VARIANCES, data={"year": YEARS, "allocation": ALLOCATION})


def bcg_fit() -> Synthesis:
    return synthesise(NAMES, ESTIMATES, VARIANCES, measure="RR")


def code_of(error: BaseException) -> str:
    return str(error.diagnostics[0].code)  # type: ignore[attr-defined]
