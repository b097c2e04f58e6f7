"""What a program needs from outside, and which of its runs send to bots and wait for them."""

from __future__ import annotations

from dataclasses import dataclass, field

MAIN, ANY = "", "*"  # the run of the program itself; of a procedure, which any run may call
SENDING = frozenset({"SEND TO BOT", "BROADCAST"})


@dataclass(slots=True)
class Names:
    """What a program needs from outside, as its text names it."""

    keywords: set[str] = field(default_factory=set[str])
    bots: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])  # and where first
    events: set[str] = field(default_factory=set[str])
    undone: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])  # and where first
    waits: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])  # runs that wait for bots
    sends: set[str] = field(default_factory=set[str])  # runs that send to bots
