"""Bots and tools on other servers; fulfils `keywords.elsewhere.Elsewhere`.

A bot elsewhere answers as an execution of its own, whose program is one line: so it is journalled, timed out, cancelled
and repeated as every other bot. Calls carry their call id, and as `idempotency_key` where a tool knows one.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hostbridge import agents
from hostbridge.elsewhere import answers, choosing
from hostbridge.elsewhere.choosing import OWN_KEY, Tool
from hostbridge.elsewhere.servers import Directory, Server
from keywords.encode import from_plain, plain
from keywords.host import Act, Child, Host, ProgramText, Spawn, Told, Value, bot_id
from keywords.library.elsewhere import in_use
from keywords.mistakes import ProgramError, Refused, Transient, UnknownName, WrongValue

if TYPE_CHECKING:
    from hostbridge.elsewhere.a2a import Agents
    from hostbridge.elsewhere.conversations import Conversations
    from hostbridge.elsewhere.sessions import Sessions

ASKING = "RETURN ASK ELSEWHERE botmcp_bot WITH message WITHIN botmcp_conversation\n"
SECONDS = 600.0  # for one call, where the step says no less
OFFERED = 64  # tools of other servers that one model gets to see
MARK = "server:"  # how the bot that stands for a server's tools is called, so that its agent gets no others


class Servers:
    """The other servers, as the programs of a process reach them."""

    def __init__(
        self,
        directory: Directory,
        allowed: Collection[str] = (),
        programs: Collection[str] = (),
        conversations: Conversations | None = None,
        *,
        quiet: bool = False,
    ) -> None:
        self._directory = directory
        self._quiet = quiet
        self._allowed = tuple(allowed)
        self._programs = tuple(programs)
        self._conversations = conversations
        self._sessions: Sessions | None = None
        self._agents: Agents | None = None

    def unasked(self) -> Servers:
        """The same servers, none of which is ever asked what it offers: for a rehearsal."""
        return Servers(self._directory, quiet=True)

    async def close(self) -> None:
        """End the sessions."""
        if self._sessions:
            await self._sessions.close()

    # -- what keywords ask ---------------------------------------------------------------------------------------------

    async def named(self, host: Host, server: str) -> str:
        """The full name of a server that the caller may use; raises UnknownName."""
        return (await asyncio.to_thread(self._directory.known, host.identity.origin, server)).name

    async def called(self, host: Host, tool: str, arguments: Mapping[str, Value]) -> Told:
        """What a tool answers."""
        server, name = await asyncio.to_thread(self._directory.parted, host.identity.origin, tool)
        if not name:
            raise WrongValue(f"Which tool of {server.name}? Write {server.name}.tool.")
        if server.kind == "a2a":
            raise WrongValue(f'{server.name} is an agent and has no tools. Ask it: BOT "{server.name}" message.')
        return await self._called(host, server, await self._tool(server, name), dict(plain(_object(arguments))))

    async def tools(self, host: Host, server: str) -> Sequence[Mapping[str, Any]]:
        """The tools of a server."""
        found = await asyncio.to_thread(self._directory.known, host.identity.origin, server)
        offered = () if found.kind == "a2a" else await self.sessions.tools(found)
        return [{"name": t.name, "description": t.description, "parameters": dict(t.schema)} for t in offered]

    async def asked(self, host: Host, bot: str, message: str | None, conversation: str) -> Told:
        """What a bot elsewhere answers."""
        server, name = await asyncio.to_thread(self._directory.parted, host.identity.origin, bot)
        if server.kind == "a2a":
            return await self._agent().asked(server, message or "", conversation, host)
        if name:
            tool = await self._tool(server, name)
        else:
            tools = await self.sessions.tools(server)
            tool = choosing.answering(tools, message)
            if tool is None:
                raise UnknownName("tool", f"{server.name}/{message or ''}"[:100], [t.name for t in tools], _has(tools))
        return await self._called(host, server, tool, choosing.filled(tool, message, host.variables))

    # -- what bots ask -------------------------------------------------------------------------------------------------

    def names(self, origin: str) -> Collection[str]:
        """The servers that programs of this package may call."""
        return [server.name for server in self._directory.servers(origin)]

    def known(self, origin: str, bot: str) -> Server | None:
        """The server that the name of a bot is about."""
        try:
            return self._directory.parted(origin, bot)[0]
        except UnknownName:
            return None

    async def answering(self, host: Host, bot: str, message: str | None, models: bool) -> Spawn | None:
        """How a bot on another server answers; None when it is none."""
        origin = host.identity.origin
        server = await asyncio.to_thread(self.known, origin, bot)
        if server is None:
            return None
        chooses = models and bool(message) and server.kind != "a2a" and not self._quiet
        if chooses and message and not await self._answers(server, origin, bot, message):
            return await self._by_a_model(host, server, message)
        own = {name: value for name, value in host.variables.items() if not name.startswith("~")}
        child = Child(
            server.name,
            {**own, **asking(host, bot, message)},
            ProgramText(ASKING, f"ask {server.name}", origin),
            bot=bot_id(host.identity.tenant, f"{MARK}{server.name}"),
            bot_name=f"{MARK}{server.name}",
        )
        return Spawn((child,), f"bot {bot}")

    async def _answers(self, server: Server, origin: str, bot: str, message: str) -> bool:
        """Whether a tool of the server is meant, so that no model has to choose one."""
        if self._directory.parted(origin, bot)[1]:
            return True
        try:
            return choosing.answering(await self.sessions.tools(server), message) is not None
        except (Transient, ProgramError):
            return True  # the execution that asks tells, and tries again

    async def _by_a_model(self, host: Host, server: Server, message: str) -> Spawn:
        """A model agent with the tools of the server."""
        origin, name = host.identity.origin, f"{MARK}{server.name}"
        told = await self.sessions.instructions(server)
        system = "\n\n".join(
            filter(None, (f"You are the bot {server.name}.", server.description, told, "Use your tools to answer."))
        )
        tools = await self._offered(server)
        child = agents.child(host.identity.tenant, origin, message, system, tools, agents.room({}))
        own = bot_id(host.identity.tenant, name)
        return Spawn((Child(child.name, child.inputs, child.program, bot=own, bot_name=name),), f"bot {server.name}")

    # -- what model agents get -----------------------------------------------------------------------------------------

    async def offers(self, host: Host, package: str) -> list[Mapping[str, Any]]:
        """The tools of other servers that the agent of a package may use: those of its own `mcp.csv`, and of the
        servers that this conversation uses. A server that is away is left out."""
        if self._quiet:
            return []
        identity = host.identity
        noted = await in_use(host.services.memories, identity, bot_id(identity.tenant, package), host.now)
        noted |= await in_use(host.services.memories, identity, identity.bot, host.now)
        found: list[Mapping[str, Any]] = []
        for server in await asyncio.to_thread(self._directory.servers, package):
            if server.kind == "a2a" or not (server.package or server.name.casefold() in noted):
                continue
            try:
                found += await self._offered(server)
            except (Transient, ProgramError):
                continue
        return found[:OFFERED]

    async def run(self, host: Host, name: str, arguments: Mapping[str, Value]) -> Act | None:
        """How a model's tool runs on its server; None when it is none of theirs."""
        if self._quiet:
            return None
        alone = host.identity.bot_name.removeprefix(MARK) if host.identity.bot_name.startswith(MARK) else None
        for server in await asyncio.to_thread(self._directory.servers, host.identity.origin):
            if not name.startswith(_prefix(server)) or (alone is not None and server.name != alone):
                continue
            if server.approval or server.kind == "a2a":
                raise Refused(f"The tools of {server.name} are not for models: a program calls them, with an approval.")
            for tool in await self.sessions.tools(server):
                if _offer(server, tool) == name:
                    return self._act(host, server, tool, arguments)
        return None

    def _act(self, host: Host, server: Server, tool: Tool, arguments: Mapping[str, Value]) -> Act:
        async def perform() -> Value:
            return await self._called(host, server, tool, dict(plain(_object(arguments))))

        return Act(perform)

    async def _offered(self, server: Server) -> list[Mapping[str, Any]]:
        if server.approval:
            return []
        tools = await self.sessions.tools(server)
        return [{"name": _offer(server, t), "description": t.description, "parameters": dict(t.schema)} for t in tools]

    # -- asking --------------------------------------------------------------------------------------------------------

    @property
    def sessions(self) -> Sessions:
        """Made when first asked: the libraries take time to import."""
        if self._sessions is None:
            from hostbridge.elsewhere.sessions import Sessions

            self._sessions = Sessions(self._allowed, self._programs)
        return self._sessions

    def _agent(self) -> Agents:
        if self._agents is None:
            if importlib.util.find_spec("a2a") is None:
                raise Refused('A2A agents need the extra `a2a`: pip install "botmcp[a2a]".')
            from hostbridge.elsewhere.a2a import Agents

            self._agents = Agents(self._allowed, self._conversations)
        return self._agents

    async def _tool(self, server: Server, name: str) -> Tool:
        try:
            return choosing.named(await self.sessions.tools(server), name, server.name)
        except UnknownName:  # it may be new there
            return choosing.named(await self.sessions.tools(server, anew=True), name, server.name)

    async def _called(self, host: Host, server: Server, tool: Tool, arguments: dict[str, Any]) -> Told:
        if OWN_KEY in tool.parameters and not arguments.get(OWN_KEY):
            arguments[OWN_KEY] = host.call_id
        result = await self.sessions.called(server, tool.name, arguments, host.call_id, SECONDS)
        value = answers.value_of(result, f"{server.name}/{tool.name}")
        return Told(value, {"server": server.name, "tool": tool.name})


def conversation(host: Host) -> str:
    """Which conversation of the caller a bot is asked in: not that of the execution that stands for one call."""
    return str(host.identity.session or host.identity.execution)


def asking(host: Host, bot: str, message: str | None) -> dict[str, Value]:
    """The inputs of the execution that stands for a bot elsewhere."""
    return {"botmcp_bot": bot, "message": message, "botmcp_conversation": conversation(host)}


def _object(arguments: Mapping[str, Value]) -> Value:
    return arguments or from_plain({})


def _prefix(server: Server) -> str:
    return agents.tool_name(server.name)[:24] + "__"


def _offer(server: Server, tool: Tool) -> str:
    """What models call a tool: unlike any dialog of the package."""
    return agents.tool_name(_prefix(server) + tool.name)


def _has(tools: Sequence[Tool]) -> str:
    names = ", ".join(tool.name for tool in tools[:30])
    return f"It has: {names or 'none'}. Name one of them, or configure a model to choose: BOTMCP_MODELS."
