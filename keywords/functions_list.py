"""Built-in functions for lists and objects; none changes its argument."""

from __future__ import annotations

from datetime import date

from keywords.conditions import condition, holds
from keywords.encode import dump_text, read_json
from keywords.function import MANY, Function, amount, items, of, place_in, to_iterate, words
from keywords.host import Value
from keywords.mistakes import WrongValue
from keywords.operators import add, contains, divide, equal, read_date
from keywords.ordering import in_order, rank
from keywords.places import key_of, member
from keywords.values import (
    MAX_ITEMS,
    List,
    Object,
    is_container,
    is_null,
    is_number,
    kind_of,
    numeric,
    plain,
    text,
    too_many,
    truthy,
)


def _column(values: Value, field: Value = None) -> list[Value]:
    found = items(values)
    return found if field is None else [member(item, words(field), optional=True) for item in found]


def total(values: Value, field: Value = None, wanted: Value = None) -> Value:
    """The sum of a list, or of a field of its items; of those that fit, when there is a condition."""
    if wanted is not None:
        asked = condition(wanted)
        values = List(item for item in items(values) if holds(asked, item))
    result: Value = 0
    for value in _column(values, field):
        result = add(result, amount(value))
    return result


def average(values: Value, field: Value = None) -> Value:
    """The mean of what is not NULL; NULL when there is nothing."""
    present = List(value for value in _column(values, field) if value is not None)
    return divide(total(present), len(present)) if present else None


def count(values: Value, field: Value = None) -> int:
    if field is None and isinstance(values, Object):
        return len(values)
    return len(_column(values)) if field is None else sum(v is not None for v in _column(values, field))


def size(value: Value, dimension: Value = None) -> int:
    """UBOUND: how many items, as the packages use it."""
    return len(value) if is_container(value) else len(items(value))


def largest(*given: Value) -> Value:
    """Of its arguments, or of a list (and a field of its items); NULL when there is nothing."""
    present = _present(given)
    return max(present, key=rank) if present else None


def smallest(*given: Value) -> Value:
    present = _present(given)
    return min(present, key=rank) if present else None


def _present(given: tuple[Value, ...]) -> list[Value]:
    values = _column(*given) if isinstance(given[0], list) and len(given) <= 2 else given
    return [value for value in values if value is not None]


def cut(values: Value, start: Value, end: Value = None) -> Value:
    """SLICE(list, start, end): from `start` up to but without `end`; both count from 0, from the end if negative."""
    source = values if isinstance(values, str) else items(values)
    part = source[place_in(start) : None if end is None else place_in(end)]
    return part if isinstance(part, str) else List(part)


def reverse(value: Value) -> Value:
    return value[::-1] if isinstance(value, str) else List(reversed(items(value)))


def unique(values: Value, field: Value = None) -> List:
    """Each item once, or of each value of a field the first item."""
    seen: set[str] = set()
    found = List()
    for value in items(values):
        mark = dump_text(value if field is None else member(value, words(field), optional=True))
        if mark not in seen:
            seen.add(mark)
            found.append(value)
    return found


def index_of(value: Value, part: Value) -> int:
    """Where an item stands in a list, or a part in a text, from 0; -1 when it is not there."""
    if isinstance(value, list):
        return next((at for at, item in enumerate(value) if equal(item, part)), -1)
    return words(value).find(words(part))


def first(value: Value, field: Value = None) -> Value:
    """The first item of a list, or a field of it; the first word of a text."""
    if isinstance(value, list):
        return _field_of(value[0], field) if value else None
    return next(iter(words(value).split()), "")


def last(value: Value, field: Value = None) -> Value:
    if isinstance(value, list):
        return _field_of(value[-1], field) if value else None
    return next(iter(reversed(words(value).split())), "")


def _field_of(item: Value, field: Value) -> Value:
    return item if field is None else member(item, words(field), optional=True)


def pushed(values: Value, *more: Value) -> List:
    """PUSH as a function of something that is no variable: the longer list."""
    found = items(values)
    if len(found) + len(more) > MAX_ITEMS:
        raise too_many(len(found) + len(more))
    return List([*found, *more])


