"""Word of changed resources, in both protocol eras and whichever process changed them.

A client of the later era listens (`subscriptions/listen`), one of the earlier subscribes (`resources/subscribe`).
Either way this process watches what the address stands for as long as the client is there. What is told on purpose (the
list of tools has changed) goes over the bus, which hints carry to the other processes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import mcp.types as types
from mcp.server import MCPServer
from mcp.server.connection import Connection
from mcp.server.context import ServerRequestContext
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ServerEvent,
    ToolsListChanged,
)
from mcp.shared.exceptions import MCPError

from keywords.mistakes import ProgramError
from mcp_server.app import App
from storage.hints import Hints, Topics

TOPIC = "mcp "  # what hints of this room begin with
MOST_LISTENED = 100  # addresses of one client
MOST_STREAMS = 10_000
KINDS: Mapping[str, type[ToolsListChanged | PromptsListChanged | ResourcesListChanged]] = {
    "tools": ToolsListChanged,
    "prompts": PromptsListChanged,
    "resources": ResourcesListChanged,
}

Leave = Callable[[], None]
Watch = Callable[[str, Callable[[], object]], Awaitable[Leave]]


class HintedBus:
    """The SDK's bus over all processes: an event goes to the listeners here, and with a hint to those elsewhere."""

    def __init__(self, hints: Hints) -> None:
        self._here = InMemorySubscriptionBus()
        self._hints = hints
        self._name = uuid4().hex[:12]  # so that we do not hear ourselves
        self._leave: Leave | None = None
        self._listeners = 0
        self._telling: set[asyncio.Task[None]] = set()

    async def publish(self, event: ServerEvent) -> None:
        """Tell everybody, everywhere."""
        await self._here.publish(event)
        await self._hints.publish(TOPIC + json.dumps([self._name, *_worded(event)], separators=(",", ":")))

    def subscribe(self, listener: Callable[[ServerEvent], None]) -> Leave:
        if self._leave is None:
            self._leave = self._hints.subscribe(self._heard)
        self._listeners += 1
        leave = self._here.subscribe(listener)
        gone = False

        def left() -> None:
            nonlocal gone
            leave()
            if not gone:
                gone = True
                self._listeners -= 1
                if not self._listeners and self._leave is not None:
                    self._leave()
                    self._leave = None

        return left

    def _heard(self, topics: Topics) -> None:
        for topic in topics:
            if topic.startswith(TOPIC) and (event := _event(topic.removeprefix(TOPIC), self._name)):
                task = asyncio.get_running_loop().create_task(self._here.publish(event))
                self._telling.add(task)
                task.add_done_callback(self._telling.discard)


def _worded(event: ServerEvent) -> list[str]:
    if isinstance(event, ResourceUpdated):
        return ["updated", event.uri]
    return [next(word for word, kind in KINDS.items() if isinstance(event, kind))]


def _event(text: str, ourselves: str) -> ServerEvent | None:
    """The event of a hint; None for our own, and for what is none."""
    try:
        parts: Any = json.loads(text)
    except ValueError:
        return None
    match parts:
        case [str(name), *_] if name == ourselves:
            return None
        case [str(), "updated", str(uri)]:
            return ResourceUpdated(uri=uri)
        case [str(), str(word)] if word in KINDS:
            return KINDS[word]()
        case _:
            return None


class ClientsBus:
    """What one listening client hears: never of another tenant's resource of the same address. Early events wait."""

    def __init__(self) -> None:
        self._listener: Callable[[ServerEvent], None] | None = None
        self._early: list[ServerEvent] = []

    async def publish(self, event: ServerEvent) -> None:
        self.hear(event)

    def hear(self, event: ServerEvent) -> None:
        if self._listener:
            self._listener(event)
        else:
            self._early.append(event)

    def subscribe(self, listener: Callable[[ServerEvent], None]) -> Leave:
        self._listener = listener
        for event in self._early:
            listener(event)
        self._early.clear()

        def leave() -> None:
            self._listener = None

        return leave


