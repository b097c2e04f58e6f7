"""`botmcp approve`: the person at the terminal decides, or looks at what waits."""

from __future__ import annotations

import asyncio

from rich.markup import escape

from keywords.mistakes import UnknownName
from mcp_server.app import App, open_app
from mcp_server.cli.console import out
from mcp_server.cli.errors import CommandError
from mcp_server.cli.status import goes_on
from mcp_server.settings import Settings
from workflow.details import Approval


async def approve(settings: Settings, wanted: str, reject: bool, comment: str) -> int:
    """Decide the approval of an execution, named by the beginning of its id; without one, list what is pending."""
    async with open_app(settings, "look") as app:
        caller = app.caller("command line", "")
        pending = await app.operations.approvals(caller)
        if not wanted:
            _listed(pending)
            return 0
        approval = chosen(pending, wanted)
        decision = "reject" if reject else "approve"
        await app.operations.decide(caller, approval.id, decision, comment)
        _told(app, approval, decision)
    await asyncio.to_thread(goes_on, settings)
    return 0


def chosen(pending: tuple[Approval, ...], wanted: str) -> Approval:
    """The one approval that this id, or the beginning of one, means: of the approval or of its execution."""
    wanted = wanted.strip().lower()
    ids = {approval: (approval.id, approval.execution, approval.root) for approval in pending}
    fitting = [approval for approval, known in ids.items() if any(str(each).startswith(wanted) for each in known)]
    match fitting:
        case [approval]:
            return approval
        case []:
            known = [str(approval.root) for approval in pending]
            raise UnknownName("pending approval for", wanted, known, "`botmcp approve` lists what is pending.")
        case several:
            listed = "\n".join(f"  {a.id}  {a.message}" for a in several)
            raise CommandError(f"Several approvals are pending there; name one of these instead:\n{listed}")


def _told(app: App, approval: Approval, decision: str) -> None:
    done = "Approved" if decision == "approve" else "Rejected"
    out.print(f"{done} as {escape(app.owner)}: {escape(approval.workflow_name)}. {escape(approval.message)}")


def _listed(pending: tuple[Approval, ...]) -> None:
    if not pending:
        out.print("Nothing waits for a decision.")
    for approval in pending:
        until = f", until {approval.deadline.astimezone():%Y-%m-%d %H:%M:%S %Z}" if approval.deadline else ""
        people = f" (asked for: {', '.join(approval.approvers)})" if approval.approvers else ""
        out.print(f"[bold]{escape(approval.workflow_name)}[/]{escape(people)}{until}: {escape(approval.message)}")
        out.print(f"  botmcp approve {approval.root}      botmcp approve {approval.root} --reject --comment ...")
