"""What events ask of the commit beyond a plain PUBLISH and WAIT, and the log as programs see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from keywords.effect_kinds import EffectKind

if TYPE_CHECKING:
    from keywords.host import Moment

EVENT_DELAYED = EffectKind(  # PUBLISH .. AT, AFTER
    "event.delayed",
    (("id", "uuid"), ("name", "text"), ("key", "text"), ("data", "jsonb"), ("due", "timestamptz")),
    refuses=True,
)
EVENT_OFFERED = EffectKind(  # PUBLISH .. DEDUPE: the first one with the key is the event
    "event.offered",
    (("id", "uuid"), ("name", "text"), ("key", "text"), ("data", "jsonb"), ("dedupe", "text"), ("due", "timestamptz")),
    decides=True,
)
EVENT_CHOSEN = EffectKind(  # a wait that chooses among events: a row a name
    "event.chosen",
    (
        ("name", "text"),
        ("part", "int4"),
        ("mode", "text"),
        ("key", "text"),
        ("filter", "jsonb"),
        ("consume", "bool"),
        ("since", "timestamptz"),
        ("cursor", "text"),
    ),
)
EVENT_HANDLED = EffectKind(  # ON EVENT
    "event.handled",
    (("pattern", "text"), ("filter", "jsonb"), ("consume", "bool"), ("entry", "text"), ("vars", "jsonb")),
    decides=True,
)
EVENT_FORWARDED = EffectKind(  # FORWARD EVENT
    "event.forwarded", (("id", "uuid"), ("pattern", "text"), ("url", "text"), ("secret", "text")), decides=True
)
EVENT_IGNORED = EffectKind("event.ignored", (("pattern", "text"),), decides=True)  # OFF EVENT
RUN_SCHEDULED = EffectKind(  # SCHEDULE IN
    "run.scheduled",
    (("id", "uuid"), ("entry", "text"), ("vars", "jsonb"), ("seed", "int8"), ("due", "timestamptz")),
    decides=True,
)
RUN_CONTINUED = EffectKind(  # CONTINUE WORKFLOW, said by a handler
    "run.continued", (("id", "uuid"), ("step", "int4"), ("index", "int4"), ("run", "uuid")), decides=True
)


class Events(Protocol):
    """The log of events and what became of them, as a program sees it; `workflow` fulfils it. Ordinary JSON."""

    async def listed(self, moment: Moment, pattern: str | None, limit: int) -> Sequence[Mapping[str, Any]]: ...

    async def dead(self, moment: Moment, limit: int) -> Sequence[Mapping[str, Any]]: ...

    async def replayed(self, moment: Moment, event: str) -> int:
        """Deliver an event again, to whoever gave it up, else to all who want it; how many. Raises UnknownName."""
        ...

    async def subscriptions(self, moment: Moment) -> Sequence[Mapping[str, Any]]: ...
