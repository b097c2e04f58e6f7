"""A web server on loopback that does what servers do to those who ask them."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any


class Site:
    """A web server on loopback that answers by path; it notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.pages: dict[str, tuple[str, str]] = {}  # path -> (content type, text)
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next((int(line.split(":")[1]) for line in head.lower().split("\r\n") if "content-length" in line), 0)
        body = await reader.readexactly(length)
        self.asked.append(head + body.decode())
        path = head.split(" ")[1].partition("?")[0]
        if path in self.pages:
            kind, text = self.pages[path]
            head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(text.encode())}\r\n\r\n"
            said = (head + text).encode()
        elif path.startswith("/to/"):
            said = f"HTTP/1.1 302 Found\r\nlocation: {path[4:]}\r\ncontent-length: 0\r\n\r\n".encode()
        elif path == "/packed":
            packed = gzip.compress(b"0" * 5_000_000)
            said = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed) + packed
        elif path == "/endless":
            writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            while not writer.is_closing():
                writer.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
                await writer.drain()
            return
        elif path == "/silent":
            await asyncio.sleep(60)
            return
        elif path == "/huge":
            said = b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n"
        else:
            said = b"HTTP/1.1 404 Gone\r\ncontent-type: text/plain; charset=latin-1\r\ncontent-length: 4\r\n\r\nol\xe1!"
        writer.write(said)
        await writer.drain()


@asynccontextmanager
async def website() -> AsyncGenerator[Site]:
    """The server while the block lasts; whoever it still keeps waiting is cut off at the end."""
    made = Site()
    answering: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        answering.add(task)
        try:
            await made.answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            answering.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        if left := tuple(answering):
            for task in left:
                task.cancel()
            await asyncio.wait(left)
