"""Functions inside conditions: `DATE(created_at) = DATE(NOW())`, `DATEDIFF(NOW(), last_contact) >= 90`.

As data, where a column may stand: ["()", NAME, operand, ...], an operand being ["column", name], ["value", v] or
another call. NULL in, NULL out, as in SQL; and as there DATEDIFF(a, b) is a minus b.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from keywords.host import Identity, Value
from keywords.mistakes import WrongValue
from keywords.state import State
from keywords.values import List
from keywords.world import World

CALL, COLUMN, VALUE = "()", "column", "value"
MOST = 8  # operands of a call
_SQL = {
    "COALESCE": "NVL",
    "IFNULL": "NVL",
    "LENGTH": "LEN",
    "SUBSTRING": "MID",
    "CURRENT_DATE": "TODAY",
    "CURDATE": "TODAY",
    "GETDATE": "NOW",
}
_NEVER = datetime(1, 1, 1, tzinfo=UTC)  # for functions that do not look at the time
_NOBODY = Identity(UUID(int=0), UUID(int=0), UUID(int=0))


def is_call(operand: object) -> bool:
    """Whether this stands for a call, and not for the name of a column."""
    return isinstance(operand, list) and len(operand) > 1 and operand[0] == CALL


def known(name: str) -> bool:
    """Whether conditions may call this."""
    from keywords.functions import FUNCTIONS  # they know conditions themselves: FILTER is one

    called = _SQL.get(name.upper(), name.upper())
    return called in FUNCTIONS and not called.startswith("~")


def sound(operand: object, depth: int = 0) -> bool:
    """Whether this is a call that `outcome` can work out."""
    if not isinstance(operand, list) or depth > MOST:
        return False
    match operand:
        case [str(kind), str()] if kind == COLUMN:
            return True
        case [str(kind), _] if kind == VALUE:
            return True
        case [str(kind), str(name), *operands] if kind == CALL and known(name) and len(operands) <= MOST:
            return all(sound(each, depth + 1) for each in operands)
        case _:
            return False


def outcome(operand: Sequence[Value], column: Callable[[str], Value], now: datetime | None = None) -> Value:
    """What the call answers for the row whose columns these are."""
    if operand[0] == COLUMN:
        return column(str(operand[1]))
    if operand[0] == VALUE:
        return operand[1]
    from keywords.functions import FUNCTIONS

    name = _SQL.get(str(operand[1]).upper(), str(operand[1]).upper())
    given = [outcome(each, column, now) for each in operand[2:]]
    if name != "NVL" and any(value is None for value in given):
        return None
    function = FUNCTIONS[name]
    if not function.least <= len(given) <= function.most:
        raise WrongValue(f"{operand[1]} in a condition takes {function.least} to {function.most} values.")
    if name == "DATEDIFF" and len(given) == 2:
        given.reverse()
    if now is None and not given:
        raise WrongValue(f"{operand[1]}() cannot stand in this condition.")
    world = World(State(_NOBODY, 0, []), now or _NEVER, {})
    return function.call(world, *given)


def settled(operand: List, now: datetime | None) -> Value:
    """The value of a call that reads no column; else the call itself."""
    if reads_column(operand) or (now is None and _timely(operand)):
        return operand
    return outcome(operand, lambda name: None, now)


def reads_column(operand: Sequence[Value]) -> bool:
    """Whether a row is needed to work it out."""
    if operand[0] == CALL:
        return any(reads_column(each) for each in operand[2:])
    return operand[0] == COLUMN


def _timely(operand: Sequence[Value]) -> bool:
    return operand[0] == CALL and (len(operand) == 2 or any(_timely(each) for each in operand[2:]))
