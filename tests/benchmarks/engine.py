"""How fast the engine is beside others, on one Postgres: python tests/benchmarks/engine.py [--quick] [--rounds N]

The same work on our engine, DBOS, LangGraph with its Postgres saver, Procrastinate, Restate, and two floors of raw SQL,
turn by turn in one run, so that a noisy machine is unfair to all alike. One embedded Postgres with its default, full
durability; each engine has a database and processes of its own. The others come from the dependency group `bench`
(`uv sync --group bench`), Restate's server from npm; what is not installed is named in `missing`. Prints one JSON
object.

A step is a call of an outside verb that answers at once with about fifty bytes; its answer is committed before the next
step begins. Ours is real BASIC through the real registry, journal and workers (`botmcp worker`), in two forms: TICK,
a trivial verb, and BOT, calling a dialog of a package (`engine_packages`), where a BOT counts as one step.

throughput    workflows of ten steps, many at once; the fastest way of each engine
latency       one workflow alone: from one step to the next
fan           100 branches with a true join: ours with a statement in each branch, and with a verb in each
resume        from a new process that is ready to the next step of a workflow with that many steps behind it
restarted     200 runs cut by SIGKILL at half way: seconds until all are done, by a new process or by one that survived
waiting       what that many waiting workflows hold of a process's memory
newcomer      a tenant's first step beside 100,000 queued runs of another, from the call that starts it
ratios        medians of this run against each other; the rest of the object is what they are made of

Absolute figures are this machine's at this hour. Only the ratios may be quoted.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

from psycopg import sql
from psycopg.conninfo import make_conninfo

sys.path.remove(str(Path(__file__).parent))  # or its memory.py would stand in the place of the package

from storage import embedded_postgres
from storage.migrate import migrate
from storage.pool import connect
from tests.benchmarks.engine_ours import BOTS, TICKS, Ours, ours
from tests.benchmarks.engine_restate import Restate

HERE = Path(__file__).parent
PATIENCE = 300.0
NEEDED = {"dbos": "dbos", "langgraph": "langgraph.checkpoint.postgres", "procrastinate": "procrastinate"}
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything."""

    rounds: int
    workflows: int  # of ours; the others get as many as take about as long
    bots: int
    peers: int
    steps_alone: int
    history: int
    waiting: int
    queued: int
    newcomers: int


FULL = Sizes(3, 4_000, 500, 60, 200, 10_000, 10_000, 100_000, 40)
QUICK = Sizes(1, 1_000, 60, 20, 60, 500, 2_000, 20_000, 20)


