"""Which keywords and structure words the text of a program names."""

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
    return {node.keyword for node in _nodes(source, words) if isinstance(node, tree.Call)}


def structures(source: str, words: Registry) -> set[str]:
    """The structure words of a program."""
    return {node.word for node in _nodes(source, words) if isinstance(node, tree.Structure)}


def _nodes(source: str, words: Registry) -> Iterator[object]:
    for block in read(source, words).walk():
        for line in (block.head, block.close, *(arm.head for arm in block.arms), *block.details):
            for context in CONTEXTS if line else ():
                assert line is not None
                statement, problems = parse_line(line.text, words, context)
                if not problems:
                    yield from _below(statement)


def _below(node: Any) -> Iterator[object]:
    """The node of a tree, and every node below it."""
    if is_dataclass(node):
        yield node
        for field in fields(node):
            yield from _below(getattr(node, field.name))
    elif isinstance(node, dict):
        yield from _below(tuple(cast("dict[str, Any]", node).values()))
    elif isinstance(node, tuple):
        for each in cast("tuple[Any, ...]", node):
            yield from _below(each)
