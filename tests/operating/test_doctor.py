"""The doctor finds what is wrong with the work in a database, and says the remedy."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from keywords.host import ProgramText
from mcp_server.app import open_app
from mcp_server.cli.doctor import doctor
from mcp_server.cli.load import SHAPES, Wanted, load
from mcp_server.cli.top import looked
from mcp_server.health import Finding, findings, utc_now
from mcp_server.settings import read
from storage.migrate import migrate
from storage.pool import Pool, connect
from tests.workflow.house import OWNER, house
from tests.workflow.waits import stand


async def of(database: str, **given: bool) -> dict[str, Finding]:
    async with await connect(database) as connection:
        return {each.name: each async for each in findings(connection, utc_now(), vectors=given.get("vectors", False))}


async def changed(database: str, statement: str) -> None:
    async with await connect(database) as connection:
        await connection.execute(statement.encode())


async def test_a_healthy_database_has_nothing_wrong(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=1):
        found = await of(database)
    assert not [each for each in found.values() if each.level == "wrong"], found
    assert found["workers"].says == "1 running, all of this release"


async def test_work_that_nobody_does_is_told_with_what_to_start(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=0) as home:
        await home.operations.start(OWNER, ProgramText("RETURN 1", "x"))
    await changed(database, "update workflow_executions set ready_at = now() - interval '2 minutes'")
    found = await of(database)
    assert found["workers"].level == "note" and "nothing goes on" in found["workers"].says
    assert found["executions"].level == "wrong" and "start a worker: `botmcp worker`" in found["executions"].says


async def test_what_stands_in_the_way_is_named(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=1) as home:
        await stand(home)
        await changed(database, "update workers set about = 'old-host:17 botmcp 0.0.1'")
        await changed(
            database,
            "update workflow_executions set status = 'paused', reason = 'missing keyword: TIDE AT', wake_at = null "
            "where workflow_name = 'paused'",
        )
        found = await of(database, vectors=True)
    assert "of releases 0.0.1" in found["workers"].says and "Replace the old ones" in found["workers"].says
    assert found["stuck executions"].level == "wrong" and "install its plugin" in found["stuck executions"].says
    assert "settle each" in found["in doubt"].says
    assert "pgvector" in found and found["pgvector"].level in ("ok", "note")


async def test_a_transaction_that_stops_the_log_of_events_is_told(
    database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(database)
    monkeypatch.setattr("mcp_server.health.BLOCKING_SECONDS", 0.0)
    async with await connect(database, application="a report") as other, other.transaction():
        await other.execute("select pg_current_xact_id()")
        found = await of(database)
    assert (
        found["long transactions"].level == "wrong" and "a report has had one open" in found["long transactions"].says
    )


async def test_a_clock_that_is_wrong_is_told(database: str, pool: Pool) -> None:
    async with await connect(database) as connection:
        skewed = utc_now() - timedelta(seconds=90)
        found = [each async for each in findings(connection, skewed, vectors=False) if each.name == "clock"]
    assert found[0].level == "wrong" and "90 s ahead of ours" in found[0].says and "NTP" in found[0].says


def test_the_report_is_json_too_and_names_settings_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOTMCP_HOME", str(tmp_path))
    monkeypatch.setenv("BOTMCP_PROT", "1")
    assert doctor(as_json=True) == 1
    assert "Did you mean BOTMCP_PORT" in capsys.readouterr().out


# -- the live view, and load -------------------------------------------------------------------------------------------


async def test_the_live_view_tells_what_runs_waits_and_how_fast(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=1) as home:
        for number in range(3):
            execution = await home.operations.start(OWNER, ProgramText(f"x = MARK {number}\nRETURN x", "quick"))
            await home.over(execution)
        await home.operations.start(OWNER, ProgramText("DELAY 200", "slow"))
        waiting = await home.operations.start(OWNER, ProgramText('WAIT FOR EVENT "never"', "waiter"))
        await home.until(waiting, "waiting")
        async with await connect(database) as connection:
            look = await looked(connection)
    told = look.told()
    assert told["executions"]["waiting"] == 2 and told["waits"] == 1 and len(told["workers"]) == 1
    assert told["calls_per_second"] > 0 and told["ended_in_window"] == {"completed": 3}
    assert {row["workflow"]: row["waiting"] for row in told["workflows"]} == {"slow": 1, "waiter": 1}
    assert told["workers"][0]["living"] and " botmcp " in told["workers"][0]["about"]


async def test_a_load_of_each_shape_is_measured_and_leaves_nothing_behind(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = read({"BOTMCP_HOME": str(tmp_path), "DATABASE_URL": database})
    for shape in SHAPES:
        assert await load(settings, Wanted(12, 0, shape, 2, 0.1), worker=True, as_json=False) == 0
        assert f"12 of 12 executions ({shape}) completed in" in capsys.readouterr().out
    async with open_app(settings, "look") as app, app.pool.connection() as connection:
        for table in (b"workflow_executions", b"workflow_steps", b"bot_memories"):
            row = await (await connection.execute(b"select count(*) from " + table)).fetchone()
            assert row == (0,), table
