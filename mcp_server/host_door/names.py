"""Tools by the names that other languages give them: `PUBLISH EVENT`, `publish-event` and `publish_event` are one.

A tool also answers to the BASIC keyword in its title: `ORCHESTRATE WORKFLOW` is `orchestrate`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

ALSO = {  # what hosts and people say, where the titles do not
    "start_workflow": "orchestrate",
    "bot_share_memory": "share_memory",
    "bot_sync_memory": "sync_memory",
    "llm_optimize": "llm_optimize_for",
    "llm_with_optimize_for": "llm_optimize_for",
    "optimize_llm": "llm_optimize_for",
    "get_bot_memory": "get_memory",
    "set_bot_memory": "set_memory",
}


def plain(name: str) -> str:
    """The name in the form that tools have: small letters, and `_` for blanks, hyphens and dots."""
    return re.sub(r"[\s\-._/]+", "_", name.strip()).casefold()


def known(titles: Mapping[str, str]) -> Mapping[str, str]:
    """Each name that a tool answers to, and the tool; `titles` are the titles by the names of the tools."""
    found = {other: tool for other, tool in ALSO.items() if tool in titles}
    found |= {plain(phrase): tool for tool, title in titles.items() for phrase in _phrases(title)}
    return found | {plain(tool): tool for tool in titles}


def _phrases(title: str) -> Iterable[str]:
    """The keywords that a title names: those in capitals."""
    return (part for part in (title, *title.split(",")) if part.strip() and part == part.upper())
