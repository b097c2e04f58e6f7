"""Agents that speak A2A, asked through its own SDK; imported when the first one is asked, for it is an extra.

Who asks again within a conversation goes on in the agent's own context, and answers what it asked (`conversations.py`).
The id of the message is that of the call: an agent that keeps ids does what is asked again once.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Collection, Iterator, Sequence
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import uuid5

import httpx
from a2a.client.client import Client, ClientConfig
from a2a.client.client_factory import ClientFactory
from a2a.client.errors import A2AClientTimeoutError, AgentCardResolutionError
from a2a.helpers.proto_helpers import get_data_parts, get_text_parts
from a2a.types import a2a_pb2 as wire
from a2a.utils.constants import TransportProtocol
from a2a.utils.errors import A2AError, TaskNotFoundError

from hostbridge.elsewhere.answers import LARGEST, ToolRefused
from hostbridge.elsewhere.bounded import Bounded
from hostbridge.elsewhere.conversations import Conversations, Place, Standing, Talk
from hostbridge.elsewhere.servers import Server
from keywords.encode import from_plain
from keywords.host import NAMESPACE, Host, Told, Value
from keywords.mistakes import BadAnswer, LimitReached, ProgramError, TimedOut, Transient
from storage.outgoing import AGENT, Forbidden, Gate, OutgoingError, TooLarge

SECONDS = 300.0  # of one request
PATIENCE = 900.0  # for a task that goes on
PAUSES = (0.05, 2.0)  # seconds between two looks at it: the first, and the longest
MOST_BYTES = 16 * 1_048_576  # of one answer
UNFINISHED = (wire.TASK_STATE_SUBMITTED, wire.TASK_STATE_WORKING, wire.TASK_STATE_UNSPECIFIED)
ENDED_BADLY = (wire.TASK_STATE_FAILED, wire.TASK_STATE_CANCELED, wire.TASK_STATE_REJECTED)


class NotReached(ProgramError):
    """The agent is not one that programs may reach."""

    kind = "forbidden"


class _Bounded(httpx.AsyncBaseTransport):
    """The guard of addresses, and an end to answers that have none."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._gate.handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Stream(response.stream, response.headers, MOST_BYTES)
        return response


class _Stream(Bounded, httpx.AsyncByteStream):
    """As httpx wants it."""


