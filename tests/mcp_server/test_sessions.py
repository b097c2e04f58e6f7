"""The main story through the SDK's own client: over stdio and over HTTP, in both protocol eras."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import mcp.types as types
import pytest
from mcp import Client

from mcp_server.app import App
from mcp_server.server import build
from tests.mcp_server.command import Botmcp
from tests.mcp_server.conftest import APPROVAL, Connect, Person


def told(result: types.CallToolResult) -> dict[str, Any]:
    """The reply, after the check that text and structured content are the same."""
    (block,) = result.content
    assert isinstance(block, types.TextContent)
    assert not result.is_error, block.text
    assert json.loads(block.text) == result.structured_content
    return json.loads(block.text)


def refused(result: types.CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, types.TextContent) and result.is_error and result.structured_content is None
    return block.text


async def story(client: Client, asked: list[str]) -> None:
    """Start from text, see it wait, have the person approve, read the result."""
    started = told(await client.call_tool("orchestrate", {"source": APPROVAL, "inputs": {"amount": 40}}))
    assert started["status"] == "waiting"
    assert started["messages"] == [{"text": "A refund of 40"}]
    (approval,) = started["approvals"]
    assert approval["approvers"] == ["lead@example.com"]
    assert "decide_approval" in started["next"]
    execution = started["execution_id"]
    decided = told(
        await client.call_tool("decide_approval", {"execution_id": execution, "decision": "reject", "comment": "Hm"})
    )
    assert "refund" in asked[0] and "proposes to reject: Hm" in asked[0]
    assert decided["status"] == "completed"
    seen = told(await client.call_tool("get_execution", {"execution_id": execution, "wait_seconds": 20}))
    assert seen["result"] == {"paid": True}, "the person decides, not the agent"
    assert [said["text"] for said in seen["messages"]] == ["A refund of 40", "Paid: a good customer"]


async def decisions(app: App) -> list[dict[str, Any]]:
    """What the journals say of decided approvals."""
    found: list[dict[str, Any]] = []
    caller = app.caller("test", "")
    for execution in await app.operations.listed(caller):
        rows, _ = await app.operations.journal(caller, execution.id)
        found += [row.answer for row in rows if row.keyword == "HUMAN APPROVAL"]
    return found


async def test_over_http_a_workflow_is_started_approved_by_a_person_and_read(app: App, http_client: Connect) -> None:
    asked: list[str] = []
    async with http_client(elicitation_callback=Person("approve", "a good customer", asked)) as client:
        await story(client, asked)
    (made,) = await decisions(app)
    assert (made["by"], made["on_behalf_of"]) == (app.owner, "lead@example.com")
    assert made["through"].startswith("mcp elicitation"), "the journal says who decided and through what"


async def test_an_agent_decides_only_where_the_owner_allows_it_and_is_named(app: App, era: Any) -> None:
    allowing = replace(app, settings=replace(app.settings, agents_may_approve=True))
    async with Client(build(allowing), mode=era) as client:
        started = told(await client.call_tool("orchestrate", {"source": APPROVAL, "inputs": {"amount": 2}}))
        given = {"execution_id": started["execution_id"], "decision": "reject", "comment": "too much"}
        assert told(await client.call_tool("decide_approval", given))["result"] == {"paid": False}
    (made,) = await decisions(app)
    assert made["by"].startswith("agent in ") and made["on_behalf_of"] == app.owner and made["comment"] == "too much"


async def test_over_stdio_a_workflow_is_started_approved_by_a_person_and_read(stdio_client: Connect) -> None:
    asked: list[str] = []
    async with stdio_client(elicitation_callback=Person("approve", "a good customer", asked)) as client:
        await story(client, asked)


LONG = 'TALK "begun"\nDELAY 1\nTALK "done"\nRETURN 42\n'


async def test_a_stdio_client_that_leaves_at_once_finds_the_finished_execution(stdio_client: Connect) -> None:
    async with stdio_client() as client:
        given = {"source": LONG, "wait_seconds": 0}
        execution = told(await client.call_tool("orchestrate", given))["execution_id"]
    async with stdio_client() as client:
        seen = told(await client.call_tool("get_execution", {"execution_id": execution, "wait_seconds": 20}))
    assert (seen["status"], seen["result"]) == ("completed", 42)
    assert [said["text"] for said in seen["messages"]] == ["begun", "done"]


async def test_a_client_that_cannot_ask_is_told_where_the_person_decides(http_client: Connect) -> None:
    async with http_client() as client:
        started = told(await client.call_tool("orchestrate", {"source": APPROVAL, "inputs": {"amount": 1}}))
        given = {"execution_id": started["execution_id"], "decision": "approve"}
        said = refused(await client.call_tool("decide_approval", given))
        assert "botmcp approve" in said and "inbox" in said
        assert "key=" not in said, "no secret is handed out"
        seen = told(await client.call_tool("get_execution", {"execution_id": started["execution_id"]}))
        assert seen["status"] == "waiting"


@pytest.mark.parametrize("action", ["decline", "cancel"])
async def test_a_form_that_is_not_answered_decides_nothing(http_client: Connect, action: Any) -> None:
    async def silent(context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        return types.ElicitResult(action=action)

    async with http_client(elicitation_callback=silent) as client:
        started = told(await client.call_tool("orchestrate", {"source": APPROVAL, "inputs": {"amount": 1}}))
        given = {"execution_id": started["execution_id"], "decision": "approve"}
        assert f"({action})" in refused(await client.call_tool("decide_approval", given))
        assert told(await client.call_tool("get_execution", {"execution_id": started["execution_id"]}))["approvals"]


async def test_a_client_that_gives_up_waiting_takes_nothing_with_it(http_client: Connect) -> None:
    async with http_client() as client:
        given = {"source": LONG, "idempotency_key": "mine", "wait_seconds": 20}
        with pytest.raises(Exception, match=r"(?i)timed? ?out"):
            await client.call_tool("orchestrate", given, read_timeout_seconds=0.5)
        again = told(await client.call_tool("orchestrate", given))
        assert (again["status"], again["result"]) == ("completed", 42)
        other = refused(await client.call_tool("orchestrate", {**given, "source": "RETURN 1"}))
        assert "mine was used for another request" in other


async def test_many_calls_at_once_each_get_their_own_answer(http_client: Connect) -> None:
    async with http_client() as client:
        calls = [client.call_tool("orchestrate", {"source": f"RETURN {n}", "wait_seconds": 20}) for n in range(20)]
        assert [told(result)["result"] for result in await asyncio.gather(*calls)] == list(range(20))


async def test_the_keyword_tools_are_executions_with_a_journal(http_client: Connect) -> None:
    waiting = 'order = WAIT FOR EVENT "order.paid" TIMEOUT 60\nRETURN order.id\n'
    async with http_client() as client:
        started = told(await client.call_tool("orchestrate", {"source": waiting, "wait_seconds": 0}))
        published = told(await client.call_tool("publish_event", {"event": "order.paid", "data": {"id": 7}}))
        assert published["status"] == "completed" and published["execution_id"]
        seen = told(
            await client.call_tool("get_execution", {"execution_id": started["execution_id"], "wait_seconds": 20})
        )
        assert seen["result"] == 7
        shared = {"key": "tier", "from_bot": "a", "with_bot": "customer-support", "value": "gold"}
        assert told(await client.call_tool("share_memory", shared))["status"] == "completed"
        nameless = told(await client.call_tool("publish_event", {"event": ""}))
        assert nameless["status"] == "failed" and "call publish_event again" in nameless["next"]
        unmodelled = told(await client.call_tool("llm_optimize_for", {"prompt": "Hello", "optimize_for": "speed"}))
        assert unmodelled["status"] == "failed" and "BOTMCP_MODELS" in unmodelled["error"]["message"]


async def test_an_approval_is_decided_once_and_the_journal_says_by_whom(botmcp: Botmcp, stdio_client: Connect) -> None:
    async with stdio_client(elicitation_callback=Person("approve", "", [])) as client:
        started = told(await client.call_tool("orchestrate", {"source": APPROVAL, "inputs": {"amount": 5}}))
        done = await asyncio.to_thread(botmcp.run, "approve", started["execution_id"], "--comment", "from the shell")
        assert done.returncode == 0, done.stderr
        seen = told(
            await client.call_tool("get_execution", {"execution_id": started["execution_id"], "wait_seconds": 20})
        )
        assert seen["messages"][-1]["text"] == "Paid: from the shell"
        late = await client.call_tool(
            "decide_approval", {"execution_id": started["execution_id"], "decision": "reject"}
        )
        assert "no pending approval" in refused(late)
