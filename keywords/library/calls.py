"""CALL, CALL TOOL, CALL WORKFLOW: run another program as a part of this one and go on with what it returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from keywords.host import Act, Child, Host, Spawn, Value, bot_id
from keywords.library import limits
from keywords.library.announced import NotYet
from keywords.library.steering import executions
from keywords.registry import Effect, keyword


@keyword(
    "CALL {name:tight} [, {values:many}]",
    "CALL {name:tight} WITH {arguments:fields}",
    effect=Effect.WAIT,
    example='CALL "log-call.bas", customer',
    group="bots",
)
async def call(
    host: Host, name: str, values: Sequence[Value] = (), arguments: Mapping[str, Value] | None = None
) -> Spawn | Act:
    """Run another script of the package with these arguments and answer what it returns; it sees nothing else.

    Values without names fill the PARAMs of the script in their order.
    """
    wanted = limits.name_of("a script", name)
    if wanted.startswith("/"):
        raise NotYet("CALL of a service of the host")
    return await host.services.bots.script(host, wanted, values, arguments or {})


@keyword(
    "CALL TOOL {name:tight} [WITH {arguments:fields}]",
    effect=Effect.WAIT,
    example='CALL TOOL "check-order" WITH order_id = order.id',
    group="bots",
)
async def call_tool(host: Host, name: str, arguments: Mapping[str, Value] | None = None) -> Spawn | Act:
    """Run a dialog of the package as a tool, its PARAMs filled by name, and answer what it returns."""
    return await host.services.bots.script(host, limits.name_of("a tool", name), (), arguments or {})


@keyword(
    "CALL WORKFLOW {name:tight} [WITH {arguments:fields}]",
    effect=Effect.WAIT,
    example='CALL WORKFLOW "refund" WITH order = id, amount = 12',
    group="bots",
)
async def call_workflow(host: Host, name: str, arguments: Mapping[str, Value] | None = None) -> Spawn:
    """Run a packaged workflow as a part of this one, its PARAMs filled by name, and answer what it returns.

    It runs as its own bot in an execution of its own, which is cancelled, paused and retried with this one. Its mistake
    is the mistake of the line.
    """
    wanted = limits.name_of("a workflow", name)
    found = await executions(host).found(host.moment, wanted)
    bot = found.origin or found.name
    child = Child(
        found.name, arguments or {}, found, bot=bot_id(host.identity.tenant, bot), bot_name=found.origin or ""
    )
    return Spawn((child,), f"workflow {found.name}")


KEYWORDS = (call, call_tool, call_workflow)
