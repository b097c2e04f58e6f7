"""Built-in functions for numbers and chance."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from keywords.function import Function, amount, of, whole
from keywords.host import Value
from keywords.mistakes import WrongValue
from keywords.values import number
from keywords.world import World


def rounded(value: Value, digits: Value = 0) -> int | float:
    """Rounds a half away from zero, as people do."""
    if value.__class__ is int and digits == 0:
        return value
    places = max(-30, min(30, whole(digits)))
    exact = Decimal(repr(amount(value)))
    if exact.adjusted() + places > 25:  # more digits than a float has: nothing to round
        return amount(value)
    cut = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return number(int(cut) if cut == cut.to_integral_value() else float(cut))


def sign(value: Value) -> int:
    return (amount(value) > 0) - (amount(value) < 0)


def root(value: Value) -> int | float:
    if amount(value) < 0:
        raise WrongValue("A negative number has no square root.")
    return number(math.sqrt(amount(value)))


def logarithm(value: Value) -> int | float:
    if amount(value) <= 0:
        raise WrongValue("Only a number above zero has a logarithm.")
    return number(math.log(amount(value)))


def _maths(call: Callable[[float], float]) -> Callable[[Value], int | float]:
    def careful(value: Value) -> int | float:
        try:
            return number(call(amount(value)))
        except (OverflowError, ValueError):
            raise WrongValue("The number is too large.") from None

    return careful


def random(world: World, *given: Value) -> int | float:
    """RANDOM(): 0 to 1. RANDOM(n): 1 to n. RANDOM(a, b): a to b, both included."""
    if not given:
        return number((world.draw() >> 10) / 2**53)
    low, high = (1, whole(given[0])) if len(given) == 1 else (whole(given[0]), whole(given[1]))
    if low > high:
        raise WrongValue(f"There is no whole number from {low} to {high}.")
    return low + world.draw() % (high - low + 1)


def guid(world: World) -> str:
    """An id nobody has yet; the same again when the same execution is run again."""
    return str(UUID(int=world.draw() << 64 | world.draw(), version=4))


TABLE: tuple[Function, ...] = (
    of("ROUND", rounded, 1, 2),
    of("INT", _maths(math.trunc), 1, 1, "FIX", "CINT", "CLNG"),
    of("FLOOR", _maths(math.floor), 1),
    of("CEILING", _maths(math.ceil), 1, 1, "CEIL"),
    of("ABS", _maths(abs), 1),
    of("SGN", sign, 1, 1, "SIGN"),
    of("SQR", root, 1, 1, "SQRT"),
    of("LOG", logarithm, 1),
    of("EXP", _maths(math.exp), 1),
    of("SIN", _maths(math.sin), 1),
    of("COS", _maths(math.cos), 1),
    of("TAN", _maths(math.tan), 1),
    of("PI", lambda: math.pi, 0),
    Function("RANDOM", random, 0, 2, ("RND",)),
    Function("GUID", guid, 0, 0, ("UUID",)),
)
