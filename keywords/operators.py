"""What `+`, `=`, `<` and the others mean for every pair of values.

NULL counts as 0 in arithmetic and as "" when joined to a text. `=` with NULL is true for NULL and for a search without
rows; an order comparison with NULL is false. A text that looks like a number compares and calculates as one, but two
texts are equal only letter by letter. A date plus a number adds days, a time plus a number adds seconds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import NoReturn

from keywords.host import Value
from keywords.mistakes import LimitReached, WrongValue
from keywords.values import (
    MAX_ITEMS,
    MAX_TEXT,
    List,
    Object,
    RowSet,
    adopt,
    is_container,
    is_number,
    kind_of,
    number,
    numeric,
    text,
    too_long,
    too_many,
    truthy,
)

Operation = Callable[[Value, Value], Value]

MAX_SEARCH = 50_000_000  # comparisons of characters that one LIKE may take; `_` makes it try each place anew


def calculable(value: Value) -> int | float | None:
    """The number that a value counts as in arithmetic, or None."""
    if is_number(value):
        return value
    if value is None:
        return 0
    if isinstance(value, bool):
        return int(value)
    return numeric(value) if isinstance(value, str) else None


def _refuse(word: str, left: Value, right: Value) -> NoReturn:
    raise WrongValue(f"{word} does not work for {kind_of(left)} and {kind_of(right)}.")


def joined(left: str, right: str) -> str:
    if len(left) + len(right) > MAX_TEXT:
        raise too_long(len(left) + len(right))
    return left + right


def add(left: Value, right: Value) -> Value:
    if isinstance(left, str) or isinstance(right, str):
        return joined(text(left), text(right))
    if isinstance(left, date | timedelta) or isinstance(right, date | timedelta):
        return _add_time(left, right)
    if is_container(left) or is_container(right):
        if isinstance(left, list) and isinstance(right, list):
            if len(left) + len(right) > MAX_ITEMS:
                raise too_many(len(left) + len(right))
            return List([*left, *right])
        if isinstance(left, Object) and isinstance(right, Object):
            return Object({**left, **right})
        _refuse("+", left, right)
    return number((left or 0) + (right or 0))


def subtract(left: Value, right: Value) -> Value:
    if isinstance(left, date | timedelta) or isinstance(right, date | timedelta):
        return _subtract_time(left, right)
    return _numbers("-", left, right, lambda a, b: a - b)


def multiply(left: Value, right: Value) -> Value:
    if isinstance(left, timedelta) or isinstance(right, timedelta):
        span, factor = (left, right) if isinstance(left, timedelta) else (right, left)
        if (by := calculable(factor)) is None:
            _refuse("*", left, right)
        return _in_range(lambda: span * by)
    return _numbers("*", left, right, lambda a, b: a * b)


def divide(left: Value, right: Value) -> Value:
    if isinstance(left, timedelta):
        by = right.total_seconds() if isinstance(right, timedelta) else calculable(right)
        if by is None:
            _refuse("/", left, right)
        if by == 0:
            raise WrongValue("Division by zero.")
        return number(left.total_seconds() / by) if isinstance(right, timedelta) else _in_range(lambda: left / by)
    return _numbers("/", left, right, _quotient)


def _quotient(left: float, right: float) -> float:
    if right == 0:
        raise WrongValue("Division by zero.")
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return left // right
    return left / right


def modulo(left: Value, right: Value) -> Value:
    return _numbers("MOD", left, right, _remainder)


def _remainder(left: float, right: float) -> float:
    """With the sign of the left side, as BASIC has it."""
    if right == 0:
        raise WrongValue("Division by zero.")
    if isinstance(left, int) and isinstance(right, int):
        return abs(left) % abs(right) * (-1 if left < 0 else 1)
    return math.fmod(left, right)


def power(left: Value, right: Value) -> Value:
    return _numbers("^", left, right, _raised)


def _raised(left: float, right: float) -> float:
    if left == 0 and right < 0:
        raise WrongValue("Division by zero.")
    if left < 0 and not float(right).is_integer():
        raise WrongValue("A negative number has no power with a fraction.")
    if isinstance(left, int) and isinstance(right, int) and 0 <= right <= 64:
        return left**right
    return float(left) ** right


def negate(value: Value) -> Value:
    if isinstance(value, timedelta):
        return _in_range(lambda: -value)
    if (amount := calculable(value)) is None:
        raise WrongValue(f"- does not work for {kind_of(value)}.")
    return number(-amount)


def _numbers(word: str, left: Value, right: Value, operation: Callable[[float, float], float]) -> int | float:
    a, b = calculable(left), calculable(right)
    if a is None or b is None:
        _refuse(word, left, right)
    try:
        return number(operation(a, b))
    except OverflowError:
        raise WrongValue("The number is too large.") from None


# -- time --------------------------------------------------------------------------------------------------------------


def _in_range(make: Callable[[], Value]) -> Value:
    try:
        return make()
    except (OverflowError, ValueError):
        raise WrongValue("The date would lie outside the years 1 to 9999.") from None


def _span(value: Value, per: timedelta) -> timedelta | None:
    if isinstance(value, timedelta):
        return value
    amount = calculable(value)
    return None if amount is None else _in_range(lambda: amount * per)


def _add_time(left: Value, right: Value) -> Value:
    start, other = (left, right) if isinstance(left, date) else (right, left)
    if not isinstance(start, date):
        start = _span(start, timedelta(seconds=1))
    unit = timedelta(days=1) if isinstance(start, date) and not isinstance(start, datetime) else timedelta(seconds=1)
    span = _span(other, unit)
    if span is None or start is None:
        _refuse("+", left, right)
    return _shifted(start, span)


def _shifted(moment: Value, span: timedelta) -> Value:
    if isinstance(moment, date) and not isinstance(moment, datetime) and span % timedelta(days=1):
        moment = instant(moment)  # a day plus three hours is a time of that day
    return _in_range(lambda: moment + span)


def _subtract_time(left: Value, right: Value) -> Value:
    if isinstance(left, date) and isinstance(right, date):
        return instant(left) - instant(right)
    if isinstance(right, date):
        _refuse("-", left, right)
    unit = timedelta(days=1) if isinstance(left, date) and not isinstance(left, datetime) else timedelta(seconds=1)
    span = _span(right, unit)
    start = left if isinstance(left, date | timedelta) else _span(left, timedelta(seconds=1))
    if span is None or start is None:
        _refuse("-", left, right)
    return _shifted(start, _in_range(lambda: -span))


def instant(day: date) -> datetime:
    """The moment itself, or the midnight (UTC) a day begins with."""
    return day if isinstance(day, datetime) else datetime.combine(day, time(), UTC)


def read_date(words: str) -> date | None:
    """The date or time that a text in ISO form, or written 31/12/2026, stands for; None when it is neither."""
    words = words.strip()
    if found := _DAY_FIRST.fullmatch(words):
        words = f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}{found[4] or ''}"
    try:
        if len(words) == 10:
            return date.fromisoformat(words)
        return adopt(datetime.fromisoformat(words)) if len(words) > 10 else None
    except (ValueError, OverflowError):
        return None


_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})([ T].+)?", re.ASCII)


# -- comparing ---------------------------------------------------------------------------------------------------------


def equal(left: Value, right: Value) -> bool:
    if type(left) is type(right):
        return _same(left, right)
    if left is None or right is None:
        other = right if left is None else left
        return isinstance(other, RowSet) and not other
    if isinstance(left, bool) or isinstance(right, bool):
        return _as_bool(left) is _as_bool(right)
    pair = _comparable(left, right)
    return pair is not None and pair[0] == pair[1]


def _same(left: Value, right: Value) -> bool:
    if isinstance(left, Object):
        return left.keys() == right.keys() and all(equal(item, right[key]) for key, item in left.items())
    if isinstance(left, list):
        return len(left) == len(right) and all(map(equal, left, right))
    return bool(left == right)


def _as_bool(value: Value) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(value.casefold())
    return bool(value) if is_number(value) and value in (0, 1) else None


def _comparable(left: Value, right: Value) -> tuple[Value, Value] | None:
    """Both sides as values of one ordered sort, or None."""
    if isinstance(left, list) and isinstance(right, list):
        return (left, right) if type(left) is type(right) else (List(left), List(right))
    if is_number(left) and is_number(right):
        return left, right
    if isinstance(left, str) and isinstance(right, str):
        a, b = numeric(left), numeric(right)
        return (left, right) if a is None or b is None else (a, b)
    if isinstance(left, date) or isinstance(right, date):
        a, b = _as_moment(left), _as_moment(right)
        return None if a is None or b is None else (a, b)
    if isinstance(left, timedelta) or isinstance(right, timedelta):
        a, b = (v.total_seconds() if isinstance(v, timedelta) else calculable(v) for v in (left, right))
        return None if a is None or b is None else (a, b)
    if isinstance(left, bool | str) or isinstance(right, bool | str):
        a, b = calculable(left), calculable(right)
        return None if a is None or b is None else (a, b)
    return None


def _as_moment(value: Value) -> datetime | None:
    day = read_date(value) if isinstance(value, str) else value
    return instant(day) if isinstance(day, date) else None


def _ordering(test: Callable[[Value, Value], bool]) -> Operation:
    def ordered(left: Value, right: Value) -> bool:
        if left is None or right is None:
            return False
        pair = _comparable(left, right)
        return pair is not None and not is_container(pair[0]) and test(*pair)

    return ordered


def contains(left: Value, right: Value) -> bool:
    """`left CONTAINS right`: a part of a text, an item of a list, a key of an object."""
    if left is None:
        return False
    if isinstance(left, Object):
        return text(right) in left
    if isinstance(left, list):
        return any(equal(item, right) for item in left)
    return text(right) in text(left)


def like(left: Value, right: Value) -> bool:
    """`left LIKE right`: `%` or `*` stands for any text, `_` or `?` for one character, case does not matter."""
    if left is None or right is None:
        return False
    words, shape = text(left).casefold(), text(right).casefold().replace("?", "_").replace("*", "%")
    first, *rest = shape.split("%")
    longest = max((len(piece) for piece in rest[:-1] if "_" in piece), default=0)
    if longest * len(words) > MAX_SEARCH:
        raise LimitReached(
            f"A pattern of {len(shape):,} characters with `_` or `?` is too long for a text of {len(words):,}."
        )
    if not _stands(first, words, 0):
        return False
    if not rest:
        return len(words) == len(first)
    at = len(first)
    for piece in rest[:-1]:  # the leftmost place of each piece is always good enough: no going back
        at = _search(piece, words, at)
        if at < 0:
            return False
        at += len(piece)
    start = len(words) - len(rest[-1])
    return start >= at and _stands(rest[-1], words, start)


def _stands(piece: str, words: str, at: int) -> bool:
    if "_" not in piece:
        return words.startswith(piece, at)
    part = words[at : at + len(piece)]
    return len(part) == len(piece) and all(p in ("_", c) for p, c in zip(piece, part, strict=True))


def _search(piece: str, words: str, at: int) -> int:
    if "_" not in piece:
        return words.find(piece, at)
    found = re.compile(re.escape(piece).replace("_", "."), re.DOTALL).search(words, at)
    return found.start() if found else -1


def between(value: Value, ends: Value) -> bool:
    """`value BETWEEN least AND most`, both ends included; FALSE with NULL."""
    least, most = ends if isinstance(ends, list) and len(ends) == 2 else (None, None)
    return BINARY[">="](value, least) is True and BINARY["<="](value, most) is True


BINARY: dict[str, Operation] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "MOD": modulo,
    "^": power,
    "=": equal,
    "<>": lambda left, right: not equal(left, right),
    "<": _ordering(lambda a, b: a < b),
    "<=": _ordering(lambda a, b: a <= b),
    ">": _ordering(lambda a, b: a > b),
    ">=": _ordering(lambda a, b: a >= b),
    "BETWEEN": between,
    "XOR": lambda left, right: truthy(left) is not truthy(right),
    "IN": lambda left, right: contains(right, left),
    "NOT IN": lambda left, right: not contains(right, left),
    "CONTAINS": contains,
    "LIKE": like,
    "NOT CONTAINS": lambda left, right: not contains(left, right),
    "NOT LIKE": lambda left, right: not like(left, right),
    "STARTS WITH": lambda left, right: left is not None and text(left).startswith(text(right)),
    "ENDS WITH": lambda left, right: left is not None and text(left).endswith(text(right)),
}
