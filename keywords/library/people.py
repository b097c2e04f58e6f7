"""HUMAN APPROVAL: a workflow that goes on only when a person has said yes.

The compiler hands over, besides what the line says, `on_timeout`, the parsed ON TIMEOUT action

    {"action": "escalate", "to": ["boss@example.com"]} | {"action": "approve", "words": "WITH WARNING"}
    | {"action": "reject", "words": "..."} | {"action": "fail"}

and `asked`: whether the program looks at the outcome. A program that never looks must not go on as if the answer had
been yes: a rejection, or a time that ran out, then fails it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from keywords.host import APPROVAL_REQUESTED, Again, Answer, Host, Moment, Value, Wait
from keywords.library import limits
from keywords.mistakes import Refused, TimedOut
from keywords.registry import Effect, keyword
from keywords.values import Object, text

CLOCK = "system:timeout"  # who decided when nobody did
SHOWN, WORDS = 5, 60  # variables that a request without a MESSAGE tells, and the characters of each
_UNTOLD = re.compile(r"^(result|timed_out|step\d+)$|token|secret|password|key|credential", re.IGNORECASE)


def decided(moment: Moment, arguments: Mapping[str, Value], answer: Answer) -> Value | Again:
    """The outcome {approved, status, by, comment}; waits again when the request goes to somebody else."""
    asked = bool(arguments.get("asked"))
    if not answer.timed_out:
        return _accepted(answer.value, asked)
    after: Mapping[str, Value] = arguments.get("on_timeout") or {"action": "fail"}
    people = ", ".join(limits.people(arguments["approvers"]))
    waited = f"{people} did not answer within {text(arguments['timeout'])} seconds"
    match after["action"]:
        case "escalate":
            return Again(
                {
                    **arguments,
                    "approvers": after["to"],
                    "on_timeout": None,
                    "escalated_from": str(moment.new_id()),
                }
            )
        case "approve":
            note = "Approved with a warning" if after.get("words") else "Approved"
            return _accepted(outcome("approved", CLOCK, f"{note}: {waited}."), asked)
        case "reject":
            words = " ".join(("REJECT", text(after.get("words")))).strip()
            return _accepted(outcome("rejected", CLOCK, f"{words}, because {waited}."), asked)
        case _:
            if not asked:
                raise TimedOut(f"Nobody approved: {waited}.")
            return outcome("timedout", CLOCK, f"{waited[0].upper()}{waited[1:]}.")


def outcome(status: str, by: str, comment: str) -> Object:
    """What HUMAN APPROVAL answers, as BASIC sees it."""
    return Object({"approved": status == "approved", "status": status, "by": by, "comment": comment})


def _accepted(found: Mapping[str, Value], asked: bool) -> Mapping[str, Value]:
    if found["approved"] or asked:
        return found
    comment = f": {text(found['comment'])}" if found["comment"] else "."
    raise Refused(f"{found['by']} rejected the approval{comment}")


@keyword(
    "HUMAN APPROVAL FROM {approvers:many} [TIMEOUT {timeout}] [MESSAGE {message}]",
    name="HUMAN APPROVAL",
    effect=Effect.WAIT,
    example='HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 3600',
    group="people",
    resume=decided,
)
async def human_approval(
    host: Host,
    approvers: Value,
    timeout: float | None = None,
    message: Value = None,
    on_timeout: Value = None,
    asked: bool = False,
    escalated_from: str | None = None,
) -> Wait:
    """Ask people and wait until the first of them approves or rejects; answers {approved, status, by, comment}.

    A rejection, or nobody's answer in time, fails a program that does not look at the outcome.
    """
    names = limits.people(approvers)
    limit = limits.timeout("HUMAN APPROVAL", timeout)
    deadline = host.now + limit if limit else None
    question = limits.message(message, "The message of an approval") or _request(host)
    row = APPROVAL_REQUESTED.row(
        id=host.moment.new_id(),
        step=host.step,
        approvers=names,
        required=1,
        message=question,
        deadline=deadline,
        escalated_from=UUID(escalated_from) if escalated_from else None,
    )
    return Wait(deadline, (row,), f"approval from {', '.join(names)}")


def _request(host: Host) -> str:
    """What is asked when the program does not say it: which step of whom, and what tells it from others like it."""
    step = f"Step {host.step} of " if host.step else ""
    asks = f"{step}{host.identity.bot_name or 'a workflow'} asks for an approval"
    known: list[str] = []
    for name in host.variables:
        if len(known) < SHOWN and not _UNTOLD.search(name) and (value := host.variables[name]) is not None:
            words = " ".join(text(value).split())
            known.append(f"{name} = {words if len(words) <= WORDS else words[: WORDS - 3] + '...'}")
    return f"{asks}: {', '.join(known)}." if known else f"{asks}."
