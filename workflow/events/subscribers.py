"""Who wants which events: the live subscriptions of all tenants, by pattern, as the dispatcher asks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row

from keywords.event_filters import compiled
from keywords.patterns import Trie
from storage.sql import queries
from workflow.events.event import Event

SQL = queries("workflow.events", "dispatch.sql")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a transaction saw when it began, from Postgres's own text `xmin:xmax:open,open`."""

    lowest: int
    next: int
    open: frozenset[int]

    @classmethod
    def of(cls, text: str) -> Snapshot:
        lowest, next_, open_ = text.split(":")
        return cls(int(lowest), int(next_), frozenset(map(int, filter(None, open_.split(",")))))

    def saw(self, xid: str) -> bool:
        """Whether the transaction had committed by then, and so is old."""
        number = int(xid)
        return number < self.next and number not in self.open


@dataclass(frozen=True, slots=True, eq=False)
class Subscription:
    """One that is live; `born` is the view it began with."""

    id: UUID
    tenant_id: UUID
    kind: str
    pattern: str
    filter: Any
    consume: bool
    born: str
    began: Snapshot = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "began", Snapshot.of(self.born))

    def wants(self, event: Event, *, old: bool) -> bool:
        """Whether it is news to it and fits its condition; its pattern was looked at."""
        return (old or not self.began.saw(event.xid)) and (self.filter is None or compiled(self.filter)(event.told()))


class Subscribers:
    """The table as it stood at the last look; looked at again only when it has changed."""

    def __init__(self) -> None:
        self._signature: tuple[Any, ...] | None = None
        self._tries: dict[UUID, Trie[Subscription]] = {}

    async def look(self, connection: AsyncConnection) -> None:
        """See who there is now: whoever committed before an event that was read already, is among them."""
        signature = await (await connection.execute(SQL["subscriptions_signature"])).fetchone()
        if signature == self._signature:
            return
        async with connection.cursor(row_factory=class_row(Subscription)) as cursor:
            await cursor.execute(SQL["live_subscriptions"])
            found = await cursor.fetchall()
        self._tries = {}
        for one in found:
            self._tries.setdefault(one.tenant_id, Trie()).add(one.pattern, one)
        self._signature = signature

    def wanting(self, event: Event, *, old: bool = False) -> Sequence[Subscription]:
        """Who gets it: all that broadcast it, and of those that consume it the one whose turn it is.

        With `old` also those to whom it is no news, since they came later.
        """
        trie = self._tries.get(event.tenant)
        if trie is None:
            return ()
        found = [one for one in trie.matching(event.name) if one.wants(event, old=old)]
        consumers = sorted((one for one in found if one.consume), key=lambda one: one.id)
        broadcast = [one for one in found if not one.consume]
        return [*broadcast, consumers[event.id.int % len(consumers)]] if consumers else broadcast
