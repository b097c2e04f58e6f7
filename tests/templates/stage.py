"""Runs the samples of a template, and workflows like them, on the real engine; people answer from a script."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from hostbridge.packages import shipped
from keywords.host import ProgramText
from mcp_server.app import App
from workflow.details import Approval, Caller, Detail

Decisions = Sequence[Mapping[str, str]]
Started = Sequence[Mapping[str, Any]]


def samples(package: str) -> list[Path]:
    """The files of a template's samples, in the order in which they are shown."""
    return sorted((shipped() / f"{package}.gbai" / "samples").glob("*.json"))


def decision(by: str, decided: str, comment: str = "") -> Mapping[str, str]:
    return {"by": by, "decision": decided, "comment": comment}


@dataclass
class Stage:
    """One tenant of an opened product."""

    app: App
    asked: list[Approval] = field(default_factory=list[Approval])
    tenant: UUID = field(default_factory=uuid4)

    @property
    def owner(self) -> Caller:
        return Caller(self.tenant, "owner@example.com", "test", owner=True)

    async def sample(self, package: str, number: int) -> Detail:
        """The end of one sample, with its decisions made and its other workflows started."""
        told = json.loads(samples(package)[number - 1].read_text("utf-8"))
        return await self.run(told["workflow"], told["inputs"], told.get("decisions", ()), told.get("then", ()))

    async def run(
        self, workflow: str, inputs: Mapping[str, Any], decisions: Decisions = (), then: Started = ()
    ) -> Detail:
        """The end of a workflow; `then` starts once it waits for its event."""
        execution = await self.start(workflow, inputs)
        left = list(then)
        while not (detail := await self.app.operations.wait(self.owner, execution, 0.1)).finished:
            for approval in detail.approvals:
                await self._decide(approval, decisions)
            if left and (detail.reason or "").startswith("event "):
                other = left.pop(0)
                await self.start(other["workflow"], other["inputs"])
        return detail

    async def start(self, workflow: str, inputs: Mapping[str, Any]) -> UUID:
        program = self.app.packages.program(workflow)
        return await self.app.operations.start(self.owner, program, inputs=inputs, bot_name=program.origin)

    async def answer(self, package: str, bot: str, inputs: Mapping[str, Any]) -> Any:
        """What a bot of the package, with its own memory, returns to a workflow with these variables."""
        program = ProgramText(f'RETURN BOT "{bot}" "?"', "asking", package)
        execution = await self.app.operations.start(self.owner, program, inputs=inputs)
        return completed(await self.app.operations.wait(self.owner, execution, 60))

    async def listener(self, event: str) -> UUID:
        """A workflow that ends with the data of the next event of this name."""
        program = ProgramText(f'RETURN WAIT FOR EVENT "{event}" TIMEOUT 60', "listener")
        return await self.app.operations.start(self.owner, program)

    async def heard(self, listener: UUID) -> Any:
        """What a listener has heard."""
        detail = await self.app.operations.wait(self.owner, listener, 60)
        assert detail.status == "completed", detail
        return detail.result

    async def _decide(self, approval: Approval, decisions: Decisions) -> None:
        if approval.id not in {known.id for known in self.asked}:
            self.asked.append(approval)
        for made in decisions:
            if made["by"] in approval.approvers:
                person = Caller(self.tenant, made["by"], "test")
                await self.app.operations.decide(person, approval.id, made["decision"], made["comment"])


def completed(detail: Detail) -> Any:
    """The result of a run that has reached its end."""
    assert detail.status == "completed", detail.error
    return detail.result


def said(detail: Detail) -> list[str]:
    return [message.text for message in detail.messages]
