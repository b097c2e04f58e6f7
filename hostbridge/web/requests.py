"""Requests of programs: their headers, the guard, and what people are told; fulfils `keywords.host.Web`."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from keywords.effect_kinds import HEADER_SET, EffectStatement
from keywords.host import Fetched, Moment, Value
from keywords.mistakes import BadAnswer, LimitReached, ProgramError, Transient
from storage.sql import queries

if TYPE_CHECKING:
    from storage.outgoing import Outgoing

SQL = queries("hostbridge.web")
SECONDS = 60.0  # for one request, as the host allows
MOST_CHARACTERS = 1_000_000  # what one text may hold


class ForbiddenAddress(ProgramError):
    """The address is not open to programs."""

    kind = "forbidden"


def effect_statements() -> tuple[EffectStatement, ...]:
    """The statement of SET HEADER and CLEAR HEADERS."""
    return (EffectStatement(HEADER_SET, SQL["headers_changed"]),)


class GuardedWeb:
    """Makes the requests; `allowed` names private hosts and networks that are open to programs all the same."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection], allowed: Collection[str] = ()) -> None:
        self._pool = pool
        self._allowed = tuple(allowed)
        self._outgoing: Outgoing | None = None

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
        """What the address answers, whatever its status, redirects followed, but for those out of `only`.

        Raises ForbiddenAddress, LimitReached for more than a text can hold, and Transient when nobody answers.
        """
        from storage.outgoing import Forbidden, TooLarge, Unreachable  # the library takes a while to import

        sent: dict[str, str] = {"accept": "*/*"}
        if body is not None:
            sent["content-type"] = kind
        if method not in ("GET", "HEAD"):
            sent["idempotency-key"] = moment.call_id
        if only is None:
            sent |= await self._headers(moment.identity.tenant, moment.identity.execution)
        sent |= {name.lower(): value for name, value in (headers or {}).items()}
        try:
            answer = await self.door().request(
                method,
                url,
                headers=sent,
                content=None if body is None else body.encode(),
                seconds=SECONDS,
                most=4 * MOST_CHARACTERS,
                only=only,
            )
        except Forbidden as error:
            raise ForbiddenAddress(str(error)) from None
        except TooLarge as error:
            raise LimitReached(f"{error} DOWNLOAD takes larger files.") from None
        except Unreachable as error:
            raise Transient(str(error)) from None
        words = answer.text().replace("\0", "")
        if len(words) > MOST_CHARACTERS:
            raise LimitReached(f"{url} answers more than {MOST_CHARACTERS:,} characters. DOWNLOAD takes larger files.")
        return Fetched(answer.status, answer.reason, answer.headers, words, answer.url)

    async def forget(self) -> int:
        """Delete the headers of runs that have ended; how many."""
        async with self._pool.connection() as connection:
            return (await connection.execute(SQL["forget_headers"])).rowcount

    async def page(self, moment: Moment, url: str) -> str:
        answer = await self.fetched(moment, "GET", url)
        if answer.status >= 400:
            said = f"{answer.status} {answer.reason}".strip()
            raise BadAnswer(f"{answer.url.partition('?')[0]} answered {said}.")
        return answer.text

    async def soap(self, moment: Moment, url: str, operation: str, arguments: Mapping[str, Value]) -> Value:
        from hostbridge.web import readings

        asked = readings.envelope(operation, arguments)
        answer = await self.fetched(moment, "POST", url, asked, "text/xml; charset=utf-8")
        return await asyncio.to_thread(readings.soap_body, answer.status, answer.text)

    async def feed(self, moment: Moment, url: str, count: int) -> Value:
        from hostbridge.web import readings

        return await asyncio.to_thread(readings.entries, await self.page(moment, url), count)

    async def picked(self, moment: Moment, url: str, what: str, selector: str) -> Value:
        from hostbridge.web import readings

        return await asyncio.to_thread(readings.picked, await self.page(moment, url), url, what, selector)

    def door(self) -> Outgoing:
        """What all requests of programs go through."""
        if self._outgoing is None:
            from storage.outgoing import Outgoing

            self._outgoing = Outgoing(self._allowed)
        return self._outgoing

    async def _headers(self, tenant: UUID, execution: UUID) -> Mapping[str, str]:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(SQL["headers"], {"tenant": tenant, "execution": execution})
            return dict(await cursor.fetchall())
