"""The blocks of a text that is read again and again, as while it is written: a block that stands there as before, maybe
some lines further up or down, is not read anew.

What the lines of a closed block mean depends on them and on the line below, which might go on with the last of them,
and on nothing around it. That holds while every block is closed by its own end; where one is not, the indentation
of lines all over the text decides, so such a text is read as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from keywords.blocks import Arm, Blocks, Line, Node, read
from keywords.lines import Logical
from keywords.registry import Registry

MOST = 8_192  # blocks
ALIKE = 8  # blocks that begin with the same line
LONGEST = 200  # lines; of a longer block those in it are kept


@dataclass(slots=True)
class _Kept:
    """A block where it stood last; `lines` are its own and the one below."""

    lines: tuple[str, ...]
    text: str
    node: Node
    depth: int


@dataclass(slots=True)
class Memory:
    """The blocks read last, by the line that opens them."""

    blocks: dict[str, list[_Kept]] = field(default_factory=dict[str, list[_Kept]])

    def at(self, lines: tuple[str, ...], start: int) -> Logical | None:
        """The block that begins at a line, as one item that stands for all its lines."""
        for kept in self.blocks.get(lines[start], ()):
            if lines[start : start + len(kept.lines)] == kept.lines:
                kept.node = node = moved(kept.node, start - kept.node.start)
                line = Line(start + 1, kept.text, node.end - node.start)
                return Logical(line, [], note=False, indent=0, kind="block", block=node, depth=kept.depth)
        return None

    def keep(self, lines: tuple[str, ...], node: Node) -> None:
        """Remember a block that is closed, and in which nothing is wrong."""
        start, end = node.start, node.end
        if end - start > LONGEST or end >= len(lines) or any("`" in line for line in lines[start:end]):
            return  # of a backquote that is open the fellow may be anywhere below
        if len(self.blocks) >= MOST:
            self.blocks.clear()
        alike = self.blocks.setdefault(lines[start], [])
        alike.insert(0, _Kept(lines[start : end + 1], "".join(lines[start:end]).removesuffix("\n"), node, depth(node)))
        del alike[ALIKE:]


def known(text: str, registry: Registry) -> Blocks:
    """The blocks of a program that is looked at again and again, as while it is written."""
    return _known(text, registry, registry.version)


@lru_cache(maxsize=16)
def _known(text: str, registry: Registry, version: str) -> Blocks:
    return read(text, registry, _memory(registry, version))


@lru_cache(maxsize=2)
def _memory(registry: Registry, version: str) -> Memory:
    """The memory of one version of one table of keywords."""
    return Memory()


def moved(node: Node, by: int) -> Node:
    """The same node so many lines further down."""
    if not by:
        return node
    head = _moved(node.head, by)
    if not node.arms and not node.details:
        return Node(node.kind, node.start + by, node.end + by, head)
    arms = [
        Arm(head if arm.head is node.head else _moved(arm.head, by), arm.start + by, arm.end + by,
            tuple([moved(child, by) for child in arm.children]))
        for arm in node.arms
    ]  # fmt: skip
    details = [Line(line.number + by, line.text, line.lines) for line in node.details]
    return Node(node.kind, node.start + by, node.end + by, head, _moved(node.close, by), tuple(arms), tuple(details))


def _moved(line: Line | None, by: int) -> Line | None:
    return None if line is None else Line(line.number + by, line.text, line.lines)


def depth(node: Node) -> int:
    """How many blocks are inside of each other."""
    inner = [depth(child) for arm in node.arms for child in arm.children]
    return max(inner, default=0) + bool(node.arms)
