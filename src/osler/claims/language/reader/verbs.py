"""Verbs of a list in all their forms, found among words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from osler.claims.language.lexicon import Lexicon
from osler.claims.language.words import Word

Form = Literal["base", "s", "past", "ing"]
_FORMS: tuple[Form, ...] = ("base", "s", "past", "ing")
_VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb at word ``at``.

    ``alone`` tells that it may be said of what changes by itself, ``noun`` that the word may
    be a noun.
    """

    at: int
    form: Form
    lemma: str
    alone: bool
    noun: bool


def forms_of(base: str) -> dict[Form, str]:
    """The regular forms of an English verb that does not double its last letter.

    Examples
    --------
    >>> list(forms_of("modify").values()), list(forms_of("reduce").values())
    (['modify', 'modifies', 'modified', 'modifying'], ['reduce', 'reduces', 'reduced', 'reducing'])
    """
    if base.endswith("e"):
        return {"base": base, "s": base + "s", "past": base + "d", "ing": base[:-1] + "ing"}
    if base.endswith("y") and base[-2:-1] not in _VOWELS:
        stem = base[:-1] + "i"
        return {"base": base, "s": stem + "es", "past": stem + "ed", "ing": base + "ing"}
    ending = "es" if base.endswith(("s", "sh", "ch", "x")) else "s"
    return {"base": base, "s": base + ending, "past": base + "ed", "ing": base + "ing"}


_Table = Mapping[str, Sequence[tuple[Form, str, tuple[str, ...], bool, bool]]]


@lru_cache(maxsize=16)
def _table(lexicon: Lexicon) -> _Table:
    """Every form, with the words that must follow it."""
    lists = lexicon.table("verbs")
    irregular = {line.split()[0]: line.split() for line in lists["irregular"]}
    out: dict[str, list[tuple[Form, str, tuple[str, ...], bool, bool]]] = {}
    nouns = frozenset(lists["nouns"])
    for group in ("with_particle", "either", "acts"):
        for phrase in lists[group]:
            base, *rest = phrase.split()
            if base in irregular and len(irregular[base]) == len(_FORMS):
                forms = dict(zip(_FORMS, irregular[base], strict=True))
            else:
                forms = forms_of(base)
            for form, text in forms.items():
                out.setdefault(text, []).append(
                    (form, phrase, tuple(rest), group == "either", phrase in nouns)
                )
    return out


def verbs_of(words: Sequence[Word], lexicon: Lexicon) -> list[Verb]:
    """Verbs of the lexicon among some words, in their order.

    Examples
    --------
    >>> from osler.claims.language.words import words_of
    >>> [(v.lemma, v.form) for v in verbs_of(words_of("It led to less, reducing it."), Lexicon())]
    [('lead to', 'past'), ('reduce', 'ing')]
    """
    table = _table(lexicon)
    out: list[Verb] = []
    for at, word in enumerate(words):
        for form, lemma, rest, alone, noun in table.get(word.text, ()):
            if all(
                at + n < len(words) and words[at + n].text == part for n, part in enumerate(rest, 1)
            ):
                out.append(Verb(at, form, lemma, alone, noun))
                break
    return out
