"""The reference of the API as a page: made of the table, without a script, and without anything from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any

from starlette.responses import Response

from mcp_server.problems import TITLES
from mcp_server.rest.openapi import ABOUT, TAGS, document
from mcp_server.rest.serving import BASE
from mcp_server.rest.table import Operation

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
STYLE = """\
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #2563a8 }
@media (prefers-color-scheme: dark) { :root { --accent: #7db4ec } }
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 62rem; padding: 1.5rem }
nav { columns: 14rem; border-block: 1px solid var(--line); padding: .75rem 0; margin-block: 1rem }
nav a { display: block } a { color: var(--accent) }
h2 { margin-top: 2.5rem } h3 { font-size: 1rem; margin: 0; display: inline }
details { border-bottom: 1px solid var(--line); padding: .5rem 0 }
summary { cursor: pointer; padding: .25rem 0 } summary:focus-visible { outline: 2px solid var(--accent) }
code, pre { font: .875rem/1.5 ui-monospace, monospace } pre { background: var(--soft); overflow: auto; padding: .75rem }
.method { display: inline-block; font-weight: 600; min-width: 4.5rem }
table { border-collapse: collapse; width: 100% } th, td { border-bottom: 1px solid var(--line); padding: .25rem .5rem }
th, td { text-align: left; vertical-align: top } .soft { opacity: .75 }
"""


def style() -> Response:
    """Its style sheet."""
    return Response(STYLE, media_type="text/css", headers=HEADERS)


def page(table: Sequence[Operation]) -> str:
    """The text of the page."""
    told = document(table)
    links = "".join(f'<a href="#{tag}">{tag}</a>' for tag in TAGS)
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>botmcp: REST API</title>'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/api/docs.css"></head><body>'
        f"<h1>REST API</h1><p>{_words(ABOUT)}</p>"
        f'<p>All paths stand below <code>{BASE}</code>. <a href="/openapi.json">OpenAPI 3.1</a></p>'
        f'<nav aria-label="Parts">{links}<a href="#problems">problems</a></nav><main>'
    ]
    for tag, about in TAGS.items():
        parts.append(f'<h2 id="{tag}">{tag.capitalize()}</h2><p>{escape(about)}</p>')
        parts += [_operation(operation, told) for operation in table if operation.tag == tag]
    parts.append('<h2 id="problems">Problems</h2><table><tr><th>status<th>type<th>means</tr>')
    for kind, (status, title) in TITLES.items():
        parts.append(f'<tr id="problem-{kind}"><td>{status}<td><code>{kind}</code><td>{escape(title)}</tr>')
    parts.append("</table></main></body></html>")
    return "".join(parts)


def _operation(operation: Operation, told: dict[str, Any]) -> str:
    found = told["paths"][operation.path][operation.method.lower()]
    rows = "".join(
        f"<tr><td><code>{escape(p['name'])}</code><td>{p['in']}<td>{_words(p.get('description', ''))}</tr>"
        for p in found["parameters"]
    )
    table = f"<table><tr><th>parameter<th>in<th>means</tr>{rows}</table>" if rows else ""
    shape = _shape(found.get("requestBody", {}), told)
    statuses = ", ".join(found["responses"])
    return (
        f'<details id="{operation.name}"><summary><span class="method">{operation.method}</span> '
        f"<code>{escape(operation.path)}</code> <h3>{escape(operation.summary)}</h3></summary>"
        f"<p>{_words(found.get('description', ''))}</p>{table}{shape}"
        f"<pre>{escape(curl(operation))}</pre><p class=soft>Answers {statuses}.</p></details>"
    )


def _shape(body: dict[str, Any], told: dict[str, Any]) -> str:
    schema = body.get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" not in schema:
        return ""
    found = told["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    needed = set(found.get("required", ()))
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code>{'' if name not in needed else ' *'}<td>{_kind(part)}"
        f"<td>{_words(part.get('description', ''))}</tr>"
        for name, part in found.get("properties", {}).items()
    )
    return f"<table><tr><th>field<th>kind<th>means</tr>{rows}</table>"


def _kind(part: dict[str, Any]) -> str:
    kinds = [part, *part.get("anyOf", ())]
    names = [str(kind.get("type") or " | ".join(map(str, kind.get("enum", ())))) for kind in kinds]
    return escape(", ".join(name for name in names if name and name != "null") or "any")


def _words(text: str) -> str:
    """Text whose `words` are code."""
    return "".join(
        escape(part) if n % 2 == 0 else f"<code>{escape(part)}</code>" for n, part in enumerate(text.split("`"))
    )


def curl(operation: Operation) -> str:
    """The call as people type it."""
    path = operation.path.replace("{", "").replace("}", "")
    lines = [f"curl -X {operation.method} http://127.0.0.1:8765{BASE}{path}"]
    if operation.scope:
        lines.append("-H 'Authorization: Bearer <key>'")
    if operation.match == "required":
        lines.append("-H 'If-Match: \"<ETag>\"'")
    if operation.example is not None:
        lines += ["-H 'Content-Type: application/json'", f"-d '{json.dumps(operation.example, ensure_ascii=False)}'"]
    return " \\\n  ".join(lines)
