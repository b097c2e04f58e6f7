"""The embedded Postgres, with real processes that come, go and are killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import sys
from asyncio.subprocess import Process
from collections.abc import Callable
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from storage import embedded_postgres, postgres_launcher
from storage.embedded_postgres import EmbeddedPostgres, NoPostgres
from storage.pool import connect, open_pool
from storage.subprocesses import command, converse, dismiss, run_blocking, start
from tests.processes import ended, lives

ROOT = Path(__file__).parents[2]
Kill = Callable[[int], None]


@pytest.fixture
def folder(short_path: Path) -> Path:
    return short_path / "data"


async def begin(folder: Path) -> EmbeddedPostgres:
    return await embedded_postgres.start(folder, durable=False)


async def ask(server: EmbeddedPostgres, question: LiteralString) -> object:
    async with await connect(server.reach) as connection:
        row = await (await connection.execute(question)).fetchone()
        return row and row[0]


async def write(server: EmbeddedPostgres, statement: LiteralString) -> None:
    async with await connect(server.reach) as connection:
        await connection.execute(statement)


class User:
    """Another process that uses the server."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def of(cls, folder: Path) -> User:
        asked = command(sys.executable, "-m", "tests.storage.postgres_user", folder, folder=ROOT)
        return cls(await converse(asked))

    async def says(self) -> str:
        assert self._process.stdout
        async with asyncio.timeout(120):
            return (await self._process.stdout.readline()).decode().strip()

    async def up(self) -> int:
        word, pid = (await self.says()).split()
        assert word == "up"
        return int(pid)

    async def work(self) -> str:
        assert self._process.stdin
        self._process.stdin.write(b"\n")
        return await self.says()

    async def leave(self) -> str:
        assert self._process.stdin
        self._process.stdin.close()
        said = await self.says()
        await self._process.communicate()
        assert self._process.returncode == 0
        return said

    async def die(self) -> None:
        self._process.kill()
        await self._process.communicate()


async def test_the_first_start_makes_a_database_and_the_next_finds_it_again(folder: Path):
    server = await begin(folder)
    assert str(await ask(server, "select version()")).startswith("PostgreSQL 18")
    await write(server, "create table kept as select 7 as n")
    assert await server.stop()
    again = await begin(folder)
    assert await ask(again, "select n from kept") == 7
    assert await again.stop()
    assert not lives(again.pid)


async def test_the_last_to_leave_stops_the_server(folder: Path):
    one, two = await begin(folder), await begin(folder)
    assert one.pid == two.pid
    assert not await one.stop()
    assert await ask(two, "select 1") == 1
    assert await two.stop()
    assert not lives(two.pid)
    assert not await two.stop()


async def test_the_server_keeps_to_itself(folder: Path):
    folder.parent.chmod(0o711)
    server = await begin(folder)
    assert await ask(server, "select current_setting('listen_addresses')") == ""
    assert await ask(server, "select current_setting('max_connections')") == "100"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o711
    await server.stop()


async def test_letters_of_every_language_have_their_capitals(folder: Path):
    server = await begin(folder)
    assert await ask(server, "select lower('ÄÉŽΩ') || upper('ß')") == "äéžωß"
    await server.stop()


async def test_what_is_committed_is_on_disk_unless_a_test_says_otherwise(folder: Path):
    server = await embedded_postgres.start(folder)
    durable = "select current_setting('fsync') || current_setting('synchronous_commit')"
    assert await ask(server, durable + " || current_setting('full_page_writes')") == "ononon"
    await server.stop()


async def test_six_processes_may_start_at_once_on_an_empty_folder(folder: Path):
    users = await asyncio.gather(*(User.of(folder) for _ in range(6)))
    pids = await asyncio.gather(*(user.up() for user in users))
    assert len(set(pids)) == 1
    answers = await asyncio.gather(*(user.work() for user in users), return_exceptions=False)
    assert len(answers) == 6
    left = await asyncio.gather(*(user.leave() for user in users))
    assert sorted(left) == ["stopped False"] * 5 + ["stopped True"]
    assert not lives(pids[0])


async def test_a_killed_user_does_not_keep_the_server_from_stopping(folder: Path):
    one, two = await User.of(folder), await User.of(folder)
    pid = await one.up()
    assert await two.up() == pid
    await one.die()
    assert await two.work() == "rows 1"
    assert await two.leave() == "stopped True"
    assert not lives(pid)


