"""Everything that may die dies, while mixed work goes on: python tests/chaos/engine.py [--quick] [--seed N]

Runs of ten sorts (`engine_mix.py`: steps, timers, approvals, branches, retries, children, children that end at once,
events, ONCE, and runs that a schedule starts) are started all the while; a person approves, and settles what is in
doubt by looking into the diary. Three processes of the product share the work: a `botmcp serve` and two workers. Again
and again one or two of them get SIGKILL, now and then Postgres does, with all its processes; connections are cut; one
worker is frozen past its lease, and thawed.

executions             started; `completed` of them ended well; completion_rate is their share. Must be 1
kills, postgres_kills  processes of the product and of Postgres that got SIGKILL; `cuts` are connections terminated
frozen                 workers stopped for longer than their lease; `refused` commits of theirs and of others that came
                       too late, as their logs tell
lost                   calls that a completed run should have made, and that the diary does not show. Must be 0
doubled                calls with more than one good answer in the journal, and holes in its numbers. Must be 0
repeated_once          ONCE calls that the diary shows more than once. Must be 0
repeated_committed     calls made again after Postgres had confirmed their answer. Must be 0
stuck                  executions that had not ended long after the last kill. Must be 0
missed, started_twice  schedules that started no run, or more than one. Must be 0
failures               the errors of executions that failed; none should
repaired               rows that sweepers had to repair, as their logs tell
full_disk              what became of runs on a database whose disk ran full and got room again; "skipped" where no
                       small file system may be mounted
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

if (folder := str(Path(__file__).parent)) in sys.path:
    sys.path.remove(folder)  # its memory.py would stand in the place of the package

from mcp_server.app import App, database, open_app
from storage.pool import connect
from tests.chaos import ledger
from tests.chaos.diary import notes
from tests.chaos.engine_disk import full_disk
from tests.chaos.engine_mix import SORTS
from tests.chaos.product import Product, Running

ROLES = ("serve", "worker", "worker")
HERE = Path(__file__).parent
PATIENCE = 240.0
LASTING = 0.4  # seconds of a note: whoever is killed dies in the middle of many
FROZEN = 33.0  # seconds; a lease lasts 30
_REFUSED = re.compile(r'"event": "run\.fenced_out"')
_REPAIRED = re.compile(r'"event": "sweep\.repaired".*')
_COUNT = re.compile(r'"(dropped|sweep_\w+|signals)": (\d+)')

STATUSES = "select status, count(*) from workflow_executions where parent_id is null group by status"
DOUBLED = """
select count(*) from (
  select execution_id, generation, seq from workflow_steps where error is null and seq > 0
  group by execution_id, generation, seq having count(*) > 1) twice
"""
HOLES = """
select count(*) from (
  select execution_id, generation from workflow_steps where seq > 0
  group by execution_id, generation having count(distinct seq) <> max(seq)) holes