def numbers(start: Value, end: Value) -> List:
    low, high = place_in(start), place_in(end)
    if high - low + 1 > MAX_ITEMS:
        raise too_many(high - low + 1)
    return List(range(low, high + 1))


def keys(value: Value) -> List:
    if not isinstance(value, Object):
        raise WrongValue(f"An object is needed here, not {kind_of(value)}.")
    return List(value)


def fields(value: Value) -> List:
    if not isinstance(value, Object):
        raise WrongValue(f"An object is needed here, not {kind_of(value)}.")
    return List(value.values())


def is_empty(value: Value) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or (is_container(value) and not value)


def first_present(*given: Value) -> Value:
    return next((value for value in given if not is_null(value)), None)


def sort_of(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if is_number(value):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object" if isinstance(value, Object) else "date"


def first_place(value: Value) -> int:
    return 0


def ordered(values: Value, by: Value = None, descending: Value = None) -> List:
    return in_order(items(values), by, descending)


def a_list(*given: Value) -> List:
    return List(given)


def has_key(value: Value, key: Value) -> bool:
    return isinstance(value, Object) and key_of(value, words(key)) is not None


def is_numeric(value: Value) -> bool:
    return is_number(value) or (isinstance(value, str) and numeric(value) is not None)


def is_date(value: Value) -> bool:
    return isinstance(read_date(value) if isinstance(value, str) else value, date)


def is_list(value: Value) -> bool:
    return isinstance(value, list)


def is_object(value: Value) -> bool:
    return isinstance(value, Object)


def chosen(condition: Value, yes: Value, no: Value) -> Value:
    return yes if truthy(condition) else no


def iterated(value: Value, last: Value = None) -> List:
    """What FOR EACH x IN value [LAST n] goes through."""
    found = to_iterate(value)
    if last is None and isinstance(found, List):
        return found  # nobody changes it: whoever stores a list makes it shared
    return List(found if last is None else found[-max(1, place_in(last)) :])


def as_object(value: Value) -> Value:
    """The value of a text of JSON; other values as they are."""
    return read_json(value) if isinstance(value, str) else value


def to_json(value: Value) -> str:
    return text(value) if is_container(value) else dump_text(plain(value))


TABLE: tuple[Function, ...] = (
    of("SUM", total, 1, 3),
    of("AVG", average, 1, 2, "AVERAGE"),
    of("COUNT", count, 1, 2),
    of("MAX", largest, 1, MANY),
    of("MIN", smallest, 1, MANY),
    of("UBOUND", size, 1, 2),
    of("LBOUND", first_place, 1),
    of("SLICE", cut, 2, 3),
    of("SORT", ordered, 1, 3),
    of("REVERSE", reverse, 1),
    of("UNIQUE", unique, 1, 2, "DISTINCT"),
    of("CONTAINS", contains, 2, 2, "INCLUDES"),
    of("INDEXOF", index_of, 2),
    of("FIRST", first, 1, 2),
    of("LAST", last, 1, 2),
    of("PUSH", pushed, 2, MANY, "APPEND"),
    of("ARRAY", a_list, 0, MANY),
    of("RANGE", numbers, 2),
    of("KEYS", keys, 1),
    of("VALUES", fields, 1),
    of("HASKEY", has_key, 2),
    of("ISEMPTY", is_empty, 1),
    of("ISNULL", is_null, 1),
    of("ISNUMERIC", is_numeric, 1, 1, "ISNUMBER"),
    of("ISDATE", is_date, 1),
    of("ISARRAY", is_list, 1, 1, "ISLIST"),
    of("ISOBJECT", is_object, 1),
    of("TYPEOF", sort_of, 1, 1, "TYPENAME"),
    of("NVL", first_present, 1, MANY, "COALESCE"),
    of("IIF", chosen, 3, 3, "IF"),
    of("JSON", to_json, 1, 1, "TOJSON", "STRINGIFY"),
    of("JSON_PARSE", as_object, 1, 1, "PARSEJSON", "FROMJSON", "JSONPARSE", "PARSE_JSON"),
    of("~ITERATE", iterated, 1, 2),
)
