"""What a conversation asked for with USE MODEL and SET MODEL ROUTING."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import psycopg
import structlog

from keywords.host import Identity, ModelRequest
from keywords.routing_modes import GOALS, MODES
from storage.pool import Pool
from storage.sql import queries

log = structlog.get_logger()

SQL = queries("smartrouter")


@dataclass(frozen=True, slots=True)
class Preference:
    """A model by name, or an aim, or an order; nothing is the order of the settings."""

    model: str | None = None
    aim: str | None = None
    spread: bool = False  # among all models alike


class Preferences:
    """Looked up once a call, where the program itself says nothing."""

    def __init__(self, pool: Pool | None) -> None:
        self._pool = pool

    def said(self, request: ModelRequest) -> Preference | None:
        """What counts for this request, where nothing must be looked up for it (`known`)."""
        if request.optimize is not None:
            return Preference(aim=request.optimize)
        if request.model is not None or self._pool is None or request.caller is None:
            return Preference()
        return None

    async def known(self, caller: Identity) -> Preference:
        """What the caller's conversation asked for."""
        found = await self.stored(caller.tenant, conversation_of(caller))
        if found is None:
            return Preference()
        model, routing = found
        if model in GOALS:
            return Preference(aim=model)
        if routing is not None and routing in MODES and routing != "manual":
            return Preference(aim=MODES[routing], spread=routing == "load-balanced")
        return Preference(model=model)

    async def stored(self, tenant: UUID, conversation: UUID) -> tuple[str | None, str | None] | None:
        """The words as they were given."""
        if self._pool is None:
            return None
        given = {"tenant": tenant, "conversation": conversation}
        try:
            async with self._pool.connection() as connection:
                return await (await connection.execute(SQL["preference"], given)).fetchone()
        except (psycopg.Error, OSError, TimeoutError) as error:
            log.warning("preferences.not_looked_up", error=str(error).strip())
            return None  # the order of the settings will do


def conversation_of(caller: Identity) -> UUID:
    """What a preference belongs to."""
    return caller.session or caller.execution
