"""Waiting for an execution on behalf of a client: told how it stands meanwhile, where the client wants to know.

Clients give up after a minute of silence, and most count a word of progress as a sign of life.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from mcp.server.mcpserver import Context

from mcp_server.app import App
from mcp_server.people import app_of
from workflow.details import Caller, Detail

EVERY = 2.0  # seconds between two words of progress

_patience: ContextVar[float | None] = ContextVar("patience", default=None)


@contextmanager
def patience(seconds: float) -> Generator[None]:
    """Within this, no execution is waited for longer: it is told of as a task."""
    token = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(token)


async def waited(
    ctx: Context[App],
    caller: Caller,
    execution: UUID,
    seconds: float,
    *,
    news: bool = False,
    scope: str = "wf:read",
) -> Detail:
    """The execution once it has ended or needs a person, at the latest after so many seconds; `scope` is what the
    caller needs, which was enough to start it."""
    operations = app_of(ctx).operations
    most = _patience.get()
    seconds = seconds if most is None else min(seconds, most)
    if not seconds or not wants_progress(ctx):
        return await operations.wait(caller, execution, seconds, news=news, scope=scope)
    waiting = asyncio.create_task(operations.wait(caller, execution, seconds, news=news, scope=scope))
    spent = 0.0
    try:
        while not (await asyncio.wait({waiting}, timeout=EVERY))[0]:
            spent += EVERY
            detail = await operations.get(caller, execution, scope=scope)
            await ctx.report_progress(min(spent, seconds), seconds, stands(detail))
        return waiting.result()
    finally:
        waiting.cancel()


def wants_progress(ctx: Context[Any]) -> bool:
    """Whether the client asked to be told of progress."""
    meta = ctx.request_context.meta
    return bool(meta and meta.get("progress_token", meta.get("progressToken")) is not None)


def stands(detail: Detail) -> str:
    """How an execution stands, in a few words."""
    step = f" at step {detail.current_step}" if detail.current_step else ""
    why = f": {detail.reason}" if detail.reason and detail.status == "waiting" else ""
    return f"{detail.workflow_name} is {detail.status}{step}{why}"[:300]
