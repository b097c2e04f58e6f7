"""HTTP to addresses that programs, packages and users name: guarded, so that nobody reaches inside through us.

A name is resolved here, each of its addresses is checked, and the connection goes to an address that was checked: a
name that answers differently the second time gains nothing. Redirects pass the same gate. Private, loopback, link-local
and other special addresses are refused unless the owner allows them.

    OutgoingError      the request was not answered
      Forbidden        the address is not open to programs
      TooLarge         the answer is larger than asked for
      Unreachable      no answer: no such name, refused, timed out, broken off
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import httpx

SECONDS = 30.0
PAUSE_SECONDS = 300.0
MOST_BYTES = 10 * 1_048_576
REDIRECTS = 5
AGENT = "botmcp"
ONLY = "botmcp.only"
FIRST = "botmcp.first"
ANYBODYS = frozenset(  # headers that open no door: all others stay with the server that they were meant for
    {
        *("accept", "accept-encoding", "connection", "content-length", "content-type"),
        *("host", "idempotency-key", "transfer-encoding", "user-agent"),
    }
)
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]


class OutgoingError(Exception):
    """The request was not answered."""


class Forbidden(OutgoingError):
    """The address is not open to programs."""


class TooLarge(OutgoingError):
    """The answer is larger than asked for."""


class Unreachable(OutgoingError):
    """Nobody answered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, whatever its status."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    url: str  # the last one, behind all redirects

    def text(self) -> str:
        """The body in the character set that the server names, else UTF-8; what does not fit is replaced."""
        kind = self.headers.get("content-type", "")
        _, _, charset = kind.partition("charset=")
        try:
            return self.body.decode(charset.split(";")[0].strip("\"' ") or "utf-8", "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")


async def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as the system knows them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class Outgoing:
    """Makes requests; `allowed` names hosts and networks that are open although private: "10.1.0.0/16", "erp.local"."""

    def __init__(self, allowed: Collection[str] = (), resolver: Resolver = resolved) -> None:
        self._gate = Gate(allowed, resolver)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        seconds: float = SECONDS,
        most: int = MOST_BYTES,
        only: Sequence[str] | None = None,
    ) -> Answer:
        """The answer within `seconds`, of at most `most` bytes; raises Forbidden, TooLarge, Unreachable.

        With `only`, no other host is reached, by redirects either; `*.example.com` is every name below it. Headers of
        the caller are for the server that `url` names: a redirect to another one goes without them.
        """
        try:
            async with asyncio.timeout(seconds), self._client() as client:
                given = {"user-agent": AGENT, **{name.lower(): value for name, value in (headers or {}).items()}}
                told: dict[str, Any] = {FIRST: _server(httpx.URL(url))}
                if only is not None:
                    told[ONLY] = tuple(only)
                async with client.stream(method, url, headers=given, content=content, extensions=told) as response:
                    body = await _body(response, most)
                    said = {name.lower(): value for name, value in response.headers.items()}
                    return Answer(response.status_code, response.reason_phrase, said, body, str(response.url))
        except TimeoutError:
            raise Unreachable(f"{_shown(url)} did not answer within {seconds:g} seconds.") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise Forbidden(f"{_shown(url)} is no address of the web. Write https://...") from None
        except httpx.TooManyRedirects:
            raise Unreachable(f"{_shown(url)} redirects more than {REDIRECTS} times.") from None
        except httpx.HTTPError as error:
            said = str(error) or type(error).__name__
            raise Unreachable(f"{_shown(url)} cannot be reached: {said}.") from None

    def _client(self) -> httpx.AsyncClient:
        # One a request: what runs here is rare and slow beside the web, and no cookie or connection is ever shared.
        return httpx.AsyncClient(
            transport=self._gate,
            follow_redirects=True,
            max_redirects=REDIRECTS,
            timeout=PAUSE_SECONDS,  # of each wait; `request` limits the whole
            trust_env=False,  # a proxy of the machine would connect for us, unchecked
        )


