"""Values and states as JSON that survives JSONB unchanged.

JSONB reorders keys and rewrites numbers, so inside a value every JSON object has exactly one key, its type tag:

    {"o": [k, v, k, v]}  object          {"r": [...]}        rows of a search       {"f": "1e+22"}  float out of range
    {"d": "2026-01-31"}  date or time    {"t": 90} or "0.5"  span of time, seconds

All else is plain: null, true, 1, 1.5, "text", [list].
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson

from keywords.host import Identity, Undo, Value
from keywords.mistakes import Mistake, WrongValue
from keywords.state import Frame, State, Undoing
from keywords.values import Container, List, Object, RowSet, adopt, plain

__all__ = ["dump", "dump_text", "from_plain", "load", "plain", "state_from_json", "state_to_json"]

FORMAT = 1
_PLAIN = frozenset({str, int, bool, type(None)})  # JSON as they are


def dump(value: Value) -> Any:
    """The value as JSON-safe data with type tags."""
    if value.__class__ in _PLAIN:
        return value
    if isinstance(value, dict):
        flat: list[Any] = []
        for key, item in value.items():
            flat.append(key)
            flat.append(item if item.__class__ in _PLAIN else dump(item))
        return {"o": flat}
    if isinstance(value, list):
        items = [dump(item) for item in value]
        return {"r": items} if isinstance(value, RowSet) else items
    if isinstance(value, float):
        size = abs(value)
        return value if 1e-4 <= size < 1e15 else {"f": repr(value)}
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, timedelta):
        whole = value // timedelta(seconds=1)
        if not value.microseconds:
            return {"t": whole}
        return {"t": str(Decimal(value // timedelta(microseconds=1)).scaleb(-6))}
    raise TypeError(f"{type(value).__name__} is not a BASIC value")


def load(data: Any) -> Value:
    """The value that `dump` was given."""
    if isinstance(data, list):
        return List(map(load, data))
    if not isinstance(data, dict):
        return data
    ((tag, body),) = data.items()
    match tag:
        case "o":
            return Object(zip(body[::2], map(load, body[1::2]), strict=True))
        case "r":
            return RowSet(map(load, body))
        case "d":
            return date.fromisoformat(body) if len(body) == 10 else datetime.fromisoformat(body)
        case "t":
            return timedelta(microseconds=int(Decimal(body).scaleb(6)))
        case "f":
            return float(body)
        case _:
            raise ValueError(f"{tag!r} is no type tag of format {FORMAT}")


def dump_text(value: Value) -> str:
    """The value as the text of its tagged JSON."""
    return dump_bytes(value).decode()


def dump_bytes(value: Value) -> bytes:
    """The value as tagged JSON in UTF-8."""
    return orjson.dumps(written(value))


def written(value: Value) -> Any:
    """`dump` for orjson, with what a container was once written as: the next commit writes most of it again."""
    if value.__class__ in _PLAIN:
        return value
    if isinstance(value, Container):
        if value.dumped is None:
            value.dumped = orjson.dumps(dump(value))
            value.shared = True  # never changed in place from here on
        return orjson.Fragment(value.dumped)
    return dump(value)


def from_plain(data: object) -> Value:
    """The value that ordinary JSON stands for; raises WrongValue, LimitReached for what no value can hold."""
    return adopt(data)


def read_json(words: str) -> Value:
    """The value of a text of JSON; raises WrongValue that says where it is broken."""
    try:
        return adopt(json.loads(words))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise WrongValue(f"The text is not JSON: {error.msg} at {place}.") from None
    except RecursionError:
        raise WrongValue("The JSON is nested too deeply.") from None
    except ValueError:
        raise WrongValue("The JSON holds a number that is too long.") from None


# -- states ------------------------------------------------------------------------------------------------------------


def state_to_json(state: State, variable: Callable[[Value], Any] | None = None) -> str:
    """The state as the text to store; its identity stands elsewhere in the row. `variable` says how one is written."""
    call = state.call and {"k": state.call[0], "a": _written(state.call[1])}
    body: dict[str, Any] = {
        "v": FORMAT,
        "n": state.n,
        "g": state.generation,
        "seed": state.seed,
        "draws": state.draws,
        "step": state.step,
        "turns": state.turns,
        "frames": [
            {
                "f": frame.entry,
                "at": frame.at,
                "on_error": frame.on_error,
                "vars": _written(frame.variables, variable),
            }
            for frame in state.frames
        ],
        "call": call,
        "since": state.since.isoformat() if call and state.since else None,
    }
    if state.again:
        body["again"] = state.again
    if state.undo:
        body["undo"] = [dump_undo(undo) for undo in state.undo]
    if state.undoing is not None:
        why = {name: part for name, part in asdict(state.undoing.why).items() if part is not None}
        body["undoing"] = {"why": why, "cancelled": state.undoing.cancelled, "faults": state.undoing.faults}
    return orjson.dumps(body).decode()


def _written(variables: Mapping[str, Value], variable: Callable[[Value], Any] | None = None) -> dict[str, Any]:
    if variable is not None:
        return {name: variable(value) for name, value in variables.items()}
    return {name: value if value.__class__ in _PLAIN else written(value) for name, value in variables.items()}


def state_from_json(text: str | bytes, identity: Identity) -> State:
    """The state that `state_to_json` was given."""
    body = orjson.loads(text)
    if body["v"] != FORMAT:
        raise ValueError(f"The state has format {body['v']}; this release reads format {FORMAT}.")
    call, since = body["call"], body.get("since")
    return State(
        identity=identity,
        seed=body["seed"],
        frames=[
            Frame(f["f"], f["at"], {name: load(value) for name, value in f["vars"].items()}, f["on_error"])
            for f in body["frames"]
        ],
        n=body["n"],
        generation=body["g"],
        step=body["step"],
        call=call and (call["k"], {name: load(value) for name, value in call["a"].items()}),
        since=datetime.fromisoformat(since) if since else None,
        turns=body["turns"],
        draws=body["draws"],
        again=body.get("again", 0),
        undo=[load_undo(undo) for undo in body.get("undo", ())],
        undoing=_undoing(body.get("undoing")),
    )


def dump_undo(undo: Undo) -> list[Any]:
    return [undo.entry, {name: dump(value) for name, value in undo.variables.items()}]


def load_undo(data: list[Any]) -> Undo:
    entry, variables = data
    return Undo(entry, {name: load(value) for name, value in variables.items()})


def _undoing(data: dict[str, Any] | None) -> Undoing | None:
    return Undoing(Mistake(**data["why"]), data["cancelled"], data["faults"]) if data else None
