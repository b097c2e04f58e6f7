"""A hostile program fails alone: whoever shares its worker goes on."""

from __future__ import annotations

import pytest

from storage.pool import Pool
from tests.workflow.house import house

HOSTILE = {
    "an endless loop": "WHILE TRUE\n  x = 1\nWEND",
    "an endless loop with an error handler": "again:\nON ERROR GOTO again\nWHILE TRUE\n  x = 1\nWEND",
    "a text of a billion characters": 's = "0123456789"\nDO\n  s = s + s\nLOOP',
    "a huge list": "xs = [1]\nDO\n  xs = xs + xs\nLOOP",
    "deep recursion": "RETURN f(1)\nFUNCTION f(n)\n  RETURN f(n + 1)\nEND FUNCTION",
    "a huge number": "x = 10 ^ 10 ^ 10",
    "a slow pattern": 's = REPEAT("a", 1000000)\nx = s LIKE "%" + REPEAT("a_", 200000) + "b%"',
    "too many variables": "\n".join([*(f'v{n} = REPEAT("x", 1000000)' for n in range(40)), 'MARK "never"']),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_program_fails_and_its_neighbours_complete(name: str, database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        neighbours = [await home.start(f'MARK "{n}"\nHOLD "gate"\nRETURN {n}') for n in range(20)]
        hostile = await home.start(HOSTILE[name])
        home.world.gate("gate").set()
        details = [await home.ended(neighbour) for neighbour in neighbours]
        ended = await home.ended(hostile)
    assert [(detail.status, detail.result) for detail in details] == [("completed", n) for n in range(20)]
    assert ended.status == "failed" and ended.error is not None and ended.error.kind in ("limit", "value")
    assert ended.error.line and "never" not in home.world.words
