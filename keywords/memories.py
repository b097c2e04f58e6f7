"""What a keyword may ask of the memory of bots, and what it is told; `memory` fulfils it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Memory:
    """One memory and what is known of it."""

    key: str
    value: str
    version: int
    updated: datetime
    expires: datetime | None = None
    origin: str = ""  # the bot it was taken over from, unmodified since


@dataclass(frozen=True, slots=True)
class Past:
    """One version of a memory; value None is its deletion."""

    version: int
    op: str  # set, sync, delete
    value: str | None
    at: datetime
    by: str = ""  # the bot that wrote it; "" where that is not known
    origin: str = ""  # of a sync: the bot it came from
    execution: UUID | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A grant: what one bot lets another see."""

    key: str  # "prefix.*" for all that begins so
    source: str
    target: str
    snapshot: bool
    writable: bool
    reshare: bool
    until: datetime | None
    given: bool  # whether the bot that asks gave it; else it received it


@dataclass(frozen=True, slots=True)
class Hit:
    """A memory that answers a question."""

    key: str
    value: str
    version: int
    score: float
    origin: str = ""  # the bot that shares it; "" for an own memory


@dataclass(frozen=True, slots=True)
class Subject:
    """Of whom something is exported or erased: a bot, or a person by the session ("owner") of their conversations."""

    name: str
    bot: UUID | None = None
    person: str = ""


class Memories(Protocol):
    """Reading bot memory; `memory` fulfils it. What is deleted, expired, revoked or of another tenant is not there."""

    async def get(self, tenant: UUID, bot: UUID, key: str, now: datetime) -> str | None:
        """The value under the key, as text; None when the bot remembers nothing there."""
        ...

    async def known(self, tenant: UUID, bot: UUID, key: str, now: datetime) -> Memory | None: ...

    async def shared(self, tenant: UUID, bot: UUID, source: UUID, key: str, now: datetime) -> Memory | None:
        """What the source shares under the key, version 0 when nothing is there; None when it shares nothing so."""
        ...

    async def listed(
        self, tenant: UUID, bot: UUID, prefix: str, now: datetime, limit: int, after: str | None = None
    ) -> Sequence[Memory]:
        """What is kept under keys that begin so, behind the key `after`, in the order of the keys."""
        ...

    async def history(self, tenant: UUID, bot: UUID, key: str, limit: int) -> Sequence[Past]:
        """The versions of a memory, the newest first."""
        ...

    async def shares(self, tenant: UUID, bot: UUID, now: datetime, limit: int) -> Sequence[Share]: ...

    async def search(self, tenant: UUID, bot: UUID, question: str, now: datetime, limit: int) -> Sequence[Hit]:
        """Own and shared memories that answer the question, the best first."""
        ...

    async def exported(self, tenant: UUID, subject: Subject, now: datetime) -> Mapping[str, Any]:
        """All that is known of a bot or a person, as ordinary JSON, with counts."""
        ...

    async def erased(self, tenant: UUID, subject: Subject, now: datetime) -> Mapping[str, int]:
        """Erase all that is known of a bot or a person, everywhere; what was removed, counted."""
        ...
