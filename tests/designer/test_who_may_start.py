"""Who may only run starts nothing from these pages that does more: no draft, no old run, no step taken out alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from designer import app as pages
from designer.publishing import Publishing, checked
from keywords.host import ProgramText
from mcp_server import designing, listening_server
from mcp_server.app import App
from tests.designer.test_pages import Browser
from workflow.details import Caller
from workflow.permission import needed

LIMIT = 'TALK "x"\nSET LIMIT RUNNING 5\n'
NEEDS = "SET LIMIT, which needs the scope admin"


@pytest.fixture
def boss(app: App) -> Caller:
    return app.caller("test", "")


@pytest.fixture
def runs(boss: Caller) -> Caller:
    return replace(boss, subject="key ci", owner=False, scopes=frozenset({"wf:run"}))


@pytest.fixture
async def someone(app: App, runs: Caller) -> AsyncIterator[Browser]:
    """The browser of somebody who has the scope wf:run and no other."""

    def identify(request: Request) -> Caller | None:
        return runs

    doors = replace(designing.doors(app), identify=identify)
    async with (
        listening_server.serving(Starlette(routes=pages.routes(doors)), "127.0.0.1", 0, ()) as address,
        httpx.AsyncClient(timeout=60) as client,
    ):
        yield Browser(client, address)


async def refused(app: App, someone: Browser, path: str, **form: str) -> None:
    """It is answered with what is needed, and nothing has started."""
    caller = app.caller("test", "")
    before = [one.id for one in await app.operations.listed(caller, None, 100)]
    answer = await someone.send(path, **form)
    assert (answer.status_code, NEEDS in answer.text) == (403, True), answer.text[:2000]
    assert [one.id for one in await app.operations.listed(caller, None, 100)] == before


async def begun(app: App, someone: Browser, path: str, **form: str) -> UUID:
    answer = await someone.send(path, **form)
    assert answer.status_code == 303, answer.text[:2000]
    run = UUID(answer.headers["location"].rpartition("/")[2])
    assert (await app.operations.wait(app.caller("test", ""), run, 20)).status == "completed"
    return run


@pytest.mark.parametrize("origin", ["", "customer-support"])
async def test_a_draft_that_does_more_is_not_tried_whole_or_by_its_step(
    app: App, runs: Caller, someone: Browser, origin: str
) -> None:
    draft = str((await app.drafts.create(runs, "Limits", LIMIT, origin=origin)).id)
    await refused(app, someone, "/designer/start", draft=draft)
    await refused(app, someone, "/designer/step", draft=draft, line="2")
    await refused(app, someone, f"/designer/workflows/{draft}/publish")
    await begun(app, someone, "/designer/step", draft=draft, line="1")
    await app.drafts.replace(runs, UUID(draft), 'TALK "x"\n')
    await begun(app, someone, "/designer/start", draft=draft)


@pytest.mark.parametrize("origin", ["", "customer-support"])
async def test_what_somebody_else_might_try_is_not_started_again(
    app: App, boss: Caller, someone: Browser, origin: str
) -> None:
    tried = await app.operations.start(boss, ProgramText(LIMIT, "Limits", origin), bot_name=origin)
    await app.operations.wait(boss, tried, 20)
    await refused(app, someone, "/designer/start", run=str(tried))
    await refused(app, someone, "/designer/step", run=str(tried), line="2")


async def test_a_packaged_workflow_is_started_by_all_and_its_steps_alone_by_who_may_do_what_they_say(
    app: App, boss: Caller, someone: Browser
) -> None:
    draft = await app.drafts.create(boss, "Limits", LIMIT, origin="customer-support")
    await Publishing(app.drafts).publish(boss, draft.id)
    run = await begun(app, someone, "/designer/start", workflow="Limits")
    await begun(app, someone, "/designer/start", run=str(run))
    await refused(app, someone, "/designer/step", workflow="Limits", line="2")
    await refused(app, someone, "/designer/step", run=str(run), line="2")
    await begun(app, someone, "/designer/step", run=str(run), line="1")
    await Publishing(app.drafts).unpublish(boss, draft.id)
    await refused(app, someone, "/designer/start", run=str(run))


async def test_a_packaged_run_is_started_again_by_all_who_may_run(
    app: App, boss: Caller, runs: Caller, someone: Browser
) -> None:
    program = app.packages.program("customer-support/request")
    assert not all(runs.may(scope) for scope, _ in needed(checked(program.source, program.name, app.registry)))
    given = {"customer": "Ada", "problem": "Where is my parcel?", "order_number": "1001"}
    run = await app.operations.start(boss, program, inputs=given, bot_name=program.origin)
    await app.operations.wait(boss, run, 30)
    await begun(app, someone, "/designer/start", run=str(run), **{f"in:{name}": value for name, value in given.items()})
