"""What an audit gives. Shares are fractions between 0 and 1."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """How many recovered, as far as it is known, and what the missing could change.

    ``proportion`` is of those whose end is known, with Wilson's interval; ``worst`` and
    ``best`` are of everybody, with nobody and with everybody among the missing recovered.
    """

    recovered: int
    known: int
    everybody: int
    proportion: float
    ci_lower: float
    ci_upper: float
    worst: float
    best: float

    @property
    def missing(self) -> int:
        """Episodes of which nobody knows whether the person recovered."""
        return self.everybody - self.known


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions until recovery.

    ``lower``, ``median`` and ``upper`` are the quartiles among those who recovered, who are not
    everybody. ``product_limit`` is the Kaplan-Meier median of everybody whose sessions are
    known; None where fewer than half recovered. It takes those who stopped as people who would
    have gone on to recover like the rest, which is the friendlier reading.
    """

    n: int
    lower: float
    median: float
    upper: float
    product_limit: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """Means before and after in those who have both, of one measure."""

    measure: str
    n: int
    missing: int
    baseline: float
    last: float


@dataclass(frozen=True, slots=True)
class Audit:
    """What a clinic counted of one condition.

    ``sessions`` and ``changes`` are None and empty where they were not counted. ``continuing``
    are episodes that have not ended; they belong to the missing. ``cautions`` say in words what
    the numbers cannot show.
    """

    about: str
    share: Share
    continuing: int
    sessions: Sessions | None
    changes: tuple[Change, ...]
    first_month: str
    last_month: str
    cautions: tuple[str, ...]
