"""The pieces of documents as entries of a search index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from hostbridge.knowledge.naming import named
from storage.pool import Pool
from storage.search.entry import Entry
from storage.search.fusion import Weights
from storage.search.source import Changes, Rows, Written
from storage.sql import queries
from storage.vectors.store import Owner

SQL = queries("hostbridge.knowledge")

# A document is no chat: nobody speaks, nobody asks, and a longer piece tells no more.
WEIGHTS = Weights(length=0, author=0, answer=0, question=0, date=0)


class KnowledgeSource:
    """Fulfils `storage.search.source.Source`. A document is a conversation: its pieces are neighbours."""

    name = "knowledge"

    def __init__(self, pool: Pool) -> None:
        self._rows = Rows(pool)

    async def changes(self, owner: Owner, since: str | None) -> Changes:
        given = {"tenant": owner.tenant, "owner": owner.id, "since": since}
        upto, rows = await self._rows.read(SQL["everything" if since is None else "changed"], given)
        gone = [mark for _, mark, *_ in rows if mark is not None]
        written = [
            Written(entry(collection, path, number, heading, content), version)
            for collection, mark, path, number, version, heading, content in rows
            if mark is None
        ]
        return Changes(written, gone, upto)

    async def owners(self, since: str | None) -> tuple[Sequence[Owner], str]:
        upto, rows = await self._rows.read(SQL["owners" if since is None else "owners_changed"], {"since": since})
        return [Owner(*row) for row in rows], upto


def entry(collection: str, path: str, number: int, heading: str, content: str) -> Entry:
    """A piece, found by its words, its headings and the name of its document."""
    about = f"{heading} {PurePosixPath(path).stem}"
    return Entry(named(collection, path, number), content, about, "", f"{collection}/{path}", number)
