"""Limits as people set them and see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

from keywords.host import bot_id
from keywords.mistakes import WrongValue
from workflow.details import Caller
from workflow.limits import SQL, WHOLE_TENANT
from workflow.transactions import Transactions

MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Limit:
    """What a tenant, or one bot of it, may do; None is not limited."""

    bot_name: str  # "": the whole tenant
    max_running: int | None
    starts: int | None
    seconds: float | None
    running: int
    set_by: str

    def told(self) -> dict[str, Any]:
        """As ordinary JSON."""
        return {
            "bot": self.bot_name or None,
            "max_running": self.max_running,
            "starts": self.starts,
            "seconds": self.seconds,
            "running": self.running,
            "set_by": self.set_by,
        }


class Limiting(Transactions):
    """Sets limits."""

    async def set_limit(
        self,
        caller: Caller,
        bot: str = "",
        *,
        running: int | None = None,
        starts: int | None = None,
        seconds: float = 60.0,
    ) -> Limit | None:
        """Let the bot, or without one the whole tenant, run so many executions at one moment, and make so many starts
        in that time; what is None is not limited. Answers the limit, None when that is none."""
        await self._may(caller, "admin")
        for what, value in (("running", running), ("starts", starts)):
            if value is not None and not 1 <= value <= MOST:
                raise WrongValue(f"A limit of {what} is a number from 1 to {MOST:,}, not {value}.")
        if not 0.001 <= seconds <= 86_400 * 31:
            raise WrongValue(f"The time of a limit is from 0.001 seconds to 31 days, not {seconds:g} seconds.")
        given = {
            **_whose(caller, bot),
            "running": running,
            "starts": starts,
            "seconds": None if starts is None else seconds,
            "by": f"{caller.subject} through {caller.through}",
            "now": self._engine.clock(),
        }
        statement = "drop_limit" if running is None and starts is None else "set_limit"

        async def set_(connection: AsyncConnection) -> None:
            await connection.execute(SQL[statement], given)

        await self._transaction(set_, "ready")
        return next((limit for limit in await self.limits(caller) if limit.bot_name == bot.strip()), None)

    async def limits(self, caller: Caller) -> tuple[Limit, ...]:
        """The limits of the tenant and its bots, with how many run now."""
        await self._may(caller, "wf:read")
        rows = await self._selected(SQL["limits"], {"tenant": caller.tenant})
        return tuple(Limit(**row) for row in rows if caller.works_with(row["bot_name"]))

    async def default_limit(self, caller: Caller, running: int | None, starts: int | None) -> None:
        """What the settings say of the whole tenant; what was set by somebody stands. Starts are for a minute."""
        given = {
            **_whose(caller, ""),
            "running": running,
            "starts": starts,
            "seconds": None if starts is None else 60.0,
            "by": "settings",
            "now": self._engine.clock(),
        }

        async def kept(connection: AsyncConnection) -> None:
            await connection.execute(
                SQL["drop_default" if running is None and starts is None else "set_default"], given
            )

        await self._transaction(kept, "ready")


def _whose(caller: Caller, bot: str) -> Mapping[str, Any]:
    bot = bot.strip()
    return {"tenant": caller.tenant, "bot": bot_id(caller.tenant, bot) if bot else WHOLE_TENANT, "name": bot}
