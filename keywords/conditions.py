"""Conditions on the rows of a list or a table: what WHERE and FILTER ask, as data.

    [operator, column, value]    = <> < <= > >= LIKE CONTAINS IN "NOT IN" "STARTS WITH"
    ["IS NULL", column]          ["TRUE", column]
    ["AND"|"OR", a, b]           ["NOT", a]

A column is the name of a field of the row, dotted for a field inside one. As text a condition is written as in
`FILTER rows, "stage <> Closed Won AND value >= 100"`: a value in quotes or bare, up to the next AND or OR.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from keywords.host import Value
from keywords.mistakes import SyntaxMistake, WrongValue
from keywords.operators import BINARY, like
from keywords.places import member
from keywords.values import List, kind_of, numeric, truthy

DEEPEST = 50
_QUOTED = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
_LOGIC = re.compile(rf"\s*(?:({_QUOTED})|(\()|(\))|(AND|&&|OR|\|\||NOT)(?![\w.])|([^\s()'\"]+)|(['\"]))", re.IGNORECASE)
_COMPARES = re.compile(
    r"\s*([\w.$ ]*?)\s*(<=|>=|<>|!=|==|=|<|>|\b(?:IS\s+NOT\s+NULL|IS\s+NULL|NOT\s+IN|NOT\s+LIKE|LIKE|CONTAINS|STARTS\s+WITH|IN)\b)",
    re.IGNORECASE,
)
_SAME = {"==": "=", "!=": "<>"}


def holds(condition: Sequence[Value], row: Value) -> bool:
    """Whether the row fits."""
    operator = str(condition[0])
    match operator:
        case "AND":
            return holds(condition[1], row) and holds(condition[2], row)
        case "OR":
            return holds(condition[1], row) or holds(condition[2], row)
        case "NOT":
            return not holds(condition[1], row)
        case _:
            pass
    found = _column(row, str(condition[1]))
    match operator:
        case "IS NULL":
            return found is None
        case "TRUE":
            return truthy(found)
        case "LIKE":
            return like(found, condition[2])
        case _:
            return truthy(BINARY[operator](found, condition[2]))


def _column(row: Value, path: str) -> Value:
    found = member(row, path, optional=True)
    if found is None and "." in path:
        found = row
        for name in path.split("."):
            found = member(found, name, optional=True)
    return found


def condition(value: Value) -> Sequence[Value]:
    """The condition that an argument is: data as WHERE makes it, or text; raises SyntaxMistake, WrongValue."""
    if isinstance(value, list):
        return _sound(value, 0)
    if not isinstance(value, str):
        raise WrongValue(f'A condition is a text such as "status = open", not {kind_of(value)}.')
    return parsed(value)


def _sound(value: Value, depth: int) -> Sequence[Value]:
    """The data of a condition, unless it is something else."""
    if isinstance(value, list) and value and isinstance(value[0], str) and depth <= DEEPEST:
        operator, parts = value[0], value[1:]
        logic = {"AND": 2, "OR": 2, "NOT": 1}.get(operator)
        if logic is not None and len(parts) == logic:
            for part in parts:
                _sound(part, depth + 1)
            return value
        tests = {"IS NULL": 1, "TRUE": 1}.get(operator, 2 if operator in BINARY else 0)
        if tests and len(parts) == tests and isinstance(parts[0], str):
            return value
    raise WrongValue('A condition is a text such as "status = open".')


def parsed(words: str) -> List:
    """The condition of a text; raises SyntaxMistake that shows the piece that is none."""
    reader = _Reader(words)
    found = reader.either(0)
    if reader.at < len(reader.pieces):
        raise _unreadable(words)
    return found


class _Reader:
    """Reads `a = 1 AND (b < 2 OR NOT c LIKE "x%")`."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.pieces = list(_pieces(words))
        self.at = 0

    def either(self, depth: int) -> List:
        return self._chain("OR", lambda: self._chain("AND", lambda: self.negation(depth)))

    def _chain(self, operator: str, part: Callable[[], List]) -> List:
        found = part()
        while self._next() == operator:
            self.at += 1
            found = List((operator, found, part()))
        return found

    def negation(self, depth: int) -> List:
        if depth > DEEPEST:
            raise SyntaxMistake(f"The condition is nested more than {DEEPEST} deep.")
        piece = self._next()
        self.at += 1
        if piece == "NOT":
            return List(("NOT", self.negation(depth + 1)))
        if piece == "(":
            found = self.either(depth + 1)
            if self._next() != ")":
                raise _unreadable(self.words)
            self.at += 1
            return found
        if piece is None or piece in ("AND", "OR", ")"):
            raise _unreadable(self.words)
        return comparison(piece)

    def _next(self) -> str | None:
        return self.pieces[self.at] if self.at < len(self.pieces) else None


