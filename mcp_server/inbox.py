"""The inbox: the page on which a person approves or rejects. Opening a page changes nothing; a POST from it does.

Nobody sees it by its address alone. `botmcp status` prints a link that is good for ten minutes and turns into a cookie;
each form carries a token that belongs to that cookie and that approval. The secret behind both stands in a file that
only its owner can read, and never in an answer to an agent.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from keywords.mistakes import ProgramError
from mcp_server import inbox_page, listening_server
from mcp_server.app import App
from mcp_server.secret import secret
from mcp_server.settings import Settings
from workflow.approvals import DECISIONS

LINK_SECONDS = 600
VISIT_SECONDS = 12 * 3600
LONGEST_FORM = 32_768
COOKIE = "botmcp_inbox"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers post our own forms with `Origin: null`
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Keys:
    """Signs links, cookies and forms."""

    secret: bytes

    def link(self, now: datetime) -> str:
        """The key of a link that is good from now for ten minutes."""
        return self._signed("link", f"{int(now.timestamp()) + LINK_SECONDS}")

    def opens(self, key: str, now: datetime) -> bool:
        return self._holds("link", key, now)

    def visit(self, now: datetime) -> str:
        """The cookie of a visitor whom a link let in."""
        return self._signed("visit", f"{int(now.timestamp()) + VISIT_SECONDS}-{secrets.token_hex(8)}")

    def visits(self, cookie: str, now: datetime) -> bool:
        return self._holds("visit", cookie, now)

    def decision(self, now: datetime, seconds: float) -> str:
        """The key of a link for one decision, good for so long."""
        return self._signed("decide", f"{int(now.timestamp() + seconds)}-{secrets.token_hex(16)}")

    def decides(self, key: str, now: datetime) -> bool:
        return self._holds("decide", key, now)

    def form(self, cookie: str, approval: UUID) -> str:
        """The token of one approval's form on one visitor's page."""
        return self._sign("form", f"{cookie}:{approval}")

    def _signed(self, use: str, text: str) -> str:
        return f"{text}.{self._sign(use, text)}"

    def _sign(self, use: str, text: str) -> str:
        return hmac.new(self.secret, f"{use}:{text}".encode(), hashlib.sha256).hexdigest()

    def _holds(self, use: str, signed: str, now: datetime) -> bool:
        text, _, sign = signed.partition(".")
        until = text.partition("-")[0]
        if not hmac.compare_digest(sign.encode(), self._sign(use, text).encode()):
            return False
        return until.isdecimal() and int(until) > now.timestamp()


def keys(home: Path) -> Keys:
    """The keys of this data folder."""
    return Keys(secret(home, "inbox"))


def link(settings: Settings, address: str, now: datetime) -> str:
    """What a person opens in the browser; for the terminal of whoever may read the data folder, and for nobody else."""
    return f"{address}/inbox/open?key={keys(settings.home).link(now)}"


class Inbox:
    """The pages over one App."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._keys = keys(app.settings.home)

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/inbox", self.page, methods=["GET"]),
            Route("/inbox/open", self.open, methods=["GET"]),
            Route("/inbox/decide", self.decide, methods=["POST"]),
            Route("/inbox/decide", self.decided, methods=["GET"]),
            Route("/inbox/style.css", self.style, methods=["GET"]),
        ]

    async def open(self, request: Request) -> Response:
        """Let in whoever has a link: a cookie, nothing else."""
        now = self._app.now()
        if not self._keys.opens(request.query_params.get("key", ""), now):
            return html_page(inbox_page.locked("This link is too old or incomplete."), 403)
        return let_in(request, self._keys, "/inbox", now)

    async def page(self, request: Request) -> Response:
        """What is pending, and what was just decided."""
        cookie = request.cookies.get(COOKIE, "")
        if not self._keys.visits(cookie, self._app.now()):
            return html_page(inbox_page.locked(), 403)
        return await self._list(cookie, "")

    async def decide(self, request: Request) -> Response:
        """Take the person's decision; only from a form of our own page."""
        cookie = request.cookies.get(COOKIE, "")
        if not self._keys.visits(cookie, self._app.now()):
            return html_page(inbox_page.locked(), 403)
        if (origin := request.headers.get("origin")) and urlsplit(origin).netloc != request.url.netloc:
            return html_page(inbox_page.locked("The form came from another site."), 403)
        given = await form_of(request)
        try:
            approval = UUID(given["approval"])
        except ValueError:
            return await self._list(cookie, "That is not an approval.", 400)
        if not hmac.compare_digest(given["token"].encode(), self._keys.form(cookie, approval).encode()):
            return html_page(inbox_page.locked("The form is not of this visit."), 403)
        if given["decision"] not in DECISIONS:
            return await self._list(cookie, "Choose one of the buttons.", 400)
        caller = self._app.caller("inbox page", "")
        try:
            about = await self._app.operations.decide(caller, approval, given["decision"], given["comment"][:2000])
        except ProgramError as error:
            return await self._list(cookie, str(error), 409)
        return await self._list(cookie, inbox_page.done(about, given["decision"]))

    async def decided(self, request: Request) -> Response:
        """Where the address of a decision leads whoever opens it again: to what is pending."""
        return RedirectResponse("/inbox", 303, HEADERS)

    async def style(self, request: Request) -> Response:
        return Response(inbox_page.STYLE, media_type="text/css", headers=HEADERS)

    async def _list(self, cookie: str, told: str, status: int = 200) -> Response:
        pending = await self._app.operations.approvals(self._app.caller("inbox page", ""))
        tokens = {approval.id: self._keys.form(cookie, approval.id) for approval in pending}
        return html_page(inbox_page.listed(pending, tokens, told), status)


def let_in(request: Request, signed: Keys, to: str, now: datetime) -> Response:
    """Go there, known from now on by a cookie."""
    answer = RedirectResponse(to, 303, HEADERS)
    answer.set_cookie(
        COOKIE,
        signed.visit(now),
        max_age=VISIT_SECONDS,
        path="/",  # the designer's pages and its API know the visitor too
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a posted form; nothing of one that is too large."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST_FORM:
            body.clear()
            break
    fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=8) if body else {}
    return {name: fields.get(name, [""])[0] for name in ("approval", "token", "decision", "comment", "key")}


def html_page(text: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(text, status, HEADERS)


async def healthy(request: Request) -> Response:
    """Says that the process answers; knows nobody, tells nothing."""
    return PlainTextResponse("ok")


@asynccontextmanager
async def listening(app: App) -> AsyncGenerator[str]:
    """The inbox on a loopback port of its own, for as long as this lasts; yields its address."""
    from mcp_server import designing
    from mcp_server.doorman import Doorman  # which needs the keys of this module
    from mcp_server.inbox_links import Links  # which does too

    pages = Starlette(
        routes=[*Inbox(app).routes, *Links(app).routes, *designing.routes(app), Route("/healthz", healthy)]
    )
    async with listening_server.serving(Doorman(pages, app), "127.0.0.1", app.settings.inbox_port, ()) as address:
        yield address
