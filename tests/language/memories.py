"""A memory made up of a dictionary, for programs that run without a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from keywords.host import Hit, Memory, Past, Share, Subject


class Remembered:
    """Fulfils `keywords.host.Memories`; nothing in it has a history, nothing is shared."""

    memory: dict[str, str]

    async def get(self, tenant: UUID, bot: UUID, key: str, now: datetime) -> str | None:
        return self.memory.get(key)

    async def known(self, tenant: UUID, bot: UUID, key: str, now: datetime) -> Memory | None:
        return Memory(key, self.memory[key], 1, now) if key in self.memory else None

    async def shared(self, tenant: UUID, bot: UUID, source: UUID, key: str, now: datetime) -> Memory | None:
        return None

    async def listed(
        self, tenant: UUID, bot: UUID, prefix: str, now: datetime, limit: int, after: str | None = None
    ) -> Sequence[Memory]:
        hidden = ("session/", "user/", "context/", "cached/")
        keys = [k for k in sorted(self.memory) if k.startswith(prefix) and (prefix or not k.startswith(hidden))]
        return [Memory(key, self.memory[key], 1, now) for key in keys[:limit]]

    async def history(self, tenant: UUID, bot: UUID, key: str, limit: int) -> Sequence[Past]:
        return [Past(1, "set", self.memory[key], datetime(2026, 3, 14, tzinfo=UTC))] if key in self.memory else []

    async def shares(self, tenant: UUID, bot: UUID, now: datetime, limit: int) -> Sequence[Share]:
        return []

    async def search(self, tenant: UUID, bot: UUID, question: str, now: datetime, limit: int) -> Sequence[Hit]:
        return []

    async def exported(self, tenant: UUID, subject: Subject, now: datetime) -> Mapping[str, Any]:
        return {"memories": dict(self.memory)}

    async def erased(self, tenant: UUID, subject: Subject, now: datetime) -> Mapping[str, int]:
        return {"memories": len(self.memory)}
