"""A prompt as numbers: its task type, its surface and, where an embedder is at hand, its meaning.

Every feature is bounded and already on one scale, so examples of one stream of prompts can be merged with those of
another; nothing here is fitted to data.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from smartrouter.routing.tasks import TaskType, excerpt, mathematical, numbers, options, task_of

_NEGATION = re.compile(
    r"\b(?:not|never|except|no longer|least likely|incorrect|false|wrong|cannot|isn't|doesn't)\b", re.I
)
_ASKS_WHY = re.compile(r"\b(?:why|explain|because|reasoning|justify|cause[sd]?|how (?:do|does|did|can|would))\b", re.I)
_LOOKS_UP = re.compile(r"\b(?:who|when|where|which year|what year|name of|known as|called|capital of|author)\b", re.I)
_SUPPOSES = re.compile(r"\b(?:if|suppose|assume|given|let|each|every|per|remaining|left|more than|less than)\b", re.I)
_BRIEF = re.compile(r"\b(?:only|without explanation|briefly|one word|single|short answer)\b", re.I)
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
    surface: tuple[float, ...]  # one number for each name of SURFACE
    meaning: tuple[float, ...] = ()  # a unit vector; empty without an embedder


def read(text: str, meaning: tuple[float, ...] = ()) -> Prompt:
    """What the router knows of a prompt; `meaning` comes from an embedder, or stays empty."""
    part = excerpt(text)
    offered = options(part)
    calculates = mathematical(part)
    return Prompt(task_of(part, offered, calculates), len(text), _surface(text, part, offered, calculates), meaning)


def _surface(whole: str, text: str, offered: int, calculates: bool) -> tuple[float, ...]:
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
        _log(numbers(text) + 1, 3),
        _bounded(20 * _share(plain, _CAPITALS) - 0.5),
        _bounded(15 * _share(plain, _SYMBOLS)),
        0.0 if text.isascii() else _bounded(10 * (plain.count(b"?") - text.count("?")) / size),
        _bounded(text.count("?") - 1.0),
        _bounded(text.count('"') / 2),
        offered / 4,
        _log(1 + size / (offered + 1), 40) if offered else 0.0,
        float(calculates),
        _bounded(float(len(_NEGATION.findall(text)))),
        _bounded(float(len(_ASKS_WHY.findall(text)))),
        _bounded(float(len(_LOOKS_UP.findall(text)))),
        _bounded(len(_SUPPOSES.findall(text)) / 2),
        float(bool(_BRIEF.search(text))),
    )


def _share(text: bytes, letters: bytes) -> float:
    return 1 - len(text.translate(None, letters)) / max(len(text), 1)


def _log(value: float, usual: float) -> float:
    return _bounded(math.log((value + 1) / (usual + 1)) / 1.5)


def _bounded(value: float) -> float:
    return max(-2.0, min(2.0, value))
