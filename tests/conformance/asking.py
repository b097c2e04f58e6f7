"""Tools that ask the client in the later era, by answering what they need (multi-round-trip requests)."""

from __future__ import annotations

from typing import Any

import mcp.types as types
from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPError

from mcp_server.app import App
from mcp_server.server import Server

Answer = types.CallToolResult | types.InputRequiredResult


def register(server: Server) -> None:
    """Add them."""

    @server.tool()
    async def test_input_required_result_elicitation(ctx: Context[App]) -> Answer:
        """Test input required result elicitation."""
        given = _form(ctx, "user_name")
        return _said(f"Hello, {given['name']}!") if given else _asks({"user_name": NAME})

    @server.tool()
    async def test_input_required_result_sampling(ctx: Context[App]) -> Answer:
        """Test input required result sampling."""
        given = _response(ctx, "capital_question")
        if isinstance(given, types.CreateMessageResult) and isinstance(given.content, types.TextContent):
            return _said(given.content.text)
        return _asks({"capital_question": _sampling("What is the capital of France?", 100)})

    @server.tool()
    async def test_input_required_result_list_roots(ctx: Context[App]) -> Answer:
        """Test input required result list roots."""
        given = _response(ctx, "client_roots")
        if isinstance(given, types.ListRootsResult):
            return _said(", ".join(str(root.uri) for root in given.roots))
        return _asks({"client_roots": types.ListRootsRequest()})

    @server.tool()
    async def test_input_required_result_request_state(ctx: Context[App]) -> Answer:
        """Test input required result request state."""
        if ctx.request_state == "asked" and _form(ctx, "confirm"):
            return _said("state-ok")
        return _asks({"confirm": _elicit("Please confirm", "ok", "boolean")}, "asked")

    @server.tool()
    async def test_input_required_result_multiple_inputs(ctx: Context[App]) -> Answer:
        """Test input required result multiple inputs."""
        keys = ("user_name", "greeting", "client_roots")
        if ctx.request_state == "asked" and all(_response(ctx, key) for key in keys):
            return _said("All inputs arrived")
        requests: types.InputRequests = {
            "user_name": NAME,
            "greeting": _sampling("Generate a greeting", 50),
            "client_roots": types.ListRootsRequest(),
        }
        return _asks(requests, "asked")

    @server.tool()
    async def test_input_required_result_multi_round(ctx: Context[App]) -> Answer:
        """Test input required result multi round."""
        if ctx.request_state == "second" and _form(ctx, "step2"):
            return _said("Both steps are done")
        if ctx.request_state == "first" and _form(ctx, "step1"):
            return _asks({"step2": _elicit("Step 2: What is your favorite color?", "color")}, "second")
        return _asks({"step1": _elicit("Step 1: What is your name?", "name")}, "first")

    @server.tool()
    async def test_input_required_result_tampered_state(ctx: Context[App]) -> Answer:
        """Test input required result tampered state."""
        if ctx.request_state == "asked":
            return _said("The state arrived as it was sent")
        if ctx.request_state is not None:
            raise MCPError(types.INVALID_PARAMS, "The state was changed")
        return _asks({"confirm": _elicit("Please confirm", "ok", "boolean")}, "asked")

    @server.tool()
    async def test_input_required_result_capabilities(ctx: Context[App]) -> Answer:
        """Test input required result capabilities."""
        if ctx.input_responses:
            return _said("The client answered")
        capabilities = ctx.client_capabilities
        requests: types.InputRequests = {}
        if capabilities and capabilities.elicitation is not None:
            requests["name"] = NAME
        if capabilities and capabilities.sampling is not None:
            requests["greeting"] = _sampling("Generate a greeting", 50)
        if capabilities and capabilities.roots is not None:
            requests["roots"] = types.ListRootsRequest()
        return _asks(requests) if requests else _said("The client can do nothing of that")

    @server.prompt()
    async def test_input_required_result_prompt(ctx: Context[App]) -> Any:
        """Test input required result prompt."""
        given = _form(ctx, "user_context")
        if given:
            return f"Context: {given['context']}"
        return _asks({"user_context": _elicit("What context should the prompt use?", "context")})


def _response(ctx: Context[App], key: str) -> Any:
    return (ctx.input_responses or {}).get(key)


def _form(ctx: Context[App], key: str) -> dict[str, Any] | None:
    given = _response(ctx, key)
    return dict(given.content) if isinstance(given, types.ElicitResult) and given.content else None


def _asks(requests: types.InputRequests, state: str | None = None) -> types.InputRequiredResult:
    return types.InputRequiredResult(input_requests=requests, request_state=state)


def _said(text: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)])


def _elicit(message: str, field: str, kind: str = "string") -> types.ElicitRequest:
    schema: dict[str, Any] = {"type": "object", "properties": {field: {"type": kind}}, "required": [field]}
    return types.ElicitRequest(params=types.ElicitRequestFormParams(message=message, requested_schema=schema))


def _sampling(words: str, most: int) -> types.CreateMessageRequest:
    message = types.SamplingMessage(role="user", content=types.TextContent(type="text", text=words))
    return types.CreateMessageRequest(params=types.CreateMessageRequestParams(messages=[message], max_tokens=most))


NAME = _elicit("What is your name?", "name")
