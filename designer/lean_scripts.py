"""Our scripts as they are sent: without remarks, and without the blanks that only people need."""

from __future__ import annotations

import re

_PIECES = re.compile(
    r"""(?P<remark>/\*.*?\*/|//[^\n]*)|(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?P<blank>\s+)"""
    r"""|(?P<word>[\w$]+)|(?P<mark>.)""",
    re.DOTALL,
)
_PATTERN = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_BEFORE_PATTERN = frozenset("(,=:[!&|?{};+-*%~^<>")
_JOINED = frozenset("{;,([&|?:=<>!~*%^.")  # a line that ends so goes on
_CLOSING = frozenset("}])")


def lean(script: str) -> str:
    """The same script. A line's end stays where it may end a statement."""
    found: list[str] = []
    at, gap = 0, ""
    while at < len(script):
        last = found[-1][-1] if found else ";"
        piece = script[at : _ended(script, at, last, found)]
        at += len(piece)
        if piece.isspace() or piece.startswith(("//", "/*")):
            gap = "\n" if "\n" in gap + piece else " "
            continue
        if piece == "}" and found[-1] == ";" and found[-2] not in (")", ";", "{"):
            found.pop()
        found += [*_between(last, gap, piece[0]), piece]
        gap = ""
    return "".join(found) + "\n"


def _ended(script: str, at: int, last: str, found: list[str]) -> int:
    """Where the piece that begins here ends."""
    if script[at] == "`":
        return _template(script, at)
    if script[at] == "/" and script[at + 1 : at + 2] not in ("/", "*"):
        pattern = _PATTERN.match(script, at) if last in _BEFORE_PATTERN or found[-1] == "return" else None
        return pattern.end() if pattern else at + 1
    match = _PIECES.match(script, at)
    assert match is not None
    return match.end()


def _template(script: str, at: int) -> int:
    """Behind the text in backticks; what `${...}` holds is skipped as it stands."""
    at += 1
    while script[at] != "`":
        if script[at] == "\\":
            at += 1
        elif script.startswith("${", at):
            at, depth = at + 2, 1
            while depth:
                at = _template(script, at) if script[at] == "`" else _PIECES.match(script, at).end()  # type: ignore[union-attr]  # it matches anything
                depth += {"{": 1, "}": -1}.get(script[at - 1], 0) if script[at - 1] in "{}" else 0
            continue
        at += 1
    return at + 1


def _between(last: str, gap: str, next_: str) -> list[str]:
    if not gap:
        return []
    words = (last.isalnum() or last in "_$") and (next_.isalnum() or next_ in "_$")
    if gap == " ":
        return [" "] if words or (last in "+-" and next_ in "+-") else []
    if last in _JOINED or next_ in _CLOSING:
        return []
    return ["\n"]
