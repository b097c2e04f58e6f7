"""The outbox as people see it, and the effect that fills it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

from keywords.effect_kinds import MESSAGE_LEFT, EffectStatement
from keywords.mistakes import UnknownName, WrongValue
from storage.sql import queries

SQL = queries("hostbridge.messages")
STATUSES = ("kept", "sending", "sent", "failed", "draft")


def effect_statements() -> tuple[EffectStatement, ...]:
    """The statement of all keywords that send."""
    return (EffectStatement(MESSAGE_LEFT, SQL["message_left"]),)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the outbox."""

    id: UUID
    channel: str
    recipient: str
    subject: str
    body: str
    details: dict[str, Any]
    status: str
    reason: str
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    execution_id: UUID


class Outbox:
    """Looks at messages, and has them sent."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection]) -> None:
        self._pool = pool

    async def messages(self, tenant: UUID, status: str = "", most: int = 50) -> tuple[Message, ...]:
        """The newest first; raises WrongValue for a status that there is not."""
        if status and status not in STATUSES:
            raise WrongValue(f"There is no status {status}. There are {', '.join(STATUSES)}.")
        return await self._read(tenant, status, "", most)

    async def message(self, tenant: UUID, named: str) -> Message:
        """The message whose id begins so; raises UnknownName, or WrongValue when several do."""
        wanted = named.strip().lower()
        match await self._read(tenant, "", wanted or "-", 2):
            case (message,):
                return message
            case ():
                raise UnknownName("message", named, (), "`botmcp outbox` lists them.")
            case _:
                raise WrongValue(f"Several messages begin with {named}. Give more of the id.")

    async def send(self, tenant: UUID, message: UUID, now: datetime) -> bool:
        """Have a mail that was kept, failed or is a draft delivered now; False where it cannot be."""
        async with self._pool.connection() as connection:
            given = {"tenant": tenant, "id": message, "now": now}
            return await (await connection.execute(SQL["send_again"], given)).fetchone() is not None

    async def _read(self, tenant: UUID, status: str, named: str, most: int) -> tuple[Message, ...]:
        given = {"tenant": tenant, "status": status, "id": named, "most": most}
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(Message)) as cursor:
            await cursor.execute(SQL["messages"], given)
            return tuple(await cursor.fetchall())
