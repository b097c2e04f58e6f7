"""From a text to the terms a search counts: folded words, without the words that tell nothing, cut to their stems.

Stop words, irregular forms and stems are English. Other languages are searched by their folded words, and scripts
without blanks between words by pairs of characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol, cast

import snowballstemmer

from storage.search.irregular import BASE

_STOP_WORDS = """
a an the is are was were be been being of to in on at for from by with and or but not no do does did doing done has
have had having i you he she it we they me him her us them my your his its our their this that these those as if
then than so what which who whom whose when where why how would could should will can may might about into over
after before up down out off again just more most some any there here s t re ve ll d m don didn doesn isn wasn aren
weren couldn wouldn shouldn hasn haven hadn ain
"""

STOP_WORDS = frozenset(_STOP_WORDS.split())

_WORD = re.compile(r"[^\W_]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+")


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...


_ENGLISH = cast("_Stemmer", snowballstemmer.stemmer("english"))


def words(text: str) -> list[str]:
    """The words of a text in order: lower case, without accents."""
    plain = text if text.isascii() else unicodedata.normalize("NFC", _ACCENTS.sub("", _decomposed(text)))
    found = _WORD.findall(plain.lower())
    return found if text.isascii() else [part for word in found for part in _parts(word)]


def content_words(text: str) -> list[str]:
    """The words of a text that tell something."""
    return [word for word in words(text) if word not in STOP_WORDS]


def terms(text: str) -> list[str]:
    """The stems of the words that tell something: what is counted and compared."""
    return [stem(word) for word in content_words(text)]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """One stem for all forms of a word: `went`, `going` and `goes` are `go`."""
    return _ENGLISH.stemWord(BASE.get(word, word))


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFKD", text)


def _parts(word: str) -> Iterator[str]:
    """A word as it is; a run of a script without blanks as its pairs of characters."""
    end = 0
    for run in _UNSPACED.finditer(word):
        if run.start() > end:
            yield word[end : run.start()]
        characters = run.group()
        yield from (characters[i : i + 2] for i in range(max(1, len(characters) - 1)))
        end = run.end()
    if end < len(word):
        yield word[end:]
