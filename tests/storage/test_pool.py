"""Connections: where they go, who they say they are, and what a restart of the server costs."""

from __future__ import annotations

from storage.pool import Pool, connect


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
