"""Answers requests by the table: who may, does it fit, what is it about; then the handler, and its answer as it was
promised.

The path is taken apart as it was sent, so `%2F` is a character of a name and `/` is not.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import unquote
from uuid import uuid4

import psycopg
import structlog
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from keywords.mistakes import ProgramError
from mcp_server.app import App, Unavailable
from mcp_server.audit import Deed, shortened
from mcp_server.doorman import lacking, unidentified, visitor
from mcp_server.identity import NOBODY, TENANT
from mcp_server.problems import Problem, of_error
from mcp_server.rest.table import ANYBODY, BASIC, JSON, PATHS, ZIP, Call, Operation, Reply
from workflow.details import Caller

log = structlog.get_logger()
BASE = "/api/v1"
LONGEST = {JSON: 4 * 2**20, BASIC: 2**20, ZIP: 64 * 2**20}
LONGEST_KEY = 200
_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e]{1,200})"')
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Rest:
    """The ASGI app over the table."""

    def __init__(self, app: App, table: Sequence[Operation]) -> None:
        self._app = app
        self._table: dict[tuple[str, ...], dict[str, Operation]] = {}
        for operation in table:
            same = tuple("{}" if part.startswith("{") else part for part in operation.segments)
            known = self._table.setdefault(same, {})
            assert operation.method not in known, f"two operations {operation.method} {operation.path}"
            known[operation.method] = operation
        self._shapes = sorted(self._table, key=lambda shape: shape.count("{}"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        found = visitor(scope)
        instance = f"/requests/{found.request}"
        operation: Operation | None = None
        try:
            methods, values = self._matched(_raw_path(scope))
            method = "GET" if request.method == "HEAD" else request.method
            operation = methods.get(method)
            if found.caller == NOBODY and (operation is None or operation.scope):
                raise unidentified(self._app, "A key is needed: Authorization: Bearer <key>.")
            answer = await self._answered(request, found.caller, methods, operation, values)
        except Problem as problem:
            answer = problem.answer(instance)
            self._noted(request, operation, problem.kind)
        except ProgramError as error:
            problem = of_error(error)
            answer = problem.answer(instance)
            self._noted(request, operation, problem.kind)
        except Unavailable:
            answer = Problem("unavailable", "The database does not answer.", headers={"Retry-After": "2"}).answer(
                instance
            )
        except ClientDisconnect:
            raise  # no fault of ours: the door knows
        except (psycopg.DataError, UnicodeEncodeError) as error:
            log.warning("rest.unfit", error=repr(error)[:500], path=scope["path"][:200])
            answer = Problem("invalid", "A value does not fit what is kept.").answer(instance)
        except Exception:
            mark = uuid4().hex[:8]
            log.exception("rest.failed", mark=mark, path=scope["path"][:200])
            answer = Problem("fault", f"botmcp itself failed; its log has the details under {mark}.").answer(instance)
        if request.method == "HEAD" and not isinstance(answer, StreamingResponse):
            answer.body = b""
        await answer(scope, receive, send)

    def _matched(self, path: str) -> tuple[Mapping[str, Operation], Mapping[str, str]]:
        """The operations of a path by their methods, and what stands in the place of its parameters."""
        parts = path.removeprefix(BASE).removeprefix("/").split("/")
        for shape in self._shapes:
            if len(shape) == len(parts) and all(s in ("{}", p) for s, p in zip(shape, parts, strict=True)):
                methods = self._table[shape]
                names = next(iter(methods.values())).segments
                given = {n[1:-1]: unquote(p) for n, p in zip(names, parts, strict=True) if n.startswith("{")}
                return methods, given
        return {}, {}

    async def _answered(
        self,
        request: Request,
        caller: Caller | str,
        methods: Mapping[str, Operation],
        operation: Operation | None,
        values: Mapping[str, str],
    ) -> Response:
        if not methods:
            raise Problem("unknown", "There is nothing at this address. /api/docs lists what there is.")
        allowed = ", ".join(sorted({*methods, "OPTIONS", *(("HEAD",) if "GET" in methods else ())}))
        if request.method == "OPTIONS":
            return Response(None, 204, {"Allow": allowed})
        if operation is None:
            raise Problem("method", f"Here you may {allowed}.", headers={"Allow": allowed})
        if isinstance(caller, str):
            acting = Caller(TENANT, "nobody", "REST", scopes=frozenset())
        else:
            acting = self._app.caller("REST", "")
            if operation.scope not in ("", ANYBODY) and not acting.may(operation.scope):
                raise lacking(operation.scope)
        call = await self._call(request, acting, operation, values)
        reply = await operation.handler(call)
        if operation.method != "GET":
            self._noted(request, operation, "done")
        return _response(request, operation, reply)

    async def _call(self, request: Request, caller: Caller, operation: Operation, values: Mapping[str, str]) -> Call:
        query = _query(operation, request)
        path: dict[str, Any] = {}
        for name, text in values.items():
            try:
                path[name] = PATHS[name].read(text)
            except ValueError:
                raise Problem("unknown", f"No {name.replace('_', ' ')} is called so.") from None
        key = request.headers.get("idempotency-key") if operation.once else None
        if key is not None and not _KEY.fullmatch(key):
            raise Problem("malformed", f"An Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII characters.")
        match = _match(operation, request)
        body = await _body(operation, request)
        return Call(self._app, caller, request, path, query, body, key, match)

    def _noted(self, request: Request, operation: Operation | None, outcome: str) -> None:
        if operation is not None and operation.method == "GET" and outcome not in ("forbidden",):
            return
        found = visitor(request.scope)
        caller = None if isinstance(found.caller, str) else found.caller
        self._app.audit.note(
            Deed(
                tenant=caller.tenant if caller else TENANT, at=self._app.now(),
                subject=caller.subject if caller else "", proof=found.proof, door="rest",
                action=operation.name if operation else request.method, about=shortened(request.url.path),
                outcome=outcome, request=found.request, address=found.address,
            )
        )  # fmt: skip


def _raw_path(scope: Scope) -> str:
    raw: bytes | None = scope.get("raw_path")
    return raw.partition(b"?")[0].decode("ascii", "replace") if raw else str(scope["path"])


def _query(operation: Operation, request: Request) -> Any:
    given: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        if name in given:
            raise Problem("malformed", f"{name[:60]} is given twice.")
        if "\0" in value or ("\ufffd" in value and "%EF%BF%BD" not in request.url.query.upper()):
            raise Problem("malformed", f"{name[:60]} is not text.")
        given[name] = value
    if operation.query is None:
        if given:
            raise Problem("malformed", f"There is no parameter {next(iter(given))[:60]} here.")
        return None
    return _filled(operation.query, given, "malformed", strict=False)


def _match(operation: Operation, request: Request) -> str | None:
    if not operation.match:
        return None
    given = request.headers.get("if-match")
    if given is None:
        if operation.match == "required":
            raise Problem("precondition", "Say with If-Match which state you change: the ETag you were given.")
        return None
    if given.strip() == "*":
        return "*"
    found = _TAG.fullmatch(given.strip())
    if found is None:
        raise Problem("malformed", 'If-Match is one entity tag in quotes, as an answer gave it: "abc".')
    return found[1]


async def _body(operation: Operation, request: Request) -> Any:
    if not (operation.body or operation.takes != (JSON,)):
        return None
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    most = LONGEST.get(kind, LONGEST[JSON])
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > most:
            raise Problem("too-large", f"The body may have {most:,} bytes.")
    if not found and not operation.body_required and kind in ("", JSON):
        return _filled(operation.body, {}, "invalid") if operation.body else None
    if kind not in operation.takes:
        raise Problem("media-type", f"The body is {' or '.join(operation.takes)}; say so with Content-Type.")
    if kind != JSON:
        return bytes(found)
    try:
        given = json.loads(bytes(found), parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        raise Problem("malformed", "The body is not JSON.") from None
    if not isinstance(given, dict):
        raise Problem("invalid", "The body is a JSON object.")
    _sound(given)
    return _filled(operation.body, cast("dict[str, Any]", given), "invalid") if operation.body else given


def _no_constant(word: str) -> None:
    raise ValueError(word)


def _finite(text: str) -> float:
    found = float(text)
    if math.isinf(found):
        raise ValueError(text)
    return found


def _sound(value: Any, depth: int = 0) -> None:
    """Refuse text that no database keeps, before anything reads it."""
    if depth > 100:
        raise Problem("invalid", "The body is nested too deep.")
    if isinstance(value, str):
        if "\0" in value or _SURROGATE.search(value):
            raise Problem("invalid", "Text must not hold U+0000 or half of a surrogate pair.")
    elif isinstance(value, dict):
        for name, part in cast("dict[str, Any]", value).items():
            _sound(name, depth + 1)
            _sound(part, depth + 1)
    elif isinstance(value, list):
        for part in cast("list[Any]", value):
            _sound(part, depth + 1)


def _filled(shape: type[BaseModel], given: Mapping[str, Any], kind: str, *, strict: bool = True) -> Any:
    try:
        return shape.model_validate_json(json.dumps(given), strict=True) if strict else shape.model_validate(given)
    except ValidationError as error:
        rows = [
            {"field": ".".join(map(str, fault["loc"])) or None, "message": fault["msg"]}
            for fault in error.errors()[:20]
        ]
        told = "; ".join(f"{row['field'] or 'it'}: {row['message']}" for row in rows[:3])
        raise Problem(kind, f"{told}."[:1000], [{k: v for k, v in row.items() if v} for row in rows]) from None


def _response(request: Request, operation: Operation, reply: Reply) -> Response:
    headers = dict(reply.headers)
    headers.setdefault("Cache-Control", "no-store")
    if reply.etag:
        headers["ETag"] = f'"{reply.etag}"'
        headers["Cache-Control"] = "no-cache"
        if operation.method == "GET" and _unchanged(request.headers.get("if-none-match", ""), reply.etag):
            return Response(None, 304, headers)
    if reply.stream is not None:
        headers["X-Accel-Buffering"] = "no"
        return StreamingResponse(reply.stream, reply.status, headers, media_type=reply.media)
    if reply.body is None:
        return Response(None, 204 if reply.status == 200 else reply.status, headers)
    if reply.media != JSON:
        return Response(reply.body, reply.status, headers, media_type=reply.media)
    body = reply.body
    if isinstance(body, BaseModel):
        return Response(body.model_dump_json(), reply.status, headers, media_type=JSON)
    return JSONResponse(body, reply.status, headers)


def _unchanged(wanted: str, etag: str) -> bool:
    return wanted.strip() == "*" or etag in _TAG.findall(wanted)
