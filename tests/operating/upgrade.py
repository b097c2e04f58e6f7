"""A cluster that is upgraded while it works: `python -m tests.operating.upgrade [--runs N] [--quick]`.

A database of an earlier release is restored from its kept dump, with an execution at each kind of wait. Workers of that
release (its code is kept beside the dump) go on with it. The tables are migrated under them, workers of this release
join, more work is started than before, everything that waits is let go, the old workers leave one by one - one of them
killed - and in the end everything has come to its end, once, with the answer it would have had.

One JSON object on stdout; exit code 1 when anything is lost, doubled or wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import lzma
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from keywords.host import ProgramText
from mcp_server.app import App, open_app
from mcp_server.settings import read
from storage import embedded_postgres
from storage.migrate import migrate
from storage.pool import connect
from tests.plugin import install
from tests.workflow.house import OWNER, House
from tests.workflow.waits import DATA, WAITS, program

ROOT = Path(__file__).parents[2]
RELEASE = "0009"
WAITING_SECONDS = 90.0
PLUGIN = '''
import os

from keywords.host import Child, ProgramText, Spawn
from keywords.mistakes import Transient
from keywords.registry import Effect, keyword

TOUCHES = {"code": ["environment"], "also": ["executions"]}


@keyword("FLICKER {times} [AFTER {seconds}]", effect=Effect.IDEMPOTENT, example="FLICKER 2", group="test")
async def flicker(host, times, seconds=0.0):
    """Fail for the moment, so many times."""
    if host.attempt <= times:
        raise Transient("not yet", after=seconds)
    return host.attempt


@keyword("STRIKE {name}", effect=Effect.ONCE, example='STRIKE "a"', group="test")
async def strike(host, name):
    """Act, never twice."""
    return name


@keyword("WHO WORKS", effect=Effect.IDEMPOTENT, example="WHO WORKS", group="test")
async def who(host):
    """The process that carries this call out."""
    return os.getpid()


@keyword("ASK {name}", effect=Effect.WAIT, example='ASK "child"', group="test")
async def ask(host, name):
    """Run a program as a child."""
    return Spawn((Child(name, {}, ProgramText("RETURN 1", name)),), f"program {name}")


KEYWORDS = (flicker, strike, who, ask)
'''
FRESH = """
ORCHESTRATE WORKFLOW "fresh"
PARAM number AS INTEGER
first = WHO WORKS
DELAY 1
SET BOT MEMORY "fresh/" + number, number
e = WAIT FOR EVENT "fresh.go" TIMEOUT 300
second = WHO WORKS
DELAY 1
third = WHO WORKS
PARALLEL
BRANCH a: x = WHO WORKS
BRANCH b: y = WHO WORKS
END PARALLEL
RETURN {"number": number, "went": e.n, "who": [first, second, third, x, y], "kept": GET BOT MEMORY "fresh/" + number}
END WORKFLOW
"""
STATUSES = b"select id, status, workflow_name from workflow_executions where parent_id is null"
TWICE = b"""
    select count(*) from (
        select 1 from workflow_steps where error is null and attempt > 0
        group by execution_id, generation, seq having count(*) > 1) twice"""


@dataclass(slots=True)
class Workers:
    """Worker processes of both releases."""

    folder: Path
    dsn: str
    known: dict[int, str] = field(default_factory=dict[int, str])  # process -> release
    running: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])

    def start(self, release: str) -> subprocess.Popen[bytes]:
        code = self.folder / "old" if release == "old" else ROOT
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
        environment = kept | {
            "BOTMCP_HOME": str(self.folder / f"home {release}"),
            "DATABASE_URL": self.dsn,
            "BOTMCP_PLUGINS": "house",
            "PYTHONPATH": os.pathsep.join((str(code), str(self.folder / "plugins"))),
        }
        told = [sys.executable, "-c", "import sys\nfrom mcp_server.entry import main\nsys.exit(main())", "worker"]
        log = (self.folder / f"{release}.log").open("ab")
        process = subprocess.Popen(told, env=environment, cwd=code, stdout=log, stderr=log)
        log.close()
        self.running.append(process)
        self.known[process.pid] = release
        return process

    def end(self, process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> int:
        process.send_signal(number)
        code = process.wait(60)
        self.running.remove(process)
        return code

    def said(self) -> str:
        return "\n".join(file.read_text("utf-8", "replace")[-2000:] for file in sorted(self.folder.glob("*.log")))


def unpacked(folder: Path) -> None:
    """The code of the earlier release."""
    with tarfile.open(fileobj=BytesIO(lzma.decompress((DATA / f"release_{RELEASE}.tar.xz").read_bytes()))) as archive:
        archive.extractall(folder / "old", filter="data")


async def restored(dsn: str) -> None:
    async with await connect(dsn) as connection:  # roles belong to the server and are in no dump
        await connection.execute(ROLES)
    told = [program("psql"), "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--dbname", dsn]
    dump = gzip.decompress((DATA / f"waiting_{RELEASE}.sql.gz").read_bytes())
    await asyncio.to_thread(subprocess.run, told, input=dump, check=True, capture_output=True)


async def rows(dsn: str, query: bytes) -> Sequence[tuple[Any, ...]]:
    async with await connect(dsn) as connection:
        return await (await connection.execute(query)).fetchall()


async def until(dsn: str, workers: Workers, wanted: Any, query: bytes) -> None:
    """Returns when the query answers this; raises with what the workers said when it does not in time."""
    try:
        async with asyncio.timeout(WAITING_SECONDS):
            while [tuple(row) for row in await rows(dsn, query)] != wanted:
                for process in workers.running:
                    assert process.poll() is None, f"a worker ended by itself\n{workers.said()}"
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"{query!r}: {await rows(dsn, query)}\n{workers.said()}") from None


ROLES = b"""
    do $$ begin
        if not exists (select from pg_roles where rolname = 'botmcp_engine') then
            create role botmcp_engine nologin;
            create role botmcp_request nologin;
        end if;
    end $$"""
CALLS = b"select answer from workflow_steps where keyword = 'WHO WORKS' and error is null"
LIVE_WORKERS = b"select count(*) from workers where lease_until > now()"


async def upgrade(folder: Path, dsn: str, fresh: int) -> Mapping[str, Any]:
    """The whole of it, on an empty database."""
    install(folder / "plugins", "house", PLUGIN)
    await asyncio.to_thread(unpacked, folder)
    await restored(dsn)
    async with await connect(dsn) as connection:
        await connection.execute("delete from workers")
    workers = Workers(folder, dsn)
    try:
        return await _upgraded(folder, dsn, fresh, workers)
    finally:
        for process in list(workers.running):
            workers.end(process, signal.SIGKILL)


async def _upgraded(folder: Path, dsn: str, fresh: int, workers: Workers) -> Mapping[str, Any]:
    before = await _applied(dsn)
    old = [workers.start("old"), workers.start("old")]
    await until(dsn, workers, [(2,)], LIVE_WORKERS)
    migrated = [step.version for step in await migrate(dsn) if step.applied]  # under the old workers
    async with _operations(folder, dsn) as home:
        kept = {name: id_ for id_, _, name in await rows(dsn, STATUSES)}
        assert kept.keys() == WAITS.keys() - (WAITS.keys() - kept.keys()) and len(kept) >= 15
        started = [await _start(home, number) for number in range(fresh)]
        workers.start("new")
        await until(dsn, workers, [(3,)], LIVE_WORKERS)
        started += [await _start(home, number) for number in range(fresh, 2 * fresh)]
        for name in sorted(kept):
            await WAITS[name].let_go(home, kept[name])
        await until(dsn, workers, [(2 * fresh,)], b"select count(*) from workflow_waits where event_name = 'fresh.go'")
        await home.operations.publish(OWNER, "fresh.go", {"n": 7})
        killed = workers.end(old[0], signal.SIGKILL)  # it held some of them
        left = workers.end(old[1])
        workers.start("new")
        wrong = [*await _wrong_waits(home, kept), *await _wrong_fresh(home, started)]
    who: Counter[str] = Counter()
    for (answer,) in await rows(dsn, CALLS):
        pid = answer.get("v") if isinstance(answer, dict) else answer
        who[workers.known.get(int(pid or 0), "?")] += 1
    twice = (await rows(dsn, TWICE))[0][0]
    return {
        "from_migration": before,
        "applied_under_old_workers": migrated,
        "kinds_of_wait": len(kept),
        "fresh_executions": len(started),
        "calls_by_old_workers": who["old"],
        "calls_by_new_workers": who["new"],
        "old_worker_killed": killed,
        "old_worker_left_with": left,
        "calls_journalled_twice": twice,
        "wrong": wrong,
    }


async def _applied(dsn: str) -> int:
    return (await rows(dsn, b"select max(version) from schema_migrations"))[0][0]


@asynccontextmanager
async def _operations(folder: Path, dsn: str) -> AsyncGenerator[House]:
    """This release's operations, without a worker."""
    install_on_path = str(folder / "plugins")
    sys.path.insert(0, install_on_path)
    try:
        settings = read({"BOTMCP_HOME": str(folder / "home look"), "DATABASE_URL": dsn, "BOTMCP_PLUGINS": "house"})
        async with open_app(replace(settings), "look") as app:
            yield cast("House", SimpleNamespace(operations=app.operations, engine=_engine(app)))
    finally:
        sys.path.remove(install_on_path)
        sys.modules.pop("botmcp_house", None)


