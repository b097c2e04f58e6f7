"""One row of the table of tools, and the wrapping that every tool shares: who may call it, and errors as sentences."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from uuid import uuid4

import mcp.types as types
import structlog
from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPError

from keywords.mistakes import ProgramError, Refused
from mcp_server import programs
from mcp_server.app import App, Unavailable
from mcp_server.people import app_of, client_name, may_ask
from mcp_server.replies import refusal
from mcp_server.toolsets import Toolset
from workflow.programs import Rejected

Answering: TypeAlias = Callable[..., Awaitable[types.CallToolResult]]
log = structlog.get_logger()

READS = types.ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)


def writes(*, idempotent: bool = False, destructive: bool = False, open_world: bool = False) -> types.ToolAnnotations:
    return types.ToolAnnotations(
        read_only_hint=False, destructive_hint=destructive, idempotent_hint=idempotent, open_world_hint=open_world
    )


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: what it does, the BASIC keyword it stands for, what it promises, and who may call it."""

    call: Answering
    title: str
    promises: types.ToolAnnotations
    scope: str
    toolset: Toolset
    card: str = ""  # the `ui://` page on which a host can show its reply
    lasts: Literal["no", "may", "must"] = "no"  # whether its execution is told of as a task, where a client knows them

    @property
    def name(self) -> str:
        return self.call.__name__

    @property
    def reads(self) -> bool:
        return bool(self.promises.read_only_hint)

    @property
    def description(self) -> str:
        return " ".join((self.call.__doc__ or "").split()).replace("\\n", "\n")


def guarded(tool: Tool) -> Answering:
    """The tool for whom it is meant; its errors as sentences that a model can act on."""

    @functools.wraps(tool.call)
    async def call(ctx: Context[App], *args: Any, **given: Any) -> types.CallToolResult:
        async def answer() -> types.CallToolResult:
            refuse(ctx, tool.scope, tool.name)
            return await tool.call(ctx, *args, **given)

        return await told(tool.name, answer)

    return call


def refuse(ctx: Context[App], scope: str, tool: str) -> None:
    """Raise Refused unless the caller may use a tool of this scope."""
    caller = app_of(ctx).caller("mcp", client_name(ctx))
    if scope == "wf:approve" and may_ask(caller):
        return  # who is at the client is asked: the form decides, not the key
    if not caller.may(scope):
        raise Refused(
            f"{tool} needs the scope {scope}, which {caller.subject} does not have here. "
            "Tell the user: the owner makes keys with `botmcp keys new`."
        )


async def told(name: str, answer: Callable[[], Awaitable[types.CallToolResult]]) -> types.CallToolResult:
    """The answer, or why there is none; a fault of ours goes to the log, with its mark."""
    try:
        return await answer()
    except Rejected as error:
        errors = [diagnostic for diagnostic in error.diagnostics if diagnostic.severity == "error"]
        lines = [programs.sentence(diagnostic) for diagnostic in errors[:20]] or [str(error)]
        return refusal("Nothing was started.\n" + "\n".join(lines) + f"\nCorrect it, then call {name} again.")
    except ProgramError as error:
        return refusal(str(error))
    except Unavailable as error:
        return refusal(f"{error} Nothing is lost; call again in a moment.")
    except MCPError:
        raise
    except Exception:
        mark = uuid4().hex[:8]
        log.exception("tool.failed", tool=name, mark=mark)
        return refusal(f"botmcp itself failed here; its log has the details under {mark}. `botmcp doctor` may help.")
