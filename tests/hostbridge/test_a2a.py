"""Agents that speak A2A as bots of a workflow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keywords.host import ProgramText
from mcp_server.app import App, open_app
from mcp_server.settings import read
from tests.a2a_agent import Heard, concierge
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
            detail = await app.operations.wait(app.caller("test", ""), waiting, 2)
            assert detail.parts and "attempts failed" in str(detail.parts[0].reason), detail
