"""USE MCP, MCP INVOKE, MCP LIST TOOLS: tools of other servers, as verbs; and how a bot elsewhere is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from keywords.encode import from_plain
from keywords.function import words
from keywords.host import MEMORY_SET, Elsewhere, Host, Identity, Memories, Moment, Recorded, Told, Value
from keywords.library import limits
from keywords.mistakes import Refused, WrongValue
from keywords.places import as_json
from keywords.registry import Deciding, Effect, keyword
from keywords.values import Object, kind_of

MOST = 50  # servers of a conversation
HOST = "host:"  # how the bots of the General Bots server are called, where a name alone may mean another


def elsewhere(host: Host) -> Elsewhere:
    """The other servers; raises Refused where there are none to be had."""
    if host.services.elsewhere is None:
        raise Refused("There are no other servers here: this engine was opened without them.")
    return host.services.elsewhere


def _place(identity: Identity, name: str) -> str:
    return limits.memory_key(f"servers/{identity.session or identity.execution}/{name}")


async def in_use(memories: Memories, identity: Identity, bot: UUID, now: datetime) -> frozenset[str]:
    """The servers that this conversation of a bot uses."""
    found = await memories.listed(identity.tenant, bot, _place(identity, ""), now, MOST)
    return frozenset(json.loads(memory.value) for memory in found)


async def use_tool(host: Host, server: Value, tool: Value, arguments: Value = None) -> Told:
    name, wanted = f"{words(server)}/{limits.name_of('a tool', tool)}", given(arguments)
    return await elsewhere(host).called(host, name, wanted)


@keyword(
    "USE MCP {server}",
    "USE MCP {server}, {tool} [, {arguments}]",
    effect=Effect.RECORD,
    example='USE MCP "tracker"',
    group="servers",
    deciding=Deciding(frozenset({"tool"}), use_tool, Effect.IDEMPOTENT),
)
def use_mcp(moment: Moment, server: Value, tool: Value = None, arguments: Value = None) -> Recorded:
    """Let the model of this conversation use the tools of an MCP server; with a tool, call it and answer its result.

    Servers are named in the settings and in the package's `mcp.csv`.
    """
    name = limits.name_of("a server", server).casefold()
    place = _place(moment.identity, name)
    return Recorded(name, (MEMORY_SET.row(key=place, value=json.dumps(name), expires=None),))


@keyword(
    "MCP INVOKE {tool} [, {arguments}]",
    effect=Effect.IDEMPOTENT,
    example='MCP INVOKE "tracker.create_issue", {title: subject}',
    group="servers",
)
async def mcp_invoke(host: Host, tool: Value, arguments: Value = None) -> Told:
    """Call a tool of an MCP server by `server.tool`; answers what it gives, an object where it is one."""
    name, wanted = limits.name_of("a tool", tool), given(arguments)
    return await elsewhere(host).called(host, name, wanted)


@keyword("MCP LIST TOOLS {server}", effect=Effect.READ, example='MCP LIST TOOLS "tracker"', group="servers")
async def mcp_list_tools(host: Host, server: Value) -> Value:
    """The tools of an MCP server, each `{name, description, parameters}`."""
    return from_plain(list(await elsewhere(host).tools(host, limits.name_of("a server", server))))


@keyword(
    "ASK ELSEWHERE {bot} [WITH {message}] [WITHIN {conversation}]",
    effect=Effect.IDEMPOTENT,
    example='ASK ELSEWHERE "tracker/create_issue" WITH message',
    group="internal",
)
async def ask_elsewhere(host: Host, bot: Value, message: Value = None, conversation: Value = None) -> Told:
    """How BOT asks a bot on another server: the whole program of the execution that stands for it."""
    name = limits.name_of("a bot", bot)
    said = None if message is None else limits.message(message)
    within = str(host.identity.session or host.identity.execution) if conversation is None else words(conversation)
    if not name.casefold().startswith(HOST):
        return await elsewhere(host).asked(host, name, said, within)
    if host.services.remote is None:
        raise Refused("There is no General Bots server: BOTSERVER_URL is not set.")
    return await host.services.remote.asked(host, name[len(HOST) :].strip(), said or "", within)


def given(arguments: Value) -> Mapping[str, Value]:
    """The arguments of a tool: an object, or the JSON of one."""
    if arguments is None or (isinstance(arguments, str) and not arguments.strip()):
        return {}
    found = as_json(arguments) if isinstance(arguments, str) else arguments
    if not isinstance(found, Object):
        raise WrongValue(f"The arguments of a tool are an object, such as {{id: 7}}, not {kind_of(arguments)}.")
    return found


KEYWORDS = (use_mcp, mcp_invoke, mcp_list_tools, ask_elsewhere)
