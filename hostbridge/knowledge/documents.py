"""Keeps the pieces in Postgres in step with the files: read once, read again when changed, gone when gone.

Each document is written in one transaction, so a process that dies leaves whole documents and nothing twice; whoever
comes next goes on with the rest. Two processes at the same document: the second finds the same bytes and leaves it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from psycopg import AsyncConnection

from hostbridge.knowledge.cutting import Piece, pieces
from hostbridge.knowledge.folders import File, Shelves, looked_through
from hostbridge.knowledge.naming import from_web
from hostbridge.knowledge.reading import FORMAT, LARGEST, Unreadable, pages
from storage.pool import Pool
from storage.sql import queries
from storage.vectors.store import Owner

SQL = queries("hostbridge.knowledge")
Name: TypeAlias = tuple[str, str]  # collection and path
Progress: TypeAlias = Callable[[int, int, str], object]  # documents done, all that are to be read, the one just done


class Documents:
    """The documents of packages."""

    def __init__(self, pool: Pool, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._pool, self._clock = pool, clock
        self._one: dict[Owner, asyncio.Lock] = {}

    async def brought_up(
        self,
        owner: Owner,
        package: Path,
        progress: Progress | None = None,
        seen: Callable[[Shelves], object] | None = None,
    ) -> Shelves:
        """Reads what is new or changed, forgets what is gone; what lies there, told to `seen` before it is read."""
        async with self._one.setdefault(owner, asyncio.Lock()):
            shelves = await asyncio.to_thread(looked_through, package)
            if seen:
                seen(shelves)
            known = await self.known(owner)
            await self.forget(owner, [name for name in known if name not in shelves.files and not from_web(name[0])])
            waiting = [name for name, file in shelves.files.items() if _differs(file, known.get(name))]
            for done, name in enumerate(waiting, 1):
                await self._read(owner, name, shelves.files[name], known.get(name))
                if progress:
                    progress(done, len(waiting), f"{name[0]}/{name[1]}")
            return shelves

    async def known(self, owner: Owner) -> Mapping[Name, tuple[str, int, int]]:
        """The documents that were read: digest, size and time of change."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(SQL["documents"], _whose(owner))
            return {(row[0], row[1]): (row[2], row[3], row[4]) for row in await cursor.fetchall()}

    async def forget(self, owner: Owner, names: list[Name]) -> None:
        """Takes documents out, with all their pieces."""
        if names:
            given = {"collection": [name[0] for name in names], "path": [name[1] for name in names]}
            async with self._pool.connection() as connection:
                await connection.execute(SQL["documents_gone"], {**_whose(owner), **given})

    async def _read(self, owner: Owner, name: Name, file: File, known: tuple[str, int, int] | None) -> None:
        document = {**_whose(owner), "collection": name[0], "path": name[1], "modified": file.modified_ns}
        try:
            content = await asyncio.to_thread(_content, file.path)
        except FileNotFoundError:
            return  # gone between the look and now: the next look forgets it
        except OSError as error:
            digest, found, fault = (
                f"{FORMAT}:unread:{file.modified_ns}",
                _NOTHING,
                f"It cannot be read: {error.strerror}.",
            )
            size = file.size
        else:
            digest, size = f"{FORMAT}:{hashlib.sha256(content).hexdigest()}", len(content)
            if known and known[0] == digest:
                async with self._pool.connection() as connection:
                    await connection.execute(SQL["document_touched"], {**document, "size": file.size})
                return
            found, fault = await asyncio.to_thread(understood, name[1], content)
        await self.write(owner, name, digest, size, file.modified_ns, (*found, fault))

    async def write(
        self,
        owner: Owner,
        name: Name,
        digest: str,
        size: int,
        modified_ns: int,
        understood: tuple[int, Sequence[Piece], str | None],
    ) -> None:
        """Puts a document in place of the one with its name, whole; nothing changes when it is the same."""
        document = {**_whose(owner), "collection": name[0], "path": name[1], "modified": modified_ns}
        count, found, fault = understood
        row = {"digest": digest, "size": size, "pages": count, "pieces": len(found), "fault": fault}
        async with self._pool.connection() as connection, connection.transaction():
            cursor = await connection.execute(SQL["document_read"], {**document, **row, "now": self._clock()})
            if await cursor.fetchone():
                await _put(connection, document, digest, found)


async def _put(connection: AsyncConnection, document: Mapping[str, Any], digest: str, found: Sequence[Piece]) -> None:
    await connection.execute(SQL["pieces_cut"], document)
    columns = {
        "version": int(hashlib.sha256(digest.encode()).hexdigest()[:15], 16),
        "number": [piece.number for piece in found],
        "pages": [piece.page for piece in found],
        "heading": [piece.heading for piece in found],
        "content": [piece.text for piece in found],
    }
    await connection.execute(SQL["pieces_put"], {**document, **columns})


_NOTHING: tuple[int, list[Piece]] = (0, [])


def understood(path: str, content: bytes) -> tuple[tuple[int, list[Piece]], str | None]:
    """How many pages there are, and the pieces of them; or why there are none."""
    try:
        read = pages(path, content)
        return (len(read), pieces(read)), None
    except Unreadable as error:
        return _NOTHING, str(error)


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _differs(file: File, known: tuple[str, int, int] | None) -> bool:
    if known is None or not known[0].startswith(f"{FORMAT}:"):
        return True
    return known[1:] != (file.size, file.modified_ns)


def _whose(owner: Owner) -> dict[str, Any]:
    return {"tenant": owner.tenant, "owner": owner.id}
