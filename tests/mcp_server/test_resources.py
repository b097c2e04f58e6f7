"""Resources, prompts and completions, in both protocol eras; and word of changes from whichever process made them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import mcp.types as types
import pytest
from mcp import Client, MCPDeprecationWarning, MCPError
from mcp.server.subscriptions import ResourcesListChanged, ResourceUpdated, ToolsListChanged

from keywords.check import check
from keywords.library import registry
from mcp_server.app import App, open_app
from mcp_server.identity import acting
from mcp_server.mcp_face.resources import memory_uri
from mcp_server.mcp_face.subscriptions import HintedBus
from mcp_server.server import build
from mcp_server.settings import Settings
from storage.hints import PostgresHints
from storage.pool import Pool, Where
from tests.mcp_server.conftest import APPROVAL, Connect
from tests.mcp_server.test_sessions import told

PAUSED = 'STEP 1: TALK "begun"\nSTEP 2: x = WAIT FOR SIGNAL "go" TIMEOUT 600\nSTEP 3: RETURN x\n'


async def text_of(client: Client, uri: str) -> str:
    (content,) = (await client.read_resource(uri)).contents
    assert isinstance(content, types.TextResourceContents)
    return content.text


async def value_of(client: Client, uri: str) -> Any:
    return json.loads(await text_of(client, uri))


async def begun(client: Client, source: str = PAUSED) -> str:
    reply = told(await client.call_tool("orchestrate", {"source": source, "inputs": {"amount": 1}, "wait_seconds": 1}))
    return reply["execution_id"]


async def test_each_resource_says_what_its_address_stands_for(http_client: Connect) -> None:
    async with http_client() as client:
        execution = await begun(client)
        reply = await value_of(client, f"workflow://executions/{execution}")
        assert (reply["status"], reply["messages"]) == ("waiting", [{"text": "begun"}])
        flow = await value_of(client, f"workflow://executions/{execution}/flow")
        assert [node["line"] for node in flow["nodes"]] == [1, 2, 3] and flow["lines"] == {"1": "done"}
        assert flow["nodes"][1]["kind"] == "wait"
        listed = (await value_of(client, "bots://"))["bots"]
        assert "customer-support" in [bot["bot"] for bot in listed]
        bot = await value_of(client, "bots://customer-support")
        request = next(each for each in bot["dialogs"] if each["name"] == "customer-support/request")
        assert {"name", "type", "required"} <= set(request["params"][0])
        assert set(await value_of(client, "models://performance")) == {"models", "usage"}
        grammar = await text_of(client, "workflow://grammar")
        assert "WAIT FOR EVENT" in grammar and "PARALLEL FOR EACH" in grammar
        for unknown in (
            "workflow://executions/00000000-0000-0000-0000-000000000000", "workflow://executions/x", "bots://nobody",
            memory_uri("ana", "nothing"),
        ):  # fmt: skip
            with pytest.raises(Exception, match=r"(?i)there is no|nothing|unknown|remembers"):
                await client.read_resource(unknown)


def test_every_program_of_the_primer_is_right() -> None:
    from importlib import resources

    primer = resources.files("mcp_server.mcp_face").joinpath("primer.md").read_text("utf-8")
    for program in primer.split("```basic\n")[1:]:
        found = check(program.partition("```")[0], registry(), ("customer-support", "legal"))
        assert not [one for one in found if one.severity == "error"], found


async def test_the_list_goes_on_with_the_newest_executions_page_by_page(app: App, http_client: Connect) -> None:
    async with http_client() as client:
        calls = [client.call_tool("orchestrate", {"source": f"RETURN {n}", "wait_seconds": 20}) for n in range(60)]
        made = {f"workflow://executions/{told(one)['execution_id']}" for one in await asyncio.gather(*calls)}
        seen: list[str] = []
        cursor, pages = None, 0
        while True:
            page = await client.list_resources(cursor=cursor)
            seen += [str(one.uri) for one in page.resources]
            pages += 1
            if not (cursor := page.next_cursor):
                break
        assert pages == 2 and len(seen) == len(set(seen)) and made <= set(seen)
        assert {"workflow://grammar", "bots://", "models://performance"} <= set(seen)
        templates = (await client.list_resource_templates()).resource_templates
        assert {one.uri_template for one in templates} >= {
            "workflow://executions/{execution_id}", "bots://{bot}", "memory://{bot}/{key}",
        }  # fmt: skip
        with pytest.raises(Exception, match="cursor is none of ours"):
            await client.list_resources(cursor="x")


@asynccontextmanager
async def hearing(client: Client, era: str, heard: asyncio.Queue[str], uri: str) -> AsyncGenerator[None]:
    """Changes of one address go to the queue, in the way of the era."""
    if era == "legacy":
        with pytest.warns(MCPDeprecationWarning):
            await client.session.subscribe_resource(uri)  # pyright: ignore[reportDeprecated] - the earlier era's way
        yield
        return
    async with client.listen(resource_subscriptions=[uri]) as changes:

        async def pump() -> None:
            async for event in changes:
                assert isinstance(event, ResourceUpdated)
                heard.put_nowait(str(event.uri))

        task = asyncio.create_task(pump())
        try:
            yield
        finally:
            task.cancel()


async def test_a_change_made_by_another_process_is_heard(
    app: App, settings: Settings, http_client: Connect, era: str
) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def message(given: Any) -> None:
        if isinstance(given, types.ResourceUpdatedNotification):
            heard.put_nowait(str(given.params.uri))

    async with http_client(message_handler=message) as client, open_app(settings, "look") as other:
        execution = await begun(client)
        uri = f"workflow://executions/{execution}"
        async with hearing(client, era, heard, uri):
            assert await heard.get() == uri, "nobody knows what happened until now"
            detail = await other.operations.get(other.caller("test", ""), UUID(execution))
            await other.operations.signal(other.caller("test", ""), detail.id, "go", 42)
            while (await value_of(client, uri))["status"] != "completed":
                assert await heard.get() == uri
            assert (await value_of(client, uri))["result"] == 42


async def test_whoever_leaves_is_no_longer_watched_for(app: App, http_client: Connect, era: str) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    before = len(app.feed._watching)  # pyright: ignore[reportPrivateUsage] - what is left behind shows nowhere else
    async with http_client() as client:
        await client.call_tool("set_memory", {"bot": "ana", "key": "k", "value": "v"})
        async with hearing(client, era, heard, memory_uri("ana", "k")):
            assert len(app.feed._watching) == before + 1  # pyright: ignore[reportPrivateUsage] - the same
        if era == "legacy":
            with pytest.warns(MCPDeprecationWarning):
                await client.session.unsubscribe_resource(memory_uri("ana", "k"))  # pyright: ignore[reportDeprecated]
    while len(app.feed._watching) > before:  # pyright: ignore[reportPrivateUsage] - the same
        await asyncio.sleep(0)


async def test_what_is_no_address_of_ours_cannot_be_subscribed_to(http_client: Connect, era: str) -> None:
    async with http_client() as client:
        for uri in ("workflow://executions/00000000-0000-0000-0000-000000000000", "memory://x", "http://example.com"):
            with pytest.raises(Exception, match=r"(?i)there is no|address"):
                async with hearing(client, era, asyncio.Queue(), uri):
                    pass


async def test_the_bus_reaches_the_other_processes_and_not_itself(database: str, pool: Pool) -> None:
    where: Where = database
    hints, others = PostgresHints(where, pool), PostgresHints(where, pool)
    listening = [asyncio.create_task(each.run()) for each in (hints, others)]
    ours: list[object] = []
    theirs: asyncio.Queue[object] = asyncio.Queue()
    one, two = HintedBus(hints), HintedBus(others)
    ready = [asyncio.Event(), asyncio.Event()]
    for each, event in zip((hints, others), ready, strict=True):
        each.subscribe(lambda topics, event=event: event.set())
    leave = [one.subscribe(ours.append), two.subscribe(theirs.put_nowait)]
    await asyncio.gather(*(event.wait() for event in ready))
    for event in (ToolsListChanged(), ResourcesListChanged(), ResourceUpdated(uri='a "b"\n')):
        await one.publish(event)
        assert await theirs.get() == event
    await two.publish(ToolsListChanged())
    while len(ours) < 4:
        await asyncio.sleep(0)
    assert ours[3] == ToolsListChanged() and theirs.get_nowait() == ToolsListChanged()
    for each in leave:
        each()
    for task in listening:
        task.cancel()


async def test_the_prompts_hold_what_one_needs_to_write_and_to_find_faults(http_client: Connect) -> None:
    async with http_client() as client:
        assert {prompt.name for prompt in (await client.list_prompts()).prompts} == {
            "write_workflow",
            "debug_execution",
        }
        given = {"goal": "Pay refunds", "like": "customer-support/refund"}
        (message,) = (await client.get_prompt("write_workflow", given)).messages
        assert isinstance(message.content, types.TextContent)
        for words in ("Pay refunds", "HUMAN APPROVAL", "customer-support", "validate_workflow", "PARAM"):
            assert words in message.content.text
        failed = told(
            await client.call_tool("orchestrate", {"source": 'TALK "a"\nTHROW "no luck"', "wait_seconds": 20})
        )
        (message,) = (await client.get_prompt("debug_execution", {"execution_id": failed["execution_id"]})).messages
        assert isinstance(message.content, types.TextContent)
        for words in ("no luck", "THROW", "TALK", "control_execution"):
            assert words in message.content.text
        with pytest.raises(MCPError, match="There is no execution"):
            await client.get_prompt("debug_execution", {"execution_id": "x", "goal": "what it does not have"})
        for wrong in ({}, {"goal": "x", "like": "nothing/there"}):
            with pytest.raises(MCPError) as refusal:
                await client.get_prompt("write_workflow", wrong)
            assert refusal.value.code == types.INVALID_PARAMS


async def test_arguments_are_completed(http_client: Connect) -> None:
    async with http_client() as client:

        async def completed(ref: Any, name: str, value: str, **chosen: str) -> list[str]:
            answer = await client.complete(ref, {"name": name, "value": value}, chosen or None)
            return list(answer.completion.values)

        execution = await begun(client, APPROVAL)
        prompt = types.PromptReference(type="ref/prompt", name="debug_execution")
        assert execution in await completed(prompt, "execution_id", execution[:6])
        assert execution in await completed(prompt, "execution_id", "refu"), "by the workflow's name too"
        write = types.PromptReference(type="ref/prompt", name="write_workflow")
        assert "customer-support/refund" in await completed(write, "like", "refund")
        bots = types.ResourceTemplateReference(type="ref/resource", uri="bots://{bot}")
        assert (await completed(bots, "bot", "cust"))[0] == "customer-support"
        told(await client.call_tool("set_memory", {"bot": "ana", "key": "order.1", "value": "x"}))
        memory = types.ResourceTemplateReference(type="ref/resource", uri="memory://{bot}/{key}")
        assert await completed(memory, "key", "ord", bot="ana") == ["order.1"]
        assert await completed(memory, "nothing", "x") == []


async def test_a_key_reads_only_what_its_scopes_and_bots_let_it(app: App) -> None:
    owner = app.caller("test", "")
    async with Client(build(app)) as client:
        told(await client.call_tool("set_memory", {"bot": "customer-support", "key": "k", "value": "secret"}))
        execution = await begun(client)
    nobody = replace(owner, subject="key", owner=False, scopes=frozenset[str]())
    stranger = replace(owner, subject="key", owner=False, bots=frozenset({"order-processing"}))
    elsewhere = replace(owner, subject="key", owner=False, tenant=UUID(int=7))
    memory = memory_uri("customer-support", "k")
    for caller in (nobody, stranger, elsewhere):
        with acting(caller):
            async with Client(build(app)) as client:
                with pytest.raises(Exception) as refusal:
                    await client.read_resource(memory)
                assert "secret" not in str(refusal.value)
                if caller is not stranger:
                    with pytest.raises(Exception, match=r"(?i)scope|there is no"):
                        await client.read_resource(f"workflow://executions/{execution}")
                    assert not [one for one in (await client.list_resources()).resources if execution in str(one.uri)]
    with acting(stranger):
        async with Client(build(app)) as client:
            listed = await value_of(client, "bots://")
            assert [bot["bot"] for bot in listed["bots"]] == ["order-processing"]
            with pytest.raises(Exception, match="no bot"):
                await client.read_resource("bots://customer-support")
