"""One step of a program as a program of its own, to be run alone. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from keywords.blocks import Arm, Node, read
from keywords.registry import Registry

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_STRING = re.compile(r'"(?:[^"\n]|"")*"')
_INSIDE = re.compile(r"\$\{([^}]*)\}")
_WHOLE = frozenset({"workflow", "sub", "function", "on", "note", "blank", "table", "schedule"})


@dataclass(frozen=True, slots=True)
class Piece:
    """The lines of a step, and the names in it."""

    source: str
    start: int  # lines, counted from 1
    end: int
    words: tuple[str, ...]  # all names in it
    names: tuple[str, ...]  # of them those that no keyword is made of: probably variables


def alone(source: str, line: int, registry: Registry) -> Piece | None:
    """The smallest statement or block that begins at the line or holds it; None where there is none."""
    blocks = read(source, registry)
    node = _at(blocks.nodes, line - 1)
    if node is None:
        return None
    text = blocks.source(node.start, node.end)
    lines = text.splitlines(keepends=True)
    left = min((len(row) - len(row.lstrip()) for row in lines if row.strip()), default=0)
    cut = "".join(row[left:] if row[:left].isspace() or left == 0 else row for row in lines)
    words = _words(cut)
    known = {word.casefold() for name in registry.keywords for word in name.split()} | _STRUCTURE
    names = tuple(word for word in words if word not in known)
    return Piece(cut if cut.endswith("\n") else cut + "\n", node.start + 1, node.end, words, names)


def _at(nodes: tuple[Node, ...], row: int) -> Node | None:
    for node in nodes:
        if not node.start <= row < node.end:
            continue
        inner = next((found for arm in node.arms if (found := _in_arm(arm, row))), None)
        if inner is not None:
            return inner
        return None if node.kind in _WHOLE else node
    return None


def _in_arm(arm: Arm, row: int) -> Node | None:
    return _at(arm.children, row)


def _words(text: str) -> tuple[str, ...]:
    """The names outside of texts, and inside their ${...}; none of a field or a function."""
    bare = _STRING.sub(lambda found: " ".join(_INSIDE.findall(found[0])), text)
    bare = "\n".join(row.partition("'")[0] for row in bare.splitlines())
    found: dict[str, None] = {}
    for word in _NAME.finditer(bare):
        if bare[word.start() - 1 : word.start()] != "." and bare[word.end() : word.end() + 1] != "(":
            found[word[0].lower()] = None
    return tuple(found)


_WORDS = """
if then else elseif end for each in to step next while wend do loop until select case switch default with and or not
is like mod contains null true false parallel branch workflow orchestrate on error goto resume timeout retry backoff
message from approve reject escalate require remind as param let set exit return between xor first last
"""
_STRUCTURE = frozenset(_WORDS.split())
