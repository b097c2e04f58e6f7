"""Workflows that are tools of their own, where the owner wants it: PARAM and DESCRIPTION say what they take.

The setting names them: `package/dialog`, all of a package (`package/*`), the name of one that was published in the
designer, or all (`*`).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import mcp.types as types
from mcp.server.mcpserver import Context

from designer.publishing import Publishing
from hostbridge.agents import described
from keywords.compile import compile_program
from keywords.host import ProgramText
from keywords.mistakes import ProgramError
from keywords.program import Program
from mcp_server.app import App
from mcp_server.mcp_face.begun import started
from mcp_server.mcp_face.tool import Tool, writes
from mcp_server.people import app_of, client_name
from mcp_server.replies import WrittenReply, short
from workflow.details import Caller

MOST = 200  # tools of this kind
SECONDS = 10.0  # in which a call waits for the end
LONGEST_DESCRIPTION = 600
REMEMBERED = 400


@dataclass(frozen=True, slots=True)
class Published:
    """One workflow as a tool."""

    tool: Tool
    full_name: str
    listed: types.Tool
    text: ProgramText


class PublishedWorkflows:
    """Finds them anew each time: packages change under us. Programs are read again only when their text has changed."""

    def __init__(self, app: App, taken: Sequence[str]) -> None:
        self._app = app
        self._taken = frozenset(taken)
        self._read: OrderedDict[tuple[str, str], Program | None] = OrderedDict()

    @property
    def wanted(self) -> bool:
        return bool(self._app.settings.published_tools)

    async def all(self, caller: Caller) -> dict[str, Published]:
        """The tools of this kind that the caller may use, by name, always in the same order."""
        if not self.wanted or not caller.may("wf:run"):
            return {}
        drawn = await Publishing(self._app.drafts).programs(caller.tenant)
        return await asyncio.to_thread(self._look, caller, drawn)

    async def names(self, caller: Caller) -> str:
        """A text that is another one when other workflows are published, or take other arguments."""
        return "\n".join(f"{name} {one.listed.input_schema}" for name, one in (await self.all(caller)).items())

    async def find(self, caller: Caller, name: str) -> Published | None:
        return (await self.all(caller)).get(name)

    def _look(self, caller: Caller, drawn: Sequence[ProgramText]) -> dict[str, Published]:
        patterns = [pattern.strip().casefold() for pattern in self._app.settings.published_tools]

        def wanted(name: str) -> bool:
            return any(fnmatchcase(name.casefold(), pattern) for pattern in patterns)

        found: dict[str, Published] = {}
        own = {text.name: text for text in drawn if wanted(text.name) and caller.works_with(text.origin)}
        packaged = [name for name in sorted(self._app.packages.dialogs()) if wanted(name) and caller.works_with(name)]
        for full_name in (*sorted(own), *packaged):  # what people drew comes first, as when it is started by its name
            one = self._one(full_name, own.get(full_name))
            if one and one.tool.name not in found and one.tool.name not in self._taken and len(found) < MOST:
                found[one.tool.name] = one
        return found

    def _one(self, full_name: str, text: ProgramText | None) -> Published | None:
        try:
            text = text or self._app.packages.program(full_name)
        except ProgramError:
            return None
        program = self._program(full_name, text)
        if program is None:
            return None
        about = described(full_name, program)
        tool = _tool(about["name"], full_name, text)
        listed = types.Tool(
            name=tool.name,
            title=f'CALL WORKFLOW "{full_name}"',
            description=short(about["description"], LONGEST_DESCRIPTION),
            input_schema=about["parameters"],
            output_schema=WrittenReply.model_json_schema(),
            annotations=tool.promises,
        )
        return Published(tool, full_name, listed, text)

    def _program(self, full_name: str, text: ProgramText) -> Program | None:
        key = (full_name, text.source)
        if key not in self._read:
            self._read[key] = compile_program(text.source, self._app.registry, name=text.name).program
            while len(self._read) > REMEMBERED:
                self._read.popitem(last=False)
        return self._read[key]


def _tool(name: str, full_name: str, text: ProgramText) -> Tool:
    async def call(ctx: Context[App], **inputs: Any) -> types.CallToolResult:
        caller = app_of(ctx).caller("mcp", client_name(ctx))
        return await started(ctx, caller, text, inputs, "", SECONDS, text.origin, name)

    call.__name__ = name
    return Tool(call, f'CALL WORKFLOW "{full_name}"', writes(open_world=True), "wf:run", "workflows", lasts="may")
