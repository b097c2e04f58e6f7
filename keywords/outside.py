"""What a program reaches outside the engine: the bot's own tables, and the web."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from keywords.host import Identity, Moment, Value


class Tables(Protocol):
    """Rows of the bot's own tables; `hostbridge` fulfils it. Names are compared without regard to case.

    What changes rows is told the moment of the call that asks: asked again with the same one after a crash, it happens
    once. Raises WrongValue for what a column does not take, LimitReached for more than a program can hold.
    """

    async def found(
        self, identity: Identity, table: str, condition: Sequence[Value] | None, most: int | None = None
    ) -> Value: ...

    async def columns(self, identity: Identity, table: str) -> Sequence[str]: ...

    async def added(
        self, moment: Moment, table: str, rows: Sequence[Mapping[str, Value]], *, replace: bool
    ) -> Value: ...

    async def changed(
        self, moment: Moment, table: str, condition: Sequence[Value], values: Mapping[str, Value]
    ) -> Value: ...

    async def removed(self, moment: Moment, table: str, condition: Sequence[Value] | None) -> Value: ...

    async def merged(self, moment: Moment, table: str, rows: Sequence[Mapping[str, Value]], key: str) -> Value: ...

    async def queried(self, identity: Identity, query: str, lists: Mapping[str, Value]) -> Value:
        """The rows that an SQL SELECT over the bot's tables finds; `lists` are tables of the program itself."""
        ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address of the web answered, whatever its status."""

    status: int
    reason: str
    headers: Mapping[str, str]
    text: str
    url: str  # the last one, behind all redirects


class Web(Protocol):
    """Requests to the web, as a program makes them; `hostbridge` fulfils it.

    They carry the headers that the run has set, and the id of the call as `Idempotency-Key`. Raises ProgramError for an
    address that is not open to programs or an answer that is too large, Transient when nobody answers.
    """

    async def fetched(
        self,
        moment: Moment,
        method: str,
        url: str,
        body: str | None = None,
        kind: str = "application/json",
        *,
        headers: Mapping[str, str] | None = None,
        only: tuple[str, ...] | None = None,
    ) -> Fetched:
        """What the address answers, redirects followed. `only` names the hosts that may be reached, also by redirects;
        the headers that the run has set are then left out."""
        ...

    async def page(self, moment: Moment, url: str) -> str:
        """The text behind an address; raises ProgramError when the other side answers with an error."""
        ...

    async def soap(self, moment: Moment, url: str, operation: str, arguments: Mapping[str, Value]) -> Value:
        """What stands in the body of a SOAP 1.1 answer, as an object."""
        ...

    async def feed(self, moment: Moment, url: str, count: int) -> Value:
        """The entries of an RSS or Atom feed, each {title, link, summary, published}."""
        ...

    async def picked(self, moment: Moment, url: str, what: str, selector: str) -> Value:
        """Of a page: `first` or `all` texts of what a CSS selector names, or its `rows`, `links`, `images`."""
        ...


class Code(Protocol):
    """Code of other languages; `hostbridge` fulfils it."""

    async def run(self, language: str, source: str) -> str:
        """What it prints; raises Refused where the owner does not allow it, and a ProgramError where it fails."""
        ...


class Files(Protocol):
    """The bot's own files; `hostbridge` fulfils it. A path is always one inside the bot's folder.

    Raises UnknownName for a file that is not there, Refused for a path that leads out, WrongValue for content that is
    not what it should be, LimitReached for more than is taken.
    """

    async def read(self, identity: Identity, path: str, kind: str) -> Value:
        """A file as text, or as rows (`TABLE`) or lines (`LINES`)."""
        ...

    async def write(self, identity: Identity, path: str, content: Value, kind: str) -> str: ...

    async def copy(self, identity: Identity, source: str, target: str) -> str: ...

    async def move(self, identity: Identity, source: str, target: str, *, again: bool) -> str: ...

    async def remove(self, identity: Identity, path: str, *, again: bool) -> bool: ...

    async def names(self, identity: Identity, folder: str, pattern: str, *, recursive: bool) -> Value: ...

    async def details(self, identity: Identity, folder: str) -> Value: ...

    async def download(self, moment: Moment, url: str, path: str) -> str: ...

    async def pack(self, identity: Identity, files: Sequence[str], archive: str) -> str: ...

    async def unpack(self, identity: Identity, archive: str, folder: str) -> Value: ...

    async def pdf(self, identity: Identity, template: str, data: Value, path: str) -> str: ...

    async def merge_pdf(self, identity: Identity, files: Sequence[str], path: str) -> str: ...

    async def qr(self, identity: Identity, words: str, size: int, path: str) -> str: ...
