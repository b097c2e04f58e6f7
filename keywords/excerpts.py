"""What a keyword may ask of the knowledge bases of its package, and what it is told; `hostbridge` fulfils it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of a document that answers a question."""

    content: str
    source: str  # the document, below its collection
    collection: str
    heading: str
    page: int  # 0 where the document has none
    relevance: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Found:
    """What documents say on a question, the best first, and the collections that were asked."""

    excerpts: Sequence[Excerpt]
    used: Sequence[str]


class Asking(Protocol):
    """Who asks: `keywords.host.Identity` is one."""

    @property
    def tenant(self) -> UUID: ...
    @property
    def execution(self) -> UUID: ...
    @property
    def origin(self) -> str: ...


class Knowledge(Protocol):
    """Documents of packages, read and found."""

    async def collections(self, asking: Asking, name: str) -> Sequence[str]:
        """The collections that this name uses, their documents read; none when there is none of that name."""
        ...

    async def listed(self, asking: Asking) -> Sequence[str]:
        """The names of all collections of the package."""
        ...

    async def found(self, asking: Asking, question: str, limit: int) -> Found:
        """What the collections that the conversation uses say on a question."""
        ...

    async def website(self, asking: Asking, url: str, every: int) -> str:
        """The collection of a web site's pages, read unless that was done within `every` seconds.

        Raises WrongValue when nothing of the site is known and it cannot be read.
        """
        ...

    async def in_use(self, asking: Asking) -> Sequence[str]:
        """The collections that the conversation uses: those it asked for, or all where it never said."""
        ...

    async def figures(self, asking: Asking, now: datetime) -> Sequence[Mapping[str, Any]]:
        """By collection: documents, pieces, pages, bytes, faults, last_week, last_month, read_at."""
        ...

    async def added_since(self, asking: Asking, days: float, now: datetime) -> int:
        """How many documents came in the last days."""
        ...
