"""Connections to Postgres: one pool a process, each connection in autocommit, in our schema, named for who looks.

A server that restarts costs a moment and no error to whoever asks for a connection afterwards: a dead connection is
recognised when it is handed out (without a round trip) and replaced.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool

Where: TypeAlias = str | Callable[[], Awaitable[str]]
"""A dsn or DATABASE_URL, or what answers one anew before each connection (`EmbeddedPostgres.reach`)."""

SETTINGS = "-c search_path=botmcp,public -c idle_in_transaction_session_timeout=10s"
CONNECT_SECONDS = 10
RECONNECT_SECONDS = 10.0
"""After so long a pool leaves the next try to whoever asks next; its pauses would double without end."""
AT_HAND_SECONDS = 30.0
"""How long at most connections are kept from psycopg's pool, which closes those that are old or too many."""
TRIES = 4
PAUSE_SECONDS = 0.1


class DatabaseUnreachable(Exception):
    """No connection to the database; says where it was looked for and what the server or system answered."""


class Pool(AsyncConnectionPool[psycopg.AsyncConnection]):
    """A pool that hands out no connection whose server has gone, and loses none to whoever is cancelled.

    Connections that are given back stay at hand for a while, and the last one is handed out first: its session is warm
    in the server, and neither way costs a task or a turn of the event loop. psycopg's own queue is first in, first out.

    A task that is cancelled while it gets or gives back a connection would take it along (psycopg-pool 3.3): a few
    hundred time-outs empty the pool for good. So both go on to their end whatever becomes of who asked.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        self._at_hand: list[psycopg.AsyncConnection] = []
        self._asking = 0  # how many wait for a connection: what is given back is theirs
        self._laying_down: asyncio.TimerHandle | None = None
        self._returning: set[asyncio.Future[None]] = set()  # a task that nobody holds may vanish
        super().__init__(*given, **named)

    @asynccontextmanager
    async def connection(self, timeout: float | None = None) -> AsyncGenerator[psycopg.AsyncConnection]:
        """A connection, given back at the end; what it has begun is committed then, and rolled back after an error."""
        connection = await self.getconn(timeout)
        try:
            try:
                yield connection
            except BaseException as error:
                if not _idle(connection):
                    await connection.__aexit__(type(error), error, error.__traceback__)
                raise
            if not _idle(connection):
                await connection.__aexit__(None, None, None)
        finally:
            await self.putconn(connection)

    # Not psycopg's `check`: that pauses for seconds after each dead connection, and after a restart all are dead.
    async def getconn(self, timeout: float | None = None) -> psycopg.AsyncConnection:
        """A connection that led to the server a moment ago."""
        if self._at_hand and _still_there(self._at_hand[-1]):
            return self._at_hand.pop()
        self._asking += 1
        getting = asyncio.ensure_future(self._living(timeout))
        try:
            return await asyncio.shield(getting)
        except asyncio.CancelledError:
            getting.add_done_callback(self._nobodys)
            raise

    async def putconn(self, conn: psycopg.AsyncConnection) -> None:
        """Give it back."""
        if self._asking or self.closed or not _idle(conn):
            await asyncio.shield(asyncio.ensure_future(super().putconn(conn)))
            return
        self._at_hand.append(conn)
        if self._laying_down is None:
            self._laying_down = asyncio.get_running_loop().call_later(AT_HAND_SECONDS, self._lay_down)

    async def wait(self, timeout: float = 30.0) -> None:
        """Until there are as many connections as there should be at least."""
        self._lay_down()
        await super().wait(timeout)

    async def close(self, timeout: float = 5.0) -> None:
        """Close all connections; those that are in use, once they are given back."""
        await super().close(timeout)
        self._lay_down()
        if self._returning:
            await asyncio.wait(self._returning)

    async def _living(self, timeout: float | None) -> psycopg.AsyncConnection:
        try:
            while True:
                connection = self._at_hand.pop() if self._at_hand else await super().getconn(timeout)
                if _still_there(connection):
                    return connection
                await super().putconn(connection)  # which sees that it is dead, and makes another
        finally:
            self._asking -= 1

    def _lay_down(self) -> None:
        """Give what is at hand to psycopg's pool, which closes what has become too old or too many."""
        if self._laying_down is not None:
            self._laying_down.cancel()
            self._laying_down = None
        while self._at_hand:
            self._return(self._at_hand.pop())

    def _nobodys(self, getting: asyncio.Future[psycopg.AsyncConnection]) -> None:
        if not getting.cancelled() and getting.exception() is None:
            self._return(getting.result())

    def _return(self, connection: psycopg.AsyncConnection) -> None:
        returning = asyncio.ensure_future(super().putconn(connection))
        self._returning.add(returning)
        returning.add_done_callback(self._returning.discard)


