"""TALK and PRINT: what a program says, to people and to its own log."""

from __future__ import annotations

from collections.abc import Sequence

from keywords.host import Moment, Recorded, Value
from keywords.library import limits
from keywords.registry import Effect, keyword


@keyword("TALK {message}", effect=Effect.RECORD, example='TALK "Hello, " + name', group="dialog", value=False)
def talk(moment: Moment, message: Value) -> Recorded:
    """Say something to the person of the conversation; the messages of an execution keep their order."""
    return Recorded(limits.message(message))


@keyword("PRINT {values:many}", effect=Effect.RECORD, example='PRINT "total", total', group="dialog", value=False)
def print_values(moment: Moment, values: Sequence[Value]) -> Recorded:
    """Write values to the log of the execution, separated by blanks; nobody in the conversation sees it."""
    return Recorded(limits.within("A line of the log", " ".join(limits.message(v) for v in values), limits.MESSAGE))
