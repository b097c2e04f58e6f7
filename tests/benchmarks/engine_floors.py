"""What Postgres itself allows: one statement a step, and binary batches of many; python engine_floors.py DSN SECONDS"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from statistics import median, quantiles
from uuid import UUID, uuid4

import psycopg

from storage.arrays import integers, taught, texts, uuids

TABLES = """
drop table if exists floor_runs, floor_steps;
create table floor_runs (id uuid primary key, seq int not null, epoch int not null, owner uuid,
  status smallint not null, state jsonb not null) with (fillfactor = 60);
create table floor_steps (run uuid, seq int, answer jsonb not null, primary key (run, seq));
"""
ONE = """
with u as (update floor_runs set state = %(state)b::text::jsonb, seq = seq + 1
  where id = %(id)b and epoch = 1 and owner = %(me)b and status = 1 returning id, seq)
insert into floor_steps select id, seq, %(answer)b::text::jsonb from u returning seq
"""
MANY = """
with i as (select * from unnest(%(id)b::uuid[], %(epoch)b::int[], %(state)b::text[], %(answer)b::text[])
    as t(id, epoch, state, answer) order by id),
 l as materialized (select i.* from i cross join lateral (select 1 from floor_runs x where x.id = i.id
    and x.epoch = i.epoch and (x.owner = %(me)b) is true and (x.status = 1) is true for update offset 0) y),
 u as (update floor_runs x set state = l.state::jsonb, seq = x.seq + 1 from l where x.id = l.id
    returning x.id, x.seq, l.answer),
 j as (insert into floor_steps select id, seq, answer::jsonb from u)
select id from u
"""
PLANS = "-c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off -c plan_cache_mode=force_generic_plan"
ME = UUID(int=9)
RUNS, BATCH = 1_000, 200
STATE = json.dumps({"v": 1, "n": 1, "frames": [{"f": "main", "at": 4, "vars": {"r": {"o": ["ok", True, "n", 4]}}}]})
ANSWER = json.dumps({"o": ["ok", True, "number", 4, "text", "what a trivial step says"]})


async def _connection(dsn: str) -> psycopg.AsyncConnection:
    return taught(await psycopg.AsyncConnection.connect(dsn, autocommit=True, prepare_threshold=0, options=PLANS))


async def _filled(dsn: str) -> list[UUID]:
    runs = sorted((uuid4() for _ in range(RUNS)), key=lambda run: run.bytes)
    async with await _connection(dsn) as connection:
        for statement in filter(None, map(str.strip, TABLES.split(";"))):
            await connection.execute(statement.encode())
        await connection.execute(
            "insert into floor_runs select id, 0, 1, %(me)s, 1, %(state)s::jsonb from unnest(%(ids)s::uuid[]) id",
            {"me": ME, "state": STATE, "ids": runs},
        )
    return runs


async def one(dsn: str, seconds: float) -> dict[str, float]:
    """A step, a statement, a commit: one after the other."""
    runs, taken = await _filled(dsn), list[float]()
    async with await _connection(dsn) as connection:
        until = time.perf_counter() + seconds
        while (began := time.perf_counter()) < until:
            given = {"id": runs[len(taken) % RUNS], "state": STATE, "answer": ANSWER, "me": ME}
            await connection.execute(ONE, given)
            taken.append((time.perf_counter() - began) * 1e3)
    return {
        "steps_per_s": len(taken) / (sum(taken) / 1e3),
        "step_p50_ms": median(taken),
        "step_p95_ms": quantiles(taken, n=20)[-1],
    }


async def many(dsn: str, seconds: float) -> dict[str, float]:
    """Two connections, each committing batches of its own half of the runs."""
    runs = await _filled(dsn)
    until = time.perf_counter() + seconds

    async def half(mine: list[UUID]) -> int:
        steps = 0
        async with await _connection(dsn) as connection:
            while time.perf_counter() < until:
                for at in range(0, len(mine), BATCH):
                    part = mine[at : at + BATCH]
                    given = {
                        "id": uuids(part),
                        "epoch": integers([1] * len(part)),
                        "state": texts([STATE] * len(part)),
                        "answer": texts([ANSWER] * len(part)),
                        "me": ME,
                    }
                    steps += len(await (await connection.execute(MANY, given)).fetchall())
        return steps

    began = time.perf_counter()
    steps = sum(await asyncio.gather(half(runs[: RUNS // 2]), half(runs[RUNS // 2 :])))
    return {"steps_per_s": steps / (time.perf_counter() - began)}


if __name__ == "__main__":
    measure = {"one": one, "many": many}[sys.argv[1]]
    print(json.dumps(asyncio.run(measure(sys.argv[2], float(sys.argv[3])))))
