"""Drafts as programs publish them: fulfils `keywords.workflows.Workflows` with what the pages and REST use.

A program acts in its own name, through "BASIC"; versions and changes of its making say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from designer.draft import Draft, Version
from designer.drafts import Drafts
from designer.names import folded, proper
from designer.publishing import Publishing, checked
from keywords.host import Moment
from keywords.mistakes import UnknownName
from workflow.details import Caller

NAMED = 100  # of the drafts that a misspelt name is compared with


class DraftsDesk:
    """Publishes drafts on behalf of executions."""

    def __init__(self, drafts: Drafts) -> None:
        self._drafts, self._publishing = drafts, Publishing(drafts)

    async def published(self, moment: Moment, name: str, source: str | None, version: str) -> Mapping[str, Any]:
        caller, called, version = _caller(moment), proper(name), " ".join(version.split())
        draft = await (self._known(caller, called) if source is None else self._written(caller, called, source))
        if draft.published is not None:
            runs = await self._publishing.version(caller, draft.id, draft.published)
            if runs.etag == draft.etag and version in ("", runs.name):
                return _told(draft, runs, unchanged=True)
        made = await self._publishing.publish(caller, draft.id, "" if source is None else draft.etag, version)
        return _told(draft, made, unchanged=False)

    async def unpublished(self, moment: Moment, name: str) -> Mapping[str, Any]:
        caller = _caller(moment)
        draft = await self._known(caller, name)
        if draft.published is not None:
            await self._publishing.unpublish(caller, draft.id)
        return _told(draft, None, unchanged=draft.published is None)

    async def listed(self, moment: Moment, limit: int) -> Sequence[Mapping[str, Any]]:
        return [
            {
                "name": one.name, "package": one.origin, "version": one.published, "lines": one.size,
                "created_by": one.created_by, "created_at": one.created_at.isoformat(),
                "changed_by": one.changed_by, "changed_at": one.changed_at.isoformat(),
            }
            for one in await self._drafts.listed(_caller(moment), limit=limit)
        ]  # fmt: skip

    async def versions(self, moment: Moment, name: str) -> Sequence[Mapping[str, Any]]:
        caller = _caller(moment)
        draft = await self._known(caller, name)
        return [
            {
                "version": one.number, "name": one.name, "by": one.by, "at": one.at.isoformat(),
                "published_at": one.published_at.isoformat() if one.published_at else None,
                "runs": one.number == draft.published,
            }
            for one in await self._publishing.versions(caller, draft.id)
        ]  # fmt: skip

    async def _known(self, caller: Caller, name: str) -> Draft:
        draft = await self._drafts.named(caller, name)
        if draft is None:
            known = [one.name for one in await self._drafts.listed(caller, limit=NAMED)]
            raise UnknownName("workflow", name, known, "LIST WORKFLOWS says which there are.")
        return draft

    async def _written(self, caller: Caller, name: str, source: str) -> Draft:
        """The draft of that name with this text, which has been seen to run. Raises Unpublishable, Stale."""
        checked(source, name, self._drafts.registry)
        draft = await self._drafts.named(caller, name)
        if draft is None:
            draft = await self._drafts.create(caller, name, source)
            if folded(draft.name) == folded(name):
                return draft
            await self._drafts.delete(caller, draft.id)  # somebody took the name just now
            draft = await self._known(caller, name)
        if draft.source != source:
            await self._publishing.save(caller, draft.id)  # what somebody has drawn and not kept yet
            draft = (await self._drafts.replace(caller, draft.id, source, draft.etag)).after
        return draft


def _told(draft: Draft, version: Version | None, *, unchanged: bool) -> Mapping[str, Any]:
    return {"version": version.number if version else None, "name": draft.name, "unchanged": unchanged}


def _caller(moment: Moment) -> Caller:
    identity = moment.identity
    return Caller(identity.tenant, f"{identity.bot_name or 'execution'} {identity.execution}", "BASIC")
