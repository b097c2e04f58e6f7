"""Our engine as it is shipped: `botmcp worker` processes on a database of their own, real BASIC, the real registry."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import UUID

from keywords.host import ProgramText
from mcp_server.app import App, open_app
from mcp_server.settings import read
from storage.pool import Pool, open_pool
from tests.plugin import install
from workflow.details import Caller

HERE = Path(__file__).parent
STEPS = 10
PATIENCE = 120.0
_RSS = re.compile(r"^Rss:\s+(\d+) kB", re.MULTILINE)

# Executions like one that is stored already: so many, ready at once. `$1` is the one, `$2` how many.
CLONE = """
with born as (
  insert into workflow_executions
  select (jsonb_populate_record(null::workflow_executions, to_jsonb(x) || jsonb_build_object(
    'id', n.id, 'root_id', n.id, 'status', 'ready', 'priority', 0, 'reason', null, 'ready_at', now(),
    'created_at', now()))).*
  from workflow_executions x, lateral (select gen_random_uuid() as id from generate_series(1, %(count)s)) n
  where x.id = %(id)s and x.finished_on = 'infinity'
  returning id, tenant_id, created_at, state
)
insert into workflow_steps (tenant_id, execution_id, seq, day, keyword, ended_at, state)
select tenant_id, id, 0, (created_at at time zone 'utc')::date, 'START', created_at, state from born
"""


def ticks(count: int) -> str:
    return "\n".join(f"r = TICK {n}" for n in range(1, count + 1)) + "\nRETURN r\n"


TICKS = ProgramText(ticks(STEPS), "ten steps")
BOTS = ProgramText('text = "hello"\n' + "\n".join(['r = BOT "echo" "answer"'] * STEPS) + "\nRETURN r\n", "ten bots")
TOCKS = ProgramText(ticks(STEPS).replace("TICK", "TOCK"), "ten slow steps")
LONG = ProgramText(ticks(300), "one long run")


def branches(count: int, body: str) -> ProgramText:
    arms = "\n".join(f"  BRANCH b{n}:\n    {body.format(n=n)}" for n in range(1, count + 1))
    return ProgramText(f"r = TICK 0\nPARALLEL\n{arms}\nEND PARALLEL\nr = TICK 1\nRETURN r\n", "a fan")


def many_steps(count: int) -> ProgramText:
    return ProgramText(
        f'FOR i = 1 TO {count}\n  r = TICK i\nNEXT i\nWAIT FOR EVENT "go" TIMEOUT 3600\nr = TICK 0\nRETURN r\n',
        f"{count} steps",
    )


WAITS = ProgramText('r = TICK 1\nWAIT FOR EVENT "never" TIMEOUT 86400\nRETURN r\n', "waits")


@dataclass(slots=True)
class Ours:
    """A database, and as many workers on it as are asked for."""

    app: App
    pool: Pool
    dsn: str
    environment: Mapping[str, str]
    logs: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])
    started: int = 0

    # -- processes -----------------------------------------------------------------------------------------------------

    async def worker(self) -> subprocess.Popen[bytes]:
        """A worker process that claims."""
        self.started += 1
        log = self.logs / f"worker-{self.started}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "mcp_server.entry", "worker"], env=self.environment, stdout=out, stderr=out
            )
        self.workers.append(process)
        until = time.monotonic() + PATIENCE
        while "worker.started" not in log.read_text("utf-8"):
            assert process.poll() is None and time.monotonic() < until, log.read_text("utf-8")[-3000:]
            await asyncio.sleep(0.02)
        return process

    async def no_workers(self) -> None:
        for process in self.workers:
            process.send_signal(signal.SIGTERM)
        for process in self.workers:
            await asyncio.to_thread(process.wait)
        self.workers = []

    # -- the database --------------------------------------------------------------------------------------------------

    async def rows(self, query: str, **given: Any) -> list[tuple[Any, ...]]:
        async with self.pool.connection() as connection:
            return await (await connection.execute(query.encode(), given)).fetchall()

    async def value(self, query: str, **given: Any) -> Any:
        return (await self.rows(query, **given))[0][0]

    async def run(self, query: str, **given: Any) -> None:
        async with self.pool.connection() as connection:
            await connection.execute(query.encode(), given)

    async def fresh(self) -> None:
        """No execution is left, and statistics are as after a while."""
        await self.run("truncate workflow_executions, workflow_steps, workflow_waits, workflow_events")
        await self.run("analyze workflow_programs")

    async def emptied(self) -> None:
        """Returns when nothing is left to do."""
        while await self.value("select count(*) from workflow_executions_live"):
            await asyncio.sleep(0.01)

    async def wal(self) -> int:
        return int(await self.value("select pg_current_wal_insert_lsn() - '0/0'"))

    def caller(self, tenant: int = 1) -> Caller:
        return Caller(UUID(int=tenant), "benchmark", "benchmark", owner=True)

    async def start(self, program: ProgramText, tenant: int = 1) -> UUID:
        return await self.app.operations.start(self.caller(tenant), program)

    # -- measures ------------------------------------------------------------------------------------------------------

    async def throughput(self, workflows: int, *, processes: int = 1, program: ProgramText = TICKS) -> dict[str, float]:
        """Queued runs, all released at once to workers that stand by; a BOT counts as one step."""
        await self.no_workers()
        await self.fresh()
        first = await self.start(program)
        await self.run("update workflow_executions set status = 'paused' where id = %(id)s", id=first)
        await self.run(CLONE.replace("'status', 'ready'", "'status', 'paused'"), id=first, count=workflows - 1)
        for _ in range(processes):
            await self.worker()
        wal = await self.wal()
        before = sum(map(cpu, self.workers))
        await self.run(
            "with go as (update workflow_executions set status = 'ready', ready_at = clock_timestamp() returning 1)"
            " select pg_notify('botmcp_hints', 'ready') from go limit 1"
        )
        began = time.time()
        await self.emptied()
        computed = sum(map(cpu, self.workers)) - before
        steps, ended = (
            workflows * STEPS,
            await self.value("select extract(epoch from max(ended_at)) from workflow_steps"),
        )
        done = "select count(*) from workflow_executions where status = 'completed' and parent_id is null"
        assert await self.value(done) == workflows
        return {
            "steps_per_s": steps / (float(ended) - began),
            "cpu_us_per_step": computed / steps * 1e6,
            "wal_bytes_per_step": (await self.wal() - wal) / steps,
        }

    async def latency(self) -> dict[str, float]:
        """One run alone: from one step to the next."""
        run = await self._alone(LONG)
        gaps = await self._gaps(run)
        return {"step_p50_ms": median(gaps), "step_p95_ms": quantiles(gaps, n=20)[-1]}

    async def fan(self, count: int, body: str, times: int) -> float:
        """From the fork to the first step behind the join, in ms: the median."""
        program = branches(count, body)
        taken: list[float] = []
        for _ in range(times + 1):
            run = await self._alone(program)
            rows = await self.rows(
                "select keyword, extract(epoch from started_at)::float8 from workflow_steps"
                " where execution_id = %(run)s and seq > 0 order by seq",
                run=run,
            )
            at = dict(rows)  # of TICK the last
            taken.append((at["TICK"] - at["PARALLEL"]) * 1e3)
        return median(taken[1:])

    async def resume(self, history: int, times: int) -> float:
        """From a worker that is ready to the next step of a run with so many steps behind it, in ms."""
        await self.no_workers()
        await self.fresh()
        run = await self.start(many_steps(history))
        worker = await self.worker()
        while await self.value("select status from workflow_executions where id = %(run)s", run=run) != "waiting":
            assert worker.poll() is None
            await asyncio.sleep(0.05)
        await self.no_workers()
        taken: list[float] = []
        keep = await self.value("select to_jsonb(x) from workflow_executions x where id = %(run)s", run=run)
        for _ in range(times):
            await self.run(
                "update workflow_executions set status = 'ready', answer = '{\"timed_out\": true}', wake_at = null,"
                " ready_at = now() where id = %(run)s",
                run=run,
            )
            await self.worker()
            await self.emptied()
            taken.append(
                await self.value(
                    "select extract(epoch from s.started_at - w.started_at)::float8 * 1e3"
                    " from workflow_steps s, workers w"
                    " where execution_id = %(run)s and keyword = 'TICK' order by seq desc limit 1",
                    run=run,
                )
            )
            await self.no_workers()
            await self.run(
                "delete from workflow_steps where execution_id = %(run)s and seq > %(n)s", run=run, n=history
            )
            await self.run("delete from workflow_executions")
            await self.run(
                "insert into workflow_executions"
                " select * from jsonb_populate_record(null::workflow_executions, %(row)s)",
                row=_json(keep),
            )
        return median(taken)

    async def recovery(self, survivors: int) -> dict[str, float]:
        """200 runs of ten steps of 20 ms, cut by SIGKILL at half way: seconds until all are done.

        Without a survivor a new process is started in the moment of the kill; `ready_s` of the seconds are its start.
        """
        await self.no_workers()
        await self.fresh()
        first = await self.start(TOCKS)
        await self.run("update workflow_executions set status = 'paused' where id = %(id)s", id=first)
        await self.run(CLONE.replace("'status', 'ready'", "'status', 'paused'"), id=first, count=199)
        for _ in range(survivors + 1):
            await self.worker()
        await self.run(
            "with go as (update workflow_executions set status = 'ready', ready_at = clock_timestamp() returning 1)"
            " select pg_notify('botmcp_hints', 'ready') from go limit 1"
        )
        while await self.value("select count(*) from workflow_steps where keyword = 'TOCK'") < 1_000:
            await asyncio.sleep(0.002)
        victim, began = self.workers.pop(0), time.time()
        victim.kill()
        ready = 0.0
        if not survivors:
            await self.worker()
            ready = time.time() - began
        await self.emptied()
        victim.wait()
        rows = await self.rows(
            "select extract(epoch from max(ended_at))::float8, count(*) from workflow_steps where keyword = 'TOCK'"
        )
        ended, steps = rows[0]
        assert steps == 200 * STEPS, f"{steps} steps are journalled"
        return {"seconds": ended - began, "ready_s": ready, "after_ready_s": ended - began - ready}

    async def waiting(self, count: int) -> dict[str, float]:
        """What so many waiting runs hold of a worker's memory, in MB."""
        await self.no_workers()
        await self.fresh()
        worker = await self.worker()
        await self._park(count)
        await asyncio.sleep(1.0)
        before = rss(worker)
        await self._park(count)
        await asyncio.sleep(1.0)
        return {"rss_mb": max(0.0, rss(worker) - before), "worker_mb": rss(worker)}

    async def newcomer(self, queued: int, times: int) -> dict[str, float]:
        """A tenant's first step beside a queue of another's, in ms from the call of start."""
        await self.no_workers()
        await self.fresh()
        first = await self.start(TICKS, tenant=2)
        await self.run(CLONE, id=first, count=queued)
        await self.run("vacuum analyze workflow_executions_live")
        await self.worker()
        await asyncio.sleep(1.0)
        taken: list[float] = []
        for number in range(times):
            began = time.time()
            run = await self.start(TICKS, tenant=100 + number)
            taken.append((await self._first_step(run) - began) * 1e3)
            await asyncio.sleep(0.05)
        left = await self.value("select count(*) from workflow_executions_live where tenant_id = %(t)s", t=UUID(int=2))
        await self.no_workers()
        assert left > 0, "the queue was empty before the last newcomer came"
        return {"p50_ms": median(taken), "p95_ms": quantiles(taken, n=20)[-1], "still_queued": left}

    # -- parts of measures ---------------------------------------------------------------------------------------------

    async def _alone(self, program: ProgramText) -> UUID:
        if len(self.workers) != 1:
            await self.no_workers()
            await self.fresh()
            await self.worker()
        run = await self.start(program)
        await self.emptied()
        return run

    async def _gaps(self, run: UUID) -> list[float]:
        rows = await self.rows(
            "select extract(epoch from started_at)::float8 from workflow_steps"
            " where execution_id = %(run)s and seq > 0 order by seq",
            run=run,
        )
        times = [at for (at,) in rows]
        return [(later - earlier) * 1e3 for earlier, later in pairwise(times)]

    async def _first_step(self, run: UUID) -> float:
        while True:
            rows = await self.rows(
                "select extract(epoch from started_at)::float8 from workflow_steps"
                " where execution_id = %(run)s and seq = 1",
                run=run,
            )
            if rows:
                return rows[0][0]
            await asyncio.sleep(0.002)

    async def _park(self, count: int) -> None:
        held = await self.value("select count(*) from workflow_waits")
        first = await self.start(WAITS)
        await self.run(CLONE, id=first, count=count - 1)
        while await self.value("select count(*) from workflow_waits") < held + count:
            await asyncio.sleep(0.05)


