"""Events: PUBLISH, WAIT, ON and what belongs to them; how workflows that do not know each other meet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from keywords import event_filters, patterns
from keywords.encode import dump, from_plain
from keywords.event_kinds import (
    EVENT_CHOSEN,
    EVENT_DELAYED,
    EVENT_FORWARDED,
    EVENT_HANDLED,
    EVENT_IGNORED,
    EVENT_OFFERED,
    RUN_CONTINUED,
    RUN_SCHEDULED,
    Events,
)
from keywords.host import EVENT_AWAITED, EVENT_PUBLISHED, Decided, Host, Moment, Recorded, Value, Wait
from keywords.library import event_words, limits
from keywords.mistakes import ProgramError, Refused, WrongValue
from keywords.registry import Deciding, Effect, keyword

MOST_LISTED = 500
NAMES = 20  # that one wait may name
RUN = "~run"  # the variable of a handler that holds the id of the run which registered it
UNITS = {"SECONDS": 1, "MINUTES": 60, "HOURS": 3600, "DAYS": 86_400}


# -- publishing --------------------------------------------------------------------------------------------------------


def _when(now: datetime, at: Value, after: Value) -> datetime | None:
    """When the event happens; None: now."""
    if at is not None and after is not None:
        raise WrongValue("PUBLISH EVENT takes AT a time or AFTER seconds, not both.")
    if after is not None:
        due = now + limits.seconds("AFTER of PUBLISH EVENT", after)
    elif at is not None:
        due = event_words.moment_of("AT of PUBLISH EVENT", at, now)
    else:
        return None
    if due - now > limits.LONGEST:
        raise WrongValue(f"PUBLISH EVENT may lie at most {limits.LONGEST.days} days ahead.")
    return due if due > now else None


async def _offered(
    host: Host, name: str, data: Value = None, key: Value = None, dedupe: Value = None, at: Value = None,
    after: Value = None,
) -> Decided:  # fmt: skip
    return Decided(
        EVENT_OFFERED.row(
            id=host.moment.new_id(),
            name=limits.event_name(name),
            key=event_words.event_key(key),
            data=limits.event_data(data),
            dedupe=event_words.dedupe_key(dedupe),
            due=_when(host.now, at, after),
        )
    )


@keyword(
    "PUBLISH EVENT {name} [WITH {data}] [KEY {key}] [DEDUPE {dedupe}] [AT {at}] [AFTER {after}]",
    effect=Effect.RECORD,
    example='PUBLISH EVENT "order.paid" WITH order',
    group="events",
    tool=True,
    deciding=Deciding(frozenset({"dedupe"}), _offered),
)
def publish_event(
    moment: Moment, name: str, data: Value = None, key: Value = None, dedupe: Value = None, at: Value = None,
    after: Value = None,
) -> Recorded:  # fmt: skip
    """Wake every execution that waits for this event; answers the event's id.

    Events of one KEY are handled in their order. With DEDUPE a second one with that key is the first one: its id is
    answered, and nobody wakes again. AT a time or AFTER so many seconds it happens later.
    """
    event, due = moment.new_id(), _when(moment.now, at, after)
    given = {
        "id": event,
        "name": limits.event_name(name),
        "key": event_words.event_key(key),
        "data": limits.event_data(data),
    }
    row = EVENT_PUBLISHED.row(**given) if due is None else EVENT_DELAYED.row(**given, due=due)
    return Recorded(str(event), (row,))


# -- waiting -----------------------------------------------------------------------------------------------------------


@keyword(
    "WAIT FOR EVENT {name} [KEY {key}] [WHERE {where:condition}] [SINCE {since}] [CONSUME {consume:flag}]"
    " [TIMEOUT {timeout}]",
    effect=Effect.WAIT,
    example='WAIT FOR EVENT "order.paid" TIMEOUT 3600',
    group="events",
)
async def wait_for_event(
    host: Host, name: str, timeout: float | None = None, key: Value = None, where: Value = None, since: Value = None,
    consume: bool = False,
) -> Wait:  # fmt: skip
    """Wait until the event is published and answer its data; NULL and `timed_out` TRUE when the time is over.

    An event published since this run began counts, even before the program came to this line; each event once. The name
    may be a pattern: `order.*`, `order.>`. With SINCE also older ones count; with CONSUME no other consumer gets it.
    """
    wanted = _pattern(host.moment, name)
    limit = limits.timeout("WAIT FOR EVENT", timeout)
    simple = key is None and where is None and since is None and not consume and not patterns.is_pattern(wanted)
    if simple:
        row = EVENT_AWAITED.row(name=wanted, key="", since_xid=None, since_seq=None)
    else:
        row = _chosen(host, wanted, 0, "one", key=key, where=where, since=since, consume=consume)
    return Wait(host.now + limit if limit else None, (row,), f"event {wanted}")


@keyword(
    "WAIT FOR ANY EVENT {names:many} [TIMEOUT {timeout}]",
    effect=Effect.WAIT,
    example='WAIT FOR ANY EVENT "order.paid", "order.cancelled" TIMEOUT 3600',
    group="events",
)
async def wait_for_any_event(host: Host, names: Value, timeout: float | None = None) -> Wait:
    """Wait for the first of several events and answer it: its `name`, `data`, `id`, `key`, `time` and `source`."""
    return _several(host, "any", "WAIT FOR ANY EVENT", names, timeout)


@keyword(
    "WAIT FOR ALL EVENTS {names:many} [TIMEOUT {timeout}]",
    effect=Effect.WAIT,
    example='WAIT FOR ALL EVENTS "stock.reserved", "order.paid" TIMEOUT 3600',
    group="events",
)
async def wait_for_all_events(host: Host, names: Value, timeout: float | None = None) -> Wait:
    """Wait until each of these events was published; answers them in the order of the names."""
    return _several(host, "all", "WAIT FOR ALL EVENTS", names, timeout)


def _several(host: Host, mode: str, what: str, names: Value, timeout: Value) -> Wait:
    listed = [one for name in names for one in (name if isinstance(name, list) else [name])]
    wanted = list(dict.fromkeys(_pattern(host.moment, name) for name in listed))
    if not 0 < len(wanted) <= NAMES:
        raise WrongValue(f"{what} takes 1 to {NAMES} names, not {len(wanted)}.")
    limit = limits.timeout(what, timeout)
    rows = tuple(_chosen(host, name, part, mode) for part, name in enumerate(wanted))
    words = {"any": " or ", "all": " and "}[mode].join(wanted)
    return Wait(host.now + limit if limit else None, rows, f"event {words}"[:500])


def _chosen(
    host: Host, name: str, part: int, mode: str, *, key: Value = None, where: Value = None, since: Value = None,
    consume: bool = False,
) -> Any:  # fmt: skip
    """A row of a wait that chooses. Each choice reads on from where the same choice of this run read last."""
    condition, own = event_filters.stored(where), event_words.event_key(key)
    about = f"\x1f{sha256(json.dumps([condition, own]).encode()).hexdigest()[:16]}" if condition or own else ""
    when = None if since is None else event_words.moment_of("SINCE of WAIT FOR EVENT", since, host.now)
    return EVENT_CHOSEN.row(
        name=name, part=part, mode=mode, key=own, filter=condition, consume=consume, since=when,
        cursor=f"{name}\x1f{about}",
    )  # fmt: skip


def _pattern(moment: Moment, name: Value) -> str:
    found = patterns.checked(limits.name_of("an event", name))
    return patterns.visible(found, moment.identity.bot_name)


# -- handlers ----------------------------------------------------------------------------------------------------------


def _own(variables: Mapping[str, Value]) -> dict[str, Any]:
    """The variables as a handler gets them: the machine's own are left out."""
    return {name: dump(value) for name, value in variables.items() if not name.startswith("~")}


