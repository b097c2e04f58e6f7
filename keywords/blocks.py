"""Text to a tree of blocks: tolerant, lossless, by line ranges. Every line of the text belongs to exactly one leaf,
head or closing line, so a gesture in the designer is a splice of lines.

Lines are physical and counted from 0 in ranges [start, end); `Line.number` is the first line as people count, from 1.
A block that is never closed ends, by indentation, where the next statement stands as far left as its opener.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from keywords.phrases import Lexicon, label, lexicon
from keywords.registry import Registry
from keywords.scan import Scanned, Word, indent, scan
from keywords.structure import BY_NAME, ENDS
from keywords.structure import Word as StructureWord

DEEPEST = 100
_LOOPS = frozenset({"for", "while", "do"})


@dataclass(frozen=True, slots=True)
class Line:
    """A logical line: its text without the last newline, and the physical lines it covers."""

    number: int
    text: str
    lines: int

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column in the file, both from 1, of an offset into the text."""
        before = self.text[: max(offset, 0)]
        return self.number + before.count("\n"), len(before) - (before.rfind("\n") + 1) + 1


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

    Kinds: statement if for while do select switch with table sub function on parallel workflow schedule text note blank
    error. `details` are lines that belong to a statement: TIMEOUT and ON TIMEOUT of HUMAN APPROVAL, DELAY of a STEP.
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


def read(text: str, registry: Registry) -> Blocks:
    """The blocks of a program. Never raises: what cannot be placed is a node of kind "error" and a fault."""
    words = lexicon(registry)
    lines = tuple(text.splitlines(keepends=True)) if not _odd_breaks(text) else tuple(_physical(text))
    logical = list(_logical(text, words))
    plain = _Tree(logical, aligned=False, ends_early=frozenset()).build()
    if plain.faults:  # somewhere an end is missing or too much: let the indentation say where
        aligned = _Tree(logical, aligned=True, ends_early=frozenset()).build()
        better = aligned if len(aligned.faults) <= len(plain.faults) else plain
        if better.unclosed:
            early = _Tree(logical, aligned=better is aligned, ends_early=frozenset(better.unclosed)).build()
            better = early if len(early.faults) <= len(better.faults) else better
        plain = better
    faults = sorted(plain.faults, key=lambda fault: (fault.line, fault.column))
    return Blocks(text, lines, tuple(plain.top), tuple(faults))


@dataclass(slots=True)
class _Logical:
    """A logical line and what it does to the tree."""

    line: Line
    words: list[Word]
    note: bool
    indent: int
    word: StructureWord | None = None
    kind: str = ""  # of the block that it opens
    approval: bool = False  # HUMAN APPROVAL, also after STEP n:
    step: bool = False
    branch: bool = False
    brace: bool = False

    @property
    def end(self) -> int:
        return self.line.number - 1 + self.line.lines

    @property
    def start(self) -> int:
        return self.line.number - 1


def _odd_breaks(text: str) -> bool:
    return any(mark in text for mark in "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")


def _physical(text: str) -> Iterator[str]:
    """Lines end at a newline and nowhere else."""
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end + 1
        yield text[start:end]
        start = end


def _logical(text: str, words: Lexicon) -> Iterator[_Logical]:
    position, number = 0, 1
    raw_until: tuple[str, ...] | None = None  # the words that end a text block
    while position < len(text):
        if raw_until is not None:
            end = text.find("\n", position)
            end = len(text) if end < 0 else end
            closes = tuple(text[position:end].upper().split()) == raw_until
            found = scan(text, position, words) if closes else Scanned([], end, None)
        else:
            closes = False
            found = scan(text, position, words)
        content = text[position : found.end]
        count = content.count("\n") + 1
        item = _Logical(Line(number, content, count), found.words, found.note is not None, indent(text, position))
        if raw_until is None or closes:
            _classify(item, words)
            raw_until = None
        else:
            item.kind = "raw"
        if item.kind in ("text", "table"):
            opener = tuple(word.upper for word in item.words)
            raw_until = ("END", "TABLE") if item.kind == "table" else ("END", *_what(opener))
        yield item
        position, number = found.end + 1, number + count


