"""Reading and changing a place inside a value: `order.lines[0].price`.

Reading is lenient: what is not there is NULL. Changing never shows through another variable: containers that are
`shared` are copied, one level at a time, on the way to the place; and it happens entirely or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from keywords.encode import read_json
from keywords.host import Value
from keywords.mistakes import ProgramError, UnknownName, WrongValue
from keywords.values import (
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_WEIGHT,
    SMALL,
    List,
    Object,
    RowSet,
    adopt,
    children_of,
    fits,
    is_container,
    kept,
    kind_of,
    measure,
    numeric,
    plain,
    sentence,
    text,
    too_many,
)

C = TypeVar("C", List, Object, RowSet)

_OF_DATES: dict[str, Callable[[datetime | date], Value]] = {
    "year": lambda d: d.year,
    "month": lambda d: d.month,
    "day": lambda d: d.day,
    "hour": lambda d: d.hour if isinstance(d, datetime) else 0,
    "minute": lambda d: d.minute if isinstance(d, datetime) else 0,
    "second": lambda d: d.second if isinstance(d, datetime) else 0,
    "weekday": lambda d: d.isoweekday() % 7 + 1,
    "date": lambda d: d.date() if isinstance(d, datetime) else d,
    "time": lambda d: d.strftime("%H:%M:%S") if isinstance(d, datetime) else "00:00:00",
    "iso": plain,
    "formatted": text,
    "timestamp": lambda d: adopt(d.timestamp()) if isinstance(d, datetime) else None,
}


# -- reading -----------------------------------------------------------------------------------------------------------


def key_of(target: Object, name: str) -> str | None:
    """The key that a name means: itself, or the first that differs only in case."""
    if name in target:
        return name
    folded = name.casefold()
    return next((key for key in target if key.casefold() == folded), None)


def member(target: Value, name: str, optional: bool = False) -> Value:
    """`target.name`; NULL where there is none. A text that holds JSON is read; other texts have no fields."""
    if isinstance(target, Object):
        key = key_of(target, name)
        if key is not None:
            return target[key]
        return len(target) if name.casefold() in ("length", "count") else None
    if target is None:
        return None
    folded = name.casefold()
    if isinstance(target, str | list) and folded in ("length", "count"):
        return len(target)
    if isinstance(target, RowSet):
        return member(target[0], name) if target else None
    if isinstance(target, date) and folded in _OF_DATES:
        return _OF_DATES[folded](target)
    if isinstance(target, str):
        inside = as_json(target)
        if inside is not None:
            return member(inside, name)
        if folded in ("filename", "extension"):  # of the path of a file
            last = target.replace("\\", "/").rpartition("/")[2]
            return last if folded == "filename" else last.rpartition(".")[2] if "." in last else ""
    if optional:
        return None
    if isinstance(target, date):
        raise UnknownName("date field", name, _OF_DATES, f"There are {', '.join(_OF_DATES)}.")
    advice = "Ask the model for JSON only. " if isinstance(target, str) else ""
    if isinstance(target, List):
        advice = f"Take one of its items first: [0].{name}. "
    raise WrongValue(f"{sentence(target)} has no field {name}. {advice}".strip())


def as_json(words: str) -> Object | List | None:
    """The object or list that a model's answer holds, also inside a fenced block."""
    words = words.strip()
    if words.startswith("```") and words.endswith("```"):
        words = words[3:-3].removeprefix("json").strip()
    if not words.startswith(("{", "[")):
        return None
    try:
        inside = read_json(words)
    except ProgramError:
        return None
    return inside if isinstance(inside, Object | List) else None


def item(target: Value, index: Value) -> Value:
    """`target[index]`: lists and texts count from 0, from the end when negative; objects by key."""
    if isinstance(target, Object):
        key = key_of(target, text(index))
        return None if key is None else target[key]
    if target is None:
        return None
    if isinstance(target, list | str):
        at = position(index)
        if at is None:
            if isinstance(index, str) and not isinstance(target, List):
                return member(target, index)
            raise WrongValue(f"A list is indexed by a whole number, not by {kind_of(index)}.")
        return target[at] if -len(target) <= at < len(target) else None
    raise WrongValue(f"{sentence(target)} has no items.")


def position(index: Value) -> int | None:
    """The whole number that an index is, or None."""
    if isinstance(index, str):
        index = numeric(index)
    return index if isinstance(index, int) and not isinstance(index, bool) else None


# -- changing ----------------------------------------------------------------------------------------------------------


def written(root: Value, path: Sequence[Value], value: Value) -> Value:
    """The root with `value` at `path`, missing levels made on the way; store it back where the root came from."""
    root, steps, value = _grounded(root, path, kept(value))
    if not steps:
        return value
    holder, key = place(root, steps[:-1]), steps[-1]
    weight, depth = measure(value)
    if isinstance(holder, dict):
        old = measure(holder[key]) if key in holder else (-len(key) - 8, 0)
    else:
        old = measure(holder[key]) if key < len(holder) else (8 * (len(holder) - key), 0)
    fits(measure(root)[0] + weight - old[0], len(steps) + depth)
    chain = _opened(root, steps[:-1])
    holder = chain[-1]
    if isinstance(holder, list):
        holder.extend([None] * (key + 1 - len(holder)))
    holder[key] = value
    _resized(chain, weight - old[0], old[1], depth)
    return chain[0]