async def test_a_server_whose_last_user_was_killed_waits_for_the_next(folder: Path):
    one = await User.of(folder)
    pid = await one.up()
    assert await one.work() == "rows 1"
    await one.die()
    assert lives(pid)
    two = await User.of(folder)
    assert await two.up() == pid
    assert await two.work() == "rows 2"
    assert await two.leave() == "stopped True"


async def test_a_killed_server_is_started_again_with_all_that_was_committed(folder: Path, kill: Kill):
    server = await begin(folder)
    await write(server, "create table kept (n int)")
    for n in range(3):
        await write(server, "insert into kept values (1)")
        kill(server.pid)
        assert await ask(server, "select count(*) from kept") == n + 1
    assert not await server.ensure()
    await server.stop()


async def test_a_pool_outlives_a_killed_server(folder: Path, kill: Kill):
    server = await begin(folder)
    async with open_pool(server.reach, minimum=4, maximum=4) as pool:
        await pool.wait(timeout=60)
        before = server.pid
        kill(before)
        async with asyncio.timeout(60):
            while server.pid == before:
                with contextlib.suppress(psycopg.OperationalError):  # its last sessions end a moment after it
                    async with pool.connection() as connection:
                        await connection.execute("select 1")
        for _ in range(6):
            async with pool.connection() as connection:
                assert await (await connection.execute("select 1")).fetchone() == (1,)
    await server.stop()


async def test_a_watched_server_comes_back_by_itself(folder: Path, kill: Kill):
    server = await begin(folder)
    watch = asyncio.create_task(server.keep_running())
    for _ in range(2):
        before = server.pid
        await asyncio.sleep(0)  # the watch begins
        kill(before)
        async with asyncio.timeout(60):
            while server.pid == before:
                await asyncio.sleep(0.01)
        assert lives(server.pid)
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
    assert await server.stop()


async def test_all_users_of_a_killed_server_find_the_same_new_one(folder: Path, kill: Kill):
    users = await asyncio.gather(*(User.of(folder) for _ in range(3)))
    (pid,) = set(await asyncio.gather(*(user.up() for user in users)))
    assert await users[0].work() == "rows 1"
    kill(pid)
    await ended(pid)
    assert sorted(await asyncio.gather(*(user.work() for user in users)))[-1] == "rows 4"
    assert sorted([await user.leave() for user in users]) == ["stopped False"] * 2 + ["stopped True"]


async def test_a_pid_file_that_names_a_stranger_is_no_server(folder: Path, kill: Kill):
    server = await begin(folder)
    kill(server.pid)
    await ended(server.pid)
    found = folder / "cluster" / "postmaster.pid"
    words = found.read_text().split("\n")
    found.write_text("\n".join([str(os.getpid()), *words[1:]]))
    assert await server.ensure()
    assert await ask(server, "select 1") == 1
    await server.stop()


async def test_a_pid_file_that_names_a_zombie_is_no_server(folder: Path, kill: Kill, tmp_path: Path):
    server = await begin(folder)
    kill(server.pid)
    await ended(server.pid)
    zombie = start(command(sys.executable, "-c", "pass"), log=tmp_path / "log")
    await ended(zombie.pid)
    for found in (folder / "cluster" / "postmaster.pid", folder / ".s.PGSQL.5432.lock"):
        found.write_text("\n".join([str(zombie.pid), *found.read_text().split("\n")[1:]]))
    assert await server.ensure()
    assert await ask(server, "select 1") == 1
    await server.stop()


@pytest.mark.parametrize("torn", ["", "18", "not a number\n"])
async def test_a_torn_pid_file_is_no_server(folder: Path, kill: Kill, torn: str):
    server = await begin(folder)
    kill(server.pid)
    await ended(server.pid)
    (folder / "cluster" / "postmaster.pid").write_text(torn)
    assert await ask(server, "select 1") == 1
    await server.stop()


async def test_a_server_that_is_still_starting_is_waited_for(folder: Path):
    server = await begin(folder)
    found = folder / "cluster" / "postmaster.pid"
    ready = found.read_text()
    for unfinished in ("", ready.replace("ready   ", "starting")):
        found.write_text(unfinished)
        joining = asyncio.create_task(begin(folder))
        await asyncio.sleep(0.1)  # right in either order; this makes the waiting likely
        found.write_text(ready)
        other = await joining
        assert other.pid == server.pid
        await other.stop()
    assert await server.stop()