def _what(opener: tuple[str, ...]) -> tuple[str, ...]:
    """What a BEGIN line begins: TALK, MAIL or SYSTEM PROMPT."""
    return opener[1:3] if opener[1:2] == ("SYSTEM",) else opener[1:2]


def _classify(item: _Logical, words: Lexicon) -> None:
    line = item.words
    if not line:
        return
    if line[0].text == "}":
        _classify_brace(item, line)
        return
    named = label(line)
    rest = line
    if named is not None:
        item.step, item.branch = named[0] == "STEP", named[0] == "BRANCH"
        rest = line[named[2] :]
    found = words.opening(rest) if rest else None
    if found is None:
        return
    phrase, _ = found
    item.approval = phrase.words[:2] == ("HUMAN", "APPROVAL")
    if not phrase.structural:
        return
    word = phrase.candidates[0].owner
    if not isinstance(word, StructureWord):
        return
    if item.branch or (item.step and word.name != "PARALLEL"):
        return  # `BRANCH A: IF x THEN TALK "y"` stays one line
    item.word = word
    item.kind = word.opens
    if word.name in ("IF", "ELSE IF"):
        _classify_if(item, rest, word)


def _classify_if(item: _Logical, rest: list[Word], word: StructureWord) -> None:
    item.brace = rest[-1].text == "{"
    then = next((k for k, w in enumerate(rest) if w.upper == "THEN"), len(rest) - 1)
    if then < len(rest) - 1 and word.name == "IF":
        item.word, item.kind = None, ""  # `IF c THEN statement` is one line


def _classify_brace(item: _Logical, line: list[Word]) -> None:
    item.brace = True
    if len(line) == 1:
        item.word = BY_NAME["END IF"]
    elif line[1].upper == "ELSE":
        item.word = BY_NAME["ELSE IF" if len(line) > 2 and line[2].upper == "IF" else "ELSE"]


@dataclass(slots=True)
class _Open:
    """A block being read."""

    opener: _Logical
    kind: str
    arms: list[Arm] = field(default_factory=list[Arm])
    head: Line | None = None
    start: int = 0
    children: list[Node] = field(default_factory=list[Node])

    def finish_arm(self, end: int) -> None:
        if self.head is not None or self.children or not self.arms:
            self.arms.append(Arm(self.head, self.start, end, tuple(self.children)))
        self.children = []

    def begin_arm(self, item: _Logical) -> None:
        self.finish_arm(item.start)
        self.head, self.start = item.line, item.start


