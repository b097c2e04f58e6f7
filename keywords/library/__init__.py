"""The built-in keywords, one file per subject; `registry` is the table of them all."""

from __future__ import annotations

from keywords.library import (
    bots,
    calls,
    desk,
    files,
    functions,
    hear,
    keeping,
    knowledge,
    mail,
    objects,
    screen,
    steering,
    tables,
    triggers,
    web,
)
from keywords.library.agents import model_turn, run_tool
from keywords.library.errors import error_message
from keywords.library.events import publish_event, wait_for_event
from keywords.library.lists import append, push
from keywords.library.memory import bot_share_memory, bot_sync_memory, get_bot_memory, set_bot_memory
from keywords.library.models import llm
from keywords.library.pauses import LONGEST_WAIT, delay, wait
from keywords.library.people import human_approval
from keywords.library.talk import print_values, talk
from keywords.registry import Registry, table

ROOMS = (
    objects,
    functions,
    calls,
    keeping,
    mail,
    screen,
    knowledge,
    tables,
    web,
    files,
    desk,
    triggers,
    hear,
    bots,
    steering,
)


def registry(longest_wait: float = LONGEST_WAIT) -> Registry:
    """The table of all built-in keywords; `longest_wait` is the limit of WAIT in seconds."""
    return table(
        (
            talk,
            print_values,
            delay,
            wait(longest_wait),
            publish_event,
            wait_for_event,
            human_approval,
            set_bot_memory,
            get_bot_memory,
            bot_share_memory,
            bot_sync_memory,
            llm,
            push,
            append,
            model_turn,
            run_tool,
            error_message,
            *(keyword for room in ROOMS for keyword in room.KEYWORDS),
        )
    )
