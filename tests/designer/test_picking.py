"""What fields offer to pick from is what their reader may see, whoever has looked just before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from designer import app as pages
from designer.publishing import Publishing
from keywords.host import ProgramText
from mcp_server import designing, listening_server
from mcp_server.app import App
from tests.designer.test_pages import Browser
from workflow.details import Caller

HAPPENED = """\
PUBLISH EVENT "salary.paid" WITH {amount_of_ana: 5}
SET BOT MEMORY "diary", 1
ok = HUMAN APPROVAL FROM "boss@example.com" MESSAGE "?" TIMEOUT 3600
"""
DRAWN = """\
WAIT FOR EVENT "salary.paid" TIMEOUT 5
x = GET BOT MEMORY "k"
ok = HUMAN APPROVAL FROM "a@b.c" MESSAGE "?"
y = CALL WORKFLOW "w"
"""
SEEN = ("amount_of_ana", "diary", "boss@example.com", "Payroll")


@dataclass(slots=True)
class Reader:
    """A browser, and who it is that looks."""

    browser: Browser
    caller: Caller

    async def offered(self, caller: Caller, draft: str) -> set[str]:
        """Of what was done elsewhere, all that this person's fields name."""
        self.caller = caller
        forms = [await self.browser.see(f"/designer/workflows/{draft}/form?card=n{n}") for n in (1, 2, 3, 4)]
        shown = "".join((*forms, await self.browser.see(f"/designer/workflows/{draft}/words")))
        return {word for word in SEEN if word in shown}


@pytest.fixture
async def reader(app: App) -> AsyncIterator[Reader]:
    made = Reader(Browser(httpx.AsyncClient(timeout=60), ""), app.caller("test", ""))

    def identify(request: Request) -> Caller | None:
        return made.caller

    doors = replace(designing.doors(app), identify=identify)
    served = Starlette(routes=pages.routes(doors))
    async with listening_server.serving(served, "127.0.0.1", 0, ()) as made.browser.address, made.browser.client:
        yield made


async def test_fields_offer_what_the_reader_may_see(app: App, reader: Reader) -> None:
    owner = app.caller("test", "")
    run = await app.operations.start(owner, ProgramText(HAPPENED, "payroll"), bot_name="payroll")
    await app.operations.wait(owner, run, 20)
    draft = str((await app.drafts.create(owner, "w", DRAWN, origin="customer-support")).id)
    other = await app.drafts.create(owner, "Payroll", 'TALK "x"\n')
    await Publishing(app.drafts).publish(owner, other.id)
    forgetful = replace(owner, owner=False, scopes=frozenset({"wf:run"}))
    limited = replace(owner, owner=False, scopes=owner.scopes - {"admin"}, bots=frozenset({"customer-support"}))
    everything = await reader.offered(owner, draft)
    assert everything == set(SEEN)
    assert await reader.offered(forgetful, draft) == everything - {"diary"}
    assert await reader.offered(limited, draft) == set()
    assert await reader.offered(owner, draft) == everything