def _json(value: Any) -> Any:
    from psycopg.types.json import Jsonb

    return Jsonb(value)


def cpu(process: subprocess.Popen[bytes]) -> float:
    """Seconds that it has computed."""
    fields = Path(f"/proc/{process.pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss(process: subprocess.Popen[bytes]) -> float:
    """What is resident, in MB."""
    words = Path(f"/proc/{process.pid}/smaps_rollup").read_text("utf-8")
    found = _RSS.search(words)
    assert found
    return int(found[1]) / 1024


@asynccontextmanager
async def ours(folder: Path, dsn: str) -> AsyncGenerator[Ours]:
    """The product on this database, with no worker yet."""
    plugins, logs = folder / "plugins", folder / "logs"
    logs.mkdir(parents=True)
    install(plugins, "ticks", (HERE / "engine_tick.py").read_text("utf-8"))
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    own = {
        "BOTMCP_HOME": str(folder / "home"),
        "BOTMCP_PLUGINS": "ticks",
        "BOTMCP_PACKAGES": str(HERE / "engine_packages"),
        "DATABASE_URL": dsn,
        "PYTHONPATH": str(plugins),
    }
    environment = {**kept, **own}
    sys.path.insert(0, str(plugins))
    async with open_app(read(environment), "look") as app, open_pool(dsn, maximum=4) as pool:
        made = Ours(app, pool, dsn, environment, logs)
        try:
            yield made
        finally:
            await made.no_workers()
            sys.path.remove(str(plugins))
