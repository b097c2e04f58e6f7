"""What one execution hands to the committer: its next state and everything that must become durable with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from keywords.host import Identity
from keywords.outcome import Entry, Written

FINISHED = frozenset({"completed", "failed", "cancelled"})
STUCK = frozenset({"paused", "in_doubt"})  # goes on when a person says so
STATUSES = ("ready", "running", "waiting", "paused", "in_doubt", "completed", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the journal: an entry of the machine, when its call was started, and a checkpoint now and then."""

    entry: Entry
    generation: int
    started: datetime | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Birth:
    """A child execution to insert with its parent's commit."""

    identity: Identity
    name: str
    program: str
    entry: str
    state: str
    branch: int
    inherits: bool  # a branch goes on from its parent's place in the events
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One commit of one execution, fenced by owner, epoch and seq. A state of None keeps the stored one."""

    identity: Identity
    epoch: int
    seq: int
    status: str
    at: datetime
    n: int
    step: int
    state: str | None = None
    reason: str | None = None
    wake_at: datetime | None = None
    once_call: int | None = None
    attempt: int = 0  # failed attempts of the call it is parked at
    retrying: bool = False  # waits for the next of them
    lines: tuple[Line, ...] = ()
    effects: tuple[Written, ...] = ()
    decides: bool = False  # the last effect's verdict is the answer
    births: tuple[Birth, ...] = ()
    result: str | None = None
    error: str | None = None
    parent: UUID | None = None
    root: UUID | None = None

    @property
    def id(self) -> UUID:
        return self.identity.execution

    @property
    def finished(self) -> bool:
        return self.status in FINISHED

    @property
    def finished_on(self) -> date:
        return self.at.date() if self.finished else date.max


@dataclass(frozen=True, slots=True)
class Committed:
    """The turn is durable."""

    cancel_requested: bool = False
    verdict: dict[str, object] | None = None
    pause_requested: bool = False


@dataclass(frozen=True, slots=True)
class Fenced:
    """Somebody else owns the execution; nothing of the turn was written, and this process must let go of it."""


@dataclass(frozen=True, slots=True)
class Unstorable:
    """Postgres refused this turn alone; the others of its batch are committed."""

    reason: str


Fate: TypeAlias = Committed | Fenced | Unstorable