def exchanged(root: Value, path: Sequence[Value], value: Value) -> bool:
    """Puts one small value in the place of another, inside containers that nobody else sees: no size changes by it."""
    if value.__class__ not in SMALL:
        return False
    holder, last = root, len(path) - 1
    for at, key in enumerate(path):
        if holder.__class__ is List:
            fits_in = key.__class__ is int and 0 <= key < len(holder)
        else:
            fits_in = holder.__class__ is Object and key.__class__ is str and key in holder
        if not fits_in or holder.shared:
            return False
        if at < last:
            holder = holder[key]
        elif holder[key].__class__ in SMALL:
            holder[key] = value
            return True
    return False


def appended(root: Value, value: Value) -> bool:
    """Adds one value to the end of a list that nobody else sees, unless that would exceed a limit."""
    weight, depth = measure(kept(value))  # before the next line: the value may be the list itself
    if root.__class__ is not List or root.shared or root.measured is None or len(root) >= MAX_ITEMS:
        return False
    weight, depth = root.measured[0] + weight, max(root.measured[1], depth + 1)
    if weight > MAX_WEIGHT or depth > MAX_DEPTH:
        return False
    root.append(value)
    root.measured = weight, depth
    return True


def spliced(root: Value, path: Sequence[Value], start: int, count: int, items: Sequence[Value]) -> tuple[Value, List]:
    """The root after `count` items of the list at `path` gave way to `items`, and the items taken out."""
    target = place(root, path)
    if target is None:
        return written(root, path, List(items)), List()
    if not isinstance(target, list):
        raise WrongValue(f"{sentence(target)} is not a list.")
    start = max(0, start + len(target)) if start < 0 else min(start, len(target))
    count = max(0, min(count, len(target) - start))
    if len(target) - count + len(items) > MAX_ITEMS:
        raise too_many(len(target) - count + len(items))
    root, steps, _ = _grounded(root, path, None)
    removed = List(target[start : start + count])
    sizes, taken = [measure(kept(i)) for i in items], [measure(kept(i)) for i in removed]
    grown, depth = sum(w for w, _ in sizes) - sum(w for w, _ in taken), max((d for _, d in sizes), default=0)
    fits(measure(root)[0] + grown, len(steps) + 1 + depth)
    chain = _opened(root, steps)
    chain[-1][start : start + count] = items
    _resized(chain, grown, max((d for _, d in taken), default=0), depth)
    return chain[0], removed


def place(root: Value, path: Sequence[Value]) -> Value:
    """What stands at a path now; NULL where a level is missing."""
    for index in path:
        root = item(root, index)
    return root


def owned(container: C) -> C:
    """The container itself when nobody else can see it, else a copy of one level."""
    if not container.shared:
        return container
    copy = type(container)(container)
    for child in children_of(copy):
        if is_container(child):
            child.shared = True
    copy.measured, copy.chunks = container.measured, container.chunks  # whoever uses the chunks compares the items
    return copy


def _grounded(root: Value, path: Sequence[Value], value: Value) -> tuple[Value, list[Any], Value]:
    """Root, exact keys and value of a change whose every level but the last exists."""
    if isinstance(root, str) and path:
        root = as_json(root) or root
    node, steps = root, list[Any]()
    for at, index in enumerate(path):
        if isinstance(node, RowSet) and position(index) is None:
            steps.append(0)
            node = node[0] if node else None
        if node is None:
            return root, steps, _fresh(path[at:], value)
        if not is_container(node):
            raise WrongValue(f"{sentence(node)} has no place {text(index)} that could be set.")
        key = _exact(node, index)
        steps.append(key)
        node = node.get(key) if isinstance(node, dict) else node[key] if key < len(node) else None
    return root, steps, value


def _exact(container: List | Object | RowSet, index: Value) -> Any:
    if isinstance(container, dict):
        return key_of(container, text(index)) or text(index)
    at = position(index)
    if at is None:
        raise WrongValue(f"A list is indexed by a whole number, not by {kind_of(index)}.")
    if at < -len(container):
        raise WrongValue(f"The list has {len(container)} items; there is no item {at} to set.")
    if at >= MAX_ITEMS:
        raise too_many(at + 1)
    return at + len(container) if at < 0 else at


def _fresh(path: Sequence[Value], value: Value) -> Value:
    """The value inside new levels: `a.b[0]` of nothing is `{"b": [value]}`."""
    for index in reversed(path):
        if isinstance(index, str):
            value = Object({index: value})
        else:
            at = _exact(List(), index)
            value = List([*[None] * at, value])
    return kept(value)


def _opened(root: Value, steps: Sequence[Any]) -> list[Any]:
    """The containers along a path, each ready to be changed in place."""
    chain: list[Any] = [owned(root)]
    for key in steps:
        chain[-1][key] = owned(chain[-1][key])
        chain.append(chain[-1][key])
    return chain


def _resized(chain: Sequence[Any], grown: int, old: int, new: int) -> None:
    """Keeps the known sizes right after the last container of the chain lost depth `old` and got depth `new`."""
    for container in reversed(chain):
        weight, depth = measure(container)
        if new >= old or depth > old + 1:
            after = max(depth, new + 1)
        else:
            after = 1 + max((measure(child)[1] for child in children_of(container)), default=0)
        container.measured = (weight + grown, after)
        old, new = depth, after
