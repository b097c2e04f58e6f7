"""The processes that `coordination.py` measures: the product's server on a fresh data folder, and the model server."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from storage import embedded_postgres, pool

HERE = Path(__file__).parent
PACKAGES = HERE / "packages"
PATIENCE = 120.0  # seconds for a process to be ready
STATISTICS = 1.5  # seconds after which Postgres has counted what its idle sessions did
_KILOBYTES = re.compile(r"^(\w+):\s+(\d+) kB", re.MULTILINE)

COUNTED = """
select (select xact_commit from pg_stat_database where datname = current_database()),
  (select coalesce(sum(fsyncs), 0) from pg_stat_io where object = 'wal'),
  (select wal_bytes from pg_stat_wal), (select sum(seq) from workflow_executions),
  (select count(*) from workflow_executions), (select count(*) from workflow_steps)
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """What the database has counted so far."""

    transactions: float  # reads too
    fsyncs: float
    wal_bytes: float
    turns: float  # commits of executions, before the committer groups them
    executions: float
    journal_rows: float

    def since(self, before: Counts, workflows: int) -> dict[str, float]:
        """How much of each one workflow has cost."""
        names = ("transactions", "fsyncs", "wal_bytes", "turns", "executions", "journal_rows")
        return {name: round((getattr(self, name) - getattr(before, name)) / workflows, 1) for name in names}


@dataclass(frozen=True, slots=True)
class Product:
    """`botmcp serve` on a data folder of its own, and its embedded Postgres."""

    server: Process
    address: str
    postgres: embedded_postgres.EmbeddedPostgres

    async def counts(self) -> Counts:
        """The database's counts, once its sessions have told them."""
        await asyncio.sleep(STATISTICS)
        async with await pool.connect(self.postgres.reach, application="benchmark") as connection:
            row = await (await connection.execute(COUNTED)).fetchone()
        assert row is not None
        return Counts(*(float(number or 0) for number in row))

    def cpu_seconds(self) -> dict[str, float]:
        """What the server and its Postgres have computed so far; nothing where the system does not tell."""
        server, database = _cpu(self.server.pid), sum(map(_cpu, _family(self.postgres.pid)))
        return {"server": server, "postgres": database}

    def memory_mb(self) -> dict[str, float]:
        """What is resident now: all of the server, its own share of it, and the share of all of Postgres."""
        resident, share = _memory(self.server.pid)
        database = sum(_memory(pid)[1] for pid in _family(self.postgres.pid))
        return {"server_rss": resident, "server_pss": share, "postgres_pss": round(database, 1)}


@asynccontextmanager
async def running_product(home: Path, model_address: str) -> AsyncGenerator[Product]:
    """The server, ready, with one model; it ends with the context."""
    home.mkdir(parents=True)
    model = f'[[models]]\nname = "openai/advisor"\nurl = "{model_address}/v1"\ninput_price = 1.0\noutput_price = 2.0\n'
    (home / "botmcp.toml").write_text(model, "utf-8")
    own = {"BOTMCP_HOME": str(home), "BOTMCP_PACKAGES": str(PACKAGES)}
    async with _running([sys.executable, "-m", "mcp_server.entry", "serve", "--port", "0"], own) as server:
        address = await _said(server, r"(http://[\d.:]+)/mcp", "stderr")
        listening = asyncio.create_task(_drained(server, "stderr"))
        postgres = await embedded_postgres.start(home / "postgres")
        try:
            yield Product(server, address, postgres)
        finally:
            await postgres.stop()  # which only leaves: the server stops it
            server.terminate()
            await server.wait()
            await listening


@asynccontextmanager
async def running_model(seconds: float) -> AsyncGenerator[str]:
    """The model server's address."""
    program = [sys.executable, str(HERE / "coordination_model.py"), str(seconds)]
    async with _running(program, {}) as process:
        address = await _said(process, r"(http://\S+)", "stdout")
        yield address


@asynccontextmanager
async def _running(program: list[str], own: Mapping[str, str]) -> AsyncGenerator[Process]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    process = await asyncio.create_subprocess_exec(*program, env={**kept, **own}, stdout=PIPE, stderr=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _said(process: Process, pattern: str, stream: str) -> str:
    """What a line of the process says; raises with all it said when it ends without."""
    reader: asyncio.StreamReader = getattr(process, stream)
    said = b""
    async with asyncio.timeout(PATIENCE):
        while line := await reader.readline():
            said += line
            if found := re.search(pattern, line.decode()):
                return found[1]
    raise RuntimeError(f"a process ended before it was ready: {said.decode()}")


async def _drained(process: Process, stream: str) -> None:
    reader: asyncio.StreamReader = getattr(process, stream)
    while line := await reader.readline():
        if b"error" in line.lower():
            sys.stderr.write(line.decode())


# -- what Linux tells of processes -------------------------------------------------------------------------------------


def _family(pid: int) -> Iterator[int]:
    """The process and its children."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text("utf-8").split():
            yield int(child)


def _memory(pid: int) -> tuple[float, float]:
    """Resident and proportional megabytes; nothing where the system does not tell, or of a process that has ended."""
    try:
        told = dict(_KILOBYTES.findall(Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8")))
    except OSError:
        return 0.0, 0.0
    return round(int(told["Rss"]) / 1024, 1), round(int(told["Pss"]) / 1024, 1)


def _cpu(pid: int) -> float:
    try:
        parts = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    own = int(parts[11]) + int(parts[12])
    ended_children = int(parts[13]) + int(parts[14])
    return (own + ended_children) / os.sysconf("SC_CLK_TCK")
