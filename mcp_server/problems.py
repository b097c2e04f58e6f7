"""What went wrong, as `application/problem+json` (RFC 9457): for REST, and for every door that turns somebody away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import JSONResponse

from keywords.mistakes import ProgramError
from mcp_server.programs import told
from workflow.programs import Rejected

TYPES = "/api/docs#problem-"  # which says what each means
TITLES: Mapping[str, tuple[int, str]] = {
    "malformed": (400, "The request cannot be read"),
    "invalid": (422, "A value does not fit"),
    "program": (422, "The program cannot run"),
    "unidentified": (401, "Nobody is known to be asking"),
    "forbidden": (403, "Not allowed"),
    "unknown": (404, "There is no such thing"),
    "method": (405, "Not this way"),
    "not-acceptable": (406, "No such form"),
    "conflict": (409, "It stands otherwise"),
    "changed": (412, "Somebody was quicker"),
    "too-large": (413, "Too much"),
    "media-type": (415, "No such kind of content"),
    "precondition": (428, "Say what you know"),
    "limit": (429, "Too much at once"),
    "fault": (500, "A fault of botmcp"),
    "unavailable": (503, "Not now"),
}


class Problem(Exception):
    """An answer that is a problem."""

    def __init__(
        self,
        kind: str,
        detail: str,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.errors = kind, detail, errors
        self.headers, self.more = dict(headers or {}), dict(more or {})

    @property
    def status(self) -> int:
        return TITLES[self.kind][0]

    def answer(self, instance: str) -> JSONResponse:
        """The response; `instance` names this occurrence."""
        status, title = TITLES[self.kind]
        body: dict[str, Any] = {"type": TYPES + self.kind, "title": title, "status": status, "detail": self.detail}
        body["instance"] = instance
        if self.errors:
            body["errors"] = [dict(error) for error in self.errors]
        body |= self.more
        return JSONResponse(body, status, self.headers, media_type="application/problem+json")


_KINDS = {
    **{kind: kind for kind in ("unknown", "conflict", "limit", "unidentified", "unavailable")},
    "syntax": "program",
    "forbidden": "forbidden",
    "refused": "conflict",
}


def of_error(error: ProgramError) -> Problem:
    """The problem that a ProgramError is."""
    if isinstance(error, Rejected):
        rows = [{k: v for k, v in told(d).items() if v not in (None, "")} for d in error.diagnostics]
        return Problem("program", str(error), rows)
    kind = _KINDS.get(error.kind, "invalid")
    if kind == "forbidden" and "scope" in str(error):
        return Problem(kind, str(error), headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'})
    headers = {"Retry-After": "2"} if kind in ("limit", "unavailable") else {}
    return Problem(kind, str(error), headers=headers)
