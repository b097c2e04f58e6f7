"""Numbers kept by row, in arrays that grow: what a search reads at once and a write changes in one place."""

from __future__ import annotations

from typing import Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Rows: TypeAlias = NDArray[np.int64]
Scores: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Vector: TypeAlias = NDArray[np.float32]

Number = TypeVar("Number", bound=np.generic)


class Column(Generic[Number]):
    """A value for every row; rows never written hold `blank`."""

    def __init__(self, kind: type[Number], blank: float, width: int = 0) -> None:
        self._blank = blank
        self._values: NDArray[Number] = np.full((16, width) if width else 16, blank, kind)

    def upto(self, rows: int) -> NDArray[Number]:
        """The values of the first `rows` rows: a view, good until the next write."""
        self._reserve(rows)
        return self._values[:rows]

    def __getitem__(self, row: int) -> NDArray[Number]:
        self._reserve(row + 1)
        return self._values[row]

    def __setitem__(self, row: int, value: ArrayLike) -> None:
        self._reserve(row + 1)
        self._values[row] = value

    def _reserve(self, rows: int) -> None:
        have = len(self._values)
        if rows > have:
            more = np.full((max(rows, 2 * have) - have, *self._values.shape[1:]), self._blank, self._values.dtype)
            self._values = np.concatenate([self._values, more])
