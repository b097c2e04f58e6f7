"""What the fields of a card offer: the bots, events, models, memory keys, workflows and people that there are."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Hashable, Mapping, Sequence

from designer.doors import Doors
from designer.publishing import Publishing
from storage.sql import queries
from workflow.details import Caller

SQL = queries("designer", "picking.sql")
FRESH_SECONDS = 5.0
ROUTING = ("balanced", "speed", "cost", "quality")
TYPES = ("STRING", "INTEGER", "FLOAT", "BOOLEAN", "DATE", "EMAIL", "OBJECT", "LIST")
_EVENT = re.compile(r'EVENTS?\s+"([^"\n]{1,200})"', re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


class Picking:
    """Asks the rooms, at most every few seconds for all who may see the same of a tenant and package."""

    def __init__(self, doors: Doors, clock: Callable[[], float]) -> None:
        self._doors, self._clock = doors, clock
        self._kept: dict[Hashable, tuple[float, Mapping[str, Sequence[str]]]] = {}

    async def lists(self, caller: Caller, origin: str, text: str) -> Mapping[str, Sequence[str]]:
        """What can be picked, by the name of the list."""
        key = caller.tenant, caller.bots, caller.may("memory:read"), origin
        known = self._kept.get(key)
        if known is None or self._clock() - known[0] > FRESH_SECONDS:
            if len(self._kept) > 200:
                self._kept.clear()
            known = self._kept[key] = self._clock(), await self._asked(caller, origin)
        found = dict(known[1])
        if "EVENT" in text.upper():  # to look for a word costs little, for a pattern a lot
            found["events"] = _joined(_EVENT.findall(text), found["events"])
        addresses = "".join(line for line in text.splitlines(keepends=True) if "@" in line)
        found["people"] = _joined(_MAIL.findall(addresses), found["people"])
        return found

    async def fields(self, caller: Caller, event: str) -> Sequence[str]:
        """The fields that events of this name came with; the log is the whole tenant's."""
        if caller.bots is not None:
            return ()
        async with self._doors.pool.connection() as connection:
            cursor = await connection.execute(SQL["fields"], {"tenant": caller.tenant, "name": event})
            return [row[0] for row in await cursor.fetchall()]

    async def _asked(self, caller: Caller, origin: str) -> Mapping[str, Sequence[str]]:
        doors = self._doors
        bots = [name for name in await asyncio.to_thread(doors.bots.names, origin) if caller.works_with(name)]
        packaged = [name for name in await asyncio.to_thread(doors.packages.dialogs) if caller.works_with(name)]
        drawn = await Publishing(doors.drafts).programs(caller.tenant)
        published = [program.name for program in drawn if caller.works_with(program.origin)]
        rows: dict[str, list[str]] = {"events": [], "memory": [], "people": []}
        if caller.bots is None:  # for these are the whole tenant's
            async with doors.pool.connection() as connection:
                for name in rows if caller.may("memory:read") else ("events", "people"):
                    cursor = await connection.execute(SQL[name], {"tenant": caller.tenant})
                    rows[name] = [row[0] for row in await cursor.fetchall()]
        models = [model.name for model in doors.models(origin)]
        return rows | {
            "bots": bots,
            "workflows": [*published, *packaged],
            "models": models,
            "routing": ROUTING,
            "types": TYPES,
        }


def _joined(first: Sequence[str], then: Sequence[str]) -> list[str]:
    return list(dict.fromkeys((*first, *then)))
