"""Our stand-in of the General Bots server: its WebSocket, as both generations speak it, and scripts that wait in HEAR.

To a session that the older generation has not made itself, each message begins a conversation of its own, so that no
HEAR of it is ever answered.

What a bot does is a script of this file's making: a list of what happens after a message. Nothing of the host's is run.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID, uuid4

from websockets.asyncio.server import ServerConnection, serve

Generation = Literal["older", "newest"]
STRICT = ("bot_id", "user_id", "session_id", "channel", "content", "timestamp")  # texts that the older one insists on


@dataclass
class Conversation:
    """One connection, as a script of the bot sees it."""

    socket: ServerConnection
    bot: str
    session: str
    user: str
    generation: Generation
    heard: asyncio.Queue[str] = field(default_factory=asyncio.Queue[str])
    hearing: bool = False

    async def frame(self, content: str, *, complete: bool, **more: Any) -> None:
        base = {
            "bot_id": self.bot, "user_id": self.user, "session_id": self.session, "channel": "web", "content": content,
            "message_type": 2, "stream_token": None, "is_complete": complete, "suggestions": [], "context_name": None,
            "context_length": 0, "context_max_length": 0,
        }  # fmt: skip
        await self.socket.send(json.dumps(base | more))

    async def talk(self, words: str) -> None:
        await self.frame(words, complete=True)

    async def model(self, text: str) -> None:
        """A model's answer, in pieces; the newest keeps alive before, and says nothing in its last frame."""
        if self.generation == "newest":
            await self.frame("", complete=False)
        pieces = [text[at : at + 5] for at in range(0, len(text), 5)]
        for piece in pieces:
            await self.frame(piece, complete=False)
        await self.frame("" if self.generation == "newest" else text, complete=True)

    async def hear(self) -> str:
        self.hearing = True
        try:
            return await self.heard.get()
        finally:
            self.hearing = False


Script = Callable[[Conversation, str], Awaitable[None]]


async def echo(said: Conversation, message: str) -> None:
    await said.model(f"{said.bot} heard: {message}")


@dataclass
class BotServer:
    """What the server is told to do, and what it saw."""

    url: str
    generation: Generation
    bots: dict[str, Script] = field(default_factory=dict[str, Script])
    tools: dict[str, Script] = field(default_factory=dict[str, Script])
    greeting: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    sessions: list[str] = field(default_factory=list[str])
    refused: int = 0  # connections to refuse with 503
    breaks: int = 0  # connections to break off after the next message
    makes_sessions: bool = True  # at /api/auth, as builds without a directory do
    made: dict[str, str] = field(default_factory=dict[str, str])  # sessions that it made, and their users
    _greeted: set[str] = field(default_factory=set[str])

    async def talk(self, socket: ServerConnection) -> None:
        assert socket.request
        parts = urlsplit(socket.request.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        bot = unquote(parts.path.rsplit("/", 1)[-1])
        said = Conversation(socket, bot, query["session_id"], query["user_id"], self.generation)
        assert UUID(said.session) and UUID(said.user)
        self.sessions.append(said.session)
        hello = {"type": "connected", "session_id": said.session, "user_id": said.user, "bot_id": bot}
        await socket.send(json.dumps(hello | {"message": "Connected to bot server", "tools": []}))
        if self.generation == "older":
            await self._greet(said)
        working: set[asyncio.Task[None]] = set()
        try:
            async for raw in socket:
                message = self._read(raw)
                if message is None:
                    continue  # the host logs it and says nothing
                self.messages.append(message)
                if self.breaks:
                    self.breaks -= 1
                    await socket.close(1011)
                    return
                task = asyncio.create_task(self._answer(said, message))
                working.add(task)
                task.add_done_callback(working.discard)
        finally:
            for task in working:
                task.cancel()

    def auth(self, path: str) -> str:
        """A session that is known is answered, for any other one a new one is made."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        session = query.get("session_id", "")
        if session not in self.made:
            session = str(uuid4())
            self.made[session] = query.get("user_id", "") or str(uuid4())
        told = {"user_id": self.made[session], "session_id": session, "bot_name": query["bot_name"]}
        return json.dumps(told | {"status": "authenticated"})

    def _read(self, raw: str | bytes) -> dict[str, Any] | None:
        message: Any = json.loads(raw)
        if self.generation == "newest":
            return message if isinstance(message.get("text") or message.get("content"), str) else None
        fits = all(isinstance(message.get(name), str) for name in STRICT) and isinstance(message["message_type"], int)
        return message if fits and datetime.fromisoformat(message["timestamp"]).tzinfo else None

    async def _greet(self, said: Conversation) -> None:
        if self.greeting and said.session not in self._greeted:
            self._greeted.add(said.session)
            await said.talk(self.greeting)
            await said.frame("", complete=True, suggestions=[{"text": "Help"}])

    async def _answer(self, said: Conversation, message: Mapping[str, Any]) -> None:
        content, kind = str(message.get("text") or message["content"]), message.get("message_type", 1)
        if kind == 6:
            tool = self.tools.get(content.strip())
            if tool is None:
                await said.talk(f"Erro ao executar '{content}': not found")
                return
            await tool(said, "")
            if self.generation == "older":
                await said.talk("")  # the script's result, which is nothing
            return
        if said.hearing and (said.session in self.made or self.generation == "newest"):
            said.heard.put_nowait(content)
            return
        if self.generation == "newest":
            await self._greet(said)
        await self.bots.get(said.bot, echo)(said, content)


@asynccontextmanager
async def botserver(generation: Generation, port: int = 0) -> AsyncGenerator[BotServer]:
    """The server while the block lasts."""
    made = BotServer("", generation)

    def busy(connection: ServerConnection, request: Any) -> Any:
        if request.path.startswith("/api/auth?"):
            return (
                connection.respond(200, made.auth(request.path)) if made.makes_sessions else connection.respond(404, "")
            )
        if made.refused:
            made.refused -= 1
            return connection.respond(503, "busy")
        return None

    async with serve(made.talk, "127.0.0.1", port, process_request=busy) as server:
        made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield made
