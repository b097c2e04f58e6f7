"""Every kind of wait can be paused and resumed, cancelled, and gone on with by a later release."""

from __future__ import annotations

import asyncio
import gzip
import subprocess
from pathlib import Path

import pytest

from keywords.mistakes import Refused
from storage.migrate import migrate
from storage.pool import Pool, connect
from tests.workflow.house import OWNER, house
from tests.workflow.kit import rows
from tests.workflow.waits import DATA, WAITS, program, stand

LEFT = {
    "waits": b"select 1 from workflow_waits",
    "approvals": b"select 1 from workflow_approvals where status = 'pending'",
    "live": b"select 1 from workflow_executions where finished_on = 'infinity'",
}


async def test_each_is_paused_and_resumed_and_ends_as_if_nothing_had_been(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=2) as home:
        standing = await stand(home)
        for name, execution in standing.items():
            if name == "in doubt":
                with pytest.raises(Refused, match="is in_doubt"):
                    await home.operations.pause(OWNER, execution)
                continue
            assert (await home.operations.pause(OWNER, execution)).status == "paused", name
        assert await rows(pool, b"select 1 from workflow_executions where status = 'waiting'") == []
        for name, execution in standing.items():
            if name not in ("in doubt", "paused"):
                await home.operations.resume(OWNER, execution)
        for name, execution in standing.items():
            await WAITS[name].let_go(home, execution)
        for name, execution in standing.items():
            ended = await home.over(execution)
            assert (ended.status, ended.result) == ("completed", WAITS[name].result), name


async def test_each_is_cancelled_and_nothing_of_it_is_left(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=2) as home:
        for name, execution in (await stand(home)).items():
            assert (await home.operations.cancel(OWNER, execution)).status == "cancelled", name
        for what, query in LEFT.items():
            assert await rows(pool, query) == [], what


@pytest.mark.parametrize("dump", sorted(DATA.glob("waiting_*.sql.gz")), ids=lambda path: path.name)
async def test_a_database_of_an_earlier_release_goes_on(database: str, pool: Pool, dump: Path) -> None:
    async with await connect(database) as connection:
        await connection.execute("drop schema botmcp cascade")
    told = [program("psql"), "--quiet", "--no-psqlrc", "--dbname", database]
    await asyncio.to_thread(
        subprocess.run, told, input=gzip.decompress(dump.read_bytes()), check=True, capture_output=True
    )
    await migrate(database)
    tops = b"select workflow_name, id, status from workflow_executions where parent_id is null"
    found = await rows(pool, tops)
    assert {name: status for name, _, status in found} == {name: WAITS[name].status for name, _, _ in found}
    kept = {name: execution for name, execution, _ in found}
    assert kept.keys() >= {"time", "event", "signal", "approval", "answer", "branches", "paused", "in doubt"}
    async with house(database, pool, workers=2, seed=11) as home:
        for name, execution in kept.items():  # times may be over since it was made
            await WAITS[name].let_go(home, execution)
        for name, execution in kept.items():
            ended = await home.over(execution)
            assert (ended.status, ended.result) == ("completed", WAITS[name].result), name
        fork = await home.operations.fork(OWNER, kept["event"], call=1)
        await WAITS["event"].let_go(home, fork.id)
        assert (await home.over(fork.id)).result == 5


def test_there_is_a_dump() -> None:
    assert list(DATA.glob("waiting_*.sql.gz"))
