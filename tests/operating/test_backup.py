"""A backup holds everything, of one moment; what is restored from it goes on; and a damaged one is not restored."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from keywords.host import ProgramText
from mcp_server.backing_up import WrongBackup, backed_up, put_back, read, verified
from mcp_server.settings import Settings, read as read_settings
from storage import embedded_postgres
from storage.backup import NotEmpty, dumped, restored
from storage.pool import Pool, connect, open_pool
from tests.mcp_server.command import Botmcp
from tests.mcp_server.conftest import botmcp as botmcp, made_home as made_home
from tests.workflow.house import OWNER, house
from tests.workflow.waits import WAITS, stand

WEBHOOK = 'ON EVENT "order.paid"\nTALK "paid"\nEND ON\nWAIT FOR SIGNAL "done"'


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[str]:
    """A database on a server of its own, as young as a server can be."""
    server = await embedded_postgres.start(tmp_path / "other", durable=False)
    try:
        yield server.dsn
    finally:
        await server.stop()


async def later(dsn: str, transactions: int) -> None:
    """Let a server grow older."""
    async with await connect(dsn) as connection:
        await connection.execute(f"set botmcp.wanted = {transactions}".encode())
        await connection.execute(
            b"do $$ begin while pg_current_xact_id()::text::bigint < current_setting('botmcp.wanted')::bigint loop"
            b" commit; end loop; end $$"
        )


async def test_what_waits_goes_on_in_another_server_whose_transactions_count_from_the_beginning(
    database: str, pool: Pool, other: str, tmp_path: Path
) -> None:
    """A wait knows by transaction numbers which events it has seen: they mean nothing in another server."""
    async with await connect(other) as connection:
        row = await (await connection.execute("select pg_current_xact_id()::text::bigint")).fetchone()
        assert row is not None
    await later(database, row[0] + 5000)
    async with house(database, pool, workers=2) as home:
        standing = await stand(home)
        await home.operations.publish(OWNER, "never.asked", {"n": 1})
        copied = await dumped(database, tmp_path / "copy")
    assert copied.rows["workflow_executions"] >= len(standing)
    rows = await restored(other, tmp_path / "copy")
    assert rows == copied.rows
    async with open_pool(other) as fresh, house(other, fresh, workers=2, seed=11) as home:
        for name, execution in standing.items():
            await WAITS[name].let_go(home, execution)
        for name, execution in standing.items():
            ended = await home.over(execution)
            assert (ended.status, ended.result) == ("completed", WAITS[name].result), name
    with pytest.raises(NotEmpty, match="is in use"):
        await restored(other, tmp_path / "copy")


async def test_events_keep_their_order_and_what_was_seen_stays_seen(
    database: str, pool: Pool, other: str, tmp_path: Path
) -> None:
    source = 'a = WAIT FOR EVENT "tick"\nWAIT FOR SIGNAL "go"\nb = WAIT FOR EVENT "tick"\nc = WAIT FOR EVENT "tick"\n'
    await later(database, 6000)
    async with house(database, pool, workers=1) as home:
        execution = await home.operations.start(OWNER, ProgramText(source + "RETURN [a.n, b.n, c.n]", "ticks"))
        await home.until(execution, "waiting")
        for number in (1, 2):
            await home.operations.publish(OWNER, "tick", {"n": number})
        while "signal" not in ((await home.operations.get(OWNER, execution)).reason or ""):
            await home.operations.wait(OWNER, execution, 0.05)
        await dumped(database, tmp_path / "copy")
    await restored(other, tmp_path / "copy")
    async with open_pool(other) as fresh, house(other, fresh, workers=1) as home:
        await home.operations.publish(OWNER, "tick", {"n": 3})
        await home.operations.signal(OWNER, execution, "go")
        assert (await home.over(execution)).result == [1, 2, 3]


@pytest.fixture
def filled(tmp_path: Path, database: str) -> Settings:
    """A data folder with what people put there, and a package elsewhere."""
    home = tmp_path / "home"
    (home / "drives" / "abc").mkdir(parents=True)
    (home / "drives" / "abc" / "note.txt").write_text("a note of a bot", "utf-8")
    (home / "log").mkdir()
    (home / "log" / "serve.log").write_text("left out", "utf-8")
    (home / "inbox.secret").write_text("ab" * 32, "utf-8")
    dialogs = tmp_path / "packages" / "shop.gbai" / "shop.gbdialog"
    dialogs.mkdir(parents=True)
    (dialogs / "buy.bas").write_text("RETURN 1\n", "utf-8")
    packages = str(tmp_path / "packages")
    return read_settings({"BOTMCP_HOME": str(home), "BOTMCP_PACKAGES": packages, "DATABASE_URL": database})


async def test_files_packages_and_secrets_come_back_with_the_tables(
    filled: Settings, pool: Pool, database: str, other: str, tmp_path: Path
) -> None:
    from datetime import UTC, datetime

    file = tmp_path / "all.backup"
    kept = await backed_up(filled, database, file, datetime(2026, 1, 1, tzinfo=UTC))
    assert file.stat().st_mode & 0o777 == 0o600 and kept.packages == ("shop",)
    again = read_settings({"BOTMCP_HOME": str(tmp_path / "again"), "DATABASE_URL": other})
    assert (await put_back(again, other, file)).rows == kept.rows
    home = tmp_path / "again"
    assert (home / "drives" / "abc" / "note.txt").read_text("utf-8") == "a note of a bot"
    assert (home / "inbox.secret").read_text("utf-8") == "ab" * 32 and not (home / "log").exists()
    assert (home / "installed" / "shop.gbai" / "shop.gbdialog" / "buy.bas").is_file()
    assert (home / "packages").read_text("utf-8").strip() == str(home / "installed")
    assert (await verified(file)).rows == kept.rows


async def test_a_damaged_backup_is_told_before_anything_is_done(
    filled: Settings, database: str, pool: Pool, other: str, tmp_path: Path
) -> None:
    from datetime import UTC, datetime

    file, bad = tmp_path / "all.backup", tmp_path / "bad.backup"
    await backed_up(filled, database, file, datetime(2026, 1, 1, tzinfo=UTC))
    whole = file.read_bytes()
    bad.write_bytes(whole.replace(b"a note of a bot", b"A note of a bot"))
    with pytest.raises(WrongBackup, match=r"note\.txt in .* is not what was backed up"):
        await read(bad)
    bad.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WrongBackup, match=r"cannot be read as a backup|no backup of botmcp"):
        await put_back(filled, other, bad)
    with tarfile.open(bad, "w") as archive:
        entry = tarfile.TarInfo("manifest.json")
        content = json.dumps({"format": 99}).encode()
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    with pytest.raises(WrongBackup, match="another format"):
        await read(bad)
    with pytest.raises(WrongBackup, match="There is no"):
        await read(tmp_path / "none")


def test_the_commands_back_up_the_embedded_database_while_it_works_and_bring_it_back(
    botmcp: Botmcp, tmp_path: Path
) -> None:
    program = tmp_path / "wait.bas"
    program.write_text('SET BOT MEMORY "k", "kept"\nHEAR n AS INTEGER WITH "How many?"\nRETURN n + 1\n', "utf-8")
    started = botmcp.start("run", str(program), "--json")
    while not json.loads(botmcp.run("executions", "list", "--json").stdout)["executions"]:
        pass
    file = tmp_path / "it.backup"
    done = botmcp.run("backup", str(file), "--verify", "--json")
    started.terminate()
    started.communicate(timeout=60)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["verified"] and told["rows"]["workflow_executions"] == 1
    refused = botmcp.run("restore", str(file))
    assert refused.returncode == 1 and ("botmcp stop" in refused.stderr or "is in use" in refused.stderr)
    other = Botmcp(botmcp.program, tmp_path / "other")
    assert other.run("restore", str(file)).returncode == 0
    (run,) = json.loads(other.run("executions", "list", "--json").stdout)["executions"]
    id_ = str(run["execution_id"])
    assert other.run("answer", id_, "41").returncode == 0
    while (now := json.loads(other.run("executions", "show", id_, "--json").stdout))["status"] != "completed":
        assert now["status"] in ("waiting", "ready", "running"), now
    assert now["result"] == 42
    other.run("stop")
    botmcp.run("stop")
