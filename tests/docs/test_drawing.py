"""The picture of an execution's life shows what the engine does, and nothing else."""

from __future__ import annotations

from storage.pool import Pool
from tests.docs import drawing
from tests.workflow.house import OWNER, House, house

NOTED = """
create table botmcp.changes (before text, after text);
create function botmcp.noted() returns trigger language plpgsql as $$ begin
  if old.status <> new.status then insert into botmcp.changes values (old.status, new.status); end if; return new;
end $$;
create trigger noted before update on botmcp.workflow_executions for each row execute function botmcp.noted();
"""


async def lives(home: House) -> None:
    """Executions that come through every status."""
    assert (await home.run("DELAY 0.01\nRETURN 1\n")).status == "completed"
    home.world.failures = 1
    failed = await home.run('STUMBLE "a"\nRETURN 2\n')
    await home.operations.retry(OWNER, failed.id)
    assert (await home.ended(failed.id)).result == 2
    run = await home.start("DELAY 100\n")
    await home.until(run, "waiting")
    await home.operations.pause(OWNER, run)
    await home.operations.resume(OWNER, run)
    await home.operations.cancel(OWNER, run)
    for does in (home.operations.pause, home.operations.cancel):  # while it runs
        gate = does.__name__
        run = await home.start(f'HOLD "{gate}"\nDELAY 100\n')
        await home.world.until_held(gate)
        await does(OWNER, run)
        home.world.gate(gate).set()
        await home.until(run, "paused" if gate == "pause" else "cancelled")
    run = await home.start("DELAY 100\n")
    await home.until(run, "waiting")
    await home.operations.pause(OWNER, run)
    await home.operations.cancel(OWNER, run)
    (worker, _), *_ = home.workers
    given_back = await home.start('HOLD "back"\nRETURN 5\n')
    await home.world.until_held("back")
    doubted = await home.start("ONCE FLICKER 1\n")
    await home.until(doubted, "in_doubt")
    await home.operations.cancel(OWNER, doubted)
    run = await home.start('ONCE x = HOLD "door"\nRETURN x\n')
    await home.world.until_held("door")
    await home.stop_worker(worker)
    waits = await home.start("RETURN 3\n")  # nobody is there to take it
    await home.operations.pause(OWNER, waits)
    await home.operations.resume(OWNER, waits)
    never = await home.start("RETURN 4\n")
    await home.operations.cancel(OWNER, never)
    await home.add_worker()
    await home.until(run, "in_doubt")
    await home.operations.settle(OWNER, run, took_place=True, value="settled")
    assert (await home.ended(run)).result == "settled"
    assert (await home.ended(waits)).result == 3
    home.world.gate("back").set()
    assert (await home.ended(given_back)).result == 5


async def test_the_picture_shows_what_the_engine_does(database: str, pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.execute(NOTED)
    async with house(database, pool) as home:
        await lives(home)
    async with pool.connection() as connection:
        rows = await connection.execute("select distinct before, after from botmcp.changes")
        seen = {(str(before), str(after)) for before, after in await rows.fetchall()}
    drawn = drawing.transitions()
    assert seen == drawn


def test_the_picture_is_up_to_date() -> None:
    assert drawing.FILE.read_text("utf-8") == drawing.drawing(), "run python -m tests.docs.drawing"
