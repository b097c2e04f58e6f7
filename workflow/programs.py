"""Programs by content: compiled on start, stored once under their hash, bound to the registry when first run."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from psycopg import AsyncConnection

from keywords.compile import compile_program
from keywords.diagnostics import Diagnostic
from keywords.host import ProgramText
from keywords.mistakes import ProgramError
from keywords.program import Program
from keywords.registry import Registry
from storage.pool import Pool
from storage.sql import queries

SQL = queries("workflow", "operations.sql")
K = TypeVar("K")
V = TypeVar("V")
KEPT = 500  # programs held ready in memory


class Rejected(ProgramError):
    """A program that cannot run, with all that is wrong with it."""

    kind = "syntax"

    def __init__(self, name: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.diagnostics = diagnostics
        errors = [d for d in diagnostics if d.severity == "error"]
        first, more = errors[0], len(errors) - 1
        place = f"Line {first.line}, column {first.column}"
        rest = f" ({more} more error{'s' if more > 1 else ''}.)" if more else ""
        fix = f" {first.fix}" if first.fix and first.fix not in first.message else ""
        super().__init__(f"{name or 'The program'} cannot run. {place}: {first.message}{fix}{rest}")


class Programs:
    """Compiles, keeps and loads programs; safe to ask for the same one again and again."""

    def __init__(self, pool: Pool, registry: Registry) -> None:
        self._pool = pool
        self._registry = registry
        self._loaded: OrderedDict[tuple[UUID, str], Program] = OrderedDict()
        self._loading: dict[tuple[UUID, str], asyncio.Task[Program]] = {}
        self._stored: OrderedDict[tuple[UUID, str], None] = OrderedDict()

    def compile(self, text: ProgramText, known_bots: Collection[str] | None = None) -> Program:
        """The program of a text; raises Rejected. A bot that is not among the known ones is an error here."""
        compiled = compile_program(text.source, self._registry, text.name)
        if compiled.program is None:
            raise Rejected(text.name, compiled.diagnostics)
        if known_bots is not None:
            strict = compile_program(text.source, self._registry, text.name, known_bots)
            unknown = [replace(d, severity="error") for d in strict.diagnostics if d not in compiled.diagnostics]
            if unknown:
                raise Rejected(text.name, tuple(unknown))
        return compiled.program

    async def keep(self, tenant: UUID, program: Program, now: datetime, connection: AsyncConnection) -> None:
        """Store the program, if it is not stored yet, on this connection."""
        await connection.execute(
            SQL["keep_program"],
            {
                "tenant": tenant,
                "hash": program.hash,
                "format": program.format,
                "source": program.source,
                "steps": json.dumps(program.to_json(), ensure_ascii=False),
                "now": now,
            },
        )

    async def kept(self, tenant: UUID, program: Program, now: datetime) -> str:
        """The hash of the program, which is stored when this returns."""
        key = (tenant, program.hash)
        if key not in self._stored:
            async with self._pool.connection() as connection:
                await self.keep(tenant, program, now, connection)
            _remember(self._stored, key, None)
        _remember(self._loaded, key, program)
        return program.hash

    async def load(self, tenant: UUID, hash_: str) -> Program:
        """The stored program, ready to run; raises MissingKeyword when a keyword of it is gone."""
        key = (tenant, hash_)
        program = self._loaded.get(key)
        if program is None:
            loading = self._loading.get(key)
            if loading is None:  # many executions of one program are claimed at once, and it is read once
                loading = self._loading[key] = asyncio.create_task(self._read(tenant, hash_))
                loading.add_done_callback(lambda _: self._loading.pop(key))
            program = await asyncio.shield(loading)
        _remember(self._loaded, key, program)
        return program

    async def _read(self, tenant: UUID, hash_: str) -> Program:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(SQL["load_program"], {"tenant": tenant, "hash": hash_})
            row = await cursor.fetchone()
        if row is None:
            raise LookupError(f"Program {hash_} of an execution is not stored.")
        return Program.load(hash_, row[0], row[1], self._registry)


def _remember(memory: OrderedDict[K, V], key: K, value: V) -> None:
    try:
        memory.move_to_end(key)
    except KeyError:
        memory[key] = value
        while len(memory) > KEPT:
            memory.popitem(last=False)
