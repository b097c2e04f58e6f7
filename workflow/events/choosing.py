"""Waits that choose: patterns, WHERE, KEY, SINCE, CONSUME, several names.

What fits is decided here, over events that are final; that it is the answer, in Postgres: by whoever finds the
execution still waiting, and, of an event to be consumed, by whoever claims it first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row

from keywords import patterns
from keywords.event_filters import compiled
from storage.sql import queries
from workflow.events.event import Event
from workflow.repeat import repeated

SQL = queries("workflow.events", "waits.sql")
PAGE = 500  # events that one statement reads
SOME = 500  # executions that wait, of which one statement reads


@dataclass(frozen=True, slots=True)
class Wish:
    """One row of a wait."""

    execution_id: UUID
    tenant_id: UUID
    event_name: str
    event_key: str
    filter: Any
    mode: str
    part: int
    consume: bool
    since: datetime | None
    cursor_key: str
    born: str
    xid: str
    seq: int
    checked: bool
    place: str
    stood: int | None  # None: it does not wait now

    def fits(self, event: Event) -> bool:
        """Whether it is one that the wait is for."""
        return (
            patterns.fits(self.event_name, event.name)
            and self.event_key in ("", event.key)
            and (self.filter is None or compiled(self.filter)(event.told()))
        )


@dataclass(slots=True)
class _Pass:
    """What one look found: events that were read are read once, events to be consumed are given away once."""

    pages: dict[tuple[Any, ...], list[Event]]
    taken: set[UUID]


class Choosing:
    """Looks at the waits that choose; on the connection of its Delivery."""

    def __init__(self, connection: AsyncConnection, clock: Callable[[], datetime]) -> None:
        self._connection = connection
        self._clock = clock

    async def offer(self, names: Sequence[tuple[UUID, str]], *, everything: bool) -> bool:
        """Look at the waits that these names, as (tenant, name), may concern; whether any was woken."""
        wanted = [*names, *await self._patterns(names)]
        given = {"tenant": [t for t, _ in wanted], "name": [n for _, n in wanted], "all": everything, "some": SOME}
        after, woken, taken = UUID(int=0), False, set[UUID]()
        while True:
            wishes = await self._wishes({**given, "after": after})
            woken = (bool(wishes) and await self._chosen(wishes, taken)) or woken
            if len(wishes) < SOME:
                return woken
            after = wishes[-1].execution_id

    async def _wishes(self, given: Mapping[str, Any]) -> list[Wish]:
        async with self._connection.cursor(row_factory=class_row(Wish)) as cursor:
            await repeated(lambda: cursor.execute(SQL["choosers"], given))
            return await cursor.fetchall()

    async def _patterns(self, names: Sequence[tuple[UUID, str]]) -> list[tuple[UUID, str]]:
        """The patterns somebody waits for that find one of the names."""
        tenants = list(dict.fromkeys(tenant for tenant, _ in names))
        if not tenants:
            return []
        cursor = await self._connection.execute(SQL["choosers_patterns"], {"tenants": tenants})
        tries: dict[UUID, patterns.Trie[str]] = {}
        for tenant, pattern in await cursor.fetchall():
            tries.setdefault(tenant, patterns.Trie()).add(pattern, pattern)
        found = ((t, pattern) for t, name in names if t in tries for pattern in tries[t].matching(name))
        return list(dict.fromkeys(found))

    async def _chosen(self, wishes: Sequence[Wish], taken: set[UUID]) -> bool:
        seen = _Pass({}, taken)
        woken: list[tuple[Wish, str, str, UUID | None]] = []
        marked: list[tuple[Wish, str, int]] = []
        standing = (wish for wish in wishes if wish.stood is not None)
        for _, rows in groupby(standing, attrgetter("execution_id")):
            await self._of_one(list(rows), seen, woken, marked)
        if marked:
            await self._mark(marked)
        return bool(woken) and await self._wake(woken)

    async def _of_one(
        self,
        wishes: list[Wish],
        seen: _Pass,
        woken: list[tuple[Wish, str, str, UUID | None]],
        marked: list[tuple[Wish, str, int]],
    ) -> None:
        """What one execution chose."""
        found: list[tuple[Wish, Event]] = []
        for wish in wishes:
            event = await self._first(wish, seen, marked if wish.mode != "all" else [])
            if event is not None:
                found.append((wish, event))
        first = wishes[0]
        if first.mode == "all" and len(found) < len(wishes):
            marked += ((wish, wish.xid, wish.seq) for wish in wishes if not wish.checked)
            return
        if not found:
            return
        if first.mode != "all":
            found = [min(found, key=lambda pair: (int(pair[1].xid), pair[1].seq))]
        answer: Any = found[0][1].data if first.mode == "one" else found[0][1].told()
        if first.mode == "all":
            answer = [event.told() for _, event in found]
        cursors = {wish.cursor_key: [event.xid, str(event.seq)] for wish, event in found}
        consumed = found[0][1].id if found[0][0].consume else None
        if consumed:
            seen.taken.add(consumed)
        woken.append((first, json.dumps({"plain": answer}, ensure_ascii=False), json.dumps(cursors), consumed))

    async def _first(self, wish: Wish, seen: _Pass, marked: list[tuple[Wish, str, int]]) -> Event | None:
        """The first event that fits; without one the wait is marked: it goes on behind what it has seen."""
        xid, seq = wish.xid, wish.seq
        while True:
            page = await self._page(wish, xid, seq, seen)
            for event in page:
                if wish.fits(event) and not (wish.consume and event.id in seen.taken):
                    return event
            if page:
                xid, seq = page[-1].xid, page[-1].seq
            if len(page) < PAGE:
                if not wish.checked or page:
                    marked.append((wish, xid, seq))
                return None

    async def _page(self, wish: Wish, xid: str, seq: int, seen: _Pass) -> list[Event]:
        pattern = patterns.is_pattern(wish.event_name)
        name = _fixed(wish.event_name) if pattern else wish.event_name
        about = (wish.tenant_id, pattern, name, xid, seq, wish.born, wish.since, wish.consume)
        if about not in seen.pages:
            given = {
                "tenant": wish.tenant_id, "name": name, "xid": xid, "seq": seq, "born": wish.born, "since": wish.since,
                "consume": wish.consume,
            }  # fmt: skip
            async with self._connection.cursor(row_factory=dict_row) as cursor:
                await cursor.execute(SQL["events_behind" if pattern else "named_events"], given)
                seen.pages[about] = [Event.of(wish.tenant_id, row) for row in await cursor.fetchall()]
        return seen.pages[about]

    async def _wake(self, woken: list[tuple[Wish, str, str, UUID | None]]) -> bool:
        given = {
            "execution": [wish.execution_id for wish, *_ in woken],
            "stood": [wish.stood for wish, *_ in woken],
            "tenant": [wish.tenant_id for wish, *_ in woken],
            "answer": [answer for _, answer, _, _ in woken],
            "cursors": [cursors for _, _, cursors, _ in woken],
            "event": [event for *_, event in woken],
            "now": self._clock(),
        }
        cursor = await repeated(lambda: self._connection.execute(SQL["wake_choosers"], given))
        return bool(await cursor.fetchall())

    async def _mark(self, marked: list[tuple[Wish, str, int]]) -> None:
        given = {
            "execution": [wish.execution_id for wish, _, _ in marked],
            "name": [wish.event_name for wish, _, _ in marked],
            "key": [wish.event_key for wish, _, _ in marked],
            "place": [wish.place for wish, _, _ in marked],
            "xid": [xid for _, xid, _ in marked],
            "seq": [seq for _, _, seq in marked],
        }
        await repeated(lambda: self._connection.execute(SQL["mark_chosen"], given))


def _fixed(pattern: str) -> str:
    """The beginning of every name that the pattern finds."""
    parts = pattern.split(".")
    fixed = parts[: next(place for place, part in enumerate(parts) if part in (patterns.ONE, patterns.REST))]
    return "".join(part + "." for part in fixed)
