"""The REST API does what its rules say: once is once, nobody overwrites, streams go on, cursors lose nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx2
import structlog
from starlette.types import Message

from mcp_server import http
from mcp_server.app import App
from tests.rest.conftest import TOKEN, KeysFor

ASKING = (
    'TALK "before"\nSTEP 1: HUMAN APPROVAL FROM "lead@example.com" TIMEOUT 3600\nTALK "after"\nRETURN step1.approved\n'
)


async def until(web: httpx2.AsyncClient, execution: str, status: str) -> dict[str, Any]:
    while True:
        told = (await web.get(f"/executions/{execution}")).json()
        if told["status"] == status:
            return told
        await asyncio.sleep(0.02)


async def test_a_start_with_the_same_key_starts_nothing_twice(web: httpx2.AsyncClient) -> None:
    asked, key = {"source": "RETURN 1\n"}, {"Idempotency-Key": "one"}
    first, second = [await web.post("/executions", json=asked, headers=key) for _ in range(2)]
    assert first.status_code == 202 and first.json() == second.json()
    assert first.headers["location"].endswith(first.json()["execution_id"])
    other = await web.post("/executions", json={"source": "RETURN 2\n"}, headers=key)
    assert other.status_code == 409
    wrong = await web.post("/executions", json={"source": "IF x THEN\n"})
    told = wrong.json()
    assert wrong.status_code == 422 and wrong.headers["content-type"] == "application/problem+json"
    assert told["errors"][0]["line"] == 1 and told["errors"][0]["column"] >= 1 and told["errors"][0]["message"]


async def test_a_run_is_followed_to_its_end_without_loss_or_repetition(
    web: httpx2.AsyncClient, app: App, keys: KeysFor
) -> None:
    execution = (await web.post("/executions", json={"source": ASKING})).json()["execution_id"]
    while not (asked := (await web.get("/approvals?status=pending")).json()["items"]):
        await asyncio.sleep(0.02)
    stream = {"Accept": "text/event-stream"}
    seen: list[str] = []
    last = ""
    async with web.stream("GET", f"/executions/{execution}/events", headers=stream) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data:") and '"keyword"' in line:
                seen.append(json.loads(line[5:])["answer"])
            if line.startswith("id:"):
                last = line[3:].strip()
            if line.startswith("event: status") and seen:
                break
    assert seen == ["before"] and last
    named = await keys("wf:approve")  # not the person who was asked
    refused = await web.post(f"/approvals/{asked[0]['approval_id']}/approve", headers=named)
    assert refused.status_code == 403
    assert (await web.post(f"/approvals/{asked[0]['approval_id']}/approve")).status_code == 403  # agents have the token
    lead = await keys("wf:approve", subject="Lead@example.com")
    done = await web.post(f"/approvals/{asked[0]['approval_id']}/approve", json={"comment": "fine"}, headers=lead)
    assert done.status_code == 200 and done.json()["decisions"][0]["comment"] == "fine"
    late = await web.post(f"/approvals/{asked[0]['approval_id']}/reject", headers=lead)
    assert late.status_code == 409 and late.json()["approval"]["status"] == "approved"
    ended = ""
    async with web.stream(
        "GET", f"/executions/{execution}/events", headers={**stream, "Last-Event-ID": last}
    ) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data:") and '"keyword"' in line:
                seen.append(json.loads(line[5:])["answer"])
            ended = line if line.startswith("event: end") else ended
    assert seen[0] == "before" and seen[-1] == "after" and seen.count("before") == 1 and ended
    again = await web.post(f"/executions/{execution}/cancel")
    assert again.status_code == 200 and again.json()["status"] == "completed"


async def test_nobody_overwrites_what_he_has_not_seen(web: httpx2.AsyncClient) -> None:
    made = await web.post("/workflows", json={"name": "shared", "source": "TALK 1\n"}, headers={"Idempotency-Key": "n"})
    place, tag = f"/workflows/{made.json()['id']}", {"If-Match": made.headers["etag"]}
    assert made.status_code == 201 and (await web.get("/workflows/shared")).json()["id"] == made.json()["id"]
    assert (await web.put(place, json={"source": "TALK 2\n"})).status_code == 428
    assert (await web.put(place, json={"source": "TALK 2\n"}, headers={"If-Match": "bare"})).status_code == 400
    changed = await web.put(place, json={"source": "TALK 2\n"}, headers=tag)
    assert changed.status_code == 200 and changed.headers["etag"] != tag["If-Match"]
    stale = await web.put(place, json={"source": "TALK 3\n"}, headers=tag)
    assert stale.status_code == 412 and stale.headers["etag"] == changed.headers["etag"]
    unchanged = await web.get(place, headers={"If-None-Match": changed.headers["etag"]})
    assert unchanged.status_code == 304 and not unchanged.content
    edit = {"op": "insert", "item": "say", "at": {"first": 0}}
    edited = await web.post(f"{place}/edits", json=edit, headers=tag)
    assert edited.status_code == 200 and edited.json()["splice"]
    assert (await web.post(f"{place}/undo")).json()["etag"] == changed.headers["etag"].strip('"')
    assert (await web.post(f"{place}/executions", json={})).status_code == 409  # nothing runs until it is published
    assert (await web.post(f"{place}/publish")).json()["number"] == 1
    started = await web.post(f"{place}/executions", json={})
    assert (await until(web, started.json()["execution_id"], "completed"))["messages"][0]["text"] == "2"


async def test_cursors_walk_through_all_without_repetition(web: httpx2.AsyncClient) -> None:
    wanted = {f"key.{number:02}" for number in range(7)}
    for key in sorted(wanted):
        assert (await web.put(f"/bots/walker/memory/{key}", json={"value": key})).status_code == 201
    for path, name in (("/bots/walker/memory", "key"), ("/executions", "execution_id")):
        seen: list[str] = []
        cursor = ""
        while True:
            page = (await web.get(path, params={"limit": 3, **({"cursor": cursor} if cursor else {})})).json()
            seen += [row[name] for row in page["items"]]
            if not (cursor := page["next_cursor"]):
                break
        assert len(seen) == len(set(seen)) >= 7
    assert (await web.get("/executions?cursor=odd")).status_code == 400


async def test_memory_is_written_only_over_what_was_seen(web: httpx2.AsyncClient) -> None:
    place = "/bots/sales/memory/tier"
    first = await web.put(place, json={"value": {"a": 1}}, headers={"If-None-Match": "*"})
    assert first.status_code == 201 and first.headers["etag"] == '"1"' and json.loads(first.json()["value"]) == {"a": 1}
    assert (await web.put(place, json={"value": "x"}, headers={"If-None-Match": "*"})).status_code == 412
    assert (await web.put(place, json={"value": "x"}, headers={"If-Match": '"1"'})).status_code == 200
    assert (await web.put(place, json={"value": "y"}, headers={"If-Match": '"1"'})).status_code == 412
    assert (await web.delete(place, headers={"If-Match": '"2"'})).status_code == 204
    assert (await web.get(place)).status_code == 404


async def test_events_are_published_once_and_streamed(web: httpx2.AsyncClient) -> None:
    asked = {"type": "order.paid", "subject": "A-1", "data": {"total": 1}}
    first, second = [await web.post("/events", json=asked, headers={"Idempotency-Key": "e"}) for _ in range(2)]
    assert first.json() == second.json() and first.status_code == 202
    found = (await web.get("/events?type=order.*")).json()["items"]
    assert [row["id"] for row in found] == [first.json()["id"]] and found[0]["data"] == {"total": 1}
    params = {"type": "order.*", "since": first.json()["id"]}
    async with web.stream("GET", "/events/stream", params=params, headers={"Accept": "text/event-stream"}) as answer:
        later = await web.post("/events", json={**asked, "data": 2})
        async for line in answer.aiter_lines():
            if line.startswith("id:"):
                assert line[3:].strip() == later.json()["id"]
                break


async def test_other_methods_are_told_what_is_allowed(web: httpx2.AsyncClient) -> None:
    answer = await web.request("DELETE", "/executions")
    assert answer.status_code == 405 and answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert (await web.options("/executions")).headers["allow"] == "GET, HEAD, OPTIONS, POST"
    head = await web.head("/executions")
    assert head.status_code == 200 and not head.content and head.headers["content-type"] == "application/json"
    assert (await web.post("/executions", content=b"{}", headers={"Content-Type": "text/plain"})).status_code == 415
    assert (await web.get("/bots/a%2Fb/memory")).status_code == 200 and (
        await web.get("/bots/a/b/memory")
    ).status_code == 404


async def test_a_client_that_leaves_in_the_middle_of_its_request_is_no_fault(app: App) -> None:
    pages, sent = http.application(app), list[Any]()

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json"), (b"content-length", b"500")]
    headers.append((b"authorization", f"Bearer {TOKEN}".encode()))
    with structlog.testing.capture_logs() as told:
        for path in ("/api/v1/executions", "/rpc", "/tools/call"):
            scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
                     "headers": headers, "client": ("127.0.0.1", 1), "root_path": "", "scheme": "http"}  # fmt: skip
            await pages(scope, gone, send)
    assert sent == [] and [one for one in told if one["log_level"] in ("warning", "error")] == []
