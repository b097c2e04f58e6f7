"""`botmcp serve`: who is let in, what the inbox does, and several processes on one database."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from starlette.applications import Starlette

from keywords.host import ProgramText
from mcp_server import http, inbox, listening_server
from mcp_server.app import App
from mcp_server.settings import SettingsError
from tests.mcp_server.command import Botmcp
from tests.mcp_server.conftest import APPROVAL, ERAS, Person
from workflow.details import Detail

TOKEN = "a-token-of-some-length"


@pytest.mark.parametrize("era", ERAS)
async def test_only_the_bearer_of_the_token_gets_in(app: App, era: Any) -> None:
    guarded = replace(app, settings=replace(app.settings, token=TOKEN))
    async with listening_server.serving(http.application(guarded), "127.0.0.1", 0, ()) as address:
        async with httpx2.AsyncClient(base_url=address) as web:
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
                answer = await web.post("/mcp", json={}, headers=headers)
                assert answer.status_code == 401 and "Bearer" in answer.headers["www-authenticate"]
            assert (await web.get("/healthz")).text == "ok"
        bearer = httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"})
        async with Client(streamable_http_client(f"{address}/mcp", http_client=bearer), mode=era) as client:
            assert (await client.list_tools()).tools
        await bearer.aclose()


def test_nothing_listens_beyond_this_machine_without_a_token(app: App) -> None:
    for host in ("0.0.0.0", "::", "192.168.1.5", "example.com"):
        with pytest.raises(SettingsError, match="BOTMCP_TOKEN"):
            http.check(replace(app.settings, host=host))
        http.check(replace(app.settings, host=host, token=TOKEN))
    for host in ("127.0.0.1", "::1", "localhost"):
        http.check(replace(app.settings, host=host))


async def test_other_hosts_and_origins_are_refused(address: str) -> None:
    async with httpx2.AsyncClient(base_url=address) as web:
        for path in ("/mcp", "/inbox", "/healthz"):
            assert (await web.get(path, headers={"Host": "evil.example"})).status_code == 400
        asking = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        assert (await web.post("/mcp", json=asking, headers={"Origin": "http://evil.example"})).status_code == 403


async def test_a_port_that_is_taken_is_named(address: str) -> None:
    port = int(address.rsplit(":", 1)[1])
    with pytest.raises(listening_server.CannotListen, match=f":{port}: Address already in use"):
        async with listening_server.serving(Starlette(), "127.0.0.1", port, ()):
            pass


# -- the inbox ---------------------------------------------------------------------------------------------------------


async def waiting(app: App, amount: int = 1) -> UUID:
    caller = app.caller("test", "")
    program = ProgramText(APPROVAL, '<b>"refund"</b>')
    execution = await app.operations.start(caller, program, inputs={"amount": amount})
    assert (await app.operations.wait(caller, execution, 20)).approvals
    return execution


async def ended(app: App, execution: UUID) -> Detail:
    return await app.operations.wait(app.caller("test", ""), execution, 20)


def forms(page: str) -> list[dict[str, str]]:
    return [dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)) for form in page.split("<form")[1:]]


async def test_a_person_opens_the_link_and_decides_in_the_inbox(app: App, address: str) -> None:
    execution = await waiting(app)
    async with httpx2.AsyncClient(base_url=address, follow_redirects=True) as web:
        assert (await web.get("/inbox")).status_code == 403
        page = await web.get(inbox.link(app.settings, address, app.now()))
        assert page.status_code == 200 and page.url.path == "/inbox"
        assert "lead@example.com" in page.text and "<b>" not in page.text and str(execution) in page.text
        assert "script" not in page.headers["content-security-policy"]
        (form,) = forms(page.text)
        assert (await ended(app, execution)).status == "waiting", "opening pages changes nothing"
        answer = await web.post("/inbox/decide", data={**form, "decision": "approve", "comment": "fine"})
        assert answer.status_code == 200 and not forms(answer.text)
        assert "Approved: " in answer.text and "amount = 1" in answer.text
        late = await web.post("/inbox/decide", data={**form, "decision": "reject"})
        assert late.status_code == 409 and "no longer open" in late.text
    detail = await ended(app, execution)
    assert detail.status == "completed" and detail.messages[-1].text == "Paid: fine"
    rows, _ = await app.operations.journal(app.caller("test", ""), execution)
    (decided,) = [row.answer for row in rows if row.keyword == "HUMAN APPROVAL"]
    assert (decided["by"], decided["through"]) == (app.owner, "inbox page")
    assert decided["on_behalf_of"] == "lead@example.com"


async def test_no_form_but_our_own_of_this_visit_decides(app: App, address: str) -> None:
    execution, other = await waiting(app), await waiting(app, 2)
    link = inbox.link(app.settings, address, app.now())
    async with (
        httpx2.AsyncClient(base_url=address, follow_redirects=True) as web,
        httpx2.AsyncClient(base_url=address, follow_redirects=True) as elsewhere,
    ):
        one, two = forms((await web.get(link)).text)
        foreign, _ = forms((await elsewhere.get(link)).text)
        forged = (
            {**one, "token": ""},
            {**one, "token": two["token"]},
            {**one, "token": foreign["token"]},
            {**one, "approval": "x"},
            {**one, "approval": str(UUID(int=1))},
        )
        for form in forged:
            answer = await web.post("/inbox/decide", data={**form, "decision": "approve"})
            assert answer.status_code in (400, 403)
        given = {**one, "decision": "approve"}
        assert (
            await web.post("/inbox/decide", data=given, headers={"Origin": "http://evil.example"})
        ).status_code == 403
        assert (await web.post("/inbox/decide", data={**one, "decision": "maybe"})).status_code == 400
        assert (await web.post("/inbox/decide", data={**given, "comment": "x" * 100_000})).status_code == 400
        assert (await web.get("/inbox/decide")).url.path == "/inbox"
        web.cookies.clear()
        assert (await web.post("/inbox/decide", data=given)).status_code == 403
    for each in (execution, other):
        assert (await ended(app, each)).status == "waiting"


async def test_a_link_is_good_for_ten_minutes_only(app: App, address: str) -> None:
    keys, now = inbox.keys(app.settings.home), app.now()
    key = keys.link(now)
    assert keys.opens(key, now) and not keys.opens(key, now + timedelta(seconds=601))
    late = str(int(key.split(".")[0]) + 9999)
    for wrong in ("", ".", f"{late}.{key.split('.')[1]}", keys.visit(now), key + "0"):
        assert not keys.opens(wrong, now)
        async with httpx2.AsyncClient(base_url=address) as web:
            assert (await web.get("/inbox/open", params={"key": wrong})).status_code == 403


# -- several processes -------------------------------------------------------------------------------------------------


@contextmanager
def staying(botmcp: Botmcp, *arguments: str, **more: str) -> Generator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """A server or worker of its own process, once it is ready."""
    process = botmcp.start(*arguments, **more)
    assert process.stderr
    try:
        while True:
            line = process.stderr.readline()
            assert line, "it ended before it was ready"
            told = json.loads(line) if line.startswith("{") else {}
            if told.get("event") in ("serve.listening", "worker.started"):
                break
        yield process, told
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


async def test_two_servers_and_a_worker_share_the_work_and_the_death_of_one_loses_nothing(
    database: str, botmcp: Botmcp
) -> None:
    more = {"DATABASE_URL": database, "BOTMCP_PORT": "0"}
    source = "FOR i = 1 TO 5\n  DELAY 0.2\nNEXT\nRETURN n\n"
    with (
        staying(botmcp, "serve", **more) as (_, one),
        staying(botmcp, "serve", **more) as (dying, two),
        staying(botmcp, "worker", **more),
    ):
        asked: list[str] = []
        async with Client(one["mcp"], read_timeout_seconds=60) as left:
            async with Client(two["mcp"], read_timeout_seconds=60) as right:
                ids: list[str] = []
                for number in range(20):
                    given = {"source": source, "inputs": {"n": number}, "wait_seconds": 0}
                    result = await (left, right)[number % 2].call_tool("orchestrate", given)
                    assert result.structured_content
                    ids.append(result.structured_content["execution_id"])
            os.kill(dying.pid, signal.SIGKILL)
            for number, execution in enumerate(ids):
                given = {"execution_id": execution, "wait_seconds": 20}
                seen = (await left.call_tool("get_execution", given)).structured_content
                assert seen and (seen["status"], seen["result"]) == ("completed", number)
        with staying(botmcp, "serve", **more) as (_, three):
            # a question that one server asked is answered to another: they share the key that seals it
            async with Client(three["mcp"], elicitation_callback=Person("approve", "ok", asked)) as other:
                started = await other.call_tool("orchestrate", {"source": APPROVAL, "inputs": {"amount": 1}})
                assert started.structured_content
                given = {"execution_id": started.structured_content["execution_id"], "decision": "approve"}
                done = await other.call_tool("decide_approval", given)
                assert done.structured_content and done.structured_content["result"] == {"paid": True} and asked


async def test_bare_botmcp_with_a_database_serves_here_and_starts_nothing(database: str, botmcp: Botmcp) -> None:
    more = {"DATABASE_URL": database}
    server = StdioServerParameters(command=str(botmcp.program), args=[], env=botmcp.environment | more)
    async with Client(server, read_timeout_seconds=60) as client:
        result = await client.call_tool("orchestrate", {"source": "RETURN 1", "wait_seconds": 1})
        assert result.structured_content and result.structured_content["status"] == "ready"
        assert "botmcp worker" in result.structured_content["next"]
        assert botmcp.servers() == []
        with staying(botmcp, "worker", **more):
            given = {"execution_id": result.structured_content["execution_id"], "wait_seconds": 20}
            seen = await client.call_tool("get_execution", given)
            assert seen.structured_content and seen.structured_content["result"] == 1


async def test_status_prints_the_link_to_the_inbox_of_a_server_that_lives(database: str, botmcp: Botmcp) -> None:
    more = {"DATABASE_URL": database, "BOTMCP_PORT": "0"}
    with staying(botmcp, "serve", **more) as (process, told):
        printed = (await asyncio.to_thread(botmcp.run, "status", **more)).stdout
        (link,) = re.findall(r"http://\S+/inbox/open\?key=\S+", printed)
        assert told["inbox"] == link.partition("/open")[0]
        async with httpx2.AsyncClient(follow_redirects=True) as web:
            assert "Nothing waits" in (await web.get(link)).text
            assert "/mcp" in (await web.get(told["inbox"].removesuffix("/inbox"))).text
        described = json.loads((await asyncio.to_thread(botmcp.run, "status", "--json", **more)).stdout)
        assert described["serving"] == [told["inbox"].removesuffix("/inbox")]
        process.kill()
        process.wait()
        printed = (await asyncio.to_thread(botmcp.run, "status", **more)).stdout
        assert "key=" not in printed, "another program may listen there by now"


async def test_a_server_ends_at_a_signal_and_gives_its_work_back(database: str, botmcp: Botmcp) -> None:
    with staying(botmcp, "serve", DATABASE_URL=database, BOTMCP_PORT="0") as (process, _):
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 20) == 0
