"""Waits, events and time-outs that commit in any order, under several deliverers: each wait wakes, and wakes once."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from psycopg.conninfo import make_conninfo

from storage.migrate import migrate
from storage.pool import connect
from workflow.events import Delivery
from workflow.timers import Timers

LANES = 12  # connections that write
DELIVERERS = 3
AT_ONCE = 2_000  # pairs
TENANT = UUID(int=78)
PUBLISH = b"""
insert into workflow_events (id, tenant_id, event_name, event_data, day, created_at)
select gen_random_uuid(), %(tenant)s, %(name)s, '1', current_date, now()"""
WAIT = b"""
with x as (
  insert into workflow_executions (id, tenant_id, workflow_name, program, state, status, root_id, created_at, born,
    wake_at)
  values (%(id)s, %(tenant)s, 'w', 'p', '{}', 'waiting', %(id)s, now(), %(born)s::pg_snapshot, %(wake_at)s))
insert into workflow_waits (execution_id, tenant_id, event_name, born, since_xid, since_seq, choosy, cursor_key)
values (%(id)s, %(tenant)s, %(pattern)s, %(born)s::pg_snapshot, pg_snapshot_xmin(%(born)s::pg_snapshot), -1,
  %(choosy)s, '')"""
# Every change from waiting to ready counts: a wait that woke twice counts twice.
COUNTING = b"""
create table wakes (id uuid);
create function woke() returns trigger language plpgsql as
  'begin insert into wakes values (new.id); return new; end';
create trigger woke after update on workflow_executions for each row
  when (old.status = 'waiting' and new.status = 'ready') execute function woke()"""
ASLEEP = b"""select count(*) from workflow_executions where status = 'waiting' and id = any(%(ids)s::uuid[])"""


async def interleaved(server: str, pairs: int, seed: int) -> tuple[int, int, int]:
    """Pairs, waits that nothing woke, and wakes too many."""
    dsn = make_conninfo(server, dbname="waits", options="-c search_path=botmcp,public")
    await migrate(make_conninfo(server, dbname="waits"))
    chance = random.Random(seed)
    async with await connect(dsn) as connection:
        await connection.execute(COUNTING)
    deliverers = [asyncio.create_task(_deliver(dsn, seed + n)) for n in range(DELIVERERS)]
    asleep = 0
    for first in range(0, pairs, AT_ONCE):
        asleep += await _some(dsn, chance, first, min(AT_ONCE, pairs - first))
    for task in deliverers:
        task.cancel()
    await asyncio.gather(*deliverers, return_exceptions=True)
    async with await connect(dsn) as connection:
        row = await (await connection.execute(b"select count(*) - count(distinct id) from wakes")).fetchone()
    assert row is not None
    return pairs, asleep, row[0]


async def _deliver(dsn: str, seed: int) -> None:
    chance = random.Random(seed)
    async with await connect(dsn) as connection:
        delivery = Delivery(connection, _now, chance, lambda: None)
        timers = Timers(connection, _now, chance, lambda: None)
        while True:
            await delivery.deliver()
            await timers.fire()
            await asyncio.sleep(chance.uniform(0, 0.01))


async def _some(dsn: str, chance: random.Random, first: int, count: int) -> int:
    """So many pairs; how many sleep on after everything was committed and delivered."""
    ids = [uuid4() for _ in range(count)]
    async with await connect(dsn) as connection:
        row = await (await connection.execute(b"select pg_current_snapshot()::text")).fetchone()
    assert row is not None
    writes: list[tuple[bytes, dict[str, object]]] = []
    for n, id_ in enumerate(ids):
        name, kind = f"n{first + n}.e", chance.random()
        given: dict[str, object] = {
            "id": id_, "tenant": TENANT, "name": name, "born": row[0], "choosy": kind < 0.3,
            "pattern": f"n{first + n}.*" if kind < 0.15 else name,
            "wake_at": _now() + timedelta(seconds=chance.uniform(0, 3)) if chance.random() < 0.2 else None,
        }  # fmt: skip
        writes += [(PUBLISH, given), (WAIT, given)]
    chance.shuffle(writes)
    await asyncio.gather(*(_lane(dsn, chance, writes[lane::LANES]) for lane in range(LANES)))
    async with await connect(dsn) as connection:
        left = count
        for _ in range(600):
            row = await (await connection.execute(ASLEEP, {"ids": ids})).fetchone()
            assert row is not None
            left = row[0]
            if not left:
                break
            await asyncio.sleep(0.05)
        await connection.execute(b"delete from workflow_executions where id = any(%(ids)s::uuid[])", {"ids": ids})
        return left


async def _lane(dsn: str, chance: random.Random, writes: list[tuple[bytes, dict[str, object]]]) -> None:
    async with await connect(dsn) as connection:
        for statement, given in writes:
            async with connection.transaction():
                if chance.random() < 0.3:
                    await connection.execute("select pg_current_xact_id()")
                    await asyncio.sleep(chance.uniform(0, 0.005))
                await connection.execute(statement, given)
                if chance.random() < 0.2:
                    await asyncio.sleep(chance.uniform(0, 0.005))


def _now() -> datetime:
    return datetime.now(UTC)
