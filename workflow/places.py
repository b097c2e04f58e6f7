"""How far a watcher has come in the journals of a run and of all that it started, as a short text he may keep.

An execution that has ended, and whose journal he has seen to its end, is remembered by the beginning of its id and its
generation alone: so the text stays short where a run has started thousands.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from keywords.mistakes import WrongValue
from workflow.details import Place

_LIVE = struct.Struct("!16sHIH")
_ENDED = struct.Struct("!6sB")
_HEAD = struct.Struct("!BH")
VERSION = 1
LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Places:
    """The last row seen of each execution; `ended` are those of which there are no more, with their generation."""

    live: Mapping[UUID, Place] = field(default_factory=dict[UUID, Place])
    ended: Mapping[bytes, int] = field(default_factory=dict[bytes, int])

    def after(self, execution: UUID, generation: int) -> Place:
        """Behind which row to go on in the journal of an execution that is now in this generation."""
        if (place := self.live.get(execution)) is not None:
            return place
        known = self.ended.get(execution.bytes[:6])
        if known is None:
            return (-1, 0, 0)
        since = (generation - known) % 256  # generations since it had ended: somebody let it go on
        if since > 128:  # an older look: all of that was seen
            since = 0
        return (generation - since + 1, -1, 0) if since else (generation + 1, 0, 0)

    def text(self) -> str:
        """As one word of an address or a header."""
        parts = [_HEAD.pack(VERSION, len(self.live))]
        parts += [_LIVE.pack(id_.bytes, max(g, 0), max(n, 0), max(a, 0)) for id_, (g, n, a) in self.live.items()]
        parts += [_ENDED.pack(id_, generation % 256) for id_, generation in self.ended.items()]
        return base64.urlsafe_b64encode(b"".join(parts)).decode().rstrip("=")

    @classmethod
    def of(cls, text: str) -> Places:
        """What `text` wrote; raises WrongValue for anything else."""
        if not text:
            return cls()
        try:
            if len(text) > LONGEST:
                raise ValueError
            body = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            version, count = _HEAD.unpack_from(body)
            if version != VERSION:
                raise ValueError
            middle = _HEAD.size + count * _LIVE.size
            live = {UUID(bytes=id_): (g, n, a) for id_, g, n, a in _LIVE.iter_unpack(body[_HEAD.size : middle])}
            if len(live) != count:
                raise ValueError
            return cls(live, dict(_ENDED.iter_unpack(body[middle:])))
        except (ValueError, struct.error):
            raise WrongValue("That is no place in a run's journal; leave it away to begin at its beginning.") from None
