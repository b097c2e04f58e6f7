"""Text to a tree of blocks: tolerant, lossless, by line ranges. Every line of the text belongs to exactly one leaf,
head or closing line, so a gesture in the designer is a splice of lines.

Lines are physical and counted from 0 in ranges [start, end); `Line.number` is the first line as people count, from 1.
A block that is never closed ends, by indentation, where the next statement stands as far left as its opener.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywords.lines import MOST_LINES, Line, Logical, begun, logical_lines, physical_lines, title
from keywords.phrases import lexicon
from keywords.registry import Registry
from keywords.structure import DETAILS, ENDS, Word as StructureWord

if TYPE_CHECKING:
    from keywords.known_blocks import Memory

DEEPEST = 100
MOST_FAULTS = 100  # told of one text
_LOOPS = frozenset({"for", "while", "do"})
_IF = re.compile(r"\s*IF\b.*\bTHEN\b", re.IGNORECASE | re.DOTALL)
WHOLE_IF = "The IF above ends with its line: put ELSE on it, or write what stands behind THEN on a line of its own."


@dataclass(frozen=True, slots=True)
class Arm:
    """One branch of a block: the line that heads it (None: what stands before the first CASE or BRANCH), its nodes."""

    head: Line | None
    start: int
    end: int
    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A statement, a block, a comment, blank lines, or a line that has no place where it stands (kind "error").

    Kinds: statement if for while do select switch with table sub function on parallel "parallel for" workflow schedule
    text note blank error. `details` are lines that belong to a statement: its policies (RETRY, TIMEOUT, COMPENSATE
    WITH, ...), the ON TIMEOUT, REQUIRE and REMIND of HUMAN APPROVAL, the DELAY of a STEP.
    """

    kind: str
    start: int
    end: int
    head: Line | None = None
    close: Line | None = None
    arms: tuple[Arm, ...] = ()
    details: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the blocks, at which line and column (from 1)."""

    line: int
    column: int
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Blocks:
    text: str
    lines: tuple[str, ...]  # physical, with their line ends: "".join(lines) == text
    nodes: tuple[Node, ...]
    faults: tuple[Fault, ...]
    overlong: bool = False  # it has more lines than a program may have, and only so many were read

    def source(self, start: int, end: int) -> str:
        """The text of a range of lines."""
        return "".join(self.lines[start:end])

    def body(self, node: Node) -> Line:
        """What stands between the head and the end of a text or table block, as one line of text."""
        first = node.start + (node.head.lines if node.head else 0)
        last = node.end - (node.close.lines if node.close else 0)
        return Line(first + 1, self.source(first, last), max(last - first, 0))

    def walk(self) -> Iterator[Node]:
        """All nodes, in the order of the text."""
        stack = list(reversed(self.nodes))
        while stack:
            node = stack.pop()
            yield node
            stack.extend(child for arm in reversed(node.arms) for child in reversed(arm.children))


def read(text: str, registry: Registry, memory: Memory | None = None) -> Blocks:
    """The blocks of a program. Never raises: what cannot be placed is a node of kind "error" and a fault."""
    words = lexicon(registry)
    lines = tuple(physical_lines(text))
    if memory is not None and len(lines) <= MOST_LINES:
        items = list(logical_lines(text, words, lambda at: memory.at(lines, at)))
        tree = _Tree(items, keep=lambda node: memory.keep(lines, node)).build()
        if not tree.faults:
            return Blocks(text, lines, tuple(tree.top), ())
    logical = list(logical_lines(text, words))
    overlong = bool(logical) and logical[-1].kind == "rest"
    plain = _Tree(logical).build()
    if plain.faults:  # somewhere an end is missing or too much: let the indentation say where
        aligned = _Tree(logical, aligned=True).build()
        better = aligned if len(aligned.faults) <= len(plain.faults) else plain
        if better.unclosed:
            early = _Tree(logical, aligned=better is aligned, ends_early=frozenset(better.unclosed)).build()
            better = early if len(early.faults) <= len(better.faults) else better
        plain = better
    faults = sorted(plain.faults, key=lambda fault: (fault.line, fault.column))
    return Blocks(text, lines, tuple(plain.top), tuple(faults[:MOST_FAULTS]), overlong)


@dataclass(slots=True)
class _Open:
    """A block being read."""

    opener: Logical
    kind: str
    arms: list[Arm] = field(default_factory=list[Arm])
    head: Line | None = None
    start: int = 0
    children: list[Node] = field(default_factory=list[Node])

    def finish_arm(self, end: int) -> None:
        if self.head is not None or self.children or not self.arms:
            self.arms.append(Arm(self.head, self.start, end, tuple(self.children)))
        self.children = []

    def begin_arm(self, item: Logical) -> None:
        self.finish_arm(item.start)
        self.head, self.start = item.line, item.start


@dataclass(slots=True)
class _Tree:
    """Builds the tree from logical lines; `aligned` and `ends_early` use the indentation where an attempt failed.
    `keep` is told of each block that is closed before anything was found wrong."""

    logical: list[Logical]
    aligned: bool = False
    ends_early: frozenset[int] = frozenset()  # openers (by line) whose block ends at the first line as far left
    keep: Callable[[Node], None] | None = None
    top: list[Node] = field(default_factory=list[Node])
    stack: list[_Open] = field(default_factory=list[_Open])
    faults: list[Fault] = field(default_factory=list[Fault])
    unclosed: list[int] = field(default_factory=list[int])
    half_told: bool = False  # an ELSE below an IF that ends with its line has been told of

    def build(self) -> _Tree:
        at = 0
        while at < len(self.logical):
            at = self._take(at)
        end = self.logical[-1].end if self.logical else 0
        while self.stack:
            self._pop(end, None)
        return self

    def _add(self, node: Node) -> None:
        (self.stack[-1].children if self.stack else self.top).append(node)

    def _fault(self, item: Logical, message: str, fix: str) -> None:
        line, column = item.line.position(len(item.line.text) - len(item.line.text.lstrip()))
        self.faults.append(Fault(line, column, message, fix))

    def _too_deep(self, item: Logical) -> None:
        self._fault(item, f"Blocks are nested more than {DEEPEST} deep.", "Move the inner part into a SUB.")

    def _pop(self, end: int, close: Logical | None) -> None:
        block = self.stack.pop()
        block.finish_arm(end)
        opener = block.opener
        if close is None and block.kind != "workflow":
            self.unclosed.append(opener.line.number)
            self._unclosed(block)
        stop = close.end if close is not None else end
        line = close.line if close is not None else None
        node = Node(block.kind, opener.start, stop, opener.line, line, tuple(block.arms))
        self._add(node)
        if self.keep is not None and close is not None and not self.faults:
            self.keep(node)

    def _unclosed(self, block: _Open) -> None:
        opener = block.opener
        what = title(opener)
        ending = (
            "}"
            if opener.brace
            else ENDS.get(block.kind) or "END " + " ".join(begun(tuple(word.upper for word in opener.words)))
        )
        fix = f"Add {ending}."
        if block.kind == "while" and not _children(block) and (begun_by := self._open_do()):
            fix = f"LOOP WHILE condition ends the DO of line {begun_by}."
        self._fault(opener, f"The {what} of line {opener.line.number} is never closed.", fix)

    def _open_do(self) -> int:
        """The line of the DO around or right before this place that nothing has closed; 0 when there is none."""
        if self.stack and self.stack[-1].kind == "do":
            return self.stack[-1].opener.line.number
        before = (self.stack[-1].children if self.stack else self.top)[-1:]
        return next((node.start + 1 for node in before if node.kind == "do" and node.close is None), 0)

    def _take(self, at: int) -> int:
        item = self.logical[at]
        if item.block is not None:
            self._add(item.block)
            if len(self.stack) + item.depth > DEEPEST:
                self._too_deep(item)
            return at + 1
        if item.kind == "raw":
            return self._raw(at)
        if item.kind == "rest":
            self._fault(item, f"A program may have {MOST_LINES:,} lines; this is one more.", "Split the program.")
            self._add(Node("error", item.start, item.end, item.line))
            return at + 1
        if not item.words:
            return self._silent(at)
        self._end_early(item)
        word = item.word
        if word is not None and word.closes:
            self._close(item, word)
            return at + 1
        if (word is not None and word.arms) or item.branch:
            self._arm(item, ("parallel",) if item.branch or word is None else word.arms)
            return at + 1
        if item.kind:
            return self._open(at, item)
        return self._statement(at)

    def _silent(self, at: int) -> int:
        """Comments, or blank lines, that stand together."""
        note, last = self.logical[at].note, at
        while last + 1 < len(self.logical):
            following = self.logical[last + 1]
            if following.words or following.kind or following.note != note:
                break
            last += 1
        first, final = self.logical[at], self.logical[last]
        self._add(Node("note" if note else "blank", first.start, final.end, first.line))
        return last + 1

    def _raw(self, at: int) -> int:
        """The lines of a text or table block; its opener is the innermost open block."""
        last = at
        while last + 1 < len(self.logical) and self.logical[last + 1].kind == "raw":
            last += 1
        self._add(Node("blank", self.logical[at].start, self.logical[last].end, self.logical[at].line))
        return last + 1

    def _statement(self, at: int) -> int:
        item = self.logical[at]
        details: list[Line] = []
        last = at
        while last + 1 < len(self.logical) and self._is_detail(item, self.logical[last + 1]):
            last += 1
            details.append(self.logical[last].line)
        self._add(Node("statement", item.start, self.logical[last].end, item.line, details=tuple(details)))
        return last + 1

    def _is_detail(self, item: Logical, following: Logical) -> bool:
        if not following.words or following.kind == "raw":
            return False
        if following.policy or (item.approval and following.word is not None and following.word.name in DETAILS):
            return True
        deeper = following.indent > item.indent
        return item.step and deeper and len(following.words) > 1 and following.words[0].upper == "DELAY"

    def _open(self, at: int, item: Logical) -> int:
        if len(self.stack) >= DEEPEST:
            self._too_deep(item)
            self._add(Node("error", item.start, item.end, item.line))
            return at + 1
        block = _Open(item, item.kind)
        block.head, block.start = item.line, item.start
        self.stack.append(block)
        return at + 1

    def _close(self, item: Logical, word: StructureWord) -> None:
        index = self._opener_of(item, word.closes)
        if index is None and self.stack and {self.stack[-1].kind, *word.closes} <= _LOOPS:
            self._mismatched(item)
            return
        if index is None:
            fix = WHOLE_IF if self._below_whole_if(word.closes) else "Remove it, or add the line that opens it."
            self._fault(item, f"{title(item)} has nothing to close here.", fix)
            self._add(Node("error", item.start, item.end, item.line))
            return
        while len(self.stack) - 1 > index:
            self._pop(item.start, None)
        self._pop(item.start, item)

    def _mismatched(self, item: Logical) -> None:
        """One loop closed by the word of another."""
        block = self.stack[-1]
        opener, needed = title(block.opener), ENDS[block.kind]
        place = f"The {opener} of line {block.opener.line.number}"
        self._fault(item, f"{place} is closed by {needed}, not by {title(item)}.", f"Write {needed}.")
        self._pop(item.start, item)

    def _arm(self, item: Logical, kinds: tuple[str, ...]) -> None:
        index = self._opener_of(item, kinds)
        if index is None:
            inside = " or ".join(sorted({kind.upper() for kind in kinds}))
            fix = WHOLE_IF if self._below_whole_if(kinds) else f"Move it into {inside}, or remove it."
            self._fault(item, f"{title(item)} stands outside {inside}.", fix)
            self._add(Node("error", item.start, item.end, item.line))
            return
        while len(self.stack) - 1 > index:
            self._pop(item.start, None)
        self.stack[-1].begin_arm(item)

    def _below_whole_if(self, kinds: tuple[str, ...]) -> bool:
        """Does `IF c THEN statement`, which is a line of its own, stand above, or above the ELSE told of before?"""
        if "if" not in kinds:
            return False
        around = self.stack[-1].children if self.stack else self.top
        above = next((node for node in reversed(around) if node.kind not in ("note", "blank", "error")), None)
        whole = above is not None and above.kind == "statement" and _IF.match(_text(above)) is not None
        found, self.half_told = whole or self.half_told, whole
        return found

    def _opener_of(self, item: Logical, kinds: tuple[str, ...]) -> int | None:
        matching = [k for k in range(len(self.stack) - 1, -1, -1) if self.stack[k].kind in kinds]
        if not matching:
            return None
        if self.aligned and item.indent < self.stack[matching[0]].opener.indent:
            return next((k for k in matching if self.stack[k].opener.indent == item.indent), matching[0])
        return matching[0]

    def _end_early(self, item: Logical) -> None:
        """A block known to be unclosed ends before a line as far left as its opener."""
        word = item.word
        while self.stack and self.stack[-1].opener.line.number in self.ends_early:
            block = self.stack[-1]
            kinds = word.closes + word.arms if word is not None else ("parallel",) if item.branch else ()
            if item.indent > block.opener.indent or block.kind in kinds or block.kind in ("text", "table"):
                return
            self._pop(item.start, None)


def _children(block: _Open) -> list[Node]:
    return [node for arm in block.arms for node in arm.children if node.kind not in ("note", "blank")]


def _text(node: Node) -> str:
    return node.head.text if node.head is not None else ""


__all__ = ["Arm", "Blocks", "Fault", "Line", "Node", "read"]
