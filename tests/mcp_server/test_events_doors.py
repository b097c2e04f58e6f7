"""How events come in and go out: HTTP, signed and not, the tools, the command line, webhooks."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from mcp import Client
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from keywords.host import ProgramText
from keywords.mistakes import Refused
from mcp_server import http, listening_server
from mcp_server.app import App, open_app
from mcp_server.server import build
from mcp_server.settings import Settings
from workflow.events.addresses import public, reachable
from workflow.events.signing import signed, verified

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ....").decode()
CLOUD = {"specversion": "1.0", "type": "order.paid", "source": "/shop", "id": "1", "data": {"total": 5}}


async def stored(app: App, pattern: str = "") -> list[Any]:
    return [
        (e["name"], e["data"], e["source"]) for e in await app.operations.events.listed(app.caller("test", ""), pattern)
    ]


async def test_cloudevents_come_in_in_each_of_their_forms_and_once(app: App, address: str) -> None:
    async with httpx2.AsyncClient(base_url=address) as web:
        one = {"content-type": "application/cloudevents+json"}
        first = await web.post("/events", content=json.dumps(CLOUD), headers=one)
        again = await web.post("/events", content=json.dumps(CLOUD), headers=one)
        assert first.status_code == 202 and first.json() == again.json()
        batch = [{**CLOUD, "id": "2"}, {**CLOUD, "id": "3"}]
        many = await web.post(
            "/events", content=json.dumps(batch), headers={"content-type": "application/cloudevents-batch+json"}
        )
        assert len(many.json()["ids"]) == 2
        headers = {
            "ce-specversion": "1.0",
            "ce-type": "b",
            "ce-source": "/s",
            "ce-id": "4",
            "content-type": "application/json",
        }
        await web.post("/events", content="[1]", headers=headers)
        await web.post("/events/plain.name", json={"a": 1})
    assert await stored(app) == [
        ("plain.name", {"a": 1}, "/http"),
        ("b", [1], "/s"),
        *[("order.paid", {"total": 5}, "/shop")] * 3,
    ]


WRONG = [
    ("/events/x", "{", "application/json", 400, "not JSON"),
    ("/events", "{}", "application/cloudevents+json", 400, "no specversion"),
    ("/events", "1", "application/json", 400, "/events/NAME"),
    ("/events/x", "1", "text/plain", 400, "sent as"),
    ("/events/order.*", "1", "application/json", 400, "pattern"),
    ("/events", json.dumps({**CLOUD, "tenant": "other"}), "application/cloudevents+json", 404, "tenant"),
    ("/events/x", json.dumps("x" * 300_000), "application/json", 413, "256 KB"),
    ("/events/x", json.dumps("x" * 2_000_000), "application/json", 413, "KB"),
]


async def test_what_is_no_event_is_told_and_not_stored(app: App, address: str) -> None:
    async with httpx2.AsyncClient(base_url=address) as web:
        for path, content, kind, status, words in WRONG:
            answer = await web.post(path, content=content, headers={"content-type": kind})
            assert answer.status_code == status and words in answer.json()["error"]["message"], (path, kind)
    assert await stored(app) == []


async def test_only_who_signs_or_bears_the_token_gets_in(app: App) -> None:
    guarded = replace(app, settings=replace(app.settings, token="a-token-of-some-length", events_secret=SECRET))
    body = b'{"n": 1}'
    async with (
        listening_server.serving(http.application(guarded), "127.0.0.1", 0, ()) as address,
        httpx2.AsyncClient(base_url=address) as web,
    ):
        kind = {"content-type": "application/json"}
        good = signed(SECRET, "m1", body, app.now())
        for headers, status in (
            ({}, 401),
            ({"authorization": "Bearer wrong"}, 401),
            ({"authorization": "Bearer a-token-of-some-length"}, 202),
            (good, 202),
            (good, 202),
            ({**good, "webhook-id": "m2"}, 401),
            ({**good, "webhook-timestamp": "1000"}, 401),
        ):
            answer = await web.post("/events/x", content=body, headers={**kind, **headers})
            assert answer.status_code == status, headers
    assert len(await stored(app)) == 2  # the signed one, sent twice, is one


async def test_a_tool_waits_for_what_another_publishes(app: App) -> None:
    async with Client(build(app)) as one, Client(build(app)) as other:
        waiting = asyncio.create_task(
            one.call_tool("wait_for_event", {"event": "deal.*", "where": "total > 10", "wait_seconds": 15})
        )
        await asyncio.sleep(0.3)
        for total in (5, 15):
            given = {"event": "deal.won", "data": {"total": total}, "key": "k", "dedupe": f"d{total}"}
            reply = await other.call_tool("publish_event", given)
            assert reply.structured_content and reply.structured_content["status"] == "completed", reply
        found = (await waiting).structured_content
        assert found and found["event"]["data"] == {"total": 15} and found["event"]["key"] == "k"
        first = (await stored(app))[0]
        assert first[0] == "deal.won"
        bad = await one.call_tool("wait_for_event", {"event": "de*l", "wait_seconds": 0})
        assert bad.is_error
        none = await one.call_tool(
            "wait_for_event", {"event": "deal.*", "since": found["event"]["id"], "wait_seconds": 0}
        )
        assert none.structured_content and none.structured_content["status"] == "nothing_yet"


async def test_webhooks_get_what_they_want_signed_and_again_until_they_take_it(settings: Settings) -> None:
    got: list[tuple[dict[str, str], bytes]] = []

    async def hook(request: Request) -> Response:
        got.append((dict(request.headers), await request.body()))
        return Response(status_code=500 if len(got) == 1 else 204)

    allowed = replace(settings, http_allow=("127.0.0.0/8",))
    pages = Starlette(routes=[Route("/hook", hook, methods=["POST"])])
    async with listening_server.serving(pages, "127.0.0.1", 0, ()) as where, open_app(allowed, "serve") as app:
        caller = app.caller("test", "")
        program = ProgramText('RETURN FORWARD EVENT "order.*" TO url', "forward")
        secret = (await app.operations.completed(caller, program, {"url": f"{where}/hook"})).result
        event = await app.operations.events.publisher.publish(caller.tenant, "order.paid", {"n": 1}, key="k")
        async with asyncio.timeout(20):
            while len(got) < 2:
                await asyncio.sleep(0.05)
    for headers, body in got:
        assert verified(secret, headers, body, app.now()) == str(event)
        told = json.loads(body)
        assert (told["type"], told["id"], told["subject"], told["data"]) == ("order.paid", str(event), "k", {"n": 1})


async def test_webhooks_do_not_reach_into_private_networks() -> None:
    for inside in (
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "192.168.0.1",
        "::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "0.0.0.0",
    ):
        assert not public(inside)
        host = f"[{inside}]" if ":" in inside else inside
        with pytest.raises(Refused, match="private network"):
            await reachable(f"http://{host}:8080/x")
    assert public("93.184.216.34") and public("2606:2800:220:1::1")
    assert (await reachable("http://127.0.0.1:8080/x", ("127.0.0.1",))).url == "http://127.0.0.1:8080/x"
