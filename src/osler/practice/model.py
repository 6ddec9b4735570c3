"""What an audit gives. Shares are fractions between 0 and 1."""

from dataclasses import dataclass

from osler.practice.waiting import Incidence


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
class Improved:
    """How many changed by at least what matters to one person, and what the missing could make.

    ``by`` says what counts ("at least 2 points", "much better or better"); ``source`` whose
    threshold it is.
    """

    by: str
    source: str
    count: int
    share: Share


@dataclass(frozen=True, slots=True)
class Change:
    """Means before and after in those who have both, of one measure.

    ``difference`` is the mean of last less first, with a paired t interval; NaN where there
    are fewer than two. ``improved`` is None where no smallest change that matters is agreed.
    A measure that itself asks for the change (a global impression) has no ``baseline``: NaN.
    """

    measure: str
    n: int
    missing: int
    baseline: float
    last: float
    difference: float
    sd: float
    ci_lower: float
    ci_upper: float
    improved: Improved | None = None


@dataclass(frozen=True, slots=True)
class Unwanted:
    """Unwanted effects, of those who were asked, with exact intervals.

    ``none_upper`` is the one-sided 95% limit where there was no serious one: close to 3 in n,
    the rule of three. NaN where there was one, or nobody was asked.
    """

    asked: int
    missing: int
    minor: int
    serious: int
    any_lower: float
    any_upper: float
    serious_lower: float
    serious_upper: float
    none_upper: float


@dataclass(frozen=True, slots=True)
class Ends:
    """How the episodes stand: everybody is in exactly one of them.

    ``finished`` ended for a known reason; ``stopped`` did not return, or nobody knows.
    ``answered`` are those of whom the outcome is known, however they ended.
    """

    started: int
    finished: int
    stopped: int
    continuing: int
    answered: int


@dataclass(frozen=True, slots=True)
class Point:
    """One quarter of a run chart: those who began in it."""

    label: str
    started: int
    known: int
    recovered: int

    @property
    def share(self) -> float:
        """Recovered of those whose end is known; NaN where none is."""
        return self.recovered / self.known if self.known else float("nan")


@dataclass(frozen=True, slots=True)
class RunChart:
    """Shares over time about their median, with what chance alone would rarely make.

    ``signals`` are sentences; none where the points vary as chance would let them.
    """

    points: tuple[Point, ...]
    median: float
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What became of people in control groups of the evidence base: nobody was given the treatment.

    Shares of ``trials`` groups, lowest, median and highest; ``people`` in all of them.
    """

    outcome: str
    trials: int
    people: int
    lowest: float
    median: float
    highest: float
    first_week: float
    last_week: float


@dataclass(frozen=True, slots=True)
class Audit:
    """What a clinic counted of one condition.

    ``sessions`` and ``changes`` are None and empty where they were not counted, and so are
    ``waiting`` (sessions until recovery, with stopping as a competing end), ``unwanted`` and
    ``runs``. ``continuing`` are episodes that have not ended; they belong to the missing.
    ``cautions`` say in words what the numbers cannot show.
    """

    about: str
    share: Share
    continuing: int
    sessions: Sessions | None
    changes: tuple[Change, ...]
    first_month: str
    last_month: str
    cautions: tuple[str, ...]
    ends: Ends
    waiting: Incidence | None
    unwanted: Unwanted | None
    runs: RunChart | None
