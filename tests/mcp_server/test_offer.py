"""What a client is offered: toolsets, read-only, scopes; and what is not offered is not run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from keywords.mistakes import WrongValue
from mcp_server.app import App
from mcp_server.client import READING_TOOLS
from mcp_server.identity import acting
from mcp_server.mcp_face import offer
from mcp_server.mcp_face.catalogue import TOOLS
from mcp_server.server import build
from mcp_server.settings import SettingsError, read
from mcp_server.toolsets import TOOLSETS
from tests.mcp_server.command import Botmcp
from tests.mcp_server.conftest import BOTMCP
from tests.mcp_server.test_sessions import refused, told
from workflow.details import SCOPES

READING = [tool.name for tool in TOOLS if tool.reads]


async def names(client: Client) -> list[str]:
    return [tool.name for tool in (await client.list_tools()).tools]


def test_each_tool_has_a_toolset_and_a_scope_and_the_relay_repeats_what_only_reads() -> None:
    assert {tool.toolset for tool in TOOLS} == set(TOOLSETS)
    assert {tool.scope for tool in TOOLS} <= SCOPES
    assert set(READING) == READING_TOOLS


async def test_only_the_wanted_toolsets_are_listed_and_run(app: App) -> None:
    settings = replace(app.settings, toolsets=("keywords", "memory"))
    async with Client(build(replace(app, settings=settings))) as client:
        wanted = [tool.name for tool in TOOLS if tool.toolset in settings.toolsets]
        assert await names(client) == wanted
        assert told(await client.call_tool("search_keywords", {"query": "FOR EACH"}))["keywords"]
        said = refused(await client.call_tool("orchestrate", {"source": "RETURN 1"}))
        assert "toolset workflows is not offered" in said
    assert await app.operations.listed(app.caller("test", "")) == ()


async def test_a_client_that_may_only_read_writes_nothing(app: App) -> None:
    async with Client(build(replace(app, settings=replace(app.settings, read_only=True)))) as client:
        assert await names(client) == READING
        for tool in TOOLS:
            if not tool.reads:
                assert "read-only" in refused(await client.call_tool(tool.name, {})), tool.name
    assert await app.operations.listed(app.caller("test", "")) == ()


async def test_a_header_narrows_what_one_client_of_a_server_is_offered(address: str) -> None:
    async def listed(**headers: str) -> list[str]:
        web = httpx2.AsyncClient(headers={name.replace("_", "-"): text for name, text in headers.items()})
        async with web, Client(streamable_http_client(f"{address}/mcp", http_client=web)) as client:
            return await names(client)

    assert await listed(X_MCP_Toolsets="events") == ["publish_event", "wait_for_event"]
    assert await listed(X_MCP_Toolsets="events", X_MCP_Readonly="true") == ["wait_for_event"]
    assert len(await listed()) == len(TOOLS)


def test_what_two_places_allow_is_what_both_allow() -> None:
    one = offer.of(["events", "memory"], read_only=False)
    assert one.narrowed(offer.of(["memory", "models"], read_only=True)) == offer.of(["memory"], read_only=True)
    nothing = one.narrowed(offer.of(["models"], read_only=False))
    assert not any(nothing.has(tool) for tool in TOOLS)
    assert all(offer.of(["all"], read_only=False).has(tool) for tool in TOOLS)
    assert offer.heard({"toolsets": ["events"], "read_only": True}) == offer.of(["events"], read_only=True)


def test_a_toolset_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(WrongValue, match="no toolset event; there are workflows, events"):
        offer.of(["event"], read_only=False)
    with pytest.raises(SettingsError, match="no toolset event"):
        read({"BOTMCP_TOOLSETS": "event"})


@pytest.mark.parametrize(("options", "expected"), [(["--read-only"], READING), (["--toolsets=keywords"], None)])
async def test_each_stdio_client_has_an_offer_of_its_own_from_the_server_all_share(
    botmcp: Botmcp, options: list[str], expected: list[str] | None
) -> None:
    def connect(*arguments: str) -> Client:
        server = StdioServerParameters(command=str(BOTMCP), args=list(arguments), env=botmcp.environment)
        return Client(server, read_timeout_seconds=60)

    async with connect() as whole, connect(*options) as less:
        assert await names(less) == (expected or ["search_keywords"])
        assert await names(whole) == [tool.name for tool in TOOLS]
        assert "not offered" in refused(await less.call_tool("orchestrate", {"source": "RETURN 1"}))
        assert told(await whole.call_tool("orchestrate", {"source": "RETURN 1"}))["result"] == 1
    assert len(botmcp.servers()) == 1, "another offer is no reason for another server"


CALLS: dict[str, dict[str, Any]] = {
    "orchestrate": {"source": "RETURN 1"},
    "validate_workflow": {"source": "RETURN 1"},
    "get_execution": {"execution_id": "00000000-0000-0000-0000-000000000000"},
    "list_executions": {},
    "control_execution": {"execution_id": "00000000-0000-0000-0000-000000000000", "action": "cancel"},
    "publish_event": {"event": "e"},
    "wait_for_event": {"event": "e", "wait_seconds": 0},
    "get_memory": {"bot": "b", "key": "k"},
    "set_memory": {"bot": "b", "key": "k", "value": "v"},
    "search_memory": {"bot": "b", "question": "q"},
    "share_memory": {"key": "k", "from_bot": "b", "with_bot": "c"},
    "sync_memory": {"bot": "b", "from_bot": "c"},
    "list_approvals": {},
    "decide_approval": {"execution_id": "00000000-0000-0000-0000-000000000000", "decision": "approve"},
    "llm_optimize_for": {"prompt": "p"},
    "search_keywords": {"query": "q"},
}


async def test_a_key_without_the_scope_neither_sees_nor_runs_its_tools(app: App) -> None:
    for missing in sorted(SCOPES - {"admin"}):
        await neither_seen_nor_run(app, missing)
    assert await app.operations.listed(app.caller("test", "")) == ()


async def neither_seen_nor_run(app: App, missing: str) -> None:
    owner = app.caller("test", "")
    lacking = {missing, "admin"} | ({"wf:run"} if missing == "wf:read" else set[str]())  # who runs may read
    caller = replace(owner, subject="key ci", owner=False, scopes=SCOPES - lacking)
    denied: Callable[[str], bool] = lambda scope: not caller.may(scope)  # noqa: E731 - read aloud below
    with acting(caller):
        async with Client(build(app)) as client:
            assert await names(client) == [tool.name for tool in TOOLS if not denied(tool.scope)]
            for tool in TOOLS:
                if denied(tool.scope):
                    said = refused(await client.call_tool(tool.name, CALLS[tool.name]))
                    assert tool.scope in said, f"{tool.name}: {said}"


def test_every_tool_is_called_above() -> None:
    assert CALLS.keys() == {tool.name for tool in TOOLS}
