"""What the lexer hands to the grammar, and how a fault in a line is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from keywords.phrases import Phrase
from keywords.tree import Span

CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None}
WORD_OPERATORS = {
    "AND": "AND", "OR": "OR", "XOR": "OR", "IN": "COMPARE", "LIKE": "COMPARE", "CONTAINS": "COMPARE", "MOD": "TIMES",
}  # fmt: skip
OPERATORS = {
    "+": "PLUS", "-": "MINUS", "*": "TIMES", "/": "TIMES", "%": "TIMES", "^": "POWER",
    "<": "COMPARE", ">": "COMPARE", "<=": "COMPARE", ">=": "COMPARE", "=<": "COMPARE", "=>": "COMPARE",
    "<>": "COMPARE", "!=": "COMPARE", "==": "COMPARE", "=": "EQUALS", "&&": "AND", "||": "OR", "??": "NULLISH",
    "?": "QUESTION", ":": "COLON", ",": "COMMA", ".": "DOT", "?.": "QDOT", "!": "BANG",
}  # fmt: skip
MEANING = {"!=": "<>", "==": "=", "=<": "<=", "=>": ">=", "&&": "AND", "||": "OR", "%": "MOD"}
LOOSE = frozenset({"COMPARE", "BETWEEN", "UPTO", "EQUALS", "AND", "OR", "NULLISH", "QUESTION"})
ARITHMETIC = frozenset({"PLUS", "MINUS", "TIMES", "POWER"})
SHUT = {")": "RPAR", "]": "RSQB", "}": "RBRACE"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a logical line, where, and what to do about it."""

    span: Span
    message: str
    fix: str = ""


class Token:
    """One token of the grammar; Lark asks for nothing but its type."""

    __slots__ = ("end", "start", "type", "value")
    line = column = end_line = end_column = None
    start_pos = end_pos = None

    def __init__(self, kind: str, value: object, start: int, end: int) -> None:
        self.type = kind
        self.value = value
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"{self.type}:{self.value}"


@dataclass(frozen=True, slots=True)
class Opened:
    """What a COMMAND, VERB or CALLED token carries: the phrase, and where its problems are told."""

    phrase: Phrase
    cut: Callable[[int, int], str]  # the text of the line between two positions
    problems: list[Problem]
