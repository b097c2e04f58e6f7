"""One call of a keyword's function, with every way it can end as a value."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TypeAlias

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from keywords.host import Answer, Host, Services, Told, Value
from keywords.mistakes import Mistake, ProgramError, TimedOut, Transient
from keywords.outcome import Call
from keywords.state import State
from keywords.values import copied

log = structlog.get_logger()

PASSING = (psycopg.OperationalError, PoolTimeout, ConnectionError, TimeoutError)
Performed: TypeAlias = Answer | Transient


class Variables(Mapping[str, Value]):
    """The caller's variables for a keyword to read: each a copy, made when it is asked for."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._made: dict[str, Value] | None = None

    def _held(self) -> dict[str, Value]:
        """Made when somebody looks: most keywords do not, and by then the state has not moved on."""
        if self._made is None:
            frames = (self._state.frames[0], self._state.frames[-1]) if self._state.frames else ()
            self._made = {k: v for frame in frames for k, v in frame.variables.items() if not k.startswith("~")}
        return self._made

    def __getitem__(self, name: str) -> Value:
        return copied(self._held()[name.casefold()])

    def __iter__(self) -> Iterator[str]:
        return iter(self._held())

    def __len__(self) -> int:
        return len(self._held())


def host(call: Call, services: Services, attempt: int) -> Host:
    """What the keyword of this call may use."""
    return Host(call.moment, services, Variables(call.state), call.step, attempt)


async def performed(act: Callable[[], Awaitable[Value]], call: Call, attempt: int) -> Performed:
    """The answer, the mistake, or the fault that may pass."""
    limit: asyncio.Timeout | None = None
    try:
        if call.policy.timeout is None:
            value = await act()
        else:
            limit = asyncio.timeout(call.policy.timeout)
            async with limit:
                value = await act()
        if isinstance(value, Told):
            return Answer(value=value.value, attempt=attempt, aside=value.aside)
        return Answer(value=value, attempt=attempt)
    except Transient as error:
        return error
    except ProgramError as error:
        return Answer(mistake=_placed(error, call, attempt), attempt=attempt)
    except PASSING as error:
        if limit is not None and limit.expired():
            late = TimedOut(f"{call.keyword.name} did not end within {call.policy.timeout:g} seconds.")
            return Answer(mistake=_placed(late, call, attempt), attempt=attempt)
        return Transient(f"{call.keyword.name} got no answer: {error}")
    except Exception as error:
        log.exception("call.fault", keyword=call.keyword.name, call_id=call.moment.call_id)
        return Answer(mistake=_placed(Fault(call.keyword.name, error), call, attempt), attempt=attempt)


class Fault(ProgramError):
    """A keyword that broke: not the program's doing, but its statement cannot go on."""

    kind = "fault"

    def __init__(self, keyword: str, error: Exception) -> None:
        super().__init__(f"{keyword} broke down with {type(error).__name__}: {error}. The log has the details.")


def exhausted(error: Transient, call: Call, attempt: int) -> Answer:
    """The end of trying."""
    words = f"{str(error).rstrip('.')}. Tried {attempt} times."
    mistake = Mistake("unavailable", words, call.line, call.column, call.keyword.name, attempt)
    return Answer(mistake=mistake, attempt=attempt)


def _placed(error: ProgramError, call: Call, attempt: int) -> Mistake:
    return Mistake(error.kind, str(error), call.line, call.column, call.keyword.name, attempt)
