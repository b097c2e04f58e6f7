"""`/api/{bot}/webhook/{endpoint}`: starts the dialog of that WEBHOOK and answers what it returns.

The dialog finds `body` (JSON and forms as an object, else text), `params` (the query), `headers`, `method` and `path`
as variables, and its PARAMs filled from body and query. It answers what it RETURNs: `{status, headers, body}`, or any
value as JSON; else its variables `result_...` as an object. What takes longer than a caller waits for is answered 202.

Who may call: whoever may run workflows here, whoever knows the secret of the endpoint (`webhook-secret` in the
package's `config.csv`), and everybody where the package says `webhook-open`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast
from urllib.parse import parse_qsl

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from keywords.compile import compile_program
from keywords.encode import load, plain
from keywords.library.triggers import endpoint_of
from keywords.mistakes import ProgramError
from mcp_server.app import App, Unavailable
from mcp_server.identity import NOBODY, TENANT, of_request
from mcp_server.webhooks.endpoints import Endpoint, Endpoints, Terms
from mcp_server.webhooks.proofs import PLAIN, name_of, proved
from storage.sql import queries
from workflow.details import Caller, Detail

SQL = queries("mcp_server.webhooks")
LONGEST = 1_048_576  # bytes of a request
PATIENCE = 25.0  # seconds that a caller waits for an answer
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
RESULT = "result_"
STATUSES = {"limit": 429, "forbidden": 403, "value": 400, "conflict": 409}  # by kind of error
OWN = frozenset({"authorization", "cookie", "x-api-key"})  # of whom we know by them: nothing for a journal
UNSENT = frozenset({"content-length", "transfer-encoding", "connection", "set-cookie"})
log = structlog.get_logger()


class TooLarge(Exception):
    """More was sent than is read."""


class Webhooks:
    """The routes over one App."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._endpoints = Endpoints(app.packages)

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/api/{bot}/webhook/{endpoint}", self.take, methods=list(METHODS)),
            Route("/api/{bot}/form/{form}", self.submit, methods=["POST"]),
        ]

    async def submit(self, request: Request) -> Response:
        """Take a form: the event `form.<name>` with `fields` and `metadata`, for ON FORM SUBMIT."""
        try:
            sent = await _body(request)
        except TooLarge:
            return _told(413, f"A form may have {LONGEST // 1024} KB.")
        bot, name = request.path_params["bot"], endpoint_of(request.path_params["form"])
        terms = await asyncio.to_thread(self._endpoints.form, bot, name)
        caller = self._caller(request, terms, bot, "events:publish", sent)
        if caller is None:
            return _told(401, "Who are you? Send the secret of this package, or a key of this server.")
        if terms is None:
            return _told(404, f"There is no form {name} of {bot[:100]}.")
        try:
            fields = _read(request.headers.get("content-type", ""), sent)
        except ValueError:
            return _told(400, "The body is not what its content type says.")
        if not isinstance(fields, dict):
            return _told(400, "A form has fields: send them as a form or as a JSON object.")
        metadata = {"bot": bot, "form": name, "at": self._app.now().isoformat()}
        try:
            made = await self._app.operations.events.publisher.publish(
                caller.tenant, f"form.{name}", {"fields": fields, "metadata": metadata}, source=f"/api/{bot}/form"
            )
        except ProgramError as error:
            return _told(429 if error.kind == "limit" else 400, str(error))
        return JSONResponse({"id": str(made)}, 202)

    async def take(self, request: Request) -> Response:
        """Start the dialog, and answer what it says."""
        try:
            sent = await _body(request)
        except TooLarge:
            return _told(413, f"A webhook takes {LONGEST // 1024} KB.")
        bot, name = request.path_params["bot"], request.path_params["endpoint"]
        found = await asyncio.to_thread(self._endpoints.find, bot, name)
        package = found.dialog.package if found else bot
        caller = self._caller(request, found and found.terms, package, "wf:run", sent)
        if caller is None:
            return _told(401, "Who are you? Send the secret of this webhook, or a key of this server.")
        if found is None:
            return _told(404, f"There is no webhook {name[:100]} of {bot[:100]}.")
        try:
            body = _read(request.headers.get("content-type", ""), sent)
        except ValueError:
            return _told(400, "The body is not what its content type says.")
        try:
            return await self._started(request, found, caller, body)
        except ProgramError as error:
            log.warning("webhook.refused", webhook=found.path, error=str(error))
            known = of_request(request.scope) != NOBODY
            status = STATUSES.get(error.kind, 500)
            shown = known or status in (409, 429)
            return _told(status, str(error) if shown else "The script of this webhook could not start.")
        except Unavailable:
            return _told(503, "Not now; nothing was started. Send it again.")

    def _caller(self, request: Request, terms: Terms | None, bot: str, scope: str, sent: bytes) -> Caller | None:
        """On whose behalf it happens: of whom the door knows, else of the package itself; None for strangers."""
        known = of_request(request.scope)
        if known != NOBODY and known.may(scope) and (terms is None or known.works_with(bot)):
            return replace(known, through="webhook")
        if terms is None:
            return None
        now = self._app.now()
        if not terms.open and not proved(terms.secret, request.headers, request.query_params, sent, now):
            return None
        return Caller(TENANT, f"webhook of {bot}", "webhook", scopes=frozenset({scope, "wf:read"}))

    async def _started(self, request: Request, found: Endpoint, caller: Caller, body: Any) -> Response:
        operations = self._app.operations
        program = await asyncio.to_thread(found.dialog.program)
        params = {name: value for name, value in request.query_params.items() if name not in ("key", "secret")}
        inputs: dict[str, Any] = {
            "body": body,
            "params": params,
            "headers": _headers(request),
            "method": request.method,
            "path": f"/webhook/{found.name}",
        }
        said = {**params, **(cast("dict[str, Any]", body) if isinstance(body, dict) else {})}
        wanted = {name.casefold(): value for name, value in said.items()}
        compiled = compile_program(program.source, self._app.registry, program.name).program
        names = {param.name.casefold() for param in compiled.params} if compiled else set[str]()
        inputs |= {name: wanted[name] for name in names & wanted.keys() if name not in inputs}
        name = name_of(request.headers)
        key = f"webhook:{found.path}:{name}" if name else None
        package = found.dialog.package
        message = [request.method, found.path, body]  # headers differ with each attempt to deliver it
        start = operations.start(caller, program, inputs=inputs, idempotency_key=key, told_by=message, bot_name=package)
        execution = await self._app.detached(start)
        detail = await operations.wait(caller, execution, PATIENCE)
        return await self._answered(detail, caller)

    async def _answered(self, detail: Detail, caller: Caller) -> Response:
        about = {"X-Execution-ID": str(detail.id)}
        if detail.status == "failed":
            log.warning("webhook.failed", execution=str(detail.id), error=str(detail.error))
            return _told(500, "The script of this webhook failed.", about)
        if detail.status != "completed":
            return JSONResponse({"execution_id": str(detail.id), "status": detail.status}, 202, about)
        result: Any = detail.result
        if isinstance(result, dict) and "body" in result and set(result) <= {"status", "headers", "body"}:
            return _shaped(cast("dict[str, Any]", result), about)
        if result is None:
            result = await self._results(detail, caller) or {"status": "ok"}
        return JSONResponse(result, headers=about)

    async def _results(self, detail: Detail, caller: Caller) -> dict[str, Any]:
        """The variables `result_...` that the script left."""
        async with self._app.pool.connection() as connection:
            given = {"tenant": caller.tenant, "id": detail.id}
            row = await (await connection.execute(SQL["last_state"], given)).fetchone()
        frames: list[Any] = row[0]["frames"] if row else []
        held: Mapping[str, Any] = frames[0]["vars"] if frames else {}
        return {name[len(RESULT) :]: plain(load(held[name])) for name in held if name.startswith(RESULT)}


