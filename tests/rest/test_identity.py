"""Who is let in as whom: token, keys, OAuth, the cookie of a link, and nobody."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from keywords.host import ProgramText
from mcp_server import http, inbox, listening_server
from mcp_server.app import App
from mcp_server.identity import TENANT
from mcp_server.oauth import Tokens, Unreachable
from mcp_server.settings import SettingsError
from tests.rest.conftest import OTHER, TOKEN, KeysFor

HERE = "/api/v1/self"


async def me(address: str, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    async with httpx2.AsyncClient(base_url=address, headers=headers or {}) as client:
        answer = await client.get(HERE)
        return answer.status_code, answer.json()


async def test_each_proof_acts_as_whom_it_stands_for(address: str, app: App, keys: KeysFor) -> None:
    assert (await me(address))[0] == 401
    for wrong in ("Bearer no", "Bearer botmcp_0123456789abcdef_no", "Basic bm8=", "Bearer a.b.c", "Digest x"):
        status, told = await me(address, {"Authorization": wrong})
        assert status == 401 and told["type"].endswith("unidentified")
    status, told = await me(address, {"Authorization": f"Bearer {TOKEN}"})
    assert status == 200 and told["owner"] and "wf:approve" not in told["scopes"]
    key = await keys("wf:read", bots=("customer-support",))
    status, told = await me(address, key)
    assert (told["subject"], told["scopes"], told["bots"]) == ("key test", ["wf:read"], ["customer-support"])
    text = key["Authorization"].removeprefix("Bearer ")
    assert (await me(address, {"X-API-Key": text}))[0] == 200
    status, told = await me(address, await keys(tenant=OTHER))
    assert told["tenant"] == str(OTHER) and not told["owner"]


async def test_a_revoked_or_expired_key_opens_nothing_at_once(address: str, app: App, keys: KeysFor) -> None:
    owner = app.caller("test", "")
    key, short = await keys("wf:read"), await keys("wf:read", days=1)
    assert (await me(address, key))[0] == (await me(address, short))[0] == 200
    (first, second) = await app.keys.listed(owner)
    await app.keys.revoke(owner, first.id, app.now())
    assert (await me(address, key))[0] == 401
    text = short["Authorization"].removeprefix("Bearer ")
    assert await app.keys.opened(text, app.now() + timedelta(hours=23)) is not None
    assert await app.keys.opened(text, app.now() + timedelta(hours=25)) is None
    assert second.last_used_at is not None


async def test_what_is_no_key_at_all_is_turned_away_as_any_wrong_one(address: str) -> None:
    body = {"name": "list_executions", "arguments": {}}
    async with httpx2.AsyncClient(base_url=address) as client:
        for strange in ("botmcp_" + "\0" * 16 + "_x", "botmcp_" + "\u00e9" * 16 + "_x", "\0", "a.b\u00e9.c"):
            answer = await client.get("/tools/list", params={"key": strange})
            assert answer.status_code == 401, strange
        for strange in (r"\ud800", r"botmcp_" + r"\ud800" * 16 + "_x", r"\ud800.b.c", r"\u0000"):
            told = json.dumps({**body, "api_key": "?"}).replace("?", strange)
            headers = {"Content-Type": "application/json"}
            answer = await client.post("/tools/call", content=told.encode(), headers=headers)
            assert answer.status_code == 401 and "error" in answer.json(), strange


async def test_keys_beyond_the_first_thousand_are_seen_and_revoked(
    address: str, web: httpx2.AsyncClient, app: App, keys: KeysFor
) -> None:
    async with app.pool.connection() as connection:
        await connection.execute(
            "insert into api_keys (id, tenant_id, name, subject, secret_hash, scopes, created_at, created_by, "
            "revoked_at) select lpad(to_hex(n), 16, '0'), %s, 'old', 'old', 'x', '{wf:read}', "
            "now() - interval '1 day', 'x', now() from generate_series(1, 1001) n",
            (TENANT,),
        )
    key = await keys("wf:read")
    mark = key["Authorization"].split("_")[1]
    assert (await web.get("/keys")).json()["items"][-1]["id"] == mark
    assert (await web.get(f"/keys/{mark}")).json()["status"] == "active"
    assert (await me(address, key))[0] == 200
    assert (await web.delete(f"/keys/{mark}")).status_code == 204
    assert (await me(address, key))[0] == 401
    again = await keys("wf:read")
    assert (await app.keys.revoke(app.caller("test", ""), "test", app.now())).revoked_at is not None  # by its name
    assert (await me(address, again))[0] == 401


async def test_a_stream_ends_when_the_key_it_was_begun_with_is_revoked(
    address: str, app: App, keys: KeysFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcp_server.rest.streams.AGAIN", 0.0)
    owner, key = app.caller("test", ""), await keys("wf:read", "events:publish")
    waiting = await app.operations.start(owner, ProgramText('WAIT FOR SIGNAL "go" TIMEOUT 600\n', "waits"))
    headers = {**key, "Accept": "text/event-stream"}
    async with (
        httpx2.AsyncClient(base_url=address, headers=headers, timeout=60) as client,
        client.stream("GET", f"/api/v1/executions/{waiting}/events") as stream,
    ):
        lines = stream.aiter_lines()
        while not (await anext(lines)).startswith("data:"):
            pass
        await app.keys.revoke(owner, key["Authorization"].split("_")[1], app.now())
        await app.operations.signal(owner, waiting, "go", None)
        assert [line for line in [line async for line in lines] if "completed" in line] == []


async def test_the_database_never_holds_a_key(address: str, app: App, keys: KeysFor) -> None:
    text = (await keys("wf:read"))["Authorization"].removeprefix("Bearer ")
    secret = text.rpartition("_")[2]
    async with app.pool.connection() as connection:
        rows = await (await connection.execute("select k::text from botmcp.api_keys k")).fetchall()
    assert rows and not any(secret in row[0] or secret.encode().hex() in row[0] for row in rows)


async def test_nobody_gives_away_what_he_does_not_have(web: httpx2.AsyncClient, keys: KeysFor) -> None:
    small = await keys("admin", bots=("customer-support",))
    asked = {"name": "mine", "scopes": ["wf:approve"]}
    assert (await web.post("/keys", json=asked, headers=small)).status_code == 403
    asked = {"name": "mine", "scopes": ["wf:read"], "bots": ["order-processing"]}
    assert (await web.post("/keys", json=asked, headers=small)).status_code == 403
    made = await web.post("/keys", json={"name": "mine", "scopes": ["wf:read"]}, headers=small)
    assert made.json()["bots"] == ["customer-support"]


async def test_a_key_beyond_its_rate_waits(address: str, keys: KeysFor) -> None:
    key = await keys("wf:read", rate=2)
    async with httpx2.AsyncClient(base_url=address, headers=key) as client:
        first, second, third = [await client.get(HERE) for _ in range(3)]
    assert (first.status_code, second.status_code, third.status_code) == (200, 200, 429)
    assert first.headers["ratelimit-policy"] == '"minute";q=2;w=60' and first.headers["ratelimit"].startswith(
        '"minute";r=1'
    )
    assert 1 <= int(third.headers["retry-after"]) <= 30 and third.json()["type"].endswith("limit")


async def test_pages_of_other_sites_are_turned_away(address: str) -> None:
    mine = {"Authorization": f"Bearer {TOKEN}"}
    assert (await me(address, {**mine, "Origin": "https://evil.example"}))[0] == 403
    assert (await me(address, {**mine, "Origin": address}))[0] == 200
    async with httpx2.AsyncClient(base_url=address, headers=mine) as client:
        assert (await client.get(HERE, headers={"Host": "evil.example"})).status_code == 400


@pytest.fixture
async def alone(app: App) -> AsyncIterator[str]:
    """The same server in single-user mode: no token."""
    single = replace(app, settings=replace(app.settings, token=""))
    async with listening_server.serving(http.application(single), "127.0.0.1", 0, ()) as where:
        yield where


async def test_on_loopback_without_a_token_everything_but_approving_is_open(alone: str) -> None:
    status, told = await me(alone)
    assert status == 200 and told["owner"] and "wf:approve" not in told["scopes"] and "admin" in told["scopes"]
    assert (await me(alone, {"Authorization": "Bearer botmcp_0123456789abcdef_no"}))[0] == 401
    for proxied in ("Forwarded", "X-Forwarded-For", "X-Real-IP"):
        assert (await me(alone, {proxied: "203.0.113.5"}))[0] == 401


async def test_the_cookie_of_a_link_is_the_owner_for_our_own_pages_only(alone: str, app: App) -> None:
    async with httpx2.AsyncClient(base_url=alone) as client:
        link = inbox.link(app.settings, alone, app.now())
        assert (await client.get(link)).status_code == 303
        assert "wf:approve" in (await client.get(HERE)).json()["scopes"]
        asked = {"source": "RETURN 1\n", "dry_run": True}
        for site, status in ({"Sec-Fetch-Site": "cross-site"}, 401), ({"Origin": alone}, 200):
            assert (await client.post("/api/v1/executions", json=asked, headers=site)).status_code == status


# -- OAuth -------------------------------------------------------------------------------------------------------------


class Issuer:
    """An authorization server: its keys, and tokens it signs."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.kid = "one"
        self.asked = 0
        self.url = ""

    async def jwks(self, request: Request) -> JSONResponse:
        self.asked += 1
        public = json.loads(ECAlgorithm.to_jwk(self.key.public_key()))
        return JSONResponse({"keys": [{**public, "kid": self.kid, "use": "sig"}]})

    async def about(self, request: Request) -> JSONResponse:
        return JSONResponse({"issuer": self.url, "jwks_uri": f"{self.url}/jwks"})

    def token(self, now: float, key: Any = None, **claims: Any) -> dict[str, str]:
        given: dict[str, Any] = {"iss": self.url, "aud": "https://bots.example.com/mcp", "sub": "ana", "exp": now + 60}
        given |= {"scope": "wf:read openid", **claims}
        signed = jwt.encode(
            {k: v for k, v in given.items() if v is not None}, key or self.key, "ES256", {"kid": self.kid}
        )
        return {"Authorization": f"Bearer {signed}"}


