"""Migrations: forward only, once each, by however many processes at once."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from storage.embedded_postgres import EmbeddedPostgres
from storage.migrate import (
    ChangedMigration,
    DatabaseNewer,
    FailedMigration,
    Migration,
    MigrationError,
    NotPermitted,
    ServerTooOld,
    migrate,
    pending,
    scripts,
)
from storage.pool import DatabaseUnreachable, connect
from storage.subprocesses import command, run

ROOT = Path(__file__).parents[2]
ONE = Migration(1, "one", b"create table one (n int); insert into one values (1)", 1)
TWO = Migration(2, "two", b"create table two (n int)", 2)
COMPATIBLE = Migration(2, "two", b"create table two (n int)", 1)
BROKEN = Migration(2, "two", b"create table half (n int); create table one (n int)", 2)


@pytest.fixture
async def empty(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """The dsn of a database without any of our tables."""
    async with await connect(postgres.dsn) as admin:
        await admin.execute("create database test_empty")
        yield make_conninfo(postgres.dsn, dbname="test_empty")
        await admin.execute("drop database test_empty with (force)")


async def count(dsn: str, table: str) -> int | None:
    """The rows of a table; None when there is no such table."""
    async with await connect(dsn) as connection:
        try:
            found = await connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table)))
        except psycopg.errors.UndefinedTable:
            return None
        row = await found.fetchone()
        assert row
        return row[0]


async def test_each_migration_is_applied_once_and_in_our_schema(empty: str):
    assert [step.applied for step in await migrate(empty, [ONE])] == [True]
    assert [step.applied for step in await migrate(empty, [ONE, TWO])] == [False, True]
    assert [step.applied for step in await migrate(empty, [ONE, TWO])] == [False, False]
    assert await count(empty, "one") == 1
    async with await connect(empty) as connection:
        row = await (await connection.execute("select to_regclass('botmcp.two')::oid is not null")).fetchone()
    assert row == (True,)


async def test_what_is_missing_can_be_asked_without_changing_anything(empty: str):
    assert await pending(empty, [ONE, TWO]) == (ONE, TWO)
    assert await pending(empty, [ONE, TWO]) == (ONE, TWO)
    await migrate(empty, [ONE])
    assert await pending(empty, [ONE, TWO]) == (TWO,)
    assert await pending(empty, [ONE]) == ()


async def test_many_may_migrate_at_once(empty: str):
    done = await asyncio.gather(*(migrate(empty, [ONE, TWO]) for _ in range(12)))
    assert sum(step.applied for steps in done for step in steps) == 2
    assert await count(empty, "one") == 1


async def test_six_processes_may_apply_the_real_migrations_at_once(empty: str):
    code = (
        "import asyncio, sys; from storage.migrate import migrate\n"
        "print(sum(step.applied for step in asyncio.run(migrate(sys.argv[1]))))"
    )
    asked = command(sys.executable, "-c", code, empty, folder=ROOT, environment={"PYTHONPATH": str(ROOT)})
    done = await asyncio.gather(*(run(asked, seconds=200) for _ in range(6)))
    assert [each.code for each in done] == [0] * 6, [each.says() for each in done]
    assert sum(int(each.out) for each in done) == len(scripts())
    assert await pending(empty) == ()


async def test_a_migration_that_fails_leaves_nothing_behind_and_says_so(empty: str):
    with pytest.raises(FailedMigration, match=r'0002 \(two\) .* left nothing behind: relation "one" already exists'):
        await migrate(empty, [ONE, BROKEN])
    assert await count(empty, "half") is None
    assert [step.applied for step in await migrate(empty, [ONE, TWO])] == [False, True]


async def test_a_migration_changed_after_it_was_applied_is_refused(empty: str):
    await migrate(empty, [ONE])
    changed = replace(ONE, sql=b"create table one (n bigint)")
    with pytest.raises(ChangedMigration, match=r"0001 \(one\) was changed"):
        await migrate(empty, [changed, TWO])
    assert await count(empty, "two") is None
    with pytest.raises(ChangedMigration):
        await pending(empty, [changed])


async def test_older_code_refuses_a_database_it_does_not_understand(empty: str):
    await migrate(empty, [ONE, TWO])
    with pytest.raises(DatabaseNewer, match=r"0002 \(two\), this botmcp knows up to 0001"):
        await migrate(empty, [ONE])


async def test_older_code_works_on_where_the_newer_migration_says_so(empty: str):
    await migrate(empty, [ONE, COMPATIBLE])
    assert [step.applied for step in await migrate(empty, [ONE])] == [False]


async def test_a_database_user_without_rights_learns_what_an_administrator_must_do(
    empty: str, postgres: EmbeddedPostgres
):
    async with await connect(postgres.dsn) as admin:
        await admin.execute("create role powerless login")
        try:
            with pytest.raises(NotPermitted, match="create schema botmcp authorization powerless"):
                await migrate(make_conninfo(empty, user="powerless"), [ONE])
        finally:
            await admin.execute("drop role powerless")


async def test_a_server_that_is_too_old_is_refused(empty: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("storage.migrate.OLDEST_SERVER", 99)
    with pytest.raises(ServerTooOld, match="botmcp needs"):
        await migrate(empty, [ONE])


async def test_an_unreachable_database_is_told_as_such():
    with pytest.raises(DatabaseUnreachable):
        await migrate("host=/nowhere dbname=x", [ONE])


def write(folder: Path, **files: str) -> None:
    package = folder / "planted_migrations"
    package.mkdir()
    (package / "__init__.py").write_text("")
    for name, text in files.items():
        (package / f"{name}.sql").write_bytes(text.encode())


def test_migrations_are_read_in_the_order_of_their_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "planted_migrations", raising=False)
    write(tmp_path, **{"0002_b": "-- works with: 0001\r\nselect 2", "0001_a": "select 1"})
    one, two = scripts("planted_migrations")
    assert (one.version, one.name, one.works_with) == (1, "a", 1)
    assert (two.version, two.name, two.works_with) == (2, "b", 1)
    assert two.sql == b"-- works with: 0001\nselect 2"


@pytest.mark.parametrize(
    ("names", "why"), [(["0001_a", "0003_c"], "Renumber"), (["0001_a", "0001_b"], "Renumber"), (["1_a"], "Rename")]
)
def test_migrations_with_wrong_numbers_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str], why: str
):
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "planted_migrations", raising=False)
    write(tmp_path, **dict.fromkeys(names, "select 1"))
    with pytest.raises(ValueError, match=why):
        scripts("planted_migrations")


def test_our_own_migrations_are_in_order():
    assert scripts()
    assert issubclass(FailedMigration, MigrationError)
