"""WHERE on events: the condition is data, its right sides already evaluated; compiled once, it is asked of many events.

Left of a comparison stands a field of the event's data (`total`, or `data.total`), or one of the event itself
(`event.name`; also `id`, `name`, `key`, `time`, `source` alone, where the data has no such field).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from keywords import conditions
from keywords.encode import dump, from_plain, load
from keywords.host import Value
from keywords.mistakes import ProgramError, WrongValue
from keywords.operators import BINARY, like
from keywords.places import member
from keywords.values import Object, truthy

FIELDS = ("id", "name", "key", "data", "time", "source")
LARGEST = 16_384  # bytes of a condition
Test: TypeAlias = Callable[[Mapping[str, Value]], Value]


def stored(asked: Value) -> Any:
    """The condition as the JSON that a row holds; raises WrongValue, SyntaxMistake for what is none."""
    if asked is None:
        return None
    found = dump(conditions.condition(asked))
    if len(json.dumps(found)) > LARGEST:
        raise WrongValue(f"WHERE of an event may take at most {LARGEST:,} bytes.")
    return found


def compiled(condition: Any) -> Callable[[Mapping[str, Any]], bool]:
    """Whether an event fits, by the stored condition; None fits all. An event that cannot be compared does not fit."""
    if condition is None:
        return lambda event: True
    return _kept(json.dumps(condition))


@lru_cache(maxsize=4096)
def _kept(text: str) -> Callable[[Mapping[str, Any]], bool]:
    test = _test(load(json.loads(text)))

    def fits(event: Mapping[str, Any]) -> bool:
        given = {field: from_plain(event.get(field)) for field in FIELDS}
        try:
            return truthy(test(given))
        except ProgramError:
            return False

    return fits


def _test(condition: Sequence[Value]) -> Test:
    operator = str(condition[0])
    match operator:
        case "AND":
            left, right = _test(condition[1]), _test(condition[2])
            return lambda event: truthy(left(event)) and truthy(right(event))
        case "OR":
            left, right = _test(condition[1]), _test(condition[2])
            return lambda event: truthy(left(event)) or truthy(right(event))
        case "NOT":
            inner = _test(condition[1])
            return lambda event: not truthy(inner(event))
        case _:
            pass
    path = _path(str(condition[1]))
    match operator:
        case "IS NULL":
            return lambda event: path(event) is None
        case "TRUE":
            return path
        case "LIKE":
            wanted = condition[2]
            return lambda event: like(path(event), wanted)
        case _:
            compare, value = BINARY[operator], condition[2]
            return lambda event: compare(path(event), value)


def _path(words: str) -> Test:
    """What stands left of an operator; a bare name is of the data, if the data has it, else of the event."""
    names = words.split(".")
    first, own = names[0].lower(), names[0].lower() == "event" and len(names) > 1
    if own:
        first, names = names[1].lower(), names[1:]
    if first == "data" or (own and first in FIELDS):
        return _reached(first, names[1:])
    of_data = _reached("data", names)
    if first not in FIELDS:
        return of_data
    of_event = _reached(first, names[1:])

    def found(event: Mapping[str, Value]) -> Value:
        data = event["data"]
        return of_data(event) if isinstance(data, Object) and names[0] in data else of_event(event)

    return found


def _reached(first: str, rest: Sequence[str]) -> Test:
    def reached(event: Mapping[str, Value]) -> Value:
        value = event[first]
        for name in rest:
            value = member(value, name, optional=True)
        return value

    return reached
