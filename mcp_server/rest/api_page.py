"""Writes docs/api/workflow-api.md from the table of operations: `python -m mcp_server.rest.api_page [--check]`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mcp_server.problems import TITLES
from mcp_server.rest.api import TABLE
from mcp_server.rest.docs_page import curl
from mcp_server.rest.openapi import TAGS, document
from mcp_server.rest.serving import BASE
from mcp_server.rest.table import ANYBODY, Operation

PAGE = Path("docs/api/workflow-api.md")
_SHOWN = "<!-- shown only: needs a server and a key; tests/rest asks every operation -->"

_HEAD = f"""\
# REST API

Everything that people and agents do, as plain HTTP below `{BASE}` of `botmcp serve`. A running server describes itself:
OpenAPI 3.1 at `/openapi.json`, this reference at `/api/docs`.

Made by `python -m mcp_server.rest.api_page`; do not edit.

## Rules

- **Who calls**: `Authorization: Bearer KEY` (or `X-API-Key: KEY`), a key of `botmcp keys new` or an access token; see
  [Keys and identity](../guides/identity.md). Each operation names its scope. On loopback without a token you are the
  owner, who may do everything but approve.
- **Mistakes** are `application/problem+json`: `type`, `title`, `status`, `detail`, and for programs `errors` with line,
  column and fix. The table of [problems](#problems) lists the types.
- **Lists** answer `items` and `next_cursor`; ask again with `cursor` for what follows, with `limit` for how many.
- **Once**: an operation that takes `Idempotency-Key` does its work once for each key, however often it is asked.
- **Changing** what others may change too takes `If-Match` with the `ETag` that you read: 428 without one, 412 when
  somebody was quicker.
- **Live**: streams are server-sent events with ids; a client that comes back with `Last-Event-ID` misses nothing.
- Times are UTC, ids are UUIDs.
"""


def page() -> str:
    """The text of the page."""
    told = document(TABLE)
    parts = [_HEAD]
    for tag, about in TAGS.items():
        parts.append(f"\n## {tag.capitalize()}\n\n{about}\n")
        parts += [_operation(one, told) for one in TABLE if one.tag == tag]
    parts.append("\n## Problems\n\n| status | type | means |\n|---|---|---|\n")
    parts += [f"| {status} | `{kind}` | {title} |\n" for kind, (status, title) in TITLES.items()]
    return "".join(parts)


def _operation(one: Operation, told: Mapping[str, Any]) -> str:
    found = told["paths"][one.path][one.method.lower()]
    scope = {"": "Open to all.", ANYBODY: "For whoever is known."}.get(one.scope, f"Scope `{one.scope}`.")
    text = f"\n### {one.summary}\n\n`{one.method} {one.path}`\n\n{scope}"
    notes = [
        "Takes `Idempotency-Key`." if one.once else "",
        f"`If-Match` {'is required' if one.match == 'required' else 'may be sent'}." if one.match else "",
        f"Answers {', '.join(found['responses'])}.",
    ]
    text += " " + " ".join(note for note in notes if note) + "\n"
    if one.about:
        text += f"\n{one.about}\n"
    rows = [
        f"| `{p['name']}` | {p['in']} | {_cell(p.get('description', ''))} |\n"
        for p in found.get("parameters", ())
        if p["in"] in ("path", "query")
    ]
    rows += _fields(found, told)
    if rows:
        text += f"\n| name | in | |\n|---|---|---|\n{''.join(rows)}"
    return f"{text}\n{_SHOWN}\n```shell\n{curl(one)}\n```\n"


def _fields(found: Mapping[str, Any], told: Mapping[str, Any]) -> list[str]:
    """The fields of the body."""
    content: Mapping[str, Any] = found.get("requestBody", {}).get("content", {})
    schema: Mapping[str, Any] = content.get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = told["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    needed = set(schema.get("required", ()))
    return [
        f"| `{name}` | body{', required' if name in needed else ''} | {_cell(field.get('description', ''))} |\n"
        for name, field in schema.get("properties", {}).items()
    ]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main(arguments: list[str]) -> None:
    """Write the page, or with `--check` end with an error when it is not up to date."""
    text = page()
    if "--check" not in arguments:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(text, "utf-8")
    elif not PAGE.exists() or PAGE.read_text("utf-8") != text:
        raise SystemExit(f"{PAGE} is out of date: run python -m mcp_server.rest.api_page")


if __name__ == "__main__":
    main(sys.argv[1:])
