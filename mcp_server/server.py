"""The MCP server over one App: the same for a socket, for stdio and for HTTP, in both protocol eras."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import mcp.types as types
from mcp.server import CacheHint, MCPServer
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import Context
from mcp.server.request_state import RequestStateSecurity
from mcp.shared.exceptions import MCPError

from keywords.mistakes import ProgramError
from mcp_server import wording
from mcp_server.app import App
from mcp_server.identified import identified
from mcp_server.identity import Unidentified
from mcp_server.mcp_face import cards, completions, offer, prompts
from mcp_server.mcp_face.catalogue import BY_NAME, TOOLS
from mcp_server.mcp_face.listing import paged
from mcp_server.mcp_face.offer import Offer
from mcp_server.mcp_face.published import Published, PublishedWorkflows
from mcp_server.mcp_face.resources import Resources
from mcp_server.mcp_face.subscriptions import Subscriptions
from mcp_server.mcp_face.tasks import Tasks
from mcp_server.mcp_face.tool import Tool, guarded, refuse, told
from mcp_server.rendezvous import version
from mcp_server.replies import refusal
from mcp_server.secret import secret
from workflow.details import Caller

INSTRUCTIONS = (
    "Durable multi-bot workflows in BASIC. Write one with ORCHESTRATE WORKFLOW (search_keywords shows how), check it "
    "with validate_workflow, start it with orchestrate, follow it with get_execution. Every reply says in `next` what "
    "to call next. Workflows go on when the chat ends. Approvals are decided by people: decide_approval asks them. "
    "What a workflow asks the user is answered with control_execution."
)


class Server(MCPServer[App]):
    """Lists and runs what the client is offered; published workflows are tools, too."""

    def __init__(self, app: App, published: PublishedWorkflows, lasting: Mapping[str, Tool], **given: Any) -> None:
        self._app = app
        self._offer = offer.of(app.settings.toolsets, read_only=app.settings.read_only)
        self._asked: ContextVar[Offer] = ContextVar("asked", default=self._offer)
        self._published = published
        self._lasting = lasting
        super().__init__(
            extensions=[Tasks(app, self._lasts), cards.apps(app)],
            middleware=[identified(app), self._offering, wording.shortened, paged],
            **given,
        )

    async def _offering(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Middleware: what this client is offered counts while its request is answered."""
        try:
            current = offer.current(self._offer, getattr(ctx.request, "headers", None))
        except ProgramError as error:
            raise MCPError(types.INVALID_PARAMS, str(error)) from None
        token = self._asked.set(current)
        try:
            return await call_next(ctx)
        finally:
            self._asked.reset(token)

    async def list_tools(self) -> list[types.Tool]:
        """What is offered to the client, and what its key may do."""
        caller, offered = self._caller(), self._asked.get()
        found = [
            tool
            for tool in await super().list_tools()
            if (known := BY_NAME.get(tool.name)) is None or (offered.has(known) and _may(caller, known))
        ]
        if caller is None:
            return found
        published = await self._published.all(caller)
        return [*found, *(one.listed for one in published.values() if offered.has(one.tool))]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[App, Any] | None = None
    ) -> types.CallToolResult | types.InputRequiredResult:
        """Run the tool, unless it is not offered."""
        published: Published | None = None
        tool = BY_NAME.get(name)
        if tool is None and self._published.wanted and (caller := self._caller()) is not None:
            published = await self._published.find(caller, name)
            tool = published.tool if published else None
        if tool and (why := self._asked.get().why_not(tool)):
            return refusal(f"{name} is not offered here: {why}.")
        if published is None or context is None:
            return await super().call_tool(name, arguments, context)
        given, ctx = published, context

        async def answer() -> types.CallToolResult:
            refuse(ctx, given.tool.scope, name)
            return await given.tool.call(ctx, **arguments)

        return await told(name, answer)

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Context[App, Any] | None = None
    ) -> types.GetPromptResult | types.InputRequiredResult:
        """The prompt; arguments that it does not have are left out."""
        about = next((one for one in await self.list_prompts() if one.name == name), None)
        taken = {argument.name for argument in (about.arguments if about else None) or ()}
        given = {key: value for key, value in (arguments or {}).items() if key in taken}
        try:
            return await super().get_prompt(name, given, context)
        except ValueError as error:
            raise MCPError(types.INVALID_PARAMS, str(error)) from None

    def _lasts(self, name: str) -> str:
        if tool := self._lasting.get(name):
            return tool.lasts
        return "may" if name not in BY_NAME and self._published.wanted else "no"

    def _caller(self) -> Caller | None:
        try:
            return self._app.caller("mcp", "")
        except Unidentified:
            return None


def _may(caller: Caller | None, tool: Tool) -> bool:
    return caller is None or caller.may(tool.scope) or (tool.scope == "wf:approve" and caller.owner)


def build(app: App, fixtures: tuple[Tool, ...] = ()) -> Server:
    """A server whose every session works on this App; `fixtures` are further tools, of a test."""

    @asynccontextmanager
    async def life(server: MCPServer[App]) -> AsyncGenerator[App]:
        yield app  # opened and closed by whoever built us: sessions come and go

    published = PublishedWorkflows(app, [tool.name for tool in TOOLS])
    resources = Resources(app, published.names)
    subscriptions = Subscriptions(app, resources.watch, resources.watch_tools)
    tools = (*TOOLS, *fixtures)
    server = Server(
        app,
        published,
        {tool.name: tool for tool in tools},
        name="botmcp",
        title="General Bots workflows",
        version=version(),
        instructions=INSTRUCTIONS,
        lifespan=life,
        request_state_security=RequestStateSecurity(keys=[_state_key(app)]),
        cache_hints={"tools/list": CacheHint(ttl_ms=60_000, scope="private")},
        subscriptions=subscriptions.bus,
        log_level="WARNING",
    )
    for tool in tools:
        server.add_tool(
            guarded(tool),
            name=tool.name,
            title=tool.title,
            description=tool.description,
            annotations=tool.promises,
            meta=cards.meta(tool),
        )
    resources.register(server)
    subscriptions.register(server)
    prompts.register(server, app)
    completions.register(server, app)
    return server


def _state_key(app: App) -> bytes:
    """Seals the questions that travel through clients: every server that may get the answer needs the same key.

    Servers on several machines share a token; those of one data folder share its secret.
    """
    shared = app.settings.token.encode() or secret(app.settings.home, "state")
    return hashlib.sha256(b"request state:" + shared).digest()
