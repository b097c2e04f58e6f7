"""How the effects that write memory are carried out: SQL for the engine's one committer."""

from __future__ import annotations

from keywords.host import MEMORY_SET, MEMORY_SHARED, MEMORY_SYNCED, EffectStatement
from storage.sql import queries


def effect_statements() -> tuple[EffectStatement, ...]:
    """The statements of the memory's effect kinds, in the order in which a batch must run them.

    A batch that writes a key, shares it and takes it over sees each step's outcome in the next.
    """
    sql = queries("memory")
    return (
        EffectStatement(MEMORY_SET, sql["memory_set"]),
        EffectStatement(MEMORY_SHARED, sql["memory_shared"]),
        EffectStatement(MEMORY_SYNCED, sql["memory_synced"]),
    )
