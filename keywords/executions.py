"""Other executions, as a program starts, sees and steers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from keywords.host import Moment, ProgramText


DECISIONS = ("approve", "reject", "escalate", "defer", "requestinfo", "comment")  # on an approval; the host's words


class Executions(Protocol):
    """Other executions, as a program starts, sees and steers them; `workflow` fulfils it.

    Every answer is ordinary JSON. What changes something is told the id of the call that asks: asked again with the
    same one after a crash, it happens once.
    """

    async def start(
        self,
        moment: Moment,
        program: ProgramText | str,
        inputs: Mapping[str, Any],
        part: int = 0,
        *,
        deadline: float | None = None,
        priority: int = 0,
        key: str | None = None,
    ) -> str:
        """Start a program, or the packaged workflow of that name; its id. One call starts several as parts 0, 1, ...

        With a key of its own, it is one execution whoever starts it."""
        ...

    async def found(self, moment: Moment, name: str) -> ProgramText:
        """The packaged workflow of that name; raises UnknownName."""
        ...

    async def migrated(
        self,
        moment: Moment,
        execution: str | None,
        runs: str,
        program: ProgramText | str,
        variables: Mapping[str, Any],
        *,
        dry: bool,
    ) -> Sequence[Mapping[str, Any]]:
        """Let one execution, or the live runs of a workflow, go on with this program; what became of each."""
        ...

    async def seen(self, moment: Moment, execution: str) -> Mapping[str, Any]: ...

    async def listed(self, moment: Moment, status: str | None, limit: int) -> Sequence[Mapping[str, Any]]: ...

    async def journal(self, moment: Moment, execution: str) -> Sequence[Mapping[str, Any]]: ...

    async def approvals(self, moment: Moment, execution: str | None) -> Sequence[Mapping[str, Any]]: ...

    async def decided(self, moment: Moment, approval: str, decision: str, comment: str) -> Mapping[str, Any]: ...

    async def steered(self, moment: Moment, action: str, execution: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """cancel, pause, resume; retry {step, call}; fork {step, call, variables}; signal {name, data}; answer {text};
        settle {took_place, value}."""
        ...

    async def scheduled(
        self,
        moment: Moment,
        rule: str | datetime,
        script: str | None,
        inputs: Mapping[str, Any],
        *,
        name: str,
        argument: str | None,
        zone: str,
        missed: str,
        starts: datetime | None,
    ) -> Mapping[str, Any]:
        """Start the caller's own program, or a script, at the times of the rule; the schedule as it then stands."""
        ...

    async def schedules(self, moment: Moment) -> Sequence[Mapping[str, Any]]: ...

    async def rescheduled(self, moment: Moment, action: str, name: str) -> Mapping[str, Any]:
        """pause, resume, delete a schedule."""
        ...

    async def limited(
        self, moment: Moment, bot: str, *, running: int | None, starts: int | None, seconds: float
    ) -> Mapping[str, Any] | None:
        """Set the limit of a bot, or with "" of the whole tenant; None when nothing is limited."""
        ...

    async def limits(self, moment: Moment) -> Sequence[Mapping[str, Any]]: ...

    async def bots(self, moment: Moment) -> Sequence[Mapping[str, Any]]:
        """Who was added to the conversation of the caller, the first to be asked first."""
        ...

    async def statistics(self, moment: Moment) -> Mapping[str, Any]:
        """What the journal says of the caller's bot."""
        ...
