"""Where requests of ours may go: to the internet, not into the network that this process stands in.

A name is looked up once, and the request goes to the address that was looked at: what the name means a moment later
changes nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from keywords.mistakes import Refused


@dataclass(frozen=True, slots=True)
class Place:
    """A URL with the address that stands behind its name."""

    url: str  # with the address instead of the name
    host: str  # for the Host header
    name: str  # for the certificate


async def reachable(url: str, private: Collection[str] = ()) -> Place:
    """The place of this URL; raises Refused for one in a private network that `private` does not name.

    Raises OSError when the name cannot be looked up.
    """
    parts = urlsplit(url)
    name = parts.hostname or ""
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    if parts.scheme not in ("http", "https") or not name or not port:
        raise Refused(f"{url[:200]} is no http or https address.")
    found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    if name.casefold() not in {host.casefold() for host in private}:
        inner = [address for address in addresses if not public(address) and not _allowed(address, private)]
        if inner:
            raise Refused(
                f"{name} lies in a private network ({inner[0]}); webhooks go only to the internet. "
                "The owner may allow the name: BOTMCP_HTTP_ALLOW."
            )
    return Place(_at(parts, addresses[0], port), parts.netloc, name)


def public(address: str) -> bool:
    """Whether the address belongs to the internet."""
    found = ip_address(address.partition("%")[0])
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return (
        found.is_global and not found.is_multicast and (inner is None or (inner.is_global and not inner.is_multicast))
    )


def _allowed(address: str, private: Collection[str]) -> bool:
    """Whether a network that the owner named holds the address."""
    for one in private:
        with suppress(ValueError):
            if ip_address(address.partition("%")[0]) in ip_network(one.strip(), strict=False):
                return True
    return False


def _at(parts: SplitResult, address: str, port: int) -> str:
    host = f"[{address}]" if ":" in address else address
    return parts._replace(netloc=f"{host}:{port}", fragment="").geturl()
