"""What is said to the General Bots server over its WebSocket, and how its frames make an answer. Pure.

Two generations speak it. What we send has all fields that the older one insists on; the newest reads what it knows.
What comes back:

    {"type": "connected", ...}                     once
    content "", is_complete false                  the newest, while a model thinks
    content "piece", is_complete false ...         a model's text, in pieces
    content "" or the whole, is_complete true      its end
    content "text", is_complete true               what a script TALKs, each alone
    content "", is_complete true, suggestions      nothing said

Nothing tells that a script has ended, so an answer is over when it stands complete and nothing has come for a while.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

EXTERNAL, USER, ANSWER, CONTINUE, SUGGESTION, CONTEXT, TOOL, SYSTEM = range(8)  # kinds of messages


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message belongs on the server."""

    bot: str
    user: UUID
    session: UUID


def message(to: Address, content: str, kind: int, at: datetime, call_id: str) -> dict[str, Any]:
    """What is sent: of the user's words, or the name of a tool."""
    return {
        "bot_id": to.bot,
        "user_id": str(to.user),
        "session_id": str(to.session),
        "channel": "web",
        "content": content,
        "text": content,
        "message_type": kind,
        "timestamp": at.isoformat(),
        "active_switchers": [],
        "idempotency_key": call_id,  # the same whenever this call is made again; no generation minds it
    }


@dataclass(slots=True)
class Reading:
    """The answer so far. `greeted`: scripts may greet before the answer, which is then not part of it."""

    greeted: bool = False
    _said: list[tuple[bool, str]] = field(default_factory=list[tuple[bool, str]])  # of a model?, words
    _pieces: list[str] = field(default_factory=list[str])
    _coming: bool = False

    def take(self, frame: Mapping[str, Any]) -> str | None:
        """Read one frame; answers what a script has just said, if that is what it is."""
        if frame.get("type") == "connected" or "content" not in frame:
            return None
        content = frame["content"]
        words = content if isinstance(content, str) else ""
        if not frame.get("is_complete", True):
            self._coming = True
            self._pieces.append(words)
            return None
        so_far = "".join(self._pieces)
        self._pieces.clear()
        self._coming = False
        if so_far:
            self._said.append((True, words if words.startswith(so_far) else so_far + words))
        elif words:
            self._said.append((False, words))
            return words
        return None

    @property
    def standing(self) -> bool:
        """Whether there is an answer that may be all."""
        return bool(self._said) and not self._coming

    @property
    def text(self) -> str:
        """What was answered: what a model wrote and scripts said, without the greeting before a model's words."""
        first = next((at for at, (model, _) in enumerate(self._said) if model), 0) if self.greeted else 0
        return "\n".join(words for _, words in self._said[first:]).strip()
