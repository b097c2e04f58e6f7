"""A reader of a run's event stream that keeps what it was told, and comes back where it was cut off."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from workflow.details import JournalRow


@dataclass(slots=True)
class Told:
    """One event, whole."""

    name: str
    data: str
    id: str


@dataclass(slots=True)
class Reader:
    """A watcher over HTTP: what it saw, and where it goes on."""

    address: str
    place: str = ""
    rows: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    states: dict[int, str] = field(default_factory=dict[int, str])
    ended: bool = False
    connections: int = 0

    async def read(self, client: httpx.AsyncClient, most: int) -> None:
        """Read so many events, then cut the connection; fewer where the run ends."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": self.place} if self.place else {})
        self.connections += 1
        left = most
        async with client.stream("GET", self.address, headers=headers) as answer:
            assert answer.status_code == 200, answer.status_code
            buffer = ""
            async for piece in answer.aiter_text():
                buffer += piece
                while "\n\n" in buffer:
                    text, _, buffer = buffer.partition("\n\n")
                    if (told := event(text)) is None:
                        continue
                    self.take(told)
                    left -= 1
                    if self.ended or left <= 0:
                        return

    def take(self, told: Told) -> None:
        self.place = told.id or self.place
        if told.name == "nodes":
            data = json.loads(told.data)
            self.rows += [tuple(row) for row in data["rows"]]
            self.states |= {line: state for line, state, _ in data["lines"]}
        self.ended = self.ended or told.name == "end"


def event(text: str) -> Told | None:
    """The event of a block of lines; None for a comment or a setting."""
    name, id_, data = "", "", list[str]()
    for line in text.split("\n"):
        head, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if head == "event":
            name = value
        elif head == "id":
            id_ = value
        elif head == "data":
            data.append(value)
    return Told(name, "\n".join(data), id_) if name or data else None


async def dropped(client: httpx.AsyncClient, reader: Reader, dice: random.Random) -> None:
    """Watch to the end, cut off again and again after a few events."""
    while not reader.ended:
        await reader.read(client, dice.randint(1, 4))


def journal(rows: tuple[JournalRow, ...]) -> list[tuple[Any, ...]]:
    """The rows of the journal as a watcher is told them."""
    return [(row.line, row.keyword, str(row.execution)[:8], *row.place) for row in rows]


async def whole_journal(operations: Any, caller: Any, execution: UUID) -> list[tuple[Any, ...]]:
    """All rows of a run and of what it started."""
    found: list[JournalRow] = []
    after = None
    while True:
        rows, after = await operations.journal(caller, execution, after)
        if not rows:
            return journal(tuple(found))
        found += rows
