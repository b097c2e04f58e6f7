"""What makes a script run later or on its own."""

from __future__ import annotations

from functools import partial

from keywords.library.announced import noted

_note = partial(noted, group="triggers")

KEYWORDS = (
    _note(
        "WEBHOOK {endpoint}",
        summary="Run this script whenever its endpoint is called.",
        example='WEBHOOK "order-paid"',
    ),
    _note(
        "ON EMAIL {address} [FROM {sender}] [SUBJECT {subject}]",
        summary="Run this script when a mail comes in.",
        example='ON EMAIL "support@example.com"',
    ),
    _note(
        "ON CHANGE {path} [EVENTS {events:many}]",
        summary="Run this script when a file changes.",
        example='ON CHANGE "reports/"',
    ),
)
