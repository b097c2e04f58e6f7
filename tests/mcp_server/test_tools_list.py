"""The list of tools is a contract: what clients see is committed, small, and says what each tool does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import tiktoken
from mcp import Client
from tokenizers import Tokenizer

from mcp_server.app import App
from mcp_server.server import build

SNAPSHOT = Path(__file__).with_name("tools.json")
BUDGET = 6_000  # tokens, by every tokenizer that is installed


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


def tokenizers() -> dict[str, Callable[[str], int]]:
    """The tokenizers of real models that come with litellm, so that nothing is downloaded."""
    found = find_spec("litellm")
    assert found and found.submodule_search_locations
    folder = Path(found.submodule_search_locations[0]) / "litellm_core_utils" / "tokenizers"
    claude = Tokenizer.from_file(str(folder / "anthropic_tokenizer.json"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
        openai = tiktoken.get_encoding("o200k_base")
    return {"claude": lambda text: len(claude.encode(text).ids), "o200k": lambda text: len(openai.encode(text))}


async def test_the_tools_are_few_and_their_list_is_short(app: App) -> None:
    tools = await listed(app)
    assert [tool["name"] for tool in tools] == [
        "orchestrate",
        "validate_workflow",
        "get_execution",
        "list_executions",
        "control_execution",
        "publish_event",
        "wait_for_event",
        "get_memory",
        "set_memory",
        "search_memory",
        "share_memory",
        "sync_memory",
        "list_approvals",
        "decide_approval",
        "llm_optimize_for",
        "search_keywords",
    ]
    text = json.dumps(tools, separators=(",", ":"), ensure_ascii=False)
    for name, tokens in tokenizers().items():
        assert tokens(text) <= BUDGET, f"{tokens(text):,} tokens by {name}"


async def test_every_tool_names_its_keyword_and_promises_what_it_does(app: App) -> None:
    for tool in await listed(app):
        assert tool["title"] and tool["description"]
        assert set(tool["annotations"]) >= {"readOnlyHint", "idempotentHint", "openWorldHint"}
        assert tool["inputSchema"]["type"] == "object" and tool["outputSchema"]["required"]
        assert not re.search(r'"title": "', json.dumps([tool["inputSchema"], tool["outputSchema"]]))
        for name, about in tool["inputSchema"]["properties"].items():
            assert about.get("description"), f"{tool['name']}.{name}"
