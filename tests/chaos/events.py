"""Events among dying processes: python -m tests.chaos.events [--quick] [--events N] [--seed N]

Eight publishers with commits of random length, four subscribers, a naive reader (`seq > last`) beside them, Postgres
and
Redis. Processes are killed with SIGKILL, Redis is flushed, stopped and started again, Postgres is killed and started.
Then the same for handlers: workers of the product run ON EVENT blocks, and are killed. At last waits, events and
time-outs commit in any order, under several deliverers.

lost, twice       of all numbers and subscribers: not dealt with, dealt with more than once. Must be 0
unsaid            events that a publisher was told are durable and that the log does not hold. Must be 0
doubled           numbers that stand in the log more than once. Must be 0
naive_lost        the share that the naive reader missed: it shows that the harness can
handlers_*        of the effects of the handlers
waits             pairs of a wait and an event; waits_asleep: not woken, waits_twice: woken more often than once. Must
be 0
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import redis
from psycopg import sql

from storage import embedded_postgres
from storage.embedded_postgres import EmbeddedPostgres
from storage.migrate import migrate
from storage.pool import connect
from tests.chaos.events_handlers import handlers
from tests.chaos.events_waits import interleaved
from tests.services import Valkey

PUBLISHERS, READERS = 8, 4
PATIENCE = 600.0  # seconds after the last event


@dataclass(slots=True)
class Report:
    """What is printed; the module says what each means."""

    events: int = 0
    publishers: int = PUBLISHERS
    subscribers: int = READERS
    kills: dict[str, int] = field(default_factory=dict[str, int])
    lost: int = -1
    twice: int = -1
    unsaid: int = -1
    doubled: int = -1
    naive_lost: float = 0.0
    handlers_events: int = 0
    handlers_lost: int = -1
    handlers_twice: int = -1
    handlers_kills: int = 0
    waits: int = 0
    waits_asleep: int = -1
    waits_twice: int = -1
    seed: int = 0
    seconds: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def good(self) -> bool:
        storm = not any((self.lost, self.twice, self.unsaid, self.doubled)) and self.naive_lost > 0
        handlers, waits = not (self.handlers_lost or self.handlers_twice), not (self.waits_asleep or self.waits_twice)
        return (storm or not self.events) and (handlers or not self.handlers_events) and (waits or not self.waits)


@dataclass(slots=True)
class Stage:
    """The servers and the processes on them."""

    folder: Path
    chance: random.Random
    postgres: EmbeddedPostgres
    valkey: Valkey
    dsn: str
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict[str, "subprocess.Popen[bytes]"])
    given: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def start(self, process: str, role: str, /, **given: Any) -> None:
        """A process; killed, it is started again with the same words."""
        self.given[process] = {"role": role, "dsn": self.dsn, "redis": self.valkey.url, **given}
        self._start(process)

    def _start(self, name: str) -> None:
        given = dict(self.given[name])
        with (self.folder / f"{name}.log").open("ab") as said:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.events_processes", given.pop("role"), json.dumps(given)],
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
            )  # fmt: skip

    def kill(self, name: str, *, again: bool = True) -> None:
        process = self.running[name]
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()
        if again:
            self._start(name)

    def end(self) -> None:
        for name in list(self.running):
            self.kill(name, again=False)

    async def trouble(self, kills: dict[str, int]) -> None:
        """One bad thing, of any kind."""
        kind = self.chance.choice(["publisher", "publisher", "reader", "reader", "flush", "redis", "postgres"])
        kills[kind] = kills.get(kind, 0) + 1
        match kind:
            case "flush":
                with contextlib.suppress(redis.RedisError, OSError):
                    self.valkey.empty()
            case "redis":
                os.kill(self.valkey.pid, signal.SIGKILL)
                await asyncio.sleep(self.chance.uniform(0.1, 1.0))
                await asyncio.to_thread(self.valkey.start)
            case "postgres":
                _kill_all(self.postgres.pid)
                await asyncio.sleep(self.chance.uniform(0, 0.5))
                await self.postgres.ensure()
            case _:
                alive = [n for n, p in self.running.items() if n.startswith(kind) and p.poll() is None]
                if alive:
                    self.kill(self.chance.choice(alive))

    def publishing(self) -> list[str]:
        """The publishers that have yet to come to their end; one that broke down ends the test."""
        found: list[str] = []
        for name, process in self.running.items():
            code = process.poll()
            if code not in (None, 0):
                words = (self.folder / f"{name}.log").read_text("utf-8")[-3_000:]
                raise AssertionError(f"{name} ended with {code}: {words}")
            if name.startswith("publisher") and code is None:
                found.append(name)
        return found


def _kill_all(postmaster: int) -> None:
    """The postmaster and every backend, also one that it forked a moment ago: all stand in the data folder."""
    folder = os.readlink(f"/proc/{postmaster}/cwd")
    os.kill(postmaster, signal.SIGKILL)
    while found := [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if _stands_in(pid, folder)]:
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def _stands_in(pid: int, folder: str) -> bool:
    try:
        return os.readlink(f"/proc/{pid}/cwd") == folder
    except OSError:
        return False


@asynccontextmanager
async def stage(folder: Path, seed: int) -> AsyncGenerator[Stage]:
    """Postgres and Redis of our own, an empty database."""
    postgres = await embedded_postgres.start(folder / "postgres")
    (folder / "valkey").mkdir()
    valkey = Valkey(folder / "valkey")
    valkey.start()
    await migrate(postgres.dsn)
    made = Stage(folder, random.Random(seed), postgres, valkey, postgres.dsn)
    try:
        yield made
    finally:
        made.end()
        valkey.stop()
        await postgres.stop()


async def storm(on: Stage, report: Report, events: int, *, pause: float) -> None:
    """All numbers published, read by all; what became of them."""
    report.events = events - events % PUBLISHERS
    share = events // PUBLISHERS
    async with await connect(on.dsn) as connection:
        await connection.execute("create table handled (reader text, number int)")
    for n in range(READERS):
        on.start(f"reader-{n}", "reader", name=f"reader-{n}")
    on.start("naive", "naive")
    for n in range(PUBLISHERS):
        about = {
            "first": n * share,
            "count": share,
            "notes": str(on.folder / f"said-{n}"),
            "seed": on.chance.randrange(2**31),
        }
        on.start(f"publisher-{n}", "publisher", **about)
    while on.publishing():
        await asyncio.sleep(on.chance.uniform(0.3, 1.7) * pause)
        if on.publishing():
            await on.trouble(report.kills)
    until = time.monotonic() + PATIENCE
    async with await connect(await on.postgres.reach()) as connection:
        count = b"select count(distinct number) from handled where reader = %(reader)s"
        for n in range(READERS):
            while time.monotonic() < until:
                row = await (await connection.execute(count, {"reader": f"reader-{n}"})).fetchone()
                if row and row[0] >= report.events:
                    break
                await asyncio.sleep(0.5)
        await asyncio.sleep(1.5)  # for a reader that would deal with something twice
        on.end()
        await _counted(on, connection, report)


async def _counted(on: Stage, connection: Any, report: Report) -> None:
    async def number(query: bytes) -> int:
        row = await (await connection.execute(query)).fetchone()
        return row[0] if row else 0

    numbers = b"(select (event_data #>> '{}')::int as n from workflow_events where source = 'chaos') e"
    said = sum(int((on.folder / f"said-{n}").read_text("utf-8")) for n in range(PUBLISHERS))
    total = await number(b"select count(*) from " + numbers)
    distinct = await number(b"select count(distinct n) from " + numbers)
    report.doubled, report.unsaid = total - distinct, max(0, said - distinct)
    report.lost = report.twice = 0
    counting = b"select count(*), count(distinct number) from handled where reader = %(reader)s"
    for n in range(READERS):
        row = await (await connection.execute(counting, {"reader": f"reader-{n}"})).fetchone()
        report.lost += distinct - row[1]
        report.twice += row[0] - row[1]
    seen = await number(b"select count(distinct number) from handled where reader = 'naive'")
    report.naive_lost = round(1 - seen / distinct, 4)


async def campaign(folder: Path, *, events: int, handled: int, waits: int, seed: int, pause: float = 1.0) -> Report:
    """The three of them, one after the other; 0 leaves one out."""
    report = Report(seed=seed)
    if events:
        began = time.monotonic()
        (folder / "storm").mkdir()
        async with stage(folder / "storm", seed) as on:
            await storm(on, report, events, pause=pause)
        report.seconds["storm"] = round(time.monotonic() - began, 1)
    if handled:
        began = time.monotonic()
        (folder / "handlers").mkdir()
        async with stage(folder / "handlers", seed) as on:
            found = await handlers(on, handled)
            report.handlers_events, report.handlers_lost, report.handlers_twice, report.handlers_kills = found
        report.seconds["handlers"] = round(time.monotonic() - began, 1)
    if waits:
        began = time.monotonic()
        report.waits, report.waits_asleep, report.waits_twice = await _interleaved(folder, waits, seed)
        report.seconds["waits"] = round(time.monotonic() - began, 1)
    return report


async def _interleaved(folder: Path, waits: int, seed: int) -> tuple[int, int, int]:
    server = await embedded_postgres.start(folder / "waits", durable=False)
    try:
        async with await connect(server.dsn) as admin:
            await admin.execute(sql.SQL("create database waits"))
        return await interleaved(server.dsn, waits, seed)
    finally:
        await server.stop()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="20,000 events, 30 for handlers, 1,500 waits")
    arguments.add_argument("--events", type=int, help="instead of 1,000,000; 0: without")
    arguments.add_argument("--handled", type=int, help="events for handlers, instead of 500")
    arguments.add_argument("--waits", type=int, help="instead of 100,000")
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    given = arguments.parse_args()
    usual = (20_000, 30, 1_500) if given.quick else (1_000_000, 500, 100_000)
    asked = (given.events, given.handled, given.waits)
    events, handled, waits = (many if one is None else one for one, many in zip(asked, usual, strict=True))
    with tempfile.TemporaryDirectory(prefix="botmcp-events-") as folder:
        pause = 1.0 if given.quick else 6.0
        report = asyncio.run(
            campaign(Path(folder), events=events, handled=handled, waits=waits, seed=given.seed, pause=pause)
        )
    print(json.dumps(asdict(report), indent=2))
    sys.exit(not report.good)


if __name__ == "__main__":
    main()
