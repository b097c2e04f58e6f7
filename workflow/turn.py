"""What one execution hands to the committer: its next state and everything that must become durable with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from keywords.host import Identity
from keywords.outcome import Entry, Written
from keywords.records import record

FINISHED = frozenset({"completed", "failed", "cancelled"})
STUCK = frozenset({"paused", "in_doubt"})  # goes on when a person says so
STATUSES = ("ready", "running", "waiting", "paused", "in_doubt", "completed", "failed", "cancelled")


@record
class Line:
    """One row of the journal: an entry of the machine, when its call was started, and a checkpoint now and then."""

    entry: Entry
    generation: int
    started: datetime | None = None
    state: str | None = None


@record
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
    held: bool = False  # waits until another of its kind has ended
    in_window: bool = False  # ... as some of its kind do
    ended: Turn | None = None  # it has run to its end already, and this is its only turn


@dataclass(frozen=True, slots=True)
class Join:
    """What a parent waits for: so many of its children that end well, or that end at all (`wanted` None)."""

    children: int
    wanted: int | None = None
    slots: int | None = None  # of them at once
    release: int = 0  # of those that are held, to begin now


@record
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
    values: tuple[tuple[bytes, bytes], ...] = ()  # hash and body, to store by themselves
    frees: bool = False  # the stored values go: the state is whole again
    births: tuple[Birth, ...] = ()
    join: Join | None = None  # where it is not simply all of the births
    result: str | None = None
    error: str | None = None
    parent: UUID | None = None
    parent_n: int = 0  # the parent's call that started it
    in_window: bool = False  # another child of that call may begin when it ends
    root: UUID | None = None
    name: str = ""
    began: datetime | None = None

    @property
    def id(self) -> UUID:
        return self.identity.execution

    @property
    def finished(self) -> bool:
        return self.status in FINISHED


@record
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
    """Postgres refused this turn alone; the others of its batch are committed.

    With `n` it was the data's room that refused what this call brought, and the reason is a sentence for its author.
    """

    reason: str
    n: int | None = None


Fate: TypeAlias = Committed | Fenced | Unstorable


def with_ended(turns: Iterable[Turn]) -> list[Turn]:
    """The turns, each after those of the children that it brings into the world ended: they were before it."""
    found = list[Turn]()
    for turn in turns:
        found += [birth.ended for birth in turn.births if birth.ended]
        found.append(turn)
    return found
