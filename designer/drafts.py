"""Where drafts live: every gesture is one transaction, nobody's edit is lost, and nothing runs until it is published.

An edit is made on the draft as it stands, whatever state its maker has seen: what it names is found by numbers that do
not change. It is refused as a Conflict only where it would overwrite lines that somebody else has changed since then.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from psycopg.errors import UniqueViolation
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from designer.belonging import require_bot, sees, sees_draft
from designer.document import Change, Document, from_json, inverse, rebased, to_json
from designer.draft import Draft, Summary, array
from designer.guards import Edit, Gesture
from designer.names import folded, free, proper
from designer.outline import outlined
from designer.refusals import Conflict, Gone, NotHere, Stale
from keywords.mistakes import LimitReached, UnknownName
from keywords.registry import Registry
from storage.hints import Hints
from storage.pool import Pool
from storage.sql import queries
from workflow.details import Caller

T = TypeVar("T")
SQL = queries("designer")
KEPT = 128  # drafts in memory
LARGEST = 1_048_576
KEPT_EDITS = 2_000  # of each draft, for undo
OVERWRITES = frozenset({"set", "code", "delete", "unbranch", "unwrap", "fix"})
EMPTY = 'ORCHESTRATE WORKFLOW "{name}"\n\nEND WORKFLOW\n'


@dataclass(frozen=True, slots=True)
class Edited:
    """A draft before and after an edit; `rebased` when its maker had seen an older state than `before`, `again` when it
    had been made already."""

    before: Draft
    after: Draft
    edit: Edit
    rebased: bool = False
    again: bool = False


class Drafts:
    """All drafts of all tenants; each call says for whom."""

    def __init__(
        self, pool: Pool, registry: Registry, hints: Hints, clock: Callable[[], datetime], new_id: Callable[[], UUID]
    ) -> None:
        self.pool, self.registry, self._hints = pool, registry, hints
        self.clock, self._new_id = clock, new_id
        self._kept: OrderedDict[UUID, tuple[UUID, Draft]] = OrderedDict()

    # -- finding -------------------------------------------------------------------------------------------------------

    async def get(self, caller: Caller, workflow: UUID) -> Draft:
        """The draft as it stands. Raises UnknownName."""
        caller.require("wf:read")
        return await self._fresh(caller, workflow)

    async def named(self, caller: Caller, name: str) -> Draft | None:
        """The draft of that name."""
        caller.require("wf:read")
        row = await self.one("draft_named", {"tenant": caller.tenant, "folded": folded(name)})
        return Draft.of(row) if row and sees(caller, row) else None

    async def listed(
        self, caller: Caller, query: str = "", limit: int = 50, before: tuple[datetime, UUID] | None = None
    ) -> Sequence[Summary]:
        """Drafts, the latest changed first; `before` is (changed_at, id) of the last one seen."""
        caller.require("wf:read")
        at, id_ = before or (None, None)
        given = {"tenant": caller.tenant, "query": query.strip(), "limit": limit, "at": at, "id": id_}
        rows = await self.all("drafts", given | {"bots": None if caller.bots is None else list(caller.bots)})
        return [Summary(**row) for row in rows]

    # -- making --------------------------------------------------------------------------------------------------------

    async def create(
        self, caller: Caller, name: str = "", source: str | None = None, *, origin: str = "", came_from: str = "",
        key: str = "",
    ) -> Draft:  # fmt: skip
        """A new draft; the name gets a number where it is taken. The same key again answers the first one."""
        caller.require("wf:run")
        require_bot(caller, origin or name)
        if key and (known := await self.one("key", {"tenant": caller.tenant, "key": key})):
            return await self._fresh(caller, known["workflow_id"])
        title = proper(name)
        while True:
            taken = {row["folded"] for row in await self.all("names", {"tenant": caller.tenant})}
            chosen = free(title, taken)
            text = readable(EMPTY.replace("{name}", chosen) if source is None else source)
            document, id_, now = Document.of(text), self._new_id(), self.clock()
            given = {
                "id": id_, "tenant": caller.tenant, "name": chosen, "folded": folded(chosen), "origin": origin,
                "came_from": came_from, "source": text, "etag": document.etag, "lines": array(document.ids),
                "next_line": document.next_id, "by": caller.subject, "now": now, "key": key,
            }  # fmt: skip
            row = await self.one("create", given)
            if row is None:
                continue  # somebody took the name just now
            if key and await self.one("keep_key", given) is None:
                await self.one("delete", given)
                known = await self.one("key", given)
                assert known is not None, "a key that cannot be inserted is there"
                return await self._fresh(caller, known["workflow_id"])
            return self.keep(caller, Draft.of(row))

    async def rename(self, caller: Caller, workflow: UUID, name: str, if_match: str = "") -> Draft:
        """The same draft under another name. Raises Conflict where it is taken."""
        caller.require("wf:run")
        draft = await self._fresh(caller, workflow)
        _matches(draft, if_match)
        named = await self._named(caller, draft, name)
        given = {"tenant": caller.tenant, "id": workflow, "by": caller.subject, "now": self.clock(), **named}
        try:
            row = await self.one("rename", given)
        except UniqueViolation as error:
            raise Conflict(f"There is a workflow {name} already.", draft) from error
        assert row is not None
        return self.keep(caller, Draft.of(row))

    async def delete(self, caller: Caller, workflow: UUID, if_match: str = "") -> None:
        """The draft and its versions are gone; what runs of it goes on. Raises Stale."""
        caller.require("wf:run")
        draft = await self._fresh(caller, workflow)
        _matches(draft, if_match)
        self._kept.pop(workflow, None)
        if await self.one("delete", {"tenant": caller.tenant, "id": workflow, "etag": draft.etag}) is None:
            raise Stale("The workflow was changed just now.", await self._fresh(caller, workflow))

    # -- editing -------------------------------------------------------------------------------------------------------

    async def edit(
        self, caller: Caller, workflow: UUID, gesture: Gesture, if_match: str = "", key: str = "", *,
        again: bool = False, meanwhile: Callable[[Draft, Document], object] | None = None,
    ) -> Edited:  # fmt: skip
        """Make a gesture. `if_match` is the etag of the state that it was made on; without it, the one that stands.
        One with a `key` is made once, however often it is sent; `again` says that it was sent before. `meanwhile` is
        done with the draft and its new text while the database writes.

        Raises NotHere, Gone, and Conflict with the draft as it stands.
        """
        from designer.edits import edited  # only here, for a worker never edits, and all forms come with it

        caller.require("wf:run")
        if again and (known := await self._made(caller, workflow, key)):
            return known
        draft = await self._known(caller, workflow, if_match)
        while True:
            late = bool(if_match) and if_match != draft.etag
            try:
                made = edited(outlined(draft.document, self.registry), gesture, self.registry)
            except Gone as gone:
                made = await self._afterwards(caller, draft, gesture, if_match, str(gone)) if late else None
                if made is None:
                    raise
            readable(made.document.text)
            if late and made.op in OVERWRITES:
                await self._untouched(caller, draft, made, if_match)
            if made.nothing:
                return Edited(draft, draft, made, late)
            writing = self._write(caller, draft, made.change, made.document, made.op, made.label, key)
            try:
                after = await (writing if meanwhile is None else _during(writing, meanwhile, draft, made.document))
            except UniqueViolation:
                if (known := await self._made(caller, workflow, key)) is None:
                    raise
                return known
            if after is not None:
                return Edited(draft, after, made, late)
            draft = await self._fresh(caller, workflow)

    async def _made(self, caller: Caller, workflow: UUID, key: str) -> Edited | None:
        """What a gesture of this key has made already."""
        row = key and await self.one("edit_of_key", {"tenant": caller.tenant, "id": workflow, "by": caller.subject,
                                                     "key": key})  # fmt: skip
        if not row:
            return None
        draft = await self._fresh(caller, workflow)
        return Edited(draft, draft, Edit((), draft.document, row["op"], row["label"]), again=True)

    async def _afterwards(self, caller: Caller, draft: Draft, gesture: Gesture, etag: str, why: str) -> Edit | None:
        """The gesture, though what it names is gone. Raises Conflict when what was written in it would be lost."""
        from designer.late import afterwards, meant

        base = await self.seen(caller, draft, etag)
        made = afterwards(gesture, base, draft.document, self.registry) if base is not None else None
        if made is None and base is not None and gesture.get("op") in ("set", "code"):
            mine = meant(gesture, base, self.registry)
            raise Conflict(f"{why} {draft.changed_by} has taken it away: look at both.", draft, mine)
        return made

    async def replace(self, caller: Caller, workflow: UUID, source: str, if_match: str = "", name: str = "") -> Edited:
        """The whole text at once, and another name with it where one is given. Raises Stale unless `if_match` is the
        state that stands, and Conflict where the name is taken."""
        caller.require("wf:run")
        draft = await self._fresh(caller, workflow)
        _matches(draft, if_match, source)
        change = draft.document.rewritten(readable(source))
        made = Edit(change, draft.document.made(change), "code", "Replaced the text")
        if made.nothing:
            return Edited(draft, await self.rename(caller, workflow, name, if_match) if name else draft, made)
        named = await self._named(caller, draft, name) if name else None
        try:
            after = await self._write(caller, draft, change, made.document, "code", made.label, named=named)
        except UniqueViolation as error:
            raise Conflict(f"There is a workflow {name} already.", draft) from error
        if after is None:
            raise Stale("The workflow was changed just now.", await self._fresh(caller, workflow), source)
        return Edited(draft, after, made)

    async def undo(self, caller: Caller, workflow: UUID, key: str = "", *, again: bool = False) -> Edited:
        """Take the caller's last edit back, byte for byte; edits of others stay. Raises NotHere, Conflict."""
        return await self._back(caller, workflow, "last_edit", "undo", key, again)

    async def redo(self, caller: Caller, workflow: UUID, key: str = "", *, again: bool = False) -> Edited:
        """Make the edit again that was taken back last. Raises NotHere, Conflict."""
        return await self._back(caller, workflow, "undone_edit", "redo", key, again)

    async def _back(self, caller: Caller, workflow: UUID, statement: str, op: str, key: str, again: bool) -> Edited:
        caller.require("wf:run")
        if again and (known := await self._made(caller, workflow, key)):
            return known
        while True:
            draft = await self._fresh(caller, workflow)
            given = {"tenant": caller.tenant, "id": workflow, "by": caller.subject}
            row = await self.one(statement, given)
            if row is None:
                raise NotHere(f"There is nothing to {op}.")
            change = from_json(row["change"])
            seq, old = (row["seq"], inverse(change)) if op == "undo" else (row["seq"] - 1, change)
            base = await self.at(caller, draft, seq)
            found = rebased(old, base, draft.document) if base else None
            if found is None:
                raise Conflict(f"This cannot be taken {'back' if op == 'undo' else 'up again'}: "
                               "somebody else has changed the same lines since.", draft)  # fmt: skip
            document = draft.document.made(found)
            label = f"{'Took back' if op == 'undo' else 'Made again'}: {row['label']}"
            mark = (row["seq"], "undone" if op == "undo" else "done")
            try:
                after = await self._write(caller, draft, found, document, op, label, key, mark)
            except UniqueViolation:
                if (known := await self._made(caller, workflow, key)) is None:
                    raise
                return known
            if after is not None:
                focus = next((number for splice in found for number, _ in splice.added), 0)
                return Edited(draft, after, Edit(found, document, op, label, focus))

    async def at(self, caller: Caller, draft: Draft, seq: int) -> Document | None:
        """The draft as it stood after its edit of that number; None when that is too long ago."""
        if seq == draft.seq:
            return draft.document
        if not draft.seq - KEPT_EDITS <= seq < draft.seq:
            return None
        rows = await self.all("edits_since", {"tenant": caller.tenant, "id": draft.id, "seq": seq})
        rows = [row for row in rows if row["seq"] <= draft.seq]
        if len(rows) != draft.seq - seq:
            return None
        document = draft.document
        for row in rows:
            document = document.made(inverse(from_json(row["change"])))
        return document

    async def seen(self, caller: Caller, draft: Draft, etag: str) -> Document | None:
        """The state of a draft that had this etag, the last one if several had; None when that is unknown."""
        if etag == draft.etag:
            return draft.document
        row = await self.one("edit_of_etag", {"tenant": caller.tenant, "id": draft.id, "etag": etag})
        if row is not None and row["seq"] is not None:
            return await self.at(caller, draft, row["seq"])
        first = await self.at(caller, draft, 0)
        return first if first is not None and first.etag == etag else None

    async def _untouched(self, caller: Caller, draft: Draft, made: Edit, etag: str) -> None:
        """Raise Conflict when lines that the edit overwrites are not those that its maker saw."""
        base = await self.seen(caller, draft, etag)
        for splice in made.change:
            for number, line in splice.removed:
                place = base.places.get(number) if base is not None else None
                if base is None or place is None or base.lines[place] != line:
                    by = draft.changed_by
                    told = f"{by} has changed the same lines. Nothing was overwritten: look at both."
                    raise Conflict(told, draft, made.document.text)

    async def _write(
        self, caller: Caller, draft: Draft, change: Change, document: Document, op: str, label: str, key: str = "",
        mark: tuple[int, str] = (0, "done"), named: Mapping[str, str] | None = None,
    ) -> Draft | None:  # fmt: skip
        """The draft after it; None when somebody was faster."""
        topic = f"draft:{draft.id}"
        notify = self._hints.statement(topic) is not None
        row = await self.one(
            "write",
            {
                "tenant": caller.tenant, "id": draft.id, "seq": draft.seq, "source": document.text,
                "etag": document.etag, "lines": array(document.ids), "next_line": document.next_id,
                "by": caller.subject, "through": caller.through, "now": self.clock(), "op": op, "label": label[:200],
                "change": Jsonb(to_json(change)), "marks": mark[0], "mark": mark[1],
                "fresh": op not in ("undo", "redo"), "notify": notify, "key": key or None,
                **(named or {"name": None, "folded": None}),
            },
        )  # fmt: skip
        if row is None:
            self._kept.pop(draft.id, None)
            return None
        if not notify:
            await self._hints.publish(topic)
        if row["seq"] % 100 == 0:
            await self.one("trim_edits", {"tenant": caller.tenant, "id": draft.id, "seq": row["seq"] - KEPT_EDITS})
        return self.keep(caller, Draft.of(row, document))

    async def _named(self, caller: Caller, draft: Draft, name: str) -> Mapping[str, str]:
        """Another name of the draft, as it is kept. Raises Conflict where it is taken."""
        title = proper(name)
        require_bot(caller, draft.origin or title)
        other = await self.one("draft_named", {"tenant": caller.tenant, "folded": folded(title)})
        if other is not None and other["id"] != draft.id:
            raise Conflict(f"There is a workflow {other['name']} already.", draft)
        return {"name": title, "folded": folded(title)}

    # -- what is remembered --------------------------------------------------------------------------------------------

    def keep(self, caller: Caller, draft: Draft) -> Draft:
        """Remember the draft as it stands now."""
        self._kept[draft.id] = caller.tenant, draft
        self._kept.move_to_end(draft.id)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return draft

    async def _known(self, caller: Caller, workflow: UUID, etag: str) -> Draft:
        """The draft as this process knows it; a write finds out whether it still stands so."""
        tenant, draft = self._kept.get(workflow, (None, None))
        if draft is not None and tenant == caller.tenant and etag in ("", draft.etag) and sees_draft(caller, draft):
            return draft
        return await self._fresh(caller, workflow)

    async def _fresh(self, caller: Caller, workflow: UUID) -> Draft:
        tenant, known = self._kept.get(workflow, (None, None))
        known = known if tenant == caller.tenant else None
        state = {"seq": known.seq, "etag": known.etag} if known is not None else {"seq": -1, "etag": ""}
        row = await self.one("draft", {"tenant": caller.tenant, "id": workflow, **state})
        if row is None or not sees(caller, row):
            self._kept.pop(workflow, None)
            raise UnknownName("workflow", str(workflow), (), "It may have been deleted.")
        return self.keep(caller, Draft.of(row, known.document if known is not None and row["source"] is None else None))

    async def one(self, statement: str, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
        async with self.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL[statement], given)
            return await cursor.fetchone() if cursor.description else None

    async def all(self, statement: str, given: Mapping[str, Any]) -> list[dict[str, Any]]:
        async with self.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL[statement], given)
            return await cursor.fetchall()


def readable(text: str) -> str:
    """The text, if it is one that can be kept: at most 1 MB, no NUL."""
    if len(text) > LARGEST:
        raise LimitReached(f"A workflow may have {LARGEST:,} characters. Put a part of it into another one.")
    if "\0" in text or (not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text)):
        raise NotHere("The text holds characters that no program may have (U+0000, or half of a pair).")
    return text


async def _during(writing: Coroutine[Any, Any, T], meanwhile: Callable[..., object], *given: object) -> T:
    """What the writing answers, with something else done while the database has it in hand."""
    task = asyncio.ensure_future(writing)
    try:
        await asyncio.sleep(0)  # in this turn it is sent
        meanwhile(*given)
    finally:
        written = await task
    return written


def _matches(draft: Draft, if_match: str, mine: str = "") -> None:
    if if_match and if_match != draft.etag:
        raise Stale(f"The workflow was changed by {draft.changed_by} in the meantime.", draft, mine)


__all__ = ["Conflict", "Draft", "Drafts", "Edited", "Gone", "NotHere", "Stale"]
