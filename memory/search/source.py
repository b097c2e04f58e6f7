"""A bot's memories as entries of a search index."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from storage.pool import Pool
from storage.search.entry import Entry
from storage.search.source import Changes, Rows, Written
from storage.sql import queries
from storage.vectors.store import Owner

SQL = queries("memory.search")

_NUMBERED = re.compile(r"(.+)[/.:#-](\d{1,15})")
_SAID = re.compile(r"([^\W\d_][\w.'-]*(?: [^\W\d_][\w.'-]*)?): (.+)", re.DOTALL)
_TEXTS, _AUTHORS, _DAYS = ("text", "content", "message"), ("who", "author", "speaker", "role"), ("at", "date")


class MemorySource:
    """Fulfils `storage.search.source.Source` with what bots remember and were given."""

    name = "memory"

    def __init__(self, pool: Pool) -> None:
        self._rows = Rows(pool)

    async def changes(self, owner: Owner, since: str | None) -> Changes:
        given = {"tenant": owner.tenant, "owner": owner.id, "since": since}
        upto, rows = await self._rows.read(SQL["everything" if since is None else "changed"], given)
        gone = [mark for _, mark, *_ in rows if mark is not None]
        written = [Written(entry(name, value, at), version) for name, mark, version, value, at in rows if mark is None]
        return Changes(written, gone, upto)

    async def owners(self, since: str | None) -> tuple[Sequence[Owner], str]:
        upto, rows = await self._rows.read(SQL["owners" if since is None else "owners_changed"], {"since": since})
        return [Owner(*row) for row in rows], upto


def entry(name: str, value: str, at: datetime) -> Entry:
    """What is found of a memory: its text and its key.

    Keys that end in a number (`chat/monday/12`) are a conversation in that order. In one, `Ana: hello` was said by Ana,
    as was `{"who": "Ana", "text": "hello", "at": "2026-05-04"}`, which also tells the day.
    """
    source, _, key = name.partition("/")
    told = _told(value)
    text = next((str(told[word]) for word in _TEXTS if isinstance(told.get(word), str)), value)
    author = next((str(told[word]) for word in _AUTHORS if isinstance(told.get(word), str)), "")
    day = next((found for word in _DAYS if (found := _day(told.get(word)))), at.date())
    numbered = _NUMBERED.fullmatch(key)
    if numbered is None:
        return Entry(name, text, about=key, author=author, at=day)
    if not author and (spoken := _SAID.fullmatch(text)):
        author, text = spoken[1], spoken[2]
    about = str(told.get("about") or "") if author else key
    return Entry(name, text, about, author, f"{source}/{numbered[1]}", int(numbered[2]), day)


def _told(value: str) -> Mapping[str, Any]:
    """The fields of a value that is a JSON object."""
    if value.startswith("{"):
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            return {}
        if isinstance(found, dict):
            return cast("dict[str, Any]", found)
    return {}


def _day(told: Any) -> date | None:
    if isinstance(told, str):
        try:
            return datetime.fromisoformat(told).date()
        except ValueError:
            return None
    return None
