"""One MCP session over a pair of byte streams: a line is a message, as on stdio."""

from __future__ import annotations

import asyncio
import contextlib

import anyio
import mcp.types as types
from mcp.server import MCPServer
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

from mcp_server.app import App

LONGEST_MESSAGE = 8 * 2**20  # a program of 1 MB may take six times that in JSON


async def serve(server: MCPServer[App], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Serve until the client closes its side; `reader` must have been made with LONGEST_MESSAGE as its limit."""
    to_server, from_client = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    to_client, from_server = anyio.create_memory_object_stream[SessionMessage](0)

    async def read() -> None:
        async with to_server:
            with contextlib.suppress(ConnectionError, anyio.BrokenResourceError, anyio.ClosedResourceError):
                while line := await _line(reader):
                    await to_server.send(_message(line))

    async def write() -> None:
        async with from_server:
            with contextlib.suppress(ConnectionError):
                async for message in from_server:
                    writer.write(message.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
                    await writer.drain()

    low = server._lowlevel_server  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - mcp 2.3 has no other way
    async with anyio.create_task_group() as writing:
        writing.start_soon(write)  # ends when the server has closed its stream and everything is written
        async with anyio.create_task_group() as reading:
            reading.start_soon(read)
            await low.run(from_client, to_client, low.create_initialization_options())
            reading.cancel_scope.cancel()


async def _line(reader: asyncio.StreamReader) -> bytes:
    """The next line, or nothing at the end, or when a line is too long to be a message: the session then ends."""
    try:
        return await reader.readline()
    except ValueError:
        return b""


def _message(line: bytes) -> SessionMessage | Exception:
    try:
        return SessionMessage(types.jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValidationError as error:
        return error
