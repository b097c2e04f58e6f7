"""A workflow that people draw, as it stands; and its named points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from designer.document import Document
from keywords.lines import physical_lines


@dataclass(frozen=True, slots=True)
class Draft:
    """`origin` is the package whose bots it speaks to, `published` the number of the version that runs."""

    id: UUID
    name: str
    origin: str
    came_from: str
    seq: int
    published: int | None
    created_by: str
    created_at: datetime
    changed_by: str
    changed_at: datetime
    document: Document

    @property
    def etag(self) -> str:
        return self.document.etag

    @property
    def source(self) -> str:
        return self.document.text

    @classmethod
    def of(cls, row: Mapping[str, Any], document: Document | None = None) -> Draft:
        """The draft of a row, and of its document where that is known."""
        if document is None:
            document = Document(tuple(physical_lines(row["source"])), tuple(row["lines"]), row["next_line"])
        same = ("id", "name", "origin", "came_from", "seq", "published")
        who = ("created_by", "created_at", "changed_by", "changed_at")
        return cls(**{name: row[name] for name in (*same, *who)}, document=document)


@dataclass(frozen=True, slots=True)
class Summary:
    """A line of the list of workflows."""

    id: UUID
    name: str
    origin: str
    came_from: str
    etag: str
    seq: int
    published: int | None
    size: int  # lines
    created_by: str
    created_at: datetime
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """A named point of a draft; `source` is empty in lists."""

    number: int
    name: str
    etag: str
    by: str
    at: datetime
    published_at: datetime | None
    source: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Version:
        names = ("number", "name", "etag", "by", "at", "published_at", "source")
        return cls(**{name: row[name] for name in names})


def array(numbers: Sequence[int]) -> str:
    """Numbers as Postgres reads an array of them; the driver would look at each by itself."""
    return f"{{{','.join(map(str, numbers))}}}"
