"""States to go on from once more: just before a call, at the beginning of a STEP, with other variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from keywords.encode import from_plain
from keywords.fold import Answered, answer_of
from keywords.machine import advance
from keywords.mistakes import WrongValue
from keywords.outcome import Call, Yield
from keywords.program import Program
from keywords.state import State
from keywords.values import adopt, kept

_NAME = re.compile(r"[^\W\d]\w*")
MOST_VARIABLES = 1_000


def before_call(state: State) -> State:
    """The state just before the call it is parked at, which is then made anew, with what the variables are then.

    What the same statement had worked out before that call stays as it was.
    """
    return state if state.call is None else replace(state, n=state.n - 1, call=None, since=None)


def at_step(
    program: Program, state: State, calls: Mapping[int, Answered], step: int, after: int, began: datetime
) -> State:
    """The state in which the program entered STEP `step`, behind its call `after`, before anything of the STEP.

    `state` is a checkpoint before that, `calls` holds the answers since, `began` as in `fold.folded`. Raises
    LookupError when the program, going by those answers, does not come there.
    """
    answer = answer_of(calls, state.n) if state.call is not None and state.n <= after else None
    if state.call is not None and answer is None:
        raise LookupError(f"The journal does not reach STEP {step}.")
    while True:
        outcome = advance(program, state, answer and answer.answer, answer.at if answer else began, 1)
        state, began = outcome.state, answer.at if answer else began
        match outcome:
            case Yield() if state.n >= after and state.step == step:
                return state
            case Yield():
                answer = None
            case Call() if state.n <= after:
                answer = answer_of(calls, state.n)
            case _:
                raise LookupError(f"The program does not come to STEP {step} behind its call {after}.")


def with_variables(state: State, changes: Mapping[str, Any]) -> State:
    """The state with these variables, given as plain JSON: in the SUB it stands in where that has the name, else in the
    program itself. Raises WrongValue for what is no name of a variable, and for what is no value."""
    if len(changes) > MOST_VARIABLES:
        raise WrongValue(f"At most {MOST_VARIABLES:,} variables can be changed at once.")
    for name, value in changes.items():
        if not _NAME.fullmatch(name):
            raise WrongValue(f"{name[:60]!r} is no name of a variable.")
        inner, outer = state.frames[-1].variables, state.frames[0].variables
        (inner if name.lower() in inner else outer)[name.lower()] = kept(adopt(from_plain(value)))
    return state
