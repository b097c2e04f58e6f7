"""What an installation decides about events; made from the settings at the top."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from workflow.events.event import Event


@dataclass(frozen=True, slots=True)
class EventSetup:
    """A rate or an outstanding count of 0 means that there is no limit."""

    rate: int = 10_000  # events a second that one tenant may publish, over a few seconds
    outstanding: int = 1_000_000  # of one tenant: events that have yet to happen or to be handled
    kept: timedelta = timedelta(days=7)  # how long the log is kept
    kept_for_readers: timedelta = timedelta(days=30)  # at most, when somebody has still to read it
    tell_host: Callable[[Sequence[Event]], Awaitable[None]] | None = None  # on its channels `events:{name}`
    mirror: str = ""  # the database whose public.workflow_events gets a copy of each event; "": none
    private_hosts: Collection[str] = ()  # webhooks may go to these, though they lie in a private network
