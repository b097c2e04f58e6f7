"""The table as OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import metadata
from typing import Any, cast

from pydantic import BaseModel

from mcp_server.problems import TITLES
from mcp_server.rendezvous import version
from mcp_server.rest.table import ANYBODY, JSON, PATHS, ZIP, Operation

REF = "#/components/schemas/"
ABOUT = (
    "Durable workflows of bots, written in BASIC. Errors are `application/problem+json`; lists answer `items` and "
    "`next_cursor`; times are RFC 3339 in UTC. A POST with an `Idempotency-Key` happens once, however often it is "
    "sent. What carries an `ETag` is changed with `If-Match`."
)
TAGS: Mapping[str, str] = {
    "workflows": "Texts, checked and started.",
    "designer": "What the designer does, as calls.",
    "versions": "Points of a workflow, and which one runs.",
    "executions": "What runs, and ran.",
    "approvals": "What people are asked to decide.",
    "events": "What happens, and who is told.",
    "memory": "What bots remember.",
    "models": "Language models.",
    "bots": "Who can be asked.",
    "packages": "Folders of bots.",
    "schedules": "Programs that start at their times.",
    "limits": "How much may run.",
    "access": "Who may do what.",
}
_TAG = {"type": "string", "pattern": '^((W/)?"[\\x21\\x23-\\x7e]{1,200}"|\\*)$'}


def licence() -> str:
    """The licence of the product, as its package says."""
    return metadata("botmcp")["License-Expression"]


def document(table: Sequence[Operation]) -> dict[str, Any]:
    """The description of the API."""
    schemas: dict[str, Any] = {"Problem": _problem()}
    paths: dict[str, dict[str, Any]] = {}
    for operation in table:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "botmcp",
            "version": version(),
            "description": ABOUT,
            "license": {"name": licence(), "identifier": licence()},
        },
        "tags": [{"name": name, "description": about} for name, about in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "responses": {
                _response_name(status): _refusal(status) for status in sorted({s for s, _ in TITLES.values()})
            },
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "BOTMCP_TOKEN, a key, or OAuth."},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
        "security": [{"bearer": []}, {"key": []}],
    }


def _operation(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    scope = [] if operation.scope in ("", ANYBODY) else [operation.scope]
    needs = f"Needs the scope `{operation.scope}`." if scope else ""
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": [*_path(operation), *_query(operation), *_headers(operation)],
        "responses": _responses(operation, schemas),
        "security": [{"bearer": scope}, {"key": scope}] if operation.scope else [],
    }
    if about := " ".join(part for part in (operation.about, needs) if part):
        found["description"] = about
    if operation.body is not None or operation.takes != (JSON,):
        found["requestBody"] = {"required": operation.body_required, "content": _content(operation, schemas)}
    return found


def _content(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for kind in operation.takes:
        if kind == JSON and operation.body is not None:
            name = f"{operation.name[0].upper()}{operation.name[1:]}Request"
            content[kind] = {"schema": _hoisted(operation.body, schemas, name)}
            if operation.example is not None:
                content[kind]["example"] = operation.example
        elif kind == ZIP:
            content[kind] = {"schema": {"type": "string", "format": "binary"}}
        else:
            content[kind] = {"example": 'TALK "Hello"\n'}  # any text is one
    return content


def _path(operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": name, "in": "path", "required": True, "description": PATHS[name].about,
            "schema": dict(PATHS[name].schema), "example": example(PATHS[name].schema, name),
        }
        for name in operation.names
    ]  # fmt: skip


def example(schema: Mapping[str, Any], name: str) -> Any:
    """A value for a parameter of paths."""
    if schema.get("format") == "uuid":
        return "0197a1b2-0c3d-7e4f-8a5b-6c7d8e9f0a1b"
    if schema.get("type") == "integer":
        return 1
    return {"bot": "customer-support", "key": "customer.tier", "model": "openai/gpt-5"}.get(name, "hello")


def _query(operation: Operation) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    schema = _plain(operation.query.model_json_schema(ref_template=REF + "{model}"))
    required = set(schema.get("required", ()))
    rows: list[dict[str, Any]] = []
    for name, part in schema["properties"].items():
        told = _not_null(part)
        row = {"name": name, "in": "query", "required": name in required, "schema": told}
        if about := told.pop("description", None):
            row["description"] = about
        rows.append(row)
    return rows


def _headers(operation: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if operation.once:
        about = "Sent again with the same one, the request happens once."
        schema = {"type": "string", "pattern": "^[\\x21-\\x7e]{1,200}$"}
        found.append({"name": "Idempotency-Key", "in": "header", "description": about, "schema": schema})
    if operation.match:
        about = "The ETag of what you saw; * for whatever stands."
        row = {"name": "If-Match", "in": "header", "required": operation.match == "required", "description": about}
        found.append({**row, "schema": _TAG, "example": '"30f916ffc7fe6677f80adfb1d88a8e0e"'})
    if operation.etag and operation.method == "GET":
        row = {"name": "If-None-Match", "in": "header", "description": "The ETag you have."}
        found.append({**row, "schema": {"type": "string"}})
    return found


def _responses(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, shape in {operation.status: operation.answers, **operation.also}.items():
        row: dict[str, Any] = {"description": operation.summary}
        if shape is not None and status != 204:
            row["content"] = {
                kind: {"schema": {"type": "string"} if kind != JSON else _hoisted(shape, schemas)}
                for kind in operation.gives
            }
        headers: dict[str, Any] = {"X-Request-ID": {"schema": {"type": "string"}}}
        if operation.etag:
            headers["ETag"] = {"schema": {"type": "string"}}
        if operation.location and status == operation.status:
            headers["Location"] = {"schema": {"type": "string", "format": "uri-reference"}, "required": True}
        row["headers"] = headers
        if operation.links and status == operation.status:
            row["links"] = {name: _link(link) for name, link in operation.links.items()}
        found[str(status)] = row
    if operation.etag and operation.method == "GET":
        found["304"] = {"description": "What you have is what stands."}
    for status in _refusals(operation):
        found[str(status)] = {"$ref": f"#/components/responses/{_response_name(status)}"}
    return dict(sorted(found.items()))


def _link(link: Any) -> dict[str, Any]:
    return {"operationId": link.operation, "parameters": dict(link.parameters)}


def _refusals(operation: Operation) -> list[int]:
    found = {400, 429, 503}
    if operation.scope:
        found |= {401, 403}
    if operation.names or operation.programs:
        found.add(404)
    if operation.conflicts:
        found.add(409)
    if operation.match:
        found |= {412}
        if operation.match == "required":
            found.add(428)
    if operation.body is not None or operation.takes != (JSON,):
        found |= {413, 415, 422}
    if operation.programs or operation.names:
        found.add(422)
    return sorted(found)


STATUSES = {
    400: "Malformed", 401: "Unidentified", 403: "Forbidden", 404: "Unknown", 405: "Method", 406: "NotAcceptable",
    409: "Conflict", 412: "Changed", 413: "TooLarge", 415: "MediaType", 422: "Invalid", 428: "Precondition",
    429: "Limit", 500: "Fault", 503: "Unavailable",
}  # fmt: skip


def _response_name(status: int) -> str:
    return STATUSES[status]


def _refusal(status: int) -> dict[str, Any]:
    title = next(title for known, title in TITLES.values() if known == status)
    headers: dict[str, Any] = {"X-Request-ID": {"schema": {"type": "string"}}}
    if status in (429, 503):
        headers["Retry-After"] = {"schema": {"type": "integer"}, "required": True}
    if status == 401:
        headers["WWW-Authenticate"] = {"schema": {"type": "string"}, "required": True}
    content = {"application/problem+json": {"schema": {"$ref": f"{REF}Problem"}}}
    return {"description": title, "headers": headers, "content": content}


def _problem() -> dict[str, Any]:
    row = {
        "type": "object",
        "description": "One mistake: where it is and how to put it right.",
        "properties": {
            "line": {"type": "integer"}, "column": {"type": "integer"}, "node": {"type": "integer"},
            "field": {"type": "string"}, "message": {"type": "string"}, "fix": {"type": "string"},
        },
        "required": ["message"],
    }  # fmt: skip
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail", "instance"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string", "format": "uri-reference"},
            "errors": {"type": "array", "items": row},
        },
    }


def _hoisted(shape: type[BaseModel], schemas: dict[str, Any], name: str = "") -> dict[str, Any]:
    """A reference to the shape, which stands among the schemas with all it is made of."""
    schema = shape.model_json_schema(ref_template=REF + "{model}")
    for part, its in schema.pop("$defs", {}).items():
        _kept(part, _plain(its), schemas)
    _kept(name or shape.__name__, _plain(schema), schemas)
    return {"$ref": REF + (name or shape.__name__)}


def _kept(name: str, schema: dict[str, Any], schemas: dict[str, Any]) -> None:
    assert schemas.get(name, schema) == schema, f"two shapes are called {name}"
    schemas[name] = schema


def _plain(schema: Any) -> Any:
    """The schema without the titles that pydantic makes of names."""
    if isinstance(schema, list):
        return [_plain(each) for each in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    parts = cast("dict[str, Any]", schema)
    return {
        key: {name: _plain(part) for name, part in value.items()} if key in ("properties", "$defs") else _plain(value)
        for key, value in parts.items()
        if key != "title" or not isinstance(value, str)
    }


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter, which is there or is not, but never null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
        return {**kinds[0], **rest}
    return {key: value for key, value in schema.items() if key != "default" or value is not None}
