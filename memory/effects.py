"""How the effects that write memory are carried out: SQL for the engine's one committer."""

from __future__ import annotations

from keywords.host import (
    MEMORY_APPENDED,
    MEMORY_CHECKED,
    MEMORY_DELETED,
    MEMORY_INCREMENTED,
    MEMORY_SET,
    MEMORY_SHARED,
    MEMORY_SYNCED,
    MEMORY_UNSHARED,
    EffectStatement,
)
from storage.sql import queries


def effect_statements() -> tuple[EffectStatement, ...]:
    """The statements of the memory's effect kinds, in the order in which a batch must run them.

    Plain writes come first: they ride with the commit of the decided step that follows them in their program. So a
    batch that writes a key, shares it and takes it over sees each step's outcome in the next.
    """
    sql = queries("memory", "writes.sql") | queries("memory", "shares.sql")
    return (
        EffectStatement(MEMORY_SET, sql["memory_set"]),
        EffectStatement(MEMORY_CHECKED, sql["memory_checked"]),
        EffectStatement(MEMORY_INCREMENTED, sql["memory_incremented"]),
        EffectStatement(MEMORY_APPENDED, sql["memory_appended"]),
        EffectStatement(MEMORY_DELETED, sql["memory_deleted"]),
        EffectStatement(MEMORY_SHARED, sql["memory_shared"]),
        EffectStatement(MEMORY_UNSHARED, sql["memory_unshared"]),
        EffectStatement(MEMORY_SYNCED, sql["memory_synced"]),
    )
