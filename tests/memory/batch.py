"""Runs effect rows as the engine's committer does: one statement a kind, arrays by name, one transaction."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from keywords.encode import load
from keywords.host import EffectRow, Value
from memory.effects import effect_statements
from storage.pool import Pool

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
EXECUTION = UUID(int=99)


@dataclass(frozen=True, slots=True)
class Asked:
    """An effect row and whose it is."""

    tenant: UUID
    bot: UUID
    row: EffectRow


async def committed(pool: Pool, *batch: Asked) -> list[Any]:
    """The verdicts of the batch, in its order; None for a row of a kind that does not decide."""
    verdicts: dict[int, Any] = {}
    async with pool.connection() as connection, connection.transaction():
        for statement in effect_statements():
            rows = [(ref, asked) for ref, asked in enumerate(batch) if asked.row.kind is statement.kind]
            if not rows:
                continue
            found = await connection.execute(statement.sql, _arrays(rows))
            if statement.kind.decides or statement.kind.refuses:
                verdicts.update(dict(await found.fetchall()))
    return [verdicts.get(ref) for ref in range(len(batch))]


def value(verdict: dict[str, Any]) -> Value:
    """The BASIC value of a verdict that is one."""
    return load(verdict["v"])


def _arrays(rows: Sequence[tuple[int, Asked]]) -> dict[str, list[Any]]:
    arrays: dict[str, list[Any]] = defaultdict(list)
    for ref, asked in rows:
        fixed = {"ref": ref, "tenant": asked.tenant, "bot": asked.bot, "execution": EXECUTION, "n": ref, "at": NOW}
        columns = [name for name, _ in asked.row.kind.columns]
        for name, one in {
            **fixed,
            **dict(zip(columns, map(_sent, asked.row.kind.columns, asked.row.values), strict=True)),
        }.items():
            arrays[name].append(one)
    return dict(arrays)


def _sent(column: tuple[str, str], value: object) -> object:
    return json.dumps(value) if column[1] == "jsonb" and value is not None else value
