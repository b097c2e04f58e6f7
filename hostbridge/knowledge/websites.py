"""Web sites as knowledge: the pages behind an address, read like documents and again now and then.

From the address on, pages of the same host are followed two links deep, at most fifty of them, where the site's
robots.txt lets us. Every request goes through the guarded door, so a program reaches nothing inside.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from hostbridge.knowledge.documents import SQL, Documents, understood
from hostbridge.knowledge.reading import FORMAT
from keywords.library.kb import WEBSITE
from storage.pool import Pool
from storage.vectors.store import Owner

if TYPE_CHECKING:
    from storage.outgoing import Answer, Outgoing

MOST_PAGES = 50
DEPTH = 2
LARGEST = 4 * 1024 * 1024
SECONDS = 15.0  # for one page
ALL_SECONDS = 90.0
AGENT = "botmcp"
KINDS = {"text/html": ".html", "application/xhtml+xml": ".html", "text/plain": ".txt", "application/pdf": ".pdf"}


class NotRead(Exception):
    """Nothing of the site could be read; says why."""


@dataclass(frozen=True, slots=True)
class _Page:
    path: str
    suffix: str
    content: bytes


def collection(url: str) -> str:
    """The collection of a site's pages."""
    return WEBSITE + urlsplit(url).netloc.rpartition("@")[2].lower()


class Websites:
    """Reads sites into the documents of their owners."""

    def __init__(self, pool: Pool, documents: Documents, door: Callable[[], Outgoing]) -> None:
        self._pool, self._documents, self._door = pool, documents, door

    async def read(self, owner: Owner, url: str, every: int, now: datetime) -> None:
        """Reads the site, if it was not read within `every` seconds; raises NotRead where nothing of it is known."""
        whose = {"tenant": owner.tenant, "owner": owner.id, "url": url}
        async with self._pool.connection() as connection:
            last = await (await connection.execute(SQL["website"], whose)).fetchone()
        if last and last[1] is None and (now - last[0]).total_seconds() < every:
            return
        fault = await self._read(owner, url)
        row = {**whose, "collection": collection(url), "every": every, "now": now, "fault": fault}
        async with self._pool.connection() as connection:
            await connection.execute(SQL["website_read"], row)
        if fault and not (last and last[1] is None):
            raise NotRead(fault)

    async def refresh(self, owner: Owner, now: datetime) -> None:
        """Reads again what is due; a site that does not answer keeps the pages it had."""
        whose = {"tenant": owner.tenant, "owner": owner.id}
        async with self._pool.connection() as connection:
            due = await (await connection.execute(SQL["websites_due"], {**whose, "now": now})).fetchall()
        for url, every in due:
            if fault := await self._read(owner, url):
                row = {**whose, "url": url, "collection": collection(url), "every": every, "now": now, "fault": fault}
                async with self._pool.connection() as connection:
                    await connection.execute(SQL["website_read"], row)

    async def _read(self, owner: Owner, url: str) -> str | None:
        """Puts the site's pages in place of those known; why not, where there are none."""
        from storage.outgoing import OutgoingError

        try:
            found = [page async for page in self._pages(url)]
        except (OutgoingError, TimeoutError) as error:
            reason = str(error) or "it takes too long"
            return reason if url in reason else f"{url} cannot be read: {reason}"
        if not found:
            return f"{url} has no page that may be read."
        name = collection(url)
        for page in found:
            told = await asyncio.to_thread(understood, f"page{page.suffix}", page.content)
            digest = f"{FORMAT}:{hashlib.sha256(page.content).hexdigest()}"
            await self._documents.write(owner, (name, page.path), digest, len(page.content), 0, (*told[0], told[1]))
        kept = {page.path for page in found}
        known = await self._documents.known(owner)
        await self._documents.forget(owner, [each for each in known if each[0] == name and each[1] not in kept])
        return None

    async def _pages(self, url: str) -> AsyncGenerator[_Page]:
        door = self._door()
        until = asyncio.get_running_loop().time() + ALL_SECONDS
        robots = await self._robots(door, url)
        waiting, seen = [(urldefrag(url)[0], 0)], {urldefrag(url)[0]}
        count, host = 0, ""
        while waiting and count < MOST_PAGES and asyncio.get_running_loop().time() < until:
            address, depth = waiting.pop(0)
            if not robots.can_fetch(AGENT, address):
                continue
            answer = await self._got(door, address, must=not depth)
            if answer is None:
                continue
            host = host or urlsplit(answer.url).netloc  # where the first address leads
            if urlsplit(answer.url).netloc != host:
                continue
            suffix = KINDS.get(answer.headers.get("content-type", "").partition(";")[0].strip().lower(), "")
            if not suffix:
                continue
            count += 1
            parts = urlsplit(answer.url)
            yield _Page((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), suffix, answer.body)
            if suffix == ".html" and depth < DEPTH:
                for link in await asyncio.to_thread(_links, answer):
                    if link not in seen and urlsplit(link).netloc == parts.netloc:
                        seen.add(link)
                        waiting.append((link, depth + 1))

    async def _got(self, door: Outgoing, url: str, *, must: bool) -> Answer | None:
        """A page; None where it is not to be had and need not be."""
        from storage.outgoing import OutgoingError, Unreachable

        try:
            answer = await door.request("GET", url, seconds=SECONDS, most=LARGEST)
        except OutgoingError:
            if must:
                raise
            return None
        if answer.status == 200:
            return answer
        if must:
            raise Unreachable(f"it answers {answer.status} {answer.reason}")
        return None

    async def _robots(self, door: Outgoing, url: str) -> RobotFileParser:
        rules = RobotFileParser()
        answer = await self._got(door, urljoin(url, "/robots.txt"), must=False)
        rules.parse(answer.text().splitlines() if answer else [])
        return rules


def _links(answer: Answer) -> list[str]:
    """The addresses that a page leads to."""
    from bs4 import BeautifulSoup

    anchors = BeautifulSoup(answer.body, "html.parser").find_all("a", href=True)
    found = (urldefrag(urljoin(answer.url, str(anchor["href"])))[0] for anchor in anchors)
    return [link for link in dict.fromkeys(found) if urlsplit(link).scheme in ("http", "https")]
