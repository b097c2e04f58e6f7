"""Executions from BASIC: start others, look at them, steer them, answer and decide. What a face can do, a line can."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keywords.encode import from_plain, plain
from keywords.executions import DECISIONS
from keywords.host import MEMORY_SET, Executions, Host, Moment, ProgramText, Recorded, Value
from keywords.library import limits
from keywords.mistakes import ProgramError, UnknownName, WrongValue
from keywords.registry import Effect, keyword
from keywords.values import text

MOST_LISTED = 500
REFLECTION = "bot-reflection"  # the memory that says whether a bot looks at its own work


class NoEngine(ProgramError):
    """The program runs where there are no other executions."""

    kind = "unavailable"

    def __init__(self) -> None:
        super().__init__("There is no engine here that other executions could run on.")


def executions(host: Host) -> Executions:
    """The service; raises NoEngine."""
    if host.services.executions is None:
        raise NoEngine
    return host.services.executions


# -- start and look ----------------------------------------------------------------------------------------------------


@keyword(
    "START WORKFLOW {name} [WITH {inputs:fields}] [DEADLINE {deadline}] [PRIORITY {priority}] [IDEMPOTENCY KEY {key}]",
    "START WORKFLOW {name} [WITH INPUTS {given}] [DEADLINE {deadline}] [PRIORITY {priority}] [IDEMPOTENCY KEY {key}]",
    "START PROGRAM {source} [WITH {inputs:fields}] [DEADLINE {deadline}] [PRIORITY {priority}] [IDEMPOTENCY KEY {key}]",
    "START PROGRAM {source} [WITH INPUTS {given}] [DEADLINE {deadline}] [PRIORITY {priority}] [IDEMPOTENCY KEY {key}]",
    name="START WORKFLOW",
    effect=Effect.IDEMPOTENT,
    example='START WORKFLOW "shop/refund" WITH order_id = 5 DEADLINE 3600 PRIORITY -5',
    group="executions",
)
async def start_workflow(
    host: Host,
    name: Value = None,
    source: Value = None,
    inputs: Value = None,
    given: Value = None,
    deadline: Value = None,
    priority: Value = 0,
    key: Value = None,
) -> str:
    """Start a workflow by its name, or a program by its text, and go on at once; answers the execution's id.

    It is a run of its own: it goes on when this one ends, and this one does not wait for it. After DEADLINE seconds it
    is cancelled, if it has not ended; the smaller its PRIORITY (-100 to 100), the sooner its turn. Started again with
    the same IDEMPOTENCY KEY, it is the same execution.
    """
    values: Any = plain(given if inputs is None else inputs) or {}
    if not isinstance(values, Mapping):
        raise WrongValue("START WORKFLOW needs the inputs as name = value, or an object behind WITH INPUTS.")
    program = ProgramText(limits.message(source, "A program"), "program", host.identity.origin)
    wanted = limits.name_of("a workflow", name) if source is None else program
    return await executions(host).start(
        host.moment,
        wanted,
        values,
        deadline=None if deadline is None else limits.seconds("DEADLINE", deadline).total_seconds(),
        priority=whole("PRIORITY", priority),
        key=None if key is None else limits.name_of("an idempotency key", key),
    )


@keyword("LIST EXECUTIONS [WITH STATUS {status}] [LIMIT {limit}]", effect=Effect.READ, group="executions",
         example='LIST EXECUTIONS WITH STATUS "waiting" LIMIT 10')  # fmt: skip
async def list_executions(host: Host, status: Value = None, limit: Value = 50) -> Value:
    """The newest executions that were started, as objects with execution_id, workflow, status and the rest."""
    most = int(limits.number("LIMIT of LIST EXECUTIONS", limit))
    if not 1 <= most <= MOST_LISTED:
        raise WrongValue(f"LIMIT of LIST EXECUTIONS needs a number from 1 to {MOST_LISTED}, not {most}.")
    wanted = None if status is None else text(status).strip().lower()
    return from_plain([dict(each) for each in await executions(host).listed(host.moment, wanted, most)])


@keyword("GET EXECUTION {execution}", effect=Effect.READ, example="GET EXECUTION id", group="executions")
async def get_execution(host: Host, execution: Value) -> Value:
    """How an execution stands: status, result, error, messages, what it asks and what waits for approval."""
    return from_plain(dict(await executions(host).seen(host.moment, text(execution))))


@keyword("GET JOURNAL OF {execution}", name="GET JOURNAL", effect=Effect.READ, example="GET JOURNAL OF id",
         group="executions")  # fmt: skip
async def get_journal(host: Host, execution: Value) -> Value:
    """The calls of an execution and of everything it started, with their answers, in order; 500 at most."""
    return from_plain([dict(each) for each in await executions(host).journal(host.moment, text(execution))])


@keyword("LIST APPROVALS [OF {execution}]", effect=Effect.READ, example="LIST APPROVALS OF id", group="executions")
async def list_approvals(host: Host, execution: Value = None) -> Value:
    """The approvals that wait for a decision, of all executions or of one and everything it started."""
    wanted = None if execution is None else text(execution)
    return from_plain([dict(each) for each in await executions(host).approvals(host.moment, wanted)])


# -- steer -------------------------------------------------------------------------------------------------------------


async def steered(host: Host, action: str, execution: Value, given: Mapping[str, Any] | None = None) -> Value:
    """How an execution stands after this was done to it."""
    return from_plain(dict(await executions(host).steered(host.moment, action, text(execution), given or {})))


@keyword("CANCEL EXECUTION {execution}", effect=Effect.IDEMPOTENT, example="CANCEL EXECUTION id", group="executions")
async def cancel_execution(host: Host, execution: Value) -> Value:
    """End an execution and everything it started; answers how it stands."""
    return await steered(host, "cancel", execution)


@keyword("PAUSE EXECUTION {execution}", effect=Effect.IDEMPOTENT, example="PAUSE EXECUTION id", group="executions")
async def pause_execution(host: Host, execution: Value) -> Value:
    """Stop an execution and everything it started until RESUME EXECUTION; what runs stops after its present call."""
    return await steered(host, "pause", execution)


@keyword("RESUME EXECUTION {execution}", effect=Effect.IDEMPOTENT, example="RESUME EXECUTION id", group="executions")
async def resume_execution(host: Host, execution: Value) -> Value:
    """Let a paused execution and everything it started go on; what happened meanwhile reaches it now."""
    return await steered(host, "resume", execution)


@keyword(
    "RETRY EXECUTION {execution} [FROM STEP {step}]",
    "RETRY EXECUTION {execution} [FROM CALL {call}]",
    effect=Effect.IDEMPOTENT,
    example="RETRY EXECUTION id FROM STEP 2",
    group="executions",
)
async def retry_execution(host: Host, execution: Value, step: Value = None, call: Value = None) -> Value:
    """Let a failed execution go on from the call it failed at, or from an earlier STEP; what came before stays done."""
    return await steered(host, "retry", execution, _place(step, call))


@keyword(
    "FORK EXECUTION {execution} [FROM STEP {step}] [WITH VARIABLES {variables}]",
    "FORK EXECUTION {execution} [FROM CALL {call}] [WITH VARIABLES {variables}]",
    effect=Effect.IDEMPOTENT,
    example="FORK EXECUTION id FROM STEP 2 WITH VARIABLES {amount: 5}",
    group="executions",
)
async def fork_execution(
    host: Host, execution: Value, step: Value = None, call: Value = None, variables: Value = None
) -> Value:
    """Start a new execution that goes on from a STEP of another, with other variables; answers how the new one stands.

    Without a STEP or call it goes on from where the other stands. The other is left alone.
    """
    given = {**_place(step, call), "variables": _fields("FORK EXECUTION", variables)}
    return await steered(host, "fork", execution, given)


@keyword(
    "MIGRATE EXECUTION {execution} TO {workflow} [WITH VARIABLES {variables}] [DRY RUN {dry}]",
    "MIGRATE EXECUTIONS OF {runs} TO {workflow} [WITH VARIABLES {variables}] [DRY RUN {dry}]",
    "MIGRATE EXECUTION {execution} TO PROGRAM {source} [WITH VARIABLES {variables}] [DRY RUN {dry}]",
    "MIGRATE EXECUTIONS OF {runs} TO PROGRAM {source} [WITH VARIABLES {variables}] [DRY RUN {dry}]",
    name="MIGRATE EXECUTION",
    effect=Effect.IDEMPOTENT,
    example='MIGRATE EXECUTION id TO "shop/refund" DRY RUN TRUE',
    group="executions",
)
async def migrate_execution(
    host: Host,
    execution: Value = None,
    runs: Value = None,
    workflow: Value = None,
    source: Value = None,
    variables: Value = None,
    dry: Value = False,
) -> Value:
    """Let live executions go on with the present text of a workflow, from where they stand; answers which moved.

    Each answer has execution_id, workflow, moved and reason: one that has no place in the new text stays as it is. With
    DRY RUN TRUE nothing is moved, and the answers say what would be.
    """
    program = ProgramText(limits.message(source, "A program"), "program", host.identity.origin)
    found = await executions(host).migrated(
        host.moment,
        None if execution is None else text(execution),
        "" if runs is None else limits.name_of("a workflow", runs),
        limits.name_of("a workflow", workflow) if source is None else program,
        _fields("MIGRATE EXECUTION", variables),
        dry=_switch("DRY RUN", dry),
    )
    return from_plain([dict(each) for each in found])


@keyword("ANSWER EXECUTION {execution} WITH {text}", name="ANSWER EXECUTION", effect=Effect.IDEMPOTENT,
         example='ANSWER EXECUTION id WITH "yes"', group="executions")  # fmt: skip
async def answer_execution(host: Host, execution: Value, text: Value) -> Value:
    """Answer the HEAR at which an execution, or something it started, waits."""
    return await steered(host, "answer", execution, {"text": limits.message(text, "An answer")})


@keyword(
    "SETTLE EXECUTION {execution} WITH {value}",
    "SETTLE EXECUTION {execution} AS {done}",
    name="SETTLE EXECUTION",
    effect=Effect.IDEMPOTENT,
    example='SETTLE EXECUTION id WITH "receipt 17"',
    group="executions",
)
async def settle_execution(host: Host, execution: Value, value: Value = None, done: Value = True) -> Value:
    """Say what became of a call that is in doubt: it took place and answered this, or (AS FALSE) is to be made again.

    Only where the owner lets programs decide for people.
    """
    return await steered(host, "settle", execution, {"took_place": _switch("AS", done), "value": plain(value)})


@keyword(
    "DECIDE APPROVAL {approval} AS {decision} [COMMENT {comment}]",
    name="DECIDE APPROVAL",
    effect=Effect.IDEMPOTENT,
    example='DECIDE APPROVAL id AS "approve" COMMENT "below the limit"',
    group="executions",
)
async def decide_approval(host: Host, approval: Value, decision: Value, comment: Value = None) -> Value:
    """Approve or reject what another execution waits for, where the owner lets programs decide for people.

    Besides, `escalate` hands it on, `defer` gives it its time again, `requestinfo` and `comment` only say something.
    """
    wanted = text(decision).strip().lower()
    if wanted not in DECISIONS:
        raise WrongValue(f"DECIDE APPROVAL needs one of {', '.join(DECISIONS)}, not {limits.shown(decision)}.")
    made = await executions(host).decided(host.moment, text(approval), wanted, text(comment))
    return from_plain(dict(made))


# -- a bot's look at itself --------------------------------------------------------------------------------------------


@keyword("BOT REFLECTION {mode}", "SET BOT REFLECTION {mode}", name="BOT REFLECTION", effect=Effect.RECORD,
         example="BOT REFLECTION TRUE", group="bots", value=False)  # fmt: skip
def bot_reflection(moment: Moment, mode: Value) -> Recorded:
    """Note whether this bot is to look at its own work; `enabled` of BOT REFLECTION INSIGHTS says so."""
    found = "true" if _switch("BOT REFLECTION", mode) else "false"
    return Recorded(None, (MEMORY_SET.row(key=REFLECTION, value=found, expires=None),))


@keyword("BOT REFLECTION ON {metric}", "REFLECT ON {metric}", name="BOT REFLECTION ON", effect=Effect.READ,
         group="bots", example='BOT REFLECTION ON "success_rate"')  # fmt: skip
async def bot_reflection_on(host: Host, metric: Value) -> Value:
    """One number of BOT REFLECTION INSIGHTS, such as "runs", "failed", "success_rate" or "average_seconds"."""
    found = await _insights(host)
    name = "_".join(text(metric).lower().split())
    if name not in found:
        raise UnknownName("metric", name, found, f"There are {', '.join(found)}.")
    return from_plain(found[name])


@keyword("BOT REFLECTION INSIGHTS", "GET REFLECTION INSIGHTS", name="BOT REFLECTION INSIGHTS", effect=Effect.READ,
         example="BOT REFLECTION INSIGHTS", group="bots")  # fmt: skip
async def bot_reflection_insights(host: Host) -> Value:
    """What the journal says of this bot: runs, failed, success_rate, calls, mistakes, average_seconds and more."""
    return from_plain(await _insights(host))


async def _insights(host: Host) -> dict[str, Any]:
    identity = host.identity
    enabled = await host.services.memories.get(identity.tenant, identity.bot, REFLECTION, host.now)
    return {"enabled": enabled == "true", **await executions(host).statistics(host.moment)}


def _place(step: Value, call: Value) -> dict[str, Any]:
    given = {"step": step, "call": call}
    return {name: None if value is None else whole(name.upper(), value) for name, value in given.items()}


def whole(what: str, value: Value) -> int:
    """A whole number; raises WrongValue."""
    found = limits.number(what, value)
    if found != int(found):
        raise WrongValue(f"{what} needs a whole number, not {limits.shown(value)}.")
    return int(found)


def _fields(what: str, value: Value) -> dict[str, Any]:
    found: Any = plain(value) or {}
    if not isinstance(found, Mapping):
        raise WrongValue(f"{what} needs the variables as an object: WITH VARIABLES {{name: value}}.")
    return dict(found)


def _switch(what: str, value: Value) -> bool:
    words = text(value).strip().casefold()
    if words in ("true", "yes", "on", "1", "done"):
        return True
    if words in ("false", "no", "off", "0", "", "again"):
        return False
    raise WrongValue(f"{what} needs TRUE or FALSE, not {limits.shown(value)}.")


KEYWORDS = (
    start_workflow,
    list_executions,
    get_execution,
    get_journal,
    list_approvals,
    cancel_execution,
    pause_execution,
    resume_execution,
    retry_execution,
    fork_execution,
    migrate_execution,
    answer_execution,
    settle_execution,
    decide_approval,
    bot_reflection,
    bot_reflection_on,
    bot_reflection_insights,
)
