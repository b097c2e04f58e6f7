"""The background server of one user: a worker, an MCP session per client, the inbox; behind a socket of its own.

It lives while a client is connected, an execution is unfinished or a schedule is active, then for the idle time. A
client that is newer, or that was given other settings, retires it: it gives up its place to another server, serves its
last connections and goes; both share the work meanwhile. `rendezvous.py` says how they meet.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from mcp.server import MCPServer

from mcp_server import inbox, logs, session
from mcp_server.app import App, open_app
from mcp_server.cli.errors import known, named
from mcp_server.mcp_face import offer
from mcp_server.rendezvous import STOPPED, Hello, Place, heard, newer, place, version
from mcp_server.server import build
from mcp_server.settings import Settings

LOOK_SECONDS = 2.0  # between looks at whether anything is left to do
log = structlog.get_logger()


async def serve(settings: Settings) -> None:
    """Be the background server until nothing is left to do, or somebody stops it; at once when there is one already."""
    meeting = place(settings.made_home())
    with _place_held(meeting) as lock, _folder_held(settings.home) as folder:
        if lock is None:
            return
        try:
            async with open_app(settings, "background") as app, inbox.listening(app) as address:
                await Background(app, meeting, lock, folder, address).run()
        except Exception as error:
            why = str(error) if isinstance(error, known()) else f"The background server failed: {named(error)}."
            log_file = logs.file_of(settings, "background")
            meeting.start_error.write_text(f"{why} Its log is {log_file}.\n", "utf-8")
            raise


@contextmanager
def _place_held(meeting: Place) -> Generator[int | None]:
    """The place of the current server, None when it is taken; the kernel frees it when we die."""
    lock = os.open(meeting.server_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        yield None
        return
    try:
        yield lock
    finally:
        os.close(lock)


@contextmanager
def _folder_held(home: Path) -> Generator[int]:
    """The data folder, opened: while it is, no other folder is mistaken for it."""
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield folder
    finally:
        os.close(folder)


def _still_at(path: Path, opened: int) -> bool:
    """Whether the path leads to what we opened there, neither removed nor moved nor made anew."""
    with contextlib.suppress(OSError):
        return os.path.samestat(path.stat(), os.fstat(opened))
    return False


class Background:
    """What one background server holds while it lives."""

    def __init__(self, app: App, meeting: Place, lock: int, folder: int, inbox_address: str) -> None:
        self._app = app
        self._meeting = meeting
        self._lock, self._folder = lock, folder
        self._inbox_address = inbox_address
        self._mcp: MCPServer[App] = build(app)
        self._hello = Hello(version(), app.settings.fingerprint)
        self._since = datetime.now(UTC)
        self._clients: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}
        self._retired = False
        self._leaving = asyncio.Event()
        self._changed = asyncio.Event()  # a client came or went
        self._stops: list[asyncio.StreamWriter] = []
        self._socket = meeting.socket

    async def run(self) -> None:
        """Answer clients until it is time to go."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._leaving.set)
        async with self._answering():
            log.info("background.started", pid=os.getpid(), version=self._hello.version)
            idling = asyncio.create_task(self._idle_away())
            try:
                await self._leaving.wait()
            finally:
                idling.cancel()
            log.info("background.leaving", clients=len(self._clients), retired=self._retired)
        if self._clients:
            for task, writer in list(self._clients.items()):
                with contextlib.suppress(ConnectionError, TimeoutError):
                    writer.write(STOPPED)
                    await asyncio.wait_for(writer.drain(), 1)
                task.cancel()
            await asyncio.wait(self._clients.copy())

    @asynccontextmanager
    async def _answering(self) -> AsyncGenerator[None]:
        draft = self._meeting.folder / f"draft-{os.getpid()}"
        draft.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(self._connection, draft, limit=session.LONGEST_MESSAGE)
        draft.chmod(0o600)
        draft.replace(self._socket)  # in one move: whoever finds the socket finds it answering
        try:
            yield
        finally:
            self._socket.unlink(missing_ok=True)
            fcntl.flock(self._lock, fcntl.LOCK_UN)  # after the unlink: the next server's socket has the same name
            server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            hello = heard(await asyncio.wait_for(reader.readline(), 10))
        except (TimeoutError, ConnectionError, ValueError):
            hello = None
        if hello is None:
            writer.close()
            return
        match hello.want:
            case "mcp":
                await self._mcp_client(hello, reader, writer)
            case "status":
                await self._last_word(writer, "status", await self._about())
            case "stop":
                self._stops.append(writer)  # stays open: its end tells that the process has ended
                writer.write(self._answer("stopping"))
                await writer.drain()
                self._leaving.set()
            case _:
                writer.close()

    def _answer(self, answer: str, about: dict[str, Any] | None = None) -> bytes:
        return Hello(self._hello.version, self._hello.settings, "", answer, about).line()

    async def _last_word(self, writer: asyncio.StreamWriter, answer: str, about: dict[str, Any] | None = None) -> None:
        with contextlib.suppress(ConnectionError):
            writer.write(self._answer(answer, about))
            await writer.drain()
        writer.close()

    async def _mcp_client(self, hello: Hello, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._leaving.is_set() or self._retired or self._outdated(hello):
            self._retire()
            await self._last_word(writer, "retiring")
            return
        task = asyncio.current_task()
        assert task is not None
        self._clients[task] = writer
        self._changed.set()
        try:
            writer.write(self._answer("welcome"))
            with offer.connection(offer.heard(hello.about)):
                await session.serve(self._mcp, reader, writer)
        except ConnectionError:
            pass
        finally:
            self._clients.pop(task, None)
            self._changed.set()
            writer.close()

    def _outdated(self, hello: Hello) -> bool:
        """Whether the client needs another server; an older client can use a newer server."""
        if newer(self._hello.version, hello.version):
            return False
        return newer(hello.version, self._hello.version) or hello.settings != self._hello.settings

    def _retire(self) -> None:
        if self._retired or self._leaving.is_set():
            return
        self._retired = True
        log.info("background.retired", clients=len(self._clients))
        retired = self._meeting.folder / f"retired-{os.getpid()}.sock"
        self._socket.replace(retired)
        self._socket = retired
        fcntl.flock(self._lock, fcntl.LOCK_UN)  # only now may another server take the place
        self._changed.set()

    async def _idle_away(self) -> None:
        """Leave once nobody was connected and nothing unfinished for the idle time; a retired server need not wait."""
        clock, meeting = asyncio.get_running_loop().time, self._meeting
        busy_at = clock()
        while True:
            # Both: where the data folder's path is long, the lock is elsewhere.
            if not (_still_at(self._app.settings.home, self._folder) and _still_at(meeting.server_lock, self._lock)):
                # The data folder was removed or moved: nobody finds us, and what we did would make it anew.
                log.warning("background.folder_gone")
                os._exit(0)
            self._changed.clear()
            unfinished = 0 if self._retired else await self._unfinished(scheduled=True)
            # in this order: a client may have come while the database was asked
            if self._clients or unfinished or self._app.visits.lately(clock()):
                busy_at = clock()
            elif self._retired or clock() - busy_at >= self._app.settings.idle_seconds:
                break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), LOOK_SECONDS)
        self._leaving.set()

    async def _unfinished(self, *, scheduled: bool = False) -> int:
        try:
            found = await self._app.operations.unfinished()
            return found + (await self._app.operations.scheduled() if scheduled else 0)
        except Exception:
            log.warning("background.unfinished_unknown", exc_info=True)
            return 1

    async def _about(self) -> dict[str, Any]:
        return {
            "pid": os.getpid(),
            "since": self._since.isoformat(),
            "clients": len(self._clients),
            "unfinished": await self._unfinished(),
            "retired": self._retired,
            "inbox": self._inbox_address,
        }
