"""How the effects that say what a conversation answers from are carried out."""

from __future__ import annotations

from keywords.effect_kinds import KB_CLEARED, KB_USED, EffectStatement
from storage.sql import queries

SQL = queries("hostbridge.knowledge")


def effect_statements() -> tuple[EffectStatement, ...]:
    """What the committer runs for them, in this order."""
    return EffectStatement(KB_USED, SQL["kb_used"]), EffectStatement(KB_CLEARED, SQL["kb_cleared"])