def open_pool(
    where: Where, *, minimum: int = 1, maximum: int = 10, application: str = "botmcp", settings: str = ""
) -> Pool:
    """A pool to be entered with `async with`; `settings` are further `-c name=value` of its sessions.

    Reach a server once with `connect` before you enter a pool: a pool tries for ever and tells no reason.
    """

    async def conninfo() -> str:
        return _session(await _dsn(where), application, settings)

    return Pool(
        conninfo,
        kwargs={"autocommit": True, "prepare_threshold": 2},
        min_size=minimum,
        max_size=maximum,
        name=application,
        reconnect_timeout=RECONNECT_SECONDS,
        open=False,
    )


async def connect(where: Where, *, application: str = "botmcp", settings: str = "") -> psycopg.AsyncConnection:
    """A connection of its own, as the pool would make it; raises DatabaseUnreachable with the reason."""
    for tried in range(1, TRIES + 1):
        dsn = await _dsn(where)
        try:
            return await psycopg.AsyncConnection.connect(
                _session(dsn, application, settings), autocommit=True, prepare_threshold=2
            )
        except psycopg.Error as error:
            if isinstance(where, str) or tried == TRIES:
                raise DatabaseUnreachable(
                    f"Cannot reach the database {described(dsn)}: {_without_password(str(error).strip(), dsn)}\n"
                    "Is DATABASE_URL right and the server up? Without DATABASE_URL botmcp keeps a Postgres of its own."
                ) from None  # the cause's text may hold the password
        await asyncio.sleep(PAUSE_SECONDS)  # our own server may have died just now; asked again, it is started
    raise AssertionError("the last try returns or raises")


def described(dsn: str) -> str:
    """A dsn for people and logs: host, port and database, never a password."""
    parts = _parts(dsn)
    if parts is None:
        return (
            "(DATABASE_URL is not a valid address; it looks like postgresql://user:password@host:5432/database, "
            "where an @ in the password is written %40)"
        )
    host, port = parts.get("host") or parts.get("hostaddr") or "localhost", parts.get("port") or 5432
    return f"{parts.get('dbname') or parts.get('user') or 'postgres'} at {host}:{port}"


def _parts(dsn: str) -> dict[str, str] | None:
    """What a dsn says, by name; None when it cannot be read, or only with a piece of the password in the host."""
    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(dsn).items() if value is not None}
    except psycopg.Error:
        return None
    return None if "@" in parts.get("host", "") else parts


async def _dsn(where: Where) -> str:
    return where if isinstance(where, str) else await where()


def _session(dsn: str, application: str, settings: str) -> str:
    parts = conninfo_to_dict(dsn)
    options = " ".join(filter(None, [str(parts.get("options") or ""), SETTINGS, settings]))
    timeout = parts.get("connect_timeout") or CONNECT_SECONDS
    return make_conninfo(dsn, options=options, application_name=application, connect_timeout=timeout)


def _idle(connection: psycopg.AsyncConnection) -> bool:
    """Whether it has no transaction open and nothing under way."""
    return connection.pgconn.transaction_status == TransactionStatus.IDLE


def _still_there(connection: psycopg.AsyncConnection) -> bool:
    """Reads what the socket holds, which costs no round trip: it fails at an end of file."""
    try:
        connection.pgconn.consume_input()  # may be the server's last words
        connection.pgconn.consume_input()  # then this is the end
    except psycopg.Error:
        return False
    return True


def _without_password(text: str, dsn: str) -> str:
    parts = _parts(dsn)
    if parts is None:
        return "it cannot be read."
    secrets = {parts.get("password", ""), *re.findall(r"://[^/@]*?:([^@]+)@", dsn)}
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
