"""From the slots of a structure word to the parts that `keywords/structure.py` promises."""

from __future__ import annotations

import re
from collections.abc import Sequence

from keywords import structure
from keywords.registry import Kind
from keywords.tokens import Problem
from keywords.tree import (
    Argument,
    Index,
    Invoke,
    ListOf,
    Literal,
    Member,
    Name,
    ObjectOf,
    Pair,
    Span,
    Structure,
)

_OPTIONS = re.compile(r'"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|([^\s,"\']+)')
_EMPTY: dict[Kind, object] = {Kind.MANY: (), Kind.FLAG: False, Kind.TEXT: ""}


def finish(
    word: structure.Word, index: int, arguments: Sequence[Argument], span: Span, problems: list[Problem]
) -> Structure:
    """The structure with all its parts; a fault is added to `problems`."""
    parts: dict[str, object] = {}
    for form in word.forms:
        for slot in form.slots:
            parts[slot.name] = _EMPTY.get(slot.kind)
    for constants in word.fixed:
        parts.update(dict.fromkeys(constants))
    parts.update(word.constants(index))
    for argument in arguments:
        value = argument.value
        flag = isinstance(value, Literal) and value.value is True and _is_flag(word, argument.slot)
        parts[argument.slot] = True if flag else value
    match word.name:
        case "SUB" | "FUNCTION":
            _signature(word.name, parts, span, problems)
        case "RETURN":
            _returned(parts)
        case "PARAM":
            _parameter(parts, next((a.span.start for a in arguments if a.slot == "type"), 0))
        case "DESCRIPTION":
            parts["text"] = _unquoted(str(parts["text"]))
        case "ON TIMEOUT":
            if parts["action"] == "other" and not parts["words"]:
                fix = 'Write ON TIMEOUT: ESCALATE TO "name", ON TIMEOUT: APPROVE or ON TIMEOUT: REJECT.'
                problems.append(Problem(span, "ON TIMEOUT needs to know what shall happen.", fix))
        case "WITH":
            if not isinstance(parts["target"], Name | Member | Index):
                problems.append(
                    Problem(span, "WITH needs the name of a variable.", "Write WITH order, then key = value lines.")
                )
        case _:
            pass
    return Structure(word.name, parts, span, tuple(arguments))


def _is_flag(word: structure.Word, slot: str) -> bool:
    return any(s.kind is Kind.FLAG and s.name == slot for form in word.forms for s in form.slots)


def _signature(word: str, parts: dict[str, object], span: Span, problems: list[Problem]) -> None:
    signature = parts.pop("signature")
    name, arguments = signature, ()
    if isinstance(signature, Invoke):
        name, arguments = signature.target, signature.arguments
    if not isinstance(name, Name) or not all(isinstance(a, Name) for a in arguments):
        problems.append(
            Problem(span, f"{word} needs a name and the names of its parameters.", f"Write {word} total(a, b).")
        )
        return
    parts["name"] = name.name
    parts["parameters"] = tuple(a.name for a in arguments if isinstance(a, Name))


def _returned(parts: dict[str, object]) -> None:
    pairs = parts.pop("pairs")
    if isinstance(pairs, tuple) and pairs:
        entries = [(p.name, p.value) for p in pairs if isinstance(p, Pair)]
        first, last = pairs[0], pairs[-1]
        if isinstance(first, Pair) and isinstance(last, Pair):
            parts["value"] = ObjectOf(tuple(entries), Span(first.span.start, last.span.end))


def _parameter(parts: dict[str, object], start: int) -> None:
    """`AS "a", "b"` names options, `AS "The city"` describes a text."""
    kind = str(parts["type"]).strip()
    if kind[:1] not in ('"', "'"):
        parts["type"] = kind.upper()
        return
    options = [
        Literal(m[1] or m[2] or m[3] or "", Span(start + m.start(), start + m.end())) for m in _OPTIONS.finditer(kind)
    ]
    parts["type"] = "STRING"
    if len(options) > 1:
        parts["enum"] = ListOf(tuple(options), Span(start, start + len(kind)))
    elif parts["description"] is None:
        parts["description"] = options[0]


def _unquoted(text: str) -> str:
    found = re.fullmatch(r'"((?:[^"\\]|\\.|"")*)"|\'([^\']*)\'', text, re.DOTALL)
    if found is None:
        return text
    if found[1] is None:
        return found[2]
    return found[1].replace('\\"', '"').replace('""', '"').replace("\\n", "\n").replace("\\\\", "\\")
