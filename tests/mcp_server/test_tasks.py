"""An execution as a task: for clients that know the extension, and the same reply as ever for those that do not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from mcp.server.apps import APP_MIME_TYPE

from mcp_server import http, listening_server
from mcp_server.app import App
from mcp_server.mcp_face.tasks import TASKS
from tests.mcp_server.conftest import APPROVAL

ERA = "2026-07-28"
FORMS: Mapping[str, Any] = {"elicitation": {"form": {}}, "extensions": {TASKS: {}}}


class Wire:
    """The later era's requests as they go over the wire, for the SDK's client knows no tasks."""

    def __init__(self, web: httpx2.AsyncClient, capabilities: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        self._web, self._capabilities, self._headers = web, capabilities, headers

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        meta = {
            "io.modelcontextprotocol/protocolVersion": ERA,
            "io.modelcontextprotocol/clientCapabilities": self._capabilities,
        }
        name = params.get("taskId") or params.get("name") or params.get("uri") or ""
        headers = {"MCP-Protocol-Version": ERA, "Mcp-Method": method, "Accept": "application/json, text/event-stream"}
        headers |= {"Mcp-Name": name} if name else {}
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": meta}}
        answer = await self._web.post("/mcp", json=body, headers=headers | dict(self._headers))
        lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: {")]
        told = json.loads(lines[-1] if lines else answer.text)
        return told.get("result") or {"error": told["error"]}

    async def task(self, source: str, **inputs: Any) -> dict[str, Any]:
        given = {"source": source, "inputs": inputs}
        return await self.ask("tools/call", name="orchestrate", arguments=given)

    async def until(self, task: str, *statuses: str) -> dict[str, Any]:
        while (found := await self.ask("tasks/get", taskId=task))["status"] not in statuses:
            await asyncio.sleep(0.02)
        return found


def wire(address: str, capabilities: Mapping[str, Any] = FORMS, **headers: str) -> tuple[httpx2.AsyncClient, Wire]:
    web = httpx2.AsyncClient(base_url=address, timeout=60)
    return web, Wire(web, capabilities, headers)


async def test_what_lasts_is_a_task_whose_id_is_the_executions(app: App, address: str) -> None:
    web, client = wire(address)
    async with web:
        made = await client.task('TALK "begun"\nDELAY 1\nRETURN 42\n')
        assert (made["resultType"], made["status"]) == ("task", "working") and "result" not in made
        assert made["pollIntervalMs"] and made["ttlMs"] == app.settings.keep_days * 86_400_000
        listed = await app.operations.listed(app.caller("test", ""))
        assert [str(one.id) for one in listed] == [made["taskId"]]
        done = await client.until(made["taskId"], "completed")
        assert done["result"]["structuredContent"]["result"] == 42 and done["result"]["isError"] is False
        at_once = await client.task("RETURN 1\n")
        assert at_once["resultType"] == "complete" and at_once["structuredContent"]["result"] == 1


async def test_a_failed_execution_is_a_completed_task_with_an_error(address: str) -> None:
    web, client = wire(address)
    async with web:
        made = await client.task('DELAY 0.5\nTHROW "no luck"\n')
        done = await client.until(made["taskId"], "completed", "failed")
        assert done["status"] == "completed" and done["result"]["isError"] is True
        assert "no luck" in done["result"]["content"][0]["text"]


async def test_a_task_is_cancelled_once_and_for_all(address: str) -> None:
    web, client = wire(address)
    async with web:
        made = await client.task("DELAY 600\n")
        for _ in range(2):
            assert set(await client.ask("tasks/cancel", taskId=made["taskId"])) - {"_meta"} == {"resultType"}
        assert (await client.until(made["taskId"], "cancelled"))["status"] == "cancelled"


async def test_a_person_approves_and_answers_through_the_tasks_input_requests(app: App, address: str) -> None:
    web, client = wire(address)
    async with web:
        made = await client.task(APPROVAL, amount=7)
        waits = await client.until(made["taskId"], "input_required")
        ((key, asked),) = waits["inputRequests"].items()
        assert asked["method"] == "elicitation/create" and "refund" in asked["params"]["message"]
        wrong = {key: {"action": "accept", "content": {"decision": "perhaps"}}, "other": {"action": "accept"}}
        assert "error" in await client.ask("tasks/update", taskId=made["taskId"], inputResponses=wrong)
        declined = {key: {"action": "decline"}}
        await client.ask("tasks/update", taskId=made["taskId"], inputResponses=declined)
        assert (await client.ask("tasks/get", taskId=made["taskId"]))["status"] == "input_required"
        yes = {key: {"action": "accept", "content": {"decision": "approve", "comment": "fine"}}}
        await client.ask("tasks/update", taskId=made["taskId"], inputResponses=yes)
        done = await client.until(made["taskId"], "completed")
        assert done["result"]["structuredContent"]["result"] == {"paid": True}
        rows, _ = await app.operations.journal(app.caller("test", ""), next(
            one.id for one in await app.operations.listed(app.caller("test", ""))
        ))  # fmt: skip
        (decided,) = [row.answer for row in rows if row.keyword == "HUMAN APPROVAL"]
        assert decided["through"].startswith("mcp elicitation") and decided["by"] == app.owner
        asking = await client.task('HEAR size AS "small", "large" WITH "Which size?"\nRETURN size\n')
        waits = await client.until(asking["taskId"], "input_required")
        ((key, asked),) = waits["inputRequests"].items()
        assert asked["params"]["requestedSchema"]["properties"]["answer"]["enum"] == ["small", "large"]
        given = {key: {"action": "accept", "content": {"answer": "large"}}}
        await client.ask("tasks/update", taskId=asking["taskId"], inputResponses=given)
        done = await client.until(asking["taskId"], "completed")
        assert done["result"]["structuredContent"]["result"] == "large"


async def test_a_client_without_forms_is_told_that_it_waits_and_not_asked(address: str) -> None:
    web, client = wire(address, {"extensions": {TASKS: {}}})
    async with web:
        made = await client.task(APPROVAL, amount=7)
        found = await client.ask("tasks/get", taskId=made["taskId"])
        assert found["status"] == "working" and "inputRequests" not in found and "approval" in found["statusMessage"]


async def test_a_client_that_knows_no_tasks_gets_the_reply(address: str) -> None:
    web, client = wire(address, {})
    async with web:
        given = {"source": "DELAY 600", "wait_seconds": 0.5}
        reply = await client.ask("tools/call", name="orchestrate", arguments=given)
        assert reply["resultType"] == "complete" and reply["structuredContent"]["status"] == "waiting"
        for method in ("tasks/get", "tasks/update", "tasks/cancel"):
            refused = await client.ask(method, taskId=reply["structuredContent"]["execution_id"], inputResponses={})
            assert refused["error"]["code"] == -32021


async def test_the_task_of_another_is_as_unknown_as_none(app: App, address: str) -> None:
    web, client = wire(address)
    async with web:
        made = await client.task("DELAY 600\n")
        unknown = await client.ask("tasks/get", taskId="00000000-0000-0000-0000-000000000000")
        assert unknown["error"]["code"] == -32602
        assert (await client.ask("tasks/get", taskId="x"))["error"]["code"] == -32602
    guarded = replace(app, settings=replace(app.settings, token="a-token-of-some-length"))
    async with listening_server.serving(http.application(guarded), "127.0.0.1", 0, ()) as elsewhere:
        web, _ = wire(elsewhere)
        async with web:
            answer = await web.post("/mcp", json={}, headers={"Authorization": "Bearer wrong"})
            assert answer.status_code == 401
        web, owner = wire(elsewhere, FORMS, Authorization="Bearer a-token-of-some-length")
        async with web:
            assert (await owner.ask("tasks/get", taskId=made["taskId"]))["status"] == "working"


@pytest.mark.parametrize("uri", ["ui://botmcp/execution.html", "ui://botmcp/approvals.html"])
async def test_a_card_is_one_page_that_loads_nothing(address: str, uri: str) -> None:
    web, client = wire(address)
    async with web:
        (page,) = (await client.ask("resources/read", uri=uri))["contents"]
        assert page["mimeType"] == APP_MIME_TYPE
        assert "http://" not in page["text"] and "https://" not in page["text"] and "innerHTML" not in page["text"]
        assert "/* card." not in page["text"], "the shared parts are in the page"
        tools = (await client.ask("tools/list"))["tools"]
        assert [tool["name"] for tool in tools if tool.get("_meta", {}).get("ui", {}).get("resourceUri") == uri]
