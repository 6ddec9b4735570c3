"""Two versions of a page, and in words what has changed between them."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from osler.core.wording import counted
from osler.web.pages.answers import Answer, Answers

Way = Literal["same", "taken out", "put in"]


@dataclass(frozen=True)
class Passage:
    """A sentence, or a word of one, and whether it was put in, taken out, or is the same."""

    way: Way
    text: str


@dataclass(frozen=True)
class Reworded:
    """One place where the wording changed: word by word where one text replaced another."""

    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Changed:
    """What is different: each a list of sentences, the wording as marked passages."""

    numbers: tuple[str, ...]
    certainty: tuple[str, ...]
    wording: tuple[Reworded, ...]

    @property
    def in_short(self) -> str:
        """One sentence for the list of versions.

        Examples
        --------
        >>> Changed((), (), ()).in_short
        'Nothing in its numbers, their certainty or its wording.'
        """
        if not (self.numbers or self.certainty or self.wording):
            return "Nothing in its numbers, their certainty or its wording."
        told = (
            (counted(len(self.numbers), "number"), self.numbers),
            (f"the certainty of {counted(len(self.certainty), 'result')}", self.certainty),
            (f"the wording in {counted(len(self.wording), 'place')}", self.wording),
        )
        parts = [words for words, changes in told if changes]
        joined = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
        return f"{joined[0].upper()}{joined[1:]}."


def compare(
    answers: Answers, wording: Sequence[str], new_answers: Answers, new_wording: Sequence[str]
) -> Changed:
    """What changed from one version to another, whichever is the later.

    Examples
    --------
    >>> changed = compare({}, ["It may help."], {}, ["It probably helps."])
    >>> [(p.way, p.text) for p in changed.wording[0].passages]
    [('same', 'It'), ('taken out', 'may help.'), ('put in', 'probably helps.')]
    """
    return Changed(
        numbers=tuple(_numbers(answers, new_answers)),
        certainty=tuple(_certainty(answers, new_answers)),
        wording=tuple(_wording(wording, new_wording)),
    )


def _numbers(old: Answers, new: Answers) -> Iterator[str]:
    for about in sorted({*old, *new}):
        if about not in new:
            yield f"{about}: no longer on the page. It was: {_said(old[about])}."
        elif about not in old:
            yield f"{about}: new on the page. {_said(new[about])}."
        elif _said(old[about]) != _said(new[about]):
            moved = _moved(old[about], new[about])
            yield (
                f"{about}: was {_said(old[about])}; is now {_said(new[about])}."
                f"{f' {moved}' if moved else ''}"
            )


def _said(answer: Answer) -> str:
    # The certainty has a line of its own.
    basis = [part for part in answer["rest"].split("; ") if not part.endswith(" certainty")]
    return f"{answer['lead']} ({'; '.join(basis)})"


def _moved(old: Answer, new: Answer) -> str:
    """Which trials came and went, and whether the new result lies within the old interval."""
    came = sorted(set(new["trials"]) - set(old["trials"]))
    went = sorted(set(old["trials"]) - set(new["trials"]))
    told = []
    if came:
        told.append(f"Trials added: {', '.join(came)}.")
    if went:
        told.append(f"Trials no longer counted: {', '.join(went)}.")
    if not came and not went:
        told.append("The trials are the same.")
    if not old["lower"] <= new["estimate"] <= old["upper"]:
        told.append("The new result lies outside the interval given before.")
    return " ".join(told)


def _certainty(old: Answers, new: Answers) -> Iterator[str]:
    for about in sorted({*old} & {*new}):
        before, after = old[about], new[about]
        if before["level"] != after["level"]:
            way = "raised" if after["level"] > before["level"] else "lowered"
            yield (
                f"{about}: certainty {way} from {before['certainty']} to {after['certainty']}"
                f"{_why(before, after)}."
            )
        elif before["why"] != after["why"]:
            yield f"{about}: certainty still {after['certainty']}{_why(before, after)}."


def _why(old: Answer, new: Answer) -> str:
    came = sorted(set(new["why"]) - set(old["why"]))
    went = sorted(set(old["why"]) - set(new["why"]))
    told = [f"now counted: {', '.join(came)}"] if came else []
    told += [f"no longer counted: {', '.join(went)}"] if went else []
    return f" ({'; '.join(told)})" if told else ""


def _wording(old: Sequence[str], new: Sequence[str]) -> Iterator[Reworded]:
    matcher = difflib.SequenceMatcher(a=list(old), b=list(new), autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "insert":
            yield Reworded((Passage("put in", " ".join(new[c:d])),))
        elif what == "delete":
            yield Reworded((Passage("taken out", " ".join(old[a:b])),))
        elif what == "replace":
            yield Reworded(tuple(_by_words(" ".join(old[a:b]), " ".join(new[c:d]))))


def _by_words(old: str, new: str) -> Iterator[Passage]:
    before, after = old.split(), new.split()
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            yield Passage("same", " ".join(before[a:b]))
            continue
        if a < b:
            yield Passage("taken out", " ".join(before[a:b]))
        if c < d:
            yield Passage("put in", " ".join(after[c:d]))
