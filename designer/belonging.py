"""Whose a draft is: a key that is limited to bots sees and names drafts of theirs only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.draft import Draft
from keywords.mistakes import UnknownName
from workflow.details import Caller


def require_bot(caller: Caller, bot: str) -> None:
    """Raise UnknownName for a bot that is not one of the caller's."""
    if not caller.works_with(bot):
        raise UnknownName("bot", bot, (), "This key works with some bots only.")


def sees(caller: Caller, row: Mapping[str, Any]) -> bool:
    """Whether the draft of a row is the caller's to see."""
    return caller.works_with(row["origin"] or row["name"])


def sees_draft(caller: Caller, draft: Draft) -> bool:
    """The same of one that is read."""
    return caller.works_with(draft.origin or draft.name)
