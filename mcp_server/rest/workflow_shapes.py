"""What the workflow operations take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from mcp_server.programs import LONGEST_SOURCE
from mcp_server.rest.paging import Limit, Listed, PlaceText
from mcp_server.rest.table import Shape, Told

Source = Annotated[str, Field(max_length=LONGEST_SOURCE, description="The BASIC text.")]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Summary(Told):
    id: UUID
    name: str
    package: str | None = Field(default=None, description="Whose bots it speaks to.")
    etag: str
    published: int | None = Field(default=None, description="The version that runs under its name.")
    lines: int
    created_by: str
    created_at: datetime
    changed_by: str
    changed_at: datetime


class Workflow(Summary):
    source: str


class Workflows(Listed):
    items: list[Summary]


class Diagnostic(Told):
    line: int
    column: int
    severity: Literal["error", "warning"]
    message: str
    fix: str | None = None
    node: int | None = Field(default=None, description="The card it is about, as the tree numbers them.")


class Validation(Told):
    valid: bool
    diagnostics: list[Diagnostic]


class Card(Told):
    id: int
    kind: str
    line: int = Field(description="Counted from 1; its comments stand above.")
    last: int
    text: str
    ways: list[dict[str, Any]] = Field(description="Its branches: id, line, cards.")


class Tree(Told):
    etag: str
    cards: list[Card]
    diagnostics: list[Diagnostic]


class Version(Told):
    number: int
    name: str
    etag: str
    by: str
    at: datetime
    published_at: datetime | None = None


class VersionWhole(Version):
    source: str


class Versions(Told):
    items: list[Version]


class Diff(Told):
    diff: str = Field(description="Unified.")


class Edited(Told):
    etag: str
    label: str
    rebased: bool = Field(description="Whether somebody had changed other lines since, so it was made on those.")
    focus: int = Field(description="The line, by its lasting number, to look at now; 0: none.")
    splice: list[Any] = Field(description="Lines that went and came, each with its lasting number.")
    diagnostics: list[Diagnostic]


class Item(Told):
    id: str
    name: str
    hint: str
    text: str


class Palette(Told):
    items: list[Item]


class Template(Told):
    name: str
    package: str
    title: str
    source: str


class Templates(Told):
    items: list[Template]


class Wanted(Shape):
    q: Annotated[str, Field(max_length=200, description="Only names with these words.")] = ""
    limit: Limit = 50
    cursor: PlaceText | None = None


class Between(Shape):
    from_: Annotated[int, Field(alias="from", ge=0, le=2_147_483_647, description="A version; 0: the draft.")] = 0
    to: Annotated[int, Field(ge=0, le=2_147_483_647, description="A version; 0: the draft.")] = 0


class New(Shape):
    name: Name
    source: Source | None = None
    package: Annotated[str | None, Field(min_length=1, max_length=100, description="Whose bots it speaks to.")] = None


class Put(Shape):
    name: Name | None = None
    source: Source


class Patch(Shape):
    name: Name | None = None
    source: Source | None = None


class Text(Shape):
    source: Source
    package: Annotated[str | None, Field(min_length=1, max_length=100, description="Whose bots it speaks to.")] = None


class Point(Shape):
    name: Annotated[str, Field(max_length=200, description="What this version is called.")] = ""


class Gap(Shape):
    after: Annotated[int | None, Field(description="Behind this card.")] = None
    first: Annotated[int | None, Field(description="At the beginning of this way; 0: of the workflow.")] = None


class Gesture(Shape):
    """One gesture of the designer; which fields it needs depends on `op`."""

    op: Literal["insert", "move", "duplicate", "delete", "wrap", "unwrap", "branch", "unbranch", "set", "code"]
    text: Annotated[str | None, Field(max_length=200_000)] = None
    item: Annotated[str | None, Field(max_length=200, description="Of the palette.")] = None
    at: Gap | None = None
    node: int | None = None
    way: int | None = None
    kind: Annotated[str | None, Field(max_length=20)] = None
    field: Annotated[str | None, Field(max_length=200)] = None
    value: Annotated[str | None, Field(max_length=100_000)] = None
    plain: bool | None = None
    first: int | None = None
    last: int | None = None
    after: int | None = None
    in_: Annotated[str | None, Field(alias="in", max_length=20)] = None
