"""An end to answers that have none. Each HTTP library wants streams of a class of its own; this is what they share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from storage.outgoing import TooLarge


class Stream(Protocol):
    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def aclose(self) -> None: ...


class Bounded:
    """The pieces of an answer of at most so many bytes; iterating raises TooLarge.

    A packed one is not taken, for it could grow without end behind the count.
    """

    def __init__(self, stream: Stream, headers: Mapping[str, str], most: int) -> None:
        self._stream, self._most = stream, most
        self._packed = headers.get("content-encoding", "identity") != "identity"

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._stream:
            size += len(piece)
            if size and self._packed:
                raise TooLarge("It answers packed, unasked.")
            if size > self._most:
                raise TooLarge(f"It answers more than {self._most >> 20} MB.")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
