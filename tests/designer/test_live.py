"""Watching a run: every row once and in order, however often the watcher is cut off; every line's state as it is."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import given, strategies as st

from designer.live import awake, event
from keywords.host import ProgramText
from keywords.mistakes import WrongValue
from mcp_server.app import App
from tests.designer.watching import Reader, dropped, whole_journal
from workflow.following import Following, News
from workflow.onlookers import Onlookers, looking, stepped
from workflow.places import Places
from workflow.steering import UnknownExecution

STEPS = "\n".join(f'SET BOT MEMORY "step", {n}\nx = GET BOT MEMORY("step")' for n in range(12))
BRANCHES = f"""\
ORCHESTRATE WORKFLOW "many"
{STEPS}
PARALLEL FOR EACH item IN [1, 2, 3, 4, 5, 6]
  SET BOT MEMORY "item", item
  y = GET BOT MEMORY("item")
  RETURN y
END PARALLEL
WAIT FOR SIGNAL "go" TIMEOUT 60
TALK "end"
END WORKFLOW
"""


async def test_a_watcher_who_is_cut_off_again_and_again_is_told_each_row_once(app: App, address: str) -> None:
    caller = app.caller("test", "")
    execution = await app.operations.start(caller, ProgramText(BRANCHES, "many"))
    readers = [Reader(f"{address}/designer/runs/{execution}/live") for _ in range(8)]
    async with httpx.AsyncClient(timeout=60) as client:
        watching = [asyncio.create_task(dropped(client, one, random.Random(k))) for k, one in enumerate(readers)]
        detail = await app.operations.wait(caller, execution, 0)
        async for news, _ in app.operations.following.follow(caller, execution):
            if news.root.keyword == "WAIT FOR SIGNAL":
                break
        await app.operations.signal(caller, execution, "go")
        await asyncio.gather(*watching)
    detail = await app.operations.wait(caller, execution, 30)
    assert detail.status == "completed"
    wanted = Counter(await whole_journal(app.operations, caller, execution))
    assert sum(one.connections for one in readers) > 16
    for reader in readers:
        assert Counter(reader.rows) == wanted
        assert reader.states[BRANCHES.splitlines().index('TALK "end"') + 1] == "done"


async def test_rows_of_one_execution_come_in_their_order(app: App) -> None:
    caller = app.caller("test", "")
    execution = await app.operations.start(
        caller, ProgramText(BRANCHES.replace('WAIT FOR SIGNAL "go" TIMEOUT 60\n', ""), "m")
    )
    seen: dict[UUID, list[tuple[int, int, int]]] = {}
    async for news, _ in app.operations.following.follow(caller, execution):
        for row in news.rows:
            seen.setdefault(row.execution, []).append(row.place)
    assert len(seen) == 7
    assert all(places == sorted(set(places)) for places in seen.values())


async def test_a_failed_run_that_is_tried_again_is_watched_on(app: App) -> None:
    caller = app.caller("test", "")
    source = 'x = GET BOT MEMORY("ready")\nIF x <> 1 THEN\nTHROW "not yet"\nEND IF\nTALK "now"\n'
    execution = await app.operations.start(caller, ProgramText(source, "twice"), bot_name="twice")
    behind: list[Places] = []
    first: list[str] = []
    async for news, places in app.operations.following.follow(caller, execution):
        first += [row.keyword for row in news.rows]
        behind.append(places)
    assert "GET BOT MEMORY" in first
    await app.operations.completed(caller, ProgramText('SET BOT MEMORY "ready", 1\n', "w"), {}, bot_name="twice")
    await app.operations.retry(caller, execution, call=1)
    second: list[str] = []
    async for news, _ in app.operations.following.follow(caller, execution, behind[-1]):
        second += [row.keyword for row in news.rows]
        assert news.root.generation == 1
    assert second == ["GET BOT MEMORY", "TALK"]


async def test_a_watcher_looks_after_whoever_tells_him_has_begun(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = app.caller("test", "")
    execution = await app.operations.start(
        caller, ProgramText('WAIT FOR SIGNAL "go" TIMEOUT 60\nTALK "gone"\n', "late")
    )
    look, looks = Following.look, 0

    async def slow(self: Following, tenant: UUID, wanted: UUID, places: Places | None) -> tuple[News, Places]:
        nonlocal looks
        looks += 1
        if looks == 2:  # between the look of whoever tells and the watcher's own, in which order ever, the run goes on
            await app.operations.signal(caller, execution, "go")
            await app.operations.wait(caller, execution, 20)
        return await look(self, tenant, wanted, places)

    monkeypatch.setattr(Following, "look", slow)
    rows = [row.keyword async for news, _ in app.operations.following.follow(caller, execution) for row in news.rows]
    assert rows == ["WAIT FOR SIGNAL", "TALK"]


async def test_nobody_watches_the_run_of_another_tenant(app: App) -> None:
    from dataclasses import replace

    caller = app.caller("test", "")
    execution = await app.operations.start(caller, ProgramText("DELAY 0.01\n", "mine"))
    other = replace(caller, tenant=uuid4())
    with pytest.raises(UnknownExecution):
        await anext(app.operations.following.follow(other, execution))
    with pytest.raises(UnknownExecution):
        await app.operations.following.now(other, execution)


@given(
    st.dictionaries(st.uuids(), st.tuples(st.integers(0, 65535), st.integers(0, 2**31), st.integers(0, 65535))),
    st.dictionaries(st.binary(min_size=6, max_size=6), st.integers(0, 255)),
)
def test_places_come_back_from_their_text(live: dict[UUID, tuple[int, int, int]], ended: dict[bytes, int]) -> None:
    places = Places(live, ended)
    assert Places.of(places.text()) == places


@given(st.text(max_size=60))
def test_another_text_is_no_place_and_nothing_worse(text: str) -> None:
    with contextlib.suppress(WrongValue):
        assert isinstance(Places.of(text), Places)


@pytest.mark.parametrize(
    ("known", "now", "after"),
    [(0, 0, (1, 0, 0)), (0, 2, (1, -1, 0)), (3, 4, (4, -1, 0)), (2, 1, (2, 0, 0)), (255, 256, (256, -1, 0))],
)
def test_an_execution_that_had_ended_goes_on_where_it_was_reopened(
    known: int, now: int, after: tuple[int, ...]
) -> None:
    id_ = uuid4()
    assert Places({}, {id_.bytes[:6]: known}).after(id_, now) == after


class Heard:
    """Hints that only remember."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def statement(self, *topics: str) -> None:
        return None

    async def publish(self, *topics: str) -> None:
        self.said += topics

    def subscribe(self, subscriber: object) -> object:
        return lambda: None

    async def run(self) -> None:
        return None


