"""The authorisation matrix: operations, tools, resources and pages x no key, wrong tenant, scope, bot, and right key.

Made from the tables of the product, so whatever is new has no row here and fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.routing import Route

from designer.app import house
from mcp_server import http
from mcp_server.app import App, open_app
from mcp_server.designing import doors
from mcp_server.mcp_face.catalogue import TOOLS as CATALOGUE
from mcp_server.rest.api import TABLE, Below
from mcp_server.rest.table import ANYBODY, Operation
from mcp_server.settings import Settings
from tests.rest import matrix
from tests.rest.conftest import OTHER, KeysFor
from tests.rest.matrix import ALIKE, BOT, MARK, REQUESTS, RESOURCES, SCHEDULE, TOOLS, Ask, World
from workflow.details import SCOPES

LIMITED = ("customer-support",)


@pytest.fixture
async def app(settings: Settings, tmp_path: Path) -> AsyncIterator[App]:
    folder = matrix.package(tmp_path / "packages")
    async with open_app(replace(settings, packages=(folder,)), "serve") as opened:
        yield opened


@pytest.fixture
async def world(app: App) -> World:
    return await World(app, app.caller("test", "")).made()


def lacking(scope: str) -> tuple[str, ...]:
    """All scopes but this one, and those that stand for it."""
    implied = {"admin", "wf:run"} if scope == "wf:read" else {"admin"}
    return tuple(sorted(SCOPES - {scope} - implied)) or ("wf:read",)


async def send(
    web: httpx2.AsyncClient, world: World, operation: Operation, key: dict[str, str] | None, *, unknown: bool = False
) -> httpx2.Response:
    ask = REQUESTS[operation.name]
    path = world.path(operation.path, unknown=unknown) + ask.query
    headers = {**(key or {}), **ask.headers}
    if ask.content is not None:
        return await web.request(operation.method, path, content=ask.content, headers=headers)
    return await web.request(operation.method, path, json=ask.body, headers=headers)


def same(answer: httpx2.Response) -> tuple[int, str]:
    """What an answer says, whatever it is about."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|/requests/\w+", "#", answer.text)
    for word in (BOT, MARK, SCHEDULE, "nobody", "nothing", "never", "none", "tier"):
        text = text.replace(word, "#")
    return answer.status_code, text


def test_every_operation_has_its_row() -> None:
    assert REQUESTS.keys() == {operation.name for operation in TABLE}
    assert TOOLS.keys() == {tool.name for tool in CATALOGUE}


async def test_no_operation_lets_in_whom_it_should_not(address: str, world: World, keys: KeysFor) -> None:
    wrong_tenant, wrong_bot = await keys(tenant=OTHER), await keys(bots=LIMITED)
    scoped = {o.scope: await keys(*lacking(o.scope)) for o in TABLE if o.scope not in ("", ANYBODY)}
    right = {o.scope: await keys(o.scope) for o in TABLE if o.scope not in ("", ANYBODY)} | {
        ANYBODY: await keys("wf:read")
    }
    destructive = ("delete", "end", "revoke")
    async with httpx2.AsyncClient(base_url=f"{address}/api/v1", timeout=60) as web:
        for operation in sorted(TABLE, key=lambda o: o.name.startswith(destructive)):
            ask, told = REQUESTS[operation.name], f"{operation.method} {operation.path}"
            if ask.fresh:
                await world.asking()
            if operation.scope:
                answer = await send(web, world, operation, None)
                assert answer.status_code == 401 and MARK not in answer.text, told
                assert same(answer) == same(await send(web, world, operation, None, unknown=True)), told
            if operation.scope in scoped:
                answer = await send(web, world, operation, scoped[operation.scope])
                assert answer.status_code == 403 and MARK not in answer.text, told
                unknown = await send(web, world, operation, scoped[operation.scope], unknown=True)
                assert same(answer) == same(unknown), told
            if operation.scope:
                await strangers(web, world, operation, ask, wrong_tenant, wrong_bot)
            answer = await send(web, world, operation, right.get(operation.scope))
            assert answer.status_code in ask.status, (told, answer.status_code, answer.text[:500])


async def strangers(
    web: httpx2.AsyncClient, world: World, operation: Operation, ask: Ask, tenant: dict[str, str], bot: dict[str, str]
) -> None:
    """Whoever has all scopes, but of another tenant or for another bot, reads nothing, and finds nothing."""
    told = f"{operation.method} {operation.path}"
    for who, key in (("tenant", tenant), ("bot", bot)):
        if who == "bot" and ask.tenant_wide:
            continue
        if who == "tenant" and operation.tag in ("packages", "bots"):
            continue  # packages lie in the folders of the installation, and are every tenant's
        if who == "tenant" and operation.name in ("startExecution", "putSchedule"):
            continue  # so their workflows run for every tenant, in its own name
        answer = await send(web, world, operation, key)
        assert MARK not in answer.text, (told, who)
        written = operation.body is not None and MARK in json.dumps(ask.body)
        if operation.names and not written and operation.tag != "memory":
            assert answer.status_code in (403, 404), (told, who, answer.status_code)
            unknown = await send(web, world, operation, key, unknown=True)
            assert same(answer) == same(unknown), (told, who)


