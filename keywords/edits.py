"""Lists changed in place: `PUSH items, x`, `items.PUSH(x)`, `items.SORT()`. The variable changes and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from keywords.host import Value
from keywords.mistakes import WrongValue
from keywords.ordering import in_order
from keywords.places import appended, place, position, spliced, written
from keywords.values import List, Object, kind_of, sentence

Change: TypeAlias = Callable[[Value, Sequence[Value], Sequence[Value]], tuple[Value, Value]]  # -> root, answer


@dataclass(frozen=True, slots=True)
class Edit:
    """One method that changes its list; `answers_list` when the changed list itself is the answer."""

    name: str
    change: Change
    least: int = 0
    most: int = 0


def _push(root: Value, path: Sequence[Value], given: Sequence[Value]) -> tuple[Value, Value]:
    if not path and len(given) == 1 and appended(root, given[0]):
        return root, root
    root, _ = spliced(root, path, _length(root, path), 0, given)
    return root, place(root, path)


def _pop(root: Value, path: Sequence[Value], given: Sequence[Value]) -> tuple[Value, Value]:
    root, removed = spliced(root, path, -1, 1, ())
    return root, removed[0] if removed else None


def _shift(root: Value, path: Sequence[Value], given: Sequence[Value]) -> tuple[Value, Value]:
    root, removed = spliced(root, path, 0, 1, ())
    return root, removed[0] if removed else None


def _unshift(root: Value, path: Sequence[Value], given: Sequence[Value]) -> tuple[Value, Value]:
    root, _ = spliced(root, path, 0, 0, given)
    return root, place(root, path)


def _splice(root: Value, path: Sequence[Value], given: Sequence[Value]) -> tuple[Value, Value]:
    count = _whole(given[1]) if len(given) > 1 else _length(root, path)
    return spliced(root, path, _whole(given[0]), count, given[2:])


def _insert(root: Value, path: Sequence[Value], given: Sequence[Value]) -> tuple[Value, Value]:
    root, _ = spliced(root, path, _whole(given[0]), 0, given[1:])
    return root, place(root, path)


def _remove(root: Value, path: Sequence[Value], given: Sequence[Value]) -> tuple[Value, Value]:
    target = place(root, path)
    if isinstance(target, Object):
        fields = Object((key, value) for key, value in target.items() if key != given[0])
        return written(root, path, fields), target.get(given[0])
    at = _whole(given[0])
    root, removed = spliced(root, path, at, 1 if at < _length(root, path) else 0, ())
    return root, removed[0] if removed else None


def _clear(root: Value, path: Sequence[Value], given: Sequence[Value]) -> tuple[Value, Value]:
    root, _ = spliced(root, path, 0, _length(root, path), ())
    return root, place(root, path)


def _sort(root: Value, path: Sequence[Value], given: Sequence[Value]) -> tuple[Value, Value]:
    _length(root, path)
    changed = in_order(place(root, path) or List(), *given)
    return written(root, path, changed), changed


def _reverse(root: Value, path: Sequence[Value], given: Sequence[Value]) -> tuple[Value, Value]:
    _length(root, path)
    changed = List(reversed(place(root, path) or ()))
    return written(root, path, changed), changed


def _length(root: Value, path: Sequence[Value]) -> int:
    target = place(root, path)
    if target is None:
        return 0
    if not isinstance(target, list):
        raise WrongValue(f"{sentence(target)} is not a list.")
    return len(target)


def _whole(value: Value) -> int:
    at = position(value)
    if at is None:
        raise WrongValue(f"A place in a list is a whole number, not {kind_of(value)}.")
    return at


_MANY = 1_000

EDITS: dict[str, Edit] = {
    edit.name: edit
    for edit in (
        Edit("PUSH", _push, 1, _MANY),
        Edit("APPEND", _push, 1, _MANY),
        Edit("POP", _pop),
        Edit("SHIFT", _shift),
        Edit("UNSHIFT", _unshift, 1, _MANY),
        Edit("SPLICE", _splice, 1, _MANY),
        Edit("INSERT", _insert, 2, 2),
        Edit("REMOVE", _remove, 1, 1),
        Edit("CLEAR", _clear),
        Edit("SORT", _sort, 0, 2),
        Edit("REVERSE", _reverse),
    )
}
