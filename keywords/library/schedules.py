"""SET SCHEDULE and its like: programs that start at their times. SET LIMIT: how much bots may do at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from keywords.cron import rule_of
from keywords.encode import from_plain, plain
from keywords.host import Host, Value
from keywords.library import limits
from keywords.library.steering import executions, whole
from keywords.mistakes import WrongValue
from keywords.registry import Effect, keyword
from keywords.values import text

ANY_DAY = datetime(2024, 1, 1, tzinfo=UTC)  # where a rule is tried; what is ever due is due within 50 years of it
_TAIL = "[WITH INPUTS {inputs}] [ZONE {zone}] [MISSED {missed}] [NAMED {name}]"


def _rule(value: Value) -> None:
    if isinstance(value, str):
        rule_of(value, "UTC", ANY_DAY, 0)


def _rule_words(value: Value) -> None:
    _rule(f"every {value}")


def _zone(value: Value) -> None:
    if isinstance(value, str):
        rule_of("every day", value, ANY_DAY, 0)


@keyword(
    f"SET SCHEDULE {{rule}} [, {{script}} [, {{argument}}]] {_TAIL}",
    f"SET SCHEDULE {{rule:tight}} {{script:tight}} {{argument:tight}} {_TAIL}",
    "SET SCHEDULE EVERY {words:text}",
    name="SET SCHEDULE",
    effect=Effect.IDEMPOTENT,
    example='SET SCHEDULE "0 9 * * 1-5" ZONE "Europe/Berlin"',
    group="triggers",
    checks={"rule": _rule, "zone": _zone, "words": _rule_words},
)
async def set_schedule(
    host: Host,
    rule: Value = None,
    script: Value = None,
    argument: Value = None,
    words: Value = None,
    inputs: Value = None,
    zone: Value = None,
    missed: Value = "once",
    name: Value = None,
) -> Value:
    """Start this program, or a named script, at the times of a cron line or of plain words, or at one date.

    A third text goes to the script's first PARAM; a date between rule and script is the first day. MISSED "skip",
    "once" or "all" says whether times at which nobody was up are made up for; ZONE is the time zone. A schedule of the
    same name is replaced; answers how it stands. A line at the head of a packaged script counts as soon as the package
    is found.
    """
    found: str | datetime
    starts: datetime | None = None
    if isinstance(script, date):  # "0 9 * * *" DATEADD(TODAY(), 8, "day"), "welcome.bas"
        starts, script, argument = moment_of(script), argument, None
    if words is not None:
        found = f"every {words}"
    elif isinstance(rule, date):
        found = moment_of(rule)
    else:
        found = limits.name_of("a rule", rule)
    given: Any = plain(inputs) or {}
    if not isinstance(given, Mapping):
        raise WrongValue("SET SCHEDULE needs the inputs as an object: WITH INPUTS {name: value}.")
    wanted = None if script is None else limits.name_of("a script", script)
    if isinstance(found, datetime) and name is None:
        name = f"{(wanted or 'program').removesuffix('.bas')} at {found:%Y-%m-%d %H:%M:%S}, {host.call_id}"
    kept = await executions(host).scheduled(
        host.moment,
        found,
        wanted,
        given,
        name="" if name is None else limits.name_of("a schedule", name),
        argument=None if argument is None else text(argument),
        zone="" if zone is None else limits.name_of("a time zone", zone),
        missed=text(missed).strip().lower(),
        starts=starts,
    )
    return from_plain(dict(kept))


def moment_of(day: date) -> datetime:
    """A date is its first moment, by the clock of NOW."""
    found = day if isinstance(day, datetime) else datetime(day.year, day.month, day.day, tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@keyword("LIST SCHEDULES", effect=Effect.READ, example="LIST SCHEDULES", group="triggers")
async def list_schedules(host: Host) -> Value:
    """The schedules, the next one to be due first: name, rule, zone, status, workflow, next (five times), runs, ..."""
    return from_plain([dict(each) for each in await executions(host).schedules(host.moment)])


async def _put(host: Host, action: str, name: Value) -> Value:
    wanted = limits.name_of("a schedule", name)
    return from_plain(dict(await executions(host).rescheduled(host.moment, action, wanted)))


@keyword("PAUSE SCHEDULE {name}", effect=Effect.IDEMPOTENT, example='PAUSE SCHEDULE "report"', group="triggers")
async def pause_schedule(host: Host, name: Value) -> Value:
    """Let a schedule start nothing until RESUME SCHEDULE; answers how it stands."""
    return await _put(host, "pause", name)


@keyword("RESUME SCHEDULE {name}", effect=Effect.IDEMPOTENT, example='RESUME SCHEDULE "report"', group="triggers")
async def resume_schedule(host: Host, name: Value) -> Value:
    """Let a paused schedule go on with its next time; what was due meanwhile is not made up for."""
    return await _put(host, "resume", name)


@keyword("DELETE SCHEDULE {name}", effect=Effect.IDEMPOTENT, example='DELETE SCHEDULE "report"', group="triggers")
async def delete_schedule(host: Host, name: Value) -> Value:
    """Delete a schedule; what it has started goes on. Answers the schedule as it was."""
    return await _put(host, "delete", name)


@keyword(
    "SET LIMIT OF {bot} [RUNNING {running}] [STARTS {starts} [IN {seconds}]]",
    "SET LIMIT [RUNNING {running}] [STARTS {starts} [IN {seconds}]]",
    name="SET LIMIT",
    effect=Effect.IDEMPOTENT,
    example='SET LIMIT OF "support" RUNNING 10 STARTS 100 IN 60',
    group="executions",
)
async def set_limit(
    host: Host, bot: Value = None, running: Value = None, starts: Value = None, seconds: Value = 60
) -> Value:
    """Let a bot, or without one everything here, run so many executions at once, and start so many in some seconds.

    What is not said is not limited. What finds no room waits its turn; a start too many is refused. Answers the limit.
    """
    found = await executions(host).limited(
        host.moment,
        "" if bot is None else limits.name_of("a bot", bot),
        running=None if running is None else whole("RUNNING", running),
        starts=None if starts is None else whole("STARTS", starts),
        seconds=limits.number("IN of SET LIMIT", seconds),
    )
    return from_plain(dict(found) if found is not None else None)


@keyword("LIST LIMITS", effect=Effect.READ, example="LIST LIMITS", group="executions")
async def list_limits(host: Host) -> Value:
    """The limits: bot (NULL: everything here), max_running, starts, seconds, how many run now, and who set it."""
    return from_plain([dict(each) for each in await executions(host).limits(host.moment)])


KEYWORDS = (
    set_schedule,
    list_schedules,
    pause_schedule,
    resume_schedule,
    delete_schedule,
    set_limit,
    list_limits,
)
