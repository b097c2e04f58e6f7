"""The resources: executions, the grammar, bots, models and memories, each with an address that clients can watch."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote, unquote
from uuid import UUID

import mcp.types as types
from mcp.server import MCPServer
from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceNotFoundError
from mcp.shared.exceptions import MCPError

from keywords.host import bot_id
from keywords.library import limits
from keywords.mistakes import ProgramError, Refused, WrongValue
from mcp_server.app import App
from mcp_server.identity import Unidentified
from mcp_server.mcp_face import cursors, reading
from mcp_server.mcp_face.begun import full_name
from mcp_server.mcp_face.lookout import Lookout
from mcp_server.people import app_of, client_name, execution_named
from storage.hints import Topics
from workflow.details import Caller

EXECUTION, MEMORY, BOT = "workflow://executions/", "memory://", "bots://"
GRAMMAR, BOTS, MODELS = "workflow://grammar", "bots://", "models://performance"
TOOL_LIST = "tools://"  # no resource: only watched
JSON, TEXT = "application/json", "text/markdown"
PAGE = 50  # of a list
NEWEST = 200  # executions that are listed as resources; the rest is read by its id

Place: TypeAlias = tuple[Caller, str]


def memory_uri(bot: str, key: str) -> str:
    """The address of a memory; names and keys of any letters."""
    return f"{MEMORY}{quote(bot, safe='')}/{quote(key, safe='')}"


class Resources:
    """Registers the resources, and watches what their addresses stand for."""

    def __init__(self, app: App, names: Callable[[Caller], Awaitable[str]]) -> None:
        self._app = app
        self._names = names  # of the published workflows
        self._server: MCPServer[App] | None = None
        self._executions = Lookout[UUID](app.operations.marks, app.hints, _of_executions)
        self._others = Lookout[Place](self._marks, app.hints, _of_all)

    # -- watching ------------------------------------------------------------------------------------------------------

    async def watch(self, uri: str, told: Callable[[], object]) -> Callable[[], None]:
        """Calls `told` after each change of what the address stands for. Raises ProgramError for what is no address of
        ours, or none of the caller's."""
        caller = self._caller("")
        if uri.startswith(EXECUTION):
            number = execution_named(uri.removeprefix(EXECUTION).removesuffix("/flow"))
            caller.require("wf:read")
            await self._app.operations.get(caller, number)
            return self._executions.watch(number, told)
        if uri.startswith(MEMORY):
            bot, key = await self._memory(caller, uri)
            return self._app.feed.watch(bot_id(caller.tenant, bot), key, lambda version: _called(told))
        if uri in (GRAMMAR, BOTS, MODELS) or (uri.startswith(BOT) and len(uri) < 400):
            await self._read(caller, uri)
            return self._others.watch((caller, uri), told)
        if self._server and any(str(one.uri) == uri for one in await self._server.list_resources()):
            return _nothing  # a page of ours: it stays as it is
        raise WrongValue(f"There is no resource {uri[:200]}: see resources/templates/list.")

    def watch_tools(self, told: Callable[[], object]) -> Callable[[], None]:
        """Calls `told` after each change of the workflows that are published as tools."""
        return self._others.watch((self._caller(""), TOOL_LIST), told)

    async def _memory(self, caller: Caller, uri: str) -> tuple[str, str]:
        caller.require("memory:read")
        bot, _, key = uri.removeprefix(MEMORY).partition("/")
        if not bot or not key:
            raise WrongValue(f"A memory's address is {MEMORY}bot/key, with %20 for a blank; not {uri[:200]}.")
        return await full_name(self._app, caller, unquote(bot)), limits.memory_key(unquote(key))

    async def _marks(self, places: Collection[Place]) -> Mapping[Place, str]:
        found: dict[Place, str] = {}
        for caller, uri in places:
            try:
                text = await self._read(caller, uri)
            except ProgramError as error:
                text = str(error)
            found[caller, uri] = hashlib.sha256(text.encode()).hexdigest()
        return found

    # -- reading -------------------------------------------------------------------------------------------------------

    async def _read(self, caller: Caller, uri: str) -> str:
        match uri:
            case "workflow://grammar":
                return reading.grammar(self._app.registry)
            case "models://performance":
                return await reading.models(self._app, caller)
            case "tools://":
                return await self._names(caller)
            case "bots://":
                return await reading.bots(self._app, caller)
            case _:
                return await reading.bot(self._app, caller, unquote(uri.removeprefix(BOT)))

    def _caller(self, client: str) -> Caller:
        return self._app.caller("mcp", client)

    async def _static(self, uri: str) -> str:
        return await _answered(uri, self._read(self._caller(""), uri))

    def register(self, server: MCPServer[App]) -> None:
        """Offer them all, and page through their list."""
        self._server = server

        @server.resource(
            GRAMMAR, name="grammar", title="How workflows are written",
            description="The language in brief, and every keyword with its forms.", mime_type=TEXT,
        )  # fmt: skip
        async def grammar() -> str:
            return await self._static(GRAMMAR)

        @server.resource(
            BOTS, name="bots", title="LIST BOTS", description="Every package, and its dialogs.", mime_type=JSON
        )
        async def bots() -> str:
            return await self._static(BOTS)

        @server.resource(
            MODELS, name="models", title="How the language models do",
            description="Calls, errors, cost, latency, quality and health of each model by task, and a week of charts.",
            mime_type=JSON,
        )  # fmt: skip
        async def models() -> str:
            return await self._static(MODELS)

        @server.resource(
            EXECUTION + "{execution_id}", name="execution", title="GET EXECUTION",
            description="How an execution stands. Subscribe to hear of each change.", mime_type=JSON,
        )  # fmt: skip
        async def execution(execution_id: str, ctx: Context[App]) -> str:
            return await _of(ctx, lambda app, who: reading.execution(app, who, execution_id))

        @server.resource(
            EXECUTION + "{execution_id}/flow", name="flow", title="The flowchart of an execution",
            description="Its program as nested nodes, and how far it came.", mime_type=JSON,
        )  # fmt: skip
        async def flow(execution_id: str, ctx: Context[App]) -> str:
            return await _of(ctx, lambda app, who: reading.flow(app, who, execution_id))

        @server.resource(
            BOT + "{bot}", name="bot", title="What a bot can do",
            description="A package: what each dialog is for, and its PARAMs.", mime_type=JSON,
        )  # fmt: skip
        async def bot(bot: str, ctx: Context[App]) -> str:
            return await _of(ctx, lambda app, who: reading.bot(app, who, unquote(bot)))

        @server.resource(
            MEMORY + "{bot}/{key}", name="memory", title="GET BOT MEMORY",
            description="One memory of a bot. Subscribe to hear of its changes.", mime_type=JSON,
        )  # fmt: skip
        async def memory(bot: str, key: str, ctx: Context[App]) -> str:
            return await _of(ctx, lambda app, who: reading.memory(app, who, unquote(bot), unquote(key)))

        async def listed(
            ctx: ServerRequestContext[Any, Any], params: types.PaginatedRequestParams | None
        ) -> types.ListResourcesResult:
            try:
                return await self._list(server, params.cursor if params else None)
            except ProgramError as error:
                raise MCPError(types.INVALID_PARAMS, str(error)) from None

        low: Any = server._lowlevel_server  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - pages, in mcp 2.3
        low.add_request_handler("resources/list", types.PaginatedRequestParams, listed)

    async def _list(self, server: MCPServer[App], cursor: str | None) -> types.ListResourcesResult:
        """First what is always there, then the newest executions."""
        caller = self._caller("")
        first: list[types.Resource] = []
        place, seen = None, 0
        if cursor:
            made, number, seen = cursors.unpacked(cursor, str, str, int)
            place = cursors.place(cursors.packed(made, number))
        else:
            first = await server.list_resources()
        if not caller.may("wf:read"):
            return types.ListResourcesResult(resources=first)
        left = min(PAGE, NEWEST - seen)
        found = await self._app.operations.listed(caller, None, left + 1, place) if left > 0 else ()
        shown = found[:left]
        rows = [
            types.Resource(
                uri=f"{EXECUTION}{one.id}", name=f"{one.workflow_name} {str(one.id)[:8]}", mime_type=JSON,
                description=f"{one.status}, started {one.created_at:%Y-%m-%d %H:%M} UTC",
            )
            for one in shown
        ]  # fmt: skip
        more = None
        if shown and len(found) > left and seen + left < NEWEST:
            more = cursors.packed(shown[-1].created_at.isoformat(), str(shown[-1].id), seen + left)
        return types.ListResourcesResult(resources=[*first, *rows], next_cursor=more)


async def _of(ctx: Context[App], read: Callable[[App, Caller], Awaitable[str]]) -> str:
    app = app_of(ctx)
    return await _answered("", read(app, app.caller("mcp", client_name(ctx))))


async def _answered(uri: str, text: Awaitable[str]) -> str:
    try:
        return await text
    except (Refused, Unidentified) as error:
        raise MCPError(types.INVALID_REQUEST, str(error)) from None
    except ProgramError as error:
        raise ResourceNotFoundError(str(error)) from None


def _nothing() -> None:
    """Ends a watch of what never changes."""


def _called(told: Callable[[], object]) -> None:
    told()


def _of_executions(topics: Topics) -> bool:
    return any(topic in ("approval", "event", "*") or topic.startswith("done:") for topic in topics)


def _of_all(topics: Topics) -> bool:
    return "*" in topics
