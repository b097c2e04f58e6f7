"""What resources say, each to its caller, as JSON or text; what is unknown and what is not theirs answer alike."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from functools import lru_cache
from importlib import resources
from typing import Any

from hostbridge.packages import Dialog, Package
from keywords.compile import compile_program
from keywords.host import bot_id
from keywords.library import limits
from keywords.mistakes import ProgramError, UnknownName
from keywords.registry import Registry
from mcp_server.app import App
from mcp_server.mcp_face.begun import full_name
from mcp_server.mcp_face.flow import flow_of
from mcp_server.mcp_face.reference import pages
from mcp_server.people import execution_named
from mcp_server.replies import execution_reply
from workflow.details import Caller

SPAN = timedelta(days=7)  # of the chart data
LONGEST_NAME = 512


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


async def execution(app: App, caller: Caller, named: str) -> str:
    """How it stands, as get_execution tells it."""
    caller.require("wf:read")
    detail = await app.operations.get(caller, execution_named(named))
    told = execution_reply(detail, app.where_people_decide).model_dump(mode="json", exclude_none=True)
    return compact({name: value for name, value in told.items() if value != []})


async def flow(app: App, caller: Caller, named: str) -> str:
    """The program as nested nodes, and how far the execution came on which line."""
    caller.require("wf:read")
    number = execution_named(named)
    detail = await app.operations.get(caller, number)
    source = (await app.operations.program_of(caller, number)).source
    rows, _ = await app.operations.journal(caller, number, own=True)
    nodes = await asyncio.to_thread(flow_of, source, app.registry)
    done: dict[int, str] = {}
    for row in rows:
        if row.line:
            done[row.line] = "failed" if row.error else "done"
    at = detail.error.line if detail.error and detail.error.line else None
    return compact(
        {
            "execution_id": str(detail.id),
            "workflow": detail.workflow_name,
            "status": detail.status,
            "waiting_for": detail.reason if not detail.finished else None,
            "nodes": nodes,
            "lines": {str(line): how for line, how in done.items()},
            "failed_line": at,
        }
    )


@lru_cache(maxsize=2)
def grammar(registry: Registry) -> str:
    """How programs are written: the primer, and every keyword with its forms."""
    primer = resources.files("mcp_server.mcp_face").joinpath("primer.md").read_text("utf-8")
    lines = [primer, "\n# Every keyword\n", "`[..]` may be left out. `search_keywords` tells what each does.\n"]
    for kind, title in (("structure", "Words of the language"), ("keyword", "Keywords"), ("function", "Functions")):
        found = [page for page in pages(registry) if page.kind == kind and not page.effect.startswith("announced")]
        lines.append(f"\n## {title}\n")
        if kind == "function":
            lines.append(", ".join(page.name for page in found))
        else:
            lines += [f"- `{'` or `'.join(page.forms[:2])}`" for page in found]
    return "\n".join(lines) + "\n"


async def bots(app: App, caller: Caller) -> str:
    """Every package, and its dialogs."""
    caller.require("wf:read")

    def look() -> list[dict[str, Any]]:
        found = (app.packages.find(name) for name in app.packages.names())
        return [
            {"bot": package.name, "dialogs": [dialog.name for dialog in package.dialogs.values()]}
            for package in found
            if package and caller.works_with(package.name)
        ]

    return compact({"bots": await asyncio.to_thread(look)})


async def bot(app: App, caller: Caller, name: str) -> str:
    """One package: what each dialog is for and what it needs."""
    caller.require("wf:read")
    package = await asyncio.to_thread(app.packages.find, name)
    if package is None or not caller.works_with(package.name):
        known = [each for each in app.packages.names() if caller.works_with(each)]
        raise UnknownName("bot", name, known, "bots:// lists them.")
    return compact(await asyncio.to_thread(_package_told, package, app.registry))


def _package_told(package: Package, registry: Registry) -> dict[str, Any]:
    return {"bot": package.name, "dialogs": [_dialog_told(each, registry) for each in package.dialogs.values()]}


def _dialog_told(dialog: Dialog, registry: Registry) -> dict[str, Any]:
    told: dict[str, Any] = {"name": dialog.full_name}
    try:
        program = compile_program(dialog.text(), registry, name=dialog.name).program
    except ProgramError:
        program = None
    if program is None:
        return told | {"runs": False}
    if program.description:
        told["description"] = program.description
    if program.params:
        told["params"] = [
            {"name": param.name, "type": param.type, "required": param.required}
            | ({"description": param.description} if param.description else {})
            for param in program.params
        ]
    return told


async def models(app: App, caller: Caller) -> str:
    """How the language models do, and a week of chart data."""
    caller.require("wf:read")
    standings = await app.performance.standings(caller.tenant)
    usage = await app.performance.usage(caller.tenant, app.now(), SPAN)
    return compact({"models": [one.to_json() for one in standings], "usage": usage})


async def memory(app: App, caller: Caller, bot_name: str, key: str) -> str:
    """One memory: value, version, when it changed."""
    caller.require("memory:read")
    name = await full_name(app, caller, bot_name)
    wanted = limits.memory_key(key)
    found = None
    if caller.works_with(name):
        found = await app.memories.known(caller.tenant, bot_id(caller.tenant, name), wanted, app.now())
    if found is None:
        raise UnknownName("memory", key[:LONGEST_NAME], (), f"{name} remembers nothing under {limits.shown(wanted)}.")
    told = {
        "bot": name, "key": found.key, "value": found.value, "version": found.version,
        "updated": found.updated.isoformat(), "origin": found.origin or None,
    }  # fmt: skip
    return compact({part: value for part, value in told.items() if value is not None})
