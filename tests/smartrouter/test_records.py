"""What models did is written once, adds up exactly, and is read again as it was."""

from __future__ import annotations

import asyncio
import math
import random
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.rows import dict_row

from smartrouter.attempts import Attempt
from smartrouter.catalogue import Model
from smartrouter.ledger import Noted, performance_columns, rows
from smartrouter.moments import Moments
from smartrouter.performance import Performance
from smartrouter.records import SQL, Records
from smartrouter.routing.features import read
from smartrouter.routing.tally import HALF_LIFE
from storage.pool import Pool

TENANT, NOW = UUID(int=1), 1_790_000_000.0
PROMPT, MODEL = read("Hello there"), Model("acme/one")


def noted(number: int = 0, ended: str = "answered", at: float = NOW, **known: Any) -> Noted:
    given: dict[str, Any] = {
        "seconds": 1.0 + number / 7,
        "read": 10,
        "written": 5,
        "cost": 0.001 * (number + 1),
    } | known
    answered = given if ended == "answered" else {}
    return Noted(TENANT, Attempt(MODEL, PROMPT, f"e:0:{number}", ended, **answered), at)


def records(pool: Pool, clock: Any = lambda: 0.0) -> Records:
    return Records(pool, clock, lambda: NOW)


async def row(pool: Pool) -> dict[str, Any]:
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["performance"], {"tenant": TENANT})
        [found] = await cursor.fetchall()
        return found


async def test_many_writers_lose_nothing_and_the_moments_are_exact(pool: Pool) -> None:
    chance = random.Random(1)
    batches = [[noted(n, seconds=chance.lognormvariate(0, 2)) for n in range(part, 240, 8)] for part in range(8)]

    async def write(batch: list[Noted]) -> None:
        kept = records(pool)
        for place, one in enumerate(batch):
            kept.note(one)
            if place % 5 == 4:
                await kept.write()
        await kept.write()

    await asyncio.gather(*map(write, batches))
    found, truth = await row(pool), Moments.of(one.attempt.seconds for batch in batches for one in batch)
    assert (found["calls"], found["seconds_n"], found["input_tokens"]) == (240, 240, 2400)
    assert found["seconds_mean"] == pytest.approx(truth.mean, rel=1e-12)
    assert found["seconds_m2"] == pytest.approx(truth.m2, rel=1e-12)
    assert found["cost"] == pytest.approx(math.fsum(0.001 * (n + 1) for n in range(240)), rel=1e-12)
    assert sum(found["hist_seconds"]) == pytest.approx(240)


async def test_a_batch_whose_commit_was_never_answered_is_not_written_twice(pool: Pool) -> None:
    columns = performance_columns(rows([noted()]))
    once = {**columns, "batch": uuid4(), "half_life": HALF_LIFE}
    async with pool.connection() as connection:
        for _ in range(3):
            await connection.execute(SQL["write_records"], once)
    assert (await row(pool))["calls"] == 1


async def test_failures_count_and_time_outs_apart(pool: Pool) -> None:
    kept = records(pool)
    for one in (noted(0), noted(1, "late"), noted(2, "failed"), noted(3, "misfit", quality=0.0, weight=0.3)):
        kept.note(one)
    await kept.write()
    found = await row(pool)
    assert (found["calls"], found["errors"], found["timeouts"], found["seconds_n"]) == (3, 2, 1, 1)


async def test_what_the_choice_goes_by_fades_and_what_is_counted_does_not(pool: Pool) -> None:
    kept = records(pool)
    kept.note(noted(0, quality=1.0, weight=1.0))
    await kept.write()
    kept.note(noted(1, at=NOW + HALF_LIFE))
    await kept.write()
    found = await row(pool)
    assert found["judged"] == pytest.approx(0.5)
    assert found["paid"] == pytest.approx(1.5)
    assert (found["calls"], found["seconds_n"]) == (2, 2)
    kept.note(noted(2, at=NOW))  # a clock that runs behind
    await kept.write()
    assert (await row(pool))["paid"] == pytest.approx(2.0)


async def test_another_process_knows_what_was_written(pool: Pool) -> None:
    kept = records(pool)
    for number in range(8):
        kept.note(noted(number, first=0.2, between=0.01))
    kept.note(noted(9, quality=0.3, weight=0.2))
    await kept.write()
    known = (await records(pool).of(TENANT)).known
    key = (MODEL.label, PROMPT.task)
    assert known.tallies[key].judged == pytest.approx(0.2)
    assert known.spending[key].calls == pytest.approx(9)
    span = known.paces[key].span()
    assert span is not None and span.first == pytest.approx(0.2, rel=0.12)


async def test_a_process_learns_at_once_from_its_own_calls_and_later_from_others(pool: Pool) -> None:
    now = 0.0
    mine, others = records(pool, lambda: now), records(pool)
    held = await mine.of(TENANT)
    mine.note(noted(0))
    await mine.write()
    assert held.known.spending[MODEL.label, "chat"].calls == pytest.approx(1)
    others.note(noted(1))
    await others.write()
    now = 100.0
    await mine._reread()  # pyright: ignore[reportPrivateUsage] - what `run` does every second
    assert held.known.spending[MODEL.label, "chat"].calls == pytest.approx(2)


async def test_without_a_database_for_a_while_nothing_is_lost(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = records(pool)
    kept.note(noted())
    with monkeypatch.context() as away:
        away.setattr(kept, "_written", _refused)
        with pytest.raises(OSError, match="away"):
            await kept.write()
    await kept.write()
    assert (await row(pool))["calls"] == 1


async def _refused(*_: object) -> None:
    raise OSError("away")


async def test_people_see_each_model_and_its_health(pool: Pool) -> None:
    kept = records(pool)
    for number in range(10):
        kept.note(noted(number))
    kept.note(noted(10, quality=0.9, weight=1.0))
    kept.ill(TENANT, MODEL.label, "acme/one failed: down", NOW + 30)
    await kept.write()
    performance = Performance(pool, lambda origin: (MODEL, Model("acme/two")))
    one, two = await performance.standings(TENANT)
    assert (one.model, one.calls, one.quality, one.trouble) == (
        "acme/one",
        11,
        pytest.approx(0.9),
        "acme/one failed: down",
    )
    assert one.closed_until is not None and one.closed_until.timestamp() == NOW + 30
    assert (two.model, two.calls) == ("acme/two", 0)
    assert one.to_json()["p95"] > one.to_json()["median"]


async def test_charts_have_cost_time_and_share_of_each_model_at_each_task(pool: Pool) -> None:
    from datetime import UTC, datetime, timedelta

    kept = records(pool)
    kept.note(noted(0))
    kept.note(noted(1, "failed"))
    kept.note(Noted(TENANT, Attempt(Model("acme/two"), PROMPT, "e:0:9", "answered", 2.0, 1, 1, 0.5), NOW))
    kept.note(Noted(TENANT, Attempt(MODEL, PROMPT, "e:0:1", "answered"), NOW, cached=True))
    await kept.write()
    told = await Performance(pool, lambda origin: ()).usage(
        TENANT, datetime.fromtimestamp(NOW + 60, UTC), timedelta(days=1)
    )
    assert told["piece_seconds"] == 3600
    first, second = told["points"]
    assert (first["model"], first["calls"], first["errors"], first["cached"]) == ("acme/one", 2, 1, 1)
    assert first["share"] == pytest.approx(2 / 3, rel=1e-4)
    assert (second["cost"], second["seconds"]) == (0.5, 2.0)
