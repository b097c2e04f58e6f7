"""Where conversations with A2A agents stand, kept in our database: a run goes on in them wherever it goes on itself.

A call that is made again after a crash says its message where it said it first, not where its own lost answer led. Of a
task that the agent has begun for it, the outcome is asked for; it is not begun twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from storage.sql import queries

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg_pool import AsyncConnectionPool

SQL = queries("hostbridge.elsewhere")
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a word goes: the agent's context, and the task of it that waits for a further word."""

    context: str = ""
    task: str = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """One call in one conversation."""

    tenant: UUID
    conversation: UUID
    call_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How a conversation stands for a call."""

    place: Place = Place()
    begun: str = ""  # the task of an earlier attempt of this call


class Conversations:
    """The conversations of all tenants, each for those who name it."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection]) -> None:
        self._pool = pool

    async def standing(self, talk: Talk) -> Standing:
        """Where the call's message goes."""
        given = {"tenant": talk.tenant, "conversation": talk.conversation}
        async with self._pool.connection() as connection:
            row = await (await connection.execute(SQL["conversation"], given)).fetchone()
        if row is None:
            return Standing()
        call_id, came_context, came_task, begun, context, task = row
        return (
            Standing(Place(came_context, came_task), begun)
            if call_id == talk.call_id
            else Standing(Place(context, task))
        )

    async def keep(self, talk: Talk, came: Place, to: Place, begun: str = "") -> None:
        """The call went to `came`, where this task is at work on it or has answered it; the next one goes to `to`."""
        given = {
            "tenant": talk.tenant, "conversation": talk.conversation, "call": talk.call_id, "now": talk.now,
            "came_context": came.context, "came_task": came.task, "begun": begun, "context": to.context,
            "task": to.task,
        }  # fmt: skip
        async with self._pool.connection() as connection:
            await connection.execute(SQL["keep_conversation"], given)
            await connection.execute(SQL["forget_conversations"], {"before": talk.now - KEPT})
