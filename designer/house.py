"""What all pages stand on: a request of one person, what it may do, and how the answer is put into the layout."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import structlog
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from designer import safety
from designer.assets import Assets
from designer.doors import Doors
from designer.showing import FILTERS, icons
from designer.words import LANGUAGES, NAMES, Say, preferred, speaker
from keywords.mistakes import Forbidden, LimitReached, ProgramError, Refused, UnknownName
from workflow.details import Caller
from workflow.steering import UnknownExecution

log = structlog.get_logger()

LONGEST_FORM = 2 * 1_048_576
MOST_FIELDS = 400
PACKED_FROM = 1_400  # bytes: below, a packet is a packet
LANGUAGE, THEME = "botmcp_language", "botmcp_theme"
THEMES = ("auto", "light", "dark")
A_YEAR = 365 * 86_400
CONFLICTS = frozenset({"conflict", "decided"})  # kinds of mistakes: somebody else was faster


class Missing(ProgramError):
    """The page, or what it is about, is not there, or not for whoever asks: both are told alike."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the table of pages: where, how, and what it needs."""

    path: str
    methods: tuple[str, ...]
    scope: str


@dataclass(slots=True)
class House:
    """The parts that all pages share; `table` lists every page with the scope it needs."""

    doors: Doors
    assets: Assets = field(default_factory=Assets)
    table: list[Entry] = field(default_factory=list[Entry])
    tokens: safety.Tokens = field(init=False)
    templates: Environment = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = safety.Tokens(self.doors.secret)
        self.templates = Environment(
            loader=PackageLoader("designer"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
            auto_reload=False,
        )
        self.templates.filters.update(FILTERS)
        known: dict[str, Any] = {"asset": self.assets.address, "icon": icons(self.assets.address("icons.svg"))}
        self.templates.globals.update(known)

    def route(
        self,
        path: str,
        page: Handler,
        methods: Sequence[str] = ("GET",),
        scope: str = "wf:read",
        *,
        framed: bool = False,
    ) -> Route:
        """A page below /designer for callers with that scope; `framed` pages may be shown in others' frames."""
        whole = "/designer" + path
        self.table.append(Entry(whole, tuple(methods), scope))

        async def answer(request: Request) -> Response:
            return await self._answered(request, page, scope, framed=framed)

        return Route(whole, answer, methods=list(methods))

    async def _answered(self, request: Request, page: Handler, scope: str, *, framed: bool) -> Response:
        caller = self.doors.identify(request)
        visit = Visit(self, request, caller or NOBODY, *_preferences(request), framed=framed)
        try:
            if caller is None:
                response = visit.page("locked.html", visit.say("Who are you?"), status=401, section="")
            else:
                caller.require(scope)
                await visit.check_origin()
                response = await page(visit)
        except ProgramError as error:
            response = visit.refused(error)
        except Exception:
            log.exception("designer.page_failed", path=request.url.path)
            words = visit.say("Something went wrong here. The log of the server says what.")
            response = visit.told(words, 500)
        named = safety.headers(self.doors.embedding if framed else ())
        response.headers.update({name: value for name, value in named.items() if name not in response.headers})
        return _packed(request, response)


NOBODY = Caller(UUID(int=0), "", "designer", scopes=frozenset())


@dataclass(slots=True)
class Visit:
    """One request of one person."""

    house: House
    request: Request
    caller: Caller
    language: str
    theme: str
    framed: bool = False
    say: Say = field(init=False)
    _form: dict[str, list[str]] | None = None

    def __post_init__(self) -> None:
        self.say = speaker(self.language)

    @property
    def doors(self) -> Doors:
        return self.house.doors

    @property
    def path(self) -> Mapping[str, Any]:
        return self.request.path_params

    @property
    def by_script(self) -> bool:
        """Whether htmx asks, so that an answer is a piece of a page."""
        return "hx-request" in self.request.headers

    def asked(self, name: str, usual: str = "") -> str:
        """A part of the address's query."""
        return self.request.query_params.get(name, usual)

    def id(self, name: str = "id") -> UUID:
        """The id in the path; raises Missing for what is none."""
        try:
            return UUID(str(self.path[name]))
        except ValueError:
            raise Missing(self.say("There is no such page.")) from None

    async def form(self) -> dict[str, str]:
        """The fields of the form, of each the last."""
        return {name: values[-1] for name, values in (await self.fields()).items()}

    async def fields(self) -> dict[str, list[str]]:
        """The fields of the form, of each all."""
        if self._form is None:
            body = bytearray()
            async for piece in self.request.stream():
                body += piece
                if len(body) > LONGEST_FORM:
                    raise LimitReached(self.say("The form is too large."))
            try:
                text = body.decode("utf-8", "replace")
                self._form = parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
            except ValueError:
                raise LimitReached(self.say("The form is too large.")) from None
        return self._form

    async def check_origin(self) -> None:
        """Raise Refused for a form that no page of ours has sent."""
        request = self.request
        if request.method in safety.SAFE:
            return
        if not safety.same_origin(request):
            raise Forbidden(self.say("The form came from another site."))
        token = request.headers.get(safety.TOKEN_HEADER)
        if token is None and "multipart" not in request.headers.get("content-type", ""):
            token = (await self.form()).get("csrf")
        if not self.house.tokens.holds(token or "", self.caller.subject, self.doors.now()):
            raise Forbidden(self.say("This page is too old. Load it again, then repeat what you did."))

    def part(self, template: str, status: int = 200, **given: Any) -> HTMLResponse:
        """A piece of a page."""
        return HTMLResponse(self.text(template, **given), status)

    def text(self, template: str, **given: Any) -> str:
        """The piece as text, for an event stream."""
        return self.house.templates.get_template(template).render(t=self.say, visit=self, csrf=self.csrf, **given)

    def page(self, template: str, title: str, *, section: str = "", status: int = 200, **given: Any) -> HTMLResponse:
        """A whole page in the layout."""
        layout = {"title": title, "section": section, "names": NAMES, "themes": THEMES}
        return self.part(template, status, **layout, **given)

    @property
    def csrf(self) -> str:
        """What the forms of this answer carry."""
        return self.house.tokens.made(self.caller.subject, self.doors.now())

    def see(self, address: str) -> Response:
        """Go to another page of ours."""
        if self.by_script:
            return Response(status_code=204, headers={"HX-Redirect": address})
        return RedirectResponse(address, 303)

    def done(self, words: str, address: str) -> Response:
        """Say that it is done: beside what htmx shows already, or by going to the page where it is seen."""
        if not self.by_script:
            return RedirectResponse(address, 303)
        piece = self.part("told.html", words=words, kind="good")
        piece.headers.update({"HX-Retarget": "#told", "HX-Reswap": "innerHTML"})
        return piece

    def refused(self, error: ProgramError) -> Response:
        """Say why not, with the status that fits."""
        if isinstance(error, Missing | UnknownName | UnknownExecution):
            return self.told(str(error), 404)
        if isinstance(error, Forbidden):
            return self.told(str(error), 403)
        return self.told(str(error), 409 if isinstance(error, Refused) or error.kind in CONFLICTS else 422)

    def told(self, words: str, status: int) -> Response:
        """The words alone: beside what htmx shows already, or as a page."""
        if self.by_script:
            piece = self.part("told.html", status, words=words)
            piece.headers.update({"HX-Retarget": "#told", "HX-Reswap": "innerHTML"})
            return piece
        return self.page("error.html", self.say("That did not work"), status=status, words=words)


Handler: TypeAlias = Callable[[Visit], Awaitable[Response]]


def local(address: str) -> str:
    """The address, when it is one of our pages; our first page else."""
    parts = urlsplit(address)
    here = not parts.scheme and not parts.netloc and parts.path.startswith("/designer") and "\\" not in address
    return address if here else "/designer"


def _preferences(request: Request) -> tuple[str, str]:
    language, theme = request.cookies.get(LANGUAGE, ""), request.cookies.get(THEME, "")
    spoken = language if language in LANGUAGES else preferred(request.headers.get("accept-language", ""))
    return spoken, theme if theme in THEMES else "auto"


def _packed(request: Request, response: Response) -> Response:
    body = getattr(response, "body", b"")
    fitting = "gzip" in request.headers.get("accept-encoding", "") and len(body) >= PACKED_FROM
    if not fitting or "content-encoding" in response.headers:
        return response
    response.body = gzip.compress(bytes(body), 6, mtime=0)
    response.headers["content-length"] = str(len(response.body))
    response.headers["content-encoding"] = "gzip"
    response.headers.add_vary_header("accept-encoding")
    return response
