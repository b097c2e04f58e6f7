"""HUMAN APPROVAL: a workflow that goes on only when a person has said yes.

The compiler hands over, besides what the line says, `on_timeout`, the parsed ON TIMEOUT action

    {"action": "escalate", "to": ["boss@example.com"], "required": 1, "timeout": 600}
    | {"action": "approve", "words": "WITH WARNING"} | {"action": "reject", "words": "..."} | {"action": "fail"}

or a list of them, which is a chain: each is what happens when the one before it was not answered in time,

and `asked`: whether the program looks at the outcome. A program that never looks must not go on as if the answer had
been yes: a rejection, or a time that ran out, then fails it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from keywords.host import APPROVAL_REMINDED, APPROVAL_REQUESTED, Again, Answer, Host, Moment, Value, Wait
from keywords.library import limits
from keywords.mistakes import Refused, TimedOut, WrongValue
from keywords.policy import times
from keywords.registry import Effect, keyword
from keywords.values import List, Object, text

CLOCK = "system:timeout"  # who decided when nobody did
SOONEST = timedelta(seconds=10)  # between two reminders
SHOWN, WORDS = 5, 60  # variables that a request without a MESSAGE tells, and the characters of each
_UNTOLD = re.compile(r"^(result|timed_out|step\d+)$|token|secret|password|key|credential", re.IGNORECASE)


def decided(moment: Moment, arguments: Mapping[str, Value], answer: Answer) -> Value | Again:
    """The outcome {approved, status, by, comment}; waits again when the request goes to somebody else."""
    asked = bool(arguments.get("asked"))
    handed_on = not answer.timed_out and answer.value["status"] == "escalated"
    if not answer.timed_out and not handed_on:
        return _accepted(answer.value, asked)
    after, rest = _next(arguments)
    people = ", ".join(limits.people(arguments["approvers"]))
    waited = f"{people} did not answer within {text(arguments['timeout'])} seconds" if answer.timed_out else ""
    match after["action"]:
        case "escalate":
            return Again(
                {
                    **arguments,
                    "approvers": after["to"],
                    "required": after.get("required"),
                    "timeout": after.get("timeout") or arguments.get("timeout"),
                    "on_timeout": rest,
                    "escalated_from": str(moment.new_id()),
                }
            )
        case _ if handed_on:
            return _accepted(outcome("rejected", answer.value["by"], answer.value["comment"]), asked)
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


def _next(arguments: Mapping[str, Value]) -> tuple[Mapping[str, Value], Value]:
    """What comes about now, and what may after it."""
    chain: Value = arguments.get("on_timeout")
    if not chain:
        return {"action": "fail"}, None
    if not isinstance(chain, list):
        return chain, None
    first, *rest = chain
    return first, List(rest) if rest else None


def outcome(status: str, by: str, comment: str) -> Object:
    """What HUMAN APPROVAL answers, as BASIC sees it."""
    return Object({"approved": status == "approved", "status": status, "by": by, "comment": comment})


def _accepted(found: Mapping[str, Value], asked: bool) -> Mapping[str, Value]:
    if found["approved"] or asked:
        return found
    comment = f": {text(found['comment'])}" if found["comment"] else "."
    raise Refused(f"{found['by']} rejected the approval{comment}")


@keyword(
    "HUMAN APPROVAL FROM {approvers:many} [REQUIRE {required}] [TIMEOUT {timeout}] [REMIND EVERY {remind}]"
    " [MESSAGE {message}]",
    name="HUMAN APPROVAL",
    effect=Effect.WAIT,
    example='HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 3600',
    group="people",
    resume=decided,
)
async def human_approval(
    host: Host,
    approvers: Value,
    required: int | None = None,
    timeout: float | None = None,
    remind: float | None = None,
    message: Value = None,
    on_timeout: Value = None,
    asked: bool = False,
    escalated_from: str | None = None,
) -> Wait:
    """Ask people and wait until enough of them approve or one rejects; answers {approved, status, by, comment}.

    The first approval is enough unless REQUIRE asks for more people. A rejection, or nobody's answer in time, fails a
    program that does not look at the outcome.
    """
    names = limits.people(approvers)
    needed = _needed(required, names)
    every = None if remind is None else limits.seconds("REMIND EVERY", remind)
    if every is not None and every < SOONEST:
        raise WrongValue(f"REMIND EVERY needs at least {SOONEST.total_seconds():g} seconds.")
    limit = limits.timeout("HUMAN APPROVAL", timeout)
    deadline = host.now + limit if limit else None
    question = limits.message(message, "The message of an approval") or _request(host)
    row = APPROVAL_REQUESTED.row(
        id=host.moment.new_id(),
        step=host.step,
        approvers=names,
        required=needed,
        message=question,
        deadline=deadline,
        escalated_from=UUID(escalated_from) if escalated_from else None,
    )
    rows = (row,)
    if every is not None:
        rows += (APPROVAL_REMINDED.row(id=host.moment.new_id(), seconds=every.total_seconds(), first=host.now + every),)
    several = f" of {needed} people among" if needed > 1 else " from"
    return Wait(deadline, rows, f"approval{several} {', '.join(names)}")


def _needed(required: Value, names: Sequence[str]) -> int:
    """How many people must say yes."""
    if required is None:
        return 1
    needed = times("REQUIRE", required, limits.PEOPLE, 1)
    if needed > len(names):
        raise WrongValue(f"REQUIRE {needed} can never be met: only {len(names)} people are asked.")
    return needed


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
