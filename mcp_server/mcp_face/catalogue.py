"""All tools in the one order in which clients see them: they cache the list."""

from __future__ import annotations

from mcp_server import approval_tools, event_tools, keyword_tools, memory_tools, model_tools, tools
from mcp_server.mcp_face.tool import Tool

TOOLS: tuple[Tool, ...] = (
    *tools.TOOLS,
    *event_tools.TOOLS,
    *memory_tools.TOOLS,
    *approval_tools.TOOLS,
    *model_tools.TOOLS,
    *keyword_tools.TOOLS,
)
BY_NAME = {tool.name: tool for tool in TOOLS}
