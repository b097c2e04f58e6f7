"""PUSH and APPEND as statements: `PUSH items, x` changes the variable `items`, as `items.PUSH(x)` does.

The compiler makes a change in place of them (`keywords/edits.py`); the functions answer where the list is no variable.
"""

from __future__ import annotations

from keywords.functions_list import pushed
from keywords.host import Moment, Value
from keywords.registry import Effect, keyword


@keyword("PUSH {list:tight}, {item}", effect=Effect.PURE, example='PUSH names, "Ana"', group="lists")
def push(moment: Moment, list: Value, item: Value) -> Value:  # noqa: A002 - the slot's name
    """Add an item to the end of a list; answers the longer list."""
    return pushed(list, item)


@keyword("APPEND {list:tight}, {item}", effect=Effect.PURE, example='APPEND names, "Ana"', group="lists")
def append(moment: Moment, list: Value, item: Value) -> Value:  # noqa: A002 - the slot's name
    """Add an item to the end of a list; answers the longer list."""
    return pushed(list, item)
