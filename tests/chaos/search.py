"""Searches at once after each deletion, with the vector store paused: python tests/chaos/search.py [--quick] [--seed N]

Bots remember, and share half of it with a neighbour. Qdrant's place is taken by a server that accepts connections and
never answers. Then each memory is deleted, or its share revoked, and at once searched for, by its own word and by one
that all have: by the bot, by the neighbour, and by a second process's index.

searches   made at once after a deletion or a revocation
deleted    memories deleted; revoked: shares taken back
shown      hits that showed what was deleted or revoked. Must be 0
missed     searches before it that did not find the memory. Must be 0
p95_ms     of the searches, the server that never answers included
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[2])  # or the memory.py beside this would stand in the place of the package

import numpy as np
import structlog

from memory.search.service import MemorySearch
from storage import embedded_postgres
from storage.migrate import migrate
from storage.pool import Pool, open_pool
from storage.vectors.qdrant import QdrantVectors, client
from tests.memory_search.rows import MEANING, NOW, TENANT, delete, remember, revoke, search_of, share

BOTS = 50


@dataclass(slots=True)
class Report:
    searches: int = 0
    deleted: int = 0
    revoked: int = 0
    shown: int = 0
    missed: int = 0
    p95_ms: float = 0.0
    took_seconds: float = 0.0


@dataclass(slots=True)
class Hunt:
    pool: Pool
    searches: tuple[MemorySearch, MemorySearch]
    chance: random.Random
    report: Report = field(default_factory=Report)
    times: list[float] = field(default_factory=list[float])

    async def found(self, search: MemorySearch, bot: UUID, question: str) -> set[str]:
        """The values that a search shows."""
        began = time.perf_counter()
        hits = await search.search(TENANT, bot, question, 10, NOW)
        self.times.append((time.perf_counter() - began) * 1000)
        return {hit.value for hit in hits}

    async def one(self, bot: UUID, neighbour: UUID, number: int) -> None:
        """Deletes one memory, or takes one share back, and looks for it."""
        word = f"parrot{number}"
        here, elsewhere = self.searches
        shared = bool(number % 2)
        asking = neighbour if shared else bot
        self.report.missed += word not in " ".join(await self.found(here, asking, word)).split()
        if shared and self.chance.random() < 0.5:
            await revoke(self.pool, bot, neighbour)
            self.report.revoked += 1
        else:
            await delete(self.pool, bot, f"pet {number}")
            self.report.deleted += 1
        for search in (here, elsewhere):
            for question in (word, "bird"):
                shown = await self.found(search, asking, question)
                self.report.searches += 1
                self.report.shown += any(word in value.split() for value in shown)


async def hunted(searches: int, seed: int) -> Report:
    began = time.perf_counter()
    chance = random.Random(seed)
    mute = await asyncio.start_server(_say_nothing, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{mute.sockets[0].getsockname()[1]}"
    with tempfile.TemporaryDirectory() as folder:
        server = await embedded_postgres.start(Path(folder) / "postgres", durable=False)
        await migrate(server.reach)
        async with open_pool(server.reach) as pool:
            store = QdrantVectors(client(url), "memory", MEANING.name, MEANING.dimensions, url)
            hunt = Hunt(pool, (search_of(pool, store), search_of(pool, store)), chance)
            each = searches // 4
            neighbours: dict[int, tuple[UUID, UUID]] = {}
            for number in range(each):
                # a share of its own pair each, for a revocation takes all that one bot shares with the other
                bot, neighbour = neighbours.setdefault(number % BOTS, (uuid4(), uuid4()))
                if number % 2:
                    bot = uuid4()
                await remember(pool, bot, f"pet {number}", f"a bird called parrot{number}")
                if number % 2:
                    await share(pool, bot, neighbour, f"pet {number}")
                neighbours[BOTS + number] = (bot, neighbour)
            for number in range(each):
                await hunt.one(*neighbours[BOTS + number], number)
            hunt.report.p95_ms = round(float(np.percentile(hunt.times, 95)), 2)
            await store.close()
        await server.stop()
    mute.close()
    hunt.report.took_seconds = round(time.perf_counter() - began, 1)
    return hunt.report


async def _say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while await reader.read(65_536):
            pass
    except ConnectionError:
        pass
    finally:
        writer.close()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="1,000 searches instead of 10,000")
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    report = asyncio.run(hunted(1_000 if given.quick else 10_000, given.seed))
    print(json.dumps(asdict(report)))
    raise SystemExit(1 if report.shown or report.missed else 0)


if __name__ == "__main__":
    main()
