"""A program as the nested nodes of a flowchart: what the card of an execution draws."""

from __future__ import annotations

from typing import Any

from keywords.blocks import Arm, Blocks, Line, Node, read
from keywords.registry import Registry

MOST_NODES = 300
LONGEST_LABEL = 90
QUIET = frozenset({"note", "blank", "text", "table"})  # of the text, not of the flow
WAITS = ("HUMAN APPROVAL", "WAIT", "HEAR", "DELAY")


def flow_of(source: str, registry: Registry) -> list[dict[str, Any]]:
    """The nodes in the order of the text: line (from 1), kind, label, and the arms of a block with their nodes."""
    blocks = read(source, registry)
    return _Drawing(blocks).nodes(blocks.nodes)


class _Drawing:
    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._left = MOST_NODES

    def nodes(self, found: tuple[Node, ...]) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = []
        for node in found:
            if node.kind in QUIET:
                continue
            if self._left <= 0:
                break
            self._left -= 1
            told.append(self._node(node))
        return told

    def _node(self, node: Node) -> dict[str, Any]:
        label = self._label(node.head, node.start)
        kind = "wait" if any(word in label.upper() for word in WAITS) else node.kind
        told: dict[str, Any] = {"line": node.start + 1, "to": node.end, "kind": kind, "label": label}
        arms = [self._arm(arm) for arm in node.arms if arm.children or arm.head]
        return told | ({"arms": arms} if arms else {})

    def _arm(self, arm: Arm) -> dict[str, Any]:
        told: dict[str, Any] = {"nodes": self.nodes(arm.children)}
        return told | ({"label": self._label(arm.head, arm.start)} if arm.head else {})

    def _label(self, head: Line | None, start: int) -> str:
        text = " ".join((head.text if head else self._blocks.source(start, start + 1)).split())
        return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"
