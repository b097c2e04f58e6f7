"""The General Bots server as a remote, in both generations: its bots, its keywords, and what goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from hostbridge.remote import calls
from hostbridge.remote.botserver import Botserver, Patience
from hostbridge.remote.frames import Address, Reading
from keywords.compile import compile_program
from keywords.host import ProgramText
from keywords.library import registry
from keywords.values import List
from mcp_server.app import App, open_app
from mcp_server.identity import TENANT
from mcp_server.settings import read
from tests.botserver import BotServer, Conversation, Script, botserver
from workflow.details import Detail

QUICK = Patience(settled=0.15, greeting=0.1, silence=3.0, whole=20.0, hearing=0.05)


@dataclass
class Stage:
    app: App
    host: BotServer

    async def run(self, source: str, seconds: float = 25) -> Detail:
        started = await self.app.operations.start(self.app.caller("test", ""), ProgramText(source, "test", ""))
        return await self.app.operations.wait(self.app.caller("test", ""), started, seconds)

    async def result(self, source: str) -> Any:
        detail = await self.run(source)
        assert detail.status == "completed", (detail.status, detail.error)
        return detail.result

    async def error(self, source: str) -> str:
        detail = await self.run(source)
        assert detail.status == "failed" and detail.error, (detail.status, detail.result)
        return detail.error.message


@asynccontextmanager
async def opened(database: str, folder: Path, host: BotServer) -> AsyncGenerator[Stage]:
    settings = read({"BOTMCP_HOME": str(folder), "DATABASE_URL": database, "BOTSERVER_URL": host.url})
    async with open_app(settings, "command") as app:
        remote = app.remote
        assert isinstance(remote, Botserver)
        remote.patience = QUICK
        yield Stage(app, host)


@pytest.fixture(params=["older", "newest"])
async def stage(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with botserver(request.param) as host, opened(database, tmp_path, host) as made:
        yield made


async def test_a_bot_that_no_package_has_is_asked_there(stage: Stage) -> None:
    stage.host.greeting = "Welcome to sales!"
    source = 'a = BOT "sales" "What is new?"\nb = BOT "host:sales" "And then?"\nRETURN [a, b]\n'
    detail = await stage.run(source)
    assert detail.result == ["sales heard: What is new?", "sales heard: And then?"], detail.error
    assert len(set(stage.host.sessions)) == 1  # one conversation with the bot in one run
    again = await stage.result('RETURN BOT "sales" "Me too"\n')
    assert again == "sales heard: Me too" and len(set(stage.host.sessions)) == 2
    keys = [message["idempotency_key"] for message in stage.host.messages]
    assert len(set(keys)) == 3 and all(UUID(key.split(":")[0]) for key in keys)


async def test_what_scripts_say_is_the_answer_where_no_model_speaks(stage: Stage) -> None:
    async def scripted(said: Conversation, message: str) -> None:
        await said.talk("One moment")
        await asyncio.sleep(0.05)
        await said.talk(f"Done with {message}")
        await said.frame("", complete=True, suggestions=[{"text": "More"}])

    stage.host.bots["clerk"] = scripted
    assert await stage.result('RETURN BOT "clerk" "it"\n') == "One moment\nDone with it"


async def test_a_branch_has_a_conversation_of_its_own(stage: Stage) -> None:
    source = 'STEP 1: PARALLEL\nBRANCH A: BOT "sales" "a"\nBRANCH B: BOT "legal" "b"\nEND PARALLEL\nRETURN step1\n'
    assert await stage.result(source) == {"A": "sales heard: a", "B": "legal heard: b"}
    assert len(set(stage.host.sessions)) == 2


async def test_a_server_that_is_busy_or_breaks_off_is_asked_again_under_the_same_key(stage: Stage) -> None:
    stage.host.refused, stage.host.breaks = 1, 1
    assert await stage.result('RETURN BOT "sales" "Anybody there?"\n') == "sales heard: Anybody there?"
    asked = [message for message in stage.host.messages if message["content"] == "Anybody there?"]
    assert len(asked) == 2 and len({message["idempotency_key"] for message in asked}) == 1
    assert len({message["session_id"] for message in asked}) == 1


async def test_a_bot_that_stays_silent_is_given_up(stage: Stage) -> None:
    async def silent(said: Conversation, message: str) -> None:
        await said.frame("", complete=False)

    stage.host.bots["mute"] = silent
    assert "did not answer" in await stage.error('x = BOT "mute" "Hello?"\n')
    late = 'answer = BOT "mute" "Hello?" TIMEOUT 1\nRETURN {"answer": answer, "late": timed_out}\n'
    assert await stage.result(late) == {"answer": None, "late": True}


async def test_a_script_that_says_nothing_for_ever_is_given_up(stage: Stage) -> None:
    async def chatter(said: Conversation, message: str) -> None:
        while True:
            await said.frame("", complete=True)
            await asyncio.sleep(0.02)

    assert isinstance(stage.app.remote, Botserver)
    stage.app.remote.patience = replace(QUICK, whole=1.0)
    stage.host.tools["botmcp-get-customer-history-1"] = chatter
    assert "did not come to an end" in await stage.error('x = GET CUSTOMER HISTORY "I like it"\n')


async def test_a_keyword_of_the_host_runs_there_with_its_values(stage: Stage) -> None:
    heard: list[str] = []

    def script(count: int) -> Script:
        async def run(said: Conversation, _: str) -> None:
            for number in range(count):
                await said.talk(f"{calls.HEARS}{number + 1}")
                heard.append(await said.hear())
            await said.talk(calls.ANSWERS + " and ".join(heard))
            await said.talk(calls.DONE)

        return run

    for count in (1, 2):
        stage.host.tools[f"botmcp-get-customer-history-{count}"] = script(count)
    assert await stage.result('RETURN GET CUSTOMER HISTORY "I like it"\n') == "I like it"
    heard.clear()
    assert await stage.result('RETURN GET CUSTOMER HISTORY "s1", "good", "very"\n') == "s1 and good, very"
    missing = await stage.error('x = OCR "scan.png"\n')
    assert "Is botmcp-ocr-1.bas in the package" in missing and "host-kit" in missing


async def test_a_conversation_goes_on_in_another_process(stage: Stage) -> None:
    told = await stage.result('RETURN BOT "host:sales" "One"\n')
    assert told == "sales heard: One" and set(stage.host.sessions) == set(stage.host.made)
    remote = stage.app.remote
    assert remote is not None
    other = Botserver(remote.url, remote.clock, patience=QUICK, sessions=remote.sessions)
    for server in (remote, other):
        address = await server._there(TENANT, Address("sales", UUID(int=1), UUID(int=2)))  # pyright: ignore[reportPrivateUsage] - what both must agree upon
        assert str(address.session) in stage.host.made
    assert len(stage.host.made) == 2


async def test_a_build_that_makes_no_sessions_is_told_ours(stage: Stage) -> None:
    stage.host.makes_sessions = False
    source = 'a = BOT "sales" "One"\nb = BOT "sales" "Two"\nRETURN b\n'
    assert await stage.result(source) == "sales heard: Two"
    assert len(set(stage.host.sessions)) == 1 and not stage.host.made


async def test_a_message_for_a_phone_goes_out_through_the_host(stage: Stage) -> None:
    heard: list[str] = []

    async def send(said: Conversation, _: str) -> None:
        for number in range(2):
            await said.talk(f"{calls.HEARS}{number + 1}")
            heard.append(await said.hear())
        await said.talk(calls.DONE)

    stage.host.tools["botmcp-send-sms-2"] = send
    assert await stage.result('SEND SMS "+15550100", "Your code is 4711"\nRETURN 1\n') == 1
    assert await stage.result('TALK TO "whatsapp:+15550101", "Hello"\nRETURN 2\n') == 2
    async with asyncio.timeout(20):
        while True:
            found = {m.channel: m for m in await stage.app.outbox.messages(TENANT)}
            if {message.status for message in found.values()} <= {"sent", "failed"}:
                break
            await asyncio.sleep(0.1)
    assert heard == ["+15550100", "Your code is 4711"] and found["sms"].status == "sent"
    assert found["whatsapp"].status == "failed" and "botmcp-talk-to-2.bas" in found["whatsapp"].reason
    assert {message["idempotency_key"] for message in stage.host.messages} == {
        f"message:{m.id}" for m in found.values()
    }


async def test_nobody_there_is_told_after_some_tries(database: str, tmp_path: Path) -> None:
    async with botserver("newest") as host:
        url = host.url
    settings = read({"BOTMCP_HOME": str(tmp_path), "DATABASE_URL": database, "BOTSERVER_URL": url})
    async with open_app(settings, "command") as app:
        started = await app.operations.start(app.caller("test", ""), ProgramText('x = BOT "sales" "?"\n', "test", ""))
        detail = await app.operations.wait(app.caller("test", ""), started, 3)
        assert detail.parts and "cannot be reached" in str(detail.parts[0].reason), detail


def test_values_are_said_as_words() -> None:
    assert [calls.heard(value) for value in ("a", 3, True, None, "", List([1, "b"]))] == [
        "a",
        "3",
        "true",
        " ",
        " ",
        "1, b",
    ]


# -- the frames, by themselves -----------------------------------------------------------------------------------------


def taken(*frames: tuple[str, bool], greeted: bool = False) -> Reading:
    reading = Reading(greeted)
    for content, complete in frames:
        reading.take({"content": content, "is_complete": complete})
    return reading


def test_an_answer_stands_when_it_is_complete_and_says_something() -> None:
    assert not taken(("", True)).standing
    assert not taken(("", False)).standing
    assert not taken(("a", False)).standing
    assert not taken(("", False), ("a", False), ("b", False)).standing
    for end in ("", "ab", "ab"):
        reading = taken(("", False), ("a", False), ("b", False), (end, True))
        assert reading.standing and reading.text == "ab"
    assert taken(("a", False), ("b", True)).text == "ab"
    assert not taken(("a", True), ("", False)).standing  # a script spoke, and a model thinks


def test_a_greeting_before_a_models_words_is_none_of_the_answer() -> None:
    frames = (("Welcome", True), ("", False), ("Hi", False), ("", True))
    assert taken(*frames, greeted=True).text == "Hi"
    assert taken(*frames).text == "Welcome\nHi"
    assert taken(("Welcome", True), greeted=True).text == "Welcome"


def test_the_script_of_a_keyword_hears_its_values_and_tells_its_answer() -> None:
    table = registry()
    for keyword in table:
        if calls.passed_on(keyword):
            for name, text in calls.scripts(keyword).items():
                assert text.count(calls.HEARS) == int(name.rpartition("-")[2]) and calls.DONE in text
                begins = ("'", "TALK ", "HEAR ", "found = ", keyword.forms[0].words)
                assert all(line.startswith(begins) for line in text.splitlines())
    _, (name, text) = calls.scripts(table["GET CUSTOMER HISTORY"]).items()
    compiled = compile_program(text, table, name)
    assert compiled.program is not None and "GET CUSTOMER HISTORY" in compiled.program.keywords
    assert "found = GET CUSTOMER HISTORY value1, value2" in text
