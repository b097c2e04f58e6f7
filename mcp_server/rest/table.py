"""What an operation of the REST API is: a row that says all of it, how it is called, what it takes and answers.

Requests are checked against the row before its handler sees them, and the same row is written into OpenAPI, so what is
documented is what happens.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from mcp_server.app import App
from workflow.details import Caller

BASIC = "text/x-basic"
ZIP = "application/zip"
JSON = "application/json"
STREAM = "text/event-stream"
ANYBODY = "any"  # as a scope: whoever is known


class Shape(BaseModel):
    """What is taken: nothing but what is said."""

    model_config = ConfigDict(extra="forbid")


class Told(BaseModel):
    """What is answered; later releases may say more."""

    model_config = ConfigDict(extra="allow")


@dataclass(frozen=True, slots=True)
class Call:
    """One request that fits its operation."""

    app: App
    caller: Caller
    request: Request
    path: Mapping[str, Any]
    query: Any  # the operation's `query`, filled
    body: Any  # the operation's `body`, filled; bytes for a body that is not JSON
    key: str | None  # the Idempotency-Key
    match: str | None  # the entity tag of If-Match, without its quotes; "*" for any

    def id(self, name: str) -> UUID:
        return self.path[name]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers; `body` is JSON unless `media` says otherwise."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    etag: str = ""
    media: str = JSON
    stream: AsyncIterator[bytes] | None = None


Handler: TypeAlias = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Link:
    """Where to go on from an answer: another operation, and which of its parameters the answer holds."""

    operation: str
    parameters: Mapping[str, str]  # name -> runtime expression
    body: Any = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the API."""

    method: str
    path: str
    name: str
    summary: str
    handler: Handler
    scope: str  # "": open to everybody; ANYBODY: to whoever is known
    tag: str
    about: str = ""
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    takes: Sequence[str] = (JSON,)  # media types of the body
    body_required: bool = True
    answers: type[BaseModel] | None = None  # None: nothing
    status: int = 200
    also: Mapping[int, type[BaseModel] | None] = field(default_factory=dict[int, type[BaseModel] | None])
    gives: Sequence[str] = (JSON,)  # media types of the answer
    once: bool = False  # takes an Idempotency-Key
    match: str = ""  # "required" or "optional": takes an If-Match
    etag: bool = False  # the answer has an ETag
    location: bool = False  # the answer has a Location
    conflicts: bool = False  # may be answered with 409
    programs: bool = False  # may be answered with 422 though the schema is kept: it takes BASIC, or names things
    links: Mapping[str, Link] = field(default_factory=dict[str, Link])
    example: Any = None  # of the body
    unlimited: bool = True  # whether a caller limited to bots may ask it at all

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(self.path.strip("/").split("/"))

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters of its path."""
        return tuple(part[1:-1] for part in self.segments if part.startswith("{"))


@dataclass(frozen=True, slots=True)
class PathName:
    """A parameter of paths: what it means, its schema, and how its text is read."""

    about: str
    schema: Mapping[str, Any]
    read: Callable[[str], Any]


def _uuid(text: str) -> UUID:
    if len(text) != 36:
        raise ValueError
    return UUID(text)


def _name(most: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not 1 <= len(text) <= most or not text.isprintable() or not text.strip():
            raise ValueError
        return text

    return read


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or len(text) > 10 or not low <= int(text) <= high:
            raise ValueError
        return int(text)

    return read


_ID: Mapping[str, Any] = {"type": "string", "format": "uuid"}
_WORDS: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": 200}
MOST_CALL = 2_147_483_647

PATHS: Mapping[str, PathName] = {
    "execution": PathName("An execution, as its start answered it.", _ID, _uuid),
    "approval": PathName("An approval.", _ID, _uuid),
    "event": PathName("An event.", _ID, _uuid),
    "subscription": PathName("A subscription.", _ID, _uuid),
    "workflow": PathName("A workflow: its id, or its name.", _WORDS, _name(200)),
    "call": PathName(
        "The number of a call, as the journal counts them.",
        {"type": "integer", "minimum": 0, "maximum": MOST_CALL},
        _number(0, MOST_CALL),
    ),
    "version": PathName(
        "The number of a version.", {"type": "integer", "minimum": 1, "maximum": MOST_CALL}, _number(1, MOST_CALL)
    ),
    "signal": PathName("The name of a signal.", _WORDS, _name(200)),
    "bot": PathName("A bot: a package, or `package/dialog` with %2F.", {**_WORDS, "maxLength": 300}, _name(300)),
    "key": PathName("The key of a memory.", {**_WORDS, "maxLength": 512}, _name(512)),
    "model": PathName("A language model by its name, with %2F for /.", _WORDS, _name(200)),
    "package": PathName("A package, without .gbai.", {**_WORDS, "maxLength": 100}, _name(100)),
    "schedule": PathName("A schedule by its name.", _WORDS, _name(200)),
    "api_key": PathName("An API key by its id.", {**_WORDS, "maxLength": 64}, _name(64)),
}
