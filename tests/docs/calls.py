"""Makes the calls of tools that a page shows, and compares the answers.

A block of JSON whose title is the name of a tool holds its arguments; one with the title `answer` behind it is part of
what the call answers: fields may be missing, `...` in a text stands for any text, and an id for any id, the same one
wherever the page names it again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from mcp import Client

from tests.docs.console import Unlike
from tests.docs.pages import Example

ANSWER = "answer"
_ID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")


class Calls:
    """The calls of one page, in its order."""

    def __init__(self, client: Client, tools: Iterable[str]) -> None:
        self._client, self._tools = client, set(tools)
        self._ids: dict[str, str] = {}

    async def play(self, examples: Iterable[Example]) -> int:
        """Make the calls; how many there were. Raises Unlike at the first answer that differs."""
        made, told = 0, None
        for one in examples:
            if one.language != "json" or one.shown_only or not one.title or "/" in one.title:
                continue
            value = json.loads(one.text)
            if one.title == ANSWER:
                if told is None:
                    raise Unlike(f"{one.name}: an answer without a call before it")
                self._compare(one.name, value, told, "")
            elif one.title in self._tools:
                result = await self._client.call_tool(one.title, self._filled(value))
                if bool(result.is_error) != one.fails:
                    raise Unlike(f"{one.name}: {one.title} answered {result.content}")
                told, made = result.structured_content or {"refused": result.content[0].model_dump()["text"]}, made + 1
            elif not one.title.endswith(".json"):
                raise Unlike(f"{one.name}: there is no tool {one.title}")
        return made

    def _filled(self, value: Any) -> Any:
        match value:
            case dict():
                return {name: self._filled(inner) for name, inner in value.items()}
            case list():
                return [self._filled(inner) for inner in value]
            case _:
                return self._ids.get(value, value) if isinstance(value, str) else value

    def _compare(self, where: str, wanted: Any, told: Any, path: str) -> None:
        match wanted:
            case dict() if isinstance(told, dict):
                for name, inner in wanted.items():
                    if name not in told:
                        raise Unlike(f"{where}: the answer has no {path}{name}: {told}")
                    self._compare(where, inner, told[name], f"{path}{name}.")
            case list() if isinstance(told, list) and len(wanted) == len(told):
                for at, inner in enumerate(wanted):
                    self._compare(where, inner, told[at], f"{path}{at}.")
            case str() if isinstance(told, str):
                if not self._same(wanted, told):
                    raise Unlike(f"{where}: {path} is {told!r}, and the page says {wanted!r}")
            case _:
                if wanted != told:
                    raise Unlike(f"{where}: {path} is {told!r}, and the page says {wanted!r}")

    def _same(self, wanted: str, told: str) -> bool:
        if _ID.match(wanted) and _ID.match(told):
            return self._ids.setdefault(wanted, told) == told
        pattern = ".*".join(re.escape(part) for part in wanted.split("..."))
        return bool(re.fullmatch(pattern, told, re.DOTALL))