@dataclass(slots=True)
class Contest:
    """All engines on one server."""

    ours: Ours
    dsn: Callable[[str], str]
    restate: Restate | None
    sizes: Sizes
    missing: dict[str, str]
    figures: defaultdict[str, list[Figures]] = field(default_factory=lambda: defaultdict[str, list[Figures]](list))

    async def peer(self, engine: str, what: str, count: int) -> Figures:
        """A measure of another engine, in a process of its own; nothing when it is missing."""
        if engine in self.missing:
            return {}
        command = [sys.executable, str(HERE / "engine_peers.py"), engine, what, self.dsn(engine), str(count)]
        try:
            ran = await asyncio.to_thread(
                subprocess.run, command, capture_output=True, text=True, timeout=PATIENCE, check=True
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            self.missing[f"{engine} {what}"] = str(getattr(error, "stderr", None) or error)[-300:]
            return {}
        return json.loads(ran.stdout.strip().splitlines()[-1])

    async def floor(self, which: str, seconds: float) -> Figures:
        command = [sys.executable, str(HERE / "engine_floors.py"), which, self.dsn("floor"), str(seconds)]
        ran = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
        return json.loads(ran.stdout)

    async def turn(self, name: str, work: Awaitable[Figures]) -> None:
        began = time.monotonic()
        if found := await work:
            self.figures[name].append(found)
        print(f"{time.monotonic() - began:6.1f} s  {name}: {found}", file=sys.stderr, flush=True)

    async def round(self) -> None:
        """Everything that is compared, once, one right after the other."""
        sizes = self.sizes
        seconds = 2.0 if sizes is FULL else 1.0
        await self.turn("floor_one", self.floor("one", seconds))
        await self.turn("ours", self.ours.throughput(sizes.workflows))
        await self.turn("dbos", self.peer("dbos", "throughput", sizes.peers))
        await self.turn("floor_batches", self.floor("many", seconds))
        await self.turn("ours_two", self.ours.throughput(sizes.workflows * 2, processes=2))
        await self.turn("langgraph", self.peer("langgraph", "throughput", sizes.peers // 2))
        await self.turn("procrastinate", self.peer("procrastinate", "throughput", sizes.peers // 2))
        await self.turn("ours_bot", self.ours.throughput(sizes.bots, program=BOTS))
        if self.restate:
            await self.turn("restate", self.restate.throughput(sizes.peers))
        await self.turn("ours_alone", self.ours.latency())
        await self.turn("dbos_alone", self.peer("dbos", "latency", sizes.steps_alone))
        await self.turn("langgraph_alone", self.peer("langgraph", "latency", 30))
        await self.turn("procrastinate_alone", self.peer("procrastinate", "latency", sizes.steps_alone))
        if self.restate:
            await self.turn("restate_alone", self.restate.latency(sizes.steps_alone))
        await self.turn("ours_fan", _named("ms", self.ours.fan(100, "x = {n}", 5)))
        await self.turn("ours_fan_of_verbs", _named("ms", self.ours.fan(100, "x = TICK {n}", 5)))
        await self.turn("dbos_fan", self.peer("dbos", "fan", 100))

    async def once(self) -> None:
        """What takes long, and is compared with itself or with a promise."""
        sizes = self.sizes
        await self.turn("ours_resume_short", _named("ms", self.ours.resume(10, 3)))
        await self.turn("ours_resume", _named("ms", self.ours.resume(sizes.history, 3)))
        await self.turn("dbos_resume", self.peer("dbos", "resume", min(sizes.history, 1_000)))
        await self.turn("ours_restarted", self.ours.recovery(0))
        await self.turn("ours_survived", self.ours.recovery(1))
        await self.turn("ours_waiting", self.ours.waiting(sizes.waiting))
        await self.turn("dbos_waiting", self.peer("dbos", "waiting", min(sizes.waiting, 2_000)))
        await self.turn("newcomer", self.ours.newcomer(sizes.queued, sizes.newcomers))

    def middle(self, name: str, figure: str) -> float | None:
        found = [figures[figure] for figures in self.figures.get(name, ()) if figure in figures]
        return median(found) if found else None

    def ratio(self, one: tuple[str, str], other: tuple[str, str]) -> float | None:
        above, below = self.middle(*one), self.middle(*other)
        return None if above is None or not below else round(above / below, 4)

    def ratios(self) -> dict[str, float | None]:
        rate, p50 = "steps_per_s", "step_p50_ms"
        pairs = {
            "steps_per_s_vs_dbos": (("ours", rate), ("dbos", rate)),
            "cpu_per_step_vs_dbos": (("ours", "cpu_us_per_step"), ("dbos", "cpu_us_per_step")),
            "steps_per_s_vs_langgraph": (("ours", rate), ("langgraph", rate)),
            "steps_per_s_vs_procrastinate": (("ours", rate), ("procrastinate", rate)),
            "steps_per_s_vs_restate": (("ours", rate), ("restate", rate)),
            "steps_per_s_vs_one_by_one_floor": (("ours", rate), ("floor_one", rate)),
            "steps_per_s_vs_floor": (("ours", rate), ("floor_batches", rate)),
            "two_processes_vs_one": (("ours_two", rate), ("ours", rate)),
            "bot_steps_per_s_vs_dbos": (("ours_bot", rate), ("dbos", rate)),
            "step_p50_vs_dbos": (("ours_alone", p50), ("dbos_alone", p50)),
            "step_p50_vs_floor": (("ours_alone", p50), ("floor_one", p50)),
            "step_p50_vs_langgraph": (("ours_alone", p50), ("langgraph_alone", p50)),
            "step_p50_vs_procrastinate": (("ours_alone", p50), ("procrastinate_alone", p50)),
            "step_p50_vs_restate": (("ours_alone", p50), ("restate_alone", p50)),
            "fan100_vs_dbos": (("ours_fan", "ms"), ("dbos_fan", "steps_ms")),
            "fan100_of_verbs_vs_dbos_children": (("ours_fan_of_verbs", "ms"), ("dbos_fan", "children_ms")),
            "resume_long_vs_short": (("ours_resume", "ms"), ("ours_resume_short", "ms")),
            "resume_vs_dbos": (("ours_resume", "ms"), ("dbos_resume", "resume_ms")),
        }
        return {name: self.ratio(*pair) for name, pair in pairs.items()}

    def targets(self) -> dict[str, bool | None]:
        """What was promised for a quiet machine with two cores."""
        ratios = self.ratios()

        def least(found: float | None, bound: float) -> bool | None:
            return None if found is None else found >= bound

        def most(found: float | None, bound: float) -> bool | None:
            return None if found is None else found <= bound

        return {
            "at least 30 times DBOS in one process": least(ratios["steps_per_s_vs_dbos"], 30),
            "50 times (stretch)": least(ratios["steps_per_s_vs_dbos"], 50),
            "at least 0.15 of the batched floor": least(ratios["steps_per_s_vs_floor"], 0.15),
            "two processes at least 1.5 times one": least(ratios["two_processes_vs_one"], 1.5),
            "a step's median at most 0.25 of DBOS": most(ratios["step_p50_vs_dbos"], 0.25),
            "100 branches within 12 ms": most(self.middle("ours_fan", "ms"), 12),
            "resumed within 15 ms": most(self.middle("ours_resume", "ms"), 15),
            "cut at half way: done 0.7 s after a restart": most(self.middle("ours_restarted", "seconds"), 0.7),
            "cut at half way: done within 1 s by a survivor": most(self.middle("ours_survived", "seconds"), 1.0),
            "10,000 waiting within 1 MB": most(self.middle("ours_waiting", "rss_mb"), 1),
            "at most 1.2 kB of WAL a step": most(self.middle("ours", "wal_bytes_per_step"), 1_200),
            "a newcomer starts within 50 ms (p95)": most(self.middle("newcomer", "p95_ms"), 50),
            "BOT at least 10 times DBOS": least(ratios["bot_steps_per_s_vs_dbos"], 10),
        }

    def report(self) -> dict[str, Any]:
        medians = {
            name: {figure: round(self.middle(name, figure) or 0.0, 3) for figure in found[0]}
            for name, found in self.figures.items()
        }
        return {"ratios": self.ratios(), "targets": self.targets(), "missing": self.missing, "medians": medians}


async def _named(name: str, work: Awaitable[float]) -> Figures:
    return {name: await work}


async def contest(folder: Path, sizes: Sizes) -> Mapping[str, Any]:
    server = await embedded_postgres.start(folder / "postgres", durable=True)

    def dsn(name: str) -> str:
        return make_conninfo(server.dsn, dbname=f"bench_{name}")

    missing = {name: "not installed" for name, module in NEEDED.items() if not _installed(module)}
    try:
        async with await connect(server.dsn, application="benchmark") as admin:
            for name in ("ours", "floor", *NEEDED):
                await admin.execute(sql.SQL("create database {}").format(sql.Identifier(f"bench_{name}")))
        await migrate(dsn("ours"))
        async with (
            ours(folder / "ours", dsn("ours")) as product,
            Restate.started(folder / "restate", missing) as restate,
        ):
            found = Contest(product, dsn, restate, sizes, missing)
            await product.throughput(100, program=TICKS)  # everything has run once before it counts
            for _ in range(sizes.rounds):
                await found.round()
            await found.once()
            return found.report()
    finally:
        await server.stop()


def _installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="one round, little of everything")
    arguments.add_argument("--rounds", type=int, help="rounds, of which the medians are taken")
    given = arguments.parse_args()
    sizes = QUICK if given.quick else FULL
    if given.rounds:
        sizes = replace(sizes, rounds=given.rounds)
    with tempfile.TemporaryDirectory(prefix="botmcp-bench-") as folder:
        report = asyncio.run(contest(Path(folder), sizes))
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
