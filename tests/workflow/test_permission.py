"""Nobody gets by a detour what he may not do: not by another program, not by a draft, not by publishing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from designer.drafts import Drafts
from designer.publishing import Publishing
from keywords.host import ProgramText
from keywords.mistakes import Forbidden
from storage.hints import PostgresHints
from storage.pool import Pool
from tests.designer.studio import REGISTRY
from tests.workflow.house import OWNER, house
from tests.workflow.kit import TENANT
from workflow.details import SCOPES, Caller

RUNS = Caller(TENANT, "an agent", "test", scopes=frozenset({"wf:read", "wf:run"}))
LIMIT = "RETURN SET LIMIT RUNNING 5\n"


@pytest.mark.parametrize(
    "source",
    [
        LIMIT,
        'SET BOT MEMORY "k", 1\n',
        'x = START PROGRAM "SET LIMIT RUNNING 5"\n',
        "IF LEN(START PROGRAM text) > 1 THEN TALK 1\n",
        "y = 1 COMPENSATE WITH START PROGRAM text\n",
        'ON EVENT "e" DO\n  START PROGRAM event.data\nEND ON\n',
        "MIGRATE EXECUTION id TO PROGRAM text\n",
        'PUBLISH WORKFLOW "l" FROM text\n',
        'PUBLISH WORKFLOW "drawn by somebody"\n',
        "FORK EXECUTION id WITH VARIABLES {n: 500}\n",
        'MIGRATE EXECUTION id TO "echo" WITH VARIABLES {n: 500}\n',
    ],
)
async def test_who_may_only_run_starts_nothing_that_does_more(database: str, pool: Pool, source: str) -> None:
    async with house(database, pool, workers=0) as home:
        with pytest.raises(Forbidden, match="needs the scope"):
            await home.operations.start(RUNS, ProgramText(source, "detour"))


@pytest.mark.parametrize("source", ['START WORKFLOW "echo" WITH message = "a"\n', 'MIGRATE EXECUTION id TO "echo"\n'])
async def test_what_was_published_or_packaged_is_started_by_all_who_may_run(
    database: str, pool: Pool, source: str
) -> None:
    async with house(database, pool, workers=0) as home:
        assert await home.operations.start(RUNS, ProgramText(source, "ordinary"))


@pytest.mark.parametrize("origin", ["", "shop"])
async def test_nobody_publishes_what_he_might_not_do(database: str, pool: Pool, origin: str) -> None:
    drafts = Drafts(pool, REGISTRY, PostgresHints(database, pool), lambda: datetime.now(UTC), uuid4)
    draft = await drafts.create(RUNS, "Limits", LIMIT, origin=origin)
    with pytest.raises(Forbidden, match="SET LIMIT, which needs the scope admin"):
        await Publishing(drafts).publish(RUNS, draft.id)
    assert await Publishing(drafts).program(TENANT, "Limits") is None
    boss = Caller(TENANT, "boss", "test", owner=True)
    assert (await Publishing(drafts).publish(boss, draft.id)).source == LIMIT
    published = await Publishing(drafts).program(TENANT, "Limits")
    assert published is not None
    async with house(database, pool, workers=0) as home:
        assert await home.operations.start(RUNS, published, bot_name=origin), "published for all who may run it"
        with pytest.raises(Forbidden, match="SET LIMIT"):
            await home.operations.start(RUNS, replace(published, published=False, origin=""))


async def test_nobody_publishes_a_text_who_starts_none(database: str, pool: Pool) -> None:
    limited = replace(RUNS, scopes=SCOPES, bots=frozenset({"shop"}))
    drafts = Drafts(pool, REGISTRY, PostgresHints(database, pool), lambda: datetime.now(UTC), uuid4)
    draft = await drafts.create(limited, "All of them", "RETURN LIST EXECUTIONS\n", origin="shop")
    with pytest.raises(Forbidden, match="no program given as text"):
        await Publishing(drafts).publish(limited, draft.id)
    assert await Publishing(drafts).program(TENANT, "All of them") is None


async def test_nobody_forks_a_text_that_does_what_he_may_not(database: str, pool: Pool) -> None:
    limited = replace(RUNS, scopes=SCOPES, bots=frozenset({"limits"}))
    async with house(database, pool, workers=0) as home:
        text = ProgramText("RETURN SET LIMIT RUNNING n\n", "limits")
        boss = await home.operations.start(OWNER, text, inputs={"n": 5}, bot_name="limits")
        for variables in ({}, {"n": 500}):
            with pytest.raises(Forbidden, match="SET LIMIT, which needs the scope admin"):
                await home.operations.fork(RUNS, boss, call=0, variables=variables)
            with pytest.raises(Forbidden, match="no program given as text"):
                await home.operations.fork(limited, boss, call=0, variables=variables)
        assert await home.operations.fork(OWNER, boss, call=0, variables={"n": 500})
        plain = await home.operations.start(OWNER, ProgramText("RETURN n\n", "plain"), inputs={"n": 5})
        assert await home.operations.fork(RUNS, plain, call=0, variables={"n": 500})


async def test_what_is_packaged_goes_on_with_other_variables_for_who_may_do_what_it_says(
    database: str, pool: Pool
) -> None:
    async with house(database, pool, workers=0) as home:
        text = ProgramText("RETURN SET LIMIT RUNNING n\n", "shop/limits", "shop")
        run = await home.operations.start(RUNS, text, inputs={"n": 5})
        assert await home.operations.fork(RUNS, run, call=0)
        with pytest.raises(Forbidden, match="SET LIMIT, which needs the scope admin"):
            await home.operations.fork(RUNS, run, call=0, variables={"n": 500})
        with pytest.raises(Forbidden, match="SET LIMIT, which needs the scope admin"):
            await home.operations.migrate(RUNS, run, text, variables={"n": 500})
        assert len(await home.operations.listed(OWNER)) == 2
