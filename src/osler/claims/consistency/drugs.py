"""Names of medicines in a text, by the stems of their international names."""

from osler.claims.language.words import words_of
from osler.claims.language.yardsticks import drug_stems


def drugs_in(text: str) -> set[str]:
    """The medicines that a text names, in lower case.

    Examples
    --------
    >>> sorted(drugs_in("Pregabalin and celecoxib, not surgery"))
    ['celecoxib', 'pregabalin']
    """
    stems, names = drug_stems()
    return {w.text for w in words_of(text) if w.text in names or _has_stem(w.text, stems)}


def _has_stem(word: str, stems: tuple[str, ...]) -> bool:
    # "Person" and "cortisone" end alike: a drug's name is longer than its stem by a syllable.
    return word.endswith(stems) and any(
        word.endswith(stem) and len(word) >= len(stem) + 3 for stem in stems
    )
