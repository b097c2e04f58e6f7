"""Whether what processes noted of a memory could have happened one call after another (Wing and Gong's search)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OPEN = 1 << 62  # of a call whose end nobody saw


@dataclass(frozen=True, slots=True)
class Call:
    """One call, from when it was begun to when its answer was there."""

    began: int
    ended: int
    what: str
    key: str
    argument: Any
    answer: Any

    @property
    def known(self) -> bool:
        return self.ended != OPEN


def read(diaries: Iterable[Path]) -> list[Call]:
    """All calls of all processes."""
    found: list[Call] = []
    for diary in diaries:
        begun: dict[int, tuple[Any, ...]] = {}
        for line in diary.read_bytes().splitlines():
            try:
                n, mark, at, *rest = json.loads(line)
            except ValueError:
                continue  # cut off by the kill
            if mark == "begin":
                begun[n] = (at, *rest)
            else:
                began, what, key, argument = begun.pop(n)
                found.append(Call(began, at, what, key, argument, rest[0]))
        found += (Call(began, OPEN, what, key, argument, None) for began, what, key, argument in begun.values())
    return found


def by_key(calls: Iterable[Call], whats: Sequence[str]) -> dict[str, list[Call]]:
    found: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        if call.what in whats:
            found[call.key].append(call)
    return found


State = tuple[int, Any]  # the version, and the value that stands at it


def _step(state: State, call: Call) -> State | None:
    """The state after the call; None when it could not have answered so in this state."""
    version, value = state
    match call.what:
        case "read":
            return state if not call.known or call.answer == [version, value] else None
        case "write":
            return version + 1, call.argument
        case _:
            expected, new = call.argument
            if call.known and (call.answer.get("v") is not None) is not (version == expected):
                return None
            return (version + 1, new) if version == expected else state


def linearizable(calls: Sequence[Call]) -> bool:
    """Whether some order explains every answer: calls that overlap in any order, calls whose end nobody saw or not."""
    ordered = sorted(calls, key=lambda call: call.began)
    whole = sum(1 << place for place, call in enumerate(ordered) if call.known)
    seen: set[tuple[int, State]] = set()
    left: list[tuple[int, State]] = [(0, (0, None))]
    while left:
        done, state = left.pop()
        if done & whole == whole:
            return True
        if (done, state) in seen:
            continue
        seen.add((done, state))
        first_end = min(call.ended for place, call in enumerate(ordered) if not done >> place & 1)
        for place, call in enumerate(ordered):
            if call.began > first_end:
                break
            if not done >> place & 1 and (after := _step(state, call)) is not None:
                left.append((done | 1 << place, after))
    return False
