"""Keywords that only the General Bots server carries out, as scripts on it: what `botmcp host-kit` writes, and how they
are talked to. Pure.

The server runs a script by its name, but hands it nothing. So the script asks for each value and HEARs it:

    TALK "botmcp hears 1"
    HEAR value1
    TALK "botmcp hears 2"
    HEAR value2
    SEND SMS value1, value2
    TALK "botmcp done"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from keywords.host import Value
from keywords.registry import Effect, Keyword, Kind, Registry, table
from keywords.values import is_container, text

HEARS, ANSWERS, DONE = "botmcp hears ", "botmcp answers ", "botmcp done"
FAULTS = ("Erro ao executar", "Error executing")  # how the server begins to tell that a script failed
_MISREAD = frozenset({"SELECT"})  # its compiler takes every line that begins so for a SELECT CASE
_PASSED_ON = frozenset({Effect.READ, Effect.IDEMPOTENT, Effect.ONCE})


def script_name(keyword: str, count: int) -> str:
    """What the script of a keyword is called that takes so many values."""
    words = re.sub(r"[^a-z0-9]+", "-", keyword.casefold()).strip("-")
    return f"botmcp-{words}-{count}"


def passed_on(keyword: Keyword) -> bool:
    """Whether it is one that is asked of the server."""
    if keyword.name.startswith("RUN "):  # nobody else's machine is told what to run
        return False
    return keyword.announced and keyword.effect in _PASSED_ON and keyword.name not in _MISREAD


def within_reach(registry: Registry) -> Registry:
    """The registry where a General Bots server is set: what that one carries out is no empty promise."""
    return table(replace(each, elsewhere=True) if passed_on(each) else each for each in registry)


def deliveries() -> Mapping[str, str]:
    """The scripts that deliver messages of the outbox, by name: to whom, and what."""
    return {
        script_name(words, 2): "\n".join([*_heard_first(2), f"{words} value1, value2", f'TALK "{DONE}"', ""])
        for words in ("SEND SMS", "TALK TO")
    }


def _heard_first(count: int) -> list[str]:
    lines: list[str] = []
    for number in range(1, count + 1):
        lines += [f'TALK "{HEARS}{number}"', f"HEAR value{number}"]
    return lines


def scripts(keyword: Keyword) -> Mapping[str, str]:
    """The scripts of a keyword by name: one for each number of values that its first form takes."""
    slots = list(keyword.forms[0].slots)
    least = sum(slot.required for slot in slots)
    return {script_name(keyword.name, count): _script(keyword, count) for count in range(least, len(slots) + 1)}


def _script(keyword: Keyword, count: int) -> str:
    """Plain statements, one a line, which pass through every generation of the server's compiler."""
    lines = [f"' {keyword.name} for botmcp: {keyword.summary}", *_heard_first(count)]
    statement = _statement(keyword, count)
    if keyword.value:
        lines += [f"found = {statement}", f'TALK "{ANSWERS}" + found']
    else:
        lines += [statement]
    return "\n".join([*lines, f'TALK "{DONE}"', ""])


def _statement(keyword: Keyword, count: int) -> str:
    form, number = keyword.forms[0], 0
    parts = [form.words]
    for clause in form.clauses:
        given: list[str] = []
        for slot in clause.slots:
            if number < count:
                number += 1
                given.append(f"{slot.name} = value{number}" if slot.kind is Kind.PAIRS else f"value{number}")
        if given:
            parts += [part for part in (clause.words, ", ".join(given)) if part]
    return " ".join(parts)


def heard(value: Value) -> str:
    """A value as it is said to a HEAR, which takes words only; a blank stands for nothing."""
    if value is None:
        return " "
    if isinstance(value, list) and not any(map(is_container, value)):
        return ", ".join(map(text, value)) or " "
    return text(value) or " "
