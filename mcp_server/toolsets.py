"""The groups of MCP tools that an owner may offer or leave out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

from mcp_server.setting_values import as_words

Toolset: TypeAlias = Literal["workflows", "events", "memory", "approvals", "models", "keywords"]
TOOLSETS: tuple[Toolset, ...] = ("workflows", "events", "memory", "approvals", "models", "keywords")
ALL = "all"


def named(words: Iterable[str]) -> frozenset[str]:
    """The toolsets of these words, none for all of them; raises ValueError for a word that is none."""
    found = frozenset(word.strip().lower() for word in words if word.strip())
    if unknown := sorted(found - {*TOOLSETS, ALL}):
        raise ValueError(f"there is no toolset {', '.join(unknown)}; there are {', '.join(TOOLSETS)}, and {ALL}")
    return frozenset() if ALL in found else found


def as_toolsets(given: Any, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The setting."""
    return tuple(sorted(named(as_words(given, environment))))
