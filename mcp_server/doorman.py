"""The door in front of everything HTTP: says who a request is, counts it, and lets nobody in under a false flag.

    Authorization: Bearer BOTMCP_TOKEN   the owner's agents: the owner, who approves nothing this way
    Authorization: Bearer botmcp_...     whoever holds the key (also as X-API-Key)
    Authorization: Bearer <JWT>          whom the owner's authorization server says, with BOTMCP_OAUTH_ISSUER
    the cookie of a signed link          the owner, in his browser
    nothing, on loopback, no token set   the same

A credential that is wrong is an error, never nobody. Who is let in stands in the ASGI scope and acts in the context of
the request; a request without identity goes on as nobody, for pages that are open, and fails wherever it asks for more.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

import structlog
from mcp.server.auth.middleware.auth_context import auth_context_var
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mcp_server import inbox, keys
from mcp_server.app import App
from mcp_server.audit import Deed, shortened
from mcp_server.identity import NOBODY, SCOPE_KEY, TENANT, acting, owner, owners_agent
from mcp_server.listening_server import LOOPBACK
from mcp_server.oauth import Tokens, Unreachable
from mcp_server.problems import Problem
from mcp_server.rates import Rates
from workflow.details import Caller

log = structlog.get_logger()
KEY = "key "  # what the proof of whoever holds one begins with
VISITOR_KEY, DOORMAN_KEY = "botmcp.visitor", "botmcp.doorman"
SAFE = ("GET", "HEAD", "OPTIONS")
FORWARDED = frozenset(
    (b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip")
)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who a request is, how that was proved, and which request it is."""

    caller: Caller | Literal["nobody"]
    proof: str  # "key 3f..", "token", "oauth", "cookie", "none"
    request: str
    address: str
    rate: int = 0  # requests a minute; 0: not counted


def visitor(scope: Scope) -> Visitor:
    """Who this request is."""
    return scope[VISITOR_KEY]


class Doorman:
    """ASGI middleware over all that is served."""

    def __init__(self, pages: ASGIApp, app: App) -> None:
        self._pages = pages
        self._app = app
        self._signed = inbox.keys(app.settings.home)
        self._tokens = Tokens(app.settings) if app.settings.oauth_issuer else None
        self._rates = Rates()
        names = {*LOOPBACK, app.settings.host, *app.settings.allowed_hosts}
        self._names = {name.lower().strip("[]") for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._pages(scope, receive, send)
            return
        request = HTTPConnection(scope)
        given = request.headers.get("x-request-id", "")
        mark = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        address = str(request.client.host) if request.client else ""
        extra: dict[str, str] = {"x-request-id": mark}

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", ()),
                    *((k.encode(), v.encode()) for k, v in extra.items()),
                ]
            await send(message)

        try:
            found = await self._visitor(request, mark, address)
            extra |= self.count(found)
        except Problem as problem:
            self._refused(scope, mark, address, problem)
            await problem.answer(f"/requests/{mark}")(scope, receive, answered)
            return
        scope[DOORMAN_KEY] = self
        with let_in(scope, found):
            try:
                await self._pages(scope, receive, answered)
            except ClientDisconnect:  # in the middle of its request: nobody is left to answer
                log.debug("door.left", request=mark, path=scope["path"][:200])

    async def _visitor(self, request: HTTPConnection, mark: str, address: str) -> Visitor:
        self._check_origin(request)
        if (given := _credential(request)) is not None:
            return await self.proved(given, mark, address)
        if (cookie := request.cookies.get(inbox.COOKIE)) and self._signed.visits(cookie, self._app.now()):
            if request.scope["method"] in SAFE or _same_origin(request):
                return Visitor(owner(self._app.owner), "cookie", mark, address)
        elif self._single_user(request, address):
            return Visitor(owners_agent(self._app.owner, self._app.settings.agents_may_approve), "none", mark, address)
        return Visitor(NOBODY, "none", mark, address)

    async def proved(self, given: str, mark: str, address: str) -> Visitor:
        """Whoever this key or token was given to; raises Problem."""
        settings = self._app.settings
        told = given.encode("utf-8", "surrogatepass")  # a key in a body may hold half of a surrogate pair
        if settings.token and hmac.compare_digest(told, settings.token.encode()):
            return Visitor(owners_agent(self._app.owner, settings.agents_may_approve), "token", mark, address)
        if given.startswith(keys.MARK) and (key := await self._app.keys.opened(given, self._app.now())):
            rate = settings.requests_per_minute if key.requests_per_minute is None else key.requests_per_minute
            return Visitor(key.caller(), f"{KEY}{key.id}", mark, address, rate)
        if self._tokens and given.isascii() and given.count(".") == 2:
            try:
                caller = await self._tokens.caller(given, self._app.now())
            except Unreachable:
                raise Problem("unavailable", "The authorization server does not answer.") from None
            if caller:
                return Visitor(caller, "oauth", mark, address, settings.requests_per_minute)
        raise unidentified(self._app, "The key or token is not, or no longer, good.", 'error="invalid_token"')

    async def holds(self, found: Visitor) -> bool:
        """Whether this visitor would still be let in: a key may have been revoked since, or have expired."""
        if not found.proof.startswith(KEY):
            return True
        return await self._app.keys.holds(found.proof.removeprefix(KEY), self._app.now())

    def count(self, found: Visitor) -> dict[str, str]:
        """Count this request; the headers that tell what is left. Raises Problem beyond the limit."""
        if not found.rate:
            return {}
        standing = self._rates.take(f"{found.proof} {_subject(found)}", found.rate, self._app.now().timestamp())
        if not standing.allowed:
            why = f"You may make {found.rate} requests a minute. Wait, then go on."
            raise Problem("limit", why, headers=standing.headers)
        return standing.headers

    def _single_user(self, request: HTTPConnection, address: str) -> bool:
        """Whether only this machine's user can be asking: nothing else is set up, and nobody stands in between."""
        settings = self._app.settings
        if settings.token or settings.oauth_issuer or not (_loopback(settings.host) and _loopback(address)):
            return False
        if any(name in FORWARDED for name, _ in request.scope["headers"]):
            return False
        named = _host(request.headers.get("host", ""))
        return named in LOOPBACK or _loopback(named)

    def _check_origin(self, request: HTTPConnection) -> None:
        """Browsers say whose page asks: no page elsewhere may."""
        origin = request.headers.get("origin")
        if origin is None or _same_origin(request):
            return
        if _host(urlsplit(origin).netloc) not in self._names:
            raise Problem("forbidden", "Pages of another site may not ask here.")

    def _refused(self, scope: Scope, mark: str, address: str, problem: Problem) -> None:
        log.info("door.refused", request=mark, method=scope["method"], path=scope["path"][:200], why=problem.kind)
        self._app.audit.note(
            Deed(
                tenant=TENANT, at=self._app.now(), subject="", proof="", door="http", request=mark, address=address,
                action=f"{scope['method']} {shortened(scope['path'])}", about=problem.detail, outcome=problem.kind,
            )
        )  # fmt: skip


