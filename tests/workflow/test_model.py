"""The operations against a simple model: whatever is done in whatever order, each execution stands as foretold."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import UUID, uuid4

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from keywords.host import ProgramText
from keywords.mistakes import ProgramError
from storage.pool import open_pool
from tests.workflow.house import House, house
from workflow.details import Caller
from workflow.operations import IdempotencyConflict

PROGRAMS = {
    "person": 'HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 600\nRETURN "approved"\n',
    "event": 'e = WAIT FOR EVENT "go" TIMEOUT 600\nRETURN "event"\n',
    "signal": 's = WAIT FOR SIGNAL "go" TIMEOUT 600\nRETURN "signal"\n',
    "both": 'PARALLEL\n  BRANCH a:\n    HUMAN APPROVAL FROM "ana@example.com"\n  BRANCH b:\n    x = 1\nEND PARALLEL\n',
    "quick": "RETURN 1\n",
    "fails": 'REFUSE "no"\n',
}
ENDS = {"quick": "completed", "fails": "failed"}
PATIENCE = 20.0
KEYS = ("k1", "k2")
SEEDS = itertools.count(100)  # ids follow from them, and all machines share a database


@dataclass(slots=True)
class Foretold:
    """How an execution must stand."""

    kind: str
    status: str
    decided: bool = False  # what it waits for is there, but it is paused


class Machine(RuleBasedStateMachine):
    """One tenant, one worker, all operations."""

    dsn = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.home: House
        self.caller = Caller(uuid4(), "owner@example.com", "model", owner=True)
        self.model: dict[UUID, Foretold] = {}
        self.keys: dict[str, UUID] = {}
        self.runner.run(self._open())

    async def _open(self) -> None:
        pool = await self.stack.enter_async_context(open_pool(self.dsn))
        self.home = await self.stack.enter_async_context(house(self.dsn, pool, seed=next(SEEDS)))

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()

    # -- what is done --------------------------------------------------------------------------------------------------

    @rule(kind=st.sampled_from(sorted(PROGRAMS)), key=st.none() | st.sampled_from(KEYS))
    def start(self, kind: str, key: str | None) -> None:
        program = ProgramText(PROGRAMS[kind], kind)
        try:
            found = self.runner.run(self.home.operations.start(self.caller, program, idempotency_key=key))
        except IdempotencyConflict:
            assert key and self.model[self.keys[key]].kind != kind
            return
        if key in self.keys:
            assert found == self.keys[key] and self.model[found].kind == kind
            return
        if key:
            self.keys[key] = found
        assert found not in self.model
        self.model[found] = Foretold(kind, ENDS.get(kind, "waiting"))

    @precondition(lambda self: self.model)
    @rule(pick=st.integers(0, 99))
    def pause(self, pick: int) -> None:
        execution, told = self._picked(pick)
        if self._does(self.home.operations.pause(self.caller, execution)):
            assert told.status in ("waiting", "paused")
            told.status = "paused"

    @precondition(lambda self: self.model)
    @rule(pick=st.integers(0, 99))
    def resume(self, pick: int) -> None:
        execution, told = self._picked(pick)
        if self._does(self.home.operations.resume(self.caller, execution)):
            assert told.status == "paused"
            told.status = "completed" if told.decided else "waiting"

    @precondition(lambda self: self.model)
    @rule(pick=st.integers(0, 99))
    def cancel(self, pick: int) -> None:
        execution, told = self._picked(pick)
        self._does(self.home.operations.cancel(self.caller, execution))
        if told.status in ("waiting", "paused"):
            told.status = "cancelled"

    @precondition(lambda self: self.model)
    @rule(pick=st.integers(0, 99))
    def approve(self, pick: int) -> None:
        execution, told = self._picked(pick)
        asked = self.runner.run(self.home.operations.approvals(self.caller, execution))
        for approval in asked:
            if self._does(self.home.operations.decide(self.caller, approval.id, "approve")):
                assert told.kind in ("person", "both") and told.status == "waiting"
                told.status = "completed"

    @precondition(lambda self: self.model)
    @rule(pick=st.integers(0, 99))
    def signal(self, pick: int) -> None:
        execution, told = self._picked(pick)
        if self._does(self.home.operations.signal(self.caller, execution, "go")) and told.kind == "signal":
            told.decided = True
            if told.status == "waiting":
                told.status = "completed"

    @rule()
    def publish(self) -> None:
        self.runner.run(self.home.operations.publish(self.caller, "go"))
        for told in self.model.values():
            if told.kind == "event" and told.status in ("waiting", "paused"):
                told.decided = True
                told.status = "completed" if told.status == "waiting" else "paused"

    @rule()
    def change_the_worker(self) -> None:
        self.runner.run(self._change_the_worker())

    async def _change_the_worker(self) -> None:
        worker, _ = self.home.workers[0]
        await self.home.stop_worker(worker)
        await self.home.add_worker()

    # -- what must hold ------------------------------------------------------------------------------------------------

    @invariant()
    def stands_as_foretold(self) -> None:
        self.runner.run(self._settled())

    async def _settled(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while (found := await self._statuses()) != {id_: told.status for id_, told in self.model.items()}:
                await asyncio.sleep(0.01)
                final = {id_: how for id_, how in found.items() if how in ("completed", "failed", "cancelled")}
                wrong = {id_: how for id_, how in final.items() if self.model[id_].status != how}
                assert not wrong, (wrong, self.model)

    async def _statuses(self) -> dict[UUID, str]:
        return {detail.id: detail.status for detail in await self.home.operations.listed(self.caller, None, 500)
                if detail.id in self.model}  # fmt: skip

    def _picked(self, pick: int) -> tuple[UUID, Foretold]:
        execution = sorted(self.model)[pick % len(self.model)]
        return execution, self.model[execution]

    def _does(self, operation: object) -> bool:
        """Whether it was done: what is refused must change nothing."""
        try:
            self.runner.run(operation)  # pyright: ignore[reportArgumentType] - a coroutine of any answer
        except ProgramError:
            return False
        return True


def test_operations_do_what_a_simple_model_says(database: str) -> None:
    Machine.dsn = database
    few = settings(max_examples=6, stateful_step_count=12, deadline=None, derandomize=True)
    run_state_machine_as_test(Machine, settings=few)