class Subscriptions:
    """Serves both eras' requests over one way to watch an address."""

    def __init__(self, app: App, watch: Watch, watch_tools: Callable[[Callable[[], object]], Leave]) -> None:
        self.bus = HintedBus(app.hints)
        self._watch, self._watch_tools = watch, watch_tools
        self._streams = 0
        self._telling: set[asyncio.Task[None]] = set()

    async def listen(
        self, ctx: ServerRequestContext[Any, Any], params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenResult:
        """One client's stream of changes, until it leaves."""
        wanted = list(dict.fromkeys(params.notifications.resource_subscriptions or ()))
        if self._streams >= MOST_STREAMS or len(wanted) > MOST_LISTENED:
            raise MCPError(
                types.INVALID_PARAMS, f"Too much is listened to: at most {MOST_LISTENED} resources a client."
            )
        own = ClientsBus()
        self._streams += 1
        try:
            with ExitStack() as stack:
                for uri in wanted:
                    stack.callback(await self._watched(uri, _teller(own, uri)))
                if params.notifications.tools_list_changed:
                    stack.callback(self._watch_tools(_later(lambda: own.hear(ToolsListChanged()))))
                stack.callback(self.bus.subscribe(own.hear))
                return await ListenHandler(own)(ctx, params)
        finally:
            self._streams -= 1

    async def _watched(self, uri: str, told: Callable[[], object]) -> Leave:
        try:
            return await self._watch(uri, told)
        except ProgramError as error:
            raise MCPError(types.INVALID_PARAMS, str(error), {"uri": uri[:300]}) from None

    def _soon(self, telling: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(telling)
        self._telling.add(task)
        task.add_done_callback(self._told)

    def _told(self, task: asyncio.Task[None]) -> None:
        self._telling.discard(task)
        if not task.cancelled():
            task.exception()  # a client that has gone hears nothing, and nobody minds

    def register(self, server: MCPServer[App]) -> None:
        """Serve the earlier era's requests too, and more listeners than the SDK would."""

        async def subscribe(
            ctx: ServerRequestContext[Any, Any], params: types.SubscribeRequestParams
        ) -> types.EmptyResult:
            uri, connection = str(params.uri), _connection(ctx)
            kept = _subscribed(connection)
            if leave := kept.pop(uri, None):
                leave()
            if len(kept) >= MOST_LISTENED:
                raise MCPError(types.INVALID_PARAMS, f"{MOST_LISTENED} resources are subscribed to already.")

            kept[uri] = await self._watched(uri, lambda: self._soon(connection.send_resource_updated(uri)))
            return types.EmptyResult()

        async def unsubscribe(
            ctx: ServerRequestContext[Any, Any], params: types.UnsubscribeRequestParams
        ) -> types.EmptyResult:
            if leave := _subscribed(_connection(ctx)).pop(str(params.uri), None):
                leave()
            return types.EmptyResult()

        # There is no public way to serve the earlier era's subscriptions in mcp 2.3.
        low: Any = server._lowlevel_server  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - see above
        low.add_request_handler("resources/subscribe", types.SubscribeRequestParams, subscribe)
        low.add_request_handler("resources/unsubscribe", types.UnsubscribeRequestParams, unsubscribe)
        low.add_request_handler("subscriptions/listen", types.SubscriptionsListenRequestParams, self.listen)


def _connection(ctx: ServerRequestContext[Any, Any]) -> Connection:
    return ctx.session._connection  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - the session is one request's


def _subscribed(connection: Connection) -> dict[str, Leave]:
    """What this connection has subscribed to; all of it ends with the connection."""
    kept: dict[str, Leave] | None = connection.state.get("botmcp.subscribed")
    if kept is None:
        kept = connection.state["botmcp.subscribed"] = {}

        def ended() -> None:
            for leave in kept.values():
                leave()
            kept.clear()

        connection.exit_stack.callback(ended)
    return kept


def _teller(own: ClientsBus, uri: str) -> Callable[[], None]:
    return lambda: own.hear(ResourceUpdated(uri=uri))


def _later(told: Callable[[], object]) -> Callable[[], None]:
    """What is told from the second time on: the list that a client has is the one of when it began to listen."""
    first = [True]

    def tell() -> None:
        if not first:
            told()
        first.clear()

    return tell