@contextmanager
def let_in(scope: Scope, found: Visitor) -> Generator[None]:
    """Within this, the request is this visitor's."""
    scope[SCOPE_KEY], scope[VISITOR_KEY] = found.caller, found
    user = None
    if not isinstance(found.caller, str):
        # so that the SDK ties sessions and sealed questions to whoever began them
        own = found.caller
        told = AccessToken(token="", client_id=found.proof, scopes=sorted(own.scopes), subject=own.subject)
        scope["user"] = user = AuthenticatedUser(told)
    token = auth_context_var.set(user)
    bound = structlog.contextvars.bind_contextvars(request=found.request, subject=_subject(found))
    try:
        with acting(found.caller):
            yield
    finally:
        structlog.contextvars.reset_contextvars(**bound)
        auth_context_var.reset(token)


async def proved(scope: Scope, credential: str) -> Visitor:
    """Who a request is by a key that came elsewhere than in a header, counted as any other; raises Problem.

    Of a route behind the door: `with let_in(scope, await proved(scope, key)): ...`
    """
    known, doorman = visitor(scope), scope[DOORMAN_KEY]
    found = await doorman.proved(credential, known.request, known.address)
    doorman.count(found)
    return found


async def still_let_in(scope: Scope) -> bool:
    """Whether whoever began a request that lasts may go on with it."""
    return await scope[DOORMAN_KEY].holds(visitor(scope))


class Identified:
    """Lets only who is known reach what is behind it."""

    def __init__(self, pages: ASGIApp, app: App, scope: str = "") -> None:
        self._pages, self._app, self._scope = pages, app, scope

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = None
        if scope["type"] == "http":
            caller = scope.get(SCOPE_KEY, NOBODY)
            if caller == NOBODY:
                problem = unidentified(self._app, "A key is needed: Authorization: Bearer <key>.")
            elif self._scope and not caller.may(self._scope):
                problem = lacking(self._scope)
        if problem is not None:
            await problem.answer(f"/requests/{visitor(scope).request}")(scope, receive, send)
            return
        await self._pages(scope, receive, send)


def unidentified(app: App, why: str, more: str = "") -> Problem:
    """The answer to who must say who he is, with where tokens are to be had."""
    parts = [part for part in (more, metadata_address(app) and f'resource_metadata="{metadata_address(app)}"') if part]
    return Problem("unidentified", why, headers={"WWW-Authenticate": " ".join(("Bearer", ", ".join(parts))).strip()})


def lacking(scope: str) -> Problem:
    """The answer to who is known, but may not."""
    told = f'Bearer error="insufficient_scope", scope="{scope}"'
    return Problem("forbidden", f"This needs the scope {scope}.", headers={"WWW-Authenticate": told})


def metadata_address(app: App) -> str:
    """Where the metadata of the protected resource are (RFC 9728); "" where there is no OAuth."""
    if not app.settings.oauth_issuer or not app.settings.oauth_audience:
        return ""
    parts = urlsplit(app.settings.oauth_audience)
    return f"{parts.scheme}://{parts.netloc}/.well-known/oauth-protected-resource{parts.path.rstrip('/')}"


def _credential(request: HTTPConnection) -> str | None:
    given = request.headers.get("authorization")
    if given is None:
        return request.headers.get("x-api-key")
    scheme, _, token = given.partition(" ")
    if scheme.lower() == "basic":  # the password is the key, whoever the user says he is
        try:
            return base64.b64decode(token.strip(), validate=True).decode().partition(":")[2]
        except ValueError:
            return ""
    return token.strip() if scheme.lower() == "bearer" else ""


def _subject(found: Visitor) -> str:
    return found.caller if isinstance(found.caller, str) else found.caller.subject


def _same_origin(request: HTTPConnection) -> bool:
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    return urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()


def _host(netloc: str) -> str:
    """The name in `name:port`, without the brackets of IPv6."""
    name = netloc.lower().rpartition("@")[2]
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]


@lru_cache(maxsize=1024)
def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def about_resource(app: App) -> dict[str, Any]:
    """The metadata of the protected resource."""
    return {
        "resource": app.settings.oauth_audience,
        "authorization_servers": [app.settings.oauth_issuer],
        "scopes_supported": ["wf:read", "wf:run", "wf:approve", "memory:read", "memory:write", "events:publish"],
        "bearer_methods_supported": ["header"],
        "resource_name": "botmcp",
    }
