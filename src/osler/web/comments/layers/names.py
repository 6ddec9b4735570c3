"""Readers who call themselves what the clinic is called."""

import re
from collections.abc import Sequence

from osler.web.comments.layers.finding import Finding
from osler.web.comments.layers.letters import readings

_WORD = re.compile(r"[^\W_]+")
TAG = "the clinic"
"""What stands beside the clinic's own answers."""


def judge_name(name: str, clinic: str) -> Finding:
    """Whether a reader's name would be taken for the clinic's.

    Examples
    --------
    >>> judge_name("A. Reader", "Oak Street Clinic").verdict
    'clean'
    >>> judge_name("Oak Street CLINIC (staff)", "Oak Street Clinic").reason
    "the name would be taken for the clinic's own"
    """
    for read in readings(name):
        words = _WORD.findall(read)
        if any(_stands_in(words, own) for own in (clinic, TAG)):
            return Finding("name", "hold", "the name would be taken for the clinic's own")
    return Finding("name", "clean", "not the clinic's")


def _stands_in(words: Sequence[str], own: str) -> bool:
    wanted = _WORD.findall(own.casefold())
    starts = range(len(words) - len(wanted) + 1)
    return bool(wanted) and any(words[n : n + len(wanted)] == wanted for n in starts)
