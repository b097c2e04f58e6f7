"""The list of tools is a contract: what clients see is committed, small, and says what each tool does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from mcp import Client

from mcp_server.app import App
from mcp_server.server import build

SNAPSHOT = Path(__file__).with_name("tools.json")
BUDGET = 26_500  # characters of JSON, some 6,000 tokens


async def listed(app: App) -> list[dict[str, Any]]:
    async with Client(build(app)) as client:
        tools = (await client.list_tools()).tools
    return [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools]


async def test_the_tools_are_as_committed(app: App) -> None:
    found = await listed(app)
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    if text != (SNAPSHOT.read_text("utf-8") if SNAPSHOT.exists() else ""):
        SNAPSHOT.with_suffix(".json.new").write_text(text, "utf-8")
    assert text == SNAPSHOT.read_text("utf-8"), "meant? then put tests/mcp_server/tools.json.new in its place"


async def test_the_tools_are_few_and_their_list_is_short(app: App) -> None:
    tools = await listed(app)
    assert [tool["name"] for tool in tools] == [
        "orchestrate",
        "validate_workflow",
        "get_execution",
        "decide_approval",
        "control_execution",
        "list_executions",
        "publish_event",
        "wait_for_event",
        "get_memory",
        "set_memory",
        "search_memory",
        "share_memory",
        "sync_memory",
        "llm_optimize_for",
    ]
    assert len(json.dumps(tools, separators=(",", ":"), ensure_ascii=False)) < BUDGET


async def test_every_tool_names_its_keyword_and_promises_what_it_does(app: App) -> None:
    for tool in await listed(app):
        assert tool["title"] and tool["description"]
        assert set(tool["annotations"]) >= {"readOnlyHint", "idempotentHint", "openWorldHint"}
        assert tool["inputSchema"]["type"] == "object" and tool["outputSchema"]["required"]
        assert not re.search(r'"title": "', json.dumps([tool["inputSchema"], tool["outputSchema"]]))
        for name, about in tool["inputSchema"]["properties"].items():
            assert about.get("description"), f"{tool['name']}.{name}"
