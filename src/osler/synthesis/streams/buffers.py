"""Arrow arrays from NumPy's and back, through the memory that both share.

Arrow's own ways load pandas wherever it is installed, which takes as long as a hundred thousand
meta-analyses.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from osler.synthesis.intervals.mean import Names

Number = TypeVar("Number", bound=np.number[Any])


def values_of(array: pa.Array, kind: type[Number]) -> NDArray[Number]:
    """The numbers of an array in which none is missing; not to be written to.

    Examples
    --------
    >>> values_of(array_of(np.array([0.5, 1.5])).slice(1), np.float64)
    array([1.5])
    """
    buffer = array.buffers()[1]
    if buffer is None:
        return np.empty(0, kind)
    return np.frombuffer(buffer, kind)[array.offset :][: len(array)]


def array_of(values: NDArray[Any]) -> pa.Array:
    """Numbers as they are; they must not change as long as the array lives."""
    here = np.ascontiguousarray(values)
    kind = pa.type_for_alias(here.dtype.name)
    return pa.Array.from_buffers(kind, here.size, [None, pa.py_buffer(here)])


def texts(codes: NDArray[np.int32], known: Sequence[str]) -> pa.Array:
    """For each code the text at that place.

    Examples
    --------
    >>> texts(np.array([1, 0, 1], np.int32), ["", "no"]).to_pylist()
    ['no', '', 'no']
    """
    data = [text.encode() for text in known]
    ends = np.cumsum([0, *map(len, data)], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(data))]
    few = pa.Array.from_buffers(pa.string(), len(data), buffers)
    return pa.DictionaryArray.from_arrays(array_of(codes), few).dictionary_decode()


def names_of(values: Names) -> pa.Array:
    """Texts of which few differ, such as the names of methods.

    Examples
    --------
    >>> names_of(np.array(["HKSJ", "Wald", "HKSJ"])).to_pylist()
    ['HKSJ', 'Wald', 'HKSJ']
    """
    codes, left = np.zeros(values.size, np.int32), np.arange(values.size)
    known: list[str] = []
    while left.size:
        name = values[left[0]]
        same = values.take(left) == name
        codes[left[same]] = len(known)
        known.append(str(name))
        left = left[~same]
    return texts(codes, known)
