"""The built-in keywords, one file per subject; `registry` is the table of them all."""

from __future__ import annotations

from keywords.library import (
    assisting,
    bots,
    calls,
    code,
    data,
    desk,
    elsewhere,
    events,
    files,
    functions,
    hear,
    kb,
    keeping,
    knowledge,
    mail,
    measuring,
    memory,
    models,
    objects,
    products,
    publishing,
    schedules,
    screen,
    sharing,
    signals,
    steering,
    tables,
    tools,
    triggers,
    weather,
    web,
    writing,
)
from keywords.library.agents import model_turn, note_turn, run_tool
from keywords.library.errors import error_message
from keywords.library.lists import append, push
from keywords.library.pauses import LONGEST_WAIT, delay, wait
from keywords.library.people import human_approval
from keywords.library.talk import print_values, talk
from keywords.registry import Registry, table

ROOMS = (
    events,
    objects,
    functions,
    calls,
    keeping,
    memory,
    models,
    sharing,
    mail,
    screen,
    writing,
    tools,
    knowledge,
    assisting,
    code,
    measuring,
    products,
    weather,
    kb,
    tables,
    data,
    web,
    files,
    desk,
    triggers,
    elsewhere,
    hear,
    bots,
    steering,
    signals,
    schedules,
    publishing,
)


def registry(longest_wait: float = LONGEST_WAIT) -> Registry:
    """The table of all built-in keywords; `longest_wait` is the limit of WAIT in seconds."""
    return table(
        (
            talk,
            print_values,
            delay,
            wait(longest_wait),
            human_approval,
            push,
            append,
            model_turn,
            note_turn,
            run_tool,
            error_message,
            *(keyword for room in ROOMS for keyword in room.KEYWORDS),
        )
    )
