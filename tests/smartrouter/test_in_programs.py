"""Programs ask models on a real engine: what is told in the journal, rated, budgeted, kept, and never shown."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from psycopg import sql

from keywords.host import ProgramText
from smartrouter.catalogue import Model
from smartrouter.daily_limits import DailyLimits
from smartrouter.performance import Performance
from smartrouter.router import LitellmModels
from smartrouter.routing.features import Prompt, read
from storage.pool import Pool
from tests.model_server import ModelServer, fails, model_server, says
from tests.workflow.house import OWNER, House, house
from tests.workflow.kit import TENANT
from workflow.details import Detail

KEY = "sk-planted-0123456789abcdef"


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with model_server() as running:
        yield running


def router(server: ModelServer, pool: Pool, *names: str, **wishes: Any) -> LitellmModels:
    listed = [Model(f"openai/{name}", server.url, KEY, 1.0, 2.0) for name in names or ("one",)]
    return LitellmModels(listed, os.environ, pool=pool, chance=lambda: 0.5, **wishes)


async def ran(made: House, source: str, bot: str = "") -> Detail:
    execution = await made.operations.start(OWNER, ProgramText(source, "test"), bot_name=bot)
    return await made.over(execution)


async def aside(pool: Pool, execution: UUID) -> list[dict[str, Any]]:
    async with pool.connection() as connection:
        rows = await connection.execute(
            "select given -> 'aside' from botmcp.workflow_steps where execution_id = %s and given ? 'aside' "
            "order by seq",
            [execution],
        )
        return [row[0] for row in await rows.fetchall()]


async def test_the_journal_says_who_answered_at_what_cost_and_why(
    database: str, pool: Pool, server: ModelServer
) -> None:
    server.script.append(says("42"))
    async with house(database, pool, models=router(server, pool, "one", "two")) as made:
        detail = await ran(made, 'RETURN LLM "What is it?" WITH OPTIMIZE FOR "balanced"\n')
    [told] = await aside(pool, detail.id)
    assert detail.result == "42"
    assert told["model"].startswith("openai/") and told["cost"] == pytest.approx(25e-6)
    assert (told["input_tokens"], told["output_tokens"], told["task"]) == (11, 7, "chat")
    assert "of 2 for balanced at chat: quality" in told["why"]


async def test_a_rating_reaches_the_records_of_the_model_that_answered(
    database: str, pool: Pool, server: ModelServer
) -> None:
    models = router(server, pool)
    source = 'a = LLM "Tell me"\nb = LLM "Tell me more"\nRETURN RATE LLM a, 0.25\n'
    async with house(database, pool, models=models) as made:
        detail = await ran(made, source)
        assert detail.result is True
        other = await ran(made, f'RETURN RATE LLM NULL, 0.75 IN EXECUTION "{detail.id}"\n')
        assert other.result is True
        await models.settled()
    [one] = await Performance(pool, models.configured).standings(TENANT)
    assert one.judgements == pytest.approx(2) and one.quality == pytest.approx(0.5)
    async with pool.connection() as connection:
        rows = await connection.execute("select quality from botmcp.model_calls where quality is not null order by 1")
        assert [row[0] for row in await rows.fetchall()] == [0.25, 0.75]


async def test_only_what_a_model_said_here_can_be_rated(database: str, pool: Pool, server: ModelServer) -> None:
    async with house(database, pool, models=router(server, pool)) as made:
        detail = await ran(made, 'a = LLM "Tell me"\nRATE LLM a + "!", 1\n')
        nothing = await ran(made, "RATE LLM NULL, 1\n")
    assert detail.error is not None and "needs an answer of LLM as it came" in str(detail.error)
    assert nothing.error is not None and "nothing to rate" in str(nothing.error)


async def test_a_shaped_answer_is_a_value_and_can_be_rated(database: str, pool: Pool, server: ModelServer) -> None:
    server.script.append(says('Here: {"n": 2.0, "tags": ["a"]}'))
    source = 'x = LLM "Read" WITH SCHEMA {type: "object"}\nRATE LLM x, 1\nRETURN x.n + UBOUND(x.tags)\n'
    async with house(database, pool, models=router(server, pool)) as made:
        assert (await ran(made, source)).result == 3


async def test_a_kept_answer_is_given_again_to_its_own_bot_only(database: str, pool: Pool, server: ModelServer) -> None:
    models = router(server, pool)
    source = 'RETURN LLM "What is new?" WITH CACHE 600\n'
    async with house(database, pool, models=models) as made:
        first, again = await ran(made, source, "shop"), await ran(made, source, "shop")
        assert first.result == again.result and len(server.bodies) == 1
        [told] = await aside(pool, again.id)
        assert told["cached"] is True and told["cost"] == 0
        await ran(made, source, "bank")
        await ran(made, 'RETURN LLM "What is old?" WITH CACHE 600\n', "shop")
        assert len(server.bodies) == 3
    async with house(database, pool, models=router(server, pool), seed=8) as elsewhere:
        assert (await ran(elsewhere, source, "shop")).result == first.result
    assert len(server.bodies) == 3, "another process finds it in the database"


async def test_by_meaning_a_question_said_otherwise_gets_the_kept_answer(
    database: str, pool: Pool, server: ModelServer
) -> None:
    models = router(server, pool)
    await models.warm()
    ask = 'RETURN LLM "{}" WITH CACHE 600 BY MEANING\n'
    async with house(database, pool, models=models) as made:
        await ran(made, ask.format("What is the capital of France?"))
        await ran(made, ask.format("the capital of France, what is it?"))
        assert len(server.bodies) == 1
        await ran(made, ask.format("How do I bake bread at home?"))
        assert len(server.bodies) == 2


async def test_a_budget_of_the_day_ends_the_spending(database: str, pool: Pool, server: ModelServer) -> None:
    models = router(server, pool, daily=DailyLimits(tenant=1.0, bot=0.0005))
    async with house(database, pool, models=models) as made:
        rich = await ran(made, 'RETURN LLM "Hello"\n', "rich")
        assert rich.result is not None
        server.script.append(fails(500))  # may have cost all that the bot has left
        await ran(made, 'ON ERROR RESUME NEXT\nx = LLM "Hello" WITH MAX_COST 0.01\n', "poor")
        poor = await ran(made, 'RETURN LLM "Hello"\n', "poor")
    assert poor.error is not None and "budget" in str(poor.error) and "0.0005 US dollars a day" in str(poor.error)


async def test_use_model_holds_for_the_conversation(database: str, pool: Pool, server: ModelServer) -> None:
    source = 'USE MODEL "two"\nx = LLM "Hello"\nTALK GET CURRENT MODEL\nRETURN LIST MODELS\n'
    async with house(database, pool, models=router(server, pool, "one", "two")) as made:
        detail = await ran(made, source)
    assert [body["model"] for body in server.bodies] == ["two"]
    assert detail.messages[0].text == "two"
    assert detail.result == ["openai/one", "openai/two"]


@pytest.mark.parametrize("status", [200, 400, 401, 500])
async def test_a_key_is_found_nowhere(
    database: str, pool: Pool, server: ModelServer, status: int, capfd: pytest.CaptureFixture[str]
) -> None:
    words = f"You sent {KEY}"
    server.otherwise = says(words.replace(KEY, "your key")) if status == 200 else fails(status, words)
    source = 'ON ERROR RESUME NEXT\nx = LLM "Hello" WITH MAX_LATENCY 2000\nTALK error.message\nRETURN x\n'
    models = router(server, pool)
    async with house(database, pool, models=models) as made:
        detail = await ran(made, source)
        await models.settled()
    stored = ""
    async with pool.connection() as connection:
        tables = await connection.execute("select tablename from pg_tables where schemaname = 'botmcp'")
        for (table,) in await tables.fetchall():
            query = sql.SQL("select string_agg(t::text, '') from botmcp.{} t").format(sql.Identifier(table))
            stored += str(await (await connection.execute(query)).fetchone())
    shown = f"{detail!r} {stored} {capfd.readouterr()}"
    assert "Hello" in stored, "the look into the tables sees something"
    assert KEY not in shown and KEY not in json.dumps(await aside(pool, detail.id))


async def test_what_learners_look_at_is_kept_though_the_model_answers_at_once(
    database: str, pool: Pool, server: ModelServer
) -> None:
    server.otherwise = says("yes")
    models = router(server, pool)
    await models.warm()
    async with house(database, pool, models=models) as made:
        detail = await ran(made, 'RETURN LLM "Why is the sky blue at noon?" WITH OPTIMIZE FOR "cost"\n')
        await models.settled()
    async with pool.connection() as connection:
        cursor = await connection.execute("select prompt from botmcp.model_calls where execution_id = %s", [detail.id])
        [[kept]] = await cursor.fetchall()
    prompt = Prompt.from_json(kept)
    assert prompt.length == len("Why is the sky blue at noon?") and prompt.surface == pytest.approx(
        read("Why is the sky blue at noon?").surface, abs=1e-4
    )
    assert len(prompt.meaning) == 256 and "sky" not in json.dumps(kept)
