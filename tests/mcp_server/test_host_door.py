"""The doors for servers that speak no MCP: `/rpc`, and the calls of the General Bots host."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from mcp_server import http, listening_server
from mcp_server.app import App
from mcp_server.host_door import names

TALKS = 'ORCHESTRATE WORKFLOW "greet"\nTALK "Hello"\nRETURN 7\nEND WORKFLOW\n'
TOKEN = "a-token-of-some-length"


@pytest.fixture
async def web(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        yield client


async def rpc(web: httpx.AsyncClient, method: str, params: Any = None, ident: Any = 1) -> Any:
    asked = {"jsonrpc": "2.0", "id": ident, "method": method} | ({} if params is None else {"params": params})
    answer = await web.post("/rpc", json=asked)
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json", answer.text
    assert answer.json()["id"] == ident
    return answer.json()


# -- /rpc --------------------------------------------------------------------------------------------------------------


async def test_a_tool_is_called_by_any_spelling_and_without_a_session(web: httpx.AsyncClient) -> None:
    for name in ("PUBLISH EVENT", "publish-event", "Publish Event", "publish_event", " publish.event "):
        called = await rpc(web, "tools/call", {"name": name, "arguments": {"event": "order.paid", "data": {"id": 7}}})
        told = called["result"]["structuredContent"]
        assert told["status"] == "completed" and len(told["result"]) == 36


async def test_a_tool_is_a_method_whose_result_is_its_answer(web: httpx.AsyncClient) -> None:
    told = (await rpc(web, "ORCHESTRATE WORKFLOW", {"source": TALKS}))["result"]
    assert told["status"] == "completed" and told["result"] == 7
    seen = (await rpc(web, "get_execution", {"execution_id": told["execution_id"]}, "two"))["result"]
    assert seen["execution_id"] == told["execution_id"]


async def test_what_a_tool_refuses_is_an_error_of_its_method(web: httpx.AsyncClient) -> None:
    error = (await rpc(web, "orchestrate", {"source": "PUBLISH EVNT 1"}))["error"]
    assert error["code"] == -32000 and "Did you mean PUBLISH EVENT" in error["message"]
    called = await rpc(web, "tools/call", {"name": "orchestrate", "arguments": {"source": "PUBLISH EVNT 1"}})
    assert called["result"]["isError"]


async def test_the_methods_of_mcp_need_no_initialize_and_may_have_one(web: httpx.AsyncClient) -> None:
    listed = (await rpc(web, "tools/list"))["result"]["tools"]
    assert "orchestrate" in {tool["name"] for tool in listed}
    asked = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "host", "version": "1"}}
    assert (await rpc(web, "initialize", asked))["result"]["serverInfo"]["name"] == "botmcp"
    done = await web.post("/rpc", json={"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert done.status_code == 202 and not done.content
    assert (await rpc(web, "ping"))["result"] == {}


async def test_a_batch_is_answered_in_order_and_notifications_are_not(web: httpx.AsyncClient) -> None:
    batch = [
        {"jsonrpc": "2.0", "id": 1, "method": "ping"},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": "b", "method": "no such thing"},
        5,
        {"jsonrpc": "2.0", "id": 3, "method": "list executions", "params": {}},
    ]
    answers = (await web.post("/rpc", json=batch)).json()
    assert [answer["id"] for answer in answers] == [1, "b", None, 3]
    assert [answer.get("error", {}).get("code") for answer in answers] == [None, -32601, -32600, None]
    for wrong in ([], [{"jsonrpc": "2.0", "id": 1, "method": "ping"}] * 51):
        refused = await web.post("/rpc", json=wrong)
        assert refused.status_code == 400 and refused.json()["error"]["code"] == -32600
    assert (await web.post("/rpc", json=batch[1:2])).status_code == 202


NO_REQUESTS: tuple[tuple[str, int], ...] = (
    ("{", -32700),
    ("[" * 100_000, -32700),
    ("7", -32600),
    ('"ping"', -32600),
    ('{"jsonrpc": "2.0", "id": 1}', -32600),
    ('{"jsonrpc": "1.0", "id": 1, "method": "ping"}', -32600),
    ('{"jsonrpc": "2.0", "id": {}, "method": "ping"}', -32600),
    ('{"jsonrpc": "2.0", "id": null, "method": "ping"}', -32600),
    ('{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": [1]}', -32602),
    ('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": 5}}', -32602),
    ('{"jsonrpc": "2.0", "id": 1, "method": "tools/nothing"}', -32601),
    ('{"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {"uri": "none://x"}}', -32602),
)


async def test_what_is_no_request_is_told_so(web: httpx.AsyncClient) -> None:
    for said, code in NO_REQUESTS:
        answer = await web.post("/rpc", content=said, headers={"Content-Type": "application/json"})
        assert answer.json()["error"]["code"] == code, answer.text
        assert answer.status_code in (200, 400)


async def test_neither_another_host_nor_a_page_elsewhere_nor_a_stranger_gets_in(
    app: App, web: httpx.AsyncClient
) -> None:
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    for path in ("/rpc", "/tools/call", "/gb/tools/call"):
        assert (await web.post(path, json=asked, headers={"Host": "evil.example"})).status_code in (400, 421)
        assert (await web.post(path, json=asked, headers={"Origin": "http://evil.example"})).status_code == 403
        assert (await web.post(path, content="{}", headers={"Content-Type": "text/plain"})).status_code == 400
        assert (await web.get(path)).status_code == 405
    guarded = replace(app, settings=replace(app.settings, token=TOKEN))
    async with listening_server.serving(http.application(guarded), "127.0.0.1", 0, ()) as address:
        stranger = httpx.AsyncClient(base_url=address)
        async with stranger:
            for path in ("/rpc", "/tools/call", "/gb/tools/call"):
                assert (await stranger.post(path, json=asked)).status_code == 401
            assert (await stranger.get("/tools/list")).status_code == 401
            assert (await stranger.get("/health")).status_code == 200
            stranger.headers["Authorization"] = f"Bearer {TOKEN}"
            assert (await stranger.post("/rpc", json=asked)).status_code == 200


def test_titles_and_other_names_lead_to_the_tool() -> None:
    known = names.known({"orchestrate": "ORCHESTRATE WORKFLOW", "share_memory": "SHARE MEMORY", "check": "Check it"})
    for said in ("ORCHESTRATE WORKFLOW", "orchestrate", "Start-Workflow"):
        assert known[names.plain(said)] == "orchestrate"
    assert known[names.plain("BOT SHARE MEMORY")] == "share_memory"
    assert names.plain("Check it") not in known
