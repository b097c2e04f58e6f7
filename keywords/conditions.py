"""Conditions on the rows of a list or a table: what WHERE and FILTER ask, as data.

    [operator, column, value]    = <> < <= > >= LIKE CONTAINS IN "NOT IN" "STARTS WITH"
    ["IS NULL", column]          ["TRUE", column]
    ["AND"|"OR", a, b]           ["NOT", a]

A column is the name of a field of the row, dotted for a field inside one; or a function of columns, as
`keywords/condition_calls.py` has it. As text a condition is written as in
`FILTER rows, "stage <> Closed Won AND value >= 100"`: a value in quotes or bare, up to the next AND or OR.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from keywords.condition_calls import CALL, COLUMN, MOST, VALUE, is_call, known, outcome, settled, sound
from keywords.host import Value
from keywords.mistakes import SyntaxMistake, WrongValue
from keywords.operators import BINARY, like
from keywords.places import member
from keywords.values import List, kind_of, numeric, truthy

DEEPEST = 50
LONGEST = 10_000  # characters of a condition given as text
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'")
_OPERATOR = re.compile(
    r"<=|>=|<>|!=|==|=|<|>|(?<=[\s\"'])(?:IS\s+NOT\s+NULL|IS\s+NULL|NOT\s+IN|NOT\s+LIKE|LIKE|CONTAINS|STARTS\s+WITH|NOT\s+BETWEEN|BETWEEN|IN)\b",
    re.IGNORECASE,
)
_STOP = re.compile(r"(?<=[\s)\"'])(?:AND|OR)(?=[\s(]|$)|&&|\|\||\)", re.IGNORECASE)
_LOGIC = {"&&": "AND", "||": "OR"}
_COLUMN = re.compile(r"[\w.$]+(?: [\w.$]+)*")
_CALL = re.compile(r"\s*([A-Za-z_]\w*)\(")
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
    place = condition[1]
    found = outcome(place, lambda name: _column(row, name)) if is_call(place) else _column(row, str(place))
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


def condition(value: Value, now: datetime | None = None) -> Sequence[Value]:
    """The condition that an argument is: data as WHERE makes it, or text; raises SyntaxMistake, WrongValue.

    `now` is the time that NOW() and TODAY() in a text stand for.
    """
    if isinstance(value, list):
        return _sound(value, 0)
    if not isinstance(value, str):
        raise WrongValue(f'A condition is a text such as "status = open", not {kind_of(value)}.')
    return parsed(value, now)


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
        if tests and len(parts) == tests and (isinstance(parts[0], str) or sound(parts[0])):
            return value
    raise WrongValue('A condition is a text such as "status = open".')


def parsed(words: str, now: datetime | None = None) -> List:
    """The condition of a text; raises SyntaxMistake that shows the piece that is none."""
    if len(words) > LONGEST:
        raise SyntaxMistake(f"A condition may have {LONGEST:,} characters; this one has {len(words):,}.")
    return _Reader(words, now).whole()


class _Reader:
    """Reads `a = 1 AND (b < 2 OR NOT c LIKE "x%")`."""

    def __init__(self, words: str, now: datetime | None) -> None:
        self.words = words
        self.now = now
        self.at = 0
        self.depth = 0

    def whole(self) -> List:
        found = self.either()
        if self.words[self.at :].strip():
            raise _unreadable(self.words)
        return found

    def either(self) -> List:
        return self.chain("OR", lambda: self.chain("AND", self.one))

    def chain(self, operator: str, part: Callable[[], List]) -> List:
        found = part()
        while self.took(operator, *(sign for sign, word in _LOGIC.items() if word == operator)):
            found = List((operator, found, part()))
        return found

    def one(self) -> List:
        if self.took("NOT"):
            return self.deeper(lambda: List(("NOT", self.one())))
        if self.took("("):
            found = self.deeper(self.either)
            if not self.took(")"):
                raise _unreadable(self.words)
            return found
        return self.comparison()

    def deeper(self, part: Callable[[], List]) -> List:
        self.depth += 1
        if self.depth > DEEPEST:
            raise SyntaxMistake(f"The condition is nested more than {DEEPEST} deep.")
        found = part()
        self.depth -= 1
        return found

    def took(self, *signs: str) -> bool:
        """Goes past one of these words or signs, if it stands here."""
        rest = self.words[self.at : self.at + 1_000]
        at = len(rest) - len(rest.lstrip())
        for sign in signs:
            end = at + len(sign)
            if rest[at:end].upper() == sign and not (sign.isalpha() and rest[end : end + 1].strip(" \t\n(") != ""):
                self.at += end
                return True
        return False

    def comparison(self) -> List:
        """`column operator value`, or a column alone, which must then be TRUE."""
        column: Value = self.call(bare_columns=True)
        operator = _OPERATOR.search(self.words, self.at)
        stop = self.stop(self.at)
        if operator is None or operator.start() >= stop:
            return List(("TRUE", column if column is not None else self.column(stop)))
        if column is None:
            column = self.column(operator.start())
        word = " ".join(operator[0].upper().split())
        self.at = operator.end()
        if word in ("IS NULL", "IS NOT NULL"):
            test = List(("IS NULL", column))
            return test if word == "IS NULL" else List(("NOT", test))
        if word in ("IN", "NOT IN"):
            return List((word, column, self.listed()))
        value = self.value()
        if word in ("BETWEEN", "NOT BETWEEN"):
            if not self.took("AND"):
                raise _unreadable(self.words)
            test = List(("AND", List((">=", column, value)), List(("<=", column, self.value()))))
            return test if word == "BETWEEN" else List(("NOT", test))
        if word == "NOT LIKE":
            return List(("NOT", List(("LIKE", column, value))))
        return List((_SAME.get(word, word), column, value))

    def column(self, end: int) -> str:
        name = self.words[self.at : end].strip().strip("\"'`")
        self.at = end
        if not _COLUMN.fullmatch(name) or name.upper() in ("AND", "OR", "NOT"):
            raise _unreadable(self.words)
        return name

    def call(self, *, bare_columns: bool) -> List | None:
        """A function with its operands, if one stands here."""
        head = _CALL.match(self.words, self.at)
        if head is None or not known(head[1]):
            return None
        self.at = head.end()
        found = List((CALL, head[1].upper()))
        self.depth += 1
        while not self.took(")"):
            inner = self.call(bare_columns=bare_columns)
            if inner is None:
                found.append(self.operand(bare_columns=bare_columns))
            else:
                value = settled(inner, self.now)
                found.append(value if is_call(value) else List((VALUE, value)))
            if len(found) > MOST + 2 or self.depth > DEEPEST or not (self.took(",") or self.ahead(")")):
                raise _unreadable(self.words)
        self.depth -= 1
        return found

    def operand(self, *, bare_columns: bool) -> List:
        """What a function is given: a constant, or the name of a column."""
        rest = len(self.words) - len(self.words[self.at :].lstrip())
        quoted = _QUOTED.match(self.words, rest)
        end = quoted.end() if quoted else min(self.found(",", rest), self.found(")", rest))
        words, self.at = self.words[rest:end].strip(), end
        value = constant(words)
        column = bare_columns and not quoted and isinstance(value, str) and _COLUMN.fullmatch(words)
        return List((COLUMN, words)) if column else List((VALUE, value))

    def ahead(self, sign: str) -> bool:
        return self.words[self.at :].lstrip().startswith(sign)

    def value(self) -> Value:
        """Quoted text, a call, or what stands up to the next AND, OR or closing bracket."""
        called = self.call(bare_columns=False)
        if called is not None:
            return self.reckoned(settled(called, self.now))
        rest = len(self.words) - len(self.words[self.at :].lstrip())
        if quoted := _QUOTED.match(self.words, rest):
            self.at = quoted.end()
            return constant(quoted[0])
        end = self.stop(self.at)
        found = self.words[self.at : end]
        self.at = end
        return constant(found)

    def reckoned(self, value: Value) -> Value:
        """The value with what is added to it or taken from it: NOW() - DAYS(30)."""
        while (sign := "+" if self.took("+") else "-" if self.took("-") else "") and not is_call(value):
            called = self.call(bare_columns=False)
            other = settled(called, self.now) if called is not None else constant(self.upto())
            value = BINARY[sign](value, other)
        if is_call(value):
            raise _unreadable(self.words)
        return value

    def upto(self) -> str:
        end = self.stop(self.at)
        words, self.at = self.words[self.at : end], end
        return words

    def listed(self) -> List:
        """The values of IN (..)."""
        if not self.took("(", "["):
            raise _unreadable(self.words)
        found = List()
        while True:
            start = len(self.words) - len(self.words[self.at :].lstrip())
            quoted = _QUOTED.match(self.words, start)
            end = (
                quoted.end() if quoted else min(self.found(",", start), self.found(")", start), self.found("]", start))
            )
            found.append(constant(self.words[start:end]))
            self.at = end
            if self.took(")", "]"):
                return found
            if not self.took(","):
                raise _unreadable(self.words)

    def found(self, sign: str, start: int) -> int:
        at = self.words.find(sign, start)
        return len(self.words) if at < 0 else at

    def stop(self, start: int) -> int:
        """Where AND, OR or the bracket of a group ends what begins here; quoted text hides them."""
        at = start
        while found := _STOP.search(self.words, at):
            quote = min(self.found('"', at), self.found("'", at))
            if quote < found.start() and (quoted := _QUOTED.match(self.words, quote)):
                at = quoted.end()
            elif found[0] == ")" and not self.depth:
                at = found.end()
            else:
                return found.start()
        return len(self.words)


def constant(words: str) -> Value:
    """The value that stands right of an operator: quoted text, a number, TRUE, FALSE, NULL, or bare text."""
    words = words.strip()
    if len(words) > 1 and words[0] == words[-1] and words[0] in "\"'":
        return words[1:-1].replace("\\" + words[0], words[0])
    number = numeric(words)
    if number is not None:
        return number
    return {"TRUE": True, "FALSE": False, "NULL": None}.get(words.upper(), words)


def _unreadable(words: str) -> SyntaxMistake:
    shown = words if len(words) <= 60 else words[:57] + "..."
    return SyntaxMistake(f'"{shown}" is no condition. Write one such as "status = open AND total >= 100".')
