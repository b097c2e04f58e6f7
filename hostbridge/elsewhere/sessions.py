"""MCP sessions with other servers, kept while they are used: one for each server, opened when it is first asked."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import anyio
import httpx2
import structlog
from mcp import Client, MCPError
from mcp.types import CONNECTION_CLOSED, INVALID_REQUEST, REQUEST_TIMEOUT, Implementation

from hostbridge.elsewhere import wire
from hostbridge.elsewhere.choosing import Tool
from hostbridge.elsewhere.plain import PlainCalls
from hostbridge.elsewhere.servers import Server
from keywords.mistakes import BadAnswer, ProgramError, Transient
from storage.outgoing import AGENT, Forbidden, Gate, OutgoingError, TooLarge
from storage.subprocesses import NotAllowed, SubprocessError

T = TypeVar("T")
IDLE = 120.0  # seconds after which a session that nobody uses is ended
OPENING = 30.0
PAGES = 20  # of a list of tools
FRESH = 60.0  # seconds for which a list of tools counts
BROKEN = (OSError, httpx2.HTTPError, anyio.ClosedResourceError, anyio.BrokenResourceError, anyio.EndOfStream)
GONE = frozenset({CONNECTION_CLOSED, REQUEST_TIMEOUT, INVALID_REQUEST})  # the last one: it has forgotten our session
log = structlog.get_logger()


class NotReached(ProgramError):
    """The server is not one that programs may reach, or cannot be started."""

    kind = "forbidden"


class Sessions:
    """The sessions of a process. `allowed` are private hosts and networks that packages may name, `programs` what their
    servers may be started with."""

    def __init__(self, allowed: Collection[str] = (), programs: Collection[str] = ()) -> None:
        self._allowed = tuple(allowed)
        self._programs = frozenset(programs)
        self._kept: dict[Server, _Session] = {}
        self._plain = PlainCalls(allowed)
        self._speak_plainly: set[Server] = set()
        self._offers: dict[Server, tuple[float, tuple[Tool, ...]]] = {}

    async def called(
        self, server: Server, tool: str, arguments: Mapping[str, Any], call_id: str, seconds: float
    ) -> Mapping[str, Any]:
        """The result of `tools/call`, as it is on the wire; raises BadAnswer, NotReached, Transient."""
        if server in self._speak_plainly:
            return await self._plain.called(server, tool, arguments, call_id, min(seconds, 60.0))

        async def call(client: Client) -> Mapping[str, Any]:
            found = await client.call_tool(tool, dict(arguments), seconds, meta={"botmcp/call": call_id})  # pyright: ignore[reportArgumentType] - any key is a meta
            return found.model_dump(mode="json", by_alias=True, exclude_none=True)

        return await self._using(server, call)

    async def tools(self, server: Server, *, anew: bool = False) -> tuple[Tool, ...]:
        """What the server offers, as it was told within the last minute, or is now."""
        now = asyncio.get_running_loop().time()
        known = self._offers.get(server)
        if known and not anew and now - known[0] < FRESH:
            return known[1]
        found = await self._offered(server)
        self._offers[server] = now, found
        return found

    async def _offered(self, server: Server) -> tuple[Tool, ...]:
        if server not in self._speak_plainly:
            try:
                return await self._using(server, _listed)
            except (BadAnswer, Transient):  # no MCP is spoken there; a server that hosts name may speak as hosts do
                found = await self._plain.tools(server) if server.kind == "http" else None
                if found is None:
                    raise
                self._speak_plainly.add(server)
                return found
        return await self._plain.tools(server) or ()

    async def instructions(self, server: Server) -> str:
        """What the server tells models about itself."""

        async def ask(client: Client) -> str:
            return client.instructions or ""

        return "" if server in self._speak_plainly else await self._using(server, ask)

    async def close(self) -> None:
        """End all sessions."""
        for session in list(self._kept.values()):
            session.leave()
        await asyncio.gather(*(session.task for session in self._kept.values()), return_exceptions=True)

    async def _using(self, server: Server, work: Callable[[Client], Awaitable[T]]) -> T:
        session = self._kept.get(server)
        if session is None or session.task.done():
            session = self._kept[server] = _Session(self._client(server))
            session.task.add_done_callback(lambda _, own=session: self._forget(server, own))
        try:
            return await session.use(work)
        except (ProgramError, Transient):
            raise
        except MCPError as error:
            if error.code in GONE:
                session.leave()
                raise Transient(f"The server {server.name} broke off: {server.spared(str(error))}") from None
            raise BadAnswer(f"The server {server.name} answers: {server.spared(str(error))[:500]}") from None
        except Exception as error:
            session.leave()
            raise _told(server, _innermost(error)) from error

    def _forget(self, server: Server, session: _Session) -> None:
        if self._kept.get(server) is session:
            del self._kept[server]

    def _client(self, server: Server) -> Client:
        info = Implementation(name=AGENT, version="1")
        if server.kind == "stdio":
            allowed = {*self._programs, *([server.command[0]] if server.trusted else ())}
            return Client(wire.over_stdio(server, allowed), client_info=info, read_timeout_seconds=OPENING)
        own = [urlsplit(server.url).hostname or ""] if server.trusted else []
        return Client(
            wire.over_http(server, Gate((*self._allowed, *own))), client_info=info, read_timeout_seconds=OPENING
        )


async def _listed(client: Client) -> tuple[Tool, ...]:
    """All pages of what the server offers."""
    found: list[Tool] = []
    cursor: str | None = None
    for _ in range(PAGES):
        page = await client.list_tools(cursor=cursor)
        found += (Tool(tool.name, tool.description or "", tool.input_schema) for tool in page.tools)
        cursor = page.next_cursor
        if cursor is None:
            break
    return tuple(found)


def _told(server: Server, error: BaseException) -> Exception:
    """What an error of the connection means for the program; never with what the server's URL holds of secrets."""
    said = server.spared(str(error))
    match error:
        case NotAllowed():
            return NotReached(
                f"The server {server.name} may not be started: {error} It is BOTMCP_MCP_COMMANDS that lists what "
                "packages may start."
            )
        case SubprocessError():
            return NotReached(f"The server {server.name} cannot be started: {error}")
        case Forbidden():
            return NotReached(f"The server {server.name} is out of reach: {said}")
        case TooLarge():
            return BadAnswer(f"The server {server.name} was cut off. {error}")
        case httpx2.HTTPStatusError() if error.response.status_code < 500:
            return BadAnswer(f"The server {server.name} answers {error.response.status_code}. Is its key right?")
        case httpx2.InvalidURL() | httpx2.UnsupportedProtocol():
            return NotReached(f"{server.address[:100]} is no address of the web: https://... is expected.")
        case MCPError() if error.code not in GONE:
            return BadAnswer(f"The server {server.name} answers: {said[:500]}. Does it speak MCP at {server.address}?")
        case OutgoingError() | TimeoutError() | MCPError():
            return Transient(f"The server {server.name} cannot be reached: {said}")
        case _ if isinstance(error, BROKEN):
            return Transient(f"The server {server.name} cannot be reached: {said or type(error).__name__}")
        case _:
            log.warning("server.fault", server=server.name, error=server.spared(repr(error)))
            return Transient(f"The server {server.name} cannot be talked to: {type(error).__name__}")


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return error


