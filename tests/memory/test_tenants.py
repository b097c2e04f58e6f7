"""The server itself keeps tenants apart, under a role that neither owns the tables nor passes by their policies."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest

from keywords.host import MEMORY_SET
from memory.reads import PostgresMemories
from storage.pool import Pool
from tests.memory.batch import Asked, committed

HERE, ELSEWHERE, ANA, BEN = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4)
TABLES = (
    "bot_memories", "bot_memory_log", "bot_memory_grants", "bot_shared_memory", "bot_memory_usage", "bots",
    "workflow_executions", "workflow_steps", "workflow_events", "workflow_approvals",
)  # fmt: skip


@pytest.fixture(autouse=True)
async def two_tenants(pool: Pool) -> None:
    await committed(
        pool,
        Asked(HERE, ANA, MEMORY_SET.row(key="k", value="ours", expires=None)),
        Asked(ELSEWHERE, BEN, MEMORY_SET.row(key="k", value="theirs", expires=None)),
    )


async def seen(pool: Pool, role: str, tenant: str, statement: str = "select value from bot_memories") -> list[str]:
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(f"set local role {role}".encode())
        await connection.execute("select set_config('botmcp.tenant', %s, true)", (tenant,))
        return [row[0] for row in await (await connection.execute(statement.encode())).fetchall()]


async def test_a_request_sees_its_tenant_whatever_it_asks(pool: Pool) -> None:
    assert await seen(pool, "botmcp_request", str(HERE)) == ["ours"]
    assert await seen(pool, "botmcp_request", str(ELSEWHERE)) == ["theirs"]
    assert await seen(pool, "botmcp_request", "") == [], "without a tenant, nothing"
    assert await seen(pool, "botmcp_request", str(HERE), "select value from bot_memory_log") == ["ours"]


async def test_a_request_changes_nothing(pool: Pool) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await seen(pool, "botmcp_request", str(HERE), "delete from bot_memories returning value")


async def test_the_engine_crosses_tenants(pool: Pool) -> None:
    assert sorted(await seen(pool, "botmcp_engine", "")) == ["ours", "theirs"]
    changed = "update bot_memories set version = version + 1, value = 'new' returning value"
    assert await seen(pool, "botmcp_engine", "", changed) == ["new", "new"]


async def test_neither_role_owns_or_passes_by(pool: Pool) -> None:
    async with pool.connection() as connection:
        found = await connection.execute(
            "select rolsuper or rolbypassrls or rolcanlogin from pg_roles where rolname in"
            " ('botmcp_engine', 'botmcp_request')"
        )
        assert await found.fetchall() == [(False,), (False,)]
        for table in TABLES:
            found = await connection.execute(
                "select c.relrowsecurity, pg_get_userbyid(c.relowner) like 'botmcp_%%' from pg_class c"
                " where c.oid = %s::regclass",
                (f"botmcp.{table}",),
            )
            assert await found.fetchone() == (True, False), table


async def test_what_faces_read_is_read_under_the_role_of_requests(pool: Pool) -> None:
    memories = PostgresMemories(pool)
    assert await memories.apart()
    guarded, now = memories.of_requests(), datetime.now(UTC)
    assert await guarded.get(HERE, ANA, "k", now) == "ours"
    assert await guarded.get(HERE, BEN, "k", now) is None
    assert [one.value for one in await guarded.listed(HERE, ANA, "", now, 10)] == ["ours"]
    assert [one.value for one in await guarded.history(HERE, ANA, "k", 10)] == ["ours"]
    assert await memories.get(ELSEWHERE, BEN, "k", now) == "theirs", "the connection goes back as it was"
