"""Answers that may be given again: to the very same question, or where asked for to one that means the same.

They belong to one bot of one tenant. The key holds everything an answer depends on; those found by meaning share all of
it but the last question.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import structlog

from storage.pool import Pool
from storage.sql import queries

log = structlog.get_logger()

SQL = queries("smartrouter")
ALIKE = 0.93  # cosine of two questions that are taken to mean the same
AT_HAND = 1_000  # answers kept in the process
LARGEST = 256 * 1024  # bytes of an answer that is kept
_DOWN = (psycopg.Error, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer is kept."""

    tenant: UUID
    bot: UUID
    key: bytes
    family: bytes
    meaning: tuple[float, ...] = ()  # only where answers are found by it
    execution: UUID | None = None


class KeptAnswers:
    """The cache of this process before the one in the database; a fault of either is as if nothing was kept."""

    def __init__(self, pool: Pool | None) -> None:
        self._pool = pool
        self._near: OrderedDict[tuple[UUID, UUID, bytes], tuple[datetime, dict[str, Any]]] = OrderedDict()

    async def find(self, place: Place, now: datetime) -> dict[str, Any] | None:
        """The kept answer, the exact one before one that is alike."""
        if (near := self._near.get((place.tenant, place.bot, place.key))) and near[0] > now:
            return near[1]
        if self._pool is None:
            return None
        given = {"tenant": place.tenant, "bot": place.bot, "key": place.key, "family": place.family, "now": now}
        try:
            async with self._pool.connection() as connection:
                if row := await (await connection.execute(SQL["cached"], given)).fetchone():
                    return row[0]
                if not place.meaning:
                    return None
                rows = await (await connection.execute(SQL["cached_alike"], given)).fetchall()
        except _DOWN as error:
            log.warning("answers.not_looked_up", error=str(error).strip())
            return None
        return _alike(place.meaning, rows)

    async def keep(self, place: Place, body: dict[str, Any], seconds: float, now: datetime) -> None:
        """Keep an answer for so long."""
        text = json.dumps(body, ensure_ascii=False)
        if len(text.encode("utf-8", "surrogatepass")) > LARGEST or "\\u0000" in text:
            return
        expires = now + timedelta(seconds=seconds)
        self._near[place.tenant, place.bot, place.key] = (expires, body)
        while len(self._near) > AT_HAND:
            self._near.popitem(last=False)
        if self._pool is None:
            return
        given = {
            "tenant": place.tenant,
            "bot": place.bot,
            "key": place.key,
            "family": place.family,
            "meaning": list(place.meaning) or None,
            "body": text,
            "execution": place.execution,
            "now": now,
            "expires": expires,
        }
        try:
            async with self._pool.connection() as connection:
                await connection.execute(SQL["keep_answer"], given)
        except _DOWN as error:
            log.warning("answers.not_kept", error=str(error).strip())


def place_of(
    tenant: UUID,
    bot: UUID,
    messages: Sequence[Mapping[str, Any]],
    depends: Mapping[str, Any],
    meaning: tuple[float, ...],
    execution: UUID | None,
) -> Place:
    """The place of the answer to a conversation that `depends` on more than its words."""
    *before, last = messages
    shared = json.dumps([before, last.get("role"), dict(depends)], ensure_ascii=False, sort_keys=True).encode()
    words = json.dumps(last, ensure_ascii=False, sort_keys=True).encode()
    family = hashlib.sha256(shared).digest()
    return Place(tenant, bot, hashlib.sha256(family + words).digest(), family, meaning, execution)


def _alike(meaning: Sequence[float], rows: Sequence[tuple[list[float], dict[str, Any]]]) -> dict[str, Any] | None:
    known = [(vector, body) for vector, body in rows if len(vector) == len(meaning)]
    if not known:
        return None
    cosines = np.array([vector for vector, _ in known]) @ np.array(meaning)
    best = int(cosines.argmax())
    return known[best][1] if cosines[best] >= ALIKE else None
