"""A condition as lines to pick: a name, what is asked of it in words, a value; several joined by AND, or by OR.

Nothing is printed anew: a change of one part replaces that part's own characters in the condition and leaves the rest
as it stands. A condition that says more than such lines can (brackets, AND beside OR, a choice) has none, and stays
text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from designer.quoting import quoted, shown
from designer.refusals import NotHere
from designer.slots import Given
from keywords import tree

HOW: Mapping[str, tuple[str, str]] = {  # what is asked: in words (English, the key of the translation), in BASIC
    "is": ("is", "="),
    "is-not": ("is not", "<>"),
    "more": ("is more than", ">"),
    "at-least": ("is at least", ">="),
    "less": ("is less than", "<"),
    "at-most": ("is at most", "<="),
    "has": ("contains", "CONTAINS"),
    "has-not": ("does not contain", "NOT CONTAINS"),
    "begins": ("begins with", "STARTS WITH"),
    "one-of": ("is one of", "IN"),
    "none-of": ("is none of", "NOT IN"),
    "yes": ("is true", ""),
    "no": ("is not true", "NOT"),
    "nothing": ("has no value", "IS NULL"),
    "something": ("has a value", "IS NOT NULL"),
}
ALONE = frozenset({"yes", "no", "nothing", "something"})  # nothing stands right of these
SEVERAL = frozenset({"one-of", "none-of"})
ORDERING = frozenset({"more", "at-least", "less", "at-most"})
_OF_BASIC = {basic: name for name, (_, basic) in HOW.items() if basic and name not in ALONE}
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_PATH = re.compile(r"[^\W\d]\w*(?:\.\w+)*")
_LITERAL = re.compile(r'"(?:[^"\\\n]|""|\\.)*"')
_LOGICAL = frozenset({"AND", "OR", "XOR", "??", "LIKE", "BETWEEN"})
_INNER = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_SAYS_MORE = re.compile(r"[<>=?]|\b(?:AND|OR|XOR|NOT|IS|LIKE|BETWEEN|CONTAINS|IN)\b", re.IGNORECASE)
NOTHING = '""'


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line; its parts stand at these places of the condition."""

    left: str  # BASIC; "" while it waits to be filled in
    how: str
    right: str  # as a field shows it
    start: int = 0
    end: int = 0
    name: tuple[int, int] = (0, 0)
    value: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Comparisons:
    """The lines of a condition; none where it says more than they can."""

    lines: tuple[Comparison, ...]
    join: str = "AND"

    @property
    def rich(self) -> bool:
        return not self.lines


BLANK = Comparison("", "is", "")


def compared(text: str, given: Given | None) -> Comparisons:
    """The lines of the condition that stands in a line of BASIC."""
    if given is None or (isinstance(given.value, tree.Literal) and isinstance(given.value.value, bool)):
        end = given.end - given.start if given else 0
        return Comparisons((Comparison("", "is", "", 0, end),))
    source, at = text[given.start : given.end], given.start
    parts: list[object] = []
    join = ""
    node: object = given.value
    while isinstance(node, tree.Binary) and node.operator in ("AND", "OR") and not _bracketed(node):
        if join and node.operator != join:
            break
        join = node.operator
        parts.insert(0, node.right)
        node = node.left
    parts.insert(0, node)
    lines = tuple(line for part in parts if (line := _line(part, source, at)) is not None)
    return Comparisons(lines if len(lines) == len(parts) else (), join or "AND")


def _line(node: object, source: str, at: int) -> Comparison | None:
    match node:
        case tree.Unary("NOT", tree.Binary("CONTAINS") as inner, span) if span.start == inner.left.span.start:
            return _sides(inner, "has-not", source, at)
        case tree.Unary("NOT", operand, span) if _plain(operand) and source[span.start - at] not in "!(":
            return _alone(operand, span, "no", source, at)
        case tree.IsNull(operand, negated, span) if _plain(operand) and source[span.start - at] != "(":
            return _alone(operand, span, "something" if negated else "nothing", source, at)
        case tree.Binary(operator) if operator in _OF_BASIC and not _bracketed(node):
            return _sides(node, _OF_BASIC[operator], source, at)
        case tree.Name() | tree.Member() | tree.Index() | tree.Invoke() | tree.Call(called=True):
            return _alone(node, node.span, "yes", source, at)
        case _:
            return None


