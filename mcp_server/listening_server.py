"""An ASGI app on a port: uvicorn without its signal handlers, behind a check of who is addressed."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Collection, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class CannotListen(Exception):
    """The port is taken or not ours; says which and what to set."""


@asynccontextmanager
async def serving(app: ASGIApp, host: str, port: int, names: Collection[str]) -> AsyncGenerator[str]:
    """Serve until the context ends; yields the address. Requests that address another host are refused, so that a web
    page elsewhere cannot reach us under a name of its own."""
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        why = str(error.strerror).partition(" (while")[0]  # Python tells the address once more
        raise CannotListen(
            f"Cannot listen on {host}:{port}: {why}. Another program may use the port; "
            "BOTMCP_HOST and BOTMCP_PORT choose another."
        ) from None
    # An answer is two writes, head and body: without this the second waits for the client's delayed acknowledgement of
    # the first, some 40 ms. asyncio would set it, but only on sockets that it has made itself.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with listener:
        guarded = _Trimmed(TrustedHostMiddleware(app, allowed_hosts=[*LOOPBACK, host, *names]))
        config = uvicorn.Config(guarded, log_config=None, access_log=False, server_header=False, lifespan="on")
        config.timeout_graceful_shutdown = 3
        server = _Server(config)
        task = asyncio.create_task(server.serve([listener]))
        try:
            ready = asyncio.create_task(server.ready.wait())
            await asyncio.wait([task, ready], return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            if task.done():
                await task
                raise CannotListen(f"The server on {host}:{port} could not start; its log says why.")
            address, number, *_ = listener.getsockname()
            yield f"http://{f'[{address}]' if ':' in address else address}:{number}"
        finally:
            server.should_exit = True
            await task


class _Trimmed:
    """Header values without the blanks around them, which no reader shall count (RFC 9110, 5.5); httptools does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and any(value[-1:].isspace() for _, value in scope["headers"]):
            scope = {**scope, "headers": [(name, value.strip(b" \t")) for name, value in scope["headers"]]}
        await self._app(scope, receive, send)


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs the process, and tells when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready.set()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
