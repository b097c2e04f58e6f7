"""Bots that work together: handed over to, asked, told, gathered, taken into the conversation."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from keywords.host import ProgramText
from storage.pool import Pool
from tests.workflow.house import OWNER, PROGRAMS, House, ProgramBots, house
from tests.workflow.kit import rows
from workflow.programs import Rejected


async def test_a_message_is_delegated_and_the_answer_comes_back(database: str, pool: Pool) -> None:
    async with house(database, pool, bots=ProgramBots()) as home:
        source = 'a = DELEGATE "one" TO BOT "echo"\nmessage = "two"\nb = DELEGATE TO "echo"\n'
        source += 'c = ASK BOT "echo" ABOUT "three"\n'
        assert (await home.run(source + "RETURN [a, b, c]")).result == ["heard one", "heard two", "heard three"]


async def test_an_unknown_bot_stops_the_start(database: str, pool: Pool) -> None:
    async with house(database, pool, bots=ProgramBots()) as home:
        for line in ('ASK BOT "ecco" ABOUT "x"', 'DELEGATE "x" TO BOT "ecco"', 'TRANSFER CONVERSATION TO "ecco"'):
            with pytest.raises(Rejected, match="Did you mean echo"):
                await home.start(line)


@pytest.mark.parametrize("line", ['BOT "slow" "m" TIMEOUT 0.2', 'DELEGATE "m" TO BOT "slow" TIMEOUT 0.2'])
async def test_a_bot_that_takes_too_long_is_ended_and_the_answer_is_null(database: str, pool: Pool, line: str) -> None:
    async with house(database, pool, workers=2, bots=ProgramBots()) as home:
        execution = await home.start(f'x = {line}\nTALK "late: ${{timed_out}}"\nRETURN x')
        await home.world.until_held("slow")
        while not await rows(
            pool, b"select 1 from workflow_executions where parent_id is not null and cancel_requested"
        ):
            await asyncio.sleep(0.01)
        home.world.gate("slow").set()
        detail = await home.ended(execution)
        assert (detail.status, detail.result) == ("completed", None)
        assert [message.text for message in detail.messages] == ["late: true"]


async def test_a_bot_that_waits_is_ended_at_its_deadline(database: str, pool: Pool) -> None:
    async with house(database, pool, bots=ProgramBots()) as home:
        detail = await home.over(await home.start('x = BOT "curious" TIMEOUT 0.2\nRETURN [x, timed_out]'))
        assert detail.result == [None, True] and detail.questions == ()


async def test_a_bot_in_time_leaves_timed_out_as_it_was(database: str, pool: Pool) -> None:
    async with house(database, pool, bots=ProgramBots()) as home:
        source = 'e = WAIT FOR EVENT "never" TIMEOUT 0.1\nx = BOT "echo" "m"\na = timed_out\n'
        detail = await home.run(source + 'y = BOT "echo" "m" TIMEOUT 60\nRETURN [a, timed_out, y]')
        assert detail.result == [True, False, "heard m"]


async def test_bots_work_on_one_task_at_the_same_time(database: str, pool: Pool) -> None:
    PROGRAMS["shout"] = "RETURN UCASE(message)\n"
    async with house(database, pool, bots=ProgramBots()) as home:
        detail = await home.run('r = COLLABORATE WITH "echo, shout" ON "plan"\nRETURN r')
        assert detail.result == {"echo": "heard plan", "shout": "PLAN"}
        failed = await home.run('r = COLLABORATE WITH ["echo", "fails"] ON "plan"')
        assert failed.error and "fails could not work on it" in failed.error.message


async def test_what_was_sent_goes_on_by_itself_and_is_waited_for_later(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=2, bots=ProgramBots()) as home:
        source = 'id = SEND TO BOT "slow" MESSAGE "m"\nTALK "on"\nSEND TO BOT "echo" MESSAGE "n"\n'
        waits = 'e = WAIT FOR BOT "echo"\ns = WAIT FOR BOT "slow" TIMEOUT 0.1\nt = timed_out\nHOLD "gate"\n'
        execution = await home.start(source + waits + 's = WAIT FOR BOT "slow"\nRETURN [e, t, s, timed_out]')
        await home.world.until_held("gate")
        assert await home.talk(execution) == ["on"]
        home.world.gate("slow").set()
        home.world.gate("gate").set()
        assert (await home.ended(execution)).result == ["heard n", True, "late", False]


async def test_the_mistake_of_a_bot_that_was_sent_something_is_told_to_who_waits(database: str, pool: Pool) -> None:
    async with house(database, pool, bots=ProgramBots()) as home:
        failed = await home.run('SEND TO BOT "fails" MESSAGE "m"\nx = WAIT FOR BOT "fails"')
        assert failed.error and "the child refuses" in failed.error.message and failed.error.line == 2


async def test_a_conversation_is_transferred_and_the_script_ends(database: str, pool: Pool) -> None:
    async with house(database, pool, bots=ProgramBots()) as home:
        source = 'SUB over\nTRANSFER CONVERSATION TO "echo"\nTALK "never"\nEND SUB\nCALL over\nTALK "nor this"\n'
        detail = await home.run(source, message="hi")
        assert (detail.status, detail.result, detail.messages) == ("completed", "heard hi", ())


# -- who takes part ----------------------------------------------------------------------------------------------------

JOIN = 'ADD BOT "echo" WITH TRIGGER "hi, hello" WITH SCHEDULE "daily"\nADD BOT "slow" TRIGGER ON "later"\n'


async def test_bots_are_added_listed_ranked_and_removed(database: str, pool: Pool) -> None:
    async with house(database, pool, bots=ProgramBots()) as home:
        listed = (await home.run(JOIN + 'SET BOT PRIORITY "slow", 5\nRETURN LIST BOTS()')).result
        assert listed == [
            {"name": "slow", "triggers": "later", "tools": "", "schedule": "", "priority": 5},
            {"name": "echo", "triggers": "hi, hello", "tools": "", "schedule": "daily", "priority": 0},
        ]
        assert (await home.run("RETURN LIST BOTS")).result == [], "another run is another conversation"
        source = (
            JOIN + 'a = REMOVE BOT "echo"\nb = REMOVE BOT "echo"\nADD BOT "slow" WITH TOOLS ["a", "b"]\nl = LIST BOTS\n'
        )
        removed = await home.run(source + "RETURN [a, b, UBOUND(l), l[0].tools, l[0].triggers]")
        assert removed.result == [True, False, 1, "a, b", ""]
        refused = await home.run('SET BOT PRIORITY "echo", 1')
        assert (
            refused.error and refused.error.message == "The bot echo is not in the conversation. Write ADD BOT first."
        )
        unknown = await home.run('ADD BOT "ecco"')
        assert unknown.error and "Did you mean echo?" in unknown.error.message


async def test_runs_of_one_session_share_its_bots(database: str, pool: Pool) -> None:
    async with house(database, pool, bots=ProgramBots()) as home:
        session = uuid4()

        async def run(source: str, session: UUID) -> object:
            program = ProgramText(source, "test")
            return (await home.ended(await home.operations.start(OWNER, program, session=session))).result

        await asyncio.gather(*(run(JOIN, session) for _ in range(10)))
        assert await run("l = LIST BOTS\nRETURN UBOUND(l)", session) == 2
        assert await run("l = LIST BOTS\nRETURN UBOUND(l)", uuid4()) == 0


@pytest.mark.parametrize(
    "line", ['BROADCAST "m" TO BOTS', 'BROADCAST MESSAGE "m"', 'BROADCAST "m" TO BOTS ["echo", "slow"]']
)
async def test_a_broadcast_reaches_every_bot(database: str, pool: Pool, line: str) -> None:
    async with house(database, pool, bots=ProgramBots()) as home:
        home.world.gate("slow").set()
        waits = 'a = WAIT FOR BOT "echo"\nb = WAIT FOR BOT "slow"\nRETURN [told, a, b]'
        detail = await home.run(f"{JOIN}told = {line}\n{waits}")
        assert detail.result == [["echo", "slow"], "heard m", "late"]


async def test_a_bot_reads_what_the_journal_says_of_its_work(database: str, pool: Pool) -> None:
    async def reflected(home: House, source: str) -> object:
        return (await home.ended(await home.start(source, bot="worker"))).result

    async with house(database, pool, bots=ProgramBots()) as home:
        await reflected(home, "BOT REFLECTION TRUE\nx = MARK 1")
        await reflected(home, 'x = REFUSE "no"')
        found = await reflected(home, "RETURN BOT REFLECTION INSIGHTS()")
        assert isinstance(found, dict)
        assert (found["runs"], found["completed"], found["failed"], found["mistakes"]) == (3, 1, 1, 1)
        assert (found["enabled"], found["success_rate"]) == (True, 0.5)
        assert await reflected(home, 'RETURN BOT REFLECTION ON "failed"') == 1
        wrong = await home.run('x = BOT REFLECTION ON "falied"')
        assert wrong.error and "Did you mean failed?" in wrong.error.message
