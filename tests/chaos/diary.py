"""A plugin whose keyword leaves a trace outside of the database: what was really done, and how often."""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from keywords.host import Host
from keywords.mistakes import Transient
from keywords.registry import Effect, keyword

TOUCHES = {"code": ["environment", "files"]}


@keyword(
    "NOTE IN {diary:tight} [LASTING {seconds}]",
    effect=Effect.IDEMPOTENT,
    example='NOTE IN "diary.txt" LASTING 0.1',
    group="test",
)
async def note(host: Host, diary: str, seconds: float = 0.0) -> str:
    """Append the call id to a file, some time after the call's start and some time before its end."""
    before = random.random() * seconds
    await asyncio.sleep(before)
    line = f"{host.call_id} {os.getpid()} {uuid4().hex}"
    _append(diary, line)
    await asyncio.sleep(seconds - before)
    return line  # so the journal says which of several notes of one call was committed


@keyword(
    "NOTE ONCE IN {diary:tight} [LASTING {seconds}]",
    effect=Effect.ONCE,
    example='NOTE ONCE IN "diary.txt" LASTING 0.1',
    group="test",
)
async def note_once(host: Host, diary: str, seconds: float = 0.0) -> str:
    """The same, never twice."""
    return await note.call(host, diary, seconds)


@keyword("NOTE AT LAST IN {diary:tight}", effect=Effect.IDEMPOTENT, example='NOTE AT LAST IN "diary.txt"', group="test")
async def note_at_last(host: Host, diary: str) -> str:
    """Append the call id to a file, but for the first attempt, which fails for the moment."""
    if host.attempt == 1:
        raise Transient("not at the first attempt", after=0.0)
    return await note.call(host, diary, 0.0)


def _append(diary: str, line: str) -> None:
    with Path(diary).open("ab", buffering=0) as file:
        file.write(f"{line}\n".encode())  # one write: whole, or not there


KEYWORDS = (note, note_once, note_at_last)


@dataclass(frozen=True, slots=True)
class Note:
    """One line of a diary: that a call was made, and by which process."""

    line: str

    @property
    def call(self) -> str:
        return self.line.split(" ")[0]

    @property
    def run(self) -> str:
        return self.call.split(":")[0]

    @property
    def n(self) -> int:
        return int(self.call.split(":")[2])

    @property
    def pid(self) -> int:
        return int(self.line.split(" ")[1])


def notes(diary: Path) -> list[Note]:
    """Everything that was noted, in order."""
    return [Note(line) for line in diary.read_text("utf-8").splitlines()] if diary.exists() else []
