"""Conversations with the General Bots server; fulfils `keywords.elsewhere.Remote`.

A run has one session with each bot of the server (`host_sessions.py`), so the bot knows what was said before; what a
keyword does has a session of its own. A call that is made again after a crash says the same in the same session, under
the same key.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import UUID, uuid5
from weakref import WeakValueDictionary

import structlog

from hostbridge.remote import calls
from hostbridge.remote.frames import TOOL, USER, Address, Reading, message
from hostbridge.remote.host_sessions import HostSessions, opened
from keywords.host import NAMESPACE, Host, Told, Value
from keywords.library import limits
from keywords.mistakes import BadAnswer, LimitReached, ProgramError, TimedOut, Transient

OPENING = 15.0
LARGEST_FRAME = 4 * 1_048_576
LARGEST = 1_000_000  # characters of one answer
REMEMBERED = 10_000  # sessions that are known to be greeted
log = structlog.get_logger()


class HostFailed(ProgramError):
    """The script on the server failed."""

    kind = "host"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited, in seconds."""

    settled: float = 1.5  # without a further frame, once an answer stands
    greeting: float = 1.0  # for a script that greets when a session begins
    silence: float = 120.0  # without any frame
    whole: float = 900.0
    hearing: float = 0.3  # between a script's question and its HEAR


