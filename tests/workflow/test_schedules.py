"""Schedules: due at their times in their zones, fired once however many watch, missed times made up for as said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keywords.cron import Rule, rule_of
from keywords.host import ProgramText
from keywords.mistakes import LimitReached, Refused, UnknownName, WrongValue
from storage.pool import Pool
from tests.workflow.house import OWNER, PROGRAMS, House, house, packaged
from tests.workflow.kit import rows
from workflow.details import Caller
from workflow.operations import Operations
from workflow.programs import Rejected
from workflow.rules import Rules
from workflow.scheduler import MADE_UP, Scheduler

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
REPORT = ProgramText('MARK "report"\n', "report")


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def timed(database: str, pool: Pool, clock: Clock, **rules: Any) -> AsyncGenerator[tuple[House, Scheduler]]:
    """A house without workers whose clock the test moves, and a scheduler of it."""
    async with house(database, pool, workers=0) as home:
        engine = replace(home.engine, clock=clock, schedules=Rules(**rules))
        home.operations = Operations(engine)
        yield home, Scheduler(engine, home.operations, packaged)


async def started(pool: Pool) -> list[str]:
    query = b"select workflow_name from workflow_executions order by created_at, workflow_name"
    return [row[0] for row in await rows(pool, query)]


def times(words: str, zone: str, since: datetime, number: int) -> list[str]:
    found = rule_of(words, zone, since, 1.0).after(since)
    return [f"{next(found):%m-%d %H:%M}" for _ in range(number)]


def test_words_mean_what_they_say() -> None:
    for words, cron in {
        "every hour": "0 * * * *",
        "Every 5 Minutes": "*/5 * * * *",
        "every monday at 9:30": "30 9 * * 1",
        "every weekday at 8am": "0 8 * * 1-5",
        "daily at 5pm": "0 17 * * *",
        "every day at noon": "0 12 * * *",
        "@daily": "0 0 * * *",
        "weekly on friday at 9": "0 9 * * 5",
        "monthly on the 15th at 9": "0 9 15 * *",
        "every monday and thursday at 10": "0 10 * * 1,4",
        "every hour from 9 to 17 on weekdays": "0 9-17 * * 1-5",
        "0 9 * * MON": "0 9 * * MON",
        "0 30 23 * * *": "0 30 23 * * *",
    }.items():
        assert rule_of(words, "UTC", NOON, 60).cron == cron, words


def test_what_is_no_rule_is_refused_with_what_would_be_one() -> None:
    for words, why in {
        "now and then": 'is no rule for a schedule. Write one such as "0 9',
        "every 7 minutes": "7 minutes do not divide 60 evenly; these do: 1, 2, 3,",
        "every 2 weeks": "has no cron line",
        "61 * * * *": "is no cron line: bad minute",
        "0 0 31 2 *": "is no cron line",
        "every monday at 25:00": "25:00 is no time of day",
        "every month on the 1st on monday": "not both",
    }.items():
        with pytest.raises(WrongValue, match=why.replace(".", r"\.")):
            rule_of(words, "UTC", NOON, 60)
    with pytest.raises(LimitReached, match=r"is due every 1 seconds; between two times of a schedule .* at least 60"):
        rule_of("* * * * * *", "UTC", NOON, 60)
    with pytest.raises(WrongValue, match='"Mars/Olympus" is no time zone'):
        rule_of("daily", "Mars/Olympus", NOON, 60)


def test_summer_time_neither_loses_nor_doubles_a_day() -> None:
    march, october = datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)
    assert times("30 2 * * *", "Europe/Berlin", march, 3) == ["03-28 01:30", "03-29 01:00", "03-30 00:30"]
    assert times("30 2 * * *", "Europe/Berlin", october, 3) == ["10-24 00:30", "10-25 00:30", "10-26 01:30"]
    hourly = times("0 * * * *", "Europe/Berlin", october + timedelta(hours=22), 5)
    assert hourly == ["10-24 23:00", "10-25 00:00", "10-25 01:00", "10-25 02:00", "10-25 03:00"]
    assert Rule("0 9 * * *", "America/New_York").latest(NOON) == datetime(2026, 11, 21, 14, tzinfo=UTC)


async def test_it_starts_at_each_of_its_times_and_says_which_come_next(database: str, pool: Pool) -> None:
    clock = Clock()
    async with timed(database, pool, clock) as (home, scheduler):
        made = await home.operations.set_schedule(OWNER, "every hour", REPORT, inputs={"depth": 2})
        assert [f"{time:%H:%M}" for time in made.coming(3)] == ["13:00", "14:00", "15:00"]
        assert await scheduler.fire() == 0
        for hour in (13, 14):
            clock.now = NOON.replace(hour=hour, second=1)
            assert await scheduler.fire() == 1
            assert await scheduler.fire() == 0
        seen = await home.operations.schedule(OWNER, "report")
        assert (seen.runs, seen.passed_over, seen.last_at) == (2, 0, NOON.replace(hour=14))
        run = await home.operations.get(OWNER, seen.last_execution) if seen.last_execution else None
        assert run and (run.started_by, run.started_through) == ("schedule report", "schedule")
    assert await started(pool) == ["report", "report"]


async def test_however_many_watch_each_time_starts_once(database: str, pool: Pool) -> None:
    clock = Clock()
    async with timed(database, pool, clock) as (home, scheduler):
        for n in range(5):
            await home.operations.set_schedule(OWNER, "every hour", REPORT, name=f"report {n}")
        for hour in range(13, 17):
            clock.now = NOON.replace(hour=hour)
            fired = await asyncio.gather(*(scheduler.fire() for _ in range(6)))
            assert sum(fired) == 5
    assert len(await started(pool)) == 20


async def test_a_scheduler_that_dies_between_start_and_note_starts_nothing_twice(database: str, pool: Pool) -> None:
    clock = Clock()
    async with timed(database, pool, clock) as (home, scheduler):
        await home.operations.set_schedule(OWNER, "every hour", REPORT)
        clock.now = NOON.replace(hour=13)
        await scheduler.fire()
        async with pool.connection() as connection:  # as if the note had been lost
            await connection.execute("update workflow_schedules set next_at = %s, runs = 0", [clock.now])
        assert await scheduler.fire() == 1
    assert await started(pool) == ["report"]


@pytest.mark.parametrize(("missed", "runs", "passed_over"), [("skip", 0, 5), ("once", 1, 4), ("all", 5, 0)])
async def test_what_was_missed_is_made_up_for_as_said(
    database: str, pool: Pool, missed: str, runs: int, passed_over: int
) -> None:
    clock = Clock()
    async with timed(database, pool, clock) as (home, scheduler):
        await home.operations.set_schedule(OWNER, "every hour", REPORT, missed=missed)
        clock.now = NOON + timedelta(hours=5, minutes=30)
        assert await scheduler.fire() == runs
        seen = await home.operations.schedule(OWNER, "report")
        assert (seen.runs, seen.passed_over, seen.next_at) == (runs, passed_over, NOON + timedelta(hours=6))
        clock.now = NOON + timedelta(hours=6, seconds=5)
        assert await scheduler.fire() == 1  # in time again


async def test_a_long_absence_is_bounded(database: str, pool: Pool) -> None:
    clock = Clock()
    async with timed(database, pool, clock) as (home, scheduler):
        await home.operations.set_schedule(OWNER, "* * * * *", REPORT, missed="all")
        clock.now = NOON + timedelta(days=400)
        assert await scheduler.fire() == MADE_UP
        seen = await home.operations.schedule(OWNER, "report")
        assert seen.passed_over > 9_000 and seen.last_at == clock.now


async def test_a_single_time_starts_once_and_is_over(database: str, pool: Pool) -> None:
    clock = Clock()
    async with timed(database, pool, clock) as (home, scheduler):
        await home.operations.set_schedule(OWNER, NOON + timedelta(days=3), REPORT)
        clock.now = NOON + timedelta(days=4)
        assert await scheduler.fire() == 1
        clock.now = NOON + timedelta(days=400)
        assert await scheduler.fire() == 0
        assert (await home.operations.schedule(OWNER, "report")).status == "over"


async def test_paused_it_starts_nothing_resumed_it_goes_on_deleted_it_is_gone(database: str, pool: Pool) -> None:
    clock = Clock()
    async with timed(database, pool, clock) as (home, scheduler):
        operations = home.operations
        await operations.set_schedule(OWNER, "every hour", REPORT, missed="all")
        assert (await operations.pause_schedule(OWNER, "report")).coming() == ()
        clock.now = NOON + timedelta(hours=3)
        assert await scheduler.fire() == 0
        await operations.set_schedule(OWNER, "every hour", REPORT, missed="all")  # kept again: still paused
        assert (await operations.schedule(OWNER, "report")).status == "paused"
        resumed = await operations.resume_schedule(OWNER, "report")
        assert resumed.next_at == NOON + timedelta(hours=4)
        with pytest.raises(Refused, match="is active; only one that is paused"):
            await operations.resume_schedule(OWNER, "report")
        await operations.delete_schedule(OWNER, "report")
        with pytest.raises(UnknownName, match="There is no schedule report"):
            await operations.schedule(OWNER, "report")
    assert await started(pool) == []


async def test_a_rule_kept_again_keeps_its_place_and_a_changed_one_begins_anew(database: str, pool: Pool) -> None:
    clock = Clock()
    async with timed(database, pool, clock) as (home, _):
        first = await home.operations.set_schedule(OWNER, "every hour", REPORT)
        clock.now = NOON + timedelta(minutes=90)
        again = await home.operations.set_schedule(OWNER, "every hour", REPORT, inputs={"x": 1})
        assert (again.id, again.next_at, again.inputs) == (first.id, first.next_at, {"x": 1})
        changed = await home.operations.set_schedule(OWNER, "every day at 20", REPORT)
        assert (changed.id, changed.next_at) == (first.id, NOON.replace(hour=20))


async def test_a_program_that_cannot_start_says_so_and_the_others_start(database: str, pool: Pool) -> None:
    clock = Clock()
    async with timed(database, pool, clock) as (home, scheduler):
        await home.operations.set_schedule(OWNER, "every hour", ProgramText("PARAM n AS INTEGER\n", "needy"))
        await home.operations.set_schedule(OWNER, "every hour", REPORT)
        clock.now = NOON.replace(hour=13)
        assert await scheduler.fire() == 1
        broken = await home.operations.schedule(OWNER, "needy")
        assert broken.last_error and "n" in broken.last_error and broken.next_at == NOON.replace(hour=14)


async def test_limits_of_starts_put_a_schedule_off(database: str, pool: Pool) -> None:
    clock = Clock()
    async with timed(database, pool, clock) as (home, scheduler):
        await home.operations.set_schedule(OWNER, "every hour", REPORT)
        await home.operations.set_limit(OWNER, starts=1, seconds=600)
        await home.operations.start(OWNER, REPORT)
        clock.now = NOON.replace(hour=13)
        await home.operations.start(OWNER, REPORT)
        assert await scheduler.fire() == 0
        assert "may start 1 executions" in str((await home.operations.schedule(OWNER, "report")).last_error)
        clock.now += timedelta(minutes=11)
        assert await scheduler.fire() == 1


async def test_there_are_bounds_and_another_tenant_sees_nothing(database: str, pool: Pool) -> None:
    clock = Clock()
    async with timed(database, pool, clock, most=2, zone="Asia/Tokyo") as (home, _):
        operations = home.operations
        made = await operations.set_schedule(OWNER, "daily at 9", REPORT, name="a")
        assert made.zone == "Asia/Tokyo" and made.next_at == datetime(2026, 11, 23, 0, tzinfo=UTC)
        await operations.set_schedule(OWNER, "daily", REPORT, name="b")
        await operations.set_schedule(OWNER, "hourly", REPORT, name="b")  # no third one
        with pytest.raises(LimitReached, match="There are 2 schedules already"):
            await operations.set_schedule(OWNER, "daily", REPORT, name="c")
        with pytest.raises(Rejected):
            await operations.set_schedule(OWNER, "daily", ProgramText("IF 1 THEN\n", "a"), name="a")
        with pytest.raises(WrongValue, match="one of skip, once, all; not 'never'"):
            await operations.set_schedule(OWNER, "daily", REPORT, name="a", missed="never")
        stranger = Caller(OWNER.tenant.__class__(int=99), "eve", "test")
        assert await operations.schedules(stranger) == ()
        with pytest.raises(UnknownName):
            await operations.pause_schedule(stranger, "a")


async def test_a_program_schedules_itself_and_others_and_steers_them(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        source = """
            SET SCHEDULE "0 9 * * 1-5" ZONE "Europe/Berlin" MISSED "skip"
            SET SCHEDULE every 1 hour
            SET SCHEDULE "0 0 * * *", "double.bas", 21
            SET SCHEDULE DATEADD(NOW(), 7, "day"), "fails.bas"
            PAUSE SCHEDULE "double 21"
            FOR EACH each IN LIST SCHEDULES
              TALK each.name + " " + each.rule + " " + each.status
            NEXT
            x = DELETE SCHEDULE "double 21"
            RETURN x.inputs
        """
        ended = await home.run(source)
        assert ended.status == "completed", ended.error
        assert ended.result == {"x": "21"}
        said = sorted(message.text for message in ended.messages)
        assert said[0] == "double 21 0 0 * * * paused" and said[1].startswith("fails at ")
        assert said[2] == "test every 1 hour active"  # the second line replaced the first
        scheduler = Scheduler(home.engine, home.operations, packaged)
        async with pool.connection() as connection:
            await connection.execute("update workflow_schedules set next_at = now() where name = 'test'")
        assert await scheduler.fire() == 1
        (kept,) = [one for one in await home.operations.schedules(OWNER) if one.name == "test"]
        assert kept.last_execution and (await home.ended(kept.last_execution)).status == "completed"


async def test_a_scheduler_that_runs_fires_what_is_set_meanwhile(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        running = asyncio.create_task(Scheduler(home.engine, home.operations, packaged).run())
        at = home.engine.clock() + timedelta(seconds=0.2)
        await home.operations.set_schedule(OWNER, at, ProgramText(PROGRAMS["slow"], "slow"))
        await home.world.until_held("slow")
        running.cancel()
        assert (await home.operations.schedule(OWNER, "slow")).runs in (0, 1)
