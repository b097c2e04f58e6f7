"""Two servers and a worker on one database share the work, and each of them may die."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from uuid import UUID

import pytest

from mcp_server.app import App, open_app
from tests.chaos import ledger
from tests.chaos.diary import Note, notes
from tests.chaos.ledger import TEN_STEPS
from tests.chaos.product import Product, Running

PATIENCE = 60.0


async def start(app: App, product: Product, seconds: float) -> UUID:
    given = {"diary": str(product.diary), "seconds": seconds}
    return await app.operations.start(app.caller("test", ""), TEN_STEPS, inputs=given)


async def all_at_work(app: App, product: Product, processes: list[Running]) -> set[UUID]:
    """Runs started one by one, until each of the processes has committed a call and is in the middle of others."""
    runs: set[UUID] = set()
    until = time.monotonic() + PATIENCE
    while {each.pid for each in processes} - await committers(product, runs):
        assert time.monotonic() < until, "one of the processes gets nothing to do"
        runs.add(await start(app, product, 0.1))
        await asyncio.sleep(0.05)
    return runs | {await start(app, product, 0.1) for _ in range(10)}


async def committers(product: Product, runs: set[UUID]) -> set[int]:
    journal = await ledger.journal_of(product.settings().database_url, runs)
    return {Note(str(row.answer)).pid for row in journal.rows if row.keyword == "NOTE IN"}


@pytest.mark.parametrize("victim", [0, 1, 2], ids=["first server", "second server", "worker"])
async def test_killing_one_of_two_servers_and_a_worker_loses_nothing(
    database: str, tmp_path: Path, victim: int
) -> None:
    async with Product(tmp_path, database) as product, open_app(product.settings(), "look") as app:
        processes = await product.start("serve", "serve", "worker")
        runs = await all_at_work(app, product, processes)
        killed = processes.pop(victim)
        product.kill(killed)
        async with asyncio.timeout(PATIENCE):
            while await ledger.unfinished(database):
                await asyncio.sleep(0.05)

        written, journal = notes(product.diary), await ledger.journal_of(database, runs)
        assert set(journal.statuses.values()) == {"completed"}
        assert ledger.lost(written, journal) == 0
        assert not ledger.repeated_after_commit(written, journal)
        assert ledger.untold(written, journal) == []
        survivors = {each.pid for each in processes}
        for call in ledger.repeated(written):
            first, second = (note.pid for note in written if note.call == call)
            assert first == killed.pid and second in survivors, "only what the dead one had begun is done again"
