"""What makes a script run later or on its own."""

from __future__ import annotations

from functools import partial

from keywords.library.announced import announced
from keywords.registry import Effect

_act = partial(announced, group="triggers", effect=Effect.IDEMPOTENT, value=False)

KEYWORDS = (
    _act(
        "SET SCHEDULE {rule:text}",
        summary="Run this script, or a named one, at the times of a cron line or of plain words.",
        example='SET SCHEDULE "0 9 * * *"',
    ),
    _act(
        "ON EMAIL {address} [FROM {sender}] [SUBJECT {subject}]",
        summary="Run this script when a mail comes in.",
        example='ON EMAIL "support@example.com"',
    ),
    _act(
        "ON CHANGE {path} [EVENTS {events:many}]",
        summary="Run this script when a file changes.",
        example='ON CHANGE "reports/"',
    ),
)
