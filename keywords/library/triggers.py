"""What makes a script run later or on its own."""

from __future__ import annotations

import re
from functools import partial

from keywords.host import Moment, Recorded, Value
from keywords.library import limits
from keywords.library.announced import noted
from keywords.mistakes import WrongValue
from keywords.registry import Effect, keyword

_note = partial(noted, group="triggers")


def endpoint_of(name: str) -> str:
    """The endpoint as addresses have it: small letters, `-` for blanks, and only letters, digits, `-` and `_`."""
    return re.sub(r"[^a-z0-9_-]", "", name.strip().lower().replace(" ", "-"))[:100]


@keyword("WEBHOOK {endpoint}", effect=Effect.RECORD, example='WEBHOOK "order-paid"', group="triggers")
def webhook(moment: Moment, endpoint: Value) -> Recorded:
    """Run this script whenever `/api/<package>/webhook/<endpoint>` is called; where it runs, answers that address.

    The line counts wherever it stands in a script of a package; a script finds `body`, `params`, `headers`, `method`
    and `path` as variables, and its PARAMs filled from body and query.
    """
    name = endpoint_of(limits.name_of("a webhook", endpoint))
    if not name:
        raise WrongValue(f"The name of a webhook has letters or digits, unlike {limits.shown(endpoint)}.")
    return Recorded(f"/api/{moment.identity.origin or moment.identity.bot_name}/webhook/{name}")


KEYWORDS = (
    webhook,
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
