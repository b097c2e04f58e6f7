"""The inbox in a real browser, which sends what browsers send: cookies by their rules, an Origin, a form's fields."""

from __future__ import annotations

import pytest

from keywords.host import ProgramText
from mcp_server import inbox
from mcp_server.app import App
from tests.mcp_server.browser import browser
from tests.mcp_server.conftest import APPROVAL

WORDS = 'Fine <b>é</b> & "so on"'


@pytest.mark.parametrize(("decision", "done"), [("approve", "Approved: "), ("reject", "Rejected: ")])
async def test_a_person_decides_with_a_click(app: App, address: str, decision: str, done: str) -> None:
    caller = app.caller("test", "")
    execution = await app.operations.start(caller, ProgramText(APPROVAL, "refund"), inputs={"amount": 5})
    assert (await app.operations.wait(caller, execution, 20)).status == "waiting"
    link = inbox.link(app.settings, address, app.now())
    async with browser() as page:
        await page.goto(f"{address}/inbox")
        assert "Run botmcp status" in await page.inner_text("body")
        await page.goto(link)
        assert "lead@example.com" in await page.inner_text("body")
        assert page.url == f"{address}/inbox"
        await page.fill("textarea", WORDS)
        async with page.expect_navigation():
            await page.click(f"button[value={decision}]")
        told = await page.inner_text("body")
        assert done in told
        assert "Nothing waits for a decision." in told
        await page.goto(page.url)
        assert "Nothing waits" in await page.inner_text("body"), "the address of the decision is no trap"
    detail = await app.operations.wait(caller, execution, 20)
    assert (detail.status, detail.result) == ("completed", {"paid": decision == "approve"})
    rows, _ = await app.operations.journal(caller, execution)
    (decided,) = [row.answer for row in rows if row.keyword == "HUMAN APPROVAL"]
    assert (decided["comment"], decided["through"]) == (WORDS, "inbox page")