class Gate(httpx.AsyncBaseTransport):
    """Lets a request pass to an address that was checked; for clients that make their requests themselves."""

    def __init__(self, allowed: Collection[str] = (), resolver: Resolver = resolved) -> None:
        self._hosts = frozenset(entry.casefold() for entry in allowed if _network(entry) is None)
        self._networks = tuple(network for entry in allowed if (network := _network(entry)) is not None)
        self._resolver = resolver

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if request.url.scheme not in ("http", "https") or not host:
            raise httpx.UnsupportedProtocol("no address of the web", request=request)
        only: Sequence[str] | None = request.extensions.get(ONLY)  # a redirected request carries it on
        if only is not None and not _named(host, only):
            raise Forbidden(f"{host} is not one of the hosts that may be reached here: {', '.join(only) or 'none'}.")
        address = await self.checked(host, request.url.port or (443 if request.url.scheme == "https" else 80))
        first = request.extensions.get(FIRST)
        headers = request.headers if first is None or _same(first, _server(request.url)) else _anybodys(request.headers)
        extensions: dict[str, Any] = {**request.extensions, "sni_hostname": host}
        inner = httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=headers,  # which name the host that was asked for
            stream=request.stream,
            extensions=extensions,
        )
        transport = httpx.AsyncHTTPTransport()
        try:
            response = await transport.handle_async_request(inner)
        except BaseException:
            await transport.aclose()
            raise
        stream = response.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=_Closing(stream, transport),
            extensions=response.extensions,
        )

    async def checked(self, host: str, port: int) -> str:
        """An address of the host that may be reached; raises Forbidden when any of them may not."""
        literal = _address(host)
        try:
            found = [str(literal)] if literal else await self._resolver(host, port)
        except (OSError, UnicodeError):
            raise Unreachable(f"There is no {host} on the network.") from None
        for address in found:
            if host.casefold() not in self._hosts and not self._open(address):
                raise Forbidden(
                    f"{host} is a private address, which programs may not reach. The owner of this installation can "
                    "allow it in BOTMCP_HTTP_ALLOW."
                )
        if not found:
            raise Unreachable(f"There is no {host} on the network.")
        return found[0]

    def _open(self, words: str) -> bool:
        address = _address(words)
        if address is None:
            return False
        return _public(address) or any(address in network for network in self._networks)


class _Closing(httpx.AsyncByteStream):
    """A response's stream that takes its connection with it."""

    def __init__(self, stream: httpx.AsyncByteStream, transport: httpx.AsyncHTTPTransport) -> None:
        self._stream = stream
        self._transport = transport

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._stream:
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
        await self._transport.aclose()


async def _body(response: httpx.Response, most: int) -> bytes:
    announced = response.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise TooLarge(f"{_shown(str(response.url))} answers {int(announced):,} bytes; at most {most:,} are taken.")
    pieces: list[bytes] = []
    size = 0
    async for piece in response.aiter_bytes():  # unpacked, so that a small packed answer cannot grow without end
        size += len(piece)
        if size > most:
            raise TooLarge(f"{_shown(str(response.url))} answers more than {most:,} bytes.")
        pieces.append(piece)
    return b"".join(pieces)


def _public(address: Address) -> bool:
    """Whether anybody may reach it; an IPv4 address inside an IPv6 one counts as what it is."""
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if inner is not None:
        return _public(inner)
    if isinstance(address, ipaddress.IPv6Address) and address in _NAT64:
        return _public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return address.is_global and not address.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _server(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _same(first: tuple[str, str, int], now: tuple[str, str, int]) -> bool:
    """Whether it is the server that was asked first, if need be by its safe door."""
    return first == now or (first[0], now) == ("http", ("https", first[1], 443))


def _anybodys(headers: httpx.Headers) -> httpx.Headers:
    return httpx.Headers([(name, value) for name, value in headers.multi_items() if name.lower() in ANYBODYS])


def _named(host: str, only: Sequence[str]) -> bool:
    asked = host.casefold().rstrip(".")
    return any(asked.endswith(each[1:]) if each.startswith("*.") else asked == each.strip("[]") for each in only)


def _address(words: str) -> Address | None:
    try:
        return ipaddress.ip_address(words.strip("[]").partition("%")[0])
    except ValueError:
        return None


def _network(words: str) -> Network | None:
    try:
        return ipaddress.ip_network(words, strict=False)
    except ValueError:
        return None


def _shown(url: str) -> str:
    """The address without what may be secret in it: no user, no query."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return url[:60]
    return str(parsed.copy_with(userinfo=b"", query=None, fragment=None))[:200]
