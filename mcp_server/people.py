"""Who decides an approval through MCP: the person at the client, who is asked, unless the owner lets agents decide.

The client asks the person where it can (elicitation, both protocol eras). Where it cannot, the answer says where the
person decides; no secret of the inbox is ever part of it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import mcp.types as types
from mcp.server.mcpserver import Context, Elicit, Resolve
from pydantic import BaseModel, Field

from keywords.mistakes import ProgramError, UnknownName
from mcp_server.app import App
from workflow.details import Approval, Caller

Decision = Literal["approve", "reject", "escalate", "defer", "requestinfo", "comment"]


class PersonsDecision(BaseModel):
    """The form the person sees."""

    decision: Decision = Field(title="Your decision")
    comment: str = Field(default="", title="Comment", description="Optional; it is kept with the decision.")


class Asking(BaseModel):
    """Who is to decide which approval."""

    who: Literal["person", "agent", "elsewhere"]
    question: str = ""
    approval: UUID | None = None
    refusal: str = ""  # why nothing can be decided


def app_of(ctx: Context[App]) -> App:
    return ctx.request_context.lifespan_context


def client_name(ctx: Context[Any]) -> str:
    """The client's own name for itself, "" when it gave none."""
    params = ctx.session.client_params
    return f"{params.client_info.name} {params.client_info.version}".strip()[:100] if params else ""


def can_ask(ctx: Context[Any]) -> bool:
    """Whether this client shows forms to its person, by its own word."""
    return can_ask_form(ctx.client_capabilities)


def can_ask_form(capabilities: types.ClientCapabilities | None) -> bool:
    """Whether a client with these capabilities shows forms."""
    if capabilities is None or capabilities.elicitation is None:
        return False
    return capabilities.elicitation.form is not None or capabilities.elicitation.url is None


def may_ask(caller: Caller) -> bool:
    """Whether the person at this caller's client may be asked to decide: the owner's, or one with a key for it."""
    return caller.owner or caller.may("wf:approve")


async def asking(execution_id: str, decision: Decision, comment: str, approval_id: str, ctx: Context[App]) -> Asking:
    """Who decides: looked up again in every round, so a decision taken meanwhile is seen."""
    app = app_of(ctx)
    caller = app.caller("mcp", client_name(ctx))
    if not may_ask(caller):
        return Asking(
            who="elsewhere",
            refusal=f"Not decided: the key of {caller.subject} may not approve (scope wf:approve), as keys for agents "
            f"may not. Tell the person to decide {app.where_people_decide}. Then call get_execution.",
        )
    try:
        approval = await _wanted(app, ctx, execution_id, approval_id)
    except ProgramError as error:
        return Asking(who="elsewhere", refusal=str(error))
    if app.settings.agents_may_approve:
        return Asking(who="agent", approval=approval.id)
    if not can_ask(ctx):
        return Asking(who="elsewhere", approval=approval.id)
    return Asking(who="person", approval=approval.id, question=question(approval, decision, comment))


async def decided(asked: Annotated[Asking, Resolve(asking)]) -> Elicit[PersonsDecision] | PersonsDecision:
    """The person's answer; when it is not theirs to give here, a placeholder that nobody reads."""
    if asked.who == "person":
        return Elicit(asked.question, PersonsDecision)
    return PersonsDecision(decision="reject")


def question(approval: Approval, proposed: Decision | None = None, comment: str = "") -> str:
    """What the person reads above the form."""
    lines = [f"The workflow {approval.workflow_name} asks for approval: {approval.message or 'no message'}"]
    if approval.approvers:
        lines.append(f"Asked for: {', '.join(approval.approvers)}.")
    if proposed:
        said = "ask for more" if proposed == "requestinfo" else proposed
        lines.append(f"The agent proposes to {said}{f': {comment[:500]}' if comment else '.'}")
    return "\n".join(lines)


async def _wanted(app: App, ctx: Context[App], execution_id: str, approval_id: str) -> Approval:
    execution = execution_named(execution_id)
    waiting = await app.operations.approvals(app.caller("mcp", client_name(ctx)), execution)
    if approval_id:
        for approval in waiting:
            if str(approval.id) == approval_id.strip().lower():
                return approval
        raise UnknownName("pending approval", approval_id, [str(a.id) for a in waiting], _SEE)
    match waiting:
        case (one,):
            return one
        case ():
            raise NothingToDecide(f"Execution {execution} has no pending approval. {_SEE}")
        case _:
            listed = "; ".join(f"{a.id}: {a.message[:200]}" for a in waiting[:10])
            raise NothingToDecide(f"Several approvals are pending; name one with approval_id. {listed}")


_SEE = "get_execution shows what it waits for."


class NothingToDecide(ProgramError):
    """No approval, or not a single one, to decide."""


def execution_named(text: str) -> UUID:
    """The id in this text; raises a ProgramError that says where ids come from."""
    try:
        return UUID(text.strip())
    except ValueError:
        raise UnknownName("execution", repr(text[:60]), (), "orchestrate answers the execution_id to use.") from None