async def test_a_server_without_its_pid_file_is_outwaited(folder: Path):
    server = await begin(folder)
    await write(server, "create table kept as select 7 as n")
    (folder / "cluster" / "postmaster.pid").unlink()
    asking = asyncio.create_task(ask(server, "select n from kept"))
    log = folder / "server.log"
    async with asyncio.timeout(60):
        while "is still in use" not in log.read_text():
            await asyncio.sleep(0.01)
    os.kill(server.pid, signal.SIGQUIT)  # as it does itself when it misses the file, a minute later
    assert await asking == 7
    await server.stop()


async def test_a_database_that_was_being_made_when_all_was_killed_is_made_anew(folder: Path):
    user = await User.of(folder)
    async with asyncio.timeout(60):
        while not (folder / "cluster.new" / "PG_VERSION").exists():
            await asyncio.sleep(0.002)
    await user.die()
    server = await begin(folder)
    assert await ask(server, "select 1") == 1
    await server.stop()


async def test_what_is_left_of_a_torn_making_is_cleared_away(folder: Path):
    (folder / "cluster.new" / "base").mkdir(parents=True)
    (folder / "cluster.new" / "PG_VERSION").write_text("18\n")
    server = await begin(folder)
    assert await ask(server, "select 1") == 1
    assert not (folder / "cluster.new").exists()
    await server.stop()


@pytest.mark.parametrize("name", ["long" * 40, "a blank, a comma", "quote'quote\"", "ünï-çödé", "per%cent$HOME"])
async def test_a_folder_may_have_any_name(short_path: Path, name: str):
    one = await begin(short_path / name)
    two = await begin(short_path / name)
    assert await ask(two, "select 1") == 1
    assert [await one.stop(), await two.stop()] == [False, True]


async def test_a_server_that_cannot_start_says_why_and_what_to_do(folder: Path):
    server = await begin(folder)
    await server.stop()
    (folder / "cluster" / "PG_VERSION").write_text("12\n")
    with pytest.raises(NoPostgres, match=r"incompatible[\s\S]*BOTMCP_HOME[\s\S]*DATABASE_URL"):
        await begin(folder)


async def test_no_empty_database_takes_the_place_of_one_whose_folder_was_moved(folder: Path):
    server = await begin(folder)
    elsewhere = folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(NoPostgres, match="was removed or moved"):
        await server.reach()
    assert not folder.exists()
    elsewhere.rename(folder)
    assert await ask(server, "select 1") == 1
    assert await server.stop()


async def test_a_log_that_has_grown_long_is_set_aside(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(postgres_launcher, "LOG_BYTES", 10)
    for _ in range(2):
        server = await begin(folder)
        await server.stop()
    assert (folder / "server.log").exists()
    assert (folder / "server.log.old").exists()


async def test_a_gate_that_never_opens_is_reported(folder: Path, monkeypatch: pytest.MonkeyPatch):
    server = await begin(folder)
    monkeypatch.setattr(postgres_launcher, "GATE_SECONDS", 0.05)
    holder = (
        "import fcntl, sys, time\n"
        "f = open(sys.argv[1], 'ab'); fcntl.flock(f, 2); print('held', flush=True); time.sleep(600)"
    )
    held = await converse(command(sys.executable, "-c", holder, folder / "gate.lock"))
    assert held.stdout
    assert await held.stdout.readline() == b"held\n"
    with pytest.raises(NoPostgres, match="Another process has been starting"):
        await begin(folder)
    await dismiss(held)
    monkeypatch.undo()
    await server.stop()


async def test_a_process_that_forgets_to_stop_does_so_at_its_exit(folder: Path):
    code = (
        "import asyncio, sys; from pathlib import Path; from storage import embedded_postgres\n"
        "print(asyncio.run(embedded_postgres.start(Path(sys.argv[1]), durable=False)).pid)"
    )
    asked = command(sys.executable, "-c", code, folder, folder=ROOT, environment={"PYTHONPATH": str(ROOT)})
    done = await asyncio.to_thread(run_blocking, asked, seconds=120)
    assert done.code == 0, done.says()
    assert not lives(int(done.out))
