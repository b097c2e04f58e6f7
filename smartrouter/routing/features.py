"""A prompt as numbers: its task type, its surface and, where an embedder is at hand, its meaning.

Every feature is bounded and already on one scale, so examples of one stream of prompts can be merged with those of
another; nothing here is fitted to data.
"""

from __future__ import annotations

import base64
import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from smartrouter.routing.tasks import TaskType, excerpt, mathematical, numbers, options, task_of, task_type, words_of


def _signs(pattern: str, words: str) -> tuple[re.Pattern[str], frozenset[str]]:
    """A pattern, and the words of which a text must hold one for it to match."""
    return re.compile(pattern, re.I), frozenset(words.split())


_NEGATION = _signs(
    r"\b(?:not|never|except|no longer|least likely|incorrect|false|wrong|cannot|isn't|doesn't)\b",
    "not never except longer least incorrect false wrong cannot isn doesn",
)
_ASKS_WHY = _signs(
    r"\b(?:why|explain|because|reasoning|justify|cause[sd]?|how (?:do|does|did|can|would))\b",
    "why explain because reasoning justify cause causes caused how",
)
_LOOKS_UP = _signs(
    r"\b(?:who|when|where|which year|what year|name of|known as|called|capital of|author)\b",
    "who when where year name known called capital author",
)
_SUPPOSES = _signs(
    r"\b(?:if|suppose|assume|given|let|each|every|per|remaining|left|more than|less than)\b",
    "if suppose assume given let each every per remaining left more less",
)
_BRIEF = _signs(
    r"\b(?:only|without explanation|briefly|one word|single|short answer)\b",
    "only without briefly one single short",
)
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")
_DIGITS = b"0123456789"
_CAPITALS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SYMBOLS = b"{}[]()<>=+*/\\^_|~#$%&;"

SURFACE = (
    "length", "words", "lines", "sentences", "sentence_length", "word_length", "long_words", "variety", "digits",
    "numbers", "capitals", "symbols", "foreign", "questions", "quotes", "options", "option_length", "calculates",
    "negates", "asks_why", "looks_up", "supposes", "brief",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the router knows of one call's text."""

    task: TaskType
    length: int  # characters
    surface: tuple[float, ...]  # one number for each name of SURFACE; empty after a mere `glance`
    meaning: tuple[float, ...] = ()  # a unit vector; empty without an embedder

    def to_json(self) -> dict[str, Any]:
        """The prompt as plain JSON: its words are not in it."""
        return {
            "task": self.task,
            "length": self.length,
            "surface": [round(number, 4) for number in self.surface],
            "meaning": base64.b64encode(struct.pack(f"<{len(self.meaning)}e", *self.meaning)).decode(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Prompt:
        """The prompt that `to_json` wrote."""
        packed = base64.b64decode(stored["meaning"])
        task = cast("TaskType", stored["task"])
        meaning = struct.unpack(f"<{len(packed) // 2}e", packed)  # two bytes a number are enough
        return cls(task, stored["length"], tuple(stored["surface"]), meaning)


def glance(text: str) -> Prompt:
    """What a choice needs of a prompt while no learner has learned: its task and its length."""
    return Prompt(task_type(text), len(text), ())


def read(text: str, meaning: tuple[float, ...] = ()) -> Prompt:
    """What the router knows of a prompt; `meaning` comes from an embedder, or stays empty."""
    part = excerpt(text)
    known = words_of(part)
    offered = options(part)
    named = numbers(part, known)
    calculates = mathematical(part, known, named)
    task = task_of(part, known, offered, calculates)
    return Prompt(task, len(text), _surface(text, part, known, offered, named, calculates), meaning)


def _surface(
    whole: str, text: str, known: frozenset[str], offered: int, named: int, calculates: bool
) -> tuple[float, ...]:
    size = max(len(text), 1)
    plain = text.encode("ascii", "replace")
    words = text.split()
    count = max(len(words), 1)
    letters = size - text.count(" ")
    sentences = len(_SENTENCE_END.findall(text)) + 1
    return (
        _log(len(whole), 300),
        _log(len(words), 50),
        _log(text.count("\n") + 1, 4),
        _log(sentences, 3),
        _log(count / sentences, 15),
        _bounded((letters / count - 5) / 2),
        _bounded(8 * sum([len(word) >= 9 for word in words]) / count - 1),
        _bounded(4 * len(set(words)) / count - 3),
        _bounded(20 * _share(plain, _DIGITS)),
        _log(named + 1, 3),
        _bounded(20 * _share(plain, _CAPITALS) - 0.5),
        _bounded(15 * _share(plain, _SYMBOLS)),
        0.0 if text.isascii() else _bounded(10 * (plain.count(b"?") - text.count("?")) / size),
        _bounded(text.count("?") - 1.0),
        _bounded(text.count('"') / 2),
        offered / 4,
        _log(1 + size / (offered + 1), 40) if offered else 0.0,
        float(calculates),
        _bounded(float(_times(_NEGATION, text, known))),
        _bounded(float(_times(_ASKS_WHY, text, known))),
        _bounded(float(_times(_LOOKS_UP, text, known))),
        _bounded(_times(_SUPPOSES, text, known) / 2),
        float(bool(_times(_BRIEF, text, known))),
    )


def _times(signs: tuple[re.Pattern[str], frozenset[str]], text: str, known: frozenset[str]) -> int:
    pattern, words = signs
    return 0 if known.isdisjoint(words) else len(pattern.findall(text))


def _share(text: bytes, letters: bytes) -> float:
    return 1 - len(text.translate(None, letters)) / max(len(text), 1)


def _log(value: float, usual: float) -> float:
    return _bounded(math.log((value + 1) / (usual + 1)) / 1.5)


def _bounded(value: float) -> float:
    return max(-2.0, min(2.0, value))
