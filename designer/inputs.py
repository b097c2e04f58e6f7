"""What people type into forms, as values; and the forms that a program's PARAM lines ask for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keywords.compile import compile_program
from keywords.diagnostics import Diagnostic
from keywords.encode import plain
from keywords.program import Param
from keywords.registry import Registry
from keywords.values import text as as_text

NUMBERS = frozenset({"INTEGER", "INT", "NUMBER", "FLOAT", "DOUBLE", "DECIMAL", "MONEY"})
SWITCHES = frozenset({"BOOLEAN", "BOOL"})
LONG = frozenset({"OBJECT", "ARRAY", "LIST", "ANY", "TEXT"})
KINDS: Mapping[str, str] = {
    **dict.fromkeys(NUMBERS, "number"),
    **dict.fromkeys(SWITCHES, "switch"),
    **dict.fromkeys(LONG, "long"),
    "DATE": "date",
    "DATETIME": "datetime-local",
    "EMAIL": "email",
    "URL": "url",
    "PHONE": "tel",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a form."""

    name: str
    kind: str  # number switch long date datetime-local email url tel text choice
    type: str
    required: bool
    value: str
    like: str
    about: str
    options: tuple[str, ...]


def fields(params: Sequence[Param], given: Mapping[str, Any] | None = None) -> tuple[Field, ...]:
    """The form that asks for these; filled with what was given, what a line's DEFAULT says, or its LIKE."""
    known = {name.lower(): value for name, value in (given or {}).items()}
    found: list[Field] = []
    for param in params:
        value = known.get(param.name.lower(), plain(param.default) if param.default is not None else None)
        kind = "choice" if param.options else KINDS.get(param.type.upper(), "text")
        like = "" if param.like is None else as_text(param.like)
        shown = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        found.append(Field(param.name, kind, param.type, param.required, shown, like, param.description, param.options))
    return tuple(found)


def asked(source: str, name: str, registry: Registry) -> tuple[tuple[Param, ...], tuple[Diagnostic, ...]]:
    """What a program asks to be given, and what is wrong with it where that keeps it from running."""
    compiled = compile_program(source, registry, name)
    if compiled.program is None:
        return (), tuple(d for d in compiled.diagnostics if d.severity == "error")
    return compiled.program.params, ()


def inputs(params: Sequence[Param], form: Mapping[str, str]) -> dict[str, Any]:
    """The inputs of a filled form; what was left empty is not given."""
    found: dict[str, Any] = {}
    for param in params:
        text = form.get(f"in:{param.name}", "")
        if param.type.upper() in SWITCHES and f"in:{param.name}" in form:
            found[param.name] = text in ("on", "true", "yes", "1")
        elif text != "":
            found[param.name] = text
    return found


def value_of(text: str) -> Any:
    """JSON where it is JSON, else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text
