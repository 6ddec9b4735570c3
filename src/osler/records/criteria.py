r"""What is sought and who seeks it: ``records/criteria.toml``."""

from dataclasses import dataclass

from osler.core.diagnostics import Diagnostic
from osler.records.toml_tables import (
    bad_key,
    count_of,
    parse_toml,
    quoted,
    text_of,
    texts_of,
    unknown_keys,
)

FILE = "records/criteria.toml"
_KEYS = "include exclude reasons words_in words_out reviewers reviewers_needed question".split()


@dataclass(frozen=True, slots=True)
class Criteria:
    """For whom and what, in the writer's words.

    Attributes
    ----------
    include, exclude : tuple of str
        Criteria, shown beside each record.
    reasons : tuple of str
        Reasons for exclusion at full text, in the order in which the flow lists them; empty:
        any reason will do.
    words_in, words_out : tuple of str
        Words to point out in a text, speaking for and against.
    reviewers : tuple of str
        Who screens.
    reviewers_needed : int
        How many have to agree on a record.
    """

    question: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    words_in: tuple[str, ...] = ()
    words_out: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    reviewers_needed: int = 1


def parse_criteria(text: str, file: str = FILE) -> tuple[Criteria, tuple[Diagnostic, ...]]:
    r"""The criteria of a text and what is wrong with it (REC074).

    Examples
    --------
    >>> criteria, _ = parse_criteria('reasons = ["Not randomised"]\nreviewers_needed = 2\n')
    >>> criteria.reasons, criteria.reviewers_needed
    (('Not randomised',), 2)
    """
    values, found = parse_toml(text, file)
    bad = [*found, *unknown_keys(values, _KEYS, file, "criteria.toml", 1)]
    needed = count_of(values, "reviewers_needed")
    if "reviewers_needed" in values and not needed:
        given = str(values["reviewers_needed"])[:40]
        bad.append(bad_key(file, "reviewers_needed is not a number of 1 or more", given))
    lists = {key: texts_of(values, key) for key in _KEYS[:6]}
    bad += [
        bad_key(file, f"{key} is not a list of texts", str(values[key])[:60], field=key)
        for key, read in lists.items()
        if key in values and values[key] != [] and not read
    ]
    question = text_of(values, "question")
    return Criteria(question=question, reviewers_needed=needed or 1, **lists), tuple(bad)


def render_criteria(criteria: Criteria) -> str:
    """The whole file; :func:`parse_criteria` gives the same criteria back."""
    lines = [f"question = {quoted(criteria.question)}"] if criteria.question else []
    for key in _KEYS[:6]:
        items = getattr(criteria, key)
        if items:
            lines.append(f"{key} = [\n" + "".join(f"  {quoted(i)},\n" for i in items) + "]")
    lines.append(f"reviewers_needed = {criteria.reviewers_needed}")
    return "\n".join(lines) + "\n"
