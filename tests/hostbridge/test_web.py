"""What programs ask of the web, through the whole product and real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hostbridge.web.requests import GuardedWeb
from keywords.host import ProgramText
from storage.pool import Pool
from tests.hostbridge.stage import Stage, product
from tests.workflow.kit import rows


@pytest.fixture
async def stage(database: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with product(database, tmp_path) as opened:
        yield opened


async def test_get_reads_text_and_the_fields_of_json(stage: Stage) -> None:
    stage.site.pages["/rates"] = ("application/json", '{"usd": 1.25, "list": [1, 2]}')
    assert await stage.result('r = GET "SITE/rates"\nRETURN [r.usd, r.list[1], LEN(r)]') == [1.25, 2, 29]
    assert await stage.error('x = GET "SITE/nothing?key=secret"') == f"{stage.site.url}/nothing answered 404 Gone."


async def test_what_is_sent_says_what_it_is_and_which_call_it_was(stage: Stage) -> None:
    stage.site.pages["/orders"] = ("application/json", '{"id": 7}')
    said = 'r = POST "SITE/orders", {total: 9.5, who: "Ana"}\nPUT "SITE/orders", "plain"\n'
    said += 'PATCH "SITE/orders" WITH a = 1\nDELETE HTTP "SITE/orders"\nRETURN [r.status, r.statusText, r.data.id]'
    assert await stage.result(said) == [200, "OK", 7]
    post, put, patch, delete = stage.site.asked
    assert json.loads(post.partition("\r\n\r\n")[2]) == {"total": 9.5, "who": "Ana"}
    assert "content-type: application/json" in post and "content-type: text/plain" in put
    assert patch.startswith("PATCH") and patch.endswith('{"a": 1}') and delete.startswith("DELETE")
    keys = {line for asked in stage.site.asked for line in asked.split("\r\n") if line.startswith("idempotency-key")}
    assert len(keys) == 4


async def test_headers_go_with_the_requests_of_their_run_and_into_no_journal(stage: Stage, pool: Pool) -> None:
    stage.site.pages["/a"] = ("text/plain", "a")
    source = 'SET HEADER "Authorization" = "Bearer planted-secret"\nx = GET "SITE/a"\n'
    source += 'SET HEADER "X-One", 1\nx = POST "SITE/a"\nCLEAR HEADERS\nSET HEADER "X-Two" AS "2"\nx = GET "SITE/a"'
    await stage.result(source)
    await stage.result('x = GET "SITE/a"')
    first, second, third, other = stage.site.asked
    assert "authorization: Bearer planted-secret" in first and "x-one" not in first
    assert "authorization" in second and "x-one: 1" in second
    assert "authorization" not in third and "x-two: 2" in third and "x-one" not in third
    assert "x-two" not in other
    kept = b"select row_to_json(s)::text from workflow_steps s union all select row_to_json(e)::text from "
    kept += b"workflow_executions e"
    assert not [row for row in await rows(pool, kept) if "planted-secret" in row[0]]


async def test_headers_of_runs_that_have_ended_are_deleted_and_of_others_not(stage: Stage, pool: Pool) -> None:
    web = GuardedWeb(pool)
    await stage.result('SET HEADER "Authorization" = "Bearer planted-secret"')
    caller = stage.app.caller("test", "")
    waiting = ProgramText('SET HEADER "X-Kept", 1\nHEAR answer', "waiting")
    execution = await stage.app.operations.start(caller, waiting)
    while not (await stage.app.operations.get(caller, execution)).questions:
        await asyncio.sleep(0.02)
    await web.forget()
    assert await rows(pool, b"select name from run_headers") == [("x-kept",)]
    await stage.app.operations.cancel(caller, execution)
    assert (await web.forget(), await rows(pool, b"select name from run_headers")) == (1, [])


async def test_private_addresses_and_redirects_to_them_are_refused(stage: Stage) -> None:
    assert "private address" in await stage.error('x = GET "http://169.254.169.254/latest/meta-data"')
    assert "private address" in await stage.error('POST "SITE/to/http://10.0.0.1/", {a: 1}')


async def test_get_takes_parameters_and_an_answer_is_read_through(stage: Stage) -> None:
    stage.site.pages["/find"] = ("application/json", '{"total": 3, "status": "kept"}')
    assert await stage.result('x = GET "SITE/find?a=1" WITH q = "two words", none = NULL\nRETURN x.total') == 3
    assert stage.site.asked[0].startswith("GET /find?a=1&q=two+words ")
    assert await stage.result('x = GET "SITE/find", {b: "&"}\nRETURN x.total') == 3
    assert stage.site.asked[1].startswith("GET /find?b=%26 ")
    assert await stage.result('q = "x y"\nlang = "pt"\nr = GET "SITE/find" WITH q, lang\nRETURN r.total') == 3
    assert stage.site.asked[2].startswith("GET /find?q=x+y&lang=pt "), "as the host's manual writes it"
    direct = await stage.result('r = POST "SITE/find", {a: 1}\nRETURN [r.total, r.data.total, r.status, r.data.status]')
    assert direct == [3, 3, 200, "kept"], "the fields of a small answer are its own, but for those that are HTTP's"


async def test_graphql_and_soap(stage: Stage) -> None:
    stage.site.pages["/graph"] = ("application/json", '{"data": {"user": {"name": "Ana"}}}')
    stage.site.pages["/wrong"] = ("application/json", '{"errors": [{"message": "no such field"}]}')
    asking = 'd = GRAPHQL "SITE/graph", "query($id: Int) { user(id: $id) { name } }", {id: 1}\nRETURN d.data.user.name'
    assert await stage.result(asking) == "Ana"
    assert json.loads(stage.site.asked[0].partition("\r\n\r\n")[2])["variables"] == {"id": 1}
    assert "no such field" in await stage.error('GRAPHQL "SITE/wrong", "{ x }"')
    envelope = "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>{}</s:Body></s:Envelope>"
    inner = "<m:R xmlns:m='urn:x'><m:Total>12</m:Total><Item>a</Item><Item>b</Item></m:R>"
    stage.site.pages["/soap"] = ("text/xml", envelope.format(inner))
    stage.site.pages["/fault"] = ("text/xml", envelope.format("<s:Fault><faultstring>bad id</faultstring></s:Fault>"))
    stage.site.pages["/bomb"] = ("text/xml", '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')
    asking = 'o = SOAP "SITE/soap", "Get", {id: "<7>", list: [1, 2]}\nRETURN [o.data.Total, o.data.Item]'
    assert await stage.result(asking) == ["12", ["a", "b"]]
    assert "<Get><id>&lt;7&gt;</id><list>1</list><list>2</list></Get>" in stage.site.asked[2]
    assert "bad id" in await stage.error('SOAP "SITE/fault", "Get"')
    assert "is no SOAP service" in await stage.error('SOAP "SITE/bomb", "Get"')
    assert "is no name in XML" in await stage.error('SOAP "SITE/soap", "Get><evil"')


async def test_feeds_and_pages_are_read(stage: Stage) -> None:
    items = "".join(f"<item><title>T{n}</title><link>https://example.com/{n}</link></item>" for n in range(3))
    stage.site.pages["/feed"] = ("application/rss+xml", f"<rss version='2.0'><channel>{items}</channel></rss>")
    assert await stage.result('n = RSS "SITE/feed", 2\nRETURN [COUNT(n), n.title, n[1].link]') == [
        2, "T0", "https://example.com/1",
    ]  # fmt: skip
    stage.site.pages["/words"] = ("text/plain", "just <words")
    assert "is no feed" in await stage.error('RSS "SITE/words"')
    page = "<h1>Hello <b>you</b></h1><p>a</p><p>b</p><a href='/x'>X</a><img src='i.png' alt='I'><table>"
    rows_ = "<tr><th>city</th><th>n</th></tr><tr><td>Porto</td><td>2</td></tr>"
    stage.site.pages["/page"] = ("text/html", f"{page}{rows_}</table>")
    source = 'a = SCRAPE "SITE/page", "h1"\nb = SCRAPE ALL "SITE/page", "p"\nc = SCRAPE LINKS "SITE/page"\n'
    source += 'd = SCRAPE IMAGES "SITE/page"\ne = SCRAPE TABLE "SITE/page"\nRETURN [a, b, c.url, d.text, e.city, e.n]'
    assert await stage.result(source) == ["Hello you", ["a", "b"], f"{stage.site.url}/x", "I", "Porto", "2"]
    assert "is no CSS selector" in await stage.error('x = SCRAPE "SITE/page", "p[["')


async def test_an_answer_that_no_text_can_hold_is_an_error(stage: Stage) -> None:
    stage.site.pages["/long"] = ("text/plain", "x" * 1_000_001)
    assert "DOWNLOAD takes larger files" in await stage.error('x = GET "SITE/long"')
    assert "DOWNLOAD takes larger files" in await stage.error('x = GET "SITE/huge"')