async def _body(request: Request) -> bytes:
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > LONGEST:
            raise TooLarge
    return bytes(found)


def _read(kind: str, sent: bytes) -> Any:
    """The body as a program sees it; raises ValueError where it is not what it says."""
    kind = kind.partition(";")[0].strip().lower()
    if not sent:
        return None
    try:
        if kind == "application/json" or kind.endswith("+json"):
            return json.loads(sent)
        text = sent.decode("utf-8")
    except RecursionError:
        raise ValueError("nested too deep") from None
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=1000))
    if not kind and text.lstrip().startswith(("{", "[")):
        return json.loads(text)
    return text.replace("\0", "")


def _headers(request: Request) -> dict[str, str]:
    """What the script sees of the headers: nothing by which somebody has proved who asks, for a journal keeps it."""
    known = of_request(request.scope) != NOBODY
    kept = {n: value for n, value in request.headers.items() if n not in PLAIN and not (known and n in OWN)}
    return {**kept, **{name.replace("-", "_"): value for name, value in kept.items()}}


def _shaped(result: Mapping[str, Any], about: Mapping[str, str]) -> Response:
    """What a script answers as `{status, headers, body}`."""
    status, given, body = result.get("status", 200), result.get("headers"), result["body"]
    good = isinstance(status, int) and not isinstance(status, bool) and 200 <= status <= 599
    pairs = cast("dict[str, Any]", given).items() if isinstance(given, dict) else ()
    headers = {str(name).lower(): str(value) for name, value in pairs}
    headers = {k: v for k, v in headers.items() if k not in UNSENT and _plain(k) and _plain(v)} | dict(about)
    code = status if good else 200
    if code in (204, 304):
        return Response(None, code, headers)
    if isinstance(body, str) and not headers.get("content-type", "text/plain").startswith("application/json"):
        return PlainTextResponse(body, code, headers)
    return JSONResponse(body, code, headers)


def _plain(words: str) -> bool:
    return words.isprintable() and words.isascii() and len(words) <= 4_000


def _told(status: int, why: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": why}, status, dict(headers or {}))
