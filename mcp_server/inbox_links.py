"""Links for one decision of one person: signed, good for a time, and for one use. Opening one changes nothing.

The secret stands in the link alone; the database knows its hash. `botmcp approve ID --link ana@example.com` prints one,
to be sent to whoever it is for; nothing that agents see ever holds it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from keywords.mistakes import ProgramError
from mcp_server import inbox_page
from mcp_server.app import App
from mcp_server.inbox import Keys, form_of, html_page, keys
from workflow.approvals import DECISIONS
from workflow.details import Caller

HOURS = 72.0  # a link is good for, unless somebody says otherwise
USELESS = "This link has been used, is too old or incomplete. Ask for another one."


def address_of(base: str, key: str) -> str:
    """What the person opens."""
    return f"{base.rstrip('/')}/inbox/link?{urlencode({'key': key})}"


async def made(app: App, caller: Caller, approval: UUID, person: str, hours: float) -> tuple[str, datetime]:
    """The secret of a new link, and until when it is good; raises Forbidden for who was not asked."""
    seconds = hours * 3600
    key = keys(app.settings.home).decision(app.now(), seconds)
    until = await app.operations.link(caller, approval, person, key, seconds)
    return key, until.astimezone(UTC)


def good(app: App, key: str) -> bool:
    """Whether we signed this key, and its time is not over; whether it was used is known to the database."""
    return keys(app.settings.home).decides(key, app.now())


class Links:
    """The pages of such links over one App."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._keys: Keys = keys(app.settings.home)

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/inbox/link", self.page, methods=["GET"]),
            Route("/inbox/link", self.decide, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """Show what is asked, and of whom."""
        key = request.query_params.get("key", "")
        if not self._keys.decides(key, self._app.now()):
            return html_page(inbox_page.told_only(USELESS), 403)
        try:
            approval, person = await self._app.operations.linked(key)
        except ProgramError as error:
            return html_page(inbox_page.told_only(str(error)), 403)
        if approval.status != "pending":
            return html_page(inbox_page.told_only(f"This is no longer open: it is {approval.status}."), 409)
        return html_page(inbox_page.single(approval, person, key))

    async def decide(self, request: Request) -> Response:
        """Take the decision, and use the link up with it."""
        given = await form_of(request)
        if not self._keys.decides(given["key"], self._app.now()):
            return html_page(inbox_page.told_only(USELESS), 403)
        if given["decision"] not in DECISIONS:
            return html_page(inbox_page.told_only("Choose one of the buttons."), 400)
        try:
            made = await self._app.operations.decide_by_link(given["key"], given["decision"], given["comment"][:2000])
        except ProgramError as error:
            return html_page(inbox_page.told_only(str(error)), 409)
        return html_page(inbox_page.told_only(inbox_page.done(made, given["decision"])))
