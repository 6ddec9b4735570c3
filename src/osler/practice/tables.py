"""The clinic's tables as text: what ``parse_practice`` reads."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from osler.review.model import Episode, Score

EPISODES = (
    *("id", "started", "condition", "treatment", "sessions", "measure", "baseline", "last"),
    *("recovered", "ended", "unwanted"),
)
SCORES = ("id", "measure", "session", "score")


def practice_csv(episodes: Sequence[Episode]) -> bytes:
    r"""practice.csv: one row an episode.

    Examples
    --------
    >>> from osler.core.diagnostics import Place
    >>> row = Episode("E001", "2025-01", "sciatica", "", 6, "", None, None, None, "continues",
    ...               Place(""))
    >>> practice_csv([row]).splitlines()[1]
    b'E001,2025-01,sciatica,,6,,,,unknown,continues,unknown'
    """
    known = {True: "yes", False: "no", None: "unknown"}
    rows = (
        (
            *(e.id, e.started, e.condition, e.treatment, _number(e.sessions), e.measure),
            *(_number(e.baseline), _number(e.last), known[e.recovered], e.ended),
            e.unwanted or "unknown",
        )
        for e in episodes
    )
    return _table(EPISODES, rows)


def scores_csv(scores: Sequence[Score]) -> bytes:
    """practice_scores.csv: one row a questionnaire, with an empty score where none came back.

    Examples
    --------
    >>> from osler.core.diagnostics import Place
    >>> scores_csv([Score("E001", "pain 0-10", 0, 7.0, Place(""))]).splitlines()[1]
    b'E001,pain 0-10,0,7'
    """
    rows = ((s.episode, s.measure, str(s.session), _number(s.score)) for s in scores)
    return _table(SCORES, rows)


def _number(value: float | None) -> str:
    """The shortest text that reads back as the same number."""
    if value is None:
        return ""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue().encode()
