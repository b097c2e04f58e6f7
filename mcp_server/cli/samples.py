"""Samples of a package: what to start, what people do meanwhile, and what is to come out.

{"title": "...", "shows": "...", "workflow": "package/dialog", "inputs": {...},
 "decisions": [{"by": "ana@example.com", "decision": "approve", "comment": "..."}],   who decides, and how
 "answers": ["red"],                                                                  to what is asked, in order
 "then": [{"workflow": "...", "inputs": {...}}],        started one by one while the run waits for an event
 "expect": {...}, "says": ["..."], "status": "completed"}        the result may hold more than is expected
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from mcp_server.app import App
from mcp_server.cli.errors import CommandError
from workflow.details import Approval, Caller, Detail

UNSEEN_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of a package, as its JSON file has it."""

    title: str
    shows: str
    workflow: str
    inputs: Mapping[str, Any]
    decisions: Sequence[Mapping[str, str]] = ()
    then: Sequence[Mapping[str, Any]] = ()
    answers: Sequence[str] = ()
    expect: Any = None
    says: Sequence[str] = ()
    status: str = "completed"


class BadSample(CommandError):
    """A sample that cannot be read; says which and why."""


def samples(folder: Path) -> list[Sample]:
    """The samples of a package, in the order of their file names; raises BadSample."""
    found: list[Sample] = []
    for file in sorted((folder / "samples").glob("*.json")):
        try:
            found.append(_whole(Sample(**json.loads(file.read_text("utf-8")))))
        except (ValueError, TypeError, KeyError, OSError, RecursionError) as error:
            why = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
            raise BadSample(f"The sample {file.name} of {folder.name} cannot be read: {why}.") from None
    return found


def _whole(sample: Sample) -> Sample:
    """The sample; raises KeyError or TypeError for a part that lacks what it needs."""
    for made in sample.decisions:
        _ = made["by"], made["decision"]
    for other in sample.then:
        _ = other["workflow"], other["inputs"]
    return sample


@dataclass(slots=True)
class Acting:
    """Does what a sample says that people, and other workflows, do while it runs."""

    app: App
    caller: Caller
    sample: Sample
    tell: Callable[[str], None]
    _then: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    _answers: list[str] = field(default_factory=list[str])
    _decided: set[tuple[UUID, str]] = field(default_factory=set[tuple[UUID, str]])

    def __post_init__(self) -> None:
        self._then, self._answers = list(self.sample.then), list(self.sample.answers)

    async def start(self) -> UUID:
        return await self._start(self.sample.workflow, self.sample.inputs)

    def decision(self, approval: Approval) -> Mapping[str, str] | None:
        """What the sample says that somebody decides on it."""
        return next((made for made in self.sample.decisions if made["by"] in approval.approvers), None)

    async def act(self, detail: Detail) -> None:
        for approval in detail.approvals:
            for made in self.sample.decisions if approval.required > 1 else (self.decision(approval),):
                if made and made["by"] in approval.approvers and (approval.id, made["by"]) not in self._decided:
                    await self._decide(approval, made)
        for question in detail.questions[: len(self._answers)]:
            text = self._answers.pop(0)
            self.tell(f'answers "{text}" to: {question.prompt or question.workflow_name}')
            await self.app.operations.answer(self.caller, question.execution, text)
        if self._then and detail.status == "waiting" and (detail.reason or "").startswith("event "):
            other = self._then.pop(0)
            self.tell(f"starts {other['workflow']}")
            await self._start(other["workflow"], other["inputs"])

    async def _decide(self, approval: Approval, made: Mapping[str, str]) -> None:
        self._decided.add((approval.id, made["by"]))
        comment = made.get("comment", "")
        self.tell(f'{made["by"]} decides: {made["decision"]} "{comment}"')
        person = replace(self.caller, subject=made["by"], owner=False)
        await self.app.operations.decide(person, approval.id, made["decision"], comment)

    async def _start(self, workflow: str, inputs: Mapping[str, Any]) -> UUID:
        program = self.app.packages.program(workflow)
        return await self.app.operations.start(self.caller, program, inputs=inputs, bot_name=program.origin)


async def unseen(app: App, caller: Caller, sample: Sample) -> Detail:
    """The end of a sample, run without a word; cancelled when it takes too long."""
    acting = Acting(app, caller, sample, lambda told: None)
    execution = await acting.start()
    try:
        async with asyncio.timeout(UNSEEN_SECONDS):
            while not (detail := await app.operations.wait(caller, execution, 0.1)).finished:
                await acting.act(detail)
    except TimeoutError:
        await app.operations.cancel(caller, execution)
        detail = await app.operations.wait(caller, execution, 5)
    return detail
