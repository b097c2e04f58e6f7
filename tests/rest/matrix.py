"""What the authorisation matrix asks of each operation, tool, resource and page, and the world it asks about."""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from designer.publishing import Publishing
from hostbridge.packages import SUFFIX
from keywords.host import bot_id
from mcp_server.app import App
from workflow.details import Caller

MARK = "MARKED-7f3a"  # stands in everything that is the owner's; whoever may not see it never reads it
BOT = "vault"
SCHEDULE = "nightly"
WORKFLOW = f"""\
ORCHESTRATE WORKFLOW "{MARK}"
PARAM amount AS NUMBER DEFAULT 1
TALK "{MARK}"
STEP 1: HUMAN APPROVAL FROM "lead" MESSAGE "{MARK}" TIMEOUT 36000
RETURN "{MARK}"
END WORKFLOW
"""


def package(folder: Path) -> Path:
    """A folder with the package of the one bot."""
    dialogs = folder / f"{BOT}{SUFFIX}" / f"{BOT}.gbdialog"
    dialogs.mkdir(parents=True)
    (dialogs / "keep.bas").write_text(WORKFLOW, "utf-8")
    (dialogs / "start.bas").write_text('TALK "Hello"\n', "utf-8")
    return folder


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("fresh.gbai/fresh.gbdialog/start.bas", f'TALK "{MARK}"\n')
    return out.getvalue()


@dataclass(slots=True)
class World:
    """One of each thing, all of the bot `vault` of the owner's tenant."""

    app: App
    owner: Caller
    execution: UUID = field(default_factory=uuid4)
    approval: UUID = field(default_factory=uuid4)
    workflow: UUID = field(default_factory=uuid4)
    event: UUID = field(default_factory=uuid4)
    subscription: str = ""
    key: str = ""

    async def made(self) -> World:
        app, owner = self.app, self.owner
        draft = await app.drafts.create(owner, MARK, WORKFLOW, origin=BOT)
        self.workflow = draft.id
        await Publishing(app.drafts).publish(owner, draft.id)
        await self.asking()
        publish = app.operations.events.publisher.publish
        self.event = await publish(owner.tenant, "order.paid", {"x": MARK}, bot=bot_id(owner.tenant, BOT))
        program = await app.program(owner, f"{BOT}/keep")
        await app.operations.set_schedule(owner, "daily", program, name=SCHEDULE, bot_name=BOT)
        await self.remembered()
        key, _ = await app.keys.new(owner, MARK, ["wf:read"], app.now())
        self.key = key.id
        return self

    async def remembered(self) -> None:
        """A memory of the bot."""
        from keywords.host import ProgramText

        program = ProgramText('SET BOT MEMORY key, value\nRETURN FORWARD EVENT "order.*" TO url\n', "keep")
        given = {"key": "tier", "value": MARK, "url": f"https://example.com/{MARK}"}
        await self.app.operations.completed(self.owner, program, given, bot_name=BOT)
        found = await self.app.operations.events.subscriptions(self.owner)
        self.subscription = next(str(one["id"]) for one in found if one["url"])

    async def asking(self) -> None:
        """An execution that waits for a person."""
        program = await self.app.program(self.owner, f"{BOT}/keep")
        self.execution = await self.app.operations.start(self.owner, program, bot_name=BOT)
        detail = await self.app.operations.wait(self.owner, self.execution, 30)
        while not detail.approvals:
            await asyncio.sleep(0.02)
            detail = await self.app.operations.get(self.owner, self.execution)
        self.approval = detail.approvals[0].id

    def path(self, path: str, *, unknown: bool = False) -> str:
        """The path with what it names filled in; `unknown` names what is not there."""
        there = {
            "execution": self.execution, "approval": self.approval, "workflow": self.workflow, "event": self.event,
            "subscription": self.subscription, "call": 1, "version": 1, "signal": "go", "bot": BOT, "key": "tier",
            "model": "no%2Fmodel", "package": BOT, "schedule": SCHEDULE, "api_key": self.key,
        }  # fmt: skip
        nowhere: Mapping[str, object] = {
            name: uuid4() for name in ("execution", "approval", "workflow", "event", "subscription")
        }
        nowhere = {**nowhere, "bot": "nobody", "package": "nothing", "schedule": "never", "api_key": "none"}
        values = {**there, **(nowhere if unknown else {})}
        return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: str(values.get(found[1], uuid4())), path)


@dataclass(frozen=True, slots=True)
class Ask:
    """How an operation is asked: its body, headers, what it answers to whoever may, and whether it needs a new
    approval to be asked about."""

    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content: bytes | None = None
    query: str = ""
    status: tuple[int, ...] = (200, 201, 202, 204)
    fresh: bool = False
    tenant_wide: bool = False  # of no bot: whoever is limited to bots is answered as to what is theirs


