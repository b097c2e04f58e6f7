"""Links for one decision of one person: opening changes nothing, a POST decides, once, and only in time."""

from __future__ import annotations

from uuid import UUID

import httpx2

from keywords.host import ProgramText
from mcp_server import inbox, inbox_links
from mcp_server.app import App

ASKS = """\
HUMAN APPROVAL FROM "ana@example.com", "bob@example.com" REQUIRE 2 TIMEOUT 600 MESSAGE "Pay <b>5</b>?"
RETURN by
"""


async def started(app: App) -> tuple[UUID, UUID]:
    """A run, and the approval that it waits for."""
    caller = app.caller("test", "")
    run = await app.operations.start(caller, ProgramText(ASKS, "pay"))
    detail = await app.operations.wait(caller, run, 20)
    (approval,) = detail.approvals
    return run, approval.id


async def test_two_people_decide_by_their_links(app: App, address: str) -> None:
    run, approval = await started(app)
    ana, _ = await inbox_links.made(app, app.caller("test", ""), approval, "ana@example.com", 1)
    bob, _ = await inbox_links.made(app, app.caller("test", ""), approval, "Bob@Example.com", 1)
    async with httpx2.AsyncClient() as web:
        for _ in range(2):  # opening it, however often, changes nothing
            page = await web.get(inbox_links.address_of(address, ana))
            assert page.status_code == 200 and "You decide as ana@example.com." in page.text
            assert "Pay &lt;b&gt;5&lt;/b&gt;?" in page.text and "(2 are needed)" in page.text
        said = await web.post(f"{address}/inbox/link", data={"key": ana, "decision": "comment", "comment": "hm"})
        assert "Noted" in said.text
        ana, _ = await inbox_links.made(app, app.caller("test", ""), approval, "ana@example.com", 1)
        first = await web.post(f"{address}/inbox/link", data={"key": ana, "decision": "approve"})
        assert "Approved: pay." in first.text and "1 more must approve." in first.text
        again = await web.post(f"{address}/inbox/link", data={"key": ana, "decision": "reject"})
        assert again.status_code == 409 and "has been used" in again.text
        assert (await web.get(inbox_links.address_of(address, ana))).status_code == 403
        await web.post(f"{address}/inbox/link", data={"key": bob, "decision": "approve", "comment": "fine"})
    detail = await app.operations.wait(app.caller("test", ""), run, 20)
    assert (detail.status, detail.result) == ("completed", "ana@example.com, Bob@Example.com")


async def test_what_is_forged_guessed_or_too_old_lets_nobody_in(app: App, address: str) -> None:
    run, approval = await started(app)
    good, _ = await inbox_links.made(app, app.caller("test", ""), approval, "ana@example.com", 1)
    keys = inbox.keys(app.settings.home)
    text, _, sign = good.partition(".")
    later = text.replace(text.partition("-")[0], "99999999999")
    wrong = [
        "",
        "x",
        f"{later}.{sign}",  # its time made longer
        f"{text}.{'0' * len(sign)}",
        keys.decision(app.now(), 60),  # signed, but never given to anybody
        keys.decision(app.now(), -1),
        keys.visit(app.now()),  # signed for something else
    ]
    async with httpx2.AsyncClient() as web:
        for key in wrong:
            assert (await web.get(f"{address}/inbox/link", params={"key": key})).status_code == 403, key
            posted = await web.post(f"{address}/inbox/link", data={"key": key, "decision": "approve"})
            assert posted.status_code in (403, 409), key
        assert (await web.post(f"{address}/inbox/link", data={"key": good, "decision": "maybe"})).status_code == 400
    (asked,) = await app.operations.approvals(app.caller("test", ""), run)
    assert asked.decisions == ()


async def test_the_secret_is_not_kept(app: App, address: str) -> None:
    _, approval = await started(app)
    key, _ = await inbox_links.made(app, app.caller("test", ""), approval, "ana@example.com", 1)
    async with app.pool.connection() as connection:
        for kept in (
            "select l::text from workflow_approval_links l",
            "select a::text from workflow_approval_acts a",
            "select a::text from workflow_acts a",
        ):
            rows = await (await connection.execute(kept)).fetchall()
            assert not [row for row in rows if key in row[0]]
