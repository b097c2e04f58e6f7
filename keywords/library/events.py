"""PUBLISH EVENT and WAIT FOR EVENT: how workflows that do not know each other meet."""

from __future__ import annotations

from keywords.host import EVENT_AWAITED, EVENT_PUBLISHED, Host, Moment, Recorded, Value, Wait
from keywords.library import limits
from keywords.registry import Effect, keyword


@keyword(
    "PUBLISH EVENT {name} [WITH {data}]",
    effect=Effect.RECORD,
    example='PUBLISH EVENT "order.paid" WITH order',
    group="events",
    tool=True,
)
def publish_event(moment: Moment, name: str, data: Value = None) -> Recorded:
    """Wake every execution that waits for this event; answers the event's id."""
    event = moment.new_id()
    row = EVENT_PUBLISHED.row(id=event, name=limits.event_name(name), key="", data=limits.event_data(data))
    return Recorded(str(event), (row,))


@keyword(
    "WAIT FOR EVENT {name} [TIMEOUT {timeout}]",
    effect=Effect.WAIT,
    example='WAIT FOR EVENT "order.paid" TIMEOUT 3600',
    group="events",
)
async def wait_for_event(host: Host, name: str, timeout: float | None = None) -> Wait:
    """Wait until the event is published and answer its data; NULL and `timed_out` TRUE when the time is over.

    An event published since this run began counts, even before the program came to this line; each event once.
    """
    event = limits.event_name(name)
    limit = limits.timeout("WAIT FOR EVENT", timeout)
    row = EVENT_AWAITED.row(name=event, key="", since_xid=None, since_seq=None)
    return Wait(host.now + limit if limit else None, (row,), f"event {event}")
