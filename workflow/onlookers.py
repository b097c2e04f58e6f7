"""Who looks on: a worker tells of every commit of the runs that somebody watches right now, and of no others.

Whoever watches a run says so with the hint `look:<root>`, again and again; for as long as that was heard a moment ago,
each commit of the run or of anything below it is followed by the hint `step:<root>`. Lost hints cost latency: watchers
look by themselves from time to time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID

from storage.hints import Hints, Topics
from workflow.turn import Turn

LOOK, STEP = "look:", "step:"
AGAIN_SECONDS = 8.0
"""How often a watcher says that it still is there."""
HEARD_SECONDS = 3 * AGAIN_SECONDS
MOST = 5_000  # runs that are watched at once; of more, nobody is told each step


class Onlookers:
    """What one worker knows of watchers."""

    def __init__(self, hints: Hints, clock: Callable[[], float]) -> None:
        self._hints = hints
        self._clock = clock  # of the event loop
        self._until: dict[str, float] = {}
        self._untold: set[str] = set()
        self._telling: asyncio.Task[None] | None = None

    def heard(self, topics: Topics) -> None:
        """Note who looks on."""
        for topic in topics:
            if topic.startswith(LOOK):
                if len(self._until) >= MOST:
                    self._forget()
                if len(self._until) < MOST:
                    self._until[topic.removeprefix(LOOK)] = self._clock() + HEARD_SECONDS

    def noticed(self, turns: Sequence[Turn]) -> None:
        """Tell the watchers of these turns, which are durable."""
        if not self._until:
            return
        now = self._clock()
        for turn in turns:
            root = str(turn.root or turn.id)
            if self._until.get(root, 0.0) > now:
                self._untold.add(STEP + root)
        if self._untold and (self._telling is None or self._telling.done()):
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        while self._untold:
            topics, self._untold = self._untold, set()
            await self._hints.publish(*topics)

    def _forget(self) -> None:
        now = self._clock()
        self._until = {root: until for root, until in self._until.items() if until > now}


def looking(root: UUID) -> str:
    """The hint that somebody watches this run."""
    return f"{LOOK}{root}"


def stepped(root: UUID) -> str:
    """The hint that the run, or something below it, has gone on."""
    return f"{STEP}{root}"
