"""API keys: made once, shown once, kept as a hash; scoped to what their holder needs, to a tenant, to bots, to a time.

A key reads `botmcp_<id>_<secret>`. The secret has 256 bits, so a plain hash of it is as good as a slow one.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from keywords.library import limits
from keywords.mistakes import Forbidden, UnknownName, WrongValue
from keywords.values import sound
from storage.pool import Pool
from storage.sql import queries
from workflow.details import SCOPES, Caller

SQL = queries("mcp_server", "keys.sql")
MARK = "botmcp_"
_TEXT = re.compile(r"botmcp_([0-9a-f]{16})_([A-Za-z0-9_-]{1,100})")
AGENT = SCOPES - {"wf:approve", "admin"}  # what a key may do unless somebody says otherwise
LONGEST_DAYS = 3650.0
MOST_BOTS = 100


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key."""

    id: str
    tenant: UUID
    name: str
    subject: str
    scopes: frozenset[str]
    bots: frozenset[str] | None
    requests_per_minute: int | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Key:
        same = ("id", "name", "subject", "requests_per_minute", "created_at", "created_by", "expires_at", "revoked_at")
        return cls(
            **{name: row[name] for name in same},
            tenant=row["tenant_id"],
            scopes=frozenset(row["scopes"]),
            bots=None if row["bots"] is None else frozenset(row["bots"]),
            last_used_at=row["last_used_at"],
        )

    def holds(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)

    def caller(self) -> Caller:
        """Whoever holds it."""
        return Caller(self.tenant, self.subject, "", scopes=self.scopes, bots=self.bots)

    def told(self, now: datetime) -> dict[str, Any]:
        """As ordinary JSON."""
        status = "revoked" if self.revoked_at else "active" if self.holds(now) else "expired"
        times = {name: getattr(self, name) for name in ("created_at", "expires_at", "revoked_at", "last_used_at")}
        return {
            "id": self.id,
            "name": self.name,
            "status": status,
            "subject": self.subject,
            "scopes": sorted(self.scopes),
            "bots": None if self.bots is None else sorted(self.bots),
            "requests_per_minute": self.requests_per_minute,
            "tenant": str(self.tenant),
            "created_by": self.created_by,
            **{name: time and time.isoformat() for name, time in times.items()},
        }


