"""Logical lines: the text cut where statements end, each line with what it does to the block tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from keywords.phrases import Lexicon, label
from keywords.scan import Scanned, Word, head, indent, scan
from keywords.structure import BY_NAME, POLICIES, Word as StructureWord

if TYPE_CHECKING:
    from keywords.blocks import Node

MOST_LINES = 50_000
KEPT_LINES = 20_000  # lines whose words are remembered, each with the one below it
LONGEST_KEPT = 500
_BLANK = re.compile(r"(?:[^\S\n]*\n)+")


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


@dataclass(slots=True)
class Logical:
    """A logical line and what it does to the tree."""

    line: Line
    words: list[Word]
    note: bool
    indent: int
    word: StructureWord | None = None
    kind: str = ""  # of the block that it opens
    approval: bool = False  # HUMAN APPROVAL, also after `STEP n:` and `x =`
    step: bool = False
    branch: bool = False
    policy: bool = False  # RETRY, TIMEOUT, COMPENSATE WITH, ...: belongs to the statement before it
    brace: bool = False
    block: Node | None = None  # of kind "block": it stands for the lines of a block that is known
    depth: int = 0  # of blocks in that block

    @property
    def end(self) -> int:
        return self.line.number - 1 + self.line.lines

    @property
    def start(self) -> int:
        return self.line.number - 1

    def at(self, number: int, text: str) -> Logical:
        """The same line somewhere else."""
        return Logical(
            Line(number, text, 1),
            self.words,
            self.note,
            self.indent,
            self.word,
            self.kind,
            self.approval,
            self.step,
            self.branch,
            self.policy,
            self.brace,
        )


def physical_lines(text: str) -> list[str]:
    """Lines end at a newline and nowhere else."""
    *lines, last = text.split("\n")
    found = [line + "\n" for line in lines]
    return [*found, last] if last else found


def logical_lines(text: str, words: Lexicon, known: Callable[[int], Logical | None] | None = None) -> Iterator[Logical]:
    """The text as logical lines; inside BEGIN blocks and TABLE each physical line is one, of kind "raw".

    Blank lines that stand together are one. What follows MOST_LINES is one more, of kind "rest". `known` is asked at
    each line, counted from 0, whether a known block begins there.
    """
    position, number, told = 0, 1, 0
    raw_until: tuple[str, ...] | None = None  # the words that end a text block
    while position < len(text):
        told += 1
        if known is not None and raw_until is None and (block := known(number - 1)) is not None:
            yield block
            position, number = position + len(block.line.text) + 1, number + block.line.lines
            continue
        if raw_until is None and told <= MOST_LINES:
            key = _pair(text, position)
            kept = words.kept_lines.get(key) if key is not None else None
            if kept is not None and key is not None:
                yield kept.at(number, key[0])
                position, number = position + len(key[0]) + 1, number + 1
                continue
        else:
            key = None
        if told > MOST_LINES:
            rest = text[position:].removesuffix("\n")
            yield Logical(Line(number, rest, rest.count("\n") + 1), [], note=False, indent=0, kind="rest")
            return
        if raw_until is not None:
            end = text.find("\n", position)
            end = len(text) if end < 0 else end
            closes = tuple(word.upper for word in head(text, position)) == raw_until
            found = scan(text, position, words) if closes else Scanned([], end, None)
        else:
            closes = False
            blank = _BLANK.match(text, position)
            found = Scanned([], blank.end() - 1, None) if blank else scan(text, position, words)
        content = text[position : found.end]
        count = content.count("\n") + 1
        item = Logical(Line(number, content, count), found.words, found.note is not None, indent(text, position))
        if raw_until is None or closes:
            _classify(item, words)
            raw_until = None
        else:
            item.kind = "raw"
        if item.kind in ("text", "table"):
            opener = tuple(word.upper for word in item.words)
            raw_until = ("END", "TABLE") if item.kind == "table" else ("END", *begun(opener))
        elif key is not None and content == key[0] and "`" not in content and _closed(item):
            if len(words.kept_lines) >= KEPT_LINES:
                words.kept_lines.clear()
            words.kept_lines[key] = item
        yield item
        position, number = found.end + 1, number + count


def _closed(item: Logical) -> bool:
    return all(word.kind != "open" for word in item.words)


def _pair(text: str, position: int) -> tuple[str, str] | None:
    """A line and the one below: all that the meaning of a line depends on that is a logical line by itself, but for
    one with a backquote, whose fellow may be anywhere below."""
    end = text.find("\n", position)
    below = text.find("\n", end + 1)
    if end < 0 or below < 0 or below - position > LONGEST_KEPT:
        return None
    return text[position:end], text[end + 1 : below]


def begun(opener: tuple[str, ...]) -> tuple[str, ...]:
    """What a BEGIN line begins: TALK, MAIL or SYSTEM PROMPT."""
    return opener[1:3] if opener[1:2] == ("SYSTEM",) else opener[1:2]


def _classify(item: Logical, words: Lexicon) -> None:
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
        item.policy = named[0] in ("COMPENSATE", "ON ERROR")
        rest = line[named[2] :]
    item.approval = any(a.upper == "HUMAN" and b.upper == "APPROVAL" for a, b in pairwise(line))
    found = words.opening(rest) if rest else None
    if found is None:
        return
    phrase, _ = found
    if not phrase.structural:
        return
    word = phrase.candidates[0].owner
    if not isinstance(word, StructureWord):
        return
    if item.branch or item.policy or (item.step and not word.name.startswith("PARALLEL")):
        return  # `BRANCH A: IF x THEN TALK "y"` stays one line
    item.policy = word.name in POLICIES
    item.word = word
    item.kind = word.opens
    if word.name in ("IF", "ELSE IF"):
        _classify_if(item, rest, word)


def _classify_if(item: Logical, rest: list[Word], word: StructureWord) -> None:
    item.brace = rest[-1].text == "{"
    then = next((k for k, w in enumerate(rest) if w.upper == "THEN"), len(rest) - 1)
    if then < len(rest) - 1 and word.name == "IF":
        item.word, item.kind = None, ""  # `IF c THEN statement` is one line


def _classify_brace(item: Logical, line: list[Word]) -> None:
    item.brace = True
    if len(line) == 1:
        item.word = BY_NAME["END IF"]
    elif line[1].upper == "ELSE":
        item.word = BY_NAME["ELSE IF" if len(line) > 2 and line[2].upper == "IF" else "ELSE"]


def title(item: Logical) -> str:
    """The words of a line that name it in a message."""
    if item.brace and item.words[0].text == "}":
        return "`}`"
    if item.branch:
        return "BRANCH"
    if item.word is not None and item.word.name == "FOR EACH" and item.words[1:] and item.words[1].upper != "EACH":
        return "FOR"
    return item.word.name if item.word is not None else item.words[0].text
