"""The knowledge bases of packages, as programs and model agents ask them; fulfils `keywords.excerpts.Knowledge`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from psycopg.rows import dict_row

from hostbridge.knowledge.documents import Documents, Progress
from hostbridge.knowledge.folders import Shelves
from hostbridge.knowledge.naming import from_web, place
from hostbridge.knowledge.websites import NotRead, Websites, collection
from hostbridge.packages import Packages
from keywords.excerpts import Asking, Excerpt, Found
from keywords.host import bot_id
from keywords.mistakes import WrongValue
from storage.pool import Pool
from storage.sql import queries
from storage.vectors.store import Owner

if TYPE_CHECKING:
    from storage.outgoing import Outgoing
    from storage.search.entry import Hit
    from storage.search.shelf import Shelf

SQL = queries("hostbridge.knowledge")
log = structlog.get_logger()

LOOK_SECONDS = 5.0  # after which files that were overwritten in place are looked for
PATIENCE = 5.0  # seconds that an answer waits for documents that have just come
READING = 120.0  # seconds that USE KB waits for a collection to be read; the rest is read meanwhile
FEW = 32  # folders that are looked at faster than a thread is asked to
ENOUGH = 6.0  # a sum of rarities at which words alone make a piece half relevant
FAMILIAR = 0.35  # a cosine from which a piece is about what was asked


@dataclass(slots=True)
class _Looked:
    """A package's documents at the last look."""

    shelves: Shelves
    at: float


