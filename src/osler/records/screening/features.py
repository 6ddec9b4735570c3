"""Titles and abstracts as numbers, weighed by how rare they are.

    words, pairs of neighbours --.
                                 +--> one row a record
    how words begin and end -----'

Common words stay in: how an abstract is put ("we randomised", "this paper presents") tells
trials from other records better than the topic alone. Beginnings and ends find a word in its
other forms ("treated", "treatment") in any language whose words have such forms.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import sparse

from osler.core.arrays import Bools
from osler.records.model import Record

# What nearly every record has tells them not apart.
COMMONEST = 0.95
# Letters that a beginning or an end has.
LETTERS = 4
_WORD = re.compile(r"\w\w+")
Codes = np.ndarray[Any, np.dtype[np.int64]]
Numbers = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a library as one sparse matrix.

    Attributes
    ----------
    matrix : sparse matrix of shape (records, terms)
        TF-IDF with a logarithm on the counts: words and pairs, then beginnings and ends. Each of
        the two halves of a row with text has length 1, less what stood in the terms that no other
        record has: they count for the length and are then left out.
    words : mapping of str to int
        The number of each word; the code of a pair is made of two of them.
    parts : mapping of str to int
        The number of each beginning and end.
    columns, part_columns : array of shape (terms,)
        The code of each term of ``matrix``, ascending: of words and pairs, and of parts.
    has_text : array of shape (records,)
        Whether a record has at least one word.
    """

    matrix: Any
    words: dict[str, int]
    parts: dict[str, int]
    columns: Codes
    part_columns: Codes
    has_text: Bools

    def scales(self, parts: float) -> Numbers:
        """What each column is to be multiplied by: parts weigh so much beside 1 for the others.

        Examples
        --------
        >>> texts_of([Record(title="Leg pain"), Record(title="No leg")]).scales(0.25).round(2)
        array([0.89, 0.45], dtype=float32)
        """
        weights = np.repeat([1.0, parts], [self.columns.size, self.part_columns.size])
        return np.sqrt(weights / (1 + parts)).astype(np.float32)

    def terms_of(self, record: Record) -> dict[str, tuple[int, ...]]:
        """The words and pairs of a record, with the columns that each has a part in.

        Examples
        --------
        >>> texts = texts_of([Record(title="Leg pain"), Record(title="No painful leg")])
        >>> texts.terms_of(Record(title="Leg pain"))
        {'leg': (0, 1), 'pain': (2,), 'leg pain': ()}
        """
        words = [word for word in words_in(record) if word in self.words]
        pairs = [f"{first} {second}" for first, second in pairwise(words)]
        codes = _codes(np.array([self.words[word] for word in words], np.int64), len(self.words))
        told = dict(zip(words + pairs, _found(codes, self.columns), strict=True))
        for word in set(words):
            parts = np.array([self.parts[part] for part in parts_of(word)], np.int64)
            at = _found(parts, self.part_columns)
            told[word] += tuple(self.columns.size + one for (one,) in filter(None, at))
        return told


def words_in(record: Record) -> list[str]:
    """The words of title and abstract that have at least two characters, in lower case.

    Examples
    --------
    >>> words_in(Record(title="Leg pain: a trial", abstract="We randomised 40 adults."))
    ['leg', 'pain', 'trial', 'we', 'randomised', '40', 'adults']
    """
    return _words(f"{record.title} {record.abstract}")


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def parts_of(word: str) -> tuple[str, ...]:
    """How a word begins and ends; a short one is its own beginning.

    Examples
    --------
    >>> parts_of("needling"), parts_of("pain")
    (('need', '-ling'), ('pain',))
    """
    return (word[:LETTERS], f"-{word[-LETTERS:]}") if len(word) > LETTERS else (word,)


def texts_of(records: Sequence[Record], *, title: int = 2) -> Texts:
    """The texts of a library as numbers.

    Parameters
    ----------
    title : int
        How often the words and pairs of the title count.

    Examples
    --------
    >>> texts = texts_of([Record(title="Leg pain"), Record(), Record(title="Leg pain again")])
    >>> texts.matrix.shape, texts.has_text.tolist()
    ((3, 5), [True, False, True])
    """
    words: dict[str, int] = {}
    read = [_numbered(words_in(record), words) for record in records]
    titles = [_numbered(_words(record.title), words) for record in records]
    terms = (
        np.concatenate([_codes(text, len(words)), *[_codes(head, len(words))] * (title - 1)])
        for text, head in zip(read, titles, strict=True)
    )
    whole, columns = _weighed(terms)
    parts: dict[str, int] = {}
    begins = _numbered([parts_of(word)[0] for word in words], parts)
    ends = np.full(len(words), -1, np.int64)
    long = [at for at, word in enumerate(words) if len(word) > LETTERS]
    ends[long] = _numbered([parts_of(word)[1] for word in words if len(word) > LETTERS], parts)
    of_texts = (np.concatenate([begins[text], ends[text]]) for text in read)
    in_parts, part_columns = _weighed(numbers[numbers >= 0] for numbers in of_texts)
    matrix = sparse.hstack([whole, in_parts], "csr", np.float32)
    has_text = np.array([text.size > 0 for text in read], bool)
    return Texts(matrix, words, parts, columns, part_columns, has_text)


def _numbered(texts: Sequence[str], numbers: dict[str, int]) -> Codes:
    return np.array([numbers.setdefault(text, len(numbers)) for text in texts], np.int64)


def _codes(words: Codes, size: int) -> Codes:
    """Words, then pairs of neighbours: each term has one number, in any record."""
    return np.concatenate([words, (words[:-1] + 1) * size + words[1:]])


def _found(codes: Codes, columns: Codes) -> list[tuple[int, ...]]:
    """The column of each code; empty where it has none."""
    at = np.searchsorted(columns, codes)
    known = np.append(columns, -1)[at] == codes
    return [
        (column,) if is_known else () for column, is_known in zip(at.tolist(), known, strict=True)
    ]


def _weighed(terms: Iterable[Codes]) -> tuple[Any, Codes]:
    """TF-IDF of the terms of each record, and the code of each column."""
    # Counted record by record, so that what lies in memory is one number a distinct term.
    counted = [np.unique(codes, return_counts=True) for codes in terms]
    sizes = np.array([codes.size for codes, _ in counted], np.int64)
    codes = np.concatenate([np.empty(0, np.int64), *(codes for codes, _ in counted)])
    counts = np.concatenate([np.empty(0, np.float32), *(each for _, each in counted)])
    del counted
    columns, at, in_records = np.unique(codes, return_inverse=True, return_counts=True)
    del codes
    # In a library of two or three even a word of all is worth having.
    usual = in_records <= max(COMMONEST * sizes.size, 3)
    idf = np.log((1 + sizes.size) / (1 + in_records)) + 1
    values = ((1 + np.log(counts)) * np.where(usual, idf, 0.0)[at]).astype(np.float32)
    rows = np.repeat(np.arange(sizes.size, dtype=np.int32), sizes)
    length = np.sqrt(np.bincount(rows, values.astype(float) ** 2, minlength=sizes.size))
    shared = usual & (in_records > 1)
    kept = shared[at]
    place = (np.cumsum(shared) - 1).astype(np.int32)[at[kept]]
    values = values[kept] / length[rows[kept]].astype(np.float32)
    shape = (sizes.size, int(shared.sum()))
    return sparse.csr_matrix((values, (rows[kept], place)), shape=shape), columns[shared]