async def rpc(web: httpx2.AsyncClient, method: str, params: dict[str, Any], key: dict[str, str]) -> str:
    asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    answer = await web.post("/rpc", json=asked, headers=key)
    assert answer.status_code < 500
    return answer.text


async def test_no_tool_serves_whom_it_should_not(address: str, world: World, keys: KeysFor) -> None:
    wrong_tenant, wrong_bot = await keys(tenant=OTHER), await keys(bots=LIMITED)
    async with httpx2.AsyncClient(base_url=address, timeout=60) as web:
        for path in ("/mcp", "/rpc", "/tools/call", "/gb/tools/call"):
            assert (await web.post(path, json={})).status_code == 401, path
        for tool in CATALOGUE:
            arguments = json.loads(world.path(json.dumps(TOOLS[tool.name]).replace("{}", "[]")).replace("[]", "{}"))
            asked = {"name": tool.name, "arguments": arguments}
            if tool.scope:
                told = await rpc(web, "tools/call", asked, await keys(*lacking(tool.scope)))
                assert MARK not in told and ('"isError":true' in told or '"error"' in told), tool.name
            for key in (wrong_tenant, wrong_bot) if tool.name not in ALIKE else ():
                if key is wrong_tenant and tool.name == "orchestrate":
                    continue  # packages are the installation's: it runs for the other tenant, in its own name
                told = await rpc(web, "tools/call", asked, key)
                assert MARK not in told, tool.name
            right = await keys(tool.scope) if tool.scope else await keys("wf:read")
            told = await rpc(web, "tools/call", asked, right)
            if tool.name not in ("decide_approval", "llm_optimize_for"):
                assert '"isError":true' not in told and '"error":{"code"' not in told, (tool.name, told[:500])


async def test_no_resource_is_read_by_whom_it_should_not(address: str, world: World, keys: KeysFor) -> None:
    wrong_tenant, wrong_bot, nothing = await keys(tenant=OTHER), await keys(bots=LIMITED), await keys("events:publish")
    right = await keys("wf:read", "memory:read")
    async with httpx2.AsyncClient(base_url=address, timeout=60) as web:
        listed = json.loads(await rpc(web, "resources/templates/list", {}, right))
        known = {re.sub(r"\{.*", "", address) for address in RESOURCES}
        for row in listed["result"]["resourceTemplates"]:
            assert re.sub(r"\{.*", "", row["uriTemplate"]) in {*known, "memory://", "bots://"}, row
        for uri, owned in RESOURCES.items():
            asked = {"uri": world.path(uri)}
            told = await rpc(web, "resources/read", asked, right)
            assert '"contents"' in told, (uri, told[:300])
            if owned:
                for key in (wrong_bot, nothing) if uri.startswith("bots") else (wrong_tenant, wrong_bot, nothing):
                    told = await rpc(web, "resources/read", asked, key)
                    assert MARK not in told and f'"{BOT}' not in told.replace(uri, ""), uri
        for key in (wrong_tenant, wrong_bot, nothing):
            assert MARK not in await rpc(web, "resources/list", {}, key)


OPEN = {"/", "/healthz", "/readyz", "/openapi.json", "/api/v1/openapi.json", "/api/docs", "/api/docs.css", "/inbox",
        "/inbox/open", "/inbox/decide", "/inbox/style.css", "/inbox/link", "/health", "/gb/health",
        "/designer/open"}  # fmt: skip
GUARDED = {"/mcp", "/metrics", "/rpc", "/tools/list", "/tools/call", "/gb/tools/list", "/gb/tools/call", "/events",
           "/events/{name:path}"}  # fmt: skip
BY_SECRET = {"/api/{bot}/webhook/{endpoint}", "/api/{bot}/form/{form}"}  # whoever knows a webhook's own secret


