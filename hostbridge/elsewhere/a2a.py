"""Agents that speak A2A, asked through its own SDK; imported when the first one is asked, for it is an extra.

Who asks again within a conversation goes on in the agent's own context, and answers what it asked, as long as this
process lives. The id of the message is that of the call: an agent that keeps ids does what is asked again once.
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import uuid5

import httpx
import structlog
from a2a.client.client import Client, ClientConfig
from a2a.client.client_factory import ClientFactory
from a2a.client.errors import A2AClientTimeoutError, AgentCardResolutionError
from a2a.helpers.proto_helpers import get_data_parts, get_text_parts
from a2a.types import a2a_pb2 as wire
from a2a.utils.constants import TransportProtocol
from a2a.utils.errors import A2AError

from hostbridge.elsewhere.answers import LARGEST, ToolRefused
from hostbridge.elsewhere.servers import Server
from keywords.encode import from_plain
from keywords.host import NAMESPACE, Host, Told, Value
from keywords.mistakes import BadAnswer, LimitReached, ProgramError, TimedOut, Transient
from storage.outgoing import AGENT, Forbidden, Gate, OutgoingError

SECONDS = 300.0  # of one request
PATIENCE = 900.0  # for a task that goes on
PAUSE = 1.0  # between two looks at it
REMEMBERED = 10_000  # conversations
UNFINISHED = (wire.TASK_STATE_SUBMITTED, wire.TASK_STATE_WORKING, wire.TASK_STATE_UNSPECIFIED)
ENDED_BADLY = (wire.TASK_STATE_FAILED, wire.TASK_STATE_CANCELED, wire.TASK_STATE_REJECTED)
log = structlog.get_logger()


class NotReached(ProgramError):
    """The agent is not one that programs may reach."""

    kind = "forbidden"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a conversation stands with the agent: its context, and the task that waits for a further word."""

    context: str = ""
    task: str = ""


class Agents:
    """The agents, and where conversations with them stand."""

    def __init__(self, allowed: Collection[str] = ()) -> None:
        self._allowed = tuple(allowed)
        self._places: OrderedDict[tuple[str, str, str], _Place] = OrderedDict()

    async def asked(self, server: Server, message: str, conversation: str, host: Host) -> Told:
        """What the agent answers; raises ToolRefused, BadAnswer, NotReached, TimedOut, Transient."""
        own = [urlsplit(server.url).hostname or ""] if server.trusted else []
        headers = {"user-agent": AGENT, **dict(server.headers)}
        door = httpx.AsyncClient(
            headers=headers, transport=Gate((*self._allowed, *own)), timeout=SECONDS, trust_env=False
        )
        try:
            async with door:
                found, place = await self._answered(door, server, message, conversation, host)
        except Forbidden as error:
            raise NotReached(f"The agent {server.name} is out of reach: {error}") from None
        except (A2AClientTimeoutError, OutgoingError, httpx.HTTPError) as error:
            raise Transient(f"The agent {server.name} cannot be reached: {error or type(error).__name__}") from None
        except AgentCardResolutionError as error:
            words = f"The agent {server.name} shows no card at {server.url}: {str(error)[:300]}"
            raise (Transient(words) if (error.status_code or 500) >= 500 else BadAnswer(words)) from None
        except A2AError as error:
            raise BadAnswer(f"The agent {server.name} answers: {str(error)[:500]}") from None
        key = (server.name, server.url, conversation)
        self._places[key] = place
        self._places.move_to_end(key)
        while len(self._places) > REMEMBERED:
            self._places.popitem(last=False)
        return Told(found, {"server": server.name, "task": place.task} if place.task else {"server": server.name})

    async def _answered(
        self, door: httpx.AsyncClient, server: Server, message: str, conversation: str, host: Host
    ) -> tuple[Value, _Place]:
        place = self._places.get((server.name, server.url, conversation), _Place())
        bindings: list[str] = [TransportProtocol.JSONRPC, TransportProtocol.HTTP_JSON]
        config = ClientConfig(streaming=False, httpx_client=door, supported_protocol_bindings=bindings)
        client = await ClientFactory(config).create_from_url(server.url.rstrip("/"))
        asking = wire.Message(
            message_id=str(uuid5(NAMESPACE, host.call_id)),
            context_id=place.context,
            task_id=place.task,
            role=wire.ROLE_USER,
            parts=[wire.Part(text=message)],
        )
        async for said in client.send_message(wire.SendMessageRequest(message=asking)):
            if said.HasField("message"):
                return _value(server, [said.message.parts]), _Place(said.message.context_id or place.context)
            if said.HasField("task"):
                return await self._ended(client, server, said.task)
        raise BadAnswer(f"The agent {server.name} answers nothing.")

    async def _ended(self, client: Client, server: Server, task: wire.Task) -> tuple[Value, _Place]:
        """What the task comes to; it is looked at until it has ended, or asks something."""
        try:
            async with asyncio.timeout(PATIENCE):
                while task.status.state in UNFINISHED:
                    await asyncio.sleep(PAUSE)
                    task = await client.get_task(wire.GetTaskRequest(id=task.id))
        except TimeoutError:
            raise TimedOut(f"The agent {server.name} works on task {task.id} for more than {PATIENCE:g} s.") from None
        told = [task.status.message.parts] if task.status.HasField("message") else []
        state = task.status.state
        if state in ENDED_BADLY:
            why = "\n".join(text for parts in told for text in get_text_parts(parts))
            raise ToolRefused(f"The agent {server.name} did not do it: {why[:2000] or _word(state)}")
        if state == wire.TASK_STATE_AUTH_REQUIRED:
            raise ToolRefused(f"The agent {server.name} needs to know who asks. Give it a key in the settings.")
        results = [artifact.parts for artifact in task.artifacts] or told
        if state == wire.TASK_STATE_INPUT_REQUIRED:  # the question is the answer; what is said next goes to this task
            return _value(server, told or results), _Place(task.context_id, task.id)
        if not results:
            results = [message.parts for message in task.history if message.role == wire.ROLE_AGENT][-1:]
        return _value(server, results), _Place(task.context_id)


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