async def test_tokens_of_the_authorization_server_are_taken_and_no_others(app: App) -> None:
    issuer = Issuer()
    pages = Starlette(routes=[Route("/jwks", issuer.jwks), Route("/.well-known/openid-configuration", issuer.about)])
    async with listening_server.serving(pages, "127.0.0.1", 0, ()) as issuer.url:
        own = replace(app.settings, token="", oauth_issuer=issuer.url, oauth_audience="https://bots.example.com/mcp")
        guarded = replace(app, settings=own)
        now = app.now().timestamp()
        async with listening_server.serving(http.application(guarded), "127.0.0.1", 0, ()) as address:
            status, told = await me(address, issuer.token(now))
            assert (status, told["subject"], told["scopes"], told["owner"]) == (200, "ana", ["wf:read"], False)
            status, told = await me(address, issuer.token(now, email="ana@example.com", email_verified=True))
            assert told["subject"] == "ana@example.com"
            other = ec.generate_private_key(ec.SECP256R1())
            for bad in (
                issuer.token(now, exp=now - 3600), issuer.token(now, nbf=now + 3600),
                issuer.token(now, aud="elsewhere"), issuer.token(now, iss="https://evil.example"),
                issuer.token(now, key=other), issuer.token(now, sub=None),
            ):  # fmt: skip
                assert (await me(address, bad))[0] == 401
            hmac = jwt.encode({"iss": issuer.url, "sub": "x"}, "k" * 32, "HS256", {"kid": "one"})
            assert (await me(address, {"Authorization": f"Bearer {hmac}"}))[0] == 401
            assert issuer.asked == 1  # its keys are kept
            async with httpx2.AsyncClient(base_url=address) as client:
                refused = await client.post("/mcp", json={})
                metadata = "https://bots.example.com/.well-known/oauth-protected-resource/mcp"
                assert refused.status_code == 401
                assert f'resource_metadata="{metadata}"' in refused.headers["www-authenticate"]
                about = (await client.get("/.well-known/oauth-protected-resource/mcp")).json()
                assert about["resource"] == own.oauth_audience and about["authorization_servers"] == [issuer.url]
                assert (await client.get(HERE)).status_code == 401  # with OAuth nobody is let in for being near


