"""What a program is given when it starts, converted as its PARAM lines say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches

from keywords.encode import read_json
from keywords.host import Value
from keywords.mistakes import ProgramError, WrongValue
from keywords.operators import instant, read_date
from keywords.program import Param
from keywords.values import List, Object, adopt, is_container, is_number, kept, kind_of, numeric, text

_SINGLE = re.compile(r"(?<=[\[{,:\s])'(?:[^'\\]|\\.)*'")
_BARE = re.compile(r"([{,]\s*)([A-Za-z_]\w*)\s*:")


def near_type(words: str, known: Collection[str] = ()) -> str:
    """The type that a word nearly is; "" for a type, and for what is like none, which is taken as text."""
    known, word = known or TYPES, words.upper()
    near = get_close_matches(word, known, n=1, cutoff=0.75) if word.isalpha() and word not in known else []
    return near[0] if near else ""


class MissingInput(WrongValue):
    """A PARAM that must be given and was not."""

    def __init__(self, param: Param, others: Sequence[str]) -> None:
        near = get_close_matches(param.name.lower(), others, n=1, cutoff=0.6)
        given = f"{near[0]} was given: did you mean {param.name}?" if near else f"Give {param.name} as {param.type}"
        like = f", like {text(param.like)}." if param.like is not None and not near else "" if near else "."
        super().__init__(f"The input {param.name} is missing. {given}{like}")


def given(params: Sequence[Param], inputs: Mapping[str, Value]) -> dict[str, Value]:
    """The first variables of an execution, by lower-case name. What no PARAM names is taken as it is."""
    values: dict[str, Value] = {}
    for name, value in inputs.items():
        if not name or name.startswith("~"):
            raise WrongValue(f'An input cannot be called "{name}". Use a name of letters and digits.')
        values[name.lower()] = kept(adopt(value))
    for param in params:
        name = param.name.lower()
        value = values.get(name)
        if value is not None:
            values[name] = kept(converted(param, value))
        elif param.default is not None:
            values[name] = param.default
        elif param.required:
            raise MissingInput(param, sorted(values.keys() - {param.name.lower() for param in params}))
    values["~inputs"] = List(sorted(values))
    return values


def converted(param: Param, value: Value) -> Value:
    """The value as the PARAM's type has it; raises WrongValue that names the PARAM and what was given."""
    if param.options:
        return _option(param, value)
    convert = _TYPES.get(param.type.upper())
    if convert is None:
        return _to_text(value)
    try:
        result = convert(value)
    except ProgramError as error:
        raise WrongValue(f"The input {param.name} must be {param.type}. {error}") from None
    if result is None:
        raise WrongValue(f"The input {param.name} must be {param.type}, but {kind_of(value)} was given.")
    return result


def _option(param: Param, value: Value) -> str:
    for option in param.options:
        if option.casefold() == text(value).strip().casefold():
            return option
    raise WrongValue(f"The input {param.name} must be one of {', '.join(param.options)}, not {kind_of(value)}.")


def _to_text(value: Value) -> str:
    return text(value)


def _to_whole(value: Value) -> int | None:
    found = _to_number(value)
    return found if isinstance(found, int) else None


def _to_number(value: Value) -> int | float | None:
    if is_number(value):
        return value
    return numeric(value) if isinstance(value, str) else None


def _to_boolean(value: Value) -> bool | None:
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}
    return None if is_container(value) else words.get(text(value).strip().casefold())


def _to_date(value: Value) -> date | None:
    found = read_date(value) if isinstance(value, str) else value
    if isinstance(found, datetime):
        return found.date()
    return found if isinstance(found, date) else None


def _to_datetime(value: Value) -> datetime | None:
    found = read_date(value) if isinstance(value, str) else value
    return instant(found) if isinstance(found, date) else None


def _to_object(value: Value) -> Object | List | None:
    """An object; a list of objects will do too, for packages call that an OBJECT."""
    found = loosely(value) if isinstance(value, str) else value
    return found if isinstance(found, Object | List) else None


def loosely(words: str) -> Value:
    """JSON, also as people write it: names without quotes, texts in single ones."""
    try:
        return read_json(words)
    except ProgramError:
        quoted = _SINGLE.sub(lambda found: json.dumps(found[0][1:-1].replace("\\'", "'")), words)
        return read_json(_BARE.sub(r'\1"\2":', quoted))


def _to_list(value: Value) -> Value:
    if isinstance(value, str):
        value = loosely(value) if value.lstrip().startswith("[") else List(p.strip() for p in value.split(","))
    return value if isinstance(value, list) else None


_TYPES: dict[str, Callable[[Value], Value]] = {
    "INTEGER": _to_whole,
    "INT": _to_whole,
    "NUMBER": _to_number,
    "FLOAT": _to_number,
    "DOUBLE": _to_number,
    "DECIMAL": _to_number,
    "MONEY": _to_number,
    "BOOLEAN": _to_boolean,
    "BOOL": _to_boolean,
    "DATE": _to_date,
    "DATETIME": _to_datetime,
    "OBJECT": _to_object,
    "ARRAY": _to_list,
    "LIST": _to_list,
    "ANY": lambda value: value,
    "FILE": lambda value: value,
}
TYPES = frozenset({*_TYPES, "STRING", "TEXT", "EMAIL", "PHONE", "URL", "NAME", "TIME", "UUID"})
"""What people write behind PARAM name AS; the last of them are texts."""
