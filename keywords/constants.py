"""Constants that a keyword cannot take, or hardly means, told before the program runs: `TIMEOUT "1 hour"`, `WAIT 3000`.

What a parameter takes is known from its annotation where that is a number, else from the keyword's `checks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from keywords.evaluate import Node
from keywords.mistakes import ProgramError, UnknownName
from keywords.pausing import perhaps_milliseconds
from keywords.registry import Keyword
from keywords.values import kind_of, numeric

NUMBERS = frozenset({"float", "float | None", "int", "int | None"})
TIMES = frozenset({"timeout", "seconds", "remind", "cache", "backoff"})
FAILS = "This line fails where it is run."


def doubtful(keyword: Keyword, arguments: Mapping[str, Node]) -> Iterator[tuple[str, str]]:
    """What to tell of each constant that the keyword refuses or that was hardly meant so, and what to do."""
    if (told := perhaps_milliseconds(keyword.name, arguments.get("seconds"))) is not None:
        yield told
    for name, node in arguments.items():
        if node[0] != "k" or node[1] is None or (parameter := keyword.parameters.get(name)) is None:
            continue
        number = str(parameter.annotation) in NUMBERS
        refused = no_number(name, keyword.name, node) if number else _refused(keyword, name, node[1])
        if refused is not None:
            yield refused


def no_number(name: str, of: str, node: Node) -> tuple[str, str] | None:
    """What to tell of a constant where a number belongs; None when it is one, or no constant."""
    if node[0] != "k" or node[1] is None:
        return None
    value = node[1]
    if not isinstance(value, bool) and (isinstance(value, int | float) or numeric(value) is not None):
        return None
    shown = f'"{value[:60]}"' if isinstance(value, str) else kind_of(value)
    what = of if name in ("", "seconds") else f"{name.replace('_', ' ').upper()} of {of}"
    fix = "Write the number of seconds, such as 3600." if name in TIMES else "Write a number."
    return f"{what} needs a number, not {shown}.", fix


def _refused(keyword: Keyword, name: str, value: object) -> tuple[str, str] | None:
    check = keyword.checks.get(name)
    if check is None:
        return None
    try:
        check(value)
    except UnknownName as error:
        message, _, fix = str(error).partition(". ")
        return f"{message}.", fix
    except ProgramError as error:
        return str(error), FAILS
    except Exception:
        if not keyword.plugin:  # what a plugin does wrong is told by no program's check
            raise
    return None
