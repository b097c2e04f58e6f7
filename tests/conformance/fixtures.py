"""What the official suites ask a server to have, on our own factory: same middleware, same transport, same identity."""

from __future__ import annotations

import base64
import json
from typing import Annotated, Any, Literal

import anyio
import mcp.types as types
from mcp import MCPDeprecationWarning
from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.prompts.base import Message, UserMessage
from mcp.shared.exceptions import MCPError
from pydantic import BaseModel, Field

from mcp_server.app import App
from mcp_server.server import Server
from tests.conformance import asking, lasting
from tests.conformance.pictures import PNG, WAV

__all__ = ["MCPDeprecationWarning", "register"]


def register(server: Server) -> None:
    """Add the fixtures of both suites."""
    _tools(server)
    _elicitations(server)
    asking.register(server)
    lasting.register(server)
    _resources(server)
    _prompts(server)
    _schema(server)

    async def level(ctx: ServerRequestContext[Any, Any], params: types.SetLevelRequestParams) -> types.EmptyResult:
        return types.EmptyResult()

    low: Any = server._lowlevel_server  # pyright: ignore[reportPrivateUsage] - no public way in mcp 2.3
    low.add_request_handler("logging/setLevel", types.SetLevelRequestParams, level)


def _tools(server: Server) -> None:
    @server.tool()
    async def test_simple_text() -> types.CallToolResult:
        """Test simple text."""
        return said("This is a simple text response for testing.")

    @server.tool()
    async def test_image_content() -> types.CallToolResult:
        """Test image content."""
        return types.CallToolResult(content=[types.ImageContent(type="image", data=PNG, mime_type="image/png")])

    @server.tool()
    async def test_audio_content() -> types.CallToolResult:
        """Test audio content."""
        return types.CallToolResult(content=[types.AudioContent(type="audio", data=WAV, mime_type="audio/wav")])

    @server.tool()
    async def test_embedded_resource() -> types.CallToolResult:
        """Test embedded resource."""
        return types.CallToolResult(
            content=[embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")]
        )

    @server.tool()
    async def test_multiple_content_types() -> types.CallToolResult:
        """Test multiple content types."""
        return types.CallToolResult(
            content=[
                types.TextContent(type="text", text="Multiple content types test:"),
                types.ImageContent(type="image", data=PNG, mime_type="image/png"),
                embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
            ]
        )

    @server.tool()
    async def test_tool_with_logging(ctx: Context[App]) -> types.CallToolResult:
        """Test tool with logging."""
        for words in ("Tool execution started", "Tool processing data", "Tool execution completed"):
            await ctx.info(words)  # pyright: ignore[reportDeprecated] - the suite tests what is deprecated
            await anyio.sleep(0.05)
        return said("Tool with logging executed successfully")

    @server.tool()
    async def test_error_handling() -> types.CallToolResult:
        """Test error handling."""
        raise ToolError("This tool intentionally returns an error for testing")

    @server.tool()
    async def test_tool_with_progress(ctx: Context[App]) -> types.CallToolResult:
        """Test tool with progress."""
        for done in (0, 50, 100):
            await ctx.report_progress(done, 100)
            await anyio.sleep(0.05)
        return said("Progress reported")

    @server.tool()
    async def test_sampling(prompt: str, ctx: Context[App]) -> types.CallToolResult:
        """Test sampling."""
        message = types.SamplingMessage(role="user", content=types.TextContent(type="text", text=prompt))
        answer = await ctx.session.create_message([message], max_tokens=100)  # pyright: ignore[reportDeprecated]
        words = answer.content.text if isinstance(answer.content, types.TextContent) else ""
        return said(f"LLM response: {words}")

    @server.tool()
    async def test_reconnection(ctx: Context[App]) -> types.CallToolResult:
        """Test reconnection."""
        await ctx.close_sse_stream()
        await anyio.sleep(0.2)
        return said("Reconnection test completed")

    @server.tool()
    async def test_custom_header(
        region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})] = "",
    ) -> types.CallToolResult:
        """Take a value that also stands in a header."""
        return said(f"Region: {region}")

    @server.tool()
    async def test_missing_capability(ctx: Context[App]) -> types.CallToolResult:
        """Test missing capability."""
        capabilities = ctx.client_capabilities
        if capabilities is None or capabilities.sampling is None:
            needed = types.MissingRequiredClientCapabilityErrorData(
                required_capabilities=types.ClientCapabilities(sampling=types.SamplingCapability())
            )
            data = needed.model_dump(by_alias=True, mode="json", exclude_none=True)
            raise MCPError(types.MISSING_REQUIRED_CLIENT_CAPABILITY, "Sampling is needed", data)
        return said("The client can sample")


