"""What the pages are handed by the process that serves them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from starlette.requests import Request

from designer.drafts import Drafts
from hostbridge.bots import PackageBots
from hostbridge.packages import Packages
from keywords.diagnostics import Diagnostic
from keywords.host import ProgramText
from keywords.registry import Registry
from memory.reads import PostgresMemories
from smartrouter.catalogue import Model
from smartrouter.performance import Performance
from storage.hints import Hints
from storage.pool import Pool
from workflow.details import Caller
from workflow.operations import Operations

Identify: TypeAlias = Callable[[Request], Caller | None]  # None: whoever asks is nobody we know
Find: TypeAlias = Callable[[Caller, str], Awaitable[ProgramText]]  # a workflow by its name, packaged or published


@dataclass(frozen=True, slots=True)
class Doors:
    """The rooms behind the pages. The pages call what REST and the tools call, and hold nothing themselves."""

    identify: Identify
    operations: Operations
    registry: Registry
    packages: Packages
    bots: PackageBots
    performance: Performance
    models: Callable[[str], Sequence[Model]]  # configured for a package, "" for all
    memories: PostgresMemories
    pool: Pool
    hints: Hints
    check: Callable[[str, str], tuple[Diagnostic, ...]]  # of a text and the package it belongs to
    find: Find
    drafts: Drafts
    now: Callable[[], datetime]
    secret: bytes  # signs forms
    embedding: tuple[str, ...] = ()  # origins that may show a workflow in a frame
