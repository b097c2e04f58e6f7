"""Children that come to their end at once are stored as they ended, with their parent's next commit."""

from __future__ import annotations

from uuid import uuid4

from keywords.host import ProgramText
from storage.pool import Pool
from tests.workflow.house import OWNER, house
from tests.workflow.kit import rows

MIXED = """\
SET BOT MEMORY "k", "before"
USE MODEL "first"
TALK "one"
PARALLEL
BRANCH a:
  USE MODEL "second"
  TALK "two"
BRANCH b:
  {other}
END PARALLEL
SET BOT MEMORY "k", "after"
{last}
TALK "three"
MARK "end"
RETURN GET BOT MEMORY("k")
"""


async def _in_order(database: str, pool: Pool, other: str, last: str, wanted: tuple[int, str]) -> None:
    async with house(database, pool) as home:
        program = ProgramText(MIXED.format(other=other, last=last), "test")
        started = await home.operations.start(OWNER, program, bot_name="support", session=uuid4())
        detail = await home.ended(started)
        models = await rows(pool, b"select model from model_preferences")
        born = await rows(pool, b"select entry, status, epoch from workflow_executions where parent_id is not null")
        history = await rows(pool, b"select value from bot_memory_log where key = 'k' order by version")
        journal, _ = await home.operations.journal(OWNER, detail.id)
    assert detail.result == "after"
    assert [value for (value,) in history] == ["before", "after"]
    assert [message.text for message in detail.messages] == ["one", "two", "three"]
    assert {status for _, status, _ in born} == {"completed"}
    assert {row.error for row in journal} == {None}
    untouched = sum(epoch == 0 for *_, epoch in born)  # an epoch of 0: nobody ever claimed it
    assert (untouched, models) == (wanted[0], [(wanted[1],)])


async def test_what_it_did_stands_after_what_its_parent_did_before(database: str, pool: Pool) -> None:
    await _in_order(database, pool, "x = 1", "y = 2", (2, "second"))


async def test_what_it_did_stands_before_what_its_parent_did_after(database: str, pool: Pool) -> None:
    await _in_order(database, pool, "x = 1", 'USE MODEL "third"', (2, "third"))


async def test_so_it_does_beside_one_that_has_to_live(database: str, pool: Pool) -> None:
    await _in_order(database, pool, 'MARK "lives"', "y = 2", (1, "second"))


async def test_what_others_may_refuse_is_not_done_by_a_child_that_was_born_ended(database: str, pool: Pool) -> None:
    await _in_order(database, pool, 'SET BOT MEMORY "other", "inside"', "y = 2", (1, "second"))