def _pieces(words: str) -> list[str]:
    """Brackets, AND, OR, NOT, and the comparisons between them."""
    found: list[str] = []
    pending, at = "", 0
    inside = 0  # brackets that belong to a comparison: IN (1, 2)
    while words[at:].strip():
        match = _LOGIC.match(words, at)
        if match is None or match[6]:
            raise _unreadable(words)
        piece = match[0]
        begun = bool(pending.strip())
        opens, closes = bool(match[2]), bool(match[3])
        logic = match[4].upper() if match[4] else ""
        tail = pending.rstrip().upper()
        if opens and (begun or inside):
            inside += 1
            pending += piece
        elif closes and inside:
            inside -= 1
            pending += piece
        elif inside or (logic == "NOT" and begun) or not (opens or closes or logic) or (logic and tail.endswith(("=", "<", ">", "LIKE"))):
            pending += piece
        else:
            if begun:
                found.append(pending.strip())
            pending = ""
            found.append({"&&": "AND", "||": "OR"}.get(logic, logic) or piece.strip())
        at = match.end()
    if pending.strip():
        found.append(pending.strip())
    return found


def comparison(words: str) -> List:
    """`column operator value`, or a column alone, which must then be TRUE."""
    match = _COMPARES.match(words)
    if match is None:
        name = words.strip()
        if not re.fullmatch(r"[\w.$]+", name):
            raise _unreadable(words)
        return List(("TRUE", name))
    column, operator = match[1].strip().strip("\"'"), " ".join(match[2].upper().split())
    rest = words[match.end() :].strip()
    if (
        not column
        or (rest and operator.startswith("IS"))
        or not (rest or operator.startswith("IS") or operator in "=<>")
    ):
        raise _unreadable(words)
    match operator:
        case "IS NULL":
            return List(("IS NULL", column))
        case "IS NOT NULL":
            return List(("NOT", List(("IS NULL", column))))
        case "IN" | "NOT IN":
            return List((operator, column, List(constant(part) for part in _split(rest.strip("()[] ")))))
        case "NOT LIKE":
            return List(("NOT", List(("LIKE", column, constant(rest)))))
        case _:
            return List((_SAME.get(operator, operator), column, constant(rest)))


def constant(words: str) -> Value:
    """The value that stands right of an operator: quoted text, a number, TRUE, FALSE, NULL, or bare text."""
    words = words.strip()
    if len(words) > 1 and words[0] == words[-1] and words[0] in "\"'":
        return words[1:-1].replace("\\" + words[0], words[0])
    number = numeric(words)
    if number is not None:
        return number
    return {"TRUE": True, "FALSE": False, "NULL": None}.get(words.upper(), words)


def _split(words: str) -> list[str]:
    return [match[0] for match in re.finditer(rf"{_QUOTED}|[^,\s][^,]*", words)]


def _unreadable(words: str) -> SyntaxMistake:
    shown = words if len(words) <= 60 else words[:57] + "..."
    return SyntaxMistake(f'"{shown}" is no condition. Write one such as "status = open AND total >= 100".')
