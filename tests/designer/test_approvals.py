"""What can be done about a request besides deciding it: ask back, take more time, hand it on."""

from __future__ import annotations

import asyncio

from keywords.host import ProgramText
from mcp_server.app import App
from tests.designer.test_pages import Browser, owner

__all__ = ["owner"]


async def test_an_approval_is_put_off_asked_about_and_handed_on(app: App, owner: Browser) -> None:
    caller = app.caller("test", "")
    text = 'x = HUMAN APPROVAL FROM "ana" MESSAGE "Pay?"\n  TIMEOUT 3600\n  ON TIMEOUT: ESCALATE TO "rui"\nTALK "end"\n'
    execution = await app.operations.start(caller, ProgramText(text, "pay"), bot_name="pay")
    detail = await app.operations.wait(caller, execution, 20)
    path, page = f"/designer/approvals/{detail.approvals[0].id}/decide", f"/designer/runs/{execution}"
    shown = await owner.see(page)
    assert all(
        f'value="{way}"' in shown for way in ("requestinfo", "defer", "escalate", "comment", "reject", "approve")
    )
    assert (await owner.send(path, decision="requestinfo", comment="")).status_code == 422
    for decision, comment, told in (
        ("requestinfo", "How <much>?", "asks: How &lt;much&gt;?"),
        ("comment", "I look at it", "I look at it"),
        ("defer", "on Monday", "deferred until"),
    ):
        assert (await owner.send(path, decision=decision, comment=comment)).status_code == 303
        assert told in await owner.see(page)
    assert (await owner.send(path, decision="escalate", comment="", back="inbox")).status_code == 303
    async with asyncio.timeout(20):
        while (await app.operations.wait(caller, execution, 1)).approvals[0].approvers != ("rui",):
            pass
    assert "rui" in await owner.see("/designer/approvals")
