"""The General Bots host as those see it whom it calls: its client of tools, with both ways it reads answers.

The client decodes as strictly as the host does: a tool without one of these fields fails the whole list.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import httpx

RISKS = ("Safe", "Low", "Medium", "High", "Critical")
Auth = Literal["", "api_key", "bearer", "basic"]


@dataclass(frozen=True, slots=True)
class HostTool:
    """A tool, every field of it decoded."""

    name: str
    description: str
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any] | None
    required_permissions: list[str]
    risk_level: str
    is_destructive: bool
    requires_approval: bool
    rate_limit: int | None
    timeout_seconds: int | None


@dataclass(frozen=True, slots=True)
class HostAnswer:
    """How the host tells a script what came of a call."""

    success: bool
    result: Any = None
    code: str = ""
    message: str = ""
    retryable: bool = False


class HostClient:
    """The host's client of one row of its `mcp.csv`."""

    def __init__(self, url: str, auth: Auth = "", key: str = "") -> None:
        self._url, self._auth, self._key = url, auth, key

    async def tools(self) -> list[HostTool]:
        """`GET {url}/tools/list`, without any credential, as the host asks it."""
        async with httpx.AsyncClient(timeout=30) as web:
            answer = await web.get(f"{self._url}/tools/list", headers=self._headers())
        assert answer.is_success, answer.text
        rows: list[Any] = answer.json()
        return [_decoded(row) for row in rows]

    async def call(self, name: str, arguments: Mapping[str, Any]) -> HostAnswer:
        """`POST {url}/tools/call`."""
        async with httpx.AsyncClient(timeout=30) as web:
            asked = {"name": name, "arguments": arguments}
            answer = await web.post(f"{self._url}/tools/call", json=asked, headers=self._headers())
        if answer.is_success:
            return HostAnswer(True, answer.json())
        return HostAnswer(False, None, f"HTTP_{answer.status_code}", answer.text, answer.status_code >= 500)

    async def healthy(self) -> bool:
        async with httpx.AsyncClient(timeout=5) as web:
            return (await web.get(f"{self._url}/health")).is_success

    def _headers(self) -> dict[str, str]:
        match self._auth:
            case "api_key":
                return {"X-API-Key": self._key}
            case "bearer":
                return {"Authorization": f"Bearer {self._key}"}
            case "basic":
                return {"Authorization": "Basic " + base64.b64encode(f"host:{self._key}".encode()).decode()}
            case _:
                return {}


async def script_post(url: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """POST as a script of the host makes it: JSON, no headers of one's own, and what it gets back."""
    async with httpx.AsyncClient(timeout=60) as web:
        answer = await web.post(url, json=body)
    try:
        data: Any = answer.json()
    except ValueError:
        data = answer.text
    return {
        "status": answer.status_code,
        "statusText": answer.reason_phrase,
        "headers": dict(answer.headers),
        "data": data,
    }


def _decoded(row: Any) -> HostTool:
    assert isinstance(row, dict), row
    tool = HostTool(**row)  # a field too few fails here, and one too many
    for text in (tool.name, tool.description, tool.risk_level):
        assert isinstance(text, str)
    for flag in (tool.is_destructive, tool.requires_approval):
        assert isinstance(flag, bool)
    assert tool.risk_level in RISKS and isinstance(tool.required_permissions, list)
    assert isinstance(tool.input_schema, dict)
    return tool
