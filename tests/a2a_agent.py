"""An agent that speaks A2A, for tests of those who ask it; made with the SDK's own server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from a2a.helpers.proto_helpers import new_data_part, new_task_from_user_message, new_text_message, new_text_part
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.routes.agent_card_routes import create_agent_card_routes
from a2a.server.routes.jsonrpc_routes import create_jsonrpc_routes
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types import a2a_pb2 as wire
from starlette.applications import Starlette

from mcp_server import listening_server


@dataclass
class Heard:
    messages: list[wire.Message] = field(default_factory=list[wire.Message])
    at_work: asyncio.Event = field(default_factory=asyncio.Event)  # with what takes long
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)


class Concierge(AgentExecutor):
    """Answers by what it hears: a message, a task with a result, data, a question back, a refusal."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        assert context.message
        self._heard.messages.append(context.message)
        said = context.get_user_input()
        if said == "hello" and context.current_task is None:
            await event_queue.enqueue_event(new_text_message("Good day", context_id=context.context_id))
            return
        task = context.current_task or new_task_from_user_message(context.message)
        if context.current_task is None:
            await event_queue.enqueue_event(task)
        updater = TaskUpdater(event_queue, task.id, task.context_id)
        match said:
            case "book":
                await updater.requires_input(updater.new_agent_message([new_text_part("For when?")]))
            case "data":
                await updater.add_artifact([new_data_part({"rooms": 3, "price": 99.5, "tags": ["sea"]})])
                await updater.complete()
            case "something long":
                await updater.start_work()
                self._heard.at_work.set()
                await self._heard.goes_on.wait()
                await updater.add_artifact([new_text_part("Done at last")])
                await updater.complete()
            case "refuse":
                await updater.reject(updater.new_agent_message([new_text_part("Not on Sundays.")]))
            case _:
                await updater.start_work()
                await updater.add_artifact([new_text_part(f"Booked: {said}")])
                await updater.complete()

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        raise NotImplementedError


@asynccontextmanager
async def concierge(heard: Heard) -> AsyncGenerator[str]:
    """The agent's address, while it lasts."""
    card = wire.AgentCard(
        name="concierge", description="Books rooms", version="1", default_input_modes=["text"],
        default_output_modes=["text"], capabilities=wire.AgentCapabilities(),
    )  # fmt: skip
    handler = DefaultRequestHandler(Concierge(heard), InMemoryTaskStore(), card)
    app = Starlette(routes=[*create_agent_card_routes(card), *create_jsonrpc_routes(handler, "/a2a")])
    async with listening_server.serving(app, "127.0.0.1", 0, ()) as address:
        card.supported_interfaces.append(
            wire.AgentInterface(url=f"{address}/a2a", protocol_binding="JSONRPC", protocol_version="1.0")
        )
        yield address
