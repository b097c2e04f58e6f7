"""MCP requests act as whoever the HTTP request they came with is; sessions over stdio and the socket are the owner's.

A session of the earlier era is one task for many requests, so the identity is set anew for each message, never taken
from whoever opened the session.
"""

from __future__ import annotations

from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerMiddleware, ServerRequestContext

from mcp_server.app import App
from mcp_server.audit import Deed, shortened
from mcp_server.client import READING_TOOLS
from mcp_server.doorman import VISITOR_KEY, Visitor
from mcp_server.identity import NOBODY, TENANT, acting, owner


def identified(app: App) -> ServerMiddleware[Any]:
    """The middleware of one server."""
    here = Visitor(owner(app.owner), "none", "", "")

    async def middleware(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        if ctx.request is None:
            found = here
            answer = await call_next(ctx)
        else:
            found: Visitor = ctx.request.scope.get(VISITOR_KEY, Visitor(NOBODY, "none", "", ""))
            with acting(found.caller):
                answer = await call_next(ctx)
        if ctx.method == "tools/call":
            _noted(app, found, ctx.params or {}, answer)
        return answer

    return middleware


def _noted(app: App, found: Visitor, params: Any, answer: HandlerResult) -> None:
    tool = str(params.get("name", ""))[:100]
    failed = isinstance(answer, dict) and bool(answer.get("isError"))
    if tool in READING_TOOLS and not failed:
        return
    caller = None if isinstance(found.caller, str) else found.caller
    arguments: Any = params.get("arguments") or {}
    about = {k: v for k, v in arguments.items() if k in ABOUT} if isinstance(arguments, dict) else {}
    app.audit.note(
        Deed(
            tenant=caller.tenant if caller else TENANT, at=app.now(), subject=caller.subject if caller else "",
            proof=found.proof, door="mcp", action=tool, about=shortened(" ".join(f"{k}={v}" for k, v in about.items())),
            outcome="failed" if failed else "done", request=found.request, address=found.address,
        )
    )  # fmt: skip


ABOUT = ("execution_id", "workflow", "action", "decision", "approval_id", "bot", "key", "event", "from_bot", "with_bot")
