"""WEBHOOK: a dialog with an address. Who may call it, what it is given, what it answers; live."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from keywords.host import ProgramText
from mcp_server import http
from mcp_server.app import App, open_app
from mcp_server.listening_server import serving
from mcp_server.settings import read
from workflow.events.signing import signed

ECHO = """\
PARAM amount AS NUMBER OPTIONAL
PARAM city AS STRING OPTIONAL
WEBHOOK "Order Paid"
RETURN {"body": {"body": body, "params": params, "method": method, "path": path, "amount": amount, "city": city, \
"agent": headers.user_agent, "key": headers.authorization}, "status": 201, "headers": {"X-Own": "yes"}}
"""
SEES = 'PARAM secret AS STRING OPTIONAL\nWEBHOOK "sees"\nRETURN {"all": headers, "secret": secret}\n'
RESULTS = 'WEBHOOK "status"   \' no proof needed\nresult_status = "healthy"\nresult_count = 2 + 1\nTALK "x"\n'
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class Stage:
    app: App
    web: httpx.AsyncClient
    packages: Path

    def write(self, name: str, text: str) -> None:
        path = self.packages / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


@pytest.fixture
async def stage(database: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """A server behind a token, and three packages: with a secret, open, and with neither."""
    packages = tmp_path / "packages"
    settings = read(
        {
            "BOTMCP_HOME": str(tmp_path / "home"), "BOTMCP_PACKAGES": str(packages), "DATABASE_URL": database,
            "BOTMCP_TOKEN": "the-token-of-the-owner",
        }
    )  # fmt: skip
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(open_app(settings, "serve"))
        url = await stack.enter_async_context(serving(http.application(app), "127.0.0.1", 0, ()))
        web = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=40))
        made = Stage(app, web, packages)
        made.write("shop.gbai/shop.gbdialog/paid.bas", ECHO)
        made.write("shop.gbai/shop.gbot/config.csv", f"webhook-secret,s3cret\nwebhook-signed-secret,{WHSEC}\n")
        made.write("shop.gbai/shop.gbdialog/signed.bas", 'WEBHOOK "signed"\nRETURN body\n')
        made.write("shop.gbai/shop.gbdialog/sees.bas", SEES)
        made.write("open.gbai/open.gbot/config.csv", "webhook-open,true\n")
        made.write("open.gbai/status.bas", RESULTS)
        made.write("closed.gbai/closed.bas", 'WEBHOOK "in"\nRETURN "ran"\n')
        yield made


async def test_a_dialog_gets_the_request_and_answers_it(stage: Stage) -> None:
    answer = await stage.web.post(
        "/api/Shop/webhook/order-paid?city=Porto&n=1&secret=s3cret", json={"amount": "12.5", "items": [1]}
    )
    assert answer.status_code == 201 and answer.headers["x-own"] == "yes", answer.text
    told = answer.json()
    assert told["body"] == {"amount": "12.5", "items": [1]} and told["params"] == {"city": "Porto", "n": "1"}
    assert (told["amount"], told["city"], told["method"], told["path"]) == (
        12.5,
        "Porto",
        "POST",
        "/webhook/order-paid",
    )
    assert told["agent"].startswith("python-httpx") and len(answer.headers["x-execution-id"]) == 36
    form = await stage.web.put(
        "/api/shop/webhook/order-paid", data={"amount": "3", "city": "Faro"}, headers={"X-Webhook-Secret": "s3cret"}
    )
    assert form.json()["body"] == {"amount": "3", "city": "Faro"} and form.json()["amount"] == 3
    text = await stage.web.patch(
        "/api/shop/webhook/order-paid",
        content="plain words",
        headers={"X-Webhook-Secret": "s3cret", "Content-Type": "text/plain"},
    )
    assert text.json()["body"] == "plain words"
    assert (await stage.web.get("/api/shop/webhook/order-paid?secret=s3cret")).json()["body"] is None


async def test_variables_named_result_are_the_answer_of_a_script_that_returns_nothing(stage: Stage) -> None:
    answer = await stage.web.get("/api/open/webhook/STATUS")
    assert answer.status_code == 200 and answer.json() == {"status": "healthy", "count": 3}
    stage.write("open.gbai/quiet.bas", 'WEBHOOK "quiet"\nTALK "x"\n')
    assert (await stage.web.get("/api/open/webhook/quiet")).json() == {"status": "ok"}


async def test_only_who_knows_the_secret_or_may_run_workflows_gets_in(stage: Stage) -> None:
    url, body = "/api/shop/webhook/order-paid", b'{"amount": 1}'
    digest = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    kind = {"Content-Type": "application/json"}
    for good in (
        {"X-Hub-Signature-256": f"sha256={digest}"},
        {"X-Gitlab-Token": "s3cret"},
        {"Authorization": "Bearer the-token-of-the-owner"},
    ):
        answer = await stage.web.post(url, content=body, headers={**kind, **good})
        assert answer.status_code == 201, (good, answer.text)
        assert answer.json()["key"] is None  # a key of this server is nothing for a journal
    for bad in ({}, {"X-Hub-Signature-256": "sha256=" + "0" * 64}, {"X-Webhook-Secret": "wrong"}):
        assert (await stage.web.post(url, content=body, headers={**kind, **bad})).status_code == 401, bad
    assert (await stage.web.post(url, content=body, headers={"X-Hub-Signature-256": digest + "x"})).status_code == 401
    assert (await stage.web.post("/api/closed/webhook/in")).status_code == 401
    assert (await stage.web.post("/api/closed/webhook/nothing")).status_code == 401  # the same as for one that is there
    owner = {"Authorization": "Bearer the-token-of-the-owner"}
    assert (await stage.web.post("/api/closed/webhook/in", headers=owner)).json() == "ran"
    assert (await stage.web.post("/api/closed/webhook/nothing", headers=owner)).status_code == 404
    _, key = await stage.app.keys.new(stage.app.caller("t", ""), "k", {"wf:run"}, bots=["shop"], now=stage.app.now())
    assert (await stage.web.post("/api/closed/webhook/in", headers={"X-API-Key": key})).status_code == 401
    _, key = await stage.app.keys.new(stage.app.caller("t", ""), "k", {"wf:read"}, now=stage.app.now())
    assert (await stage.web.post("/api/closed/webhook/in", headers={"X-API-Key": key})).status_code == 401


async def test_the_secret_of_an_endpoint_reaches_no_script_and_no_journal(stage: Stage) -> None:
    by_header = await stage.web.post("/api/shop/webhook/sees", headers={"X-Webhook-Secret": "s3cret", "X-Own": "a"})
    by_query = await stage.web.post("/api/shop/webhook/sees?secret=s3cret")
    assert "s3cret" not in by_header.text + by_query.text and by_query.json()["secret"] is None
    assert by_header.json()["all"]["x-own"] == "a" == by_header.json()["all"]["x_own"]


async def test_the_name_that_a_proxy_gives_a_request_hides_no_name_of_the_sender(stage: Stage) -> None:
    runs: set[str] = set()
    for proxys in ("1", "2"):
        named = {"X-Webhook-Secret": "s3cret", "X-Request-ID": proxys, "X-Event-ID": "evt-7"}
        answer = await stage.web.post("/api/shop/webhook/sees", headers=named)
        assert "x-execution-id" in answer.headers, answer.text
        runs.add(answer.headers["x-execution-id"])
    assert len(runs) == 1, "sent again, it is the same message"
    other = await stage.web.post("/api/shop/webhook/sees", headers=named, json={"other": "body"})
    assert other.status_code == 409 and "another request" in other.text, other.text


async def test_a_message_that_is_sent_again_starts_nothing_twice(stage: Stage) -> None:
    body = json.dumps({"n": 1}).encode()
    headers = {**signed(WHSEC, "msg_1", body, stage.app.now()), "Content-Type": "application/json"}
    first = await stage.web.post("/api/shop/webhook/signed", content=body, headers=headers)
    later = signed(WHSEC, "msg_1", body, stage.app.now() + timedelta(seconds=5))  # as senders do: signed anew
    again = await stage.web.post("/api/shop/webhook/signed", content=body, headers=headers | later)
    assert first.json() == again.json() == {"n": 1}
    assert first.headers["x-execution-id"] == again.headers["x-execution-id"]
    forged = await stage.web.post("/api/shop/webhook/signed", content=body + b" ", headers=headers)
    assert forged.status_code == 401


async def test_what_a_script_cannot_do_is_no_ones_secret_to_strangers(stage: Stage) -> None:
    stage.write("open.gbai/breaks.bas", 'WEBHOOK "breaks"\nTHROW "the password is 1234"\n')
    stage.write("open.gbai/broken.bas", 'WEBHOOK "broken"\nPUBLISH EVNT 1234\n')
    for name in ("breaks", "broken"):
        answer = await stage.web.post(f"/api/open/webhook/{name}")
        assert answer.status_code == 500 and "1234" not in answer.text, answer.text
    stage.write("open.gbai/waits.bas", 'WEBHOOK "waits"\nHUMAN APPROVAL FROM "lead@example.com" TIMEOUT 3600\n')
    answer = await stage.web.post("/api/open/webhook/waits")
    assert answer.status_code == 202 and answer.json()["status"] == "waiting"


BAD: tuple[tuple[str, bytes, int], ...] = (
    ("application/json", b"{", 400),
    ("application/json", b"[" * 60_000, 400),
    ("application/x-www-form-urlencoded", b"\xff\xfe", 400),
    ("text/plain", b"\xff", 400),
    ("application/json", b'{"a": "' + b"x" * 1_100_000 + b'"}', 413),
    ("application/json", b'{"a": 1e400}', 400),
    ("", b'{"a": "\\u0000"}', 400),
)


async def test_bad_bodies_are_refused(stage: Stage) -> None:
    for kind, body, status in BAD:
        headers = {"Content-Type": kind} if kind else {}
        answer = await stage.web.post("/api/open/webhook/status", content=body, headers=headers)
        assert answer.status_code == status and "error" in answer.json(), (kind, body[:20], answer.text)


async def test_endpoints_come_and_go_with_the_files(stage: Stage) -> None:
    assert (await stage.web.get("/api/open/webhook/later")).status_code == 401
    stage.write("open.gbai/later.bas", 'WEBHOOK "later"\nRETURN 1\n')
    assert (await stage.web.get("/api/open/webhook/later")).json() == 1
    stage.write("open.gbai/later.bas", 'WEBHOOK "later"\nRETURN "two"\n')
    assert (await stage.web.get("/api/open/webhook/later")).json() == "two"
    (stage.packages / "open.gbai" / "later.bas").unlink()
    assert (await stage.web.get("/api/open/webhook/later")).status_code == 401
    answer: Any = await stage.web.get("/api/nobody/webhook/later")
    assert answer.status_code == 401


async def test_a_posted_form_is_an_event(stage: Stage) -> None:
    waiting = 'e = WAIT FOR EVENT "form.contact-us" TIMEOUT 20\nRETURN e.fields.name + " by " + e.metadata.bot\n'
    caller = stage.app.caller("test", "")
    started = await stage.app.operations.start(caller, ProgramText(waiting, "waiting"))
    await stage.app.operations.wait(caller, started, 2)
    refused = await stage.web.post("/api/shop/form/contact-us", data={"name": "Eve"})
    assert refused.status_code == 401
    sent = await stage.web.post("/api/shop/form/Contact us?secret=s3cret", data={"name": "Ana"})
    assert sent.status_code == 202, sent.text
    assert (await stage.app.operations.wait(caller, started, 20)).result == "Ana by shop"
    assert (await stage.web.post("/api/open/form/x", content="words")).status_code == 400
    assert (await stage.web.post("/api/nobody/form/x", data={"a": "b"})).status_code == 401
