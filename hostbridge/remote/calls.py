"""Keywords that only the General Bots server carries out, as scripts on it: what `botmcp host-kit` writes, and how they
are talked to. Pure.

The server runs a script by its name, but hands it nothing. So the script asks for each value and HEARs it:

    TALK "botmcp hears recipient"
    HEAR value1
    TALK "botmcp hears message"
    HEAR value2
    SEND SMS value1, value2
    TALK "botmcp done"
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from keywords.host import Value
from keywords.registry import Effect, Keyword, Kind
from keywords.values import is_container, text

HEARS, ANSWERS, DONE = "botmcp hears ", "botmcp answers ", "botmcp done"
FAULTS = ("Erro ao executar", "Error executing")  # how the server begins to tell that a script failed
_PASSED_ON = frozenset({Effect.READ, Effect.IDEMPOTENT, Effect.ONCE})


def script_name(keyword: str) -> str:
    """What the script of a keyword is called."""
    return "botmcp-" + re.sub(r"[^a-z0-9]+", "-", keyword.casefold()).strip("-")


def passed_on(keyword: Keyword) -> bool:
    """Whether it is one that is asked of the server."""
    return keyword.announced and keyword.effect in _PASSED_ON


def slots(keyword: Keyword) -> Sequence[str]:
    """The values that the script asks for, in order: those of the keyword's first form."""
    return list(dict.fromkeys(slot.name for slot in keyword.forms[0].slots))


def script(keyword: Keyword) -> str:
    """The script: plain statements, one a line, which pass through every generation of the server's compiler."""
    wanted = slots(keyword)
    lines = [f"' {keyword.name} for botmcp: {keyword.summary}"]
    for number, slot in enumerate(wanted, 1):
        lines += [f'TALK "{HEARS}{slot}"', f"HEAR value{number}"]
    statement = _statement(keyword, {slot: f"value{number}" for number, slot in enumerate(wanted, 1)})
    if keyword.value:
        lines += [f"found = {statement}", f'TALK "{ANSWERS}" + found']
    else:
        lines += [statement]
    return "\n".join([*lines, f'TALK "{DONE}"', ""])


def _statement(keyword: Keyword, names: Mapping[str, str]) -> str:
    form = keyword.forms[0]
    parts = [form.words]
    for clause in form.clauses:
        given = ", ".join(
            f"{slot.name} = {names[slot.name]}" if slot.kind is Kind.PAIRS else names[slot.name]
            for slot in clause.slots
            if slot.kind is not Kind.FLAG
        )
        parts += [part for part in (clause.words, given) if part]
    return " ".join(parts)


def heard(value: Value) -> str:
    """A value as it is said to a HEAR, which takes words only; a blank stands for nothing."""
    if value is None:
        return " "
    if isinstance(value, list) and not any(map(is_container, value)):
        return ", ".join(map(text, value)) or " "
    return text(value) or " "
