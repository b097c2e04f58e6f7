"""Connections: where they go, who they say they are, and what a restart of the server costs."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from psycopg.conninfo import make_conninfo

from storage.pool import DatabaseUnreachable, Pool, connect, described, open_pool


async def test_a_connection_sees_our_schema_first(pool: Pool):
    async with pool.connection() as connection:
        row = await (await connection.execute("select current_setting('search_path')")).fetchone()
    assert row == ("botmcp,public",)


async def test_a_connection_commits_by_itself_and_says_who_it_is(database: str):
    async with await connect(database, application="a test", settings="-c synchronous_commit=off") as connection:
        assert connection.autocommit
        asked = "select current_setting('application_name'), current_setting('synchronous_commit')"
        assert await (await connection.execute(asked)).fetchone() == ("a test", "off")


async def test_each_test_has_a_database_of_its_own(pool: Pool):
    async with pool.connection() as connection:
        await connection.execute("create table only_mine (id int)")


async def test_the_next_test_does_not_see_it(pool: Pool):
    async with pool.connection() as connection:
        assert await (await connection.execute("select to_regclass('only_mine')")).fetchone() == (None,)


async def test_a_dead_connection_is_never_handed_out(pool: Pool, database: str):
    await pool.resize(4, 4)
    await pool.wait(timeout=60)
    async with await connect(database, application="another") as other:
        ended = "select count(pg_terminate_backend(pid, 10000)) from pg_stat_activity where application_name = 'botmcp'"
        assert await (await other.execute(ended)).fetchone() == (4,)
    for _ in range(5):
        async with pool.connection() as connection:
            assert await (await connection.execute("select 1")).fetchone() == (1,)


async def test_a_session_left_open_in_a_transaction_is_ended_by_the_server(database: str):
    async with await connect(database) as connection:
        asked = "select current_setting('idle_in_transaction_session_timeout')"
        assert await (await connection.execute(asked)).fetchone() == ("10s",)


async def test_options_of_the_address_are_kept(database: str):
    dsn = make_conninfo(database, options="-c work_mem=5MB", application_name="theirs")
    async with await connect(dsn) as connection:
        asked = "select current_setting('work_mem'), current_setting('search_path')"
        assert await (await connection.execute(asked)).fetchone() == ("5MB", "botmcp,public")


async def test_the_address_is_asked_anew_for_each_connection(database: str):
    asked: list[int] = []

    async def where() -> str:
        asked.append(1)
        return database

    async with open_pool(where, minimum=2, maximum=2) as pool:
        await pool.wait(timeout=60)
    assert len(asked) == 2


UNREACHABLE = [
    "postgresql://ann:s3cr%40t@localhost:1/shop",
    "host=127.0.0.1 port=1 user=ann password=s3cr@t dbname=shop",
    "host=127.0.0.1 port=1 user=ann password='s3cr@t' dbname=shop",
    "host=/nowhere dbname=shop password=s3cr@t",
]
INVALID = ["postgresql://ann:s3cr@t@[bad/shop", "s3cr@t", "postgresql://ann:s3cr@t@h/shop?nonsense=1"]


@pytest.mark.parametrize("dsn", UNREACHABLE)
async def test_an_unreachable_database_is_named_without_its_password(dsn: str):
    with pytest.raises(DatabaseUnreachable, match="Cannot reach the database shop at ") as told:
        await connect(dsn)
    assert "Is DATABASE_URL right" in str(told.value)
    _no_secret(told.value)


@pytest.mark.parametrize("dsn", INVALID)
async def test_an_address_that_cannot_be_read_is_not_repeated(dsn: str):
    with pytest.raises(DatabaseUnreachable, match="not a valid address; it looks like") as told:
        await connect(dsn)
    _no_secret(told.value)


def _no_secret(error: BaseException | None) -> None:
    """Neither the error nor what a traceback would print of its causes holds a password."""
    while error:
        assert not {"s3cr@t", "s3cr%40t"} & {word for word in ("s3cr@t", "s3cr%40t") if word in str(error)}
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_a_database_is_described_for_people():
    assert described("postgresql://ann:pw@db.example:6432/shop") == "shop at db.example:6432"
    assert described("host=/var/run user=ann") == "ann at /var/run:5432"
    assert "not a valid address" in described("postgresql://[")


async def test_whoever_is_cancelled_takes_no_connection_along(database: str) -> None:
    async with open_pool(database, maximum=2) as pool:

        async def impatient(number: int) -> None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(number % 20 / 4000), pool.connection() as connection:
                    await connection.execute("select 1")

        for _ in range(10):
            await asyncio.gather(*(impatient(number) for number in range(40)))
        held = [await pool.getconn(5), await pool.getconn(5)]
        for connection in held:
            await pool.putconn(connection)


async def _session(pool: Pool) -> int:
    async with pool.connection() as connection:
        return connection.info.backend_pid


async def test_the_session_used_last_is_used_next_without_a_turn_of_the_loop(database: str):
    async with open_pool(database, minimum=4, maximum=4) as pool:
        await pool.wait(timeout=60)
        first = await _session(pool)
        turns: list[int] = []
        asyncio.get_running_loop().call_soon(turns.append, 1)
        assert [await _session(pool) for _ in range(5)] == [first] * 5
        assert turns == []


async def test_whoever_waits_for_a_connection_gets_the_next_that_is_given_back(database: str):
    async with open_pool(database, maximum=1) as pool:
        told: list[int] = []

        async def work(number: int) -> None:
            async with pool.connection() as connection:
                await connection.execute("select 1")
                told.append(number)

        await asyncio.gather(*(work(number) for number in range(20)))
        assert told == list(range(20))


async def test_a_session_that_ended_at_hand_is_not_handed_out(database: str):
    async with open_pool(database, maximum=3) as pool, await connect(database, application="another") as other:
        gone = await _session(pool)
        await other.execute("select pg_terminate_backend(%s, 10000)", (gone,))
        async with pool.connection() as connection:
            assert connection.info.backend_pid != gone
            assert await (await connection.execute("select 1")).fetchone() == (1,)


async def test_what_a_connection_had_begun_is_committed_and_rolled_back_after_an_error(pool: Pool):
    async with pool.connection() as connection:
        await connection.execute("begin")
        await connection.execute("create table kept (id int)")
    with contextlib.suppress(KeyError):
        async with pool.connection() as connection:
            await connection.execute("begin")
            await connection.execute("insert into kept values (1)")
            raise KeyError
    async with pool.connection() as connection:
        assert await (await connection.execute("select count(*) from kept")).fetchone() == (0,)


async def test_connections_at_hand_are_laid_down_and_closed_with_the_pool(
    database: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("storage.pool.AT_HAND_SECONDS", 0.0)
    counted = "select count(*) from pg_stat_activity where application_name = 'laid down'"
    async with await connect(database, application="another") as other:
        async with open_pool(database, maximum=2, application="laid down") as pool:
            await _session(pool)
            while pool.get_stats()["pool_available"] < 1:  # the timer of no seconds has not come round yet
                await asyncio.sleep(0)
            await _session(pool)
        while await (await other.execute(counted)).fetchone() != (0,):  # the server takes note in its own time
            await asyncio.sleep(0)
