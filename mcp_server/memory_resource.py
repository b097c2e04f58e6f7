"""The resource `memory://{bot}/{key}`: a memory as JSON, and word of each change of it, in both protocol eras.

A client of the later era listens (`subscriptions/listen`), one of the earlier era subscribes (`resources/subscribe`).
Either way the feed of this process watches the memory for as long as the client is there.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote, unquote

import mcp.types as types
from mcp.server import MCPServer
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceNotFoundError
from mcp.server.subscriptions import InMemorySubscriptionBus, ResourceUpdated

from keywords.host import bot_id
from keywords.library import limits
from keywords.mistakes import ProgramError
from mcp_server.app import TENANT, App
from mcp_server.people import app_of
from mcp_server.tools import full_name

SCHEME = "memory://"


def uri_of(bot: str, key: str) -> str:
    """The address of a memory; names and keys of any letters."""
    return f"{SCHEME}{quote(bot, safe='')}/{quote(key, safe='')}"


class MemoryResource:
    """Registers the resource with a server and tells its subscribers."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.bus = InMemorySubscriptionBus()
        self._telling: set[asyncio.Task[None]] = set()

    async def watching(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Middleware: while a client listens to memories, they are watched."""
        if ctx.method != "subscriptions/listen":
            return await call_next(ctx)
        with ExitStack() as stack:
            for uri in _listed(ctx.params):
                stack.callback(await self._watch(uri, self._publish))
            return await call_next(ctx)

    async def _watch(self, uri: str, tell: Callable[[str], Any]) -> Callable[[], None]:
        bot, key = await self._place(uri)
        return self._app.feed.watch(bot_id(TENANT, bot), key, lambda version: self._soon(tell(uri)))

    async def _publish(self, uri: str) -> None:
        await self.bus.publish(ResourceUpdated(uri=uri))

    def _soon(self, telling: Any) -> None:
        task = asyncio.create_task(telling)
        self._telling.add(task)
        task.add_done_callback(self._told)

    def _told(self, task: asyncio.Task[None]) -> None:
        self._telling.discard(task)
        if not task.cancelled():
            task.exception()  # a client that has gone hears nothing, and nobody minds

    async def _place(self, uri: str) -> tuple[str, str]:
        bot, _, key = uri.removeprefix(SCHEME).partition("/")
        if not uri.startswith(SCHEME) or not bot or not key:
            raise ProgramError(f"A memory's address is {SCHEME}bot/key, with %20 for a blank; not {uri[:200]}.")
        return await full_name(self._app, unquote(bot)), limits.memory_key(unquote(key))

    def register(self, server: MCPServer[App]) -> None:
        @server.resource(
            SCHEME + "{bot}/{key}",
            name="memory",
            title="GET BOT MEMORY",
            description="One memory of a bot as JSON: value, version, updated. Subscribe to hear of its changes.",
            mime_type="application/json",
        )
        async def memory(bot: str, key: str, ctx: Context[App]) -> str:
            app = app_of(ctx)
            name = await full_name(app, unquote(bot))
            found = await app.memories.known(TENANT, bot_id(TENANT, name), limits.memory_key(unquote(key)), app.now())
            if found is None:
                raise ResourceNotFoundError(f"{name} remembers nothing under {unquote(key)}.")
            told = {
                "bot": name, "key": found.key, "value": found.value, "version": found.version,
                "updated": found.updated.isoformat(), "origin": found.origin or None,
            }  # fmt: skip
            return json.dumps({name: part for name, part in told.items() if part is not None}, ensure_ascii=False)

        leaving: dict[tuple[int, str], Callable[[], None]] = {}

        async def subscribe(
            ctx: ServerRequestContext[Any, Any], params: types.SubscribeRequestParams
        ) -> types.EmptyResult:
            uri, session = str(params.uri), ctx.session
            await unsubscribe(ctx, types.UnsubscribeRequestParams(uri=params.uri))

            async def tell(changed: str) -> None:
                try:
                    await session.send_resource_updated(changed)
                except Exception:  # noqa: BLE001 - however a session ended, nobody hears it any more
                    if leave := leaving.pop((id(session), uri), None):
                        leave()

            leaving[id(session), uri] = await self._watch(uri, tell)
            return types.EmptyResult()

        async def unsubscribe(
            ctx: ServerRequestContext[Any, Any], params: types.UnsubscribeRequestParams
        ) -> types.EmptyResult:
            if leave := leaving.pop((id(ctx.session), str(params.uri)), None):
                leave()
            return types.EmptyResult()

        # There is no public way to serve the earlier era's subscriptions in mcp 2.3.
        low: Any = server._lowlevel_server  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - see above
        low.add_request_handler("resources/subscribe", types.SubscribeRequestParams, subscribe)
        low.add_request_handler("resources/unsubscribe", types.UnsubscribeRequestParams, unsubscribe)


def _listed(params: Any) -> list[str]:
    """The memories that a listen request names."""
    wanted: Any = params.get("notifications", params) if isinstance(params, dict) else {}
    found: Any = wanted.get("resourceSubscriptions") or [] if isinstance(wanted, dict) else []
    return [uri for uri in found if isinstance(uri, str) and uri.startswith(SCHEME)][:100]
