"""Titles and abstracts as numbers: words and pairs of neighbours, weighed by how rare they are.

Common words stay in: how an abstract is put ("we randomised", "this paper presents") tells
trials from other records better than the topic alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import sparse

from osler.core.arrays import Bools
from osler.records.model import Record

# What nearly every record has tells them not apart.
COMMONEST = 0.95
_WORD = re.compile(r"\w\w+")
Codes = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a library as one sparse matrix.

    Attributes
    ----------
    matrix : sparse matrix of shape (records, terms)
        TF-IDF with a logarithm on the counts. A row with text has length 1, less what stood in
        the terms that no other record has: they count for the length and are then left out.
    columns : array of shape (terms,)
        The code of each column's term, ascending.
    words : mapping of str to int
        The number of each word; the code of a pair is made of two of them.
    has_text : array of shape (records,)
        Whether a record has at least one word.
    """

    matrix: Any
    columns: Codes
    words: dict[str, int]
    has_text: Bools

    def terms_of(self, record: Record) -> dict[str, int]:
        """The terms of a record that the library knows, each with its column.

        Examples
        --------
        >>> texts = texts_of([Record(title="Leg pain"), Record(title="No leg pain")])
        >>> list(texts.terms_of(Record(title="New leg pain")))
        ['leg', 'pain', 'leg pain']
        """
        words = [word for word in words_in(record) if word in self.words]
        known = [self.words[word] for word in words]
        pairs = [f"{first} {second}" for first, second in pairwise(words)]
        codes = _codes(np.array(known, np.int64), len(self.words))
        at = np.searchsorted(self.columns, codes)
        inside = np.minimum(at, max(self.columns.size - 1, 0))
        return {
            term: int(column)
            for term, column, code in zip(words + pairs, inside, codes, strict=True)
            if self.columns.size and self.columns[column] == code
        }


def words_in(record: Record) -> list[str]:
    """The words of title and abstract that have at least two characters, in lower case.

    Examples
    --------
    >>> words_in(Record(title="Leg pain: a trial", abstract="We randomised 40 adults."))
    ['leg', 'pain', 'trial', 'we', 'randomised', '40', 'adults']
    """
    return _WORD.findall(f"{record.title} {record.abstract}".lower())


def _codes(words: Codes, size: int) -> Codes:
    """Words, then pairs of neighbours: each term has one number, in any record."""
    return np.concatenate([words, (words[:-1] + 1) * size + words[1:]])


def texts_of(records: Sequence[Record]) -> Texts:
    """The texts of a library as numbers.

    Examples
    --------
    >>> texts = texts_of([Record(title="Leg pain"), Record(), Record(title="Leg pain again")])
    >>> texts.matrix.shape, texts.has_text.tolist()
    ((3, 3), [True, False, True])
    """
    numbers: dict[str, int] = {}
    read = [
        np.array([numbers.setdefault(word, len(numbers)) for word in words_in(record)], np.int64)
        for record in records
    ]
    # Counted record by record, so that what lies in memory is one number a distinct term.
    counted = [np.unique(_codes(words, len(numbers)), return_counts=True) for words in read]
    sizes = np.array([codes.size for codes, _ in counted], np.int64)
    codes = np.concatenate([np.empty(0, np.int64), *(codes for codes, _ in counted)])
    counts = np.concatenate([np.empty(0, np.float32), *(each for _, each in counted)])
    del read, counted
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
    matrix = sparse.csr_matrix((values, (rows[kept], place)), shape=shape)
    return Texts(matrix, columns[shared], numbers, sizes > 0)
