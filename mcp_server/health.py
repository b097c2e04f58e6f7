"""What can be wrong with a running installation, each with its remedy: what `botmcp doctor` asks the database."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import psycopg

from mcp_server.rendezvous import version
from storage.sql import queries

SQL = queries("mcp_server", "health.sql")
SKEW_SECONDS = 2.0
STARVING_SECONDS = 30.0
BLOCKING_SECONDS = 30.0
_RELEASE = re.compile(r" botmcp (\S+)$")

Level = Literal["ok", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `note` is worth knowing, `wrong` needs somebody."""

    level: Level
    name: str
    says: str


async def findings(connection: psycopg.AsyncConnection, now: datetime, *, vectors: bool) -> AsyncIterator[Finding]:
    """What the database says of itself and of the work in it. `vectors`: whether pgvector is wanted."""
    row = await _row(connection, "server")
    yield _clock(float(row[3]), now)
    yield _connections(int(row[1]), int(row[2]))
    if vectors:
        yield _extension(installed=bool(row[4]), available=bool(row[5]))
    workers = await _rows(connection, "workers")
    yield _workers(workers)
    async for each in _work(connection, living=any(row[2] for row in workers)):
        yield each
    yield _eldest(await (await connection.execute(SQL["eldest"])).fetchone())
    yield _misplaced(await _row(connection, "misplaced"), living=bool(workers))


def _clock(theirs: float, now: datetime) -> Finding:
    skew = theirs - now.timestamp()
    if abs(skew) > SKEW_SECONDS:
        way = "ahead of" if skew > 0 else "behind"
        told = f"the server's clock is {abs(skew):.0f} s {way} ours: timers fire at the wrong time. Run NTP on both."
        return Finding("wrong", "clock", told)
    return Finding("ok", "clock", f"within {max(abs(skew), 0.001) * 1000:.0f} ms of the server's")


def _connections(most: int, used: int) -> Finding:
    told = f"{used} of {most} are used"
    if used > most * 0.9:
        advice = "raise max_connections, run fewer workers, or put a pooler (session mode) between"
        return Finding("wrong", "connections", f"{told}: {advice}.")
    return Finding("ok", "connections", told)


def _extension(*, installed: bool, available: bool) -> Finding:
    if installed:
        return Finding("ok", "pgvector", "installed")
    advice = "let an administrator run: create extension vector;" if available else "install pgvector on the server"
    return Finding("note", "pgvector", f"vectors are searched without it, which is slower beyond 10,000: {advice}.")


def _workers(rows: list[tuple[Any, ...]]) -> Finding:
    living = [str(row[0]) for row in rows if row[2]]
    if not living:
        return Finding("note", "workers", "none is running: nothing goes on until `botmcp serve`, `worker` or a client")
    releases = {found[1] if (found := _RELEASE.search(about)) else "before 0.1.0" for about in living}
    told = f"{len(living)} running"
    if releases - {version()}:
        names = ", ".join(sorted(releases))
        return Finding("note", "workers", f"{told}, of releases {names}; this is {version()}. Replace the old ones.")
    return Finding("ok", "workers", f"{told}, all of this release")


async def _work(connection: psycopg.AsyncConnection, *, living: bool) -> AsyncIterator[Finding]:
    standing: dict[str, int] = {}
    ready_for, stuck = 0.0, 0
    for status, is_stuck, count, oldest in await _rows(connection, "standing"):
        standing[status] = standing.get(status, 0) + count
        stuck += count if is_stuck else 0
        ready_for = max(ready_for, float(oldest or 0)) if status == "ready" else ready_for
    told = ", ".join(f"{count:,} {status}" for status, count in sorted(standing.items())) or "none"
    if ready_for > STARVING_SECONDS:
        why = "start more workers" if living else "start a worker: `botmcp worker`, `botmcp serve`, or any client"
        limits = "; or a limit holds them back (`botmcp limits list`)" if living else ""
        said = f"{told}. The oldest has been ready for {ready_for:.0f} s: {why}{limits}."
        yield Finding("wrong", "executions", said)
    else:
        yield Finding("ok", "executions", told)
    if stuck:
        said = f"{stuck} paused for a keyword or a program format that nobody here has: install its plugin, or upgrade."
        yield Finding("wrong", "stuck executions", said)
    if doubt := standing.get("in_doubt", 0):
        said = (
            f"{doubt}: a worker died while something was done that must not be done twice. Look whether it took place"
        )
        yield Finding("note", "in doubt", f"{said}, and settle each (`botmcp executions`).")
    count, late = await _row(connection, "overdue")
    if count and living:
        yield Finding("wrong", "timers", f"{count} are late, the oldest by {late:.0f} s: workers are overloaded.")
    dead, failed, pending = await _row(connection, "undelivered")
    if dead or failed:
        said = f"{dead} events given up (`botmcp events dead`), {failed} mails failed (`botmcp outbox --status failed`)"
        yield Finding("note", "deliveries", said)
    elif pending > 10_000:
        yield Finding("note", "deliveries", f"{pending:,} events wait for their handlers: more workers would help")


def _eldest(row: tuple[Any, ...] | None) -> Finding:
    if row is None or float(row[2] or 0) < BLOCKING_SECONDS:
        return Finding("ok", "long transactions", "none")
    name, state, seconds = row
    told = f"{name or 'somebody'} has had one open for {seconds:.0f} s ({state}): no event behind it is delivered."
    return Finding("wrong", "long transactions", f"{told} End it; give its user idle_in_transaction_session_timeout.")


def _misplaced(row: tuple[Any, ...], *, living: bool) -> Finding:
    rows, days = float(row[0]), int(row[1])
    if rows > 1000:
        return Finding("wrong", "partitions", f"some {rows:,.0f} rows lie in the default ones: are the clocks right?")
    if living and not days:
        return Finding("wrong", "partitions", "there is none for today: no worker keeps house. See its log.")
    return Finding("ok", "partitions", f"made for {days} days" if days else "to be made by the first worker")


async def _row(connection: psycopg.AsyncConnection, name: str) -> tuple[Any, ...]:
    row = await (await connection.execute(SQL[name])).fetchone()
    assert row is not None
    return row


async def _rows(connection: psycopg.AsyncConnection, name: str) -> list[tuple[Any, ...]]:
    return await (await connection.execute(SQL[name])).fetchall()


def utc_now() -> datetime:
    """The wall clock, read at the rim."""
    return datetime.now(UTC)
