"""HEAR: a program asks the person of the conversation, and waits for the answer as long as it takes."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from keywords.mistakes import Refused, WrongValue
from storage.pool import Pool
from tests.workflow.house import OWNER, House, ProgramBots, house
from tests.workflow.kit import TENANT, rows
from workflow.details import Caller, Detail
from workflow.sweep import Sweep

ANA = Caller(TENANT, "ana@example.com", "chat")
AGE = 'HEAR age AS INTEGER WITH "How old are you?"\nRETURN age + 1\n'


async def asked(home: House, source: str, **options: Any) -> Detail:
    """The program started, and standing at its question."""
    detail = await home.operations.wait(OWNER, await home.start(source, **options), 20)
    assert detail.questions, detail
    return detail


async def test_a_program_says_its_prompt_waits_and_goes_on_with_the_answer(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        detail = await asked(home, AGE)
        assert (detail.status, detail.reason) == ("waiting", 'an answer to "How old are you?" (INTEGER)')
        assert [message.text for message in detail.messages] == ["How old are you?"]
        (question,) = detail.questions
        assert (question.prompt, question.expects, question.execution) == ("How old are you?", "INTEGER", detail.id)
        await home.operations.answer(ANA, detail.id, " 41 ")
        ended = await home.ended(detail.id)
        assert (ended.result, ended.questions) == (42, ())
        (deed,) = await home.operations.deeds(OWNER, detail.id)
        assert (deed.act, deed.by, deed.through) == ("answer", "ana@example.com", "chat")
    given = b"select given -> 'v' from workflow_steps where keyword = 'HEAR'"
    assert await rows(pool, given) == [({"o": ["text", " 41 ", "by", "ana@example.com", "through", "chat"]},)]


async def until_asked_again(home: House, execution: UUID, words: str) -> Detail:
    while True:
        detail = await home.operations.wait(OWNER, execution, 20)
        if detail.finished or detail.messages[-1].text == words:
            return detail
        await asyncio.sleep(0.01)


async def test_an_answer_that_does_not_fit_is_asked_for_again_three_times_in_all(database: str, pool: Pool) -> None:
    again = "That is not a whole number. Please try again."
    async with house(database, pool) as home:
        detail = await asked(home, AGE)
        await home.operations.answer(ANA, detail.id, "old")
        detail = await until_asked_again(home, detail.id, again)
        assert detail.reason and detail.reason.endswith("try 2 of 3")
        await home.operations.answer(ANA, detail.id, "very old")
        while not (detail.reason and detail.reason.endswith("try 3 of 3")):
            detail = await home.operations.wait(OWNER, detail.id, 5)
        await home.operations.answer(ANA, detail.id, "40")
        ended = await home.ended(detail.id)
        assert (ended.result, [m.text for m in ended.messages]) == (41, ["How old are you?", again, again])


async def test_the_third_misfit_is_an_error_or_gives_the_default(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        for source, end in ((AGE, "failed"), ("HEAR age AS INTEGER DEFAULT 17\nRETURN age\n", "completed")):
            detail = await asked(home, source)
            for tries in (2, 3, 4):
                await home.operations.answer(ANA, detail.id, "x")
                while not detail.finished and f"try {tries} of" not in (detail.reason or ""):
                    detail = await home.operations.wait(OWNER, detail.id, 5)
            assert detail.status == end
        assert detail.result == 17


async def test_options_are_matched_without_case_and_a_menu_may_stand_in_a_variable(database: str, pool: Pool) -> None:
    source = 'list = ["Small", "Large"]\nHEAR size AS MENU list\nHEAR ok AS "yes", "no"\nRETURN size + ok\n'
    async with house(database, pool) as home:
        detail = await asked(home, source)
        assert detail.questions[0].options == ("Small", "Large")
        await home.operations.answer(ANA, detail.id, "LARGE")
        while not (detail.questions and detail.questions[0].options == ("yes", "no")):
            detail = await home.operations.wait(OWNER, detail.id, 5)
        await home.operations.answer(ANA, detail.id, "Yes")
        assert (await home.ended(detail.id)).result == "Largeyes"


async def test_a_question_of_a_bot_is_answered_through_the_run_that_asked_it(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=2, bots=ProgramBots()) as home:
        detail = await asked(home, 'c = BOT "curious"\nRETURN c\n')
        (question,) = detail.questions
        assert question.execution != detail.id and question.root == detail.id and question.bot_name == "curious"
        await home.operations.answer(ANA, detail.id, "Blue")
        assert (await home.ended(detail.id)).result == "blue"


async def test_of_two_questions_at_once_one_must_be_named(database: str, pool: Pool) -> None:
    source = "PARALLEL\nBRANCH a:\nHEAR x\nBRANCH b:\nHEAR y\nEND PARALLEL\nRETURN x + y\n"
    async with house(database, pool) as home:
        detail = await asked(home, source)
        while len(detail.questions) < 2:
            detail = await home.operations.get(OWNER, detail.id)
        with pytest.raises(Refused, match="Several of its parts ask something"):
            await home.operations.answer(ANA, detail.id, "1")
        for question in detail.questions:
            await home.operations.answer(ANA, question.execution, "1" if question.workflow_name == "a" else "2")
        assert (await home.ended(detail.id)).result == "12"


async def test_time_that_runs_out_is_an_error_or_gives_the_default(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        lost = await home.over(await home.start("HEAR x TIMEOUT 0.1\nRETURN x"))
        assert lost.error and (lost.error.kind, lost.error.message) == (
            "timeout",
            "Nobody answered within 0.1 seconds.",
        )
        execution = await home.start('HEAR x DEFAULT "tea" TIMEOUT 0.1\nRETURN [x, timed_out]')
        assert (await home.over(execution)).result == ["tea", True]


async def test_who_asks_nothing_cannot_be_answered(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        done = await home.run("RETURN 1")
        with pytest.raises(Refused, match="is completed and asks nothing now"):
            await home.operations.answer(ANA, done.id, "x")
        detail = await asked(home, AGE)
        for text in ("\0", "x" * 100_001, "\ud800"):
            with pytest.raises(WrongValue, match="An answer is text"):
                await home.operations.answer(ANA, detail.id, text)


async def test_of_an_answer_and_a_cancel_at_once_one_happens(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=2) as home:
        ends: set[str] = set()
        for turn in range(12):
            detail = await asked(home, "HEAR x\nRETURN x\n")
            acts = [home.operations.answer(ANA, detail.id, "hi"), home.operations.cancel(OWNER, detail.id)]
            answered, _ = await asyncio.gather(*(acts if turn % 2 else acts[::-1]), return_exceptions=True)
            ended = await home.ended(detail.id)
            ends.add(ended.status)
            assert ended.status in ("completed", "cancelled") and not ended.questions
            assert not isinstance(answered, Exception) or isinstance(answered, Refused)
        left = b"select count(*) from workflow_executions where finished_on = 'infinity'"
        assert await rows(pool, left) == [(0,)]


async def test_of_two_answers_at_once_one_counts(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=2) as home:
        for _ in range(8):
            detail = await asked(home, 'HEAR x\nHOLD "door"\nRETURN x\n')
            both = [home.operations.answer(ANA, detail.id, word) for word in ("a", "b")]
            outcomes = await asyncio.gather(*both, return_exceptions=True)
            assert sorted(isinstance(outcome, Refused) for outcome in outcomes) == [False, True]
            home.world.gate("door").set()
            won = "ab"[next(at for at, outcome in enumerate(outcomes) if isinstance(outcome, Detail))]
            assert (await home.ended(detail.id)).result == won


async def test_a_question_may_stand_for_ever_and_is_not_taken_for_lost(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        detail = await asked(home, AGE)
        async with pool.connection() as connection:
            await connection.set_autocommit(True)
            sweep = Sweep(connection, UUID(int=5), home.engine, {}, lambda: None)
            assert (await sweep.sweep(alone=True))["sweep_waiting"] == 0
            await connection.set_autocommit(False)
        assert (await home.operations.get(OWNER, detail.id)).status == "waiting"


async def test_a_question_survives_the_worker_that_asked_it(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        detail = await asked(home, AGE)
        await home.stop_worker(home.workers[0][0])
        await home.operations.answer(ANA, detail.id, "9")
        await home.add_worker()
        assert (await home.ended(detail.id)).result == 10


async def test_who_waits_for_news_hears_that_the_same_question_is_asked_again(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        detail = await asked(home, AGE)
        assert (await home.operations.wait(OWNER, detail.id, 0.2, news=True)).questions == detail.questions
        waiting = asyncio.create_task(home.operations.wait(OWNER, detail.id, 30, news=True))
        await asyncio.sleep(0)
        await home.operations.answer(ANA, detail.id, "old")
        assert (await waiting).messages[-1].text == "That is not a whole number. Please try again."
