"""What one arm reports, and the effect that comes of two."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """Participants with the event, of those analysed in one arm."""

    events: int
    n: int


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and standard deviation of one arm; ``sd`` > 0, ``n`` >= 2."""

    mean: float
    sd: float
    n: int


@dataclass(frozen=True, slots=True)
class Rate:
    """Events in one arm and the time, in persons times years, they were counted over."""

    events: int
    time: float


@dataclass(frozen=True, slots=True)
class Effect:
    """One study's answer on the analysis scale (ratios as logs).

    ``added`` is what was added to every cell because one was zero; 0 where nothing was.
    """

    measure: str
    estimate: float
    variance: float
    added: float = 0.0
