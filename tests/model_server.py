"""A server that speaks OpenAI's protocol on loopback, and answers what a test tells it to."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Body: TypeAlias = Mapping[str, Any]
Reply: TypeAlias = Callable[[Body], Response]


def completion(message: Mapping[str, Any], model: str = "model") -> JSONResponse:
    """An answer in the protocol's form."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
    return JSONResponse(
        {"id": "1", "object": "chat.completion", "created": 1, "model": model, "choices": [choice], "usage": usage}
    )


def says(text: str) -> Reply:
    """The model answers this text."""
    return lambda body: completion({"content": text}, body["model"])


def calls(*tools: tuple[str, str, Mapping[str, Any] | str]) -> Reply:
    """The model asks for tools, each (id, name, arguments)."""

    def reply(body: Body) -> Response:
        asked = [
            {
                "id": one,
                "type": "function",
                "function": {"name": name, "arguments": given if isinstance(given, str) else json.dumps(given)},
            }
            for one, name, given in tools
        ]
        return completion({"content": None, "tool_calls": asked}, body["model"])

    return reply


def fails(status: int, words: str = "no", kind: str = "error", **headers: str) -> Reply:
    """The provider answers with an error of this status; `retry_after="7"` is the header retry-after."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda body: JSONResponse({"error": {"message": words, "type": kind}}, status, headers=named)


def garbage(content: bytes = b"<html>not an answer") -> Reply:
    """The provider answers 200 with something else."""
    return lambda body: Response(content, media_type="application/json")


def echo(body: Body) -> Response:
    """The model repeats the last message."""
    return completion({"content": f"echo: {body['messages'][-1]['content']}"}, body["model"])


@dataclass(slots=True)
class ModelServer:
    """Answers scripted replies in order, then `otherwise`; keeps what it was asked."""

    url: str
    script: deque[Reply] = field(default_factory=deque[Reply])
    otherwise: Reply = echo
    bodies: list[Body] = field(default_factory=list[Body])
    headers: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])
    silent: bool = False  # True: takes a question and answers nothing until it is stopped
    silent_for: frozenset[str] = frozenset()  # the same for these models
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    taken: asyncio.Event = field(default_factory=asyncio.Event)

    async def reached(self, count: int) -> None:
        """Returns when it was asked so often."""
        while len(self.bodies) < count:
            self.taken.clear()
            await self.taken.wait()

    async def answer(self, request: Request) -> Response:
        body = await request.json()
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        self.taken.set()
        if self.silent or body["model"] in self.silent_for:
            await self.stopped.wait()
        reply = self.script.popleft() if self.script else self.otherwise
        return reply(body)


@asynccontextmanager
async def model_server() -> AsyncGenerator[ModelServer]:
    """A running server; its `url` is what a model's url must be."""
    # With the protocol named, asyncio switches off the waiting for more to send, which costs 40 ms an answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = ModelServer(f"http://127.0.0.1:{listener.getsockname()[1]}/v1")
    app = Starlette(routes=[Route("/v1/chat/completions", server.answer, methods=["POST"])])
    running = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", timeout_keep_alive=60))
    task = asyncio.create_task(running.serve(sockets=[listener]))
    try:
        yield server
    finally:
        server.stopped.set()
        running.should_exit = True
        await task
        listener.close()
