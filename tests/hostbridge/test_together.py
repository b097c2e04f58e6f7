"""Looks at the disk that many callers of one moment share (`hostbridge/together.py`)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from hostbridge.together import Together


@dataclass
class Disk:
    """What was asked of it, a list for each look; `gate` holds whoever looks."""

    looks: list[list[str]] = field(default_factory=list[list[str]])
    content: str = "first"
    began: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event | None = None

    def looking(self) -> Callable[[str], str]:
        seen: list[str] = []
        self.looks.append(seen)

        def look(question: str) -> str:
            seen.append(question)
            if question == "bad":
                raise LookupError(question)
            said = f"{question}: {self.content}"
            self.began.set()
            if self.gate is not None:
                assert self.gate.wait(30)
            return said

        return look


async def test_all_questions_of_one_moment_share_a_look_and_equal_ones_an_answer() -> None:
    disk = Disk()
    together = Together(disk.looking)
    found = await asyncio.gather(*map(together.ask, ["a", "b", "a", "c", "b"]))
    assert found == ["a: first", "b: first", "a: first", "c: first", "b: first"]
    assert disk.looks == [["a", "b", "c"]]


async def test_a_question_that_fails_fails_alone() -> None:
    disk = Disk()
    together = Together(disk.looking)
    found = await asyncio.gather(*map(together.ask, ["a", "bad", "b", "bad"]), return_exceptions=True)
    assert [str(each) for each in found] == ["a: first", "bad", "b: first", "bad"]
    assert isinstance(found[1], LookupError) and isinstance(found[3], LookupError)


async def test_nobody_gets_what_was_read_before_he_asked() -> None:
    disk = Disk(gate=threading.Event())
    together = Together(disk.looking)
    earlier = asyncio.create_task(together.ask("a"))
    assert await asyncio.to_thread(disk.began.wait, 30)
    disk.content = "second"
    later = asyncio.create_task(together.ask("a"))
    assert disk.gate is not None
    disk.gate.set()
    assert (await earlier, await later) == ("a: first", "a: second")


async def test_who_gives_up_takes_the_answer_from_nobody() -> None:
    disk = Disk(gate=threading.Event())
    together = Together(disk.looking)
    impatient, patient = (asyncio.create_task(together.ask("a")) for _ in range(2))
    assert await asyncio.to_thread(disk.began.wait, 30)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert disk.gate is not None
    disk.gate.set()
    assert await patient == "a: first"
    assert disk.looks == [["a"]]
