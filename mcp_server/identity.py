"""Who asks. Each HTTP request acts as whoever it proves to be; stdio and the command line act as the owner.

The doors (`mcp_server/doorman.py`) say who acts; `App.caller` answers it, wherever in the request it is asked. A
request that proved nothing acts as nobody: asking for its caller is an error, so a page that forgets to ask who is
there fails closed.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal
from uuid import UUID

from keywords.mistakes import ProgramError
from workflow.details import SCOPES, Caller

TENANT = UUID("00000000-0000-4000-8000-000000000001")  # of an installation that serves one owner
NOBODY: Literal["nobody"] = "nobody"
SCOPE_KEY = "botmcp.caller"  # where the ASGI scope of a request holds its caller, or NOBODY

_acting: ContextVar[Caller | Literal["nobody"] | None] = ContextVar("acting", default=None)


class Unidentified(ProgramError):
    """Nobody is known to be asking."""

    kind = "unidentified"


@contextmanager
def acting(caller: Caller | Literal["nobody"]) -> Generator[None]:
    """Within this, whatever is done is done by this caller."""
    token = _acting.set(caller)
    try:
        yield
    finally:
        _acting.reset(token)


def acts() -> Caller | None:
    """Whoever acts now, None for the owner at the machine; raises Unidentified for nobody."""
    found = _acting.get()
    if found == NOBODY:
        raise Unidentified("Who are you? Send a key: Authorization: Bearer <key>.")
    return found


def of_request(scope: Mapping[str, Any]) -> Caller | Literal["nobody"]:
    """Whom the doors let in with this request."""
    return scope.get(SCOPE_KEY, NOBODY)


def owner(name: str) -> Caller:
    """The person whose installation this is."""
    return Caller(TENANT, name, "", owner=True)


def owners_agent(name: str, may_approve: bool) -> Caller:
    """Whoever holds the server's token, or reaches the loopback address of a single user's server; so maybe an agent:
    the owner, but approves nothing."""
    return Caller(TENANT, name, "", owner=True, scopes=SCOPES if may_approve else SCOPES - {"wf:approve"})