async def test_no_page_is_shown_to_whom_it_should_not(address: str, app: App, world: World, keys: KeysFor) -> None:
    designer = house(doors(app))[0].table
    pages = {entry.path for entry in designer} | {"/designer/static/{path:path}"}
    served = [route for route in http.application(app).routes if not isinstance(route, Below)]
    paths = {route.path for route in served if isinstance(route, Route)}
    assert len(paths) and not {p for p in paths - OPEN - GUARDED - BY_SECRET - pages if "static" not in p}, "no row"
    wrong_tenant, wrong_bot = await keys(tenant=OTHER), await keys(bots=LIMITED)
    scoped = {scope: await keys(*lacking(scope)) for scope in {entry.scope for entry in designer}}
    async with httpx2.AsyncClient(base_url=address, timeout=60) as web:
        for path in sorted(paths - {p for p in paths if "static" in p}):
            where = world.path(path)
            for method in ("GET", "POST"):
                status, text = await seen(web, method, where)
                assert MARK not in text, (method, path)
                if path in GUARDED and status not in (400, 404, 405):
                    assert status == 401, (method, path, status)
        for entry in designer:
            if "GET" not in entry.methods:
                continue
            where = world.path(re.sub(r"\{(\w+)\}", _named, entry.path))
            assert (await seen(web, "GET", where))[0] == 401, entry.path
            for who in (wrong_tenant, wrong_bot, scoped[entry.scope]):
                status, text = await seen(web, "GET", where, who)
                assert status < 500 and MARK not in text, (entry.path, status)


async def seen(
    web: httpx2.AsyncClient, method: str, path: str, headers: dict[str, str] | None = None
) -> tuple[int, str]:
    """Status and text of an answer; of a stream, which does not end, how it begins."""
    async with web.stream(method, path, headers=headers or {}) as answer:
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            return answer.status_code, (await answer.aread()).decode("utf-8", "replace")
        async for piece in answer.aiter_text():
            return answer.status_code, piece
        return answer.status_code, ""


def _named(found: re.Match[str]) -> str:
    """The designer's names for what its paths hold, as the world calls them."""
    return {"id": "{workflow}", "number": "1", "run": "{execution}"}.get(found[1], "{" + found[1] + "}")


async def test_sessions_of_one_caller_are_closed_to_another(address: str, keys: KeysFor) -> None:
    one, two = await keys("wf:read"), await keys("wf:read")
    about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": about}
    kinds = {"Accept": "application/json, text/event-stream"}
    async with httpx2.AsyncClient(base_url=address, headers=kinds, timeout=30) as web:
        session = (await web.post("/mcp", json=hello, headers=one)).headers["mcp-session-id"]
        listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
        same = {"Mcp-Session-Id": session, "MCP-Protocol-Version": "2025-06-18"}
        assert (await web.post("/mcp", json=listing, headers={**one, **same})).status_code == 200
        assert (await web.post("/mcp", json=listing, headers={**two, **same})).status_code == 404
        assert (await web.post("/mcp", json=listing, headers=same)).status_code == 401


async def test_a_program_as_text_needs_the_scopes_of_what_it_says(address: str, keys: KeysFor) -> None:
    running = await keys("wf:run")
    async with httpx2.AsyncClient(base_url=f"{address}/api/v1", headers=running, timeout=60) as web:
        for line in ('PUBLISH EVENT "x"', 'SET BOT MEMORY "k", 1', 'x = GET BOT MEMORY("k")', "SET LIMIT RUNNING 5"):
            answer = await web.post("/executions", json={"source": f"{line}\n", "dry_run": True})
            assert answer.status_code == 403, (line, answer.text)
        assert (await web.post("/executions", json={"source": "TALK 1\n", "dry_run": True})).status_code == 200
        limited = await keys("wf:run", bots=LIMITED)
        answer = await web.post("/executions", json={"source": "TALK 1\n"}, headers=limited)
        assert answer.status_code == 403 and "packaged" in answer.json()["detail"]


@pytest.mark.parametrize("package", [None, "customer-support"])
async def test_a_draft_is_published_only_by_who_may_do_what_it_says(
    address: str, web: httpx2.AsyncClient, keys: KeysFor, package: str | None
) -> None:
    drawn = {"name": "limits", "source": "SET LIMIT RUNNING 5\n", "package": package}
    async with httpx2.AsyncClient(base_url=f"{address}/api/v1", headers=await keys("wf:run"), timeout=60) as running:
        made = (await running.post("/workflows", json=drawn)).json()
        path, match = f"/workflows/{made['id']}", {"If-Match": f'"{made["etag"]}"'}
        answer = await running.post(f"{path}/publish", json={}, headers=match)
        assert (answer.status_code, "SET LIMIT, which needs the scope admin" in answer.text) == (403, True), answer.text
        assert (await running.get(path)).json()["published"] is None
        assert (await running.get(f"{path}/versions")).json()["items"] == []
        assert (await running.post(f"{path}/executions", json={})).status_code == 409
        assert (await web.post(f"{path}/publish", json={}, headers=match)).status_code == 200