def _engine(app: App) -> Any:
    return SimpleNamespace(pool=app.pool)


async def _start(home: House, number: int) -> tuple[UUID, int]:
    text = ProgramText(FRESH, "fresh")
    return await home.operations.start(OWNER, text, inputs={"number": number}, bot_name="fresh"), number


async def _wrong_waits(home: House, kept: Mapping[str, UUID]) -> list[str]:
    found: list[str] = []
    for name, execution in kept.items():
        ended = await home.operations.wait(OWNER, execution, WAITING_SECONDS)
        if (ended.status, ended.result) != ("completed", WAITS[name].result):
            found.append(f"{name}: {ended.status} {ended.result!r} {ended.error or ended.reason or ''}")
    return found


async def _wrong_fresh(home: House, started: Sequence[tuple[UUID, int]]) -> list[str]:
    found: list[str] = []
    for execution, number in started:
        ended = await home.operations.wait(OWNER, execution, WAITING_SECONDS)
        result: dict[str, Any] = ended.result if isinstance(ended.result, dict) else {}
        expected = (number, 7, str(number))
        if ended.status != "completed" or (result["number"], result["went"], str(result["kept"])) != expected:
            found.append(f"fresh {number}: {ended.status} {ended.result!r} {ended.error or ended.reason or ''}")
    return found


def ok(report: Mapping[str, Any]) -> bool:
    """Whether nothing was lost, doubled or wrong, and both releases did work."""
    both = report["calls_by_old_workers"] > 0 and report["calls_by_new_workers"] > 0
    return both and not report["wrong"] and not report["calls_journalled_twice"]


async def main(arguments: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder:
        server = await embedded_postgres.start(Path(folder) / "postgres", durable=False)
        try:
            report = await upgrade(Path(folder), server.dsn, 20 if arguments.quick else arguments.runs)
        finally:
            await server.stop()
    print(json.dumps({"benchmark": "upgrade", **report, "ok": ok(report)}))
    return 0 if ok(report) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="fresh executions before and after the upgrade, each")
    parser.add_argument("--quick", action="store_true")
    sys.exit(asyncio.run(main(parser.parse_args())))
