"""A built-in function, and how it reads its arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from keywords.host import Value
from keywords.mistakes import WrongValue
from keywords.operators import calculable, read_date
from keywords.places import as_json, position
from keywords.values import Object, kind_of, sentence, text
from keywords.world import World

MANY = 1_000


@dataclass(frozen=True, slots=True)
class Function:
    """`call(world, *arguments)`: pure but for what `World` counts."""

    name: str
    call: Callable[..., Value]
    least: int
    most: int
    aliases: tuple[str, ...] = ()
    plain: Callable[..., Value] | None = None  # the same without the world, where it needs none


def of(name: str, call: Callable[..., Value], least: int, most: int | None = None, *aliases: str) -> Function:
    """A function that needs no world."""

    def of_one(world: World, given: Value) -> Value:
        return call(given)

    def without_world(world: World, *given: Value) -> Value:
        return call(*given)

    if least == 1 and most in (None, 1):
        return Function(name, of_one, 1, 1, aliases, call)
    return Function(name, without_world, least, least if most is None else most, aliases, call)


def words(value: Value) -> str:
    return text(value)


def amount(value: Value) -> int | float:
    """The number an argument is; raises WrongValue."""
    if value.__class__ is int:
        return value
    found = calculable(value)
    if found is None:
        raise WrongValue(f"A number is needed here, not {kind_of(value)}.")
    return found


def whole(value: Value) -> int:
    """The whole number an argument is, fractions cut off; raises WrongValue."""
    return int(amount(value))


def items(value: Value) -> list[Value]:
    """The list an argument is, or the JSON of one; NULL is empty; raises WrongValue."""
    if value is None:
        return []
    if isinstance(value, str):
        value = as_json(value)
    if not isinstance(value, list):
        raise WrongValue(f"A list is needed here, not {kind_of(value)}.")
    return value


def to_iterate(value: Value) -> list[Value]:
    """What FOR EACH goes through: the items of a list, the keys of an object, nothing for NULL."""
    if isinstance(value, str):
        value = as_json(value) if value else None
    if isinstance(value, Object):
        return list(value)
    if value is not None and not isinstance(value, list):
        raise WrongValue(f"FOR EACH goes through a list; {sentence(value)} is none.")
    return value or []


def moment(value: Value) -> date:
    """The date or time an argument is, or is the text of; raises WrongValue."""
    found = read_date(value) if isinstance(value, str) else value
    if not isinstance(found, date):
        raise WrongValue(f"A date is needed here, such as 2026-01-31; {kind_of(value)} is none.")
    return found


def place_in(value: Value) -> int:
    """A whole number that counts characters or items; raises WrongValue."""
    at = position(value)
    return whole(value) if at is None else at
