"""All bots that a program may call, wherever they are; fulfils `keywords.host.Bots`.

`BOT "name" "message"` looks, in this order, for

    1. a bot of the packages on this machine (`hostbridge/bots.py`)
    2. a server of the package's `mcp.csv` or of the settings: `server`, or `server/tool`
    3. a bot of the General Bots server, where one is set; `host:name` means that one at once
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import UUID

from hostbridge.bots import PackageBots
from hostbridge.elsewhere.service import ASKING, MARK, Servers, asking
from keywords.host import Act, Child, Host, ProgramText, Remote, Spawn, Value, bot_id
from keywords.library.elsewhere import HOST
from keywords.mistakes import UnknownName, WrongValue


class Everywhere:
    """The bots of the packages, of other servers, and of the General Bots server."""

    def __init__(
        self,
        packages: PackageBots,
        servers: Servers,
        remote: Remote | None,
        models_configured: Callable[[str], bool],
        host_bots: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._packages = packages
        self._servers = servers
        self._remote = remote
        self._models_configured = models_configured
        self._host_bots = host_bots

    def unasked(self) -> Everywhere:
        """The same bots, for a rehearsal: no server is asked what it offers."""
        return Everywhere(
            self._packages, self._servers.unasked(), self._remote, self._models_configured, self._host_bots
        )

    async def answering(self, host: Host, name: str, message: str | None) -> Spawn | Act:
        """How the bot answers this message; raises UnknownName when it is nowhere."""
        if name.casefold().startswith(HOST):
            return self._of_the_host(host, name[len(HOST) :].strip(), message)
        try:
            return await self._packages.answering(host, name, message)
        except UnknownName:
            models = self._models_configured(host.identity.origin)
            if found := await self._servers.answering(host, name, message, models):
                return found
            if self._remote is not None:
                return self._of_the_host(host, name, message)
            raise

    async def tool(self, host: Host, name: str, arguments: Mapping[str, Value]) -> Spawn | Act:
        """How a tool of a model agent runs: one of another server, or a dialog of its package."""
        if found := await self._servers.run(host, name, arguments):
            return found
        if host.identity.bot_name.startswith(MARK):
            raise UnknownName("tool", name, (), "The tools are those that were offered.")
        return await self._packages.tool(host, name, arguments)

    async def script(
        self, host: Host, name: str, values: Sequence[Value], arguments: Mapping[str, Value]
    ) -> Spawn | Act:
        """How a script of the caller's own package runs."""
        return await self._packages.script(host, name, values, arguments)

    async def identified(self, tenant: UUID, origin: str, name: str) -> tuple[UUID, str]:
        """Id and full name of a bot, as memory sharing needs them; raises UnknownName."""
        try:
            return await self._packages.identified(tenant, origin, name)
        except UnknownName:
            wanted = name.strip().casefold()
            for known in self._host_bots():
                if known.casefold() == wanted:
                    return bot_id(tenant, known), known
            raise

    def names(self, origin: str) -> Collection[str]:
        """The bots that a program of this package may call; with a `*` at its end, all whose names begin so."""
        servers = self._servers.names(origin)
        found = [*self._packages.names(origin), *servers, *(f"{name}/*" for name in servers)]
        if self._remote is not None:
            found += [f"{HOST}*", *(self._host_bots() or ("*",))]
        return list(dict.fromkeys(found))

    def _of_the_host(self, host: Host, name: str, message: str | None) -> Spawn:
        if not name or not message or not message.strip():
            raise WrongValue(f'A bot of the General Bots server needs a message: BOT "{name}" "what it shall do".')
        origin, called = host.identity.origin, f"{HOST}{name}"
        own, program = bot_id(host.identity.tenant, called), ProgramText(ASKING, f"ask {name}", origin)
        child = Child(name, asking(host, called, message), program, bot=own, bot_name=called)
        return Spawn((child,), f"bot {name}")