async def test_a_worker_tells_each_step_of_watched_runs_alone_and_for_a_while() -> None:
    from types import SimpleNamespace
    from typing import Any, cast

    clock, hints, root, other = [0.0], Heard(), uuid4(), uuid4()
    onlookers = Onlookers(cast("Any", hints), lambda: clock[0])
    turns = cast("Any", [SimpleNamespace(root=root, id=uuid4()), SimpleNamespace(root=None, id=other)])
    onlookers.noticed(turns)
    onlookers.heard(frozenset({looking(root), "ready"}))
    onlookers.noticed(turns)
    await asyncio.sleep(0)
    assert hints.said == [stepped(root)]
    clock[0] = 60.0
    onlookers.noticed(turns)
    await asyncio.sleep(0)
    assert hints.said == [stepped(root)]


async def test_a_silent_stream_is_kept_awake_and_closed_with_its_watcher() -> None:
    closed = asyncio.Event()

    async def silent() -> object:
        try:
            yield event("nodes", {"lines": []}, "abc")
            await asyncio.Event().wait()
        finally:
            closed.set()

    stream = awake(silent(), 0.01)  # type: ignore[arg-type]  # an async generator of str
    told = [await anext(stream) for _ in range(4)]
    assert told[1] == 'event: nodes\nid: abc\ndata: {"lines":[]}\n\n'
    assert told[2:] == [": awake\n\n"] * 2
    await stream.aclose()  # type: ignore[attr-defined]  # it is a generator
    assert closed.is_set()
