"""What of a running program must survive a crash, and its one JSON form.

    {"v": 1, "n": 17, "g": 0, "seed": 123, "step": 3, "turns": 0, "draws": 0,
     "frames": [{"f": "main", "at": 42, "on_error": null, "vars": {"name": <tagged value>}}],
     "call": {"k": "LLM", "a": {"prompt": <tagged value>}} | null, "since": "2026-01-31T10:00:00+00:00" | null,
     "undo": [["undo:0", {"order": <tagged value>}]], "undoing": {"why": {...}, "cancelled": false, "faults": [...]}}

`undo` is there when something can be undone, `undoing` while that is done, `again` when the call has failed before.

Variables are held by lower-case name; names that begin with `~` are the machine's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from keywords.host import Identity, Undo, Value
from keywords.mistakes import Mistake


@dataclass(slots=True)
class Frame:
    entry: str  # "main", "sub:total", "branch:3"
    at: int
    variables: dict[str, Value] = field(default_factory=dict[str, Value])
    on_error: str | None = None  # "resume" or "goto:42": what ON ERROR said in this frame


@dataclass(slots=True)
class Undoing:
    """Why what was done is being undone, and what went wrong at it."""

    why: Mistake
    cancelled: bool = False  # asked to end, not failed
    faults: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class State:
    """Owned by one worker at a time; `advance` takes it over and returns it in its outcome."""

    identity: Identity  # not part of the JSON: it stands in the execution's row
    seed: int
    frames: list[Frame]
    n: int = 0
    generation: int = 0
    step: int = 0
    call: tuple[str, Mapping[str, Value]] | None = None  # the keyword it is parked at, its evaluated arguments
    turns: int = 0  # loop turns since the last outside verb
    draws: int = 0  # random numbers drawn so far: the next one follows from the seed and this
    undo: list[Undo] = field(default_factory=list[Undo])  # of the statements that have succeeded, the last one last
    undoing: Undoing | None = None
    again: int = 0  # how often the call was made again because it had failed
    since: datetime | None = None  # when it came to its call; the time that the program was told on its way there
