"""What goes into a search index, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Entry:
    """One memory: a value under a key, or one turn of a conversation."""

    id: str
    text: str
    about: str = ""  # words that belong to it without being said: its key, the caption of its picture
    author: str = ""
    conversation: str = ""  # "" stands alone; the entries of one conversation are neighbours by `position`
    position: int = 0
    at: date | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry found. Scores compare within one search; 0 for `words` and `meaning` both: nothing speaks for it."""

    id: str
    score: float
    words: float  # BM25, its neighbours' words included
    meaning: float  # cosine, -1 to 1
