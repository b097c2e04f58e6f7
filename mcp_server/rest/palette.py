"""What can be put into workflows, and the workflows to begin with."""

from __future__ import annotations

import asyncio
from typing import Any

from designer.palette import ITEMS, more
from hostbridge.packages import is_workflow, shipped
from keywords.mistakes import LimitReached, WrongValue
from mcp_server.programs import name_of
from mcp_server.rest.table import Call, Operation, Reply
from mcp_server.rest.workflow_shapes import Palette, Templates


async def palette(call: Call) -> Reply:
    items = [*ITEMS, *more(call.app.registry)]
    return Reply({"items": [{"id": i.id, "name": i.called, "hint": i.hint, "text": i.text} for i in items]})


async def templates(call: Call) -> Reply:
    return Reply({"items": await asyncio.to_thread(_templates, call)})


def _templates(call: Call) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in call.app.packages.names():
        package = call.app.packages.find(name)
        if package is None or not package.folder.is_relative_to(shipped()):
            continue
        for dialog in package.dialogs.values():
            try:
                text = dialog.text()
            except (LimitReached, WrongValue):
                continue
            if is_workflow(text):
                row = {"name": dialog.full_name, "package": package.name, "title": name_of(text), "source": text}
                found.append(row)
    return found


TABLE = (
    Operation("GET", "/palette", "getPalette", "List what can be put into a workflow", palette, "wf:read", "designer",
              answers=Palette),
    Operation("GET", "/templates", "listTemplates", "List workflows to begin with", templates, "wf:read", "designer",
              answers=Templates),
)  # fmt: skip
