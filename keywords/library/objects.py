"""NEW OBJECT and NEW ARRAY: an empty object, an empty list."""

from __future__ import annotations

from keywords.host import Moment
from keywords.registry import Effect, keyword
from keywords.values import List, Object


@keyword("NEW OBJECT", "CREATE OBJECT", effect=Effect.PURE, example="NEW OBJECT", group="lists")
def new_object(moment: Moment) -> Object:
    """An object without fields."""
    return Object()


@keyword("NEW ARRAY", "NEW LIST", "CREATE ARRAY", effect=Effect.PURE, example="NEW ARRAY", group="lists")
def new_array(moment: Moment) -> List:
    """A list without items."""
    return List()


KEYWORDS = (new_object, new_array)
