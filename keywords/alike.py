"""Which keyword a misspelt one may have been meant to be: nearly every phrase is ruled out before it is compared."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeAlias

PREFIX = 0.85  # what words count that are the beginning of a longer phrase
DROPPED = 0.95  # and those that are a phrase but for one word

Spelling: TypeAlias = tuple[int, int, str]  # length, one bit for each letter that occurs, the phrase


class Spellings:
    """All phrases of a lexicon, by the number of their words and by their first letter, the shortest first."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._of: dict[tuple[int, str], list[Spelling]] = {}
        self._without: dict[str, list[str]] = {}  # phrases by what is left of them without one of their words
        for text in dict.fromkeys(phrases):
            self._drop_each(text)
            spelling = len(text), _letters(text), text
            for first in ("", text[0]):
                self._of.setdefault((text.count(" ") + 1, first), []).append(spelling)
        for row in self._of.values():
            row.sort()

    def near(self, given: str, size: int, least: float, other: float) -> Iterator[tuple[float, str]]:
        """Phrases at least so much like the given words, with how much; those of one word more or less need `other`,
        and the same first letter."""
        yield from self._near(given, (size, "" if size > 1 else given[0]), least)
        if other <= 1:
            for words in (size - 1, size + 1):
                yield from self._near(given, (words, given[0]), other)
        if other <= PREFIX and size > 1:
            longer = (text for _, _, text in self._of.get((size + 1, given[0]), ()))
            yield from ((PREFIX, text) for text in longer if text.startswith(given + " "))

    def without_one(self, given: str) -> Sequence[str]:
        """The phrases that these words are but for one word: `WAIT EVENT` for WAIT FOR EVENT, `SHARE MEMORY`."""
        return self._without.get(given, ())

    def _drop_each(self, phrase: str) -> None:
        words = phrase.split(" ")
        if len(words) == 1 or words[0] == "END" or not all(word.isalpha() for word in words):
            return
        for left in {" ".join((*words[:k], *words[k + 1 :])) for k in range(len(words))}:
            self._without.setdefault(left, []).append(phrase)

    def _near(self, given: str, among: tuple[int, str], least: float) -> Iterator[tuple[float, str]]:
        rows = self._of.get(among)
        if rows is None:
            return
        length, letters = len(given), _letters(given)
        start = bisect_left(rows, (int(length * least / (2 - least)), 0, ""))
        stop = bisect_right(rows, (int(length * (2 - least) / least) + 1, 0, ""))
        for size, has, text in rows[start:stop]:
            missing, more = (letters & ~has).bit_count(), (has & ~letters).bit_count()
            common = length - missing if length - missing < size - more else size - more
            if 2 * common >= least * (length + size) and (ratio := likeness(given, text, least)) >= least:
                yield ratio, text


def likeness(given: str, phrase: str, least: float) -> float:
    """How much alike they are, from 0 to 1; 0 when it is less than `least`."""
    if " " in given and phrase.startswith(given + " "):
        return PREFIX
    matcher = SequenceMatcher(None, given, phrase, autojunk=False)
    if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
        return 0.0
    return matcher.ratio()


def _letters(text: str) -> int:
    found = 0
    for letter in text:
        found |= 1 << (ord(letter) & 63)
    return found
