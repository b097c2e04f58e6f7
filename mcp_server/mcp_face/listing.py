"""Lists in pages: the SDK answers whole ones, and a client would read hundreds of published workflows at once."""

from __future__ import annotations

from typing import Any, cast

import mcp.types as types
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError

from keywords.mistakes import ProgramError
from mcp_server.mcp_face import cursors

PAGE = 50
LISTS = {"tools/list": "tools", "prompts/list": "prompts", "resources/templates/list": "resourceTemplates"}


async def paged(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Middleware over the lists on their way out."""
    name = LISTS.get(ctx.method)
    if name is None:
        return await call_next(ctx)
    given: Any = (ctx.params or {}).get("cursor")
    answer = await call_next(ctx)
    if not isinstance(answer, dict) or not isinstance(answer.get(name), list):
        return answer
    try:
        items, more = cursors.page(cast("list[Any]", answer[name]), given, PAGE)
    except ProgramError as error:
        raise MCPError(types.INVALID_PARAMS, str(error)) from None
    answer[name] = items
    if more:
        answer["nextCursor"] = more
    return answer
