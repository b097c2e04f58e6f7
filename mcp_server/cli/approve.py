"""`botmcp approve`: the person at the terminal decides, or looks at what waits."""

from __future__ import annotations

import asyncio

from rich.markup import escape

from keywords.mistakes import UnknownName
from mcp_server import inbox_links, served
from mcp_server.app import App, open_app
from mcp_server.cli.commanded import caller_of
from mcp_server.cli.console import out
from mcp_server.cli.errors import CommandError
from mcp_server.cli.status import answering, goes_on
from mcp_server.rendezvous import place
from mcp_server.settings import Settings
from workflow.approvals import DECISIONS
from workflow.details import Approval


async def approve(settings: Settings, wanted: str, decision: str, comment: str, person: str, hours: float) -> int:
    """Decide the approval of an execution, named by the beginning of its id; without one, list what is pending.

    With a person, print a link that lets this one decide, once.
    """
    if decision not in DECISIONS:
        raise CommandError(f"A decision is one of {', '.join(DECISIONS)}, not {decision}.")
    async with open_app(settings, "look") as app:
        caller = caller_of(app)
        pending = await app.operations.approvals(caller)
        if not wanted:
            _listed(pending)
            return 0
        approval = chosen(pending, wanted)
        if person:
            key, until = await inbox_links.made(app, caller, approval.id, person, hours)
            base = await asyncio.to_thread(_address, settings)
            out.print(f"For {escape(person)}, once, until {until:%Y-%m-%d %H:%M} UTC:")
            out.print(inbox_links.address_of(base, key), soft_wrap=True)
            return 0
        await app.operations.decide(caller, approval.id, decision, comment)
        _told(app, approval, decision)
    await asyncio.to_thread(goes_on, settings)
    return 0


def chosen(pending: tuple[Approval, ...], wanted: str) -> Approval:
    """The one approval that this id, or the beginning of one, means: of the approval or of its execution."""
    wanted = wanted.strip().lower()
    match [a for a in pending if any(str(each).startswith(wanted) for each in (a.id, a.execution, a.root))]:
        case [approval]:
            return approval
        case []:
            known = [str(approval.root) for approval in pending]
            raise UnknownName("pending approval for", wanted, known, "`botmcp approve` lists what is pending.")
        case several:
            listed = "\n".join(f"  {a.id}  {a.message}" for a in several)
            raise CommandError(f"Several approvals are pending there; name one of these instead:\n{listed}")


def _address(settings: Settings) -> str:
    """Where an inbox of this data folder answers."""
    if settings.embedded:
        goes_on(settings)
        for server in answering(settings):
            if server.about.get("inbox"):
                return str(server.about["inbox"])
    for address in served.addresses(place(settings.made_home())):
        return address
    raise CommandError("No server with an inbox runs here. Start `botmcp serve`, then ask for the link again.")


def _told(app: App, approval: Approval, decision: str) -> None:
    done = {"approve": "Approved", "reject": "Rejected", "escalate": "Handed on", "defer": "Deferred"}
    out.print(
        f"{done.get(decision, 'Noted')} as {escape(app.owner)}: {escape(approval.workflow_name)}. "
        f"{escape(approval.message)}"
    )


def _listed(pending: tuple[Approval, ...]) -> None:
    if not pending:
        out.print("Nothing waits for a decision.")
    for approval in pending:
        until = f", until {approval.deadline.astimezone():%Y-%m-%d %H:%M:%S %Z}" if approval.deadline else ""
        people = f" (asked for: {', '.join(approval.approvers)})" if approval.approvers else ""
        out.print(f"[bold]{escape(approval.workflow_name)}[/]{escape(people)}{until}: {escape(approval.message)}")
        out.print(f"  botmcp approve {approval.root}      botmcp approve {approval.root} --reject --comment ...")
