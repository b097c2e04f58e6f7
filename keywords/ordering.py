"""One order for all values, as SORT, MAX and MIN need it: by sort of value first, then within the sort."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from keywords.host import Value
from keywords.operators import instant
from keywords.places import member
from keywords.values import List, is_number, numeric, text, truthy


def rank(value: Value) -> tuple[int, Any]:
    """Sorts anything: NULL, then truth values, numbers (and texts that look like one), times, texts, the rest."""
    if value is None:
        return 0, 0
    if isinstance(value, bool):
        return 1, value
    if is_number(value):
        return 2, value
    if isinstance(value, timedelta):
        return 3, value
    if isinstance(value, date):
        return 4, instant(value)
    if isinstance(value, str):
        found = numeric(value)
        return (5, value.casefold()) if found is None else (2, found)
    return 6, text(value)


def in_order(items: list[Value], by: Value = None, descending: Value = None) -> List:
    """The items sorted, by a field when one is named; `"desc"` in either place turns the order round."""
    if isinstance(by, str) and by.casefold() in ("asc", "desc") and descending is None:
        by, descending = None, by
    down = descending.casefold() == "desc" if isinstance(descending, str) else truthy(descending)

    def key(value: Value) -> tuple[int, Any]:
        return rank(value if by is None else member(value, text(by), optional=True))

    return List(sorted(items, key=key, reverse=down))
