"""Lists and the journal by cursor, all kinds of approvals, the reference of keywords, progress, published workflows."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.server.subscriptions import ToolsListChanged

from designer.publishing import Publishing
from keywords.library import registry
from mcp_server.app import App
from mcp_server.identity import acting
from mcp_server.keyword_tools import reference
from mcp_server.mcp_face import waiting
from mcp_server.mcp_face.catalogue import TOOLS
from mcp_server.mcp_face.reference import Reference
from mcp_server.replies import LONGEST_REPLY
from mcp_server.server import build
from tests.mcp_server.conftest import APPROVAL, Connect, Person
from tests.mcp_server.test_sessions import refused, told
from workflow.details import SCOPES


async def call(client: Client, tool: str, **given: Any) -> dict[str, Any]:
    return told(await client.call_tool(tool, given))


async def test_the_list_of_executions_goes_on_by_cursor_without_loss_or_double(http_client: Connect) -> None:
    async with http_client() as client:
        runs = [call(client, "orchestrate", source=f"RETURN {n}", wait_seconds=20) for n in range(7)]
        made = {one["execution_id"] for one in await asyncio.gather(*runs)}
        seen: list[str] = []
        page = await call(client, "list_executions", limit=3)
        while True:
            seen += [one["execution_id"] for one in page["executions"]]
            if "cursor" not in page:
                break
            page = await call(client, "list_executions", limit=3, cursor=page["cursor"])
        assert len(seen) == 7 and set(seen) == made
        for wrong in ("x", "W10", page.get("cursor", "") + "!"):
            assert "none of ours" in refused(await client.call_tool("list_executions", {"cursor": wrong}))


async def test_the_journal_is_read_by_cursor_and_goes_on_where_it_stopped(http_client: Connect) -> None:
    source = 'FOR i = 1 TO 120\n  TALK "line " + i + " " + LEFT(long, 200)\nNEXT\n'
    source += 'x = WAIT FOR SIGNAL "go" TIMEOUT 60\nTHROW "at the end"\n'
    async with http_client() as client:
        given = {"source": source, "inputs": {"long": "é" * 500}, "wait_seconds": 5}
        execution = (await call(client, "orchestrate", **given))["execution_id"]
        rows: list[dict[str, Any]] = []
        page = await call(client, "get_execution", execution_id=execution, history=True)
        while page["history"]:
            rows += page["history"]
            assert len(json.dumps(page, ensure_ascii=False).encode()) <= LONGEST_REPLY
            page = await call(client, "get_execution", execution_id=execution, history=True, cursor=page["cursor"]) if (
                "cursor" in page
            ) else {"history": []}  # fmt: skip
        assert [row["n"] for row in rows] == list(range(1, 121)) and rows[4]["answer"].startswith("line 5")
        assert {(row["line"], row["keyword"]) for row in rows} == {(2, "TALK")}
        signal = {"execution_id": execution, "action": "signal", "signal": "go", "wait_seconds": 20}
        assert (await call(client, "control_execution", **signal))["status"] == "failed"
        last = await call(client, "get_execution", execution_id=execution, history=True)
        while last.get("cursor"):
            last = await call(client, "get_execution", execution_id=execution, history=True, cursor=last["cursor"])
        assert last["history"][-1]["keyword"] == "WAIT FOR SIGNAL" and "all of it" in last["next"]
        assert "none of ours" in refused(
            await client.call_tool("get_execution", {"execution_id": execution, "history": True, "cursor": "x"})
        )


async def test_the_history_names_what_was_started(http_client: Connect) -> None:
    source = 'PARALLEL\n  BRANCH A: TALK "a"\n  BRANCH B: TALK "b"\nEND PARALLEL\n'
    async with http_client() as client:
        execution = (await call(client, "orchestrate", source=source, wait_seconds=20))["execution_id"]
        page = await call(client, "get_execution", execution_id=execution, history=True)
        assert [part["status"] for part in page["parts"]] == ["completed", "completed"]
        part = page["parts"][0]["execution_id"]
        below = await call(client, "get_execution", execution_id=part, history=True)
        assert [row["keyword"] for row in below["history"]] == ["TALK"]


async def test_pending_and_decided_approvals_are_listed_and_mine_are_mine(app: App, era: Any) -> None:
    async with Client(build(app), mode=era, elicitation_callback=Person("reject", "too much", [])) as client:
        runs = [call(client, "orchestrate", source=APPROVAL, inputs={"amount": n}) for n in range(3)]
        started = [one["execution_id"] for one in await asyncio.gather(*runs)]
        pending = await call(client, "list_approvals", limit=2)
        rest = await call(client, "list_approvals", limit=2, cursor=pending["cursor"])
        rows = [*pending["approvals"], *rest["approvals"]]
        assert {row["execution_id"] for row in rows} == set(started) and {row["status"] for row in rows} == {"pending"}
        assert (await call(client, "list_approvals", mine=True))["approvals"] == []
        lead = replace(app.caller("test", ""), subject="Lead@example.com")
        with acting(lead):
            async with Client(build(app), mode=era) as theirs:
                assert len((await call(theirs, "list_approvals", mine=True))["approvals"]) == 3
        assert (await call(client, "decide_approval", execution_id=started[0], decision="approve"))[
            "status"
        ] == "completed"
        (decided,) = (await call(client, "list_approvals", status="decided"))["approvals"]
        assert (decided["execution_id"], decided["status"]) == (started[0], "rejected")
        assert decided["decisions"] == [{"by": app.owner, "decision": "reject", "comment": "too much"}]


async def test_a_person_may_say_more_than_yes_and_no(app: App) -> None:
    asked: list[str] = []
    async with Client(build(app), elicitation_callback=Person("comment", "Who pays?", asked)) as client:
        started = await call(client, "orchestrate", source=APPROVAL, inputs={"amount": 3})
        given = {"execution_id": started["execution_id"], "decision": "requestinfo", "comment": "who?"}
        still = told(await client.call_tool("decide_approval", given))
        assert still["status"] == "waiting" and "proposes to ask for more: who?" in asked[0]
        (approval,) = await app.operations.approvals(app.caller("test", ""))
        assert [act["details"] for act in approval.history if act["action"] == "comment_added"] == ["Who pays?"]


async def test_an_agents_key_does_not_decide_even_when_its_client_shows_forms(app: App) -> None:
    asked: list[str] = []
    async with Client(build(app)) as client:
        started = await call(client, "orchestrate", source=APPROVAL, inputs={"amount": 3})
    agent = replace(app.caller("test", ""), subject="key ci", owner=False, scopes=SCOPES - {"wf:approve", "admin"})
    for allowed in (False, True):
        settings = replace(app.settings, agents_may_approve=allowed)
        with acting(agent):
            async with Client(
                build(replace(app, settings=settings)), elicitation_callback=Person("approve", "", asked)
            ) as client:
                given = {"execution_id": started["execution_id"], "decision": "approve"}
                said = refused(await client.call_tool("decide_approval", given))
                assert "wf:approve" in said
    assert asked == [] and len(await app.operations.approvals(app.caller("test", ""))) == 1


QUESTIONS = {
    "how do I wait for an event": "WAIT FOR EVENT",
    "WAIT FOR EVNT": "WAIT FOR EVENT",
    "ask a person for permission": "HUMAN APPROVAL",
    "repeat for every item of a list": "FOR EACH",
    "call a language model cheaply": "LLM",
    "run every monday": "SET SCHEDULE",
    "share data between bots": "BOT SHARE MEMORY",
    "catch an error": "TRY",
    "publish": "PUBLISH EVENT",
    "read what was remembered": "GET BOT MEMORY",
    "try again when it fails": "RETRY",
    "things at the same time": "PARALLEL",
    "an input of the workflow": "PARAM",
    "send an email": "SEND MAIL",
}


@pytest.fixture(scope="module")
def pages() -> Reference:
    return reference(registry())


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_reference_answers_a_question_among_its_first_five(pages: Reference, question: str) -> None:
    names = [page.name for page in pages.search(question, 5)]
    assert QUESTIONS[question] in names, names


async def test_a_client_asks_the_reference_and_is_told_what_it_does_not_know(app: App) -> None:
    async with Client(build(app)) as client:
        found = (await call(client, "search_keywords", query="how do I wait for an event"))["keywords"]
        assert found[0]["keyword"] == "WAIT FOR EVENT" and len(found) == 5
        assert all(row["forms"] and row["does"] for row in found)
        assert (await call(client, "search_keywords", query="zzzz qqqq"))["keywords"] == []
        assert "needs a query" in refused(await client.call_tool("search_keywords", {"query": "  "}))


async def test_a_client_that_waits_is_told_of_progress(http_client: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "EVERY", 0.1)
    words: list[str] = []

    async def heard(progress: float, total: float | None, message: str | None) -> None:
        words.append(message or "")

    async with http_client() as client:
        given = {"source": "STEP 1: DELAY 1\nRETURN 1\n", "wait_seconds": 20}
        result = await client.call_tool("orchestrate", given, progress_callback=heard)
        assert told(result)["result"] == 1
    assert any("workflow is waiting at step 1" in each for each in words), words


async def test_published_workflows_are_tools_with_their_params_as_arguments(app: App, tmp_path: Path, era: Any) -> None:
    settings = replace(app.settings, published_tools=("customer-support/refund", "order-processing/*"))
    async with Client(build(replace(app, settings=settings)), mode=era) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert len(tools) > len(TOOLS) and list(tools)[: len(TOOLS)] == [tool.name for tool in TOOLS]
        refund = tools["customer-support_refund"]
        assert refund.title == 'CALL WORKFLOW "customer-support/refund"' and refund.description
        schema = refund.input_schema
        assert schema["type"] == "object" and set(schema["required"]) <= set(schema["properties"])
        given = {name: _sample(part) for name, part in schema["properties"].items()}
        reply = told(await client.call_tool("customer-support_refund", given))
        assert reply["execution_id"] and reply["workflow"]
        short = refused(await client.call_tool("customer-support_refund", {}))
        assert "missing" in short
    async with Client(build(replace(app, settings=replace(settings, read_only=True))), mode=era) as client:
        assert "read-only" in refused(await client.call_tool("customer-support_refund", given))
    async with Client(build(app), mode=era) as client:
        assert (await client.call_tool("customer-support_refund", given)).is_error


def _sample(part: dict[str, Any]) -> Any:
    return (part.get("examples") or part.get("enum") or [{"number": 5, "integer": 5}.get(part["type"], "x")])[0]


async def test_what_is_published_in_the_designer_is_a_tool_from_then_on(app: App) -> None:
    owner, settings = app.caller("test", ""), replace(app.settings, published_tools=("*",))
    async with Client(build(replace(app, settings=settings))) as client:
        async with client.listen(tools_list_changed=True) as changes:
            source = 'DESCRIPTION "Doubles"\nPARAM n AS INTEGER DESCRIPTION "What to double"\nRETURN n * 2\n'
            draft = await app.drafts.create(owner, "Double it", source)
            assert "Double_it" not in [tool.name for tool in (await client.list_tools()).tools]
            await Publishing(app.drafts).publish(owner, draft.id)
            assert await anext(changes) == ToolsListChanged()
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert tools["Double_it"].description == "Doubles"
        assert tools["Double_it"].input_schema["properties"]["n"] == {
            "type": "integer",
            "description": "What to double",
        }
        assert (await call(client, "Double_it", n=21))["result"] == 42
        assert (await call(client, "orchestrate", workflow="double it", inputs={"n": 4}))["result"] == 8


async def test_many_published_workflows_are_listed_in_pages(app: App, tmp_path: Path) -> None:
    folder = tmp_path / "many.gbai" / "many.gbdialog"
    folder.mkdir(parents=True)
    for number in range(70):
        (folder / f"w{number:02}.bas").write_text(f'DESCRIPTION "Number {number}"\nRETURN {number}\n', "utf-8")
    from hostbridge.packages import Packages

    settings = replace(app.settings, published_tools=("many/*",))
    packages = Packages((tmp_path,), app.settings.home)
    async with Client(build(replace(app, settings=settings, packages=packages))) as client:
        seen: list[str] = []
        page = await client.list_tools()
        while True:
            seen += [tool.name for tool in page.tools]
            if not page.next_cursor:
                break
            page = await client.list_tools(cursor=page.next_cursor)
        assert len(seen) == len(set(seen)) == len(TOOLS) + 70
        with pytest.raises(Exception, match="none of ours"):
            await client.list_tools(cursor="x")


GIANT = 'é\n"😀' * 8_000


async def test_no_tool_answers_more_than_20_kb_whatever_it_has_to_tell(app: App) -> None:
    many = "FOR i = 1 TO 30\n  TALK big\nNEXT\n"
    approval = f'HUMAN APPROVAL FROM "{"a" * 90}@b.c", "d@e.f" MESSAGE big TIMEOUT 600'
    source = f"{many}PARALLEL FOR EACH n IN [{','.join('1' * 12)}]\n  x = {approval}\nEND PARALLEL\n"
    broken = 'x = ""\n' + "FOO BAR " + "y" * 5_000 + "\n" * 3 + ("IF x THEN TALK (\n" * 200)
    async with Client(build(app)) as client:
        waits = await call(client, "orchestrate", source=source, inputs={"big": GIANT}, wait_seconds=20)
        ended = await call(client, "orchestrate", source=f"{many}RETURN big", inputs={"big": GIANT}, wait_seconds=20)
        failed = await call(client, "orchestrate", source="THROW big", inputs={"big": GIANT}, wait_seconds=20)
        for number in range(12):
            await call(client, "set_memory", bot="b", key=f"k{number} " + "x" * 480, value=GIANT)
        await call(client, "share_memory", key="k*", from_bot="b", with_bot="customer-support")
        await call(client, "publish_event", event="big", data={"text": GIANT})
        asked: list[tuple[str, dict[str, Any]]] = [
            ("get_execution", {"execution_id": waits["execution_id"]}),
            ("get_execution", {"execution_id": ended["execution_id"]}),
            ("get_execution", {"execution_id": failed["execution_id"]}),
            ("get_execution", {"execution_id": waits["execution_id"], "history": True}),
            ("list_executions", {"limit": 50}),
            ("validate_workflow", {"source": broken}),
            ("control_execution", {"execution_id": waits["execution_id"], "action": "pause"}),
            ("control_execution", {"execution_id": waits["execution_id"], "action": "resume"}),
            ("wait_for_event", {"event": "big", "since": "2020-01-01", "wait_seconds": 1}),
            ("get_memory", {"bot": "b", "key": "*", "limit": 100}),
            ("get_memory", {"bot": "b", "key": "k1 " + "x" * 480}),
            ("get_memory", {"bot": "b", "key": "k1 " + "x" * 480, "history": True}),
            ("search_memory", {"bot": "b", "question": "é 😀 x", "limit": 50}),
            ("sync_memory", {"bot": "customer-support", "from_bot": "b"}),
            ("list_approvals", {"limit": 50}),
            ("decide_approval", {"execution_id": waits["execution_id"], "decision": "approve", "comment": "x" * 2_000}),
            ("llm_optimize_for", {"prompt": GIANT}),
            ("search_keywords", {"query": "execution memory event model" * 10, "limit": 20}),
            ("orchestrate", {"source": "FOO " * 5_000}),
            ("publish_event", {"event": "e" * 200, "data": GIANT}),
            ("set_memory", {"bot": "b", "key": "k", "value": GIANT, "action": "append"}),
            ("share_memory", {"key": "k*", "from_bot": "b", "with_bot": ",".join(f"bot{n}" for n in range(200))}),
        ]
        assert {name for name, _ in asked} == {tool.name for tool in TOOLS}
        for name, given in asked:
            result = await client.call_tool(name, given)
            (block,) = result.content
            size = len(getattr(block, "text", "").encode())
            assert size <= LONGEST_REPLY, f"{name} {str(given)[:80]}: {size:,} bytes"
            if not result.is_error:
                assert json.loads(getattr(block, "text", "")) == result.structured_content, name
