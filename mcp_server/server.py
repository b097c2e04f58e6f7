"""The MCP server over one App: the same for a socket, for stdio and for HTTP, in both protocol eras."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from mcp.server import CacheHint, MCPServer
from mcp.server.request_state import RequestStateSecurity

from mcp_server import event_tools, memory_tools, model_tools, tools, wording
from mcp_server.app import App
from mcp_server.memory_resource import MemoryResource
from mcp_server.rendezvous import version
from mcp_server.secret import secret

INSTRUCTIONS = (
    "Durable multi-bot workflows in BASIC. Write one with ORCHESTRATE WORKFLOW, check it with validate_workflow, start "
    "it with orchestrate, follow it with get_execution. Every reply says in `next` what to call next. Workflows go on "
    "when the chat ends. Approvals are decided by people: decide_approval asks them. What a "
    "workflow asks the user is answered with control_execution."
)


def build(app: App) -> MCPServer[App]:
    """A server whose every session works on this App."""

    @asynccontextmanager
    async def life(server: MCPServer[App]) -> AsyncGenerator[App]:
        yield app  # opened and closed by whoever built us: sessions come and go

    memories = MemoryResource(app)
    server: MCPServer[App] = MCPServer(
        "botmcp",
        title="General Bots workflows",
        version=version(),
        instructions=INSTRUCTIONS,
        lifespan=life,
        request_state_security=RequestStateSecurity(keys=[_state_key(app)]),
        cache_hints={"tools/list": CacheHint(ttl_ms=60_000, scope="public")},
        middleware=[wording.shortened, memories.watching],
        subscriptions=memories.bus,
        log_level="WARNING",
    )
    tools.register(server)
    event_tools.register(server)
    memory_tools.register(server)
    model_tools.register(server, app)
    memories.register(server)
    return server


def _state_key(app: App) -> bytes:
    """Seals the questions that travel through clients: every server that may get the answer needs the same key.

    Servers on several machines share a token; those of one data folder share its secret.
    """
    shared = app.settings.token.encode() or secret(app.settings.home, "state")
    return hashlib.sha256(b"request state:" + shared).digest()