@dataclass(slots=True)
class _Tree:
    """Builds the tree from logical lines; `aligned` and `ends_early` use the indentation where an attempt failed."""

    logical: list[_Logical]
    aligned: bool
    ends_early: frozenset[int]  # openers (by line) whose block ends at the first line as far left
    top: list[Node] = field(default_factory=list[Node])
    stack: list[_Open] = field(default_factory=list[_Open])
    faults: list[Fault] = field(default_factory=list[Fault])
    unclosed: list[int] = field(default_factory=list[int])

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

    def _fault(self, item: _Logical, message: str, fix: str) -> None:
        offset = item.words[0].start - self._offset(item) if item.words else 0
        line, column = item.line.position(offset)
        self.faults.append(Fault(line, column, message, fix))

    def _offset(self, item: _Logical) -> int:
        return item.words[0].start - (len(item.line.text) - len(item.line.text.lstrip())) if item.words else 0

    def _pop(self, end: int, close: _Logical | None) -> None:
        block = self.stack.pop()
        block.finish_arm(end)
        opener = block.opener
        if close is None and block.kind != "workflow":
            self.unclosed.append(opener.line.number)
            self._unclosed(block)
        stop = close.end if close is not None else end
        line = close.line if close is not None else None
        self._add(Node(block.kind, opener.start, stop, opener.line, line, tuple(block.arms)))

    def _unclosed(self, block: _Open) -> None:
        opener = block.opener
        what = _title(opener)
        ending = (
            "}"
            if opener.brace
            else ENDS.get(block.kind) or "END " + " ".join(_what(tuple(word.upper for word in opener.words)))
        )
        self._fault(opener, f"The {what} of line {opener.line.number} is never closed.", f"Add {ending}.")

    def _take(self, at: int) -> int:
        item = self.logical[at]
        if item.kind == "raw":
            return self._raw(at)
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

    def _is_detail(self, item: _Logical, following: _Logical) -> bool:
        if not following.words or following.kind == "raw":
            return False
        if item.approval:
            return following.word is not None and following.word.name in ("TIMEOUT", "ON TIMEOUT")
        deeper = following.indent > item.indent
        return item.step and deeper and len(following.words) > 1 and _says(following, "DELAY")

    def _open(self, at: int, item: _Logical) -> int:
        if len(self.stack) >= DEEPEST:
            self._fault(item, f"Blocks are nested more than {DEEPEST} deep.", "Move the inner part into a SUB.")
            self._add(Node("error", item.start, item.end, item.line))
            return at + 1
        block = _Open(item, item.kind)
        block.head, block.start = item.line, item.start
        self.stack.append(block)
        return at + 1

    def _close(self, item: _Logical, word: StructureWord) -> None:
        index = self._opener_of(item, word.closes)
        if index is None and self.stack and {self.stack[-1].kind, *word.closes} <= _LOOPS:
            self._mismatched(item)
            return
        if index is None:
            self._fault(item, f"{_title(item)} has nothing to close here.", "Remove it, or add the line that opens it.")
            self._add(Node("error", item.start, item.end, item.line))
            return
        while len(self.stack) - 1 > index:
            self._pop(item.start, None)
        self._pop(item.start, item)

    def _mismatched(self, item: _Logical) -> None:
        """One loop closed by the word of another."""
        block = self.stack[-1]
        opener, needed = _title(block.opener), ENDS[block.kind]
        place = f"The {opener} of line {block.opener.line.number}"
        self._fault(item, f"{place} is closed by {needed}, not by {_title(item)}.", f"Write {needed}.")
        self._pop(item.start, item)

    def _arm(self, item: _Logical, kinds: tuple[str, ...]) -> None:
        index = self._opener_of(item, kinds)
        if index is None:
            inside = " or ".join(sorted({kind.upper() for kind in kinds}))
            self._fault(item, f"{_title(item)} stands outside {inside}.", f"Move it into {inside}, or remove it.")
            self._add(Node("error", item.start, item.end, item.line))
            return
        while len(self.stack) - 1 > index:
            self._pop(item.start, None)
        self.stack[-1].begin_arm(item)

    def _opener_of(self, item: _Logical, kinds: tuple[str, ...]) -> int | None:
        matching = [k for k in range(len(self.stack) - 1, -1, -1) if self.stack[k].kind in kinds]
        if not matching:
            return None
        if self.aligned and item.indent < self.stack[matching[0]].opener.indent:
            return next((k for k in matching if self.stack[k].opener.indent == item.indent), matching[0])
        return matching[0]

    def _end_early(self, item: _Logical) -> None:
        """A block known to be unclosed ends before a line as far left as its opener."""
        word = item.word
        while self.stack and self.stack[-1].opener.line.number in self.ends_early:
            block = self.stack[-1]
            kinds = word.closes + word.arms if word is not None else ("parallel",) if item.branch else ()
            if item.indent > block.opener.indent or block.kind in kinds or block.kind in ("text", "table"):
                return
            self._pop(item.start, None)


def _says(item: _Logical, word: str) -> bool:
    return item.words[0].upper == word


def _title(item: _Logical) -> str:
    """The words of a line that name it in a message."""
    if item.brace and item.words[0].text == "}":
        return "`}`"
    if item.branch:
        return "BRANCH"
    return item.word.name if item.word is not None else item.words[0].text
