"""Answers in a shape: JSON that fits a JSON Schema, found in what a model wrote, and what to tell it when it does not.

Patterns of texts are left to the provider: matching one can take for ever.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from keywords.mistakes import LimitReached, WrongValue

LARGEST = 64 * 1024  # bytes of a schema
MOST = 5  # faults told to the model
DEEPEST = 40
_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)\n?\s*```", re.DOTALL)


class Misfit(Exception):
    """The text is not JSON, or JSON that does not fit; `str()` of it says where and why."""


class Shape:
    """One schema, ready to be fitted against. Raises WrongValue for one that is none."""

    def __init__(self, schema: object) -> None:
        from jsonschema import exceptions, validators  # takes time to import, and few programs ask for a shape
        from referencing import Registry

        if not isinstance(schema, Mapping) or not schema:
            raise WrongValue(f"WITH SCHEMA needs an object, such as {EXAMPLE}.")
        self.schema = dict(cast("Mapping[str, Any]", schema))
        if len(json.dumps(self.schema).encode()) > LARGEST:
            raise LimitReached(f"A schema may have at most {LARGEST // 1024} KB.")
        if (depth := _depth(self.schema)) > DEEPEST:
            raise LimitReached(f"A schema may be nested at most {DEEPEST} deep; this one is {depth}.")
        if not KNOWN & self.schema.keys():
            raise WrongValue(
                f"WITH SCHEMA needs a JSON Schema with a type, and properties for an object, such as {EXAMPLE}; "
                f"{', '.join(list(self.schema)[:5])} mean nothing in one."
            )
        dialect = validators.validator_for(self.schema, default=validators.Draft202012Validator)
        try:
            dialect.check_schema(self.schema)
        except exceptions.SchemaError as error:
            place = "/".join(map(str, error.absolute_path)) or "the top"
            raise WrongValue(f"WITH SCHEMA: at {place}, {_short(error.message)}. Write it like {EXAMPLE}.") from None
        if outside := _outside(self.schema):
            raise WrongValue(f"WITH SCHEMA: {_short(outside)} leads out of the schema. Put what it names into $defs.")
        without = validators.extend(dialect, {"pattern": _unchecked, "patternProperties": _unchecked})
        self._validator = without(self.schema, registry=Registry())

    def value(self, text: str) -> Any:
        """The JSON in a model's answer; raises Misfit."""
        found = _json(text)
        try:
            faults = sorted(self._validator.iter_errors(found), key=_place)
        except RecursionError:
            raise Misfit("it is nested too deep") from None
        if faults:
            raise Misfit("; ".join(_fault(fault) for fault in faults[:MOST]))
        return found

    def asked(self) -> dict[str, Any]:
        """The schema as OpenAI's protocol has it."""
        return {"type": "json_schema", "json_schema": {"name": "answer", "schema": self.schema}}

    def told(self) -> str:
        """The schema as an instruction, for models that know no other way."""
        return (
            "Answer with one JSON value that fits this JSON Schema, and with nothing else: no words around it.\n"
            + json.dumps(self.schema, ensure_ascii=False)
        )


def _unchecked(*_: object) -> tuple[()]:
    return ()


def repair(misfit: Misfit) -> str:
    """What the model is told to do better."""
    return f"That does not fit the JSON Schema: {misfit}. Answer again, with the corrected JSON alone."


EXAMPLE = '{type: "object", properties: {name: {type: "string"}}, required: ["name"]}'
_KNOWN = """
type properties required items prefixItems enum const anyOf oneOf allOf not $ref $defs definitions if then else
additionalProperties minimum maximum minItems maxItems minLength maxLength format contains
"""
KNOWN = frozenset(_KNOWN.split())


def _json(text: str) -> Any:
    """The JSON value of a text, also one in a fence or with words around it."""
    tries = [text.strip(), *(part.strip() for part in _FENCE.findall(text)), *_bracketed(text)]
    problem = "it is empty"
    for words in tries:
        if not words:
            continue
        try:
            return json.loads(words, parse_constant=_refused)
        except RecursionError:
            raise Misfit("it is nested too deep") from None
        except ValueError as error:
            problem = f"it is not JSON ({error})" if words is tries[0] else problem
    raise Misfit(problem)


def _bracketed(text: str) -> list[str]:
    found: list[tuple[int, str]] = []
    for opening, closing in ("{}", "[]"):
        start, end = text.find(opening), text.rfind(closing)
        if 0 <= start < end:
            found.append((start, text[start : end + 1]))
    return [words for _, words in sorted(found)]


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _place(fault: Any) -> list[str]:
    return [str(part) for part in fault.absolute_path]


def _fault(fault: Any) -> str:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault.absolute_path)
    return f"at {place.removeprefix('.') or 'the top'}: {_short(fault.message)}"


def _short(words: str) -> str:
    return words if len(words) <= 160 else words[:157] + "..."


def _depth(value: object) -> int:
    if isinstance(value, Mapping):
        return 1 + max((_depth(one) for one in cast("Mapping[object, object]", value).values()), default=0)
    if isinstance(value, list):
        return 1 + max((_depth(one) for one in cast("list[object]", value)), default=0)
    return 0


def _outside(value: object) -> str:
    """The first reference that leads out of the schema."""
    if isinstance(value, Mapping):
        table = cast("Mapping[str, object]", value)
        for key, one in table.items():
            if key in {"$ref", "$dynamicRef"} and isinstance(one, str) and not one.startswith("#"):
                return one
            if found := _outside(one):
                return found
    elif isinstance(value, list):
        for one in cast("list[object]", value):
            if found := _outside(one):
                return found
    return ""
