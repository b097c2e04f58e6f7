"""Built-in functions for texts. Positions count characters from 1, as BASIC has it; 0 means "not found"."""

from __future__ import annotations

from collections.abc import Callable

from keywords.function import MANY, Function, amount, items, of, whole, words
from keywords.host import Value
from keywords.mistakes import WrongValue
from keywords.operators import read_date
from keywords.values import (
    MAX_ITEMS,
    MAX_TEXT,
    List,
    is_container,
    kind_of,
    numeric,
    sound,
    text,
    too_long,
    too_many,
    truthy,
)


def length(value: Value) -> int:
    """Characters of a text, items of a list, fields of an object."""
    return len(value) if is_container(value) else len(words(value))


def left(value: Value, count: Value) -> str:
    return words(value)[: max(0, whole(count))]


def right(value: Value, count: Value) -> str:
    kept = max(0, whole(count))
    return words(value)[-kept:] if kept else ""


def mid(value: Value, start: Value, count: Value = None) -> Value:
    """A part of a text, from 1; of a list, from 0."""
    if isinstance(value, list):
        items: list[Value] = value[max(0, whole(start)) :]
        return List(items if count is None else items[: max(0, whole(count))])
    first = max(1, whole(start)) - 1
    after = words(value)[first:]
    return after if count is None else after[: max(0, whole(count))]


def instr(*given: Value) -> int:
    """INSTR([start,] text, part)."""
    start, (value, part) = (whole(given[0]), given[1:]) if len(given) == 3 else (1, given)
    return words(value).find(words(part), max(0, start - 1)) + 1


def replace(value: Value, old: Value, new: Value) -> str:
    source, part, other = words(value), words(old), words(new)
    if not part:
        return source
    grown = len(source) + source.count(part) * (len(other) - len(part))
    if grown > MAX_TEXT:
        raise too_long(grown)
    return source.replace(part, other)


def split(value: Value, by: Value = " ") -> List:
    source, mark = words(value), words(by)
    parts = source.split(mark) if mark else list(source)
    if len(parts) > MAX_ITEMS:
        raise too_many(len(parts))
    return List(parts)


def join(values: Value, by: Value = ",") -> str:
    parts, mark = [text(item) for item in items(values)], words(by)
    total = sum(map(len, parts)) + len(mark) * max(0, len(parts) - 1)
    if total > MAX_TEXT:
        raise too_long(total)
    return mark.join(parts)


def repeat(value: Value, count: Value) -> str:
    source = words(value)
    times = max(0, whole(count)) if source else 0
    if len(source) * times > MAX_TEXT:
        raise too_long(len(source) * times)
    return source * times


def value_of(given: Value) -> int | float:
    """VAL: the number at the start of a text; 0 when there is none."""
    if not isinstance(given, str):
        return amount(given) if not is_container(given) else 0
    source = given.strip()
    for end in range(min(len(source), 40), 0, -1):
        if (found := numeric(source[:end])) is not None:
            return found
    return 0


def character(code: Value) -> str:
    number = whole(code)
    if not 0 < number < 0x110000:
        raise WrongValue(f"CHR takes the code of a character, not {kind_of(code)}.")
    return sound(chr(number))


def code_of(value: Value) -> int:
    source = words(value)
    return ord(source[0]) if source else 0


def to_boolean(value: Value) -> bool:
    if isinstance(value, str):
        return value.strip().casefold() not in ("", "0", "false", "no")
    return truthy(value)


def capitalize(value: Value) -> str:
    source = words(value)
    return source[:1].upper() + source[1:]


def between(value: Value, start: Value, end: Value) -> str:
    """What stands between two marks; "" when either is missing."""
    _, found, after = words(value).partition(words(start) or "\0")
    inside, closed, _ = after.partition(words(end) or "\0")
    return inside if found and closed else ""


def before(value: Value, mark: Value) -> str:
    inside, found, _ = words(value).partition(words(mark) or "\0")
    return inside if found else ""


def after(value: Value, mark: Value) -> str:
    _, found, inside = words(value).partition(words(mark) or "\0")
    return inside if found else ""


def pad_left(value: Value, size: Value, fill: Value = " ") -> str:
    source, count = words(value), _length_limit(size)
    return source.rjust(count, words(fill)[:1] or " ")


def pad_right(value: Value, size: Value, fill: Value = " ") -> str:
    source, count = words(value), _length_limit(size)
    return source.ljust(count, words(fill)[:1] or " ")


def _length_limit(size: Value) -> int:
    count = whole(size)
    if count > MAX_TEXT:
        raise too_long(count)
    return count


def starts_with(value: Value, part: Value) -> bool:
    return words(value).startswith(words(part))


def ends_with(value: Value, part: Value) -> bool:
    return words(value).endswith(words(part))


def joined_all(*parts: Value) -> str:
    return join(List(parts), "")


def to_date(value: Value) -> Value:
    return read_date(value) if isinstance(value, str) else value


def _changed(change: Callable[[str], str]) -> Callable[[Value], str]:
    """A function that changes a text as `change` does; upper case may make it longer (ß), hence the cut."""
    return lambda value: change(words(value))[:MAX_TEXT]


TABLE: tuple[Function, ...] = (
    of("LEN", length, 1, 1, "LENGTH"),
    of("LEFT", left, 2),
    of("RIGHT", right, 2),
    of("MID", mid, 2, 3, "SUBSTR"),
    of("INSTR", instr, 2, 3),
    of("REPLACE", replace, 3),
    of("UCASE", _changed(str.upper), 1, 1, "UPPER", "UPPERCASE", "TOUPPERCASE"),
    of("LCASE", _changed(str.lower), 1, 1, "LOWER", "LOWERCASE", "TOLOWERCASE"),
    of("TRIM", _changed(str.strip), 1),
    of("LTRIM", _changed(str.lstrip), 1),
    of("RTRIM", _changed(str.rstrip), 1),
    of("SPLIT", split, 1, 2),
    of("REPEAT", repeat, 2),
    of("STR", words, 1, 1, "CSTR", "TOSTRING"),
    of("VAL", value_of, 1, 1, "CDBL"),
    of("CBOOL", to_boolean, 1),
    of("CDATE", to_date, 1),
    of("CHR", character, 1),
    of("ASC", code_of, 1),
    of("CAPITALIZE", capitalize, 1),
    of("STARTSWITH", starts_with, 2),
    of("ENDSWITH", ends_with, 2),
    of("EXTRACT_BETWEEN", between, 3),
    of("EXTRACT_BEFORE", before, 2),
    of("EXTRACT_AFTER", after, 2),
    of("PADLEFT", pad_left, 2, 3, "LPAD", "PADSTART"),
    of("PADRIGHT", pad_right, 2, 3, "RPAD", "PADEND"),
    of("CONCAT", joined_all, 1, MANY),
)
