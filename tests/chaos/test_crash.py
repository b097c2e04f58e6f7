"""Nothing is lost, and nothing committed is done again, when processes die; `crash.py` does it 200 times."""

from __future__ import annotations

import asyncio
import contextlib
import random
from pathlib import Path
from uuid import UUID

import psycopg

from keywords.host import ProgramText
from mcp_server.app import App, database, open_app
from tests.chaos import ledger
from tests.chaos.crash import ROLES, campaign
from tests.chaos.diary import notes
from tests.chaos.product import Product

PATIENCE = 60.0
NOTES = 6
FAMILY = ProgramText(
    """\
ORCHESTRATE WORKFLOW "family"
PARAM diary AS STRING
PARAM me AS STRING
SET BOT MEMORY me, "begun"
STEP 1: PARALLEL
  BRANCH A:
    NOTE IN diary LASTING 0.1
    PUBLISH EVENT me WITH {"from": "a"}
    a = NOTE IN diary LASTING 0.1
  BRANCH B:
    event = WAIT FOR EVENT me TIMEOUT 600
    NOTE IN diary LASTING 0.1
    SET BOT MEMORY me, "told by " + event.from
  BRANCH C:
    FOR EACH turn IN [1, 2]
      NOTE IN diary LASTING 0.1
      TALK "turn ${turn}"
      DELAY 0.05
    NEXT turn
END PARALLEL
STEP 2: NOTE IN diary
RETURN {"memory": GET BOT MEMORY(me), "a": a}
END WORKFLOW
""",
    "family",
)


async def test_every_run_completes_although_everything_is_killed_under_it(tmp_path: Path) -> None:
    report = await campaign(tmp_path, runs=20, batch=10, seed=2)
    assert report.good, report
    assert report.kills >= 2 and report.postgres_kills >= 1 and report.processes_killed == 3 * report.kills


async def families(app: App, product: Product, count: int) -> set[UUID]:
    started: set[UUID] = set()
    for number in range(count):
        given = {"diary": str(product.diary), "me": f"family {number} {random.random()}"}
        started.add(await begun(app, given))
    return started


async def begun(app: App, given: dict[str, str]) -> UUID:
    """Started once, asked as often as the database is killed under the question."""
    while True:
        with contextlib.suppress(psycopg.OperationalError):
            key = given["me"]
            return await app.operations.start(app.caller("test", ""), FAMILY, inputs=given, idempotency_key=key)


async def test_branches_events_timers_and_memory_live_through_the_death_of_postgres_and_then_of_all(
    tmp_path: Path,
) -> None:
    async with Product(tmp_path) as product:
        processes = await product.start(*ROLES)
        async with open_app(product.settings(), "look") as app:
            runs = await families(app, product, 8)
            await asyncio.sleep(random.random() * 0.4)
            product.kill(postgres=await product.postgres())  # one of the others starts it again
            runs |= await families(app, product, 8)
        await asyncio.sleep(random.random() * 0.4)
        product.kill(*processes, postgres=await product.postgres())
        await product.start(*ROLES)
        async with open_app(product.settings(), "look") as app:
            async with asyncio.timeout(PATIENCE):
                while await app.operations.unfinished():
                    await asyncio.sleep(0.05)
            for run in runs:
                detail = await app.operations.get(app.caller("test", ""), run)
                assert detail.status == "completed", detail
                assert detail.result["memory"] == "told by a"
                assert [message.text for message in detail.messages] == ["turn 1", "turn 2"]
        async with database(product.settings()) as where:
            journal = await ledger.journal_of(where)
        written = notes(product.diary)
        assert {note.call for note in written} == journal.calls and len(journal.calls) == len(runs) * NOTES
        assert not ledger.repeated_after_commit(written, journal)
