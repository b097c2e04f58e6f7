"""Hints: what wakes the other processes at once, where a look at the database would find the same a moment later.

A hint may be lost, doubled or late: nobody may rely on one. Whoever waits also looks by himself from time to time.

A topic is a short word such as `ready`, `event` or `done:<execution>`. The topic `*` means "look at everything": a
subscriber gets it when the connection is made, since what was said before it is unknown, and where too much happened
at once to be listed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol, TypeAlias

import psycopg
import structlog

from storage.pool import DatabaseUnreachable, Pool, Where, connect
from storage.postgres_account import NoPostgres

log = structlog.get_logger()

Topics: TypeAlias = frozenset[str]
Subscriber: TypeAlias = Callable[[Topics], object]

EVERYTHING: Topics = frozenset({"*"})
CHANNEL = "botmcp_hints"
NOTIFY = b"select pg_notify('botmcp_hints', %(hint)s)"
PAYLOAD_BYTES = 7_900
"""Postgres refuses a payload of 8,000 bytes."""
ALIVE_SECONDS = 30.0
"""How often a silent connection is asked whether it still leads anywhere."""


class Hints(Protocol):
    """A way of telling the other processes, and this one, that something happened."""

    def statement(self, *topics: str) -> tuple[bytes, dict[str, str]] | None:
        """What to execute in a transaction so that the hint leaves with its commit; None: `publish` after it."""
        ...

    async def publish(self, *topics: str) -> None:
        """Tells everybody now. Never fails: a hint that could not be sent is only latency."""
        ...

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Calls `subscriber` with the topics of each hint, in the event loop; answers what ends that."""
        ...

    async def run(self) -> None:
        """Listens, and connects again when the connection is lost, until it is cancelled."""
        ...


class Audience:
    """Those who want to hear; one that raises does not keep the others from hearing."""

    def __init__(self) -> None:
        self._subscribers: dict[object, Subscriber] = {}

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        key = object()
        self._subscribers[key] = subscriber

        def leave() -> None:
            self._subscribers.pop(key, None)

        return leave

    def tell(self, topics: Topics) -> None:
        for subscriber in tuple(self._subscribers.values()):
            try:
                subscriber(topics)
            except Exception:
                log.exception("hints.subscriber_failed", topics=sorted(topics))


def payload(topics: Iterable[str], most: int = PAYLOAD_BYTES) -> str:
    """The topics as one line; `*` when they are too many for one hint."""
    line = "\n".join(sorted(set(topics)))
    return line if 0 < len(line.encode()) <= most else "*"


def topics_of(line: str) -> Topics:
    """The topics of one line."""
    return frozenset(line.split("\n"))


class Backoff:
    """The pause before the next try to connect: short at first, then up to two seconds."""

    def __init__(self) -> None:
        self._seconds = 0.05

    def reset(self) -> None:
        self._seconds = 0.05

    async def pause(self) -> None:
        await asyncio.sleep(self._seconds)
        self._seconds = min(2.0, self._seconds * 2)


class PostgresHints:
    """Hints through LISTEN and NOTIFY: transactional, and nothing more to run. Needs a connection without a pooler."""

    def __init__(self, where: Where, pool: Pool, *, alive_seconds: float = ALIVE_SECONDS) -> None:
        self._where, self._pool, self._alive_seconds = where, pool, alive_seconds
        self._audience = Audience()

    def statement(self, *topics: str) -> tuple[bytes, dict[str, str]] | None:
        return NOTIFY, {"hint": payload(topics)}

    async def publish(self, *topics: str) -> None:
        for last in (False, True):  # the second try is for a connection whose server has just gone
            try:
                async with self._pool.connection(timeout=2.0) as connection:
                    await connection.execute(NOTIFY, {"hint": payload(topics)})
                return
            except (psycopg.Error, TimeoutError) as error:
                if last:
                    log.warning("hints.not_sent", topics=len(topics), error=str(error))

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        return self._audience.subscribe(subscriber)

    async def run(self) -> None:
        backoff = Backoff()
        while True:
            try:
                async with await connect(self._where, application="botmcp hints") as connection:
                    await connection.execute("listen botmcp_hints")
                    self._audience.tell(EVERYTHING)
                    backoff.reset()
                    while True:
                        async for notice in connection.notifies(timeout=self._alive_seconds):
                            self._audience.tell(topics_of(notice.payload))
                        await asyncio.wait_for(connection.execute("select 1"), self._alive_seconds)
            except (psycopg.Error, DatabaseUnreachable, NoPostgres, OSError) as error:
                log.info("hints.connection_lost", error=str(error))
            await backoff.pause()
