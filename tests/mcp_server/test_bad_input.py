"""What strangers send: each a clear answer, nothing half-started, the server alive."""

from __future__ import annotations

import re
from typing import Any

import mcp.types as types
from mcp import Client

from mcp_server.app import App
from tests.mcp_server.conftest import Connect

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown keyword": ({"source": 'TALK "a"\nPUBLISH EVNT "x"'}, "Line 2, column 1: .*Did you mean PUBLISH EVENT?"),
    "an unknown bot": ({"source": 'STEP 1: BOT "customer-suport" "x"'}, "Line 1, column 9: .*customer-support"),
    "an unclosed block": ({"source": "x = 1\nIF x = 1 THEN\n  TALK x\n"}, "Line 2, column 1: .*END IF"),
    "a script over 1 MB": ({"source": 'TALK "x"\n' * 120_000}, r"1,080,000 bytes; the limit is 1,000,000"),
    "a script of 5 MB": ({"source": "x" * 5_000_000}, "5,000,000 bytes; the limit is 1,000,000"),
    "10,000 nested brackets": ({"source": "x = " + "(" * 10_000 + "1" + ")" * 10_000}, "Line 1, column .*100"),
    "a NUL byte": ({"source": 'TALK "a\0b"'}, "Line 1, column "),
    "neither source nor workflow": ({}, "Give either source"),
    "both source and workflow": ({"source": "RETURN 1", "workflow": "a/b"}, "Give either source"),
    "an unknown workflow": ({"workflow": "customer-support/reqest"}, "Did you mean customer-support/request"),
    "a path for a workflow": ({"workflow": "../../etc/passwd"}, "There is no workflow"),
    "a NUL byte in an input": ({"source": "RETURN a", "inputs": {"a": "\0"}}, "U\\+0000|NUL|zero"),
    "a NUL byte in the key": ({"source": "RETURN 1", "idempotency_key": "\0"}, "idempotency key"),
    "a huge number": ({"source": "RETURN a", "inputs": {"a": 10**400}}, ".*"),
    "a missing parameter": ({"source": "PARAM amount AS NUMBER\nRETURN amount"}, "amount"),
    "a parameter of another type": (
        {"source": "PARAM amount AS NUMBER\nRETURN amount", "inputs": {"amount": "much"}},
        "amount",
    ),
    "waiting for too long": ({"source": "RETURN 1", "wait_seconds": 21}, "wait_seconds: .*20"),
    "a source that is a number": ({"source": 5}, "source: .*string"),
    "inputs that are a list": ({"source": "RETURN 1", "inputs": [1]}, "inputs: .*"),
}


async def test_each_is_refused_with_a_sentence_and_nothing_is_started(app: App, http_client: Connect) -> None:
    async with http_client() as client:
        for what, (given, said) in BAD.items():
            text = await refused(client, "orchestrate", given)
            assert re.search(said, text, re.DOTALL), f"{what}: {text}"
            assert "Traceback" not in text and "pydantic" not in text, what
            assert await app.operations.listed(app.caller("test", "")) == (), what
        again = await client.call_tool("orchestrate", {"source": "RETURN 1"})
        assert again.structured_content and again.structured_content["result"] == 1, "the server is alive"


async def refused(client: Client, tool: str, given: dict[str, Any]) -> str:
    result = await client.call_tool(tool, given)
    (block,) = result.content
    assert isinstance(block, types.TextContent) and result.is_error, (given, block)
    return block.text


async def test_a_loop_without_an_end_ends_with_a_stated_limit(http_client: Connect) -> None:
    async with http_client() as client:
        result = await client.call_tool("orchestrate", {"source": "WHILE TRUE\nx = 1\nWEND\n", "wait_seconds": 20})
        told = result.structured_content
        assert told and told["status"] == "failed" and told["error"]["kind"] == "limit"
        assert "100,000" in told["error"]["message"] and told["error"]["line"]


async def test_an_id_nobody_has_is_answered_with_where_ids_come_from(http_client: Connect) -> None:
    async with http_client() as client:
        for given in ("", "x", "1'; drop table", "\0", "g" * 32, "00000000-0000-0000-0000-000000000000"):
            assert "There is no execution" in await refused(client, "get_execution", {"execution_id": given})
            deciding = {"execution_id": given, "decision": "approve"}
            assert "There is no execution" in await refused(client, "decide_approval", deciding)


async def test_an_unknown_tool_is_an_error_and_not_the_end(http_client: Connect) -> None:
    async with http_client() as client:
        assert (await client.call_tool("orchestrat", {})).is_error
        assert (await client.list_tools()).tools


async def test_a_very_long_result_comes_in_pieces(http_client: Connect) -> None:
    source = 'x = ""\nFOR i = 1 TO 3000\n  x = x + "0123456789é"\nNEXT\n'
    source += "FOR i = 1 TO 40\n  TALK LEFT(x, 1500)\nNEXT\nRETURN x\n"
    async with http_client() as client:
        result = await client.call_tool("orchestrate", {"source": source, "wait_seconds": 20})
        told, whole = result.structured_content, ""
        assert told
        while True:
            (block,) = result.content
            assert isinstance(block, types.TextContent) and len(block.text.encode()) <= 20_000
            whole += told["result"]
            if "result_from" not in told["next"]:
                break
            given = {"execution_id": told["execution_id"], "result_from": len(whole)}
            result = await client.call_tool("get_execution", given)
            told = result.structured_content
            assert told
        assert whole == '"' + "0123456789é" * 3000 + '"'
        assert "earlier messages are left out" in told["note"]