ANY = {"If-Match": "*"}
TEXT = {"Content-Type": "text/x-basic", **ANY}
BYSTANDER = Ask(tenant_wide=True)
REQUESTS: Mapping[str, Ask] = {
    "listWorkflows": Ask(), "newWorkflow": Ask({"name": "new", "source": "TALK 1\n", "package": BOT}),
    "getWorkflow": Ask(), "putWorkflow": Ask({"source": WORKFLOW}, ANY),
    "patchWorkflow": Ask({"source": WORKFLOW}, ANY),
    "getSource": Ask(), "putSource": Ask(headers=TEXT, content=WORKFLOW.encode()), "getTree": Ask(),
    "validateWorkflow": Ask(), "editWorkflow": Ask({"op": "insert", "item": "say", "at": {"first": 0}}, ANY),
    "undoEdit": Ask(), "redoEdit": Ask(), "listVersions": Ask(), "saveVersion": Ask({}), "getVersion": Ask(),
    "restoreVersion": Ask(headers=ANY), "diffVersions": Ask(), "publishWorkflow": Ask({}), "unpublishWorkflow": Ask(),
    "startWorkflow": Ask({}, status=(202, 409)), "deleteWorkflow": Ask(headers=ANY),
    "validateText": Ask({"source": "TALK 1\n"}, tenant_wide=True),
    "getPalette": BYSTANDER, "listTemplates": BYSTANDER,
    "listExecutions": Ask(), "startExecution": Ask({"workflow": f"{BOT}/keep"}), "getExecution": Ask(),
    "listSteps": Ask(), "getStep": Ask(), "followExecution": Ask(), "pauseExecution": Ask(), "resumeExecution": Ask(),
    "retryExecution": Ask({}, status=(409,)), "forkExecution": Ask({}),
    "answerExecution": Ask({"text": "x"}, status=(409,)),
    "signalExecution": Ask({}), "settleExecution": Ask({"took_place": True}, status=(409,)),
    "cancelExecution": Ask(fresh=True),
    "listApprovals": Ask(), "getApproval": Ask(fresh=True),
    "makeApprovalLink": Ask({"person": "lead"}, status=(201,), fresh=True),
    "decideApproval": Ask({"decision": "comment", "comment": "x"}, status=(403,), fresh=True),
    "approve": Ask({}, status=(403,), fresh=True), "reject": Ask({}, status=(403,), fresh=True),
    "decideByLink": Ask({"key": "x", "decision": "approve"}, status=(404,)),
    "publishEvent": Ask({"type": "x"}, tenant_wide=True), "listEvents": Ask(), "streamEvents": Ask(), "getEvent": Ask(),
    "redeliverEvent": Ask(), "listSubscriptions": Ask(), "getSubscription": Ask(), "listDeliveries": Ask(),
    "forwardEvents": Ask({"type": "a.*", "url": "https://example.com/"}), "endSubscription": Ask(),
    "listMemory": Ask(), "getMemory": Ask(), "listMemoryHistory": Ask(), "searchMemory": Ask(query="?q=tier"),
    "listShares": Ask(), "putMemory": Ask({"value": "gold"}),
    "shareMemory": Ask({"key": "tier", "from_bot": BOT, "with_bots": ["customer-support"]}), "deleteMemory": Ask(),
    "listModels": BYSTANDER, "getModel": Ask(status=(404,), tenant_wide=True),
    "testModel": Ask({"prompt": "x"}, status=(404,), tenant_wide=True),
    "listBots": Ask(), "getBot": Ask(), "listPackages": Ask(), "getPackage": Ask(),
    "putPackage": Ask(headers={"Content-Type": "application/zip"}, content=archive(), status=(201, 409),
                      tenant_wide=True),
    "deletePackage": Ask(status=(409,)),
    "listSchedules": Ask(), "getSchedule": Ask(), "pauseSchedule": Ask(), "resumeSchedule": Ask(),
    "putSchedule": Ask({"rule": "daily", "workflow": f"{BOT}/keep"}), "deleteSchedule": Ask(),
    "listLimits": Ask(tenant_wide=True), "putLimit": Ask({"bot": BOT, "running": 50}, tenant_wide=True),
    "getSelf": BYSTANDER, "listKeys": Ask(), "newKey": Ask({"name": "n", "scopes": ["wf:read"]}, tenant_wide=True),
    "getKey": Ask(), "revokeKey": Ask(), "listAudit": Ask(),
}  # fmt: skip

TOOLS: Mapping[str, Mapping[str, Any]] = {
    "orchestrate": {"workflow": f"{BOT}/keep", "wait_seconds": 0},
    "validate_workflow": {"source": "TALK 1\n"},
    "get_execution": {"execution_id": "{execution}"},
    "list_executions": {},
    "control_execution": {"execution_id": "{execution}", "action": "pause", "wait_seconds": 0},
    "publish_event": {"event": "order.paid", "data": 1},
    "wait_for_event": {"event": "order.*", "since": "2020-01-01T00:00:00Z", "wait_seconds": 0},
    "get_memory": {"bot": BOT, "key": "tier"},
    "set_memory": {"bot": BOT, "key": "tier", "value": "gold"},
    "search_memory": {"bot": BOT, "question": "tier"},
    "share_memory": {"from_bot": BOT, "with_bot": "other", "key": "tier"},
    "sync_memory": {"bot": BOT, "from_bot": "other"},
    "list_approvals": {},
    "decide_approval": {"execution_id": "{execution}", "decision": "approve"},
    "llm_optimize_for": {"prompt": "x", "wait_seconds": 0},
    "search_keywords": {"query": "wait"},
}
ALIKE = frozenset({"validate_workflow", "search_keywords", "publish_event", "llm_optimize_for"})  # of no bot or tenant
RESOURCES: Mapping[str, bool] = {  # address -> whether it is somebody's
    "workflow://executions/{execution}": True,
    "workflow://executions/{execution}/flow": True,
    "workflow://grammar": False,
    f"memory://{BOT}/tier": True,
    "bots://": True,
    f"bots://{BOT}": True,
    "models://performance": False,
}
