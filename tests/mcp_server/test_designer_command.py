"""`botmcp designer`: a link to pages that somebody serves, in a terminal; it lets a person in."""

from __future__ import annotations

import re

import httpx

from tests.mcp_server.command import Botmcp

LINK = re.compile(r"http://\S+/designer/open\?key=\S+")


async def test_the_command_prints_a_link_that_lets_in_and_the_server_stays(botmcp: Botmcp) -> None:
    done = botmcp.run("designer", "--no-open")
    assert done.returncode == 0, done.stderr
    link = LINK.search(done.stdout)
    assert link, done.stdout
    async with httpx.AsyncClient(follow_redirects=True) as client:
        answer = await client.get(link[0])
        assert answer.status_code == 200
        assert "Draw one, watch it run" in answer.text
        assert str(answer.url).endswith("/designer")
    again = botmcp.run("designer", "--no-open", "customer-support/request")
    framed = LINK.search(again.stdout)
    assert framed
    async with httpx.AsyncClient(follow_redirects=True) as client:
        answer = await client.get(framed[0])
        assert answer.status_code == 200
        assert "Make it mine" in answer.text
