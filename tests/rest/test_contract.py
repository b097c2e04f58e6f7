"""The answers are those that OpenAPI promises, and nothing odd that comes in makes a fault: small and seeded.

Whole: `python -m tests.rest.contract` and `python -m tests.chaos.faces`.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest

from mcp_server.app import App
from mcp_server.problems import TITLES
from mcp_server.rest import openapi
from mcp_server.rest.api import TABLE
from mcp_server.rest.table import PATHS
from tests.chaos.faces import fuzz

DOCUMENT = openapi.document(TABLE)
ROOT = Path(__file__).parents[2]


def promised(operation: str, path: str, answer: httpx2.Response) -> None:
    """Status, content type, headers and body are documented."""
    told: dict[str, Any] = DOCUMENT["paths"][path][operation.lower()]["responses"]
    if answer.status_code == 405:
        assert answer.headers["allow"]
        return
    assert str(answer.status_code) in told, (operation, path, answer.status_code, answer.text[:300])
    row = told[str(answer.status_code)]
    if "$ref" in row:
        row = DOCUMENT["components"]["responses"][row["$ref"].rpartition("/")[2]]
    for name, header in row.get("headers", {}).items():
        assert name in answer.headers or not header.get("required"), (path, name)
    content = row.get("content", {})
    kind = answer.headers.get("content-type", "").partition(";")[0]
    assert not content or kind in content, (path, kind)
    schema = content.get(kind, {}).get("schema", {})
    if kind.endswith("json") and schema:
        whole = {**schema, "components": DOCUMENT["components"]}
        jsonschema.Draft202012Validator(whole).validate(answer.json())


async def test_each_operation_answers_as_it_promises(web: httpx2.AsyncClient) -> None:
    for operation in TABLE:
        path = operation.path
        for name in operation.names:
            path = path.replace("{" + name + "}", str(openapi.example(PATHS[name].schema, name)))
        wrong: tuple[Any, ...] = ({"no": 1}, [], "x")
        for body in (operation.example, *(wrong if operation.body is not None else ())):
            headers = {"If-Match": '"x"'} if operation.match else {}
            answer = await web.request(operation.method, path, json=body, headers=headers)
            promised(operation.method, operation.path, answer)
        if operation.match == "required":
            answer = await web.request(operation.method, path, json=operation.example)
            assert answer.status_code in (404, 415, 428), path
            answer = await web.request(operation.method, path, json=operation.example, headers={"If-Match": "x"})
            assert answer.status_code in (400, 404, 415), path


async def test_what_nobody_should_send_makes_no_fault(app: App, address: str) -> None:
    found = await fuzz(app, address, 11, lambda sent, _: sent >= 250, workers=4)
    assert found["alive"] and not found["faults"], found["faults"][:3]


def test_the_description_is_whole() -> None:
    names = [operation.name for operation in TABLE]
    assert len(names) == len(set(names))
    for operation in TABLE:
        told = DOCUMENT["paths"][operation.path][operation.method.lower()]
        assert told["summary"] and told["tags"][0] in openapi.TAGS
        assert "429" in told["responses"] and ("401" in told["responses"]) == bool(operation.scope)
        if operation.body is not None:
            assert operation.example is not None or not operation.body_required, operation.name
            if operation.example is not None:
                operation.body.model_validate(operation.example)
        for link in operation.links.values():
            assert link.operation in names, (operation.name, link.operation)


def test_every_problem_has_its_status() -> None:
    assert {status for status, _ in TITLES.values()} <= openapi.STATUSES.keys()


@pytest.mark.parametrize("path", ["/openapi.json", "/api/docs", "/api/docs.css", "/healthz", "/readyz"])
async def test_what_is_open_is_open(address: str, path: str) -> None:
    async with httpx2.AsyncClient(base_url=address) as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    if path == "/api/docs":
        assert "http://" not in answer.text.replace("http://127.0.0.1", "") and "<script" not in answer.text


def test_the_licence_is_one_wherever_it_is_told() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["license"]
    manifest = json.loads((ROOT / "docs" / "deploy" / "mcpb" / "manifest.json").read_text("utf-8"))
    assert DOCUMENT["info"]["license"] == {"name": told, "identifier": told} and manifest["license"] == told
    head = (ROOT / "LICENSE").read_text("utf-8")[:200]
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in head and "Version 3" in head and told == "AGPL-3.0-only"
