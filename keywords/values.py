"""What a variable can hold, and the promise that a value belongs to one variable alone.

    NULL None   TRUE/FALSE bool   numbers int, float   texts str   dates date, datetime (UTC)   spans of time timedelta
    lists List   objects Object   results of a search RowSet

Assigning, passing, storing and iterating a list or object gives a copy. The copy is made late: a container that may be
seen from two places is `shared`, and whoever wants to change it (`keywords/places.py`) copies one level first.

Limits, all of them errors of the statement that would exceed them: a text 1,048,576 characters, a list 100,000 items,
nesting 100, one value about 8 MB, a number 64 bits if whole; and no NaN, infinity, U+0000 or lone surrogate.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeGuard, cast

from keywords.host import Value
from keywords.mistakes import LimitReached, WrongValue

MAX_TEXT = 1_048_576
MAX_ITEMS = 100_000
MAX_DEPTH = 100
MAX_WEIGHT = 8 * 1_048_576
SMALL = frozenset({int, float, bool, type(None)})  # types whose values all weigh the same, and hold no others
EXACT = 2**53  # up to here a whole number is an int: 1 and 1.0 are one value


class Container:
    """What lists and objects have in common: whether others may see it, its size and its JSON once somebody asked."""

    shared: bool = False
    dumped: bytes | None = None  # its tagged JSON; whoever sets this makes it shared, so it stays true
    chunks: Sequence[tuple[tuple[Value, ...], bytes]] | None = None  # of a long list: items and hash, as last stored
    measured: tuple[int, int] | None = None  # (weight in bytes, depth)


class List(Container, list[Value]):
    """A BASIC list."""


class Object(Container, dict[str, Value]):
    """A BASIC object: keys keep their case and order; looking up tries the exact key first, then any case."""


class RowSet(Container, list[Value]):
    """The rows a search found: a list whose properties are those of its first row; empty, it equals NULL."""


def is_container(value: Value) -> TypeGuard[List | Object | RowSet]:
    return isinstance(value, Container)


def is_number(value: Value) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def children_of(container: List | Object | RowSet) -> Iterable[Value]:
    return container.values() if isinstance(container, dict) else container


# -- size and sharing --------------------------------------------------------------------------------------------------


def measure(value: Value) -> tuple[int, int]:
    """Weight (about its bytes as JSON) and depth; raises LimitReached when it is too deep or a list too long.

    What a container holds when it is first measured may belong to another one too, and counts as shared from then on.
    """
    return _measure(value, MAX_DEPTH)


def weight_of(value: Value) -> int:
    """The weight alone; of what was measured before, at once."""
    if value.__class__ in SMALL:
        return 8
    if value.__class__ is str:
        return len(value) + 8
    return ((isinstance(value, Container) and value.measured) or _measure(value, MAX_DEPTH))[0]


def _measure(value: Value, deeper: int) -> tuple[int, int]:
    if isinstance(value, str):
        return len(value) + 8, 0
    if not is_container(value):
        return 8, 0
    if value.measured is not None:
        return value.measured
    if deeper == 0:
        raise LimitReached(f"The value is nested more than {MAX_DEPTH} levels deep.")
    if len(value) > MAX_ITEMS:
        raise too_many(len(value))
    weight, depth = 8, 0
    for item in children_of(value):
        if item.__class__ in SMALL:
            weight += 8
            continue
        if item.__class__ is str:
            weight += len(item) + 8
            continue
        item_weight, item_depth = _measure(item, deeper - 1)
        if isinstance(item, Container):
            item.shared = True  # a new list may hold items of an old one: `c = a + b`
        weight += item_weight
        depth = max(depth, item_depth)
    if isinstance(value, dict):
        weight += sum(map(len, value)) + 8 * len(value)
    value.measured = (weight, depth + 1)
    return value.measured


def too_many(count: int) -> LimitReached:
    return LimitReached(f"The list would have {count:,} items; the limit is {MAX_ITEMS:,}.")


def fits(weight: int, depth: int) -> None:
    """Raises LimitReached when a value of this size may not be stored."""
    if weight > MAX_WEIGHT:
        raise LimitReached(f"The value takes about {weight:,} bytes; the limit is {MAX_WEIGHT:,}.")
    if depth > MAX_DEPTH:
        raise LimitReached(f"The value is nested {depth} levels deep; the limit is {MAX_DEPTH}.")


def kept(value: Value) -> Value:
    """The value, ready to be stored: within the limits, and never changed in place from here on."""
    if value.__class__ in SMALL:
        return value
    if isinstance(value, Container):
        if not value.shared or value.measured is None:
            fits(*(value.measured or measure(value)))
            value.shared = True
    elif isinstance(value, str) and len(value) > MAX_TEXT:
        raise too_long(len(value))
    return value


def too_long(length: int) -> LimitReached:
    return LimitReached(f"The text would have {length:,} characters; the limit is {MAX_TEXT:,}.")


def copied(value: Value) -> Value:
    """A copy that shares no container with the value, for code that must not be trusted to leave it alone."""
    if isinstance(value, Object):
        return Object((key, copied(item)) for key, item in value.items())
    if isinstance(value, List | RowSet):
        return type(value)(copied(item) for item in value)
    return value


# -- taking values in --------------------------------------------------------------------------------------------------


def sound(words: str) -> str:
    """The text, unless it holds what no database and no JSON can keep; raises WrongValue."""
    if "\0" in words:
        raise WrongValue("The text holds the character U+0000, which cannot be stored. Remove it first.")
    if not words.isascii():
        try:
            words.encode()
        except UnicodeEncodeError as error:
            half = f"U+{ord(words[error.start]):04X}"
            raise WrongValue(
                f"The text holds half a character ({half}, a lone surrogate), which cannot be stored."
            ) from None
    return words


def number(value: float) -> int | float:
    """The number in its one form: an int if whole up to 2^53; raises WrongValue for NaN, infinity, beyond 64 bits."""
    if isinstance(value, int):
        if -(2**63) <= value < 2**63:
            return value
        raise WrongValue("The number is too large: whole numbers have 64 bits.")
    if not math.isfinite(value):
        raise WrongValue("The result is not a number." if math.isnan(value) else "The number is too large.")
    if value.is_integer() and -EXACT <= value <= EXACT:
        return int(value)
    return value


def adopt(value: object, deeper: int = MAX_DEPTH) -> Value:
    """The BASIC value for what a keyword's function, JSON or a database answered; raises WrongValue, LimitReached."""
    if value.__class__ is bool or value is None:
        return value
    if value.__class__ is dict and deeper:  # what most answers are, before what few are
        return _object(cast("dict[object, object]", value), deeper)
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise too_long(len(value))
        return sound(value)
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, timedelta):
        return value
    if isinstance(value, Decimal):
        return number(int(value) if value == value.to_integral_value() else float(value))
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return value
    if deeper == 0:
        raise LimitReached(f"The value is nested more than {MAX_DEPTH} levels deep.")
    if isinstance(value, Mapping):
        return _object(cast("Mapping[object, object]", value), deeper)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        if len(value) > MAX_ITEMS:
            raise too_many(len(value))
        return (RowSet if isinstance(value, RowSet) else List)(adopt(item, deeper - 1) for item in value)
    raise TypeError(f"{type(value).__name__} is not a BASIC value")


