"""Operators as closures, with a short way for what loops do most: two whole numbers, or two texts that are compared.

What stands on either side is usually a variable or a constant; reading it in place saves a call. Whatever the short way
does not know goes the long one (`keywords/operators.py`), so it changes no result.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

from keywords.host import Value
from keywords.operators import BINARY, Operation
from keywords.values import number
from keywords.world import World

Variables: TypeAlias = dict[str, Value]
Closure: TypeAlias = Callable[[Variables, World], Value]

_LONG = (str, list, dict)  # going through one costs fuel by its length
_LEAST, _MOST = -(2**63), 2**63 - 1
_BEYOND = _MOST + 1  # the short way gives up


def _modulo(left: int, right: int) -> int:
    return left % right if left >= 0 and right > 0 else _BEYOND


def _divide(left: int, right: int) -> int | float:
    if right == 0:
        return _BEYOND
    return number(left / right) if left % right else left // right


_SHORT: dict[str, Callable[[Any, Any], int | float]] = {  # of two whole numbers
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "MOD": _modulo,
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def spend(world: World, value: Value) -> None:
    """Fuel for going through a value."""
    if isinstance(value, _LONG):
        world.spent += len(value) >> 5


def long_way(operation: Operation) -> Callable[[Value, Value, World], Value]:
    """The operation for any two values, paid by their lengths."""

    def calculated(one: Value, other: Value, w: World) -> Value:
        if isinstance(one, _LONG):
            w.spent += len(one) >> 5
        if isinstance(other, _LONG):
            w.spent += len(other) >> 5
        return operation(one, other)

    return calculated


def binary(sign: str, left: Closure, right: Closure, name: str | None, other_name: str | None, other: Value) -> Closure:
    """`left sign right`. `name` and `other_name` are given where a side is a variable, `other` where the right side is
    a whole number."""
    short, slow = _SHORT.get(sign), long_way(BINARY[sign])
    if short is None:
        return lambda v, w: slow(left(v, w), right(v, w), w)
    if name is not None and other.__class__ is int:
        return _variable_and_constant(short, slow, name, other)
    if other.__class__ is int:
        return _any_and_constant(short, slow, left, other)
    if name is not None and other_name is not None:
        return _variables(short, slow, name, other_name)
    if other_name is not None:
        return _any_and_variable(short, slow, left, other_name)
    return _any_and_any(short, slow, left, right)


Short: TypeAlias = Callable[[Any, Any], int | float]
Slow: TypeAlias = Callable[[Value, Value, World], Value]


def _variable_and_constant(short: Short, slow: Slow, name: str, other: Value) -> Closure:
    def calculated(v: Variables, w: World) -> Value:
        one = v.get(name)
        if one.__class__ is int and _LEAST <= (result := short(one, other)) <= _MOST:
            return result
        return slow(one, other, w)

    return calculated


def _any_and_constant(short: Short, slow: Slow, left: Closure, other: Value) -> Closure:
    def calculated(v: Variables, w: World) -> Value:
        one = left(v, w)
        if one.__class__ is int and _LEAST <= (result := short(one, other)) <= _MOST:
            return result
        return slow(one, other, w)

    return calculated


def _variables(short: Short, slow: Slow, name: str, other_name: str) -> Closure:
    def calculated(v: Variables, w: World) -> Value:
        one, other = v.get(name), v.get(other_name)
        if one.__class__ is int and other.__class__ is int and _LEAST <= (result := short(one, other)) <= _MOST:
            return result
        return slow(one, other, w)

    return calculated


def _any_and_variable(short: Short, slow: Slow, left: Closure, name: str) -> Closure:
    def calculated(v: Variables, w: World) -> Value:
        one, other = left(v, w), v.get(name)
        if one.__class__ is int and other.__class__ is int and _LEAST <= (result := short(one, other)) <= _MOST:
            return result
        return slow(one, other, w)

    return calculated


def _any_and_any(short: Short, slow: Slow, left: Closure, right: Closure) -> Closure:
    def calculated(v: Variables, w: World) -> Value:
        one, other = left(v, w), right(v, w)
        if one.__class__ is int and other.__class__ is int and _LEAST <= (result := short(one, other)) <= _MOST:
            return result
        return slow(one, other, w)

    return calculated