class KnowledgeBases:
    """Reads documents when they are first asked for, and answers from what lies there at that moment."""

    def __init__(
        self,
        pool: Pool,
        packages: Packages,
        shelf: Callable[[], Awaitable[Shelf]],
        door: Callable[[], Outgoing],
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._pool, self._packages, self._clock, self._now = pool, packages, clock, now
        self._patience = patience
        self._shelf = shelf
        self._documents = Documents(pool, now)
        self._websites = Websites(pool, self._documents, door)
        self._refreshing: dict[Owner, asyncio.Task[None]] = {}
        self._looked: dict[Owner, _Looked] = {}
        self._reading: dict[Owner, asyncio.Task[Shelves]] = {}

    # -- what the language asks ----------------------------------------------------------------------------------------

    async def collections(self, asking: Asking, name: str) -> Sequence[str]:
        shelves = await self._read(asking, READING)
        return sorted(shelves.collections(name))

    async def listed(self, asking: Asking) -> Sequence[str]:
        shelves = await self._at_hand(asking)
        return shelves.names

    async def in_use(self, asking: Asking) -> Sequence[str]:
        return _used(await self._at_hand(asking), await self._said(asking))

    async def website(self, asking: Asking, url: str, every: int) -> str:
        try:
            await self._websites.read(self._owner(asking), url, every, self._now())
        except NotRead as error:
            raise WrongValue(str(error)) from None
        return collection(url)

    async def found(self, asking: Asking, question: str, limit: int) -> Found:
        owner = self._owner(asking)
        shelves, shelf = await self._at_hand(asking), await self._shelf()
        said = asyncio.create_task(self._said(asking))  # while the index is brought up to date
        looked_again = False
        while True:
            ranked = await shelf.search(owner, question, limit, self._keeping(shelves, said))
            used = _used(shelves, await said)
            telling = [one for one in ranked if one.hit.words > 0 or one.hit.meaning >= FAMILIAR]
            found = await self._joined(owner, telling) if telling else []
            lying = [row for row in found if _as_read(shelves, row)]
            if len(lying) == len(found) or looked_again:
                return Found([_excerpt(row, telling[row["place"] - 1].hit) for row in lying], used)
            shelves, looked_again = await self._read(asking, self._patience), True  # one was overwritten, or is gone

    async def _keeping(self, shelves: Shelves, said: Awaitable[set[str] | None]) -> Callable[[str], bool]:
        used = set(_used(shelves, await said))
        return lambda name: place(name)[0] in used

    async def figures(self, asking: Asking, now: datetime) -> Sequence[Mapping[str, Any]]:
        await self._at_hand(asking)
        return await self._rows("figures", asking, now=now)

    async def added_since(self, asking: Asking, days: float, now: datetime) -> int:
        await self._at_hand(asking)
        [row] = await self._rows("added_since", asking, now=now, days=days)
        return int(row["count"])

    # -- what people ask -----------------------------------------------------------------------------------------------

    async def indexed(
        self, tenant: UUID, package: str, progress: Progress | None = None
    ) -> Sequence[Mapping[str, Any]]:
        """Reads all documents of a package; what could not be read, and why."""
        owner = Owner(tenant, bot_id(tenant, package))
        folder = await asyncio.to_thread(self._folder, package)
        if folder is not None:
            await self._documents.brought_up(owner, folder, progress)
        return await self._of(owner, "faults")

    async def refreshed(self, tenant: UUID, package: str) -> None:
        """Reads the web sites again that are due."""
        await self._websites.refresh(Owner(tenant, bot_id(tenant, package)), self._now())

    async def overview(self, tenant: UUID, package: str, now: datetime) -> Sequence[Mapping[str, Any]]:
        """The figures of a package's collections, as they were read last."""
        return await self._of(Owner(tenant, bot_id(tenant, package)), "figures", now=now)

    async def close(self) -> None:
        """Stops reading; the next one who asks goes on with it."""
        running = [task for task in (*self._reading.values(), *self._refreshing.values()) if not task.done()]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    # -- keeping up with the files -------------------------------------------------------------------------------------

    async def _at_hand(self, asking: Asking) -> Shelves:
        """The package's documents; read again when something in its folders has changed."""
        owner = self._owner(asking)
        last = self._looked.get(owner)
        if last is None or not await self._unchanged(last.shelves):
            return await self._read(asking, self._patience)
        if self._clock() - last.at > LOOK_SECONDS:
            self._start(owner, asking)
            if owner not in self._refreshing or self._refreshing[owner].done():
                task = self._refreshing[owner] = asyncio.create_task(self.refreshed(asking.tenant, asking.origin))
                task.add_done_callback(_told)
        return last.shelves

    async def _unchanged(self, shelves: Shelves) -> bool:
        if len(shelves.folders) <= FEW:
            return shelves.unchanged()
        return await asyncio.to_thread(shelves.unchanged)

    async def _read(self, asking: Asking, patience: float) -> Shelves:
        """Reads what has changed, at most so long; what is not read by then is read meanwhile."""
        owner = self._owner(asking)
        running = self._reading.get(owner)
        if running and not running.done():
            await asyncio.wait([running], timeout=patience)  # it may have looked before the change: look once more
        task = self._start(owner, asking)
        done, _ = await asyncio.wait([task], timeout=patience)
        if done:
            return task.result()
        last = self._looked.get(owner)
        return last.shelves if last else Shelves()

    def _start(self, owner: Owner, asking: Asking) -> asyncio.Task[Shelves]:
        running = self._reading.get(owner)
        if running and not running.done():
            return running
        task = self._reading[owner] = asyncio.create_task(self._bring_up(owner, asking.origin))
        task.add_done_callback(_told)
        return task

    async def _bring_up(self, owner: Owner, origin: str) -> Shelves:
        def seen(shelves: Shelves) -> None:
            self._looked[owner] = _Looked(shelves, self._clock())

        folder = await asyncio.to_thread(self._folder, origin)
        if folder is None:
            seen(Shelves())
            return Shelves()
        return await self._documents.brought_up(owner, folder, seen=seen)

    def _folder(self, package: str) -> Path | None:
        found = self._packages.find(package) if package else None
        return found.folder if found else None

    # -- rows ----------------------------------------------------------------------------------------------------------

    def _owner(self, asking: Asking) -> Owner:
        return Owner(asking.tenant, bot_id(asking.tenant, asking.origin))

    async def _said(self, asking: Asking) -> set[str] | None:
        """What the conversation asked to use; None: it never said."""
        rows = await self._rows("in_use", asking, execution=asking.execution)
        return {row["collection"] for row in rows} - {""} if rows else None

    async def _joined(self, owner: Owner, ranked: Sequence[Any]) -> list[dict[str, Any]]:
        places = [place(one.id) for one in ranked]
        return await self._of(
            owner,
            "found",
            collection=[each[0] for each in places],
            path=[each[1] for each in places],
            number=[each[2] for each in places],
            version=[one.version for one in ranked],
        )

    async def _rows(self, statement: str, asking: Asking, **given: Any) -> list[dict[str, Any]]:
        return await self._of(self._owner(asking), statement, **given)

    async def _of(self, owner: Owner, statement: str, **given: Any) -> list[dict[str, Any]]:
        async with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=dict_row)
            await cursor.execute(SQL[statement], {"tenant": owner.tenant, "owner": owner.id, **given})
            return await cursor.fetchall()


def _used(shelves: Shelves, said: set[str] | None) -> list[str]:
    """The collections that a conversation uses; one that never said uses all of the package."""
    if said is None:
        return shelves.names
    whole = {name for each in said for name in shelves.collections(each)}
    return [*(name for name in shelves.names if name in whole), *sorted(filter(from_web, said))]


def _told(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.warning("knowledge.not_read", error=str(error).strip()[:300])


def _as_read(shelves: Shelves, row: Mapping[str, Any]) -> bool:
    """Whether the document still lies there as it was read; a page of a web site counts until it is read again."""
    if from_web(row["collection"]):
        return True
    file = shelves.files.get((row["collection"], row["path"]))
    if file is None:
        return False
    try:
        about = file.path.stat()
    except OSError:
        return False
    return (about.st_size, about.st_mtime_ns) == (row["size"], row["modified_ns"])


def _excerpt(row: Mapping[str, Any], hit: Hit) -> Excerpt:
    words = hit.words / (hit.words + ENOUGH)
    relevance = round(1 - (1 - words) * (1 - max(0.0, min(1.0, hit.meaning))), 3)
    return Excerpt(row["content"], row["path"], row["collection"], row["heading"], row["page"], relevance)
