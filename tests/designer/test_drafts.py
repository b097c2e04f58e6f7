"""Drafts in the database: every gesture durable, nobody's edit lost, nothing runs before it is published."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from designer.document import etag_of
from designer.drafts import Drafts
from designer.outline import outlined
from designer.package_saving import saved
from designer.publishing import Publishing, Unpublishable
from designer.refusals import Conflict, Gone, NotHere, Stale
from hostbridge.packages import Packages
from keywords.mistakes import Refused, UnknownName, WrongValue
from storage.hints import PostgresHints
from storage.pool import Pool
from tests.designer.studio import REGISTRY, random_gesture
from tests.workflow.kit import TENANT
from workflow.details import Caller

ANA = Caller(TENANT, "ana", "test")
BOB = Caller(TENANT, "bob", "test")
STRANGER = Caller(UUID(int=9), "eve", "test")
TEXT = 'ORCHESTRATE WORKFLOW "x"\nTALK "a"\nTALK "b"\nTALK "c"\nEND WORKFLOW\n'


@pytest.fixture
def drafts(pool: Pool, database: str) -> Drafts:
    return Drafts(pool, REGISTRY, PostgresHints(database, pool), lambda: datetime.now(UTC), uuid4)


async def test_a_draft_is_kept_byte_for_byte_and_named_by_its_text(drafts: Drafts):
    text = '\' odd\r\n\tTALK "ü"  \n\n\nIF x {\n'
    draft = await drafts.create(ANA, "Odd one", text)
    found = await drafts.get(BOB, draft.id)
    assert found.source == text
    assert found.etag == etag_of(text)
    with pytest.raises(UnknownName):
        await drafts.get(STRANGER, draft.id)


async def test_names_that_are_taken_get_a_number(drafts: Drafts):
    made = [await drafts.create(ANA, name) for name in ("Refund", "refund", "re-fund")]
    assert [d.name for d in made] == ["Refund", "refund 2", "re-fund 3"]
    with pytest.raises(Conflict):
        await drafts.rename(ANA, made[2].id, "REFUND")
    with pytest.raises(WrongValue):
        await drafts.create(ANA, "a/b")


async def test_a_text_and_a_name_are_taken_together_or_not_at_all(drafts: Drafts):
    first, second = await drafts.create(ANA, "First", TEXT), await drafts.create(ANA, "Second", TEXT)
    with pytest.raises(Conflict, match="There is a workflow First already"):
        await drafts.replace(ANA, second.id, "TALK 1\n", second.etag, "first")
    with pytest.raises(Stale):
        await drafts.replace(ANA, second.id, "TALK 1\n", "not its own", "Third")
    kept = await drafts.get(ANA, second.id)
    assert (kept.name, kept.source) == ("Second", TEXT)
    after = (await drafts.replace(ANA, second.id, "TALK 1\n", second.etag, "Third")).after
    assert (after.name, after.source) == ("Third", "TALK 1\n")
    assert (await drafts.replace(ANA, second.id, "TALK 1\n", after.etag, "Fourth")).after.name == "Fourth"
    named = await asyncio.gather(
        *(drafts.rename(ANA, draft.id, "One") for draft in (first, second)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in named) == ["Conflict", "Draft"]


async def test_the_same_key_makes_one_draft(drafts: Drafts):
    made = await asyncio.gather(*(drafts.create(ANA, "Once", TEXT, key="k") for _ in range(8)))
    assert len({d.id for d in made}) == 1
    assert len(await drafts.listed(ANA)) == 1


async def test_a_gesture_of_one_key_is_made_once_by_each_who_sends_it(drafts: Drafts):
    draft = await drafts.create(ANA, "x", TEXT)
    gesture = {"op": "insert", "item": "say", "at": {"after": 3}}
    sent = [(who, again) for who in (ANA, BOB) for again in (False, True, True)]
    made = await asyncio.gather(*(drafts.edit(who, draft.id, gesture, key="k", again=again) for who, again in sent))
    assert sum(not one.again for one in made) == 2
    assert (await drafts.get(ANA, draft.id)).source.count("\n") == TEXT.count("\n") + 2


async def test_undo_and_redo_are_exact_and_a_new_edit_ends_redo(drafts: Drafts):
    draft = await drafts.create(ANA, "x", TEXT)
    texts = [TEXT]
    for gesture in (
        {"op": "move", "node": 2, "at": {"after": 4}},
        {"op": "set", "node": 3, "field": "message", "value": "B"},
        {"op": "delete", "node": 4},
    ):
        texts.append((await drafts.edit(ANA, draft.id, gesture)).after.source)
    for expected in reversed(texts[:-1]):
        assert (await drafts.undo(ANA, draft.id)).after.source == expected
    with pytest.raises(NotHere, match="nothing to undo"):
        await drafts.undo(ANA, draft.id)
    for expected in texts[1:3]:
        assert (await drafts.redo(ANA, draft.id)).after.source == expected
    await drafts.edit(ANA, draft.id, {"op": "insert", "item": "say", "at": {"after": 3}})
    with pytest.raises(NotHere, match="nothing to redo"):
        await drafts.redo(ANA, draft.id)


async def test_undo_takes_back_ones_own_edit_and_leaves_those_of_others(drafts: Drafts):
    draft = await drafts.create(ANA, "x", TEXT)
    await drafts.edit(ANA, draft.id, {"op": "delete", "node": 2})
    await drafts.edit(BOB, draft.id, {"op": "set", "node": 4, "field": "message", "value": "bob"})
    after = await drafts.undo(ANA, draft.id)
    assert after.after.source == TEXT.replace('"c"', '"bob"')
    await drafts.edit(ANA, draft.id, {"op": "set", "node": 3, "field": "message", "value": "ana"})
    await drafts.edit(BOB, draft.id, {"op": "set", "node": 3, "field": "message", "value": "bob"})
    with pytest.raises(Conflict, match="somebody else"):
        await drafts.undo(ANA, draft.id)


async def test_a_gesture_made_on_an_older_state_finds_its_place(drafts: Drafts):
    draft = await drafts.create(ANA, "x", TEXT)
    old = draft.etag
    await drafts.edit(BOB, draft.id, {"op": "insert", "text": 'TALK "new"', "at": {"first": 1}})
    made = await drafts.edit(ANA, draft.id, {"op": "set", "node": 4, "field": "message", "value": "C"}, old)
    assert made.rebased
    assert made.after.source == TEXT.replace('TALK "a"', 'TALK "new"\nTALK "a"').replace('"c"', '"C"')


async def test_a_gesture_that_would_overwrite_what_another_wrote_is_a_conflict(drafts: Drafts):
    draft = await drafts.create(ANA, "x", TEXT)
    old = draft.etag
    await drafts.edit(BOB, draft.id, {"op": "set", "node": 3, "field": "message", "value": "bob"})
    for gesture in (
        {"op": "set", "node": 3, "field": "message", "value": "ana"},
        {"op": "delete", "node": 3},
        {"op": "code", "first": 2, "last": 4, "text": "TALK 1\n"},
    ):
        with pytest.raises(Conflict) as told:
            await drafts.edit(ANA, draft.id, gesture, old)
        assert '"bob"' in told.value.now.source
    await drafts.edit(ANA, draft.id, {"op": "delete", "node": 2}, old)
    with pytest.raises(Gone):
        await drafts.edit(BOB, draft.id, {"op": "move", "node": 2, "at": {"after": 4}}, old)
    with pytest.raises(Stale):
        await drafts.replace(ANA, draft.id, "TALK 2\n", old)


async def test_another_process_is_heard_of_whether_it_changed_the_text_or_the_name(
    drafts: Drafts, pool: Pool, database: str
):
    other = Drafts(pool, REGISTRY, PostgresHints(database, pool), lambda: datetime.now(UTC), uuid4)
    draft = await drafts.create(ANA, "x", TEXT)
    await other.rename(BOB, draft.id, "Renamed")
    found = await drafts.get(ANA, draft.id)
    assert (found.name, found.source) == ("Renamed", TEXT)
    assert found.document is draft.document, "a text that is known is not sent again"
    await other.edit(BOB, draft.id, {"op": "delete", "node": 2})
    await other.edit(BOB, draft.id, {"op": "insert", "text": 'TALK "n"', "at": {"after": 4}})
    found = await drafts.get(ANA, draft.id)
    assert found.document == (await other.get(BOB, draft.id)).document
    assert found.source == TEXT.replace('TALK "a"\n', "").replace('TALK "c"\n', 'TALK "c"\nTALK "n"\n')


async def test_what_is_done_while_an_edit_is_written_can_fail_and_the_edit_is_there(drafts: Drafts):
    draft = await drafts.create(ANA, "x", TEXT)
    done: list[str] = []
    gesture = {"op": "delete", "node": 2}
    made = await drafts.edit(ANA, draft.id, gesture, meanwhile=lambda _, document: done.append(document.text))
    assert done == [made.after.source]

    def broken(*_: object) -> None:
        raise RuntimeError("no view")

    with pytest.raises(RuntimeError):
        await drafts.edit(ANA, draft.id, {"op": "delete", "node": 3}, meanwhile=broken)
    assert (await drafts.get(ANA, draft.id)).source == 'ORCHESTRATE WORKFLOW "x"\nTALK "c"\nEND WORKFLOW\n'


async def test_two_tabs_lose_no_edit(drafts: Drafts, pool: Pool, database: str):
    """Both insert, each on the state it has seen, at random places, at the same time: all of it is there."""
    other = Drafts(pool, REGISTRY, PostgresHints(database, pool), lambda: datetime.now(UTC), uuid4)
    draft = await drafts.create(ANA, "x", TEXT)
    chance = random.Random(1)
    written: list[str] = []

    async def tab(store: Drafts, caller: Caller) -> None:
        seen = draft
        for k in range(40):
            word = f"{caller.subject} {k}"
            at = {"after": chance.choice([2, 3, 4])}
            gesture = {"op": "insert", "text": f'TALK "{word}"', "at": at}
            seen = (await store.edit(caller, draft.id, gesture, seen.etag)).after
            written.append(word)

    await asyncio.gather(tab(drafts, ANA), tab(other, BOB))
    found = (await other.get(ANA, draft.id)).source
    assert all(f'TALK "{word}"' in found for word in written)
    assert len(found.splitlines()) == len(TEXT.splitlines()) + 80


async def test_an_older_state_can_be_had_back_from_the_edits(drafts: Drafts):
    draft = await drafts.create(ANA, "x", TEXT)
    states = {draft.seq: draft.document}
    chance = random.Random(3)
    for _ in range(30):
        try:
            gesture = random_gesture(outlined(draft.document, REGISTRY), chance, REGISTRY)
            draft = (await drafts.edit(ANA, draft.id, gesture)).after
        except (NotHere, Gone):
            continue
        states[draft.seq] = draft.document
    for seq, document in states.items():
        found = await drafts.at(ANA, draft, seq)
        assert found is not None
        assert (found.lines, found.ids) == (document.lines, document.ids)


async def test_what_is_published_is_found_by_its_name_and_edits_do_not_touch_it(drafts: Drafts):
    publishing = Publishing(drafts)
    draft = await drafts.create(ANA, "Greeting", TEXT, origin="shop")
    assert await publishing.program(TENANT, "greeting") is None
    first = await publishing.publish(ANA, draft.id)
    await drafts.edit(ANA, draft.id, {"op": "delete", "node": 2})
    program = await publishing.program(TENANT, "GREETING")
    assert program is not None
    assert (program.source, program.origin, first.number) == (TEXT, "shop", 1)
    assert await publishing.program(STRANGER.tenant, "greeting") is None
    second = await publishing.publish(ANA, draft.id)
    assert (await publishing.publish(ANA, draft.id)).number == second.number == 2
    assert '-TALK "a"' in await publishing.diff(ANA, draft.id, 1, 2)
    assert (await publishing.restore(ANA, draft.id, 1)).source == TEXT
    await publishing.unpublish(ANA, draft.id)
    assert await publishing.program(TENANT, "greeting") is None


async def test_a_text_with_mistakes_is_not_published(drafts: Drafts):
    draft = await drafts.create(ANA, "broken", 'TALK "a"\nGIBBERISH 1\n')
    with pytest.raises(Unpublishable, match="line 2"):
        await Publishing(drafts).publish(ANA, draft.id)


async def test_whoever_may_only_read_changes_nothing(drafts: Drafts):
    draft = await drafts.create(ANA, "x", TEXT)
    reader = Caller(TENANT, "reader", "test", scopes=frozenset({"wf:read"}))
    assert (await drafts.get(reader, draft.id)).name == "x"
    with pytest.raises(Refused):
        await drafts.edit(reader, draft.id, {"op": "delete", "node": 2})
    with pytest.raises(Refused):
        await Publishing(drafts).publish(reader, draft.id)


async def test_a_key_that_is_limited_to_bots_gives_no_draft_the_name_of_another(drafts: Drafts):
    limited = Caller(TENANT, "key", "test", bots=frozenset({"shop"}))
    draft = await drafts.create(limited, "shop", TEXT)
    packaged = await drafts.create(limited, "x", TEXT, origin="shop")
    with pytest.raises(UnknownName, match="some bots only"):
        await drafts.rename(limited, draft.id, "bank")
    assert (await drafts.get(limited, draft.id)).name == "shop"
    assert (await drafts.rename(limited, packaged.id, "bank")).name == "bank"


async def test_a_deleted_draft_takes_its_versions_along(drafts: Drafts):
    draft = await drafts.create(ANA, "x", TEXT)
    await Publishing(drafts).publish(ANA, draft.id)
    with pytest.raises(Stale):
        await drafts.delete(ANA, draft.id, "other")
    await drafts.delete(ANA, draft.id, draft.etag)
    assert await Publishing(drafts).program(TENANT, "x") is None
    with pytest.raises(UnknownName):
        await drafts.get(ANA, draft.id)


async def test_a_draft_is_written_into_its_package_only_when_asked_and_never_over_what_changed(
    drafts: Drafts, tmp_path: Path
):
    file = tmp_path / "shop.gbai" / "shop.gbdialog" / "hello.bas"
    file.parent.mkdir(parents=True)
    file.write_bytes(b'\xef\xbb\xbfTALK "a"\r\nTALK "b"')
    packages = Packages((tmp_path,))
    draft = await drafts.create(ANA, "hello", 'TALK "a"\r\nTALK "b"', origin="shop", came_from="shop/hello")
    await drafts.edit(ANA, draft.id, {"op": "set", "node": 2, "field": "message", "value": "ü"})
    assert file.read_bytes().endswith(b'TALK "b"')
    await saved(drafts, packages, ANA, draft.id)
    assert file.read_bytes() == '\ufeffTALK "a"\r\nTALK "ü"'.encode()
    file.write_bytes(b"' another hand\n")
    with pytest.raises(Conflict, match="changed on disk"):
        await saved(drafts, packages, ANA, draft.id)
    await saved(drafts, packages, ANA, draft.id, overwrite=True)
    assert [path.name for path in file.parent.iterdir()] == ["hello.bas"]
    shipped = await drafts.create(ANA, "router", "TALK 1\n", came_from="customer-support/request")
    with pytest.raises(Refused, match="not overwritten"):
        await saved(drafts, packages, ANA, shipped.id)
