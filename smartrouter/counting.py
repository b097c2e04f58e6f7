"""How many tokens a question has: about, for room and time; at the very most, for money.

A tokenizer that works on bytes never makes more tokens than there are bytes; that bound costs nothing to know and holds
for every model. Where MAX_COST would forbid too much by it, the words are really counted, with the vocabulary that
litellm carries, and the count is doubled, for no vocabulary in use makes twice as many of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from smartrouter.loading import encoding

FRAME = 96  # tokens that a provider's own template may put around a conversation
A_MESSAGE = 8  # and around each message
STRANGER = 2.0  # how many times more tokens another vocabulary may make of the same words
_TOKENS_A_CHARACTER = 1 / 3
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


class Size:
    """The size of one question, found out as far as it is asked for."""

    __slots__ = ("_bytes", "_counted", "_messages", "_tools")

    def __init__(self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]] = ()) -> None:
        self._messages = messages
        self._tools = tools
        self._bytes = len(self._text().encode())
        self._counted: int | None = None

    @property
    def about(self) -> int:
        """An estimate on the high side: a token for every three bytes."""
        return int(self._bytes * _TOKENS_A_CHARACTER) + 8

    @property
    def most(self) -> int:
        """More than any tokenizer makes."""
        return self._bytes + self._frame

    @property
    def counted(self) -> int:
        """More than any known vocabulary makes; takes a millisecond for 3,000 characters, the first time."""
        if self._counted is None:
            words: int = len(encoding().encode(self._text(), disallowed_special=()))
            self._counted = min(self.most, int(words * STRANGER) + self._frame)
        return self._counted

    def _text(self) -> str:
        return _ENCODE([*self._messages, *self._tools])

    @property
    def _frame(self) -> int:
        return FRAME + A_MESSAGE * (len(self._messages) + len(self._tools))


def in_text(text: str) -> int:
    """How many tokens an answer has at most."""
    return len(text.encode("utf-8", "surrogatepass")) + A_MESSAGE