class _Session:
    """One session, held open by a task of its own: what enters it must leave it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._leave = asyncio.Event()
        self._users = 0
        self._used = False
        self.task = asyncio.create_task(self._held())

    async def use(self, work: Callable[[Client], Awaitable[T]]) -> T:
        """What the work makes of the open session; raises what broke it."""
        self._users, self._used = self._users + 1, True
        working = asyncio.ensure_future(self._worked(work))
        try:
            await asyncio.wait({working, self.task}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():  # the session ended under it
                await asyncio.wait({working}, timeout=1.0)
            if not working.done():
                raise ConnectionResetError("the session ended")
            return working.result()
        finally:
            self._users -= 1
            if not working.done():
                working.cancel()
                await asyncio.wait({working})

    def leave(self) -> None:
        """End the session; whoever still works with it is told that it broke off, and who asks next gets a new one."""
        self._leave.set()

    async def _worked(self, work: Callable[[Client], Awaitable[T]]) -> T:
        return await work(await asyncio.shield(self._ready))

    async def _held(self) -> None:
        try:
            async with contextlib.AsyncExitStack() as stack:
                async with asyncio.timeout(OPENING):
                    client = await stack.enter_async_context(self._client)
                self._ready.set_result(client)
                while not self._leave.is_set() and (self._used or self._users):
                    self._used = False
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._leave.wait(), IDLE)
        except Exception as error:  # noqa: BLE001 - whatever kept it from opening is told to whoever asked
            if not self._ready.done():
                self._ready.set_exception(error)
        finally:
            if not self._ready.done():
                self._ready.set_exception(ConnectionResetError("the session was closed"))
            if self._ready.exception() is not None:
                log.debug("server.not_opened", error=repr(self._ready.exception()))
