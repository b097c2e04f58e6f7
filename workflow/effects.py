"""The effects whose data is the engine's own: events, waits for them, requests for approval, who takes part."""

from __future__ import annotations

from keywords.event_kinds import (
    EVENT_CHOSEN,
    EVENT_DELAYED,
    EVENT_FORWARDED,
    EVENT_HANDLED,
    EVENT_IGNORED,
    EVENT_OFFERED,
    RUN_CONTINUED,
    RUN_SCHEDULED,
)
from keywords.host import (
    APPROVAL_REMINDED,
    APPROVAL_REQUESTED,
    BOT_JOINED,
    BOT_LEFT,
    BOT_RANKED,
    EVENT_AWAITED,
    EVENT_PUBLISHED,
    SIGNAL_AWAITED,
    STEP_CACHED,
    EffectStatement,
)
from storage.sql import queries


def own_statements() -> tuple[EffectStatement, ...]:
    """What the committer runs for them, in this order."""
    sql = {
        **queries("workflow"),
        **queries("workflow", "bots.sql"),
        **queries("workflow", "signals.sql"),
        **queries("workflow", "approvals.sql"),
        **queries("workflow", "branches.sql"),
        **queries("workflow.events", "effects.sql"),
    }
    return (
        EffectStatement(EVENT_PUBLISHED, sql["event_published"]),
        EffectStatement(EVENT_DELAYED, sql["event_delayed"]),
        EffectStatement(EVENT_OFFERED, sql["event_offered"]),
        EffectStatement(EVENT_AWAITED, sql["event_awaited"]),
        EffectStatement(EVENT_CHOSEN, sql["event_chosen"]),
        EffectStatement(EVENT_HANDLED, sql["event_handled"]),
        EffectStatement(EVENT_FORWARDED, sql["event_forwarded"]),
        EffectStatement(EVENT_IGNORED, sql["event_ignored"]),
        EffectStatement(RUN_SCHEDULED, sql["run_scheduled"]),
        EffectStatement(RUN_CONTINUED, sql["run_continued"]),
        EffectStatement(SIGNAL_AWAITED, sql["signal_awaited"]),
        EffectStatement(APPROVAL_REQUESTED, sql["approval_requested"]),
        EffectStatement(APPROVAL_REMINDED, sql["approval_reminded"]),
        EffectStatement(STEP_CACHED, sql["step_cached"]),
        EffectStatement(BOT_JOINED, sql["bot_joined"]),
        EffectStatement(BOT_LEFT, sql["bot_left"]),
        EffectStatement(BOT_RANKED, sql["bot_ranked"]),
    )
