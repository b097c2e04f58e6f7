"""Who said what, and whom a question names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from storage.search.numbering import Numbering
from storage.search.tokens import words

UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class NamedAuthors:
    """The authors a question names, and the words it names them with."""

    numbers: tuple[int, ...]
    words: frozenset[str]


class Authors:
    """The authors of the entries of an index, by name in any case."""

    def __init__(self) -> None:
        self._numbers = Numbering()
        self._entries: Counter[str] = Counter()
        self._words: dict[str, frozenset[str]] = {}

    def join(self, author: str) -> int:
        """The author's number, for one entry more; UNKNOWN for nobody."""
        name = author.casefold()
        if not name:
            return UNKNOWN
        self._entries[name] += 1
        if name in self._numbers:
            return self._numbers[name]
        self._words[name] = frozenset(words(author))
        return self._numbers.give(name)

    def leave(self, author: str) -> None:
        """One entry of the author less."""
        name = author.casefold()
        if not name:
            return
        self._entries[name] -= 1
        if not self._entries[name]:
            del self._entries[name], self._words[name]
            self._numbers.free(name)

    def named(self, question: Collection[str]) -> NamedAuthors:
        """The authors all of whose name's words stand among the words of the question."""
        asked = set(question)
        found = [(self._numbers[name], said) for name, said in self._words.items() if said and said <= asked]
        return NamedAuthors(
            tuple(sorted(number for number, _ in found)), frozenset[str]().union(*(said for _, said in found))
        )
