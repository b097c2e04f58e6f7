"""What `memory.py` does: runs the processes, kills them, and counts what was lost."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from memory.feed import Feed
from memory.upkeep import Upkeep
from storage import embedded_postgres
from storage.migrate import migrate
from storage.pool import Pool, open_pool
from storage.redis_hints import RedisHints
from tests.chaos.memory_actor import ACTORS, STATEMENTS, TENANT, bot
from tests.chaos.memory_checker import Call, by_key, linearizable, read
from tests.chaos.product import _children as children  # pyright: ignore[reportPrivateUsage] - of the same tests
from tests.services import Valkey

ROOT = Path(__file__).parents[2]


def now() -> datetime:
    return datetime.now(UTC)


class Actors:
    """The processes, each started again when it is killed, until its calls are made."""

    def __init__(self, dsn: str, calls: int, seed: int, folder: Path, redis: str, *, stale: bool = False) -> None:
        self._calls, self._folder, self._chance = calls, folder, random.Random(seed)
        self._rest = (str(seed), redis, "stale" if stale else "")
        self._dsn = dsn
        self.diaries = [folder / f"{number}.jsonl" for number in range(ACTORS)]
        self._processes: dict[int, asyncio.subprocess.Process] = {}
        self.kills = 0

    async def run(self) -> None:
        await asyncio.gather(*(self._live(number) for number in range(ACTORS)))

    async def _live(self, number: int) -> None:
        seed, redis, stale = self._rest
        while True:
            words = (self._dsn, str(number), str(self._calls), seed, str(self.diaries[number]), redis, stale)
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.chaos.memory_actor", *words, cwd=ROOT
            )
            self._processes[number] = process
            code = await process.wait()
            if code == 0:
                return
            assert code == -signal.SIGKILL, f"process {number} ended with {code}"

    def kill(self) -> None:
        alive = [process for process in self._processes.values() if process.returncode is None]
        if alive:
            self._chance.choice(alive).kill()
            self.kills += 1

    def begun(self) -> int:
        return sum(diary.read_bytes().count(b'"begin"') for diary in self.diaries if diary.exists())


async def run(calls: int, kills: int, seed: int) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = await embedded_postgres.start(folder / "postgres")
        stack.push_async_callback(postgres.stop)
        watch = asyncio.create_task(postgres.keep_running())
        stack.callback(watch.cancel)
        await migrate(postgres.dsn)
        valkey = Valkey(folder)
        valkey.start()
        stack.callback(valkey.stop)
        pool = await stack.enter_async_context(open_pool(postgres.reach))
        hints = RedisHints(valkey.url)
        stack.push_async_callback(hints.close)
        feed, heard = Feed(pool, hints), dict[str, int]()
        for work in (hints.run(), feed.run()):
            stack.callback(asyncio.create_task(work).cancel)
        leave = feed.watch(bot("counters"), "c0", lambda version: heard.update(c0=version or heard.get("c0", 0)))
        stack.callback(leave)
        actors = Actors(postgres.dsn, calls, seed, folder, valkey.url)
        working = asyncio.create_task(actors.run())
        postgres_kills = valkey_kills = 0
        for kill in range(1, kills + 1):  # spread evenly over the work, whatever time that takes
            while not working.done() and actors.begun() < kill * calls * ACTORS // (kills + 1):
                await asyncio.sleep(0.1)
            actors.kill()
            if kill % max(2, kills // 2) == 1:
                valkey_kills += 1
                os.kill(valkey.pid, signal.SIGKILL)
                await asyncio.to_thread(_gone, valkey.pid)
                valkey.start()
            if kill % max(2, kills // 2) == 0:
                postgres_kills += 1
                for pid in (postgres.pid, *children(postgres.pid)):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                await postgres.ensure()
        await working
        found = read(actors.diaries)
        report = {
            "calls": len(found),
            "unknown": sum(not call.known for call in found),
            "kills": {"processes": actors.kills, "valkey": valkey_kills, "postgres": postgres_kills},
            **await judged(pool, found),
            "feed": await told(pool, heard),
        }
        planted = Actors(postgres.dsn, max(60, calls // 20), seed + 1, _made(folder / "stale"), valkey.url, stale=True)
        await _emptied(pool)
        await planted.run()
        return report | {"planted": _histories(read(planted.diaries))}


async def judged(pool: Pool, calls: Sequence[Call]) -> dict[str, Any]:
    """What was lost, doubled, not delivered or not taken over."""
    log: dict[tuple[Any, str], dict[int, str | None]] = {}
    for owner, key, version, value in await _rows(pool, "select bot_id, key, version, value from bot_memory_log"):
        log.setdefault((owner, key), {})[version] = value
    lost = sum(sorted(versions) != list(range(1, len(versions) + 1)) for versions in log.values())
    doubled = 0
    for key, adding in by_key(calls, ["increment"]).items():
        sums = [call.answer["v"] for call in adding if call.known]
        doubled += len(sums) - len(set(sums))
        held = len(log[bot("counters"), key])
        lost += max(0, len(sums) - held) + (held > len(adding))
    for call in calls:
        if call.known and call.what == "own":
            lost += call.argument not in log[bot(call.key[3:].partition(".")[0]), call.key].values()
        if call.known and call.what == "write":
            lost += call.argument not in log[bot("registers"), call.key].values()
        if call.known and call.what == "cas" and "v" in call.answer:
            lost += log[bot("registers"), call.key].get(call.argument[0] + 1) != call.argument[1]
    await Upkeep(pool, now).once()
    differing = (
        "select count(*) from bot_memory_grants g join bot_memories m on m.bot_id = g.source_bot_id"
        " and memory_covers(g.pattern, g.prefix, m.key) left join {} t on {}"
        " where t.value is distinct from m.value"
    )
    copies = "(select target_bot_id, source_bot_id, memory_key as key, memory_value as value from bot_shared_memory)"
    place = "t.target_bot_id = g.target_bot_id and t.source_bot_id = g.source_bot_id and t.key = m.key"
    undelivered = await _rows(pool, differing.format(copies, place).replace("m on", "m on m.origin_id is null and"))
    async with pool.connection() as connection:
        for target in range(ACTORS):
            for source in range(ACTORS):
                given = {"ref": 0, "tenant": TENANT, "bot": bot(target), "execution": TENANT, "n": 0, "at": now(),
                         "source": bot(source), "source_name": str(source), "mode": "source"}  # fmt: skip
                await connection.execute(STATEMENTS["memory.synced"], {name: [one] for name, one in given.items()})
    owned = "t.bot_id = g.target_bot_id and t.key = m.key"
    unsynced = await _rows(
        pool, differing.format("bot_memories", owned).replace("m on", "m on m.origin_id is null and")
    )
    return {
        "lost": lost,
        "doubled": doubled,
        "histories": _histories(calls),
        "undelivered": undelivered[0][0],
        "unsynced": unsynced[0][0],
    }


def _histories(calls: Sequence[Call]) -> dict[str, int]:
    histories = by_key(calls, ["read", "write", "cas"])
    return {"checked": len(histories), "bad": sum(not linearizable(history) for history in histories.values())}


async def told(pool: Pool, heard: dict[str, int]) -> bool:
    """Whether the feed told the last version, within its own look."""
    [(version,)] = await _rows(pool, "select version from bot_memories where key = 'c0'")
    for _ in range(100):
        if heard.get("c0") == version:
            return True
        await asyncio.sleep(0.1)
    return False


async def _rows(pool: Pool, statement: str) -> list[Any]:
    async with pool.connection() as connection:
        return await (await connection.execute(statement.encode())).fetchall()


async def _emptied(pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.execute("truncate bot_memories, bot_memory_log, bot_memory_usage, bot_shared_memory")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _gone(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


def main(about: str) -> None:
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--quick", action="store_true", help="a small run, for the suite")
    parser.add_argument("--calls", type=int, default=10_000, help="of each of the 8 processes")
    parser.add_argument("--kills", type=int, default=60, help="of processes; of Valkey and Postgres two each")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    calls, kills = (100, 3) if given.quick else (given.calls, given.kills)
    print(json.dumps(asyncio.run(run(calls, kills, given.seed)), indent=1))


if __name__ == "__main__":
    main("")