def _sides(node: tree.Binary, how: str, source: str, at: int) -> Comparison | None:
    left, right = node.left, node.right
    if not _plain(left) or not (_plain(right) or isinstance(right, tree.ListOf)):
        return None
    first, last = (left.span.start - at, left.span.end - at), (right.span.start - at, right.span.end - at)
    name, value = source[slice(*first)], source[slice(*last)]
    if how in SEVERAL:
        words = _several(right, value)
    elif isinstance(right, tree.ListOf):
        return None
    else:
        words = _word(right, value)
    empty = isinstance(left, tree.Literal) and left.value == ""
    return Comparison("" if empty else name, how, words, first[0], last[1], first, last)


def _alone(node: object, span: tree.Span, how: str, source: str, at: int) -> Comparison:
    own: tree.Span = getattr(node, "span", span)  # of any expression
    name = (own.start - at, own.end - at)
    return Comparison(source[slice(*name)], how, "", span.start - at, span.end - at, name)


def _plain(node: object) -> bool:
    """Whether it is a value, and no condition itself."""
    match node:
        case tree.Binary(operator, left, right):
            return operator not in _LOGICAL and operator not in _OF_BASIC and _plain(left) and _plain(right)
        case tree.Unary(operator, operand):
            return operator != "NOT" and _plain(operand)
        case tree.Ternary() | tree.IsNull() | tree.ListOf() | tree.ObjectOf():
            return False
        case tree.Call(called=called):
            return called
        case _:
            return True


def _bracketed(node: tree.Binary) -> bool:
    return node.span.start < node.left.span.start


def _word(node: object, source: str) -> str:
    """A value as the field shows it: plain words for a text, unless they would be read as something else."""
    if isinstance(node, tree.Literal) and isinstance(node.value, bool):
        return str(node.value).lower()
    words = source if _NUMBER.fullmatch(source) else shown(source, node)
    if isinstance(node, tree.Literal) and isinstance(node.value, str) and words and written(words) != source:
        return source if _LITERAL.fullmatch(source) else f"= {source}"
    return words


def _several(node: object, source: str) -> str:
    if isinstance(node, tree.ListOf):
        words = [_word(item, "") if not isinstance(item, tree.Literal) else _item(item) for item in node.items]
        entered = ", ".join(words)
        if all(words) and written(entered, "one-of") == source:
            return entered
    return f"= {source}"


def _item(item: tree.Literal) -> str:
    value = item.value
    if isinstance(value, str):
        return value
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


# -- writing -----------------------------------------------------------------------------------------------------------


def written(entered: str, how: str = "is", names: Collection[str] = ()) -> str:
    """What the right side's field says, in BASIC."""
    words = entered.strip()
    if words.startswith("="):
        return _one(words[1:].strip())
    if how in SEVERAL:
        return "[" + ", ".join(written(part) for part in words.split(",") if part.strip()) + "]"
    if _NUMBER.fullmatch(words) or _LITERAL.fullmatch(words):
        return words
    if words.lower() in ("true", "false"):
        return words.upper()
    if how in ORDERING and words.lower() in names:
        return words  # more than which number? a name that is known is meant
    return quoted(words) if words else NOTHING


def changed(
    source: str, found: Comparisons, number: int, part: str, value: str, names: Collection[str], empty: str
) -> str:
    """The condition with another part of one of its lines; one more line where the number is that of none yet.

    `part` is left, how, right, join or gone; `empty` is the condition that asks nothing.
    """
    lines = found.lines
    if not lines or not 0 <= number <= len(lines):
        raise NotHere("This condition says more than the lines can show. Change its text.")
    if part == "join":
        return _joined(source, lines, "OR" if value.upper() == "OR" else "AND")
    if part == "gone":
        return _without(source, lines, number, empty) if number < len(lines) else source
    if number == len(lines):
        line = _with(BLANK, part, value, names)
        return f"{source.rstrip()} {found.join} {line}" if line else source
    one = lines[number]
    if part == "left" and one.left and value.strip():
        return source[: one.name[0]] + _left(value) + source[one.name[1] :]
    if part == "right" and one.value is not None:
        return source[: one.value[0]] + written(value, one.how, names) + source[one.value[1] :]
    return source[: one.start] + _with(one, part, value, names, source) + source[one.end :]


def _with(one: Comparison, part: str, value: str, names: Collection[str], source: str = "") -> str:
    """A line with another part, written out."""
    left = _left(value) if part == "left" else source[slice(*one.name)] or NOTHING
    how = value if part == "how" else one.how
    if how not in HOW:
        raise NotHere(f"There is no comparison {how[:40]!r}. There are: {', '.join(HOW)}.")
    if part == "right":
        right = written(value, how, names)
    elif one.value is None:
        right = "[]" if how in SEVERAL else NOTHING
    elif (how in SEVERAL) != (one.how in SEVERAL):
        right = written(one.right, how, names)
    else:
        right = source[slice(*one.value)]
    return phrase(left, how, right)


