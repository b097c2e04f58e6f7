"""What a client proposes while a person fills in an argument: executions, bots, workflows, keywords, memory keys."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import mcp.types as types
from mcp.server import MCPServer

from designer.publishing import Publishing
from keywords.host import bot_id
from keywords.mistakes import ProgramError
from mcp_server.app import App
from mcp_server.mcp_face.begun import full_name
from mcp_server.mcp_face.reference import pages
from workflow.details import Caller

MOST = 100
EXECUTIONS = 300  # the newest, among which is looked


def register(server: MCPServer[App], app: App) -> None:
    """Answer completion/complete for every argument of our prompts and templates."""

    @server.completion()
    async def complete(
        ref: types.PromptReference | types.ResourceTemplateReference,
        argument: types.CompletionArgument,
        context: types.CompletionContext | None,
    ) -> types.Completion | None:
        caller = app.caller("mcp", "")
        chosen = (context.arguments if context else None) or {}
        try:
            found = await _values(app, caller, argument, chosen)
        except (ProgramError, UnicodeError):  # half a letter names nothing
            found = []
        return types.Completion(values=found[:MOST], total=len(found), has_more=len(found) > MOST)


async def _values(app: App, caller: Caller, argument: types.CompletionArgument, chosen: dict[str, str]) -> list[str]:
    begun = argument.value
    match argument.name:
        case "execution_id" if caller.may("wf:read"):
            rows = await app.operations.listed(caller, None, EXECUTIONS)
            return [str(one.id) for one in rows if _fits(begun, str(one.id), one.workflow_name, one.status)]
        case "bot" | "from_bot" | "with_bot" if caller.may("wf:read"):
            names = await asyncio.to_thread(app.packages.names)
            return _fitting(begun, (name for name in names if caller.works_with(name)))
        case "like" | "workflow" if caller.may("wf:read"):
            drawn = await Publishing(app.drafts).programs(caller.tenant)
            names = await asyncio.to_thread(app.packages.dialogs)
            own = [text.name for text in drawn if caller.works_with(text.origin)]
            return _fitting(begun, (*own, *(name for name in names if caller.works_with(name))))
        case "keyword" | "goal":
            return _fitting(begun, (page.name for page in pages(app.registry))) if begun else []
        case "key" if caller.may("memory:read") and chosen.get("bot"):
            name = await full_name(app, caller, chosen["bot"])
            listed = await app.memories.listed(caller.tenant, bot_id(caller.tenant, name), begun, app.now(), MOST, None)
            return [memory.key for memory in listed]
        case _:
            return []


def _fitting(begun: str, names: Iterable[str]) -> list[str]:
    """The names that begin so, then those that hold it."""
    wanted = begun.casefold()
    known = sorted({name for name in names if wanted in name.casefold()})
    return sorted(known, key=lambda name: not name.casefold().startswith(wanted))


def _fits(begun: str, *texts: str) -> bool:
    wanted = begun.casefold()
    return any(text.casefold().startswith(wanted) for text in texts)
