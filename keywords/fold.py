"""States made again from the journal: its answers, folded through the machine. A fork or a retry begins at one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from keywords.host import Answer
from keywords.machine import advance
from keywords.outcome import Call, Done, Failed, Outcome, Repeat, Yield
from keywords.program import Program
from keywords.state import State


@dataclass(frozen=True, slots=True)
class Answered:
    """A call that has its answer, and when it got it: the time that the program then went on with."""

    answer: Answer
    at: datetime


def folded(program: Program, state: State, calls: Mapping[int, Answered], n: int, began: datetime) -> State:
    """The state parked at call `n`, or at the first later call of those that park.

    `state` is a checkpoint before it: new, or parked at a call; `calls` holds the answers since. What goes on from the
    new state is told the time `began`. Raises LookupError when the journal does not reach that far.
    """
    answer: Answered | None = None
    if state.call is not None:
        if state.n >= n:
            return state
        answer = answer_of(calls, state.n)
    while True:
        outcome: Outcome = advance(program, state, answer and answer.answer, answer.at if answer else began)
        state, answer = outcome.state, None
        match outcome:
            case Yield():
                continue
            case Call():
                if state.n >= n:
                    return state
                answer = answer_of(calls, state.n)
                began = answer.at
            case Repeat():
                raise LookupError(f"The journal holds no last answer of call {state.n}.")
            case Done() | Failed():
                raise LookupError(f"The program ends before its call {n}.")


def answer_of(calls: Mapping[int, Answered], n: int) -> Answered:
    """The answer of a call; raises LookupError when the journal does not hold it."""
    if n not in calls:
        raise LookupError(f"The journal holds no answer of call {n}.")
    return calls[n]
