"""A run as a stream of server-sent events.

    nodes    {"lines": [[line, state, words], ...],      what cards show now; its id is the place to come back with
              "whole": whether the others show nothing}
    (none)   pieces of the page, for htmx to put in       how the run stands, what it asks, what was said
    end                                                  nothing more will come

Each piece is made once for all who watch alike. A watcher who comes back with the last id he saw is told all that
happened since, nothing of it twice.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Hashable
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

from starlette.responses import StreamingResponse

from designer.line_states import WORDS, Lines
from keywords.mistakes import WrongValue
from workflow.details import Caller
from workflow.following import Following, News
from workflow.places import Places

HEARTBEAT_SECONDS = 15.0
KEPT = 256
PIECES_SECONDS = 0.25  # between two of the pieces around the cards
T = TypeVar("T")
Made = Callable[[News], Awaitable[str]]


class Shared:
    """What was made once of some news, for all who want the same of them."""

    def __init__(self) -> None:
        self._made: OrderedDict[Hashable, tuple[object, asyncio.Task[str]]] = OrderedDict()

    async def of(self, news: News, kind: Hashable, make: Made) -> str:
        """What `make` makes of the news; made by whoever asks first."""
        key = (id(news.all), kind)  # the look that these news came from
        found = self._made.get(key)
        if found is None or found[0] is not news.all or _failed(found[1]):
            found = self._made[key] = (news.all, asyncio.ensure_future(make(news)))
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
        return await asyncio.shield(found[1])


def _failed(task: asyncio.Task[str]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


async def stream(
    following: Following,
    caller: Caller,
    execution: UUID,
    program: str,
    after: Places,
    say: Callable[[str], str],
    pieces: Made,
) -> AsyncGenerator[str]:
    """The events of one watcher, as text: first all that stands, then what changes.

    Cards change at once, the pieces around them a few times a second at most.
    """
    lines: Lines | None = None
    clock = asyncio.get_running_loop().time
    untold, due = None, 0.0
    source = following.follow(caller, execution, after)
    coming: asyncio.Task[tuple[News, Places]] | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(source))
            await asyncio.wait({coming}, timeout=None if untold is None else max(due - clock(), 0.0))
            if untold is not None and (clock() >= due or (coming.done() and coming.exception() is not None)):
                yield event("", await pieces(untold))
                untold, due = None, clock() + PIECES_SECONDS
            if not coming.done():
                continue
            try:
                news, places = coming.result()
            except StopAsyncIteration:
                break
            coming, untold = None, news
            if whole := lines is None:
                lines = Lines.of(program, await following.lines(caller, news.all, program), news.all)
                lines.told(news)
            changed = lines.shown if whole else lines.told(news)
            told = [[line, state, say(WORDS[state])] for line, state in sorted(changed.items())]
            rows = [[row.line, row.keyword, str(row.execution)[:8], *row.place] for row in news.rows]
            yield event("nodes", {"lines": told, "whole": whole, "rows": rows}, places.text())
        yield event("end", {})
    finally:
        if coming is not None and not coming.done():
            coming.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await coming
        await source.aclose()


def event(name: str, data: object, id_: str = "") -> str:
    """One server-sent event; the text of an unnamed one is HTML."""
    body = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    head = (f"event: {name}\n" if name else "") + (f"id: {id_}\n" if id_ else "")
    return head + "".join(f"data: {line}\n" for line in body.splitlines() or [""]) + "\n"


def response(events: AsyncGenerator[str]) -> StreamingResponse:
    """The stream as an answer, kept awake."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(awake(events), media_type="text/event-stream", headers=headers)


async def awake(events: AsyncGenerator[str], seconds: float = HEARTBEAT_SECONDS) -> AsyncIterator[str]:
    """The events, and in long silences a comment: who listens knows that we are there, and we learn of who is not."""
    coming: asyncio.Task[str] | None = None
    try:
        yield "retry: 300\n\n"
        while True:
            coming = coming or asyncio.ensure_future(anext(events))
            done, _ = await asyncio.wait({coming}, timeout=seconds)
            if not done:
                yield ": awake\n\n"
                continue
            try:
                told = coming.result()
            except StopAsyncIteration:
                return
            coming = None
            yield told
    finally:
        if coming is not None and not coming.done():
            coming.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await coming
        await events.aclose()


def last_place(header: str, asked: str) -> Places:
    """Where a watcher goes on: behind the last event he saw, else where his page was made."""
    for text in (header, asked):
        with suppress(WrongValue):
            if text:
                return Places.of(text)
    return Places()
