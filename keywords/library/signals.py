"""SIGNAL and WAIT FOR SIGNAL: a word from outside to one execution."""

from __future__ import annotations

from keywords.encode import from_plain, plain
from keywords.host import SIGNAL_AWAITED, Host, Value, Wait
from keywords.library import limits
from keywords.library.steering import steered
from keywords.registry import Effect, keyword


@keyword(
    "SIGNAL EXECUTION {execution} WITH {signal} [DATA {data}]",
    "SIGNAL {execution}, {signal} [, {data}]",
    name="SIGNAL EXECUTION",
    effect=Effect.IDEMPOTENT,
    example='SIGNAL EXECUTION id WITH "paid" DATA {amount: 5}',
    group="executions",
)
async def signal_execution(host: Host, execution: Value, signal: Value, data: Value = None) -> Value:
    """Send a signal to one execution: what it, or something it started, waits for; kept until somebody does."""
    name = limits.name_of("a signal", signal)
    return from_plain(await steered(host, "signal", execution, {"name": name, "data": plain(data)}))


@keyword(
    "WAIT FOR SIGNAL {name} [TIMEOUT {timeout}]",
    effect=Effect.WAIT,
    example='WAIT FOR SIGNAL "paid" TIMEOUT 3600',
    group="executions",
)
async def wait_for_signal(host: Host, name: str, timeout: float | None = None) -> Wait:
    """Wait until this run is sent the signal and answer its data; NULL and `timed_out` TRUE when the time is over.

    A signal sent to a run reaches whatever of it waits for that name, its branches and bots as well; each is taken
    once, those sent before too.
    """
    signal = limits.name_of("a signal", name)
    limit = limits.timeout("WAIT FOR SIGNAL", timeout)
    return Wait(host.now + limit if limit else None, (SIGNAL_AWAITED.row(name=signal),), f"signal {signal}")


KEYWORDS = (signal_execution, wait_for_signal)
