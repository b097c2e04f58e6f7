"""Agents that speak A2A as bots of a workflow."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from hostbridge.elsewhere.a2a import Agents
from hostbridge.elsewhere.conversations import Conversations
from hostbridge.elsewhere.servers import Server
from keywords.host import ProgramText
from keywords.mistakes import BadAnswer, LimitReached
from mcp_server.app import App, open_app
from mcp_server.settings import read
from storage.pool import Pool
from tests.a2a_agent import Heard, concierge
from tests.site import website
from tests.workflow.kit import rows
from workflow.details import Detail


async def ran(app: App, source: str) -> Detail:
    started = await app.operations.start(app.caller("test", ""), ProgramText(source, "test", ""))
    return await app.operations.wait(app.caller("test", ""), started, 25)


async def result(app: App, source: str) -> Any:
    detail = await ran(app, source)
    assert detail.status == "completed", (detail.status, detail.error)
    return detail.result


async def error(app: App, source: str) -> str:
    detail = await ran(app, source)
    assert detail.status == "failed" and detail.error, (detail.status, detail.result)
    return detail.error.message


async def test_an_agent_answers_as_a_bot(database: str, tmp_path: Path) -> None:
    heard = Heard()
    async with concierge(heard) as url:
        known = f"desk={url}, nobody=http://127.0.0.1:9/none"
        settings = read({"BOTMCP_HOME": str(tmp_path), "DATABASE_URL": database, "BOTMCP_A2A_AGENTS": known})
        async with open_app(settings, "command") as app:
            assert await result(app, 'RETURN BOT "desk" "hello"\n') == "Good day"
            assert await result(app, 'RETURN BOT "desk" "a room"\n') == "Booked: a room"
            data = await result(app, 'd = BOT "desk" "data"\nRETURN d\n')
            assert data == {"rooms": 3, "price": 99.5, "tags": ["sea"]}
            assert "Not on Sundays." in await error(app, 'x = BOT "desk" "refuse"\n')
            asked = 'q = BOT "desk" "book"\na = BOT "desk" "Tuesday"\nRETURN q + " " + a\n'
            heard.messages.clear()
            assert await result(app, asked) == "For when? Booked: Tuesday"
            first, second = heard.messages
            assert second.task_id and second.context_id and first.message_id != second.message_id
            assert "is an agent and has no tools" in await error(app, 'x = MCP INVOKE "desk.book"\n')
            assert await result(app, 'RETURN MCP LIST TOOLS "desk"\n') == []
            waiting = await app.operations.start(
                app.caller("test", ""), ProgramText('x = BOT "nobody" "hello"\n', "test", "")
            )
            while True:
                detail = await app.operations.wait(app.caller("test", ""), waiting, 0.2)
                assert not detail.finished, detail
                if detail.parts and "attempts failed" in str(detail.parts[0].reason):
                    break


async def test_a_run_goes_on_in_its_conversation_in_another_process(database: str, tmp_path: Path) -> None:
    heard = Heard()
    source = 'q = BOT "desk" "book"\nWAIT FOR EVENT "go.on"\na = BOT "desk" "Tuesday"\nRETURN q + " " + a\n'
    async with concierge(heard) as url:
        settings = read({"BOTMCP_HOME": str(tmp_path), "DATABASE_URL": database, "BOTMCP_A2A_AGENTS": f"desk={url}"})
        async with open_app(settings, "command") as app:
            caller = app.caller("test", "")
            run = await app.operations.start(caller, ProgramText(source, "test", ""))
            while (await app.operations.wait(caller, run, 0.2)).reason != "event go.on":
                pass
        async with open_app(settings, "command") as app:
            await app.operations.events.publisher.publish(caller.tenant, "go.on", {})
            detail = await app.operations.wait(caller, run, 25)
            assert detail.result == "For when? Booked: Tuesday", (detail.status, detail.error)
        first, second = heard.messages
        assert (first.task_id, first.context_id) == (second.task_id, second.context_id)


def asking(call_id: str, tenant: Any) -> Any:
    return SimpleNamespace(
        identity=SimpleNamespace(tenant=tenant), call_id=call_id, now=datetime(2026, 1, 2, tzinfo=UTC)
    )


async def test_a_call_that_is_made_again_looks_after_the_task_that_it_has_begun(pool: Pool) -> None:
    heard, tenant = Heard(), uuid4()
    async with concierge(heard) as url:
        desk = Server("desk", "a2a", url)

        async def asked(call_id: str, message: str) -> Any:
            agents = Agents(conversations=Conversations(pool))  # as in another process each time
            return (await agents.asked(desk, message, "one", asking(call_id, tenant))).value

        first = asyncio.create_task(asked("call:1", "something long"))
        await heard.at_work.wait()
        while not await rows(pool, b"select from agent_conversations where begun <> ''"):
            await asyncio.sleep(0.01)
        first.cancel()
        await asyncio.wait([first])
        heard.goes_on.set()
        assert await asked("call:1", "something long") == "Done at last" and len(heard.messages) == 1
        assert await asked("call:2", "book") == "For when?"
        assert await asked("call:2", "book") == "For when?", "the same answer, and no second task"
        assert await asked("call:3", "Monday") == "Booked: Monday" == await asked("call:3", "Monday")
        assert await asked("call:4", "hello") == "Good day" == await asked("call:4", "hello")
        assert len({message.context_id for message in heard.messages}) == 1, "all in one conversation"
        long, book, monday, *hellos = (message.task_id for message in heard.messages)
        assert book == monday and len({long, book, *hellos}) == 4, "only an answer to a question goes to its task"
        other = Agents(conversations=Conversations(pool))
        await other.asked(desk, "hello", "one", asking("call:1", uuid4()))
        assert heard.messages[-1].context_id != heard.messages[0].context_id, "of another tenant, another conversation"


async def test_an_answer_without_end_is_cut_off_and_no_key_is_shown(pool: Pool) -> None:
    async with website() as site:
        for path, error, says in (
            ("/endless", LimitReached, "more than 16 MB"),
            ("/packed", LimitReached, "packed, unasked"),
            ("/gone", BadAnswer, "shows no card"),
        ):
            url = f"{site.url}{path}?key=s3cret&x="
            with pytest.raises(error, match=says) as told:
                await Agents().asked(Server("desk", "a2a", url), "hello", "one", asking("call:1", uuid4()))
            assert "s3cret" not in str(told.value)