@keyword(
    "HANDLE EVENT {pattern} AT ENTRY {entry} [WHERE {where:condition}] [CONSUME {consume:flag}]",
    name="ON EVENT",
    effect=Effect.TRANSACTION,
    example='HANDLE EVENT "order.*" AT ENTRY "on:0"',
    group="internal",
)
async def on_event(host: Host, pattern: Value, entry: str, where: Value = None, consume: bool = False) -> Decided:
    """Run the block ON EVENT .. END ON for every such event from now on; answers the id of the subscription."""
    return Decided(
        EVENT_HANDLED.row(
            pattern=_pattern(host.moment, pattern),
            filter=event_filters.stored(where),
            consume=consume,
            entry=entry,
            vars=_own(host.variables),
        )
    )


@keyword(
    "OFF EVENT {pattern}",
    "UNSUBSCRIBE {pattern}",
    effect=Effect.TRANSACTION,
    example='OFF EVENT "order.*"',
    group="events",
)
async def off_event(host: Host, pattern: Value) -> Decided:
    """End what this bot registered with ON EVENT or FORWARD EVENT for this pattern; answers how many."""
    return Decided(EVENT_IGNORED.row(pattern=patterns.checked(limits.name_of("an event", pattern))))


@keyword(
    "FORWARD EVENT {pattern} TO {url} [SECRET {secret}]",
    effect=Effect.TRANSACTION,
    example='FORWARD EVENT "order.*" TO "https://example.com/hooks"',
    group="events",
)
async def forward_event(host: Host, pattern: Value, url: Value, secret: Value = None) -> Decided:
    """Send every such event from now on to a webhook, signed; answers the secret that its signatures are made with."""
    return Decided(
        EVENT_FORWARDED.row(
            id=host.moment.new_id(),
            pattern=_pattern(host.moment, pattern),
            url=event_words.web_address(url),
            secret=event_words.signing_secret(secret),
        )
    )


