"""One process that works on shared memory, again and again killed: what it begins and what came of it is in its diary.

    python -m tests.chaos.memory_actor DSN NUMBER CALLS SEED DIARY REDIS STALE

Each line of the diary is written at once: `[n, "begin", ns, what, key, argument]`, then `[n, "end", ns, answer]`. A
call without an end may have happened or not. With STALE it keeps what it read in a cache that nobody invalidates, now
and then answers from it, and so plants the mistake that the checker must find.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import psycopg
import structlog
from psycopg import AsyncConnection

from memory.effects import effect_statements
from memory.feed import TOPIC
from storage.pool import DatabaseUnreachable, connect
from storage.redis_hints import RedisHints
from storage.sql import queries

TENANT = UUID(int=1)
ACTORS, REGISTERS, COUNTERS, OWN = 8, 2000, 20, 20
FEW = 40  # registers of those that plant a mistake: they must read one again to make it
STATEMENTS = {statement.kind.name: statement.sql for statement in effect_statements()}
KNOWN = queries("memory")["memory_known"]
AGAIN = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)


def bot(name: object) -> UUID:
    return uuid5(TENANT, f"bot:{name}")


class Unknown(Exception):
    """The connection went away: the call may have happened."""


class Actor:
    def __init__(self, dsn: str, number: int, seed: int, diary: str, redis: str, *, stale: bool) -> None:
        self._dsn, self._number, self._stale = dsn, number, stale
        self._n = _begun(diary)
        self._chance = random.Random(f"{seed} {number} {self._n}")
        self._diary = os.open(diary, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._hints = RedisHints(redis)
        self._connection: AsyncConnection | None = None
        self._read: dict[str, list[Any]] = {}

    async def run(self, calls: int) -> None:
        while self._n < calls:
            try:
                await self._one()
            except Unknown:
                self._connection = None
        await self._hints.close()
        os.close(self._diary)
        if self._connection:
            await self._connection.close()

    async def _one(self) -> None:
        chance, key = self._chance, ""
        match chance.choices(("register", "count", "own", "share", "sync"), (40, 25, 15, 5, 15))[0]:
            case "register":
                key = f"r{chance.randrange(FEW if self._stale else REGISTERS)}"
                await self._register(key)
            case "count":
                key = f"c{chance.randrange(COUNTERS)}"
                row = {"key": key, "amount": "1", "expires": None, "owner": None, "owner_name": None}
                await self._noted("increment", key, None, self._effect("memory.incremented", bot("counters"), row))
            case "own":
                key = f"own{self._number}.{chance.randrange(OWN)}"
                value = f"{self._number}:{self._n}"
                row = {"key": key, "value": value, "expires": None}
                await self._noted("own", key, value, self._effect("memory.set", bot(self._number), row))
            case "share":
                key, prefix = (f"own{self._number}.", True) if chance.random() < 0.5 else (self._own(), False)
                target = self._other()
                row = {
                    "key": key, "pattern": key, "prefix": prefix, "snapshot": False, "writable": False,
                    "reshare": False, "expires": None, "targets": json.dumps([[str(bot(target)), str(target)]]),
                }  # fmt: skip
                await self._noted("share", key, target, self._effect("memory.shared", bot(self._number), row))
            case _:
                source = self._other()
                row = {"source": bot(source), "source_name": str(source), "mode": "source"}
                await self._noted("sync", str(source), None, self._effect("memory.synced", bot(self._number), row))
        if self._chance.random() < 0.1:
            await self._hints.publish(TOPIC)

    async def _register(self, key: str) -> None:
        """Read; then perhaps write, plainly or only at the version that was read."""
        cached = self._read.get(key)
        if self._stale and cached and self._chance.random() < 0.5:
            read = await self._noted("read", key, None, _soon(cached))
        else:
            read = self._read[key] = await self._noted("read", key, None, self._known(key))
        value = f"{self._number}:{self._n}"
        row: dict[str, Any] = {"key": key, "value": value, "expires": None}
        match self._chance.randrange(3):
            case 0:
                await self._noted("write", key, value, self._effect("memory.set", bot("registers"), row))
            case 1:
                row |= {"expected": read[0], "owner": None, "owner_name": None}
                act = self._effect("memory.checked", bot("registers"), row)
                await self._noted("cas", key, [read[0], value], act)
            case _:
                pass

    def _own(self) -> str:
        return f"own{self._number}.{self._chance.randrange(OWN)}"

    def _other(self) -> int:
        return self._chance.choice([n for n in range(ACTORS) if n != self._number])

    async def _noted(self, what: str, key: str, argument: Any, act: Any) -> Any:
        self._n += 1
        n = self._n
        self._write([n, "begin", time.monotonic_ns(), what, key, argument])
        answer = await act
        self._write([n, "end", time.monotonic_ns(), answer])
        return answer

    def _write(self, line: list[Any]) -> None:
        os.write(self._diary, json.dumps(line).encode() + b"\n")

    async def _known(self, key: str) -> list[Any]:
        given = {"tenant": TENANT, "bot": bot("registers"), "key": key, "now": datetime.now(UTC)}
        rows = await self._executed(KNOWN, given)
        return [rows[0][1], rows[0][0]] if rows else [0, None]

    async def _effect(self, kind: str, whose: UUID, row: dict[str, Any]) -> Any:
        fixed = {"ref": 0, "tenant": TENANT, "bot": whose, "execution": TENANT, "n": 0, "at": datetime.now(UTC)}
        rows = await self._executed(STATEMENTS[kind], {name: [value] for name, value in {**fixed, **row}.items()})
        return rows[0][1] if rows else None

    async def _executed(self, statement: bytes, given: dict[str, Any]) -> list[Any]:
        while True:
            connection = await self._connected()
            try:
                cursor = await connection.execute(statement, given)
                return await cursor.fetchall() if cursor.description else []
            except AGAIN:
                continue
            except psycopg.OperationalError as error:
                raise Unknown from error

    async def _connected(self) -> AsyncConnection:
        while self._connection is None or self._connection.closed:
            try:
                self._connection = await connect(self._dsn, settings="-c enable_seqscan=off -c enable_hashjoin=off")
            except DatabaseUnreachable:
                await asyncio.sleep(0.05)
        return self._connection


async def _soon(value: Any) -> Any:
    return value


def _begun(diary: str) -> int:
    """How many calls an earlier life has begun."""
    if not os.path.exists(diary):
        return 0
    with open(diary, "rb") as lines:
        return max((json.loads(line)[0] for line in lines if line.endswith(b"\n")), default=0)


def main() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    dsn, number, calls, seed, diary, redis, stale = sys.argv[1:]
    actor = Actor(dsn, int(number), int(seed), diary, redis, stale=stale == "stale")
    asyncio.run(actor.run(int(calls)))


if __name__ == "__main__":
    main()
