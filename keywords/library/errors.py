"""ERROR MESSAGE: what went wrong last, where ON ERROR let the program go on."""

from __future__ import annotations

from keywords.host import Moment, Value
from keywords.places import member
from keywords.registry import Effect, keyword
from keywords.values import text


@keyword("ERROR MESSAGE", effect=Effect.PURE, example="ERROR MESSAGE", group="errors")
def error_message(moment: Moment, error: Value = None) -> str:
    """The sentence of the last error; empty when there was none, or after CLEAR ERROR."""
    return text(member(error, "message", optional=True))