@keyword(
    "RUN LATER {entry} IN {delay} {unit:name} [OF {run}]",
    name="SCHEDULE IN",
    effect=Effect.TRANSACTION,
    example='RUN LATER "on:0" IN 10 MINUTES',
    group="internal",
)
async def schedule_in(host: Host, entry: str, delay: Value, unit: str, run: Value = None) -> Decided:
    """Run the block SCHEDULE IN .. END SCHEDULE later, as an execution of its own; answers its id."""
    wait = limits.seconds("SCHEDULE IN", limits.number("SCHEDULE IN", delay) * UNITS[unit.upper()])
    identity = host.moment.new_id()
    variables = {**_own(host.variables), RUN: run or str(host.identity.execution)}
    return Decided(
        RUN_SCHEDULED.row(
            id=identity, entry=entry, vars=variables, seed=identity.int & (2**63 - 1), due=host.now + wait
        )
    )


@keyword(
    "GO ON AT STEP {step} AT INDEX {at} OF {run}",
    name="CONTINUE WORKFLOW",
    effect=Effect.TRANSACTION,
    example="GO ON AT STEP 3 AT INDEX 7 OF run",
    group="internal",
)
async def continue_workflow(host: Host, step: int, at: int, run: Value = None) -> Decided:
    """Let the run that registered this handler go on at a step: once it waits, or anew when it has ended."""
    if not isinstance(run, str):
        raise Refused("CONTINUE WORKFLOW reaches a run only from a block ON EVENT of its program.")
    return Decided(RUN_CONTINUED.row(id=host.moment.new_id(), step=step, index=at, run=UUID(run)))


# -- looking -----------------------------------------------------------------------------------------------------------


class NoEvents(ProgramError):
    """The program runs where no events are kept."""

    kind = "unavailable"

    def __init__(self) -> None:
        super().__init__("There is no engine here that keeps events.")


def _events(host: Host) -> Events:
    if host.services.events is None:
        raise NoEvents
    return host.services.events


@keyword(
    "LIST EVENTS [{pattern}] [LIMIT {limit}]",
    effect=Effect.READ,
    example='LIST EVENTS "order.*" LIMIT 20',
    group="events",
)
async def list_events(host: Host, pattern: Value = None, limit: Value = 50) -> Value:
    """The newest events, the latest first: each with `id`, `name`, `key`, `data`, `time` and `source`."""
    wanted = None if pattern is None else _pattern(host.moment, pattern)
    return from_plain(await _events(host).listed(host.moment, wanted, _most(limit)))


@keyword("LIST DEAD EVENTS [LIMIT {limit}]", effect=Effect.READ, example="LIST DEAD EVENTS", group="events")
async def list_dead_events(host: Host, limit: Value = 50) -> Value:
    """The events that a handler or webhook gave up, the latest first, with `error` and `attempts`."""
    return from_plain(await _events(host).dead(host.moment, _most(limit)))


@keyword("LIST SUBSCRIPTIONS", effect=Effect.READ, example="LIST SUBSCRIPTIONS", group="events")
async def list_subscriptions(host: Host) -> Value:
    """Who is told of which events: the handlers and webhooks that are registered."""
    return from_plain(await _events(host).subscriptions(host.moment))


@keyword("REPLAY EVENT {event}", effect=Effect.IDEMPOTENT, example="REPLAY EVENT dead.id", group="events")
async def replay_event(host: Host, event: Value) -> Value:
    """Deliver an event again to whoever gave it up; answers to how many."""
    if not isinstance(event, str):
        raise WrongValue(f"REPLAY EVENT needs the id of an event, not {limits.shown(event)}.")
    return await _events(host).replayed(host.moment, event)


def _most(limit: Value) -> int:
    return max(1, min(MOST_LISTED, int(limits.number("LIMIT", limit))))


KEYWORDS = (
    publish_event,
    wait_for_event,
    wait_for_any_event,
    wait_for_all_events,
    on_event,
    off_event,
    forward_event,
    schedule_in,
    continue_workflow,
    list_events,
    list_dead_events,
    list_subscriptions,
    replay_event,
)
