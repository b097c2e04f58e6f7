"""What programs reach on other servers: tools and bots that speak MCP or A2A, and the General Bots host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from keywords.host import Host, Told, Value


class Elsewhere(Protocol):
    """The servers that the owner's settings and the caller's package name; `hostbridge.elsewhere` fulfils it."""

    async def named(self, host: Host, server: str) -> str:
        """The full name of a server that the caller may use; raises UnknownName."""
        ...

    async def called(self, host: Host, tool: str, arguments: Mapping[str, Value]) -> Told:
        """What a tool answers; it is called `server/tool` or `server.tool`.

        Raises UnknownName, a ProgramError for what the tool refuses, and Transient when the server does not answer.
        """
        ...

    async def tools(self, host: Host, server: str) -> Sequence[Mapping[str, Any]]:
        """The tools of a server, each `{name, description, parameters}`, as plain JSON."""
        ...

    async def asked(self, host: Host, bot: str, message: str | None, conversation: str) -> Told:
        """What a bot elsewhere answers: a server, or one tool of it (`docs/guides/host.md` says which is called)."""
        ...


class Remote(Protocol):
    """The General Bots server; `hostbridge.remote` fulfils it."""

    async def asked(self, host: Host, bot: str, message: str, conversation: str) -> Told:
        """What a bot of that server answers; it remembers what was said in the same conversation.

        Raises Transient when the server does not answer.
        """
        ...

    async def keyword(self, host: Host, name: str, values: Sequence[Value]) -> Told:
        """What a keyword answers that only the host can carry out: a script for so many values runs in the caller's
        package there, and hears them one after the other."""
        ...
