"""The inbox in a real browser, which sends what browsers send: cookies by their rules, an Origin, a form's fields."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from keywords.host import ProgramText
from mcp_server import inbox
from mcp_server.app import App
from tests.mcp_server.browser import browser
from tests.mcp_server.conftest import APPROVAL

WORDS = 'Fine <b>é</b> & "so on"'


@pytest.mark.parametrize(("decision", "done"), [("approve", "Approved."), ("reject", "Rejected.")])
async def test_a_person_decides_with_a_click(app: App, address: str, tmp_path: Path, decision: str, done: str) -> None:
    caller = app.caller("test", "")
    execution = await app.operations.start(caller, ProgramText(APPROVAL, "refund"), inputs={"amount": 5})
    assert (await app.operations.wait(caller, execution, 20)).status == "waiting"
    link = inbox.link(app.settings, address, app.now())

    def visit() -> None:
        with browser(tmp_path) as tab:
            assert "Run botmcp status" in tab.open(f"{address}/inbox")
            page = tab.open(link)
            assert "lead@example.com" in page and tab.evaluate("location.pathname") == "/inbox"
            tab.evaluate(f"document.querySelector('textarea').value = {WORDS!r}")
            page = tab.click(f"document.querySelector('button[value={decision}]').click()")
            assert done in page and "Nothing waits for a decision." in page
            assert "Nothing waits" in tab.open(tab.evaluate("location.href")), "the address of the decision is no trap"

    await asyncio.to_thread(visit)
    detail = await app.operations.wait(caller, execution, 20)
    assert (detail.status, detail.result) == ("completed", {"paid": decision == "approve"})
    rows, _ = await app.operations.journal(caller, execution)
    (decided,) = [row.answer for row in rows if row.keyword == "HUMAN APPROVAL"]
    assert (decided["comment"], decided["through"]) == (WORDS, "inbox page")
