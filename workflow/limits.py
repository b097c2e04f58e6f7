"""How much a tenant, or one bot of it, may do: executions at one moment, starts in some time.

How many run is counted where they are claimed (`claim` in queries.sql): what finds no room stays ready. Starts are
counted here: each takes a share of the time that its limit is for, so that a burst of all of them may come at once, and
then one share after the other. A start for which there is no share yet is refused with the time to wait.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from uuid import UUID

from psycopg import AsyncConnection

from keywords.mistakes import ProgramError
from storage.sql import queries

SQL = queries("workflow", "limits.sql")
WHOLE_TENANT = UUID(int=0)
LONGEST_DEADLINE = 3660 * 86_400.0  # seconds


class TooManyStarts(ProgramError):
    """The tenant, or the bot, has made all the starts that its limit allows for now."""

    kind = "limit"

    def __init__(self, whose: str, starts: int, seconds: float, wait: float) -> None:
        super().__init__(
            f"{whose} may start {starts:,} executions in {seconds:g} seconds, and has. "
            f"Start this again in {math.ceil(wait)} s, or have the limit raised (SET LIMIT, botmcp limits)."
        )
        self.wait = wait


async def admit(connection: AsyncConnection, tenant: UUID, bot: UUID, bot_name: str, now: datetime) -> None:
    """Count one start in the transaction that is open on this connection; raises TooManyStarts."""
    given = {"tenant": tenant, "bots": [WHOLE_TENANT, bot]}
    for id_, starts, seconds, earned_at in await (await connection.execute(SQL["hold_rates"], given)).fetchall():
        share = timedelta(seconds=seconds / starts)
        earned = max(earned_at or now, now)
        wait = earned + share - now - timedelta(seconds=seconds)
        if wait > timedelta(microseconds=starts):  # a share may have been rounded
            whose = "This installation" if id_ == WHOLE_TENANT else f"The bot {bot_name}"
            raise TooManyStarts(whose, starts, seconds, wait.total_seconds())
        await connection.execute(SQL["count_start"], {"tenant": tenant, "bot": id_, "earned": earned + share})
