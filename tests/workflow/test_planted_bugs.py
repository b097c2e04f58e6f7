"""One bug a guarantee, planted: the test that holds the guarantee must fail. A test that cannot fail says nothing.

A bug is a patch of the engine as it runs; the test that must notice is called with it, and without it in its own file.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from typing import Any

import pytest

from storage.pool import Pool
from tests.workflow import guarantees, test_commit, test_safety, test_worker
from tests.workflow.kit import ENGINE
from workflow import batch, commit, lease, run, sweep
from workflow.commit import Committer
from workflow.turn import Fenced, Unstorable

Plant = Callable[[pytest.MonkeyPatch], None]
Noticed = Callable[[str, Pool], Awaitable[None]]


def rewritten(statements: Collection[dict[str, bytes]], name: str, old: bytes, new: bytes) -> Plant:
    """The statement with one part in the place of another, wherever it is kept."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        for held in statements:
            assert old in held[name], f"{name} has changed: plant the bug anew"
            patch.setitem(held, name, held[name].replace(old, new))

    return plant


def no_fence(patch: pytest.MonkeyPatch) -> None:
    for old in (
        b"(x.epoch = turns.epoch) is true and (x.seq = turns.seq) is true",
        b"(x.owner = %(owner)b) is true and (x.status = 'running') is true",
    ):
        rewritten([commit.SQL], "commit_turns", old, b"%(owner)b is not null")(patch)


def sweeper_off(patch: pytest.MonkeyPatch) -> None:
    async def nothing(self: Any, *, alone: bool = False) -> dict[str, int]:
        return defaultdict(int)

    patch.setattr(sweep.Sweep, "sweep", nothing)


def effect_before_commit(patch: pytest.MonkeyPatch) -> None:
    async def acted(self: Any, call: Any, act: Any, unsaved: Any) -> Any:
        answer = await self._tried(call, act, None)
        return answer if await self._commit("running", call.state) else None

    patch.setattr(run.Run, "_acted", acted)


def one_turn_refused_refuses_all(patch: pytest.MonkeyPatch) -> None:
    async def settle(self: Any, connection: Any, turns: Any) -> Any:
        try:
            return await self._write(connection, turns)
        except commit.REFUSED as error:
            return {ready.turn.id: Unstorable(str(error)) for ready in turns}

    patch.setattr(Committer, "_settle", settle)


def unknown_outcome_not_read(patch: pytest.MonkeyPatch) -> None:
    async def known_fates(self: Any, turns: Any) -> Any:
        return {ready.turn.id: Fenced() for ready in turns}

    patch.setattr(Committer, "_known_fates", known_fates)


def children_counted_once_a_batch(patch: pytest.MonkeyPatch) -> None:
    columns = batch.join_columns

    def one_each(turns: Any) -> Any:
        seen: dict[Any, Any] = {}
        return columns([t for t in turns if t.parent is None or seen.setdefault(t.parent, t) is t])

    patch.setattr(batch, "join_columns", one_each)


def two_turns_of_one_in_a_batch(patch: pytest.MonkeyPatch) -> None:
    def everything(self: Any) -> Any:
        taken, self._queue = self._queue, []
        self._filled.clear()
        return taken

    patch.setattr(Committer, "_next", everything)
    no_fence(patch)


PLANTED: dict[str, tuple[Plant, Noticed]] = {
    "fence removed": (no_fence, test_commit.test_a_second_worker_cannot_commit_a_lost_lease),
    "seq not fenced": (
        rewritten([commit.SQL], "commit_turns", b"and (x.seq = turns.seq) is true", b""),
        test_commit.test_a_stale_seq_is_fenced_out_even_for_its_owner,
    ),
    "sweeper off": (sweeper_off, test_worker.test_the_sweeper_repairs_what_should_never_be),
    "claim reads, then runs": (
        rewritten([ENGINE], "claim", b" for update skip locked", b""),
        guarantees.an_execution_is_claimed_by_one,
    ),
    "effect before commit": (effect_before_commit, guarantees.an_act_begins_after_its_commit),
    "ONCE repeated after a crash": (
        rewritten([lease.SQL], "take_over", b"x.once_call > 0 then 'in_doubt'", b"x.once_call = -7 then 'in_doubt'"),
        test_worker.test_a_call_that_must_not_be_repeated_is_in_doubt_after_a_crash,
    ),
    "one refused turn refuses its batch": (
        one_turn_refused_refuses_all,
        test_commit.test_a_poisoned_member_fails_alone,
    ),
    "unknown outcome taken for lost": (
        unknown_outcome_not_read,
        test_commit.test_a_batch_after_a_dropped_connection_is_neither_lost_nor_doubled,
    ),
    "children counted once a batch": (
        children_counted_once_a_batch,
        test_commit.test_the_last_of_a_hundred_branches_wakes_the_parent,
    ),
    "two turns of one in a batch": (
        two_turns_of_one_in_a_batch,
        test_safety.test_a_zombie_in_the_same_batch_as_its_heir_writes_nothing,
    ),
}


@pytest.mark.parametrize("bug", PLANTED)
async def test_a_planted_bug_is_noticed(bug: str, database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, holds = PLANTED[bug]
    plant(monkeypatch)
    with pytest.raises((AssertionError, TimeoutError, asyncio.CancelledError)):
        async with asyncio.timeout(5):
            await holds(database, pool)


async def test_an_execution_is_claimed_by_one(database: str, pool: Pool) -> None:
    await guarantees.an_execution_is_claimed_by_one(database, pool)


async def test_an_act_begins_after_its_commit(database: str, pool: Pool) -> None:
    await guarantees.an_act_begins_after_its_commit(database, pool)
