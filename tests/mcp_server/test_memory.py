"""Bot memory through MCP, in both protocol eras: read, write, share, take over, search, and hear of changes."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import mcp.types as types
import pytest
from mcp import MCPDeprecationWarning
from mcp.server.subscriptions import ResourceUpdated

from mcp_server.app import App
from mcp_server.mcp_face.resources import memory_uri as uri_of
from tests.mcp_server.conftest import Connect


def told(result: types.CallToolResult) -> dict[str, Any]:
    assert not result.is_error, result.content
    text = result.content[0]
    assert isinstance(text, types.TextContent) and json.loads(text.text) == result.structured_content
    return dict(result.structured_content or {})


async def test_a_memory_is_written_read_listed_and_looked_up_in_its_history(http_client: Connect) -> None:
    async with http_client() as client:

        async def call(tool: str, **given: Any) -> dict[str, Any]:
            return told(await client.call_tool(tool, given))

        assert (await call("get_memory", bot="ana", key="order.1"))["found"] is False
        assert (await call("set_memory", bot="ana", key="order.1", value={"tea": 2}))["result"] == 1
        assert (await call("get_memory", bot="ana", key="order.1"))["value"] == '{"tea": 2}'
        late = await call("set_memory", bot="ana", key="order.1", value="x", expected_version=9)
        assert late["error"]["kind"] == "conflict"
        assert (await call("set_memory", bot="ana", key="order.1", value="x", expected_version=1))["result"] == 2
        assert (await call("set_memory", bot="ana", key="n", action="increment", value=5))["result"] == 5
        assert (await call("set_memory", bot="ana", key="l", action="append", value="a"))["result"] == 1
        listed = await call("get_memory", bot="ana", key="*", limit=2)
        assert [one["key"] for one in listed["memories"]] == ["l", "n"]
        listed = await call("get_memory", bot="ana", key="*", limit=2, cursor=listed["cursor"])
        assert [one["key"] for one in listed["memories"]] == ["order.1"] and "cursor" not in listed
        past = await call("get_memory", bot="ana", key="order.1", history=True)
        assert [(one["version"], one["value"]) for one in past["history"]] == [(2, "x"), (1, '{"tea": 2}')]
        assert (await call("set_memory", bot="ana", key="order.1", action="delete"))["result"] is True
        assert (await call("get_memory", bot="ana", key="order.1"))["found"] is False
        await call("set_memory", bot="ana", key="long", value="é" * 20_000)
        reply = await call("get_memory", bot="ana", key="long")
        assert len(json.dumps(reply, ensure_ascii=False).encode()) < 20_000 and "value_from " in reply["next"]
        refused = await client.call_tool("get_memory", {"bot": "ana", "key": "a\nb"})
        assert refused.is_error


async def test_a_memory_is_shared_taken_over_found_and_taken_back(app: App, http_client: Connect) -> None:
    async with http_client() as client:

        async def call(tool: str, **given: Any) -> dict[str, Any]:
            return told(await client.call_tool(tool, given))

        shared = {"key": "city", "from_bot": "customer-support", "with_bot": "order-processing"}
        assert (await call("share_memory", **shared, value="Ada lives in Lisbon"))["status"] == "completed"
        read = {"bot": "order-processing", "key": "city", "from_bot": "customer-support"}
        assert (await call("get_memory", **read))["value"] == "Ada lives in Lisbon"
        found = await call("search_memory", bot="order-processing", question="Where does Ada live?")
        assert [(one["key"], one["origin"]) for one in found["memories"]] == [("city", "customer-support")]
        taken = await call("sync_memory", bot="order-processing", from_bot="customer-support", on_conflict="fail")
        assert taken["result"]["changed"] == ["city"]
        assert (await call("share_memory", **shared, revoke=True, purge=True))["result"]["purged"] == 1
        assert (await client.call_tool("get_memory", read)).is_error
        assert (await call("search_memory", bot="order-processing", question="Where does Ada live?"))["found"] is False


async def test_a_subscriber_hears_of_each_change(app: App, http_client: Connect, era: str) -> None:
    uri = uri_of("ana", "my key")
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def message(given: Any) -> None:
        if isinstance(given, types.ResourceUpdatedNotification):
            heard.put_nowait(str(given.params.uri))

    async with http_client(message_handler=message) as client, http_client() as other:

        async def write(value: str) -> None:
            told(await other.call_tool("set_memory", {"bot": "ana", "key": "my key", "value": value}))

        async def read() -> Any:
            (content,) = (await client.read_resource(uri)).contents
            assert isinstance(content, types.TextResourceContents)
            return json.loads(content.text)["value"]

        await write("one")
        if era == "legacy":
            with pytest.warns(MCPDeprecationWarning):
                await client.session.subscribe_resource(uri)  # pyright: ignore[reportDeprecated] - the earlier era's way
            await heard.get()  # what happened until now is unknown to a new subscriber
            await write("two")
            assert await heard.get() == uri
            assert await read() == "two"
        else:
            async with client.listen(resource_subscriptions=[uri]) as changes:
                await anext(changes)
                await write("two")
                changed = await anext(changes)
                assert isinstance(changed, ResourceUpdated) and str(changed.uri) == uri
                assert await read() == "two"
        with pytest.raises(Exception, match="remembers nothing"):
            await client.read_resource(uri_of("ana", "nothing"))
