"""What `machine.advance` answers: where a program stands, and what must happen before it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from keywords.host import Answer, EffectRow, Moment, Spawn, Value
from keywords.mistakes import Mistake
from keywords.policy import NONE, Policy
from keywords.records import record
from keywords.registry import Keyword
from keywords.state import State


@record
class Entry:
    """One row of the journal: a call and its answer. `n` counts the calls of the execution.

    `given` is what woke the call where `answer` and `mistake`, which are what the program saw, do not tell it all: a
    time-out, a decision, the variables of branches. So the journal suffices to make any state again (`keywords.fold`).
    """

    n: int
    at: int  # index of the program step
    step: int  # the STEP n that stands around it, 0 outside
    line: int
    column: int
    keyword: str
    answer: Value
    mistake: Mistake | None
    ended: datetime
    attempt: int = 1
    given: Answer | None = None


@record
class Written:
    """An effect gathered from a `record` keyword, with the call that asked for it."""

    moment: Moment
    row: EffectRow


@record
class Gathered:
    """What one `advance` produced and must be committed together with the state it returns: journal and effects."""

    entries: tuple[Entry, ...] = ()
    effects: tuple[Written, ...] = ()


@record
class Call:
    """Parked at a verb: perform it, then `advance` again with its Answer.

    The arguments were evaluated once and are kept in the state, so a call repeated after a crash is the same call.
    `spawn` is set for the machine's own PARALLEL, whose `keyword` has effect WAIT and needs no `keyword.call`.
    """

    state: State
    keyword: Keyword
    arguments: Mapping[str, Value]
    moment: Moment
    line: int
    column: int
    step: int
    spawn: Spawn | None = None
    gathered: Gathered = field(default_factory=Gathered)
    policy: Policy = NONE


@record
class Done:
    state: State
    result: Value
    gathered: Gathered


@record
class Failed:
    state: State
    mistake: Mistake
    gathered: Gathered


@record
class Yield:
    """Between two steps, because fuel ran out or much has gathered: `advance` again with answer None and this state.

    Nothing needs to be committed yet, if `gathered` is passed on; but state and `gathered` may be committed here, and
    should be before many thousand entries come together.
    """

    state: State
    gathered: Gathered


@dataclass(frozen=True, slots=True)
class Repeat:
    """Still parked at the call, which failed and is to be made again: attempt `attempt` + 1, after a pause."""

    state: State
    attempt: int
    mistake: Mistake
    backoff: float | None  # seconds before the second attempt, doubled each time; None: the engine's own
    gathered: Gathered


Outcome: TypeAlias = Call | Done | Failed | Yield | Repeat
