"""HEAR: wait for what the person of the conversation says.

The compiler says the prompt first, as a TALK of its own, and hands over `options`: the list of a MENU in a variable.
An answer is text, or {text, by, through}: who gave it, and through what, stands in the journal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from keywords.host import Again, Answer, Host, Moment, Value, Wait
from keywords.inputs import near_type
from keywords.library import limits
from keywords.library.spoken import KINDS, Unfit, chosen, spoken
from keywords.mistakes import TimedOut, UnknownName, WrongValue
from keywords.registry import Effect, keyword
from keywords.values import text

TRIES = 3
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def options(type: Value, given: Value = None) -> tuple[list[str], bool]:  # noqa: A002 - the slot's name
    """What may be answered, and whether anything else may be too."""
    words = text(type)
    listed = [re.sub(r"\\(.)", r"\1", one) for one in _QUOTED.findall(words)]
    if isinstance(given, Sequence) and not isinstance(given, str):
        listed += [text(one) for one in given]
    elif isinstance(given, str):
        listed += [one.strip() for one in given.split(",") if one.strip()]
    elif len(listed) == 1:  # nobody asks to choose from one: HEAR city AS "Which city?" is a question
        return [], True
    return listed, _QUOTED.sub("", words).rstrip().endswith("*")


def expected(type: Value, given: Value = None) -> str:  # noqa: A002 - the slot's name
    """What is asked for, as people read it; "" for any words."""
    listed, others = options(type, given)
    if listed:
        return f"one of {', '.join(listed)}{', or something else' if others else ''}"
    kind = " ".join(text(type).upper().split())
    return "" if kind in ("", "TEXT", "STRING", "ANY", "MENU") else kind


def heard(moment: Moment, arguments: Mapping[str, Value], answer: Answer) -> Value | Again:
    """What was said, as the type has it; asks again, three times at most."""
    if answer.timed_out:
        if arguments.get("default") is not None:
            return arguments["default"]
        raise TimedOut(f"Nobody answered within {text(arguments.get('timeout'))} seconds.")
    found = answer.value
    said = text(found.get("text")) if isinstance(found, Mapping) else text(found)
    if not said.strip() and arguments.get("default") is not None:
        return arguments["default"]
    try:
        return _read(arguments, said)
    except Unfit as error:
        tries = int(arguments.get("tries") or 0) + 1
        if tries < TRIES:
            return Again({**arguments, "tries": tries}, said=f"{error} Please try again.")
        if arguments.get("default") is not None:
            return arguments["default"]
        raise WrongValue(f"No answer could be read in {TRIES} tries. {error}") from None


def _read(arguments: Mapping[str, Value], said: str) -> Value:
    listed, others = options(arguments.get("type"), arguments.get("options"))
    if listed:
        return chosen(listed, said, others=others)
    return spoken(" ".join(text(arguments.get("type")).split()), said)


def _known_type(type: Value) -> None:  # noqa: A002 - the slot's name
    """Words that are no type stand for any words; those that are nearly one were meant as it."""
    words = text(type).strip()
    if near_type(words, KINDS):
        raise UnknownName("type", words, KINDS, "")


@keyword(
    "HEAR {variable:name} [AS {type:type}] [WITH {prompt}] [DEFAULT {default}] [TIMEOUT {timeout}]",
    "HEAR",
    name="HEAR",
    effect=Effect.WAIT,
    example='HEAR name AS NAME WITH "What is your name?"',
    group="people",
    resume=heard,
    checks={"type": _known_type},
)
async def hear(
    host: Host,
    variable: str = "",
    type: Value = None,  # noqa: A002 - the word of the language
    prompt: Value = None,
    default: Value = None,
    timeout: float | None = None,
    options: Value = None,
    tries: int = 0,
) -> Wait:
    """Wait for an answer of the person; checked and converted by its type, asked for again where it does not fit.

    Types: TEXT, NAME, EMAIL, INTEGER, NUMBER, MONEY, BOOLEAN, DATE, TIME, PHONE, URL and more; or a list of answers,
    with `*` behind it when others are fine too. The third answer that does not fit is an error, or gives the DEFAULT.
    """
    limit = limits.timeout("HEAR", timeout)
    asked = f' to "{limits.shown(text(prompt))[1:-1]}"' if prompt is not None else ""
    wanted = expected(type, options)
    again = f", try {int(tries) + 1} of {TRIES}" if tries else ""
    return Wait(host.now + limit if limit else None, (), f"an answer{asked}{f' ({wanted})' if wanted else ''}{again}")


KEYWORDS = (hear,)
