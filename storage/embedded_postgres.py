"""A private Postgres for whoever has none: no install, no port, one folder, shared by all our processes.

server = await start(folder)           # about 1.3 s the first time, 0.1 s after, nothing when it already runs
async with open_pool(server.reach): ...
await server.stop()                    # the last process to leave stops it
"""

from __future__ import annotations

import asyncio
import atexit
import os
from pathlib import Path

import structlog

from storage.postgres_account import NoPostgres
from storage.postgres_launcher import Launcher, Postmaster

__all__ = ["EmbeddedPostgres", "NoPostgres", "start"]

log = structlog.get_logger()

POLL_SECONDS = 1.0
"""How often a server is looked at where the system cannot tell us of its death (macOS)."""


class EmbeddedPostgres:
    """A use of the embedded server by this process, until `stop`."""

    def __init__(self, launcher: Launcher, postmaster: Postmaster) -> None:
        self._launcher, self._postmaster = launcher, postmaster
        self._one = asyncio.Lock()
        # a backstop for an exit that forgets to stop; the loop is gone by then
        atexit.register(launcher.stop)

    @property
    def dsn(self) -> str:
        """Where the server is; the same after a restart unless the machine's temporary folder moved."""
        return self._postmaster.dsn

    @property
    def pid(self) -> int:
        return self._postmaster.pid

    async def ensure(self) -> bool:
        """Sees to it that the server runs, after any death; says whether it had to be started. Cheap when it runs."""
        async with self._one:
            running, started = self._launcher.running(), False
            if running is None:
                running, started = await asyncio.to_thread(self._launcher.start)
            self._postmaster = running
            return started

    async def reach(self) -> str:
        """The dsn of a server that runs: what a pool asks before each new connection."""
        await self.ensure()
        return self.dsn

    async def keep_running(self) -> None:
        """Restarts the server whenever it dies, for as long as this task lives; cancel it before `stop`."""
        while True:
            try:
                await self.ensure()
            except (NoPostgres, OSError) as error:  # a full disk, say: it may be given room
                log.warning("postgres.not_restarted", error=str(error))
                await asyncio.sleep(POLL_SECONDS)
                continue
            await _death(self.pid)

    async def stop(self) -> bool:
        """Leaves; answers True when we were the last user and the server has stopped."""
        atexit.unregister(self._launcher.stop)
        async with self._one:
            return await asyncio.to_thread(self._launcher.stop)


async def start(data_dir: Path, *, durable: bool = True, namespaces: bool = True) -> EmbeddedPostgres:
    """Starts the Postgres kept in `data_dir`, or joins the one that runs there; raises NoPostgres with what to do.

    Not `durable` spares the disk and is for tests. `namespaces` off makes root behave as where they are refused.
    """
    launcher = Launcher(data_dir, durable=durable, namespaces=namespaces)
    postmaster, _ = await asyncio.to_thread(launcher.start)
    return EmbeddedPostgres(launcher, postmaster)


async def _death(pid: int) -> None:
    """Returns when the process has ended."""
    if not hasattr(os, "pidfd_open"):
        await asyncio.sleep(POLL_SECONDS)
        return
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(handle, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)
