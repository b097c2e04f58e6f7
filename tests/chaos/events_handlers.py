"""Handlers among dying workers: what an ON EVENT block does, it does once for each event."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from keywords.host import ProgramText
from storage.pool import connect, open_pool
from storage.redis_hints import RedisHints
from tests.workflow.house import OWNER, house

if TYPE_CHECKING:
    from tests.chaos.events import Stage

WORKERS = 2
BLOCKS = 2
PATIENCE = 900.0
COUNT = b"""select count(*), count(distinct event_data::text) from workflow_events where event_name = 'handled'"""


def program(block: int) -> ProgramText:
    """A block whose effects are two events, with a call that a worker may die in between."""
    source = f"""
        ON EVENT "number" DO
          PUBLISH EVENT "handled" WITH "{block} first " + event.data
          DELAY 0.01
          PUBLISH EVENT "handled" WITH "{block} last " + event.data
        END ON
    """
    return ProgramText(source, f"block {block}")


async def handlers(on: Stage, count: int) -> tuple[int, int, int, int]:
    """Events, effects that are missing, effects that are there twice, and how often a worker was killed."""
    kills, hints = 0, RedisHints(on.valkey.url)
    async with (
        AsyncExitStack() as last,
        open_pool(on.dsn) as pool,
        house(on.dsn, pool, workers=1, hints=hints) as home,
    ):
        last.push_async_callback(hints.close)
        for block in range(BLOCKS):
            await home.ended(await home.operations.start(OWNER, program(block)))
        publisher = home.operations.events.publisher
        for worker, _ in list(home.workers):
            await home.stop_worker(worker)
        for n in range(WORKERS):
            on.start(f"worker-{n}", "worker")
        chance = random.Random(on.chance.random())
        until = time.monotonic() + PATIENCE
        published, wanted = 0, count * BLOCKS * 2
        async with await connect(on.dsn) as connection:
            while time.monotonic() < until:
                while published < count and chance.random() < 0.98:
                    await publisher.publish(OWNER.tenant, "number", published, key=f"k{published % 20}")
                    published += 1
                row = await (await connection.execute(COUNT)).fetchone()
                assert row is not None
                if row[1] >= wanted:
                    break
                await asyncio.sleep(chance.uniform(0.5, 2.0))
                on.kill(f"worker-{chance.randrange(WORKERS)}")
                kills += 1
            await asyncio.sleep(1.0)
            row = await (await connection.execute(COUNT)).fetchone()
            assert row is not None
        await home.operations.events.close()
    on.end()
    return count, wanted - row[1], row[0] - row[1], kills