async def test_an_authorization_server_that_does_not_answer_is_asked_once_in_ten_seconds(app: App) -> None:
    asked: list[str] = []

    async def broken(request: Request) -> JSONResponse:
        asked.append(request.url.path)
        return JSONResponse({}, 500)

    issuer = Issuer()
    pages = Starlette(routes=[Route("/.well-known/openid-configuration", broken)])
    async with listening_server.serving(pages, "127.0.0.1", 0, ()) as issuer.url:
        own = replace(app.settings, token="", oauth_issuer=issuer.url, oauth_audience="https://bots.example.com/mcp")
        tokens, now = Tokens(own), app.now()
        text = issuer.token(now.timestamp())["Authorization"].removeprefix("Bearer ")
        for _ in range(3):
            with pytest.raises(Unreachable):
                await tokens.caller(text, now)
        assert len(asked) == 1
        with pytest.raises(Unreachable):
            await tokens.caller(text, now + timedelta(seconds=11))
        assert len(asked) == 2


async def test_oauth_half_set_up_does_not_start(app: App) -> None:
    with pytest.raises(SettingsError, match="BOTMCP_OAUTH_AUDIENCE"):
        http.check(replace(app.settings, oauth_issuer="https://id.example.com"))


# -- what is kept of it ------------------------------------------------------------------------------------------------


async def test_the_audit_log_tells_who_did_what_and_who_was_refused(
    web: httpx2.AsyncClient, app: App, keys: KeysFor
) -> None:
    key = await keys("wf:read")
    await web.put("/bots/sales/memory/tier", json={"value": "gold"})
    await web.put("/bots/sales/memory/tier", json={"value": "iron"}, headers=key)
    await web.get("/self", headers={"Authorization": "Bearer wrong"})
    await app.audit.flush()
    rows = (await web.get("/audit")).json()["items"]
    seen = {(row["action"], row["outcome"], row["proof"].partition(" ")[0]) for row in rows}
    assert ("putMemory", "done", "token") in seen and ("putMemory", "forbidden", "key") in seen
    assert any(row["outcome"] == "unidentified" for row in rows)
    assert TOKEN not in json.dumps(rows) and key["Authorization"][20:] not in json.dumps(rows)


async def test_answers_name_their_request(web: httpx2.AsyncClient) -> None:
    answer = await web.get("/nothing", headers={"X-Request-ID": "mine-1"})
    assert answer.headers["x-request-id"] == "mine-1" and answer.json()["instance"] == "/requests/mine-1"