"""
FAILURES = """
select workflow_name || ': ' || (error ->> 'message'), count(*) from workflow_executions
where status = 'failed' group by 1 order by 2 desc limit 10
"""
COMING = "select count(*) from workflow_schedules where status = 'active'"
ROOTS = "select id from workflow_executions where parent_id is null"
DOUBTFUL = "select id, once_call from workflow_executions where status = 'in_doubt'"


@dataclass(frozen=True, slots=True)
class Size:
    executions: int
    kills: int
    postgres_kills: int
    frozen: int
    batch: int  # started between two kills


FULL = Size(20_000, 100, 10, 2, 200)
QUICK = Size(320, 6, 2, 0, 53)


@dataclass(slots=True)
class Report:
    """What is printed; the module says what each means."""

    seed: int
    executions: int = 0
    completed: int = 0
    completion_rate: float = 0.0
    kills: int = 0
    postgres_kills: int = 0
    cuts: int = 0
    frozen: int = 0
    refused: int = 0
    lost: int = 0
    doubled: int = 0
    repeated: int = 0
    repeated_once: int = 0
    repeated_committed: int = 0
    stuck: int = 0
    missed: int = 0
    started_twice: int = 0
    repaired: dict[str, int] = field(default_factory=dict[str, int])
    statuses: dict[str, int] = field(default_factory=dict[str, int])
    failures: dict[str, int] = field(default_factory=dict[str, int])
    full_disk: Any = None
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        wrong = self.lost + self.doubled + self.repeated_once + self.repeated_committed + self.stuck
        wrong += self.missed + self.started_twice
        disk = self.full_disk in ("skipped", None) or not self.full_disk["lost"]
        return not wrong and self.completion_rate == 1.0 and disk


@dataclass(slots=True)
class Campaign:
    """One product, one diary, and all that is done to them."""

    product: Product
    chance: random.Random
    size: Size
    report: Report
    sorts: dict[UUID, str] = field(default_factory=dict[UUID, str])
    schedules: set[str] = field(default_factory=set[str])
    committed: dict[str, int] = field(default_factory=dict[str, int])  # call -> length of the diary when it was seen

    async def run(self) -> None:
        processes = await self.product.start(*ROLES)
        thawing: list[asyncio.Task[None]] = []
        while self.report.kills < self.size.kills or self._begun < self.size.executions:
            await self._start(min(self.size.batch, self.size.executions - self._begun))
            await self._attend()
            if self.report.frozen < self.size.frozen and not any(not task.done() for task in thawing):
                processes = [*processes, *await self.product.start("worker")]
                thawing.append(asyncio.create_task(self._freeze(processes.pop())))
            if self.report.kills < self.size.kills:
                processes = await self._strike(processes)
        await asyncio.gather(*thawing)
        await self._ended()

    async def _start(self, count: int) -> None:
        async with open_app(self.product.settings(), "look") as app:
            caller = app.caller("chaos", "")
            for _ in range(count):
                name = self.chance.choice(sorted(SORTS))
                given = {"diary": str(self.product.diary), "seconds": LASTING, "me": f"{self._begun}"}
                if name == "scheduled":
                    at = app.now() + timedelta(seconds=self.chance.uniform(0.5, 5.0))
                    called = f"run {self._begun}"
                    await app.operations.set_schedule(
                        caller, at, SORTS[name].program, name=called, inputs=given, missed="all"
                    )
                    self.schedules.add(called)
                    continue
                self.sorts[await app.operations.start(caller, SORTS[name].program, inputs=given)] = name

    @property
    def _begun(self) -> int:
        return len(self.sorts) + len(self.schedules)

    async def _strike(self, processes: list[Running]) -> list[Running]:
        """Kill some, cut some connections, start others in their place."""
        await asyncio.sleep(self.chance.random() * 0.5)
        postgres = None
        strikes_left = max(1, (self.size.kills - self.report.kills) * 3 // 4)  # one strike kills one or two
        if self.chance.random() < (self.size.postgres_kills - self.report.postgres_kills) / strikes_left:
            postgres = await self.product.postgres()
            self.report.postgres_kills += 1
        elif self.chance.random() < 0.3:
            await self._cut()
        victims = self.chance.sample(processes, self.chance.choice((1, 1, 2)))
        self.product.kill(*victims, postgres=postgres)
        self.report.kills += len(victims)
        await self._look()
        started = await self.product.start(*(victim.role for victim in victims))
        return [*(each for each in processes if each not in victims), *started]

    async def _cut(self) -> None:
        async with database(self.product.settings()) as where, await connect(where, application="looking") as admin:
            cursor = await admin.execute(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                " where datname = current_database() and application_name like 'botmcp %' and random() < 0.5"
            )
            row = await cursor.fetchone()
            self.report.cuts += row[0] if row else 0

    async def _freeze(self, victim: Running) -> None:
        """Stop a worker for longer than its lease; then it goes on, and does not know."""
        os.kill(victim.pid, signal.SIGSTOP)
        await asyncio.sleep(FROZEN)
        os.kill(victim.pid, signal.SIGCONT)
        await asyncio.sleep(3.0)  # time in which it may do wrong
        self.product.kill(victim)
        self.report.frozen += 1

    async def _look(self) -> None:
        """What is committed now may never be done again."""
        async with database(self.product.settings()) as where, await connect(where, application="looking") as admin:
            cursor = await admin.execute(
                "select execution_id || ':' || generation || ':' || seq from workflow_steps"
                " where keyword like 'NOTE%%' and error is null and ended_at > now() - interval '2 minutes'"
            )
            length = len(notes(self.product.diary))  # after the rows: whatever stands behind was made later
            for (call,) in await cursor.fetchall():
                self.committed.setdefault(call, length)

    async def _attend(self) -> None:
        """A person says yes to whatever is asked, and settles what is in doubt by what the diary says."""
        async with open_app(self.product.settings(), "look") as app:
            caller = app.caller("chaos", "")
            for approval in await app.operations.approvals(caller):
                await app.operations.decide(caller, approval.id, "approve")
            await self._settle(app)

    async def _settle(self, app: App) -> None:
        caller = app.caller("chaos", "")
        async with database(self.product.settings()) as where, await connect(where, application="looking") as admin:
            doubtful = await (await admin.execute(DOUBTFUL)).fetchall()
        noted = {note.call for note in notes(self.product.diary)}
        for execution, n in doubtful:
            took_place = f"{execution}:0:{n}" in noted
            await app.operations.settle(caller, execution, took_place=took_place, value="settled")

    async def _ended(self) -> None:
        until = time.monotonic() + PATIENCE
        async with database(self.product.settings()) as where:
            while (await ledger.unfinished(where) or await self._coming(where)) and time.monotonic() < until:
                await self._attend()
                await asyncio.sleep(0.3)
            await self._count(where)

    async def _coming(self, where: Any) -> int:
        async with await connect(where, application="looking") as admin:
            row = await (await admin.execute(COMING)).fetchone()
        return row[0] if row else 0

    async def _count_schedules(self, admin: Any) -> None:
        """Each has started one run, and these runs are counted with the others."""
        runs = dict(await (await admin.execute("select name, runs from workflow_schedules")).fetchall())
        started = {id_ for (id_,) in await (await admin.execute(ROOTS)).fetchall()} - self.sorts.keys()
        self.report.missed = sum(runs.get(name, 0) == 0 for name in self.schedules)
        twice = sum(max(0, runs.get(name, 0) - 1) for name in self.schedules)
        self.report.started_twice = max(twice, len(started) - len(self.schedules))
        self.sorts |= dict.fromkeys(started, "scheduled")

    async def _count(self, where: Any) -> None:
        report, written = self.report, notes(self.product.diary)
        async with await connect(where, application="looking") as admin:
            report.statuses = dict(await (await admin.execute(STATUSES)).fetchall())
            report.failures = dict(await (await admin.execute(FAILURES)).fetchall())
            for query in (DOUBLED, HOLES):
                row = await (await admin.execute(query)).fetchone()
                report.doubled += row[0] if row else 0
            cursor = await admin.execute("select id, root_id, status from workflow_executions")
            rows = await cursor.fetchall()
            await self._count_schedules(admin)
        roots = {str(id_): root for id_, root, _ in rows}
        status = {id_: how for id_, _, how in rows}
        made: Counter[UUID] = Counter(roots[call.split(":")[0]] for call in {note.call for note in written})
        report.executions = len(self.sorts)
        report.completed = sum(status.get(run) == "completed" for run in self.sorts)
        report.completion_rate = round(report.completed / len(self.sorts), 6)
        report.stuck = sum(how not in ("completed", "failed", "cancelled") for how in status.values())
        report.lost = sum(max(0, SORTS[name].notes - made[run]) for run, name in self.sorts.items())
        report.repeated = len(written) - len({note.call for note in written})
        once = {run for run, name in self.sorts.items() if name == "once"}
        often = Counter(note.call for note in written if note.n == 1 and UUID(note.run) in once)
        report.repeated_once = sum(count - 1 for count in often.values())
        for place, note in enumerate(written):
            report.repeated_committed += self.committed.get(note.call, len(written)) <= place
        logs = "\n".join(log.read_text("utf-8") for log in self.product.logs())
        report.refused = len(_REFUSED.findall(logs))
        repairs: Counter[str] = Counter()
        for line in _REPAIRED.findall(logs):
            for name, count in _COUNT.findall(line):
                repairs[name] += int(count)
        report.repaired = {name: count for name, count in repairs.items() if count}


async def campaign(folder: Path, size: Size, seed: int) -> Report:
    began, report = time.monotonic(), Report(seed)
    async with Product(folder, packages=HERE / "packages") as product:
        await Campaign(product, random.Random(seed), size, report).run()
    report.full_disk = await full_disk(folder / "disk")
    report.seconds = round(time.monotonic() - began, 1)
    return report


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="few runs, few kills")
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    arguments.add_argument("--executions", type=int)
    given = arguments.parse_args()
    size = QUICK if given.quick else FULL
    if given.executions:
        size = Size(
            given.executions, size.kills, size.postgres_kills, size.frozen, max(1, given.executions // size.kills)
        )
    with tempfile.TemporaryDirectory(prefix="botmcp-chaos-") as folder:
        report = asyncio.run(campaign(Path(folder), size, given.seed))
    print(json.dumps(asdict(report), indent=2))
    sys.exit(not report.good)


if __name__ == "__main__":
    main()
