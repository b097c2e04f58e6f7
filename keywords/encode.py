"""Values and states as JSON that survives JSONB unchanged.

JSONB reorders keys and rewrites numbers, so inside a value every JSON object has exactly one key, its type tag:

    {"o": [k, v, k, v]}  object          {"r": [...]}        rows of a search       {"f": "1e+22"}  float out of range
    {"d": "2026-01-31"}  date or time    {"t": 90} or "0.5"  span of time, seconds

All else is plain: null, true, 1, 1.5, "text", [list].
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from keywords.host import Identity, Value
from keywords.mistakes import WrongValue
from keywords.state import Frame, State
from keywords.values import List, Object, RowSet, adopt, plain

__all__ = ["dump", "dump_text", "from_plain", "load", "plain", "state_from_json", "state_to_json"]

FORMAT = 1


def dump(value: Value) -> Any:
    """The value as JSON-safe data with type tags."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        size = abs(value)
        return value if 1e-4 <= size < 1e15 else {"f": repr(value)}
    if isinstance(value, dict):
        flat: list[Any] = []
        for key, item in value.items():
            flat += (key, dump(item))
        return {"o": flat}
    if isinstance(value, list):
        items = [dump(item) for item in value]
        return {"r": items} if isinstance(value, RowSet) else items
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
    return json.dumps(dump(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


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


def state_to_json(state: State) -> str:
    """The state as the text to store; its identity stands elsewhere in the row."""
    call = state.call and {"k": state.call[0], "a": {name: dump(value) for name, value in state.call[1].items()}}
    body = {
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
                "vars": {name: dump(value) for name, value in frame.variables.items()},
            }
            for frame in state.frames
        ],
        "call": call,
        "since": state.since.isoformat() if call and state.since else None,
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def state_from_json(text: str | bytes, identity: Identity) -> State:
    """The state that `state_to_json` was given."""
    body = json.loads(text)
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
    )
