"""The events of one commit, as they are written and as they are told. Pure; `publisher` sends them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from keywords.records import record
from storage.arrays import Packed, integers, repeated, texts, times, uuids
from workflow.events.event import source
from workflow.events.inline import Row, inlined

P = TypeVar("P", bound=Packed)


@record
class Said:
    """One event as somebody wants it written."""

    tenant: UUID
    name: str
    key: str
    data: str | None  # JSON on one line
    dedupe: str | None
    source: str | None
    bot: UUID | None
    due: datetime | None
    done: asyncio.Future[UUID] = field(compare=False)


@record
class Batch:
    """The events of one commit with their ids and their time, which stay theirs however often it is tried."""

    said: Sequence[Said]
    ids: Sequence[UUID]
    at: datetime

    def fresh(self) -> dict[str, Any]:
        """The columns of events that are of now, without a DEDUPE key."""
        said = self.said
        return {
            "id": uuids(self.ids),
            "tenant": _alike(uuids, [one.tenant for one in said]),
            "bot": _alike(uuids, [one.bot for one in said]),
            "name": _alike(texts, [one.name for one in said]),
            "key": _alike(texts, [one.key for one in said]),
            "data": texts([one.data for one in said]),
            "source": _alike(texts, [one.source for one in said]),
            "at": self.at,
        }

    def whole(self) -> dict[str, Any]:
        """The columns of any events, and the place of each."""
        return {
            **self.fresh(),
            "ref": integers(range(len(self.said))),
            "dedupe": texts([one.dedupe for one in self.said]),
            "due": times([one.due for one in self.said]),
        }

    def parted(self) -> tuple[Batch, Batch]:
        """Its two halves."""
        middle = len(self.said) // 2
        return (
            Batch(self.said[:middle], self.ids[:middle], self.at),
            Batch(self.said[middle:], self.ids[middle:], self.at),
        )

    def told(self, places: Iterable[tuple[str, int, int]]) -> str:
        """The hint that carries the events with these places in the log (transaction, event, sequence); "" for none."""
        return inlined([self._told(self.said[ref], self.ids[ref], xid, seq) for xid, ref, seq in places])

    def _told(self, said: Said, id_: UUID, xid: str, seq: int) -> Row:
        speaker = source(said.source, said.bot)
        return id_, said.tenant, said.name, said.key, said.data, self.at, speaker, xid, seq


def batch(said: Sequence[Said], at: datetime, chance: random.Random) -> Batch:
    """The events with ids of version 7, one behind the other: what is near in time is near in the index of ids."""
    moment = int(at.timestamp() * 1_000)
    first = moment << 80 | 7 << 76 | chance.getrandbits(12) << 64 | 2 << 62 | chance.getrandbits(61)
    return Batch(said, [UUID(int=first + place) for place in range(len(said))], at)


def _alike(packed: Callable[[Sequence[Any]], P], values: Sequence[Any]) -> P:
    """Most events of a commit are of one tenant, many of one name."""
    first = values[0]
    for value in values:
        if value is not first and value != first:
            return packed(values)
    return repeated(packed([first]), len(values))
