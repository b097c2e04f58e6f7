"""Names of events and patterns for them: `order.paid`, `order.*` (one part), `order.>` (one part or more, at the end).

A name whose first part is `bot:NAME` is private to the bot of that name: no wildcard finds it, and no other bot may
wait for it. Which of many patterns fit a name, a trie tells in one walk along the name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from keywords.mistakes import Refused, WrongValue

T = TypeVar("T")
ONE, REST = "*", ">"
PRIVATE = "bot:"
DEEPEST = 32  # parts of a pattern


def is_pattern(name: str) -> bool:
    """Whether the name holds a wildcard."""
    return any(part in (ONE, REST) for part in name.split("."))


def checked(pattern: str) -> str:
    """The pattern, if it is one; raises WrongValue that says what is wrong with it."""
    parts = pattern.split(".")
    if not is_pattern(pattern) and ONE not in pattern and REST not in pattern:
        return pattern
    if len(parts) > DEEPEST:
        raise WrongValue(f'The pattern "{shortened(pattern)}" has more than {DEEPEST} parts.')
    for place, part in enumerate(parts):
        if not part:
            raise WrongValue(f'The pattern "{shortened(pattern)}" has an empty part. Write order.* or order.>.')
        if part not in (ONE, REST) and (ONE in part or REST in part):
            raise WrongValue(
                f'In the pattern "{shortened(pattern)}" the part "{shortened(part)}" mixes a wildcard with other '
                "characters. A wildcard stands alone between dots: order.* or order.>."
            )
        if part == REST and place != len(parts) - 1:
            raise WrongValue(f'In the pattern "{shortened(pattern)}" > stands before the end. Write * there.')
    return pattern


def fits(pattern: str, name: str) -> bool:
    """Whether the pattern, which is sound, finds an event of this name."""
    wanted, given = pattern.split("."), name.split(".")
    if given[0].startswith(PRIVATE) and wanted[0] != given[0]:
        return False
    for place, part in enumerate(wanted):
        if part == REST:
            return len(given) > place
        if place >= len(given) or part not in (ONE, given[place]):
            return False
    return len(given) == len(wanted)


def visible(pattern: str, bot: str) -> str:
    """The pattern, unless it names what is private to another bot; raises Refused."""
    first = pattern.partition(".")[0]
    if first.startswith(PRIVATE) and first.removeprefix(PRIVATE).casefold() != bot.casefold():
        raise Refused(f'Events "{shortened(first)}..." are private to that bot: another one may not wait for them.')
    return pattern


def shortened(words: str) -> str:
    """The words as a message shows them."""
    found = "".join(c if c.isprintable() else "?" for c in words)
    return found if len(found) <= 60 else found[:57] + "..."


@dataclass(slots=True)
class _Node(Generic[T]):
    below: dict[str, _Node[T]] = field(default_factory=dict[str, "_Node[T]"])
    held: dict[T, None] = field(default_factory=dict[T, None])


class Trie(Generic[T]):
    """Values by pattern; each is found by every name that its pattern fits."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, pattern: str, value: T) -> None:
        node = self._root
        for part in pattern.split("."):
            node = node.below.setdefault(part, _Node())
        self._size += value not in node.held
        node.held[value] = None

    def remove(self, pattern: str, value: T) -> None:
        path, node = list[tuple[_Node[T], str]](), self._root
        for part in pattern.split("."):
            if part not in node.below:
                return
            path.append((node, part))
            node = node.below[part]
        if value in node.held:
            del node.held[value]
            self._size -= 1
        for above, part in reversed(path):
            if above.below[part].held or above.below[part].below:
                break
            del above.below[part]

    def matching(self, name: str) -> list[T]:
        """The values whose patterns fit the name, each once."""
        return list(dict.fromkeys(self._found(name.split("."))))

    def _found(self, parts: list[str]) -> Iterator[T]:
        nodes = [self._root]
        for place, part in enumerate(parts):
            after = list[_Node[T]]()
            open_ = place > 0 or not part.startswith(PRIVATE)
            for node in nodes:
                if part in node.below and part not in (ONE, REST):
                    after.append(node.below[part])
                if open_:
                    if ONE in node.below:
                        after.append(node.below[ONE])
                    if REST in node.below:
                        yield from node.below[REST].held
            nodes = after
        for node in nodes:
            yield from node.held
