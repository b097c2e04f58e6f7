"""A row of workflow_executions as the worker that claimed it sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from keywords.host import Identity


@dataclass(frozen=True, slots=True)
class Claim:
    """Ours from this epoch on, until it finishes, waits, or somebody takes it over."""

    id: UUID
    tenant_id: UUID
    bot_id: UUID
    bot_name: str
    origin: str
    session_id: UUID | None
    workflow_name: str
    program: str
    entry: str
    current_step: int
    state: str
    answer: dict[str, Any] | None
    seq: int
    epoch: int
    once_call: int | None
    attempt: int
    deaths: int
    parent_id: UUID | None
    root_id: UUID
    depth: int
    cancel_requested: bool
    created_at: datetime
    parent_n: int | None
    in_window: bool
    join_n: int | None  # set where it once did not wait for all of its children
    more: bool = False  # its queue may hold further ones
    kept: Sequence[bytes] | None = None  # hashes of the values that are stored by themselves

    @property
    def identity(self) -> Identity:
        return Identity(self.tenant_id, self.id, self.bot_id, self.bot_name, self.origin, self.session_id)
