"""The pages: who sees them, what they show, what their buttons do; no text or site of a stranger gets through."""

from __future__ import annotations

import io
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4
from zipfile import ZipFile

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from designer import app as pages
from designer.doors import Doors
from designer.safety import Tokens
from keywords.host import ProgramText
from mcp_server import designing, listening_server
from mcp_server.app import App
from tests.designer.stage import PARALLEL, Staged, drawn, staged
from workflow.details import Caller

TOKEN = re.compile(r'<meta name="csrf" content="([^"]+)"')
APPROVAL = (
    'ok = HUMAN APPROVAL FROM "lead@example.com" MESSAGE "Pay <b>5</b>?" TIMEOUT 3600\nTALK "Paid: ${ok.comment}"\n'
)


class Browser:
    """A person's browser, without one: keeps cookies, sends what forms send."""

    def __init__(self, client: httpx.AsyncClient, address: str) -> None:
        self.client, self.address = client, address

    async def see(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(self.address + path)
        assert answer.status_code == status, (answer.status_code, answer.text[:2000])
        return answer.text

    async def send(self, path: str, page: str = "/designer", **form: str) -> httpx.Response:
        token = TOKEN.search(await self.see(page))
        assert token
        headers = {"Origin": self.address}
        return await self.client.post(self.address + path, data={"csrf": token[1], **form}, headers=headers)


@pytest.fixture
async def owner(app: App, address: str) -> AsyncIterator[Browser]:
    """Somebody who came by the signed link."""
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.get(designing.link(app.settings, address, app.now()))
        assert (answer.status_code, answer.headers["location"]) == (303, "/designer")
        yield Browser(client, address)


@pytest.fixture
async def stage(app: App) -> Staged:
    return await staged(app, app.caller("test", ""))


def addresses(found: Staged) -> list[str]:
    from tests.designer.screenshots import pages as toured

    return list(toured(found).values())


async def test_every_page_is_shown_in_both_languages(owner: Browser, stage: Staged) -> None:
    for language in ("en", "pt-BR"):
        for path in addresses(stage):
            answer = await owner.client.get(owner.address + path, headers={"Accept-Language": language})
            expected = 404 if path.endswith("dead") else 422 if path.endswith("nonsense") else 200
            assert answer.status_code == expected, (path, answer.text[:600])
            assert f'<html lang="{language[:2]}"' in answer.text
            policy = answer.headers["content-security-policy"]
            assert "script-src 'self'; style-src 'self'" in policy
            assert "unsafe" not in policy
            assert not re.search(r'<[^>]+ (style|on\w+)="', answer.text), path
            assert not re.search(r'(src|href)="(?!/|#|\?|data:)', answer.text), path


async def test_what_a_program_says_is_shown_and_never_run(app: App, owner: Browser) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>{{ 7 * 7 }}'
    text = evil.replace('"', '""')
    execution = await app.operations.start(
        app.caller("test", ""), ProgramText(f'TALK "{text}"\nRETURN "{text}"\n', evil), bot_name="evil"
    )
    await app.operations.wait(app.caller("test", ""), execution, 20)
    for path in (
        "/designer/runs",
        *(f"/designer/runs/{execution}{part}" for part in ("", "/replay", "/timeline", "/about")),
    ):
        shown = await owner.see(path)
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
        assert "{{ 7 * 7 }}" in shown or "{{ 7" in shown or path.endswith(("replay", "timeline"))


async def test_an_approval_is_decided_from_the_run_and_from_the_inbox(app: App, owner: Browser) -> None:
    caller = app.caller("test", "")
    for decision, back in (("approve", ""), ("reject", "inbox")):
        execution = await app.operations.start(caller, ProgramText(APPROVAL, "pay"), bot_name="pay")
        detail = await app.operations.wait(caller, execution, 20)
        assert "Pay &lt;b&gt;5&lt;/b&gt;?" in await owner.see("/designer/approvals")
        shown = await owner.see(f"/designer/runs/{execution}")
        assert f'action="/designer/approvals/{detail.approvals[0].id}/decide"' in shown
        path = f"/designer/approvals/{detail.approvals[0].id}/decide"
        answer = await owner.send(path, decision=decision, comment="fine", back=back)
        assert answer.status_code == 303
        ended = await app.operations.wait(caller, execution, 20)
        assert ended.messages[-1].text == "Paid: fine"
        again = await owner.send(path, decision="approve", comment="")
        assert again.status_code == 409
    assert "Nothing waits for a decision." in await owner.see("/designer/approvals")
    assert "reject" in await owner.see("/designer/approvals?show=decided")


async def test_whoever_has_no_link_decides_nothing(app: App, address: str) -> None:
    caller = app.caller("test", "")
    execution = await app.operations.start(caller, ProgramText(APPROVAL, "pay"), bot_name="pay")
    detail = await app.operations.wait(caller, execution, 20)
    async with httpx.AsyncClient() as client:
        agent = Browser(client, address)
        shown = await agent.see(f"/designer/runs/{execution}")
        assert "/decide" not in shown
        assert "come in by the link" in shown
        answer = await agent.send(f"/designer/approvals/{detail.approvals[0].id}/decide", decision="approve")
        assert answer.status_code == 403
    assert (await app.operations.get(caller, execution)).status == "waiting"


async def test_a_form_of_another_site_or_without_proof_does_nothing(app: App, owner: Browser) -> None:
    caller = app.caller("test", "")
    execution = await app.operations.start(caller, ProgramText("DELAY 100\n", "long"), bot_name="long")
    path, token = f"{owner.address}/designer/runs/{execution}/steer", TOKEN.search(await owner.see("/designer"))
    assert token
    good = {"csrf": token[1], "act": "cancel"}
    for data, headers in (
        (good, {"Origin": "https://evil.example"}),
        (good, {"Origin": "null"}),
        (good, {"Sec-Fetch-Site": "cross-site"}),
        ({"act": "cancel"}, {}),
        ({"act": "cancel", "csrf": "1.2"}, {}),
        ({"act": "cancel", "csrf": token[1] + "0"}, {"Origin": owner.address}),
    ):
        answer = await owner.client.post(path, data=data, headers=headers)
        assert answer.status_code in (401, 403), headers
    assert not (await app.operations.get(caller, execution)).finished
    answer = await owner.client.post(path, data=good, headers={"Origin": owner.address})
    assert answer.status_code == 303
    assert (await app.operations.wait(caller, execution, 20)).status == "cancelled"


def test_a_token_is_good_for_one_person_and_a_day() -> None:
    tokens, now = Tokens(b"secret"), datetime(2026, 11, 22, tzinfo=UTC)
    token = tokens.made("ana", now)
    assert tokens.holds(token, "ana", now)
    assert token != tokens.made("ana", now), "compression tells nothing of it"
    assert not tokens.holds(token, "bob", now)
    assert not tokens.holds(token, "ana", now.replace(day=24))
    assert not Tokens(b"other").holds(token, "ana", now)


async def test_a_workflow_is_started_with_a_sample_and_one_step_of_it_alone(app: App, owner: Browser) -> None:
    form = await owner.see("/designer/start?workflow=customer-support/request&sample=0")
    assert 'value="Ada"' in form
    values = {"in:customer": "Ada", "in:problem": "Where is my parcel?", "in:order_number": "1001"}
    answer = await owner.send("/designer/start", workflow="customer-support/request", key="k1", **values)
    run = UUID(answer.headers["location"].rpartition("/")[2])
    again = await owner.send("/designer/start", workflow="customer-support/request", key="k1", **values)
    assert again.headers["location"] == answer.headers["location"], "a second click starts nothing"
    assert (await app.operations.wait(app.caller("test", ""), run, 30)).status == "completed"
    line = 1 + (await owner.see(f"/designer/workflows/{await _draft(app)}/source")).splitlines().index(
        'TALK customer + " writes about a " + topic + " (" + urgency + ")."'
    )
    step = await owner.see(f"/designer/step?run={run}&line={line}")
    assert all(f'name="var:{name}"' in step for name in ("customer", "topic", "urgency"))
    given = {"var:customer": "Eve", "var:topic": "refund", "var:urgency": "high"}
    answer = await owner.send("/designer/step", run=str(run), line=str(line), **given)
    alone = UUID(answer.headers["location"].rpartition("/")[2])
    ended = await app.operations.wait(app.caller("test", ""), alone, 20)
    assert [said.text for said in ended.messages] == ["Eve writes about a refund (high)."]


async def _draft(app: App) -> UUID:
    caller = app.caller("test", "")
    program = app.packages.program("customer-support/request")
    return (await app.drafts.create(caller, "copy", program.source, origin=program.origin)).id


async def test_a_failed_run_is_tried_again_forked_and_run_again(app: App, owner: Browser) -> None:
    caller = app.caller("test", "")
    source = 'x = GET BOT MEMORY("ready")\nIF x <> 1 THEN\nTHROW "not yet"\nEND IF\nTALK "now"\n'
    execution = await app.operations.start(caller, ProgramText(source, "twice"), bot_name="twice")
    assert (await app.operations.wait(caller, execution, 20)).status == "failed"
    shown = await owner.see(f"/designer/runs/{execution}")
    assert "not yet" in shown
    assert 'value="retry"' in shown
    await owner.send("/designer/memory", bot="twice", key="ready", value="1")
    answer = await owner.send(f"/designer/runs/{execution}/steer", act="retry", call="1")
    assert answer.status_code == 303
    assert (await app.operations.wait(caller, execution, 20)).status == "completed"
    answer = await owner.send(f"/designer/runs/{execution}/steer", act="fork", call="1")
    forked = UUID(answer.headers["location"].rpartition("/")[2])
    assert forked != execution
    assert (await app.operations.wait(caller, forked, 20)).forked_from == execution
    assert "0 ms" in await owner.see(f"/designer/runs/{execution}/timeline")


async def test_replay_shows_what_was_known_before_each_call(app: App, owner: Browser) -> None:
    caller = app.caller("test", "")
    source = 'a = 1\nTALK "one"\na = 2\nb = "two"\nTALK b\n'
    execution = await app.operations.start(caller, ProgramText(source, "replayed"))
    await app.operations.wait(caller, execution, 20)
    first, second = [await owner.see(f"/designer/runs/{execution}/replay?at={n}") for n in (1, 2)]
    assert ">1</pre>" in first
    assert "two" not in first.partition("What it knew before")[2].partition("</section>")[0]
    assert ">2</pre>" in second
    assert "changed" in second
    assert 'data-line="5" data-state="running"' in second


async def test_versions_are_kept_compared_published_and_restored(app: App, owner: Browser) -> None:
    draft = await drawn(app, app.caller("test", ""))
    address = f"/designer/workflows/{draft}/versions"
    shown = await owner.see(f"{address}?old=1&new=0")
    assert re.search(r'class="removed">.*7 open requests', shown)
    assert re.search(r'class="added">.*open = 7', shown)
    assert 'data-state="added"' in await owner.see(f"{address}?old=1&new=0&as=drawing")
    assert (await owner.send(address, act="restore", number="1")).status_code == 303
    assert (await app.drafts.get(app.caller("test", ""), draft)).source == PARALLEL
    await owner.send(address, act="unpublish")
    assert (await app.drafts.get(app.caller("test", ""), draft)).published is None
    assert (await owner.send(address, act="restore", number="99")).status_code == 404


async def test_a_draft_travels_as_a_package_and_comes_back(app: App, owner: Browser) -> None:
    draft = await drawn(app, app.caller("test", ""))
    answer = await owner.client.get(f"{owner.address}/designer/workflows/{draft}/export")
    with ZipFile(io.BytesIO(answer.content)) as archive:
        (name,) = archive.namelist()
        text = archive.read(name).decode()
    assert name == "evening-report.gbai/evening-report.gbdialog/evening-report.bas"
    assert text == (await app.drafts.get(app.caller("test", ""), draft)).source
    token = TOKEN.search(await owner.see("/designer"))
    assert token
    headers = {"Origin": owner.address, "X-CSRF-Token": token[1]}
    for content, file in ((answer.content, "x.gbai.zip"), (text.encode(), "lone.bas")):
        sent = await owner.client.post(
            f"{owner.address}/designer/import", files={"file": (file, content)}, headers=headers
        )
        assert sent.status_code == 303, sent.text[:500]
        made = await app.drafts.get(app.caller("test", ""), UUID(sent.headers["location"].rpartition("/")[2]))
        assert made.source == text
    for content in (b"PK\x03\x04 no zip", b"\xff\xfe\x00"):
        sent = await owner.client.post(
            f"{owner.address}/designer/import", files={"file": ("x", content)}, headers=headers
        )
        assert sent.status_code == 422


async def test_memory_events_and_schedules_are_kept_by_hand(app: App, owner: Browser) -> None:
    answer = await owner.send("/designer/memory", bot="desk", key="greeting", value="Hello & <welcome>")
    assert answer.status_code == 303, answer.text[:800]
    assert "Hello &amp; &lt;welcome&gt;" in await owner.see("/designer/memory/key?bot=desk&key=greeting")
    assert "greeting" in await owner.see("/designer/memory?bot=desk")
    await owner.send("/designer/events", name="order.created", data=json.dumps({"order": 7}))
    assert "order.created" in await owner.see("/designer/events?name=order.*")
    await owner.send("/designer/schedules", workflow="customer-support/start", rule="every day at 9:00", name="greet")
    assert "every day at 9:00" in await owner.see("/designer/schedules")
    await owner.send("/designer/schedules/steer", name="greet", act="pause")
    assert (await app.operations.schedule(app.caller("test", ""), "greet")).status == "paused"
    wrong = await owner.send("/designer/schedules", workflow="customer-support/start", rule="whenever")
    assert wrong.status_code == 422
    assert "is no rule for a schedule" in wrong.text


async def test_a_script_is_told_a_mistake_beside_what_it_shows(app: App, owner: Browser) -> None:
    token = TOKEN.search(await owner.see("/designer"))
    assert token
    headers = {"HX-Request": "true", "X-CSRF-Token": token[1], "Origin": owner.address}
    answer = await owner.client.post(
        f"{owner.address}/designer/runs/{uuid4()}/steer", data={"act": "pause"}, headers=headers
    )
    assert (answer.status_code, answer.headers["hx-retarget"]) == (404, "#told")
    assert "<html" not in answer.text


async def test_preferences_are_kept_and_lead_nowhere_else(owner: Browser) -> None:
    answer = await owner.send("/designer/preferences", language="pt", theme="dark", back="//evil.example/designer")
    assert answer.headers["location"] == "/designer"
    shown = await owner.see("/designer")
    assert '<html lang="pt" data-theme="dark">' in shown
    assert "Novo fluxo" in shown


async def test_a_link_that_is_too_old_or_made_up_lets_nobody_in(app: App, address: str) -> None:
    async with httpx.AsyncClient() as client:
        old = designing.link(app.settings, address, datetime(2020, 1, 1, tzinfo=UTC))
        for link in (old, f"{address}/designer/open?key=1.2", f"{address}/designer/open"):
            answer = await client.get(link)
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers


async def test_style_and_scripts_are_light_kept_for_ever_and_ours(app: App, owner: Browser) -> None:
    found = await staged(app, app.caller("test", ""))
    weights: dict[str, dict[str, int]] = {}
    for path in (f"/designer/workflows/{found.draft}", f"/designer/runs/{found.branches}"):
        weights[path] = {"css": 0, "js": 0}
        linked = set(re.findall(r'(?:href|src)="(/designer/static/[^"#]+)"', await owner.see(path)))
        assert linked
        for address in linked:
            answer = await owner.client.get(owner.address + address)
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
            kind = address.rpartition(".")[2]
            if kind in weights[path]:
                weights[path][kind] += int(answer.headers["content-length"])
    assert all(weight["css"] <= 8 * 1024 and weight["js"] <= 25 * 1024 for weight in weights.values()), weights
    assert (await owner.client.get(f"{owner.address}/designer/static/page.css")).status_code == 404


def test_vendored_files_are_what_their_list_says() -> None:
    import base64
    import hashlib
    from pathlib import Path

    import designer

    folder = Path(designer.__file__).parent / "static" / "vendor"
    for entry in json.loads((folder / "vendor.json").read_text("utf-8")):
        told = base64.b64encode(hashlib.sha384((folder / entry["file"]).read_bytes()).digest()).decode()
        assert entry["sha384"] == f"sha384-{told}", entry["name"]
        assert (folder / entry["licence_file"]).read_text("utf-8").strip()


async def test_a_workflow_is_framed_by_those_alone_whom_a_setting_names(app: App) -> None:
    doors = replace(designing.doors(app), embedding=("https://chat.example.com",))
    draft = await drawn(app, app.caller("test", ""))
    framed = Starlette(routes=pages.routes(doors))
    async with listening_server.serving(framed, "127.0.0.1", 0, ()) as address, httpx.AsyncClient() as client:
        for name in (str(draft), "Evening report", "customer-support/request"):
            answer = await client.get(f"{address}/designer/embed/{name}")
            assert answer.status_code == 200
            assert "frame-ancestors https://chat.example.com" in answer.headers["content-security-policy"]
            assert 'data-embedded="https://chat.example.com"' in answer.text
            assert '<header class="side">' not in answer.text
        answer = await client.get(f"{address}/designer/runs")
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_a_caller_sees_and_does_what_its_scopes_and_bots_allow(app: App) -> None:
    caller = app.caller("test", "")
    mine = await app.operations.start(caller, ProgramText('TALK "x"\n', "mine"), bot_name="mine")
    other = await app.operations.start(caller, ProgramText('TALK "x"\n', "other"), bot_name="other")
    alike = await app.operations.start(caller, ProgramText('TALK "x"\n', "mine"), bot_name="other")
    await app.drafts.create(caller, "mine", 'TALK "x"\n')
    narrow = replace(caller, subject="key", owner=False, scopes=frozenset({"wf:read"}), bots=frozenset({"mine"}))
    asking: list[Caller | None] = [narrow]

    def identify(request: Request) -> Caller | None:
        return asking[0]

    doors: Doors = replace(designing.doors(app), identify=identify)
    async with (
        listening_server.serving(Starlette(routes=pages.routes(doors)), "127.0.0.1", 0, ()) as address,
        httpx.AsyncClient() as client,
    ):
        someone = Browser(client, address)
        listed = await someone.see("/designer/runs")
        assert str(mine) in listed
        assert str(other) not in listed
        await someone.see(f"/designer/runs/{mine}")
        for part in ("", "/timeline", "/replay", "/about", "/live"):
            await someone.see(f"/designer/runs/{other}{part}", 404)
        home = await someone.see("/designer")
        assert (str(mine) in home, str(alike) in home, "customer-support" in home) == (True, False, False)
        await someone.see("/designer/memory", 403)
        assert (await someone.send(f"/designer/runs/{mine}/steer", act="cancel")).status_code == 403
        asking[0] = None
        assert "botmcp designer" in await someone.see("/designer", 401)


def test_every_page_says_what_it_needs() -> None:
    from typing import Any, cast

    from tests.designer.nothing import nothing

    house, routes = pages.house(cast("Any", nothing()))
    listed = {(entry.path, method) for entry in house.table for method in entry.methods}
    mounted = {(route.path, method) for route in routes[1:] for method in (route.methods or ()) if method != "HEAD"}
    assert listed == mounted
    changing = [entry for entry in house.table if "POST" in entry.methods]
    assert all(entry.scope != "wf:read" for entry in changing if entry.path != "/designer/preferences")
