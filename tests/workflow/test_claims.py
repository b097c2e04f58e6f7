"""Who is claimed first: every tenant gets its share, priority counts as time, and nothing waits for ever."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from storage.pool import Pool
from tests.workflow.kit import claim, insert, rows

ME, LARGE, SMALL, OTHER = UUID(int=100), UUID(int=11), UUID(int=12), UUID(int=120)


async def test_a_newcomer_gets_its_share_beside_a_long_queue(pool: Pool) -> None:
    for _ in range(30):
        await insert(pool, tenant=LARGE)
    for _ in range(3):
        await insert(pool, tenant=SMALL)
    claimed = await claim(pool, ME, 10)
    assert Counter(each.tenant_id for each in claimed) == {LARGE: 5, SMALL: 3}
    assert {each.more for each in claimed if each.tenant_id == LARGE} == {True}
    assert {each.more for each in claimed if each.tenant_id == SMALL} == {False}


async def test_more_tenants_than_slots_are_served_from_another_place_each_time(pool: Pool) -> None:
    tenants = [UUID(int=number << 120) for number in range(1, 9)]
    for tenant in tenants:
        await insert(pool, tenant=tenant)
    first = await claim(pool, UUID(int=5 << 120), 2)  # the place is the claimer's own id
    assert [each.tenant_id for each in sorted(first, key=lambda each: each.tenant_id)] == [tenants[4], tenants[5]]
    around = await claim(pool, UUID(int=8 << 120), 2)
    assert {each.tenant_id for each in around} == {tenants[7], tenants[0]}


async def test_a_priority_more_is_a_minute_more_of_waiting(pool: Pool) -> None:
    low, high, old = [await insert(pool) for _ in range(3)]
    await rows(
        pool,
        b"update workflow_executions set priority = case id when %(low)s then 2 when %(high)s then 1 else 5 end,"
        b" ready_at = ready_at - case id when %(old)s then interval '10 minutes' else '0' end returning 1",
        {"low": low, "high": high, "old": old},
    )
    order = [(await claim(pool, ME, 1))[0].id for _ in range(3)]
    assert order == [old, high, low]


async def test_a_full_worker_takes_one_of_each_tenant_it_runs_nothing_of(pool: Pool) -> None:
    small, other = [await insert(pool, tenant=SMALL) for _ in range(3)], await insert(pool, tenant=OTHER)
    large = [await insert(pool, tenant=LARGE, bot=bot) for bot in (1, 2, 3) for _ in range(10)]
    claimed = await claim(pool, ME, 5, busy=[LARGE])
    assert Counter(each.tenant_id for each in claimed) == {SMALL: 1, OTHER: 1}
    assert {each.id for each in claimed} <= {*small, other}
    assert Counter(each.tenant_id for each in await claim(pool, ME, 1, busy=[LARGE])) == {SMALL: 1}
    assert await claim(pool, ME, 5, busy=[LARGE, SMALL]) == []
    assert {each.id for each in await claim(pool, ME, 100)} >= set(large)