class Keys:
    """The keys of an installation."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def new(
        self,
        by: Caller,
        name: str,
        scopes: Collection[str],
        now: datetime,
        *,
        tenant: UUID | None = None,
        subject: str = "",
        bots: Collection[str] | None = None,
        days: float | None = None,
        rate: int | None = None,
    ) -> tuple[Key, str]:
        """A new key, and its text, which nobody sees again. Raises Forbidden, WrongValue."""
        by.require("admin")
        name = limits.name_of("a key", name)
        wanted = frozenset(scopes)
        for scope in sorted(wanted - SCOPES):
            raise UnknownName("scope", scope, SCOPES, f"There are {', '.join(sorted(SCOPES))}.")
        if not wanted:
            raise WrongValue("A key without a scope opens nothing. Name one.")
        for scope in sorted(wanted):
            if not by.may(scope):
                raise Forbidden(f"Nobody gives away what he does not have: {scope}.")
        if days is not None and not 0 < days <= LONGEST_DAYS:
            raise WrongValue(f"A key is good for more than 0 and at most {LONGEST_DAYS:.0f} days, not {days:g}.")
        if rate is not None and not 1 <= rate <= 1_000_000:
            raise WrongValue(f"Requests a minute are from 1 to 1,000,000, not {rate}.")
        mark, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
        row = {
            "id": mark,
            "tenant": _tenant(by, tenant),
            "name": name,
            "subject": limits.name_of("the subject of a key", subject) if subject.strip() else f"key {name}",
            "hash": _hash(secret),
            "scopes": sorted(wanted),
            "bots": _bots(by, bots),
            "rate": rate,
            "now": now,
            "by": by.subject,
            "expires": None if days is None else now + timedelta(days=days),
        }
        async with self._pool.connection() as connection:
            await connection.execute(SQL["keep_key"], row)
        key = await self._row(mark)
        assert key is not None, "it has just been written"
        return key[0], f"{MARK}{mark}_{secret}"

    async def opened(self, text: str, now: datetime) -> Key | None:
        """The key of this text, if it is one and still good."""
        parts = _TEXT.fullmatch(text)
        if parts is None:
            return None
        mark, secret = parts.groups()
        found = await self._row(mark)
        if found is None or not hmac.compare_digest(found[1], _hash(secret)) or not found[0].holds(now):
            return None
        key = found[0]
        if key.last_used_at is None or now - key.last_used_at > timedelta(minutes=1):
            async with self._pool.connection() as connection:
                await connection.execute(SQL["key_used"], {"id": key.id, "now": now})
        return key

    async def listed(self, by: Caller, *, everywhere: bool = False) -> tuple[Key, ...]:
        """The newest thousand keys of the tenant, the oldest of them first; of all tenants for the owner who asks."""
        by.require("admin")
        given = {"tenant": None if everywhere and by.owner else by.tenant}
        async with self._pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL["list_keys"], given)
            return tuple(key for row in await cursor.fetchall() if _within(key := Key.of(row), by))

    async def revoke(self, by: Caller, named: str, now: datetime) -> Key:
        """Let the key of this id, or of this name if it is the only good one, open nothing any more."""
        by.require("admin")
        given = {"named": sound(named), "tenant": None if by.owner else by.tenant}
        async with self._pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL["keys_named"], given)
            found = [key for row in await cursor.fetchall() if _within(key := Key.of(row), by)]
        chosen = [key for key in found if key.id == named] or [key for key in found if key.revoked_at is None]
        if len(chosen) > 1:
            raise WrongValue(f"There are {len(chosen)} keys called {named}. Give the id of one.")
        if not chosen:
            known = await self.listed(by, everywhere=True)
            names = [*(key.id for key in known), *(key.name for key in known)]
            raise UnknownName("key", named, names, "`botmcp keys list`.")
        given = {"id": chosen[0].id, "now": now, "tenant": None if by.owner else by.tenant}
        async with self._pool.connection() as connection:
            await connection.execute(SQL["revoke_key"], given)
        kept = await self._row(chosen[0].id)
        assert kept is not None, "keys are never deleted"
        return kept[0]

    async def holds(self, mark: str, now: datetime) -> bool:
        """Whether the key of this id still opens anything."""
        found = await self._row(mark)
        return found is not None and found[0].holds(now)

    async def one(self, by: Caller, mark: str) -> Key | None:
        """The key of this id, if it is one that whoever asks may see."""
        by.require("admin")
        found = await self._row(sound(mark))
        return found[0] if found and found[0].tenant == by.tenant and _within(found[0], by) else None

    async def _row(self, mark: str) -> tuple[Key, bytes] | None:
        async with self._pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL["key_of"], {"id": mark})
            row = await cursor.fetchone()
        return (Key.of(row), bytes(row["secret_hash"])) if row else None


def _within(key: Key, by: Caller) -> bool:
    """Whether whoever asks may work with all that the key may work with."""
    return by.bots is None or (key.bots is not None and all(map(by.works_with, key.bots)))


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _tenant(by: Caller, wanted: UUID | None) -> UUID:
    if wanted is not None and wanted != by.tenant and not by.owner:
        raise Forbidden("Only the owner of the installation makes keys for other tenants.")
    return wanted or by.tenant


def _bots(by: Caller, wanted: Collection[str] | None) -> list[str] | None:
    if not wanted:
        return None if by.bots is None else sorted(by.bots)
    if len(wanted) > MOST_BOTS:
        raise WrongValue(f"A key names at most {MOST_BOTS} bots.")
    names = sorted({limits.name_of("a bot", name).lower() for name in wanted})
    if unseen := [name for name in names if not by.works_with(name)]:
        raise Forbidden(f"Nobody gives away what he does not have: the bot {unseen[0]}.")
    return names