def _object(value: Mapping[object, object], deeper: int) -> Object:
    made = Object()
    for key, item in value.items():
        made[sound(key if isinstance(key, str) else str(key))] = adopt(item, deeper - 1)
    return made


# -- showing -----------------------------------------------------------------------------------------------------------


def text(value: Value) -> str:
    """The value as people read it: what TALK says and `+` joins. NULL is empty, lists and objects are JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return format(value, ".15g")
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _span(value)
    return json.dumps(plain(value), ensure_ascii=False)


def plain(value: Value) -> Any:
    """The value as ordinary JSON, for people and other programs: dates as ISO 8601, spans of time as seconds."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return number(value.total_seconds())
    return value


def _span(value: timedelta) -> str:
    seconds = abs(value)
    hours, rest = divmod(seconds.seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [(seconds.days, "day"), (hours, "hour"), (minutes, "minute"), (rest + seconds.microseconds / 1e6, "second")]
    words = " ".join(f"{count:.15g} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count)
    return ("-" if value < timedelta(0) else "") + (words or "0 seconds")


def kind_of(value: Value) -> str:
    """What sort of value it is, for a sentence: "a list", "the number 5", "the text "abc""."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return f'the text "{value if len(value) <= 40 else value[:37] + "..."}"'
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return f"the number {text(value)}"
    if isinstance(value, date):
        return f"the date {text(value)}"
    if isinstance(value, timedelta):
        return f"the time span {text(value)}"
    return {List: "a list", RowSet: "a list of rows"}.get(type(value), "an object")


def sentence(value: Value) -> str:
    """`kind_of`, to begin a sentence with."""
    words = kind_of(value)
    return words[:1].upper() + words[1:]


# -- asking ------------------------------------------------------------------------------------------------------------

_NUMERIC = re.compile(r"\s*[+-]?(\d{1,300}(\.\d{0,300})?|\.\d{1,300})\s*", re.ASCII)


def is_null(value: Value) -> bool:
    """NULL, and a search that found nothing."""
    return value is None or (isinstance(value, RowSet) and not value)


def truthy(value: Value) -> bool:
    """Whether it counts as TRUE: NULL, FALSE, 0, "", and an empty list or object do not."""
    return bool(value) or isinstance(value, timedelta)


def numeric(words: str) -> int | float | None:
    """The number a text looks like, or None."""
    if not _NUMERIC.fullmatch(words):
        return None
    try:
        return number(float(words) if "." in words else int(words))
    except WrongValue:
        return None