def phrase(left: str, how: str, right: str) -> str:
    """A comparison in BASIC."""
    if how == "no":
        return f"NOT {left}"
    if how in ALONE:
        return f"{left} {HOW[how][1]}".rstrip()
    return f"{left} {HOW[how][1]} {right}"


def _left(value: str) -> str:
    return _one(value.strip().removeprefix("=").strip())


def _one(words: str) -> str:
    """An expression as one side of a comparison: in brackets where it says more than a value, for it binds less."""
    bare, found = _LITERAL.sub("", words), 1
    while found:
        bare, found = _INNER.subn("", bare)
    return f"({words})" if _SAYS_MORE.search(bare) else words or NOTHING


def _joined(source: str, lines: Sequence[Comparison], join: str) -> str:
    found = source[: lines[0].end]
    for before, after in pairwise(lines):
        between = re.sub(r"\b(AND|OR)\b", join, source[before.end : after.start], count=1, flags=re.IGNORECASE)
        found += between + source[after.start : after.end]
    return found + source[lines[-1].end :]


def _without(source: str, lines: Sequence[Comparison], number: int, empty: str) -> str:
    if len(lines) == 1:
        return empty
    if number == 0:
        return source[: lines[0].start] + source[lines[1].start :]
    return source[: lines[number - 1].end] + source[lines[number].end :]


# -- words -------------------------------------------------------------------------------------------------------------

_WORDS: Sequence[tuple[str, str]] = (  # the longest first
    ("is one of", "one-of"), ("é um de", "one-of"), ("is none of", "none-of"), ("não é nenhum de", "none-of"),
    ("is more than", "more"), ("is greater than", "more"), ("is over", "more"), ("é maior que", "more"),
    ("é mais de", "more"), ("is at least", "at-least"), ("é pelo menos", "at-least"), ("is less than", "less"),
    ("is under", "less"), ("é menor que", "less"), ("é menos de", "less"), ("is at most", "at-most"),
    ("é no máximo", "at-most"), ("does not contain", "has-not"), ("não contém", "has-not"), ("contains", "has"),
    ("contém", "has"), ("begins with", "begins"), ("starts with", "begins"), ("começa por", "begins"),
    ("começa com", "begins"), ("is not true", "no"), ("não é verdade", "no"), ("is true", "yes"),
    ("é verdade", "yes"), ("has no value", "nothing"), ("não tem valor", "nothing"), ("has a value", "something"),
    ("tem valor", "something"), ("is not", "is-not"), ("não é", "is-not"), ("is", "is"), ("é", "is"),
    ("<>", "is-not"), (">=", "at-least"), ("<=", "at-most"), (">", "more"), ("<", "less"), ("=", "is"),
)  # fmt: skip
_JOINS = {" and ": "AND", " e ": "AND", " or ": "OR", " ou ": "OR"}


def from_words(text: str, names: Collection[str]) -> str | None:
    """A condition said in words, `total is more than 100 and tier is vip`, in BASIC; None if it is not understood."""
    words = " ".join(text.split())
    bare = _LITERAL.sub(NOTHING, words).lower()
    if len({join for between, join in _JOINS.items() if between in bare}) > 1:
        return None  # which of them binds first?
    for between, join in _JOINS.items():
        pieces = re.split(re.escape(between), words, flags=re.IGNORECASE)
        if len(pieces) > 1:
            found = [_one_of_words(piece, names) for piece in pieces]
            return f" {join} ".join(piece for piece in found if piece) if all(found) else None
    return _one_of_words(words, names)


def _one_of_words(text: str, names: Collection[str]) -> str | None:
    for words, how, sign in _phrases():
        found = words.fullmatch(text)
        if found is None or (how in ALONE) != (not found["right"]):
            continue
        right = (found["right"] or "").strip()
        if " " in right and not _LITERAL.fullmatch(right) and (how in ORDERING or sign):
            return None
        return phrase(found["left"], how, written(right, how, names))
    return None


@lru_cache(maxsize=1)
def _phrases() -> tuple[tuple[re.Pattern[str], str, bool], ...]:
    found: list[tuple[re.Pattern[str], str, bool]] = []
    for words, how in _WORDS:
        sign = words[0] in "<>="
        gap = r"\s*" if sign else r"\s+"
        pattern = rf"(?P<left>{_PATH.pattern}){gap}{re.escape(words)}(?:{gap}(?P<right>.*))?"
        found.append((re.compile(pattern, re.IGNORECASE), how, sign))
    return tuple(found)
