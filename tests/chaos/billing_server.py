"""A model provider that misbehaves and keeps honest books: what each call really cost, by its true tokens.

What it says it used is often a lie. Each answer is cut at max_tokens, as providers do.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PRICES = {"tiny": (0.1, 0.4), "small": (0.5, 1.5), "large": (3.0, 15.0), "huge": (15.0, 75.0)}  # a million tokens
_PIECES = re.compile(r"\w{1,4}|[^\w\s]")
_TALE = "the cat sat on a mat and thought about rain in spring while nobody came to look for it"
WORDS = _TALE.split()


def tokens(text: str) -> int:
    """The true tokens of a text: pieces of at most four letters, and signs."""
    return len(_PIECES.findall(text))


@dataclass(slots=True)
class Books:
    """What happened, by the id of the call."""

    billed: dict[str, float] = field(default_factory=dict[str, float])
    requests: dict[str, int] = field(default_factory=dict[str, int])  # by model
    did: dict[str, int] = field(default_factory=dict[str, int])

    def bill(self, call: str, model: str, read: int, written: int) -> None:
        reading, writing = PRICES[model]
        self.billed[call] = self.billed.get(call, 0.0) + (read * reading + written * writing) / 1e6


@dataclass(slots=True)
class Provider:
    """Answers, and decides by chance what goes wrong. `modes` sets a model to one behaviour for good."""

    chance: random.Random
    books: Books = field(default_factory=Books)
    modes: dict[str, str] = field(default_factory=dict[str, str])
    trouble: bool = True
    hang: float = 3.0
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def chat(self, request: Request) -> Response:
        body: Mapping[str, Any] = await request.json()
        call = request.headers["idempotency-key"]
        model = body["model"]
        self.books.requests[model] = self.books.requests.get(model, 0) + 1
        mode = self.modes.get(model) or (self._mode() if self.trouble else "ok")
        self.books.did[mode] = self.books.did.get(mode, 0) + 1
        if mode == "busy":
            after = {"retry-after": str(self.chance.choice([0, 1]))} if self.chance.random() < 0.5 else {}
            return JSONResponse({"error": {"message": "slow down", "type": "rate_limit"}}, 429, headers=after)
        if mode == "dead":
            return JSONResponse({"error": {"message": "down", "type": "server"}}, 503)
        read = tokens(json.dumps([*body["messages"], *body.get("tools", [])]))
        text, finish = self._text(body.get("max_tokens"))
        written = tokens(text)
        self.books.bill(call, model, read, written)  # the work is done, whatever becomes of the answer
        if mode in ("hang", "slow"):
            seconds = 100.0 if mode == "slow" else self.hang
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stopped.wait(), seconds)
        if mode == "broken":
            return JSONResponse({"error": {"message": "lost it", "type": "server"}}, 500)
        if mode == "garbage":
            words = self.chance.choice([b"<html>", b"{}", b'{"choices": []}', b""])
            return Response(words, media_type="application/json")
        if mode == "empty":
            text = ""
        if mode == "json":
            text = self.chance.choice(['{"n": 1}', '{"n": "one"}', "not json", '```json\n{"n": 2}\n```'])
        return JSONResponse(self._answer(body["model"], text, finish, read, written))

    def _mode(self) -> str:
        return self.chance.choices(
            ["ok", "busy", "broken", "hang", "garbage", "empty", "json", "dead"], [70, 7, 6, 2, 4, 3, 5, 3]
        )[0]

    def _text(self, most: int | None) -> tuple[str, str]:
        length = int(self.chance.lognormvariate(4.5, 1.2))
        words = [self.chance.choice(WORDS) for _ in range(min(length, 4000))]
        if most is None:
            return " ".join(words), "stop"
        kept: list[str] = []
        used = 0
        for word in words:
            used += tokens(word)
            if used > most:
                return " ".join(kept), "length"
            kept.append(word)
        return " ".join(kept), "stop"

    def _answer(self, model: str, text: str, finish: str, read: int, written: int) -> dict[str, Any]:
        lie = self.chance.choice([1.0, 1.0, 0.0, 0.1, 10.0])
        usage = {"prompt_tokens": int(read * lie), "completion_tokens": int(written * lie)}
        usage["total_tokens"] = sum(usage.values())
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
        told: dict[str, Any] = {
            "id": "1", "object": "chat.completion", "created": 1, "model": model, "choices": [choice]
        }  # fmt: skip
        return told if self.chance.random() < 0.1 else {**told, "usage": usage}


@asynccontextmanager
async def provider(seed: int) -> AsyncGenerator[tuple[Provider, str]]:
    """A running provider and its url."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    found = Provider(random.Random(seed))
    app = Starlette(routes=[Route("/v1/chat/completions", found.chat, methods=["POST"])])
    running = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    task = asyncio.create_task(running.serve(sockets=[listener]))
    try:
        yield found, f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        found.stopped.set()
        running.should_exit = True
        await task
        listener.close()
