"""What became of people who were not given the treatment: the control groups of the evidence."""

from statistics import median

from osler.practice.model import Benchmark
from osler.review.model import Result, Review


def benchmark(review: Review, outcome: str) -> Benchmark | None:
    """The shares of an outcome in control groups of the included trials.

    Control groups are those whose treatment has the role "inactive" (placebo, sham) or "usual
    care" in osler.toml. Of several times in one group, the last counts. None where there is no
    such group, or the outcome is not one that is counted.

    Notes
    -----
    The shares are not pooled: trials chose other people, at other times, by other marks. They
    are there to keep a clinic from taking for its own work what happens anyway.

    Raises
    ------
    KeyError
        Where the review has no outcome of that name.
    """
    asked = review.outcomes[outcome]
    names = {asked.name, *asked.accepts}
    controls = {t.name for t in review.treatments.values() if t.role in ("inactive", "usual care")}
    groups = {(a.study, a.arm) for a in review.arms if a.treatment in controls}
    included = {s.id for s in review.studies.values() if s.included}
    last: dict[tuple[str, str], Result] = {}
    for row in review.results:
        key = (row.study, row.arm)
        counted = row.events is not None and row.n
        of_interest = key in groups and row.study in included and row.outcome in names
        later = key not in last or (row.weeks or 0) >= (last[key].weeks or 0)
        if counted and of_interest and later:
            last[key] = row
    return _of_groups(outcome, tuple(last.values()))


def first_outcome(review: Review) -> str:
    """The first outcome that is counted and is good to have; "" where there is none."""
    outcomes = review.outcomes.values()
    good = (o for o in outcomes if o.kind == "binary" and not o.harm and o.better == "higher")
    return next((o.name for o in good), "")


def _of_groups(outcome: str, rows: tuple[Result, ...]) -> Benchmark | None:
    shares = sorted(r.events / r.n for r in rows if r.events is not None and r.n)
    if not shares:
        return None
    weeks = [r.weeks for r in rows if r.weeks is not None]
    return Benchmark(
        outcome,
        len({r.study for r in rows}),
        sum(r.n or 0 for r in rows),
        shares[0],
        median(shares),
        shares[-1],
        min(weeks, default=float("nan")),
        max(weeks, default=float("nan")),
    )
