"""The effects whose data is the engine's own: events, waits for them, requests for approval, who takes part."""

from __future__ import annotations

from keywords.host import (
    APPROVAL_REQUESTED,
    BOT_JOINED,
    BOT_LEFT,
    BOT_RANKED,
    EVENT_AWAITED,
    EVENT_PUBLISHED,
    EffectStatement,
)
from storage.sql import queries


def own_statements() -> tuple[EffectStatement, ...]:
    """What the committer runs for them, in this order."""
    sql = {**queries("workflow"), **queries("workflow", "bots.sql")}
    return (
        EffectStatement(EVENT_PUBLISHED, sql["event_published"]),
        EffectStatement(EVENT_AWAITED, sql["event_awaited"]),
        EffectStatement(APPROVAL_REQUESTED, sql["approval_requested"]),
        EffectStatement(BOT_JOINED, sql["bot_joined"]),
        EffectStatement(BOT_LEFT, sql["bot_left"]),
        EffectStatement(BOT_RANKED, sql["bot_ranked"]),
    )
