"""Which keywords the text of a program names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Literal, cast

from keywords import tree
from keywords.blocks import read
from keywords.parse import parse_line
from keywords.registry import Registry

CONTEXTS: tuple[Literal["statement", "with"], ...] = ("statement", "with")


def named(source: str, words: Registry) -> set[str]:
    """The keywords in the statements of a program."""
    found: set[str] = set()
    for node in read(source, words).walk():
        if node.head is None:
            continue
        for context in CONTEXTS:
            statement, problems = parse_line(node.head.text, words, context)
            if not problems:
                found |= {call.keyword for call in _calls(statement)}
    return found


def _calls(node: Any) -> Iterator[tree.Call]:
    """Every call of a keyword below a node of the tree."""
    if isinstance(node, tree.Call):
        yield node
    if is_dataclass(node):
        for field in fields(node):
            yield from _calls(getattr(node, field.name))
    elif isinstance(node, dict):
        yield from _calls(tuple(cast("dict[str, Any]", node).values()))
    elif isinstance(node, tuple):
        for each in cast("tuple[Any, ...]", node):
            yield from _calls(each)