class Contact(BaseModel):
    username: str = Field(description="User's response")
    email: str = Field(description="User's email address")


class Defaults(BaseModel):
    name: str = Field(default="John Doe")
    age: int = Field(default=30)
    score: float = Field(default=95.5)
    status: Literal["active", "inactive", "pending"] = Field(default="active")
    verified: bool = Field(default=True)


def _elicitations(server: Server) -> None:
    @server.tool()
    async def test_elicitation(message: str, ctx: Context[App]) -> types.CallToolResult:
        """Test elicitation."""
        answer = await ctx.elicit(message, Contact)
        content = answer.data.model_dump() if answer.action == "accept" else {}
        return said(f"User response: action={answer.action}, content={json.dumps(content)}")

    @server.tool()
    async def test_elicitation_sep1034_defaults(ctx: Context[App]) -> types.CallToolResult:
        """Test elicitation sep1034 defaults."""
        answer = await ctx.elicit("Please check", Defaults)
        content = answer.data.model_dump() if answer.action == "accept" else {}
        return said(f"Elicitation completed: action={answer.action}, content={json.dumps(content)}")

    @server.tool()
    async def test_elicitation_sep1330_enums(ctx: Context[App]) -> types.CallToolResult:
        """Test elicitation sep1330 enums."""
        plain = ["option1", "option2", "option3"]
        titled = [{"const": f"value{n}", "title": f"{word} Option"} for n, word in enumerate(("First", "Second"), 1)]
        properties: dict[str, Any] = {
            "untitledSingle": {"type": "string", "enum": plain},
            "titledSingle": {"type": "string", "oneOf": titled},
            "legacyEnum": {"type": "string", "enum": ["opt1", "opt2"], "enumNames": ["Option One", "Option Two"]},
            "untitledMulti": {"type": "array", "items": {"type": "string", "enum": plain}},
            "titledMulti": {"type": "array", "items": {"anyOf": titled}},
        }
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        answer = await ctx.session.elicit_form("Please choose", schema, related_request_id=ctx.request_id)
        return said(f"Elicitation completed: action={answer.action}, content={json.dumps(answer.content)}")


def _resources(server: Server) -> None:
    @server.resource("test://static-text", mime_type="text/plain")
    async def static_text() -> str:
        return "This is the content of the static text resource."

    @server.resource("test://static-binary", mime_type="image/png")
    async def static_binary() -> bytes:
        return base64.b64decode(PNG)

    @server.resource("test://watched-resource", mime_type="text/plain")
    async def watched() -> str:
        return "Watched"

    @server.resource("test://template/{id}/data", mime_type="application/json")
    async def template(id: str) -> str:  # noqa: A002 - the suite's name
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})


def _prompts(server: Server) -> None:
    @server.prompt()
    async def test_simple_prompt() -> str:
        """Test simple prompt."""
        return "This is a simple prompt for testing."

    @server.prompt()
    async def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
        """Test prompt with arguments."""
        return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"

    @server.prompt()
    async def test_prompt_with_embedded_resource(resourceUri: str) -> list[Message]:
        """Test prompt with embedded resource."""
        resource = embedded(resourceUri, "text/plain", "Embedded resource content for testing.")
        return [UserMessage(resource), UserMessage("Please process the embedded resource above.")]

    @server.prompt()
    async def test_prompt_with_image() -> list[Message]:
        """Test prompt with image."""
        image = types.ImageContent(type="image", data=PNG, mime_type="image/png")
        return [UserMessage(image), UserMessage("Please analyze the image above.")]


SCHEMA_NAME = "json_schema_2020_12_tool"


def _schema(server: Server) -> None:
    @server.tool(name=SCHEMA_NAME, description="Tool with JSON Schema 2020-12 features")
    async def schema(name: Annotated[str, Field()] = "") -> types.CallToolResult:
        return said(f"Hello, {name}!")

    tool = server._tool_manager.get_tool(SCHEMA_NAME)  # pyright: ignore[reportPrivateUsage] - the same
    assert tool
    tool.parameters = SCHEMA


SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}


def said(text: str) -> types.CallToolResult:
    """A tool's answer of one text."""
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)])


def embedded(uri: str, kind: str, text: str) -> types.EmbeddedResource:
    contents = types.TextResourceContents(uri=uri, mime_type=kind, text=text)
    return types.EmbeddedResource(type="resource", resource=contents)
