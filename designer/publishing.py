"""Versions of drafts, and which of them runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import unified_diff
from typing import Any
from uuid import UUID

from psycopg.errors import UniqueViolation

from designer.draft import Draft, Version
from designer.drafts import Drafts
from designer.names import folded
from designer.refusals import Stale
from keywords.compile import compile_program
from keywords.diagnostics import Diagnostic
from keywords.host import ProgramText
from keywords.mistakes import SyntaxMistake, UnknownName
from keywords.program import Program
from keywords.registry import Registry
from workflow.details import Caller
from workflow.permission import may_write


class Unpublishable(SyntaxMistake):
    """A text with mistakes; `diagnostics` has them all."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        first = next(d for d in diagnostics if d.severity == "error")
        place = f"line {first.line}, column {first.column}"
        super().__init__(f"It cannot be published: {place}: {first.message} {first.fix}".rstrip())
        self.diagnostics = tuple(diagnostics)


def checked(source: str, name: str, registry: Registry) -> Program:
    """The program of the text; raises Unpublishable unless it can run."""
    compiled = compile_program(source, registry, name=name)
    if compiled.errors or compiled.program is None:
        raise Unpublishable(compiled.diagnostics)
    return compiled.program


def _published(row: Mapping[str, Any]) -> ProgramText:
    return ProgramText(row["source"], row["name"], row["origin"], published=True)


class Publishing:
    """Named points of drafts; published ones start by their name, like the workflows of packages."""

    def __init__(self, drafts: Drafts) -> None:
        self._drafts = drafts

    async def versions(self, caller: Caller, workflow: UUID) -> Sequence[Version]:
        """All versions, the newest first."""
        await self._drafts.get(caller, workflow)
        rows = await self._drafts.all("versions", {"tenant": caller.tenant, "id": workflow})
        return [Version.of(row) for row in rows]

    async def version(self, caller: Caller, workflow: UUID, number: int) -> Version:
        """One version with its text; 0 is the draft as it stands. Raises UnknownName."""
        draft = await self._drafts.get(caller, workflow)
        if number == 0:
            return Version(0, "", draft.etag, draft.changed_by, draft.changed_at, None, draft.source)
        given = {"tenant": caller.tenant, "id": workflow, "number": min(number, 2**31 - 1)}
        row = await self._drafts.one("version", given)
        if row is None:
            raise UnknownName("version", str(number), (), f"{draft.name} has versions 1 to its latest.")
        return Version.of(row)

    async def save(self, caller: Caller, workflow: UUID, name: str = "") -> Version:
        """Keep the draft as it stands as a version; the latest one, when neither text nor name would be another."""
        caller.require("wf:run")
        return await self._saved(caller, await self._drafts.get(caller, workflow), name)

    async def _saved(self, caller: Caller, draft: Draft, name: str) -> Version:
        given = {"tenant": caller.tenant, "id": draft.id, "name": " ".join(name.split())[:200]}
        given |= {"source": draft.source, "etag": draft.etag, "by": caller.subject, "now": self._drafts.clock()}
        while True:
            try:
                row = await self._drafts.one("keep_version", given)
            except UniqueViolation:
                continue  # somebody kept a version just now
            assert row is not None
            return Version.of(row)

    async def diff(self, caller: Caller, workflow: UUID, old: int, new: int) -> str:
        """What two versions differ in, as a unified diff; 0 is the draft as it stands."""
        first = await self.version(caller, workflow, old)
        second = await self.version(caller, workflow, new)
        before, after = (f"version {v.number}" if v.number else "draft" for v in (first, second))
        lines = unified_diff(first.source.splitlines(), second.source.splitlines(), before, after, lineterm="")
        return "\n".join(lines)

    async def restore(self, caller: Caller, workflow: UUID, number: int, if_match: str = "") -> Draft:
        """Make the draft what the version was; that can be undone like any edit."""
        version = await self.version(caller, workflow, number)
        return (await self._drafts.replace(caller, workflow, version.source, if_match)).after

    async def publish(self, caller: Caller, workflow: UUID, if_match: str = "", name: str = "") -> Version:
        """From now on this is what runs under the draft's name, for all who may run it.

        Raises Unpublishable, Stale, and Forbidden where the text does what the caller may not.
        """
        caller.require("wf:run")
        draft = await self._drafts.get(caller, workflow)
        if if_match and if_match != draft.etag:
            raise Stale(f"The workflow was changed by {draft.changed_by} in the meantime.", draft)
        may_write(caller, checked(draft.source, draft.name, self._drafts.registry))
        version = await self._saved(caller, draft, name)
        given = {"tenant": caller.tenant, "id": workflow, "number": version.number, "now": self._drafts.clock()}
        row = await self._drafts.one("publish", given)
        assert row is not None
        self._drafts.keep(caller, Draft.of(row))
        return await self.version(caller, workflow, version.number)

    async def unpublish(self, caller: Caller, workflow: UUID) -> Draft:
        """Nothing runs under the draft's name any more; what has started goes on."""
        caller.require("wf:run")
        await self._drafts.get(caller, workflow)
        row = await self._drafts.one("unpublish", {"tenant": caller.tenant, "id": workflow})
        assert row is not None
        return self._drafts.keep(caller, Draft.of(row))

    async def program(self, tenant: UUID, name: str) -> ProgramText | None:
        """The published workflow of that name, ready to start."""
        row = await self._drafts.one("published", {"tenant": tenant, "folded": folded(name)})
        return _published(row) if row else None

    async def programs(self, tenant: UUID) -> Sequence[ProgramText]:
        """All published workflows, by name."""
        rows = await self._drafts.all("published", {"tenant": tenant, "folded": None})
        return list(map(_published, rows))
