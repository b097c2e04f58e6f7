"""ADD TOOL and CLEAR TOOLS: which dialogs of a package the model of a conversation may run.

Until a conversation says so, all of them; from the first ADD TOOL on, those that were added.
"""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from keywords.function import words
from keywords.host import MEMORY_SET, Host, Identity, Memories, Moment, Recorded, Value
from keywords.library import limits
from keywords.mistakes import WrongValue
from keywords.registry import Effect, keyword

MOST = 200  # tools of a conversation
_CLEARED = "~"  # behind every name


def _place(identity: Identity, name: str) -> str:
    return limits.memory_key(f"tools/{identity.session or identity.execution}/{name}")


def _noted(moment: Moment, name: str, answer: Value) -> Recorded:
    value = json.dumps({"name": name, "at": moment.now.timestamp(), "n": moment.n})
    return Recorded(answer, (MEMORY_SET.row(key=_place(moment.identity, name), value=value, expires=None),))


@keyword("ADD TOOL {name}", "USE TOOL {name}", effect=Effect.RECORD, example='ADD TOOL "enrolment"', group="models")
def add_tool(moment: Moment, name: Value) -> Recorded:
    """Let the model of this conversation use a dialog of the package as a tool; answers its name."""
    called = words(name).strip().removesuffix(".bas").casefold()
    if not called or len(called) > 200 or _CLEARED in called:
        raise WrongValue('ADD TOOL needs the name of a dialog of the package, such as "enrolment".')
    return _noted(moment, called, called)


@keyword("CLEAR TOOLS", effect=Effect.RECORD, example="CLEAR TOOLS", group="models", value=False)
def clear_tools(moment: Moment) -> Recorded:
    """Take away from the model what ADD TOOL gave it; without any it may use all dialogs again."""
    return _noted(moment, _CLEARED, None)


async def added(memories: Memories, identity: Identity, bot: UUID, now: datetime) -> frozenset[str]:
    """The tools that this conversation of a bot has added and not cleared; none means: all dialogs."""
    found = await memories.listed(identity.tenant, bot, _place(identity, ""), now, MOST)
    notes = [json.loads(memory.value) for memory in found]
    cleared = max(((note["at"], note["n"]) for note in notes if note["name"] == _CLEARED), default=(0.0, -1))
    return frozenset(note["name"] for note in notes if note["name"] != _CLEARED and (note["at"], note["n"]) > cleared)


async def may_use(host: Host, bot: UUID) -> frozenset[str]:
    """The tools that the caller's conversation has given a bot."""
    return await added(host.services.memories, host.identity, bot, host.now)


KEYWORDS = (add_tool, clear_tools)