@dataclass(slots=True)
class _Talk:
    """One open connection of one session."""

    socket: Any
    address: Address
    call_id: str
    clock: Callable[[], datetime]

    async def say(self, content: str, kind: int) -> None:
        await self.socket.send(json.dumps(message(self.address, content, kind, self.clock(), self.call_id)))

    async def frame(self, seconds: float) -> Mapping[str, Any] | None:
        """The next frame that is one; None when none comes in time."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    try:
                        said: Any = json.loads(await self.socket.recv())
                    except ValueError:
                        continue
                    if isinstance(said, dict):
                        return said  # pyright: ignore[reportUnknownVariableType] - any frame
        except TimeoutError:
            return None


@dataclass(slots=True)
class Botserver:
    """The server at `url`."""

    url: str
    clock: Callable[[], datetime]
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    patience: Patience = field(default_factory=Patience)
    sessions: HostSessions | None = None  # None: nobody remembers them, as in a test
    _greeted: dict[UUID, None] = field(default_factory=dict[UUID, None])
    _busy: WeakValueDictionary[UUID, asyncio.Lock] = field(default_factory=WeakValueDictionary[UUID, asyncio.Lock])

    # -- what keywords ask ---------------------------------------------------------------------------------------------

    async def asked(self, host: Host, bot: str, message: str, conversation: str) -> Told:
        """What a bot of the server answers, in this conversation with it."""
        tenant = host.identity.tenant
        address = _address(bot, uuid5(tenant, conversation), tenant)
        address = await self._there(tenant, address)
        return await self._in_turn(address, host.call_id, lambda talk, new: self._answered(talk, bot, message, new))

    async def keyword(self, host: Host, name: str, values: Sequence[Value]) -> Told:
        """What the keyword answers there, run by the caller's package on the server."""
        bot = host.identity.origin or host.identity.bot_name or "default"
        return await self.ran(bot, name, values, host.call_id, host.identity.tenant)

    async def ran(self, bot: str, name: str, values: Sequence[Value], call_id: str, tenant: UUID) -> Told:
        """What a keyword answers that a bot of the server runs."""
        address = await self._there(tenant, _address(bot, uuid5(NAMESPACE, call_id), tenant))
        return await self._in_turn(address, call_id, lambda talk, new: self._run(talk, bot, name, values))

    async def _there(self, tenant: UUID, address: Address) -> Address:
        """Where the conversation stands on the server; our own ids where the server makes no sessions."""
        if self.sessions is None:
            return await opened(self.url, address) or address
        if known := await self.sessions.known(tenant, address):
            return known
        if there := await opened(self.url, address):
            await self.sessions.keep(tenant, address, there, self.clock())
        return there or address

    # -- one call ------------------------------------------------------------------------------------------------------

    async def _in_turn(self, address: Address, call_id: str, work: Callable[[_Talk, bool], Any]) -> Told:
        """The work over a connection; one at a time in a session, for a second message would end the first answer."""
        lock = self._busy.setdefault(address.session, asyncio.Lock())
        async with lock, self._connected(address, call_id) as talk:
            new = address.session not in self._greeted
            whole = asyncio.timeout(self.patience.whole)
            try:
                async with whole:
                    if new:
                        await self._greetings(talk)
                    told = await work(talk, new)
            except TimeoutError:
                if not whole.expired():
                    raise
                raise TimedOut(f"The bot {address.bot} of the General Bots server did not come to an end.") from None
            self._greeted[address.session] = None
            if len(self._greeted) > REMEMBERED:
                del self._greeted[next(iter(self._greeted))]
            return told

    @asynccontextmanager
    async def _connected(self, address: Address, call_id: str) -> AsyncGenerator[_Talk]:
        from websockets.asyncio.client import connect
        from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

        where = self._where(address)
        try:
            async with connect(
                where, open_timeout=OPENING, max_size=LARGEST_FRAME, proxy=None, additional_headers=dict(self.headers)
            ) as socket:
                yield _Talk(socket, address, call_id, self.clock)
        except InvalidStatus as error:
            status = error.response.status_code
            words = f"The General Bots server answers {status} to the bot {address.bot}."
            raise (Transient(words) if status >= 500 or status == 429 else BadAnswer(words)) from None
        except InvalidURI:
            raise BadAnswer("BOTSERVER_URL is no address: http://localhost:5858 is expected.") from None
        except ConnectionClosed as error:
            raise Transient(f"The General Bots server broke off: {error}") from None
        except (InvalidHandshake, OSError, TimeoutError) as error:
            raise Transient(f"The General Bots server cannot be reached: {error or type(error).__name__}") from None

    def _where(self, address: Address) -> str:
        """`ws://host/ws/<bot>?session_id=..&user_id=..`, below whatever path the setting has."""
        parts = urlsplit(self.url)
        scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
        path = f"{parts.path.rstrip('/')}/ws/{quote(address.bot, safe='')}"
        query = f"session_id={address.session}&user_id={address.user}&bot_name={quote(address.bot, safe='')}"
        return urlunsplit((scheme, parts.netloc, path, query, ""))

    async def _greetings(self, talk: _Talk) -> None:
        """Hear out what a script says to whoever comes; the older generation does so at once."""
        first = await talk.frame(OPENING)
        if first is None:
            raise Transient("The General Bots server accepted the connection and said nothing.")
        while await talk.frame(self.patience.greeting) is not None:
            pass

    async def _answered(self, talk: _Talk, bot: str, said: str, new: bool) -> Told:
        await talk.say(said, USER)
        reading = Reading(greeted=new)
        while True:
            frame = await talk.frame(self.patience.settled if reading.standing else self.patience.silence)
            if frame is not None:
                reading.take(frame)
            elif reading.standing:
                break
            else:
                raise TimedOut(f"The bot {bot} of the General Bots server did not answer.")
        return Told(_bounded(reading.text, bot), {"server": "General Bots", "bot": bot})

    async def _run(self, talk: _Talk, bot: str, name: str, values: Sequence[Value]) -> Told:
        script = calls.script_name(name, len(values))
        await talk.say(script, TOOL)
        reading, answer, left = Reading(), list[str](), list(values)
        while True:
            frame = await talk.frame(self.patience.silence)
            if frame is None:
                raise TimedOut(f"{name} did not come to an end on the General Bots server.")
            words = reading.take(frame)
            if words is None:
                continue
            if words.startswith(calls.HEARS):
                await asyncio.sleep(self.patience.hearing)  # the question is told before its HEAR listens
                await talk.say(calls.heard(left.pop(0) if left else None), USER)
            elif words.startswith(calls.ANSWERS):
                answer.append(words.removeprefix(calls.ANSWERS))
            elif words.strip() == calls.DONE:
                break
            elif words.startswith(calls.FAULTS) or not answer:
                raise HostFailed(
                    f'{name} failed on the General Bots server: {words[:500]} Is {script}.bas in the package "{bot}" '
                    "there? `botmcp host-kit` writes it."
                )
        value = _bounded("\n".join(answer), name) if answer else None
        return Told(value, {"server": "General Bots", "bot": bot, "script": script})


def _address(bot: str, conversation: UUID, tenant: UUID) -> Address:
    name = limits.name_of("a bot", bot)
    return Address(name, uuid5(tenant, "user of the host"), uuid5(conversation, f"host:{name.casefold()}"))


def _bounded(words: str, whose: str) -> str:
    if len(words) > LARGEST:
        raise LimitReached(f"{whose} answers {len(words):,} characters; at most {LARGEST:,} are taken.")
    return words.replace("\0", "")
