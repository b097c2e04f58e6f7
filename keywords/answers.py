"""Answers as JSON: in the column `answer` of an execution, and in its journal.

{"v": <tagged value>} | {"plain": <ordinary JSON>} | {"timed_out": true} | {"error": {"kind", "message", ...}}
| {"joined": [{"name", "v" or "error", "vars": {name: <tagged value>}}]}

A branch that can be undone has {"undo": [[entry, {name: <tagged value>}]]} too; beside "v" may stand {"cached": true},
beside any of them {"cancelled": true} and {"aside": <ordinary JSON>}. In the journal an aside may stand alone: the
answer, which is what the program saw, stands in a column of its own.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any, cast

import orjson

from keywords.encode import dump, dump_undo, from_plain, load, load_undo
from keywords.host import Answer, Joined
from keywords.mistakes import Mistake

__all__ = ["dump_answer", "load_answer"]

LONGEST = 2**63 - 1  # of whole numbers


def dump_answer(answer: Answer) -> str:
    """The answer as the text of its JSON; which attempt gave it stands elsewhere."""
    if answer.aside is None:
        return orjson.dumps(_dumped(answer)).decode()
    # What a plugin says beside its answer is no BASIC value: it may hold what orjson does not refuse, but changes.
    return json.dumps(_dumped(answer), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def load_answer(found: dict[str, Any], attempt: int = 1) -> Answer:
    """The answer that this JSON stands for."""
    if found.get("cancelled"):
        return replace(load_answer({**found, "cancelled": False}, attempt), cancelled=True)
    if "aside" in found:
        without = {key: part for key, part in found.items() if key != "aside"}
        return replace(load_answer(without or {"v": None}, attempt), aside=found["aside"])
    if found.get("timed_out"):
        return Answer(timed_out=True, attempt=attempt)
    if "error" in found:
        return Answer(mistake=Mistake(**found["error"]), attempt=attempt)
    if "plain" in found:
        return Answer(value=from_plain(_as_sent(found["plain"])), attempt=attempt)
    if "joined" in found:
        return Answer(joined=tuple(map(_child, found["joined"])), attempt=attempt)
    return Answer(value=load(found.get("v")), attempt=attempt, cached=bool(found.get("cached")))


def _dumped(answer: Answer) -> dict[str, Any]:
    if answer.aside is not None:
        bare = answer == Answer(attempt=answer.attempt, aside=answer.aside)
        return {**({} if bare else _dumped(replace(answer, aside=None))), "aside": answer.aside}
    if answer.cancelled:
        return {**_dumped(replace(answer, cancelled=False)), "cancelled": True}
    if answer.timed_out:
        return {"timed_out": True}
    if answer.mistake is not None:
        return {"error": _known(answer.mistake)}
    if answer.joined is not None:
        return {"joined": [_of_child(child) for child in answer.joined]}
    return {"v": dump(answer.value), **({"cached": True} if answer.cached else {})}


def _of_child(child: Joined) -> dict[str, Any]:
    end = {"error": _known(child.mistake)} if child.mistake else {"v": dump(child.result)}
    undo = {"undo": [dump_undo(undo) for undo in child.undo]} if child.undo else {}
    return {"name": child.name, **end, "vars": {name: dump(value) for name, value in child.variables.items()}, **undo}


def _child(found: dict[str, Any]) -> Joined:
    variables = {name: load(value) for name, value in found["vars"].items()}
    if "error" in found:
        return Joined(found["name"], None, Mistake(**found["error"]), variables)
    undo = tuple(load_undo(one) for one in found.get("undo", ()))
    return Joined(found["name"], load(found["v"]), None, variables, undo)


def _as_sent(data: Any) -> Any:
    """Ordinary JSON as it was before JSONB wrote 1e22 as a whole number, which as one is too long for a value."""
    if isinstance(data, dict):
        return {key: _as_sent(item) for key, item in cast("dict[str, Any]", data).items()}
    if isinstance(data, list):
        return [_as_sent(item) for item in cast("list[Any]", data)]
    if isinstance(data, int) and abs(data) > LONGEST:
        return float(data)
    return data


def _known(mistake: Mistake) -> dict[str, Any]:
    return {name: part for name, part in asdict(mistake).items() if part is not None}
