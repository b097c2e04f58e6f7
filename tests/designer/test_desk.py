"""Programs publish what people draw: the same versions, the same refusals, and nobody's drawing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from designer.desk import DraftsDesk
from designer.drafts import Drafts
from designer.publishing import Publishing, Unpublishable
from keywords.host import Identity, Moment, ProgramText
from keywords.mistakes import UnknownName, WrongValue
from mcp_server.app import App, open_app
from mcp_server.settings import read
from storage.hints import PostgresHints
from storage.pool import Pool
from tests.designer.studio import REGISTRY
from tests.workflow.kit import TENANT
from workflow.details import Caller

ANA = Caller(TENANT, "ana", "test")
NOW = datetime(2026, 3, 14, tzinfo=UTC)
TEXT = 'TALK "a"\nRETURN 1\n'
OTHER = 'TALK "b"\nRETURN 2\n'


@pytest.fixture
def drafts(pool: Pool, database: str) -> Drafts:
    return Drafts(pool, REGISTRY, PostgresHints(database, pool), lambda: datetime.now(UTC), uuid4)


@pytest.fixture
def desk(drafts: Drafts) -> DraftsDesk:
    return DraftsDesk(drafts)


def moment(tenant: UUID = TENANT) -> Moment:
    return Moment(Identity(tenant, uuid4(), uuid4(), "clerk"), 0, 1, NOW)


async def source(drafts: Drafts, name: str) -> str | None:
    found = await Publishing(drafts).program(TENANT, name)
    return found.source if found else None


async def test_a_text_becomes_a_workflow_and_the_same_one_again_keeps_its_version(drafts: Drafts, desk: DraftsDesk):
    first = await desk.published(moment(), "Greet", TEXT, "")
    assert first == {"version": 1, "name": "Greet", "unchanged": False}
    assert await desk.published(moment(), "greet", TEXT, "") == {**first, "unchanged": True}
    assert await desk.published(moment(), "greet", None, "") == {**first, "unchanged": True}
    named = await desk.published(moment(), "greet", OTHER, " Spring  sale ")
    assert named == {"version": 2, "name": "Greet", "unchanged": False}
    assert await desk.published(moment(), "greet", OTHER, "Spring sale") == {**named, "unchanged": True}
    assert await source(drafts, "greet") == OTHER
    assert [(v["version"], v["name"], v["runs"]) for v in await desk.versions(moment(), "greet")] == [
        (2, "Spring sale", True),
        (1, "", False),
    ]
    (listed,) = await desk.listed(moment(), 10)
    assert (listed["name"], listed["version"], listed["lines"]) == ("Greet", 2, 2)


async def test_without_a_text_it_is_the_draft_that_is_published(drafts: Drafts, desk: DraftsDesk):
    draft = await drafts.create(ANA, "Drawn", TEXT)
    assert (await desk.published(moment(), "drawn", None, ""))["version"] == 1
    await drafts.replace(ANA, draft.id, OTHER)
    assert await source(drafts, "drawn") == TEXT, "an edit runs when it is published"
    assert (await desk.published(moment(), "drawn", None, ""))["version"] == 2
    assert await source(drafts, "drawn") == OTHER
    (newest, _) = await desk.versions(moment(), "drawn")
    assert newest["by"].startswith("clerk ")
    with pytest.raises(UnknownName, match="Did you mean Drawn"):
        await desk.published(moment(), "Drawm", None, "")


async def test_what_somebody_has_drawn_and_not_kept_is_a_version_before_a_text_takes_its_place(
    drafts: Drafts, desk: DraftsDesk
):
    draft = await drafts.create(ANA, "Drawn", TEXT)
    assert (await desk.published(moment(), "Drawn", OTHER, ""))["version"] == 2
    assert (await Publishing(drafts).version(ANA, draft.id, 1)).source == TEXT
    assert (await desk.published(moment(), "Drawn", TEXT, ""))["version"] == 3, "what is kept is not kept again"


async def test_a_text_that_cannot_run_is_refused_with_its_place_and_changes_nothing(drafts: Drafts, desk: DraftsDesk):
    await desk.published(moment(), "Greet", TEXT, "")
    for name in ("Greet", "New"):
        with pytest.raises(Unpublishable, match=r"line 2, column 3: "):
            await desk.published(moment(), name, 'TALK "a"\n  GIBBERISH 1\n', "")
    with pytest.raises(WrongValue):
        await desk.published(moment(), "a/b", TEXT, "")
    assert await source(drafts, "Greet") == TEXT
    (listed,) = await desk.listed(moment(), 10)
    assert (listed["name"], listed["version"]) == ("Greet", 1)
    assert len(await desk.versions(moment(), "Greet")) == 1


async def test_programs_that_publish_one_name_at_once_make_one_workflow(drafts: Drafts, desk: DraftsDesk):
    made = await asyncio.gather(*(desk.published(moment(), "Once", TEXT, "") for _ in range(8)))
    assert {(one["version"], one["name"]) for one in made} == {(1, "Once")}
    assert len(await desk.listed(moment(), 10)) == 1
    assert len(await desk.versions(moment(), "Once")) == 1


async def test_whenever_another_program_publishes_the_same_text_there_is_one_version(
    drafts: Drafts, desk: DraftsDesk, pool: Pool, database: str, monkeypatch: pytest.MonkeyPatch
):
    hints = PostgresHints(database, pool)
    rival, genuine = DraftsDesk(Drafts(pool, REGISTRY, hints, lambda: datetime.now(UTC), uuid4)), drafts.one
    asked, turn = 1, 0
    while turn < asked:  # the other one comes before the first statement, before the second, ... before the last
        asked = 0

        async def one(statement: str, given: Mapping[str, Any], name: str = f"N{turn}", turn: int = turn) -> Any:
            nonlocal asked
            asked += 1
            if asked == turn + 1:
                await rival.published(moment(), name, TEXT, "")
            return await genuine(statement, given)

        monkeypatch.setattr(drafts, "one", one)
        assert (await desk.published(moment(), f"N{turn}", TEXT, ""))["version"] == 1, turn
        monkeypatch.setattr(drafts, "one", genuine)
        assert len(await desk.versions(moment(), f"N{turn}")) == 1, turn
        turn += 1
    assert turn > 4


async def test_a_version_whose_number_was_taken_just_now_gets_the_next_one(
    drafts: Drafts, desk: DraftsDesk, pool: Pool
):
    draft = await drafts.create(ANA, "Drawn", TEXT)
    waits = "select exists (select from pg_locks where not granted)"
    async with pool.connection() as rival, pool.connection() as looking, rival.transaction():
        await rival.execute(
            "insert into workflow_versions (tenant_id, workflow_id, number, name, source, etag, by, at)"
            " values (%s, %s, 1, 'of another', 'RETURN 0', 'e', 'bob', now())",
            (TENANT, draft.id),
        )
        publishing = asyncio.create_task(desk.published(moment(), "Drawn", None, ""))
        while await (await looking.execute(waits)).fetchone() != (True,):
            assert not publishing.done()
    assert (await publishing)["version"] == 2
    assert [one["runs"] for one in await desk.versions(moment(), "Drawn")] == [True, False]


async def test_what_is_unpublished_starts_no_more_and_may_be_published_again(drafts: Drafts, desk: DraftsDesk):
    await desk.published(moment(), "Greet", TEXT, "")
    gone = {"version": None, "name": "Greet", "unchanged": False}
    assert await desk.unpublished(moment(), "greet") == gone
    assert await desk.unpublished(moment(), "greet") == {**gone, "unchanged": True}
    assert await source(drafts, "greet") is None
    assert (await desk.published(moment(), "greet", None, ""))["version"] == 1
    with pytest.raises(UnknownName):
        await desk.unpublished(moment(), "nothing like it")


async def test_a_program_sees_and_publishes_only_what_is_of_its_tenant(drafts: Drafts, desk: DraftsDesk):
    await drafts.create(ANA, "Drawn", TEXT)
    stranger = moment(UUID(int=9))
    assert await desk.listed(stranger, 10) == []
    with pytest.raises(UnknownName):
        await desk.published(stranger, "Drawn", None, "")
    await desk.published(stranger, "Drawn", OTHER, "")
    assert await source(drafts, "Drawn") is None
    assert (await drafts.listed(ANA))[0].published is None


# -- in the product ----------------------------------------------------------------------------------------------------


@pytest.fixture
async def app(database: str, tmp_path: Any) -> AsyncIterator[App]:
    settings = read({"BOTMCP_HOME": str(tmp_path / "home"), "DATABASE_URL": database, "BOTMCP_PORT": "0"})
    async with open_app(settings, "serve") as opened:
        yield opened


PROGRAM = """\
source = "PARAM n AS INTEGER
RETURN n * 2"
made = PUBLISH WORKFLOW "Double it" FROM source AS VERSION "first"
answer = CALL WORKFLOW "double it" WITH n = 21
again = PUBLISH WORKFLOW "double it"
ON ERROR RESUME NEXT
PUBLISH WORKFLOW "Double it" FROM "RETURN ("
told = ERROR MESSAGE
ON ERROR GOTO 0
RETURN [made.version, answer, again.unchanged, told]
"""


async def test_a_run_publishes_what_the_designer_lists_and_others_call(app: App):
    caller = app.caller("test", "")
    execution = await app.operations.start(caller, ProgramText(PROGRAM, "clerk"))
    ended = await app.operations.wait(caller, execution, 30)
    assert ended.status == "completed", ended.error
    version, answer, unchanged, told = ended.result
    assert (version, answer, unchanged) == (1, 42, True)
    assert "It cannot be published: line 1, column " in told
    (drawn,) = await app.drafts.listed(caller)
    assert (drawn.name, drawn.published, drawn.created_by) == ("Double it", 1, f"execution {execution}")
    assert (await app.program(caller, "double it")).source == "PARAM n AS INTEGER\nRETURN n * 2"
