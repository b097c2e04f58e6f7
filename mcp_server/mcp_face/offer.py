"""What of the tools a client is offered: some toolsets, only what reads, only what its key may do.

The settings say it for a server, a header for one HTTP client, and bare `botmcp` for its own connection. The strictest
counts. What is not offered is neither listed nor run.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, cast

from keywords.mistakes import WrongValue
from mcp_server.mcp_face.tool import Tool
from mcp_server.toolsets import named

TOOLSETS_HEADER, READ_ONLY_HEADER = "x-mcp-toolsets", "x-mcp-readonly"


@dataclass(frozen=True, slots=True)
class Offer:
    """Toolsets (none named: all), and whether only what reads is offered."""

    toolsets: frozenset[str] = frozenset()
    read_only: bool = False

    def has(self, tool: Tool) -> bool:
        return not self.why_not(tool)

    def why_not(self, tool: Tool) -> str:
        """Why this tool is not offered; "" when it is."""
        if self.toolsets and tool.toolset not in self.toolsets:
            return f"the toolset {tool.toolset} is not offered to this client"
        if self.read_only and not tool.reads:
            return "this client may only read (read-only)"
        return ""

    def narrowed(self, other: Offer) -> Offer:
        """What both allow."""
        both = self.toolsets & other.toolsets if self.toolsets and other.toolsets else self.toolsets | other.toolsets
        nothing = bool(self.toolsets and other.toolsets and not both)
        return Offer(frozenset({"none"}) if nothing else both, self.read_only or other.read_only)


def of(toolsets: Iterable[str], *, read_only: bool) -> Offer:
    """The offer of these words; raises WrongValue for a toolset that does not exist."""
    try:
        return Offer(named(toolsets), read_only)
    except ValueError as error:
        raise WrongValue(f"{str(error).capitalize()}.") from None


def heard(told: Mapping[str, Any] | None) -> Offer:
    """The offer that another process told; everything when it told none."""
    given = told or {}
    words = cast("Collection[Any]", given.get("toolsets") or ())
    return Offer(frozenset(str(word) for word in words), bool(given.get("read_only")))


_connection: ContextVar[Offer | None] = ContextVar("offer", default=None)


@contextmanager
def connection(offer: Offer) -> Generator[None]:
    """Whatever is asked within this, is asked through a connection with this offer."""
    token = _connection.set(offer)
    try:
        yield
    finally:
        _connection.reset(token)


def current(server: Offer, headers: Mapping[str, str] | None) -> Offer:
    """What the client that asks now is offered. Raises WrongValue for a header that names no toolset."""
    offer = _connection.get() or server
    words, read_only = (headers.get(TOOLSETS_HEADER, ""), headers.get(READ_ONLY_HEADER, "")) if headers else ("", "")
    if words or read_only:
        only = read_only.strip().lower() in ("1", "true", "yes", "on")
        offer = offer.narrowed(of(words.split(","), read_only=only))
    return offer
