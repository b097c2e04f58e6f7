"""What every face calls: start, look, wait, publish, decide, answer, steer. Each caller sees one tenant.

Transactions    one transaction an operation, keys with which it happens once
  Starting      programs
  Looking       executions as they stand
    Changing    what people and programs do to them
  Limiting      how much a tenant, or one bot of it, may do
    Scheduling  programs that start at their times
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from keywords.host import ProgramText
from keywords.mistakes import ProgramError
from workflow.details import Caller, Detail
from workflow.engine import Engine
from workflow.events.desk import EventDesk
from workflow.following import Following
from workflow.limiting import Limiting
from workflow.replaying import Replaying
from workflow.schedules import Scheduling
from workflow.steering import UnknownExecution
from workflow.transactions import IdempotencyConflict

__all__ = ["IdempotencyConflict", "Operations", "UnknownExecution"]

PUBLISH = ProgramText("id = PUBLISH EVENT name WITH data\nRETURN id\n", "publish event")


class Operations(Limiting, Scheduling):
    """The engine as the faces see it. Works in any process; the executions need a worker somewhere."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.events = EventDesk(engine)
        self.following = Following(engine, self._programs)
        self.replaying = Replaying(engine, self._programs)

    async def publish(self, caller: Caller, event_name: str, data: Any = None, *, seconds: float = 20.0) -> UUID:
        """Publish an event from outside: an execution of one line, so journalled and checked like any other."""
        given = {"name": event_name, "data": data}
        detail = await self.completed(caller, PUBLISH, given, seconds=seconds, scope="events:publish")
        return UUID(detail.result)

    async def completed(
        self,
        caller: Caller,
        program: ProgramText,
        inputs: Mapping[str, Any],
        *,
        seconds: float = 20.0,
        bot_name: str = "",
        scope: str = "wf:run",
    ) -> Detail:
        """Run a short program to its end; raises ProgramError with its mistake, or when no worker ran it in time."""
        execution = await self.start(caller, program, inputs=inputs, bot_name=bot_name, scope=scope)
        detail = await self._waited(caller, execution, seconds)
        if detail.status != "completed":
            words = (
                str(detail.error) if detail.error else f"{program.name} is still {detail.status}. Is a worker running?"
            )
            raise ProgramError(words)
        return detail
