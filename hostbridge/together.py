"""Looks at the disk, in a thread, that many callers of one moment share.

A hundred executions that call bots in the same turn of the event loop cost one hop to a thread and back, and what they
have in common is seen once. Nobody gets what was read before he asked: who comes once the thread has begun has it read
anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

Q = TypeVar("Q", bound=Hashable)
T = TypeVar("T")


class Together(Generic[Q, T]):
    """Answers questions; `looking` makes, for those of one moment, what answers one of them after the other."""

    def __init__(self, looking: Callable[[], Callable[[Q], T]]) -> None:
        self._looking = looking
        self._asked: dict[Q, list[asyncio.Future[T]]] = {}
        self._looks: set[asyncio.Task[None]] = set()  # a task that nobody holds may vanish

    async def ask(self, question: Q) -> T:
        """The answer, or what was raised instead."""
        found: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if not self._asked:
            look = asyncio.create_task(self._look())
            self._looks.add(look)
            look.add_done_callback(self._looks.discard)
        self._asked.setdefault(question, []).append(found)
        return await found

    async def _look(self) -> None:
        await asyncio.sleep(0)  # all that are ready to run now may join
        asked, self._asked = self._asked, {}
        try:
            answers = await asyncio.to_thread(self._answers, tuple(asked))
        except Exception as error:  # noqa: BLE001 - there is no thread to be had: whoever asked is told
            answers = [(None, error)] * len(asked)
        for waiting, (answer, error) in zip(asked.values(), answers, strict=True):
            for found in waiting:
                if found.done():  # who asked has gone
                    continue
                if error is not None:
                    found.set_exception(error)
                else:
                    found.set_result(answer)  # pyright: ignore[reportArgumentType] - no error: it is the answer

    def _answers(self, questions: Sequence[Q]) -> list[tuple[T | None, Exception | None]]:
        look = self._looking()
        found: list[tuple[T | None, Exception | None]] = []
        for question in questions:
            try:
                found.append((look(question), None))
            except Exception as error:  # noqa: BLE001 - it is raised where the question was asked
                found.append((None, error))
        return found