class Agents:
    """The agents. Without `conversations` nobody remembers where one stands."""

    def __init__(self, allowed: Collection[str] = (), conversations: Conversations | None = None) -> None:
        self._allowed = tuple(allowed)
        self._conversations = conversations

    async def asked(self, server: Server, message: str, conversation: str, host: Host) -> Told:
        """What the agent answers; raises ToolRefused, BadAnswer, NotReached, TimedOut, Transient."""
        own = [urlsplit(server.url).hostname or ""] if server.trusted else []
        headers = {"user-agent": AGENT, "accept-encoding": "identity", **dict(server.headers)}
        transport = _Bounded(Gate((*self._allowed, *own)))
        door = httpx.AsyncClient(headers=headers, transport=transport, timeout=SECONDS, trust_env=False)
        tenant = host.identity.tenant
        talk = Talk(tenant, uuid5(tenant, f"{conversation}\n{server.name}\n{server.url}"), host.call_id, host.now)
        try:
            async with door:
                found, place = await self._answered(door, server, message, talk)
        except Forbidden as error:
            raise NotReached(f"The agent {server.name} is out of reach: {server.spared(str(error))}") from None
        except TooLarge as error:
            raise LimitReached(f"The agent {server.name} was cut off. {error}") from None
        except (A2AClientTimeoutError, OutgoingError, httpx.HTTPError) as error:
            why = server.spared(str(error)) or type(error).__name__
            raise Transient(f"The agent {server.name} cannot be reached: {why}") from None
        except AgentCardResolutionError as error:
            said = server.spared(str(error))[:300]
            words = f"The agent {server.name} shows no card at {server.address}: {said}"
            raise (Transient(words) if (error.status_code or 500) >= 500 else BadAnswer(words)) from None
        except A2AError as error:
            raise BadAnswer(f"The agent {server.name} answers: {server.spared(str(error))[:500]}") from None
        return Told(found, {"server": server.name, "task": place.task} if place.task else {"server": server.name})

    async def _answered(self, door: httpx.AsyncClient, server: Server, message: str, talk: Talk) -> tuple[Value, Place]:
        standing = await self._conversations.standing(talk) if self._conversations else Standing()
        bindings: list[str] = [TransportProtocol.JSONRPC, TransportProtocol.HTTP_JSON]
        config = ClientConfig(streaming=False, httpx_client=door, supported_protocol_bindings=bindings)
        client = await ClientFactory(config).create_from_url(server.url.rstrip("/"))
        task = await self._begun(client, standing.begun)
        if task is None:
            said = await self._said(client, server, message, talk, standing.place)
            if said.HasField("message"):
                place = Place(said.message.context_id or standing.place.context)
                await self._keep(talk, standing.place, place)
                return _value(server, [said.message.parts]), place
            task = said.task
        if task.status.state in UNFINISHED:
            await self._keep(talk, standing.place, Place(task.context_id), task.id)
        task = await self._done(client, server, task)
        found, place = self._ended(server, task)
        await self._keep(talk, standing.place, place, task.id)
        return found, place

    async def _keep(self, talk: Talk, came: Place, to: Place, begun: str = "") -> None:
        if self._conversations:
            await self._conversations.keep(talk, came, to, begun)

    async def _begun(self, client: Client, task: str) -> wire.Task | None:
        """The task of an earlier attempt, where the agent still knows it."""
        if not task:
            return None
        try:
            return await client.get_task(wire.GetTaskRequest(id=task))
        except TaskNotFoundError:
            return None

    async def _said(
        self, client: Client, server: Server, message: str, talk: Talk, place: Place
    ) -> wire.StreamResponse:
        """The agent's first answer: a message, or a task."""
        asking = wire.Message(
            message_id=str(uuid5(NAMESPACE, talk.call_id)),
            context_id=place.context,
            task_id=place.task,
            role=wire.ROLE_USER,
            parts=[wire.Part(text=message)],
        )
        # A new task is told of at once, so that we know it whatever happens to us; one that is answered may be told of
        # as it stood before.
        at_once = wire.SendMessageConfiguration(return_immediately=not place.task)
        async for said in client.send_message(wire.SendMessageRequest(message=asking, configuration=at_once)):
            if said.HasField("message") or said.HasField("task"):
                return said
        raise BadAnswer(f"The agent {server.name} answers nothing.")

    async def _done(self, client: Client, server: Server, task: wire.Task) -> wire.Task:
        """The task once it has ended, or asks something."""
        try:
            async with asyncio.timeout(PATIENCE):
                pause, longest = PAUSES
                while task.status.state in UNFINISHED:
                    await asyncio.sleep(pause)
                    pause = min(longest, pause * 1.5)
                    task = await client.get_task(wire.GetTaskRequest(id=task.id))
        except TimeoutError:
            raise TimedOut(f"The agent {server.name} works on task {task.id} for more than {PATIENCE:g} s.") from None
        return task

    def _ended(self, server: Server, task: wire.Task) -> tuple[Value, Place]:
        """What the task came to, and where the next word goes."""
        told = [task.status.message.parts] if task.status.HasField("message") else []
        state = task.status.state
        if state in ENDED_BADLY:
            why = "\n".join(text for parts in told for text in get_text_parts(parts))
            raise ToolRefused(f"The agent {server.name} did not do it: {why[:2000] or _word(state)}")
        if state == wire.TASK_STATE_AUTH_REQUIRED:
            raise ToolRefused(f"The agent {server.name} needs to know who asks. Give it a key in the settings.")
        results = [artifact.parts for artifact in task.artifacts] or told
        if state == wire.TASK_STATE_INPUT_REQUIRED:  # the question is the answer; what is said next goes to this task
            return _value(server, told or results), Place(task.context_id, task.id)
        if not results:
            results = [message.parts for message in task.history if message.role == wire.ROLE_AGENT][-1:]
        return _value(server, results), Place(task.context_id)


def _word(state: Any) -> str:
    return wire.TaskState.Name(state).removeprefix("TASK_STATE_").lower()


def _value(server: Server, parts: Sequence[Any]) -> Value:
    """The words that were said, else the data: an object, or a list of several."""
    texts = [text for some in parts for text in get_text_parts(some)]
    data = [_whole(one) for some in parts for one in get_data_parts(some)]
    words = "\n".join(texts).replace("\0", "")
    if len(words) > LARGEST:
        raise LimitReached(f"{server.name} answers {len(words):,} characters; at most {LARGEST:,} are taken.")
    if words or not data:
        return words
    return from_plain(data[0] if len(data) == 1 else data)


def _whole(data: Any) -> Any:
    """Numbers as they were meant: the wire knows fractions only."""
    if isinstance(data, float) and data.is_integer() and math.fabs(data) < 2**53:
        return int(data)
    if isinstance(data, dict):
        return {key: _whole(value) for key, value in cast("dict[str, Any]", data).items()}
    if isinstance(data, list):
        return list(_wholes(cast("list[Any]", data)))
    return data


def _wholes(items: Sequence[Any]) -> Iterator[Any]:
    return (_whole(item) for item in items)
