"""How a review is screened: ``records/screening.toml``.

The seed, the team and its weights, the calibration round, the random samples, and each
reviewer's own words to point out. Osler writes the file whole; it may be edited by hand too.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.records.toml_tables import quoted

FILE = "records/screening.toml"
UNREAD, EXCLUDED = "unread", "excluded"
KINDS = (UNREAD, EXCLUDED)


@dataclass(frozen=True, slots=True)
class Sampled:
    """A random sample, drawn when the decisions had ``rows`` rows, from ``pool`` records."""

    kind: str
    seed: int
    rows: int
    pool: int
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What one reviewer wants pointed out."""

    words_in: tuple[str, ...] = ()
    words_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """How a review is screened.

    Attributes
    ----------
    seed : int
        Of the order before anything is known, of shares and of samples.
    team : mapping of str to float
        Reviewers among whom the records are shared out, and their part; empty: who comes first.
    left : tuple of str
        Reviewers who are no longer there; their decisions count.
    calibration : tuple of str
        Records that everybody of the team screens first.
    """

    seed: int = 1
    team: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    left: tuple[str, ...] = ()
    calibration: tuple[str, ...] = ()
    samples: tuple[Sampled, ...] = ()
    words: Mapping[str, Words] = field(default_factory=lambda: MappingProxyType({}))

    def sample(self, kind: str) -> Sampled | None:
        """The latest of a kind."""
        return next((s for s in reversed(self.samples) if s.kind == kind), None)


def parse_plan(text: str, file: str = FILE) -> tuple[Plan, tuple[Diagnostic, ...]]:
    """The plan of a text; one that cannot be read is told (WEB080) and the usual one is used.

    Examples
    --------
    >>> parse_plan("seed = 7")[0].seed, parse_plan("seed = 'x'")[1][0].code
    (7, 'WEB080')
    """
    try:
        return _plan(tomllib.loads(text)), ()
    except (tomllib.TOMLDecodeError, ValueError, TypeError, KeyError, RecursionError) as error:
        return Plan(), (_unreadable(file, " ".join(str(error).split())[:120]),)


def render_plan(plan: Plan) -> str:
    """The whole file; :func:`parse_plan` gives the same plan back.

    Examples
    --------
    >>> plan = Plan(seed=3, team={"one": 1.0}, words={"one": Words(("rat*",))})
    >>> parse_plan(render_plan(plan))[0] == plan
    True
    """
    lines = [f"seed = {plan.seed}"]
    lines += _list("left", plan.left) if plan.left else []
    lines += _list("calibration", plan.calibration) if plan.calibration else []
    if plan.team:
        lines += ["", "[team]"]
        lines += [f"{quoted(who)} = {float(weight)!r}" for who, weight in plan.team.items()]
    for who, words in plan.words.items():
        lines += ["", f"[words.{quoted(who)}]"]
        lines += [*_list("in", words.words_in), *_list("out", words.words_out)]
    for s in plan.samples:
        lines += ["", "[[sample]]", f"kind = {quoted(s.kind)}", f"seed = {s.seed}"]
        lines += [f"rows = {s.rows}", f"pool = {s.pool}", *_list("records", s.records)]
    return "\n".join(lines) + "\n"


def _list(name: str, texts: Sequence[str]) -> list[str]:
    return [f"{name} = [", *(f"  {quoted(text)}," for text in texts), "]"]


def _plan(values: Mapping[str, Any]) -> Plan:
    team = {str(who): float(weight) for who, weight in values.get("team", {}).items()}
    told = values.get("words", {}).items()
    return Plan(
        seed=_whole(values.get("seed", 1)),
        team=team,
        left=_texts(values.get("left", [])),
        calibration=_texts(values.get("calibration", [])),
        samples=tuple(_sampled(table) for table in values.get("sample", [])),
        words={w: Words(_texts(t.get("in", [])), _texts(t.get("out", []))) for w, t in told},
    )


def _sampled(table: Mapping[str, Any]) -> Sampled:
    if table["kind"] not in KINDS:
        raise ValueError(f"kind = {table['kind']!r}: write one of {', '.join(KINDS)}")
    seed, rows, pool = (_whole(table[name]) for name in ("seed", "rows", "pool"))
    return Sampled(table["kind"], seed, rows, pool, _texts(table["records"]))


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is not a whole number")
    return value


def _texts(values: object) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise ValueError(f"{values!r} is not a list of texts")
    return tuple(values)


def _unreadable(file: str, found: str) -> Diagnostic:
    return Diagnostic(
        "WEB080",
        Severity.ERROR,
        Place(file),
        "the plan of screening cannot be read",
        found,
        "screening goes on without shares, samples and own words, and does not write the plan",
        "correct the file, or take it away to begin a new plan",
    )
