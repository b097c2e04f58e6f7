"""The product's real processes, to be killed: `botmcp worker`, `botmcp serve`, the background server, Postgres."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mcp_server.settings import Settings, read
from storage import embedded_postgres
from tests.chaos import diary
from tests.plugin import install

PATIENCE = 60.0  # seconds for a process to be ready
ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "background": ("background",),
    "serve": ("serve", "--port", "0"),
    "worker": ("worker",),
}
READY = {"background": "background.started", "serve": "serve.listening", "worker": "worker.started"}


@dataclass(frozen=True, slots=True)
class Running:
    """A process of the product, what it wrote, and the file with its log."""

    role: str
    process: subprocess.Popen[bytes]
    said: Path
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    async def ready(self) -> None:
        """Returns when it claims work."""
        until = time.monotonic() + PATIENCE
        while not self._says_ready():
            code = self.process.poll()
            assert code is None, f"{self.role} ended with {code}: {self.said.read_text('utf-8')}{self._words()[-2000:]}"
            assert time.monotonic() < until, f"{self.role} is not ready: {self._words()[-2000:]}"
            await asyncio.sleep(0.02)

    def _says_ready(self) -> bool:
        lines = self._words().splitlines()
        # several lives of the background server write to one file
        return any(READY[self.role] in line and (self.role != "background" or str(self.pid) in line) for line in lines)

    def _words(self) -> str:
        return self.log.read_text("utf-8") if self.log.exists() else ""


class Product:
    """Processes on one data folder, with the plugin of the crash tests; on another's database if one is given."""

    def __init__(self, folder: Path, database: str = "", packages: Path | None = None) -> None:
        self.home, self.diary = folder / "home", folder / "diary.txt"
        self._plugins, self._logs = folder / "plugins", folder / "logs"
        self._logs.mkdir(parents=True)
        install(self._plugins, "diary", Path(diary.__file__).read_text("utf-8"))
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
        own = {"BOTMCP_HOME": str(self.home), "BOTMCP_PLUGINS": "diary", "DATABASE_URL": database}
        if packages:
            own["BOTMCP_PACKAGES"] = str(packages)
        self._environment = {**kept, **own, "PYTHONPATH": str(self._plugins)}
        self.running: list[Running] = []
        self._started = 0

    def settings(self) -> Settings:
        """The processes' settings, for this process to look at their database."""
        return read(self._environment)

    async def __aenter__(self) -> Product:
        sys.path.insert(0, str(self._plugins))  # the plugin is found in this process too
        return self

    async def __aexit__(self, *_: object) -> None:
        sys.path.remove(str(self._plugins))
        await self.end()

    async def start(self, *roles: str) -> list[Running]:
        """Start one process a role; returns when all of them claim work."""
        started = [self._start(role) for role in roles]
        await asyncio.gather(*(each.ready() for each in started))
        return started

    def _start(self, role: str) -> Running:
        self._started += 1
        said = self._logs / f"{self._started}-{role}.log"
        with said.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "mcp_server.entry", *ARGUMENTS[role]],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        log = self.home / "log" / "background.log" if role == "background" else said
        self.running.append(Running(role, process, said, log))
        return self.running[-1]

    def kill(self, *processes: Running, postgres: int | None = None) -> None:
        """SIGKILL, one right after the other in any order; returns when the processes are gone."""
        pids = [each.pid for each in processes]
        if postgres is not None:
            pids += [postgres, *_children(postgres)]
        random.shuffle(pids)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for each in processes:
            each.process.wait()
        self.running = [each for each in self.running if each not in processes]

    def logs(self) -> list[Path]:
        """What all the processes wrote."""
        return [*self._logs.glob("*.log"), *(self.home / "log").glob("*.log")]

    async def postgres(self) -> int:
        """The process id of the embedded Postgres that they use."""
        server = await embedded_postgres.start(self.home / "postgres")
        await server.stop()  # which only leaves: the others use it
        return server.pid

    async def end(self) -> None:
        """Let nothing outlive the test."""
        self.kill(*self.running)
        if (self.home / "postgres").exists():
            server = await embedded_postgres.start(self.home / "postgres")
            await server.stop()  # the last user stops it


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int((folder / "stat").read_text("utf-8").rsplit(")", 1)[1].split()[1]) == pid:
                found.append(int(folder.name))
    return found
