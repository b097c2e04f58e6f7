"""How MCP clients reach servers: over HTTP through the guard of addresses, over stdio through the door of subprocesses.

Imports the MCP SDK, so it is imported when the first server is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
import mcp.types as types
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.message import SessionMessage

from hostbridge.elsewhere.bounded import Bounded
from hostbridge.elsewhere.servers import Server
from storage import subprocesses
from storage.outgoing import AGENT, Gate

MOST_BYTES = 64 * 1_048_576  # of one answer, with all that is told on the way
LONGEST_LINE = 16 * 1_048_576
PAUSE = 300.0  # seconds without a word


class Guarded(httpx2.AsyncBaseTransport):
    """Connects to addresses that were checked, as `storage.outgoing` does, and stops reading where too much comes."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._inner = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        host, secure = request.url.host, request.url.scheme == "https"
        address = await self._gate.checked(host, request.url.port or (443 if secure else 80))
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=address)  # the Host header names what was asked for
        response = await self._inner.handle_async_request(request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Stream(response.stream, response.headers, MOST_BYTES)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Stream(Bounded, httpx2.AsyncByteStream):
    """As httpx2 wants it."""


@asynccontextmanager
async def over_http(server: Server, gate: Gate) -> AsyncGenerator[Any]:
    """The streams of an MCP session over streamable HTTP."""
    # Packed, a small answer could grow without end: it is unpacked behind the count.
    headers = {"user-agent": AGENT, "accept-encoding": "identity", **dict(server.headers)}
    waits = httpx2.Timeout(30.0, read=PAUSE)
    client = httpx2.AsyncClient(headers=headers, transport=Guarded(gate), timeout=waits, trust_env=False)
    async with client, streamable_http_client(server.url, http_client=client) as streams:
        yield streams


@asynccontextmanager
async def over_stdio(server: Server, allowed: Collection[str]) -> AsyncGenerator[Any]:
    """The streams of an MCP session with a program that this process starts; raises NotAllowed for one not listed."""
    program, *arguments = server.command
    ask = subprocesses.command(program, *arguments, allow=allowed, environment=dict(server.environment))
    process = await subprocesses.converse(ask)
    incoming, read = anyio.create_memory_object_stream[SessionMessage | Exception](16)
    write, outgoing = anyio.create_memory_object_stream[SessionMessage](16)
    assert process.stdin and process.stdout
    tasks = [
        asyncio.create_task(_heard(process.stdout, incoming)),
        asyncio.create_task(_said(process.stdin, outgoing, incoming)),
    ]
    try:
        yield read, write
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for stream in (read, write, incoming, outgoing):
            stream.close()
        await asyncio.shield(subprocesses.dismiss(process))


async def _heard(pipe: asyncio.StreamReader, incoming: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
    line = bytearray()
    try:
        while piece := await pipe.read(1 << 16):
            *lines, rest = (bytes(line) + piece).split(b"\n")
            line = bytearray(rest)
            if len(line) > LONGEST_LINE:
                return
            for each in lines:
                if each.strip():
                    await incoming.send(_message(each))
    except (anyio.ClosedResourceError, anyio.BrokenResourceError, OSError):
        return  # the session has gone
    finally:
        incoming.close()


def _message(line: bytes) -> SessionMessage | Exception:
    try:
        return SessionMessage(types.jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValueError as error:
        return error


async def _said(
    pipe: asyncio.StreamWriter,
    outgoing: MemoryObjectReceiveStream[SessionMessage],
    incoming: MemoryObjectSendStream[SessionMessage | Exception],
) -> None:
    try:
        async for message in outgoing:
            pipe.write(message.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
            await pipe.drain()
    except OSError:
        incoming.close()
