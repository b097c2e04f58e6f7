"""Who stands beside whom: entries of a conversation in their order, as rows linked both ways."""

from __future__ import annotations

from bisect import bisect_left, insort

import numpy as np

from storage.search.columns import Column, Rows, Scores

NOBODY = -1

REACH = 3  # steps that a word is heard in a conversation
FROM_BEFORE = 0.7  # what is left of it one step later: an answer leaves out what the question said
FROM_AFTER = 0.3  # and one step earlier


class Neighbours:
    """The order of every conversation."""

    def __init__(self) -> None:
        self._order: dict[str, list[tuple[int, str, int]]] = {}  # conversation -> (position, id, row), sorted
        self._before = Column(np.int64, NOBODY)
        self._after = Column(np.int64, NOBODY)

    def before(self, rows: int) -> Rows:
        """For each of the first `rows` rows the one before it, or NOBODY."""
        return self._before.upto(rows)

    def after(self, rows: int) -> Rows:
        """For each of the first `rows` rows the one after it, or NOBODY."""
        return self._after.upto(rows)

    def beside(self, row: int) -> tuple[int, int]:
        """The rows before and after a row, or NOBODY."""
        return int(self._before[row]), int(self._after[row])

    def seat(self, row: int, conversation: str, position: int, name: str) -> None:
        """Puts a row into its conversation, by position and then by name; alone when `conversation` is ""."""
        self._before[row] = self._after[row] = NOBODY
        if not conversation:
            return
        order = self._order.setdefault(conversation, [])
        seat = (position, name, row)
        insort(order, seat)
        at = bisect_left(order, seat)
        left = order[at - 1][2] if at else NOBODY
        right = order[at + 1][2] if at + 1 < len(order) else NOBODY
        self._join(left, row)
        self._join(row, right)

    def leave(self, row: int, conversation: str, position: int, name: str) -> None:
        """Takes a row out; its neighbours become each other's."""
        if not conversation:
            return
        left, right = self.beside(row)
        self._join(left, right)
        self._before[row] = self._after[row] = NOBODY
        order = self._order[conversation]
        del order[bisect_left(order, (position, name, row))]
        if not order:
            del self._order[conversation]

    def _join(self, left: int, right: int) -> None:
        if left != NOBODY:
            self._after[left] = right
        if right != NOBODY:
            self._before[right] = left

    def heard(self, rows: Rows, strengths: Scores, upto: int) -> Scores:
        """How strongly each row hears what some rows say: itself in full, its neighbours ever fainter."""
        result = np.zeros(upto)
        result[rows] = strengths
        for onward, fade in ((self.after(upto), FROM_BEFORE), (self.before(upto), FROM_AFTER)):
            where, loud = rows, strengths
            for _ in range(REACH):
                where = onward[where]
                somebody = where != NOBODY
                where, loud = where[somebody], loud[somebody] * fade
                result[where] = np.maximum(result[where], loud)
        return result
