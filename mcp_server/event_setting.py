"""The setting BOTMCP_EVENTS, and what the reference says of those that concern events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, cast

EVENTS_TOLD = (
    "Limits of events: `rate` (a second and tenant, default 10000), `outstanding` (of a tenant: yet to happen or to be "
    "handled, default 1000000), `days` that the log is kept (default 7); as `rate=500,days=30`, in `botmcp.toml` as a "
    "table. 0 is no limit."
)
MIRROR_TOLD = (
    "Whether each event is also written to the host's own table `public.workflow_events`, in "
    "`BOTMCP_HOST_DATABASE_URL` or else in `DATABASE_URL`."
)
EVENTS_SECRET_TOLD = (
    "The secret (`whsec_...`) of signed messages to `/events` of `botmcp serve`, as Standard Webhooks signs them."
)


@dataclass(frozen=True, slots=True)
class EventLimits:
    rate: int = 10_000
    outstanding: int = 1_000_000
    days: int = 7


def as_event_limits(given: Any, environment: Mapping[str, str]) -> EventLimits:
    """The limits that `rate=500,days=30`, or a table, says."""
    if isinstance(given, str):
        pairs = [part.partition("=") for part in given.split(",") if part.strip()]
        table: dict[str, Any] = {name.strip(): value.strip() for name, _, value in pairs}
    elif isinstance(given, dict):
        table = cast("dict[str, Any]", given)
    else:
        raise ValueError("rate=500,outstanding=100000,days=30 is expected")
    known = [field.name for field in fields(EventLimits)]
    for name, value in table.items():
        if name not in known:
            raise ValueError(f"there is no {name}; there are {', '.join(known)}")
        if isinstance(value, bool) or not str(value).isdecimal() or int(value) > 1_000_000_000:
            raise ValueError(f"{name} needs a whole number")
    found = replace(EventLimits(), **{name: int(value) for name, value in table.items()})
    if not found.days:
        raise ValueError("days must be at least 1")
    return found
