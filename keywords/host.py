"""What a keyword may use, and what it may answer: the seam between the language and everything behind it.

A keyword's function never writes. It answers a value, or says as a value what shall happen: effects to commit, a wait,
children to start, an act to perform after the commit. The engine (`workflow`) carries that out; the rooms that own the
data (`memory`, `workflow`, ...) provide the SQL of the effect kinds declared here.

By the keyword's effect class its function has one of these shapes:

    PURE         def  f(moment, **arguments) -> Value                  evaluated by the machine
    RECORD       def  f(moment, **arguments) -> Recorded               called by the machine; no I/O
    READ         async def f(host, **arguments) -> Value               answered at once
    TRANSACTION  async def f(host, **arguments) -> Decided             the commit's verdict is the answer
    IDEMPOTENT   async def f(host, **arguments) -> Value               after the commit; with `host.call_id`
    ONCE         like IDEMPOTENT, never called twice
    WAIT         async def f(host, **arguments) -> Wait | Spawn | Act | Value    before the commit, reads, never writes

A WAIT keyword may have `resume`: `def r(moment, arguments, answer) -> Value | Again`, called by the machine.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol, TypeAlias
from uuid import UUID, uuid5

from keywords.effect_kinds import (
    APPROVAL_REMINDED as APPROVAL_REMINDED,
    APPROVAL_REQUESTED as APPROVAL_REQUESTED,
    BOT_JOINED as BOT_JOINED,
    BOT_LEFT as BOT_LEFT,
    BOT_RANKED as BOT_RANKED,
    EVENT_AWAITED as EVENT_AWAITED,
    EVENT_PUBLISHED as EVENT_PUBLISHED,
    MEMORY_APPENDED as MEMORY_APPENDED,
    MEMORY_CHECKED as MEMORY_CHECKED,
    MEMORY_DELETED as MEMORY_DELETED,
    MEMORY_INCREMENTED as MEMORY_INCREMENTED,
    MEMORY_SET as MEMORY_SET,
    MEMORY_SHARED as MEMORY_SHARED,
    MEMORY_SYNCED as MEMORY_SYNCED,
    MEMORY_UNSHARED as MEMORY_UNSHARED,
    MODEL_PREFERRED as MODEL_PREFERRED,
    MODEL_RATED as MODEL_RATED,
    SIGNAL_AWAITED as SIGNAL_AWAITED,
    STEP_CACHED as STEP_CACHED,
    EffectKind as EffectKind,
    EffectRow as EffectRow,
    EffectStatement as EffectStatement,
)
from keywords.elsewhere import Elsewhere as Elsewhere, Remote as Remote
from keywords.event_kinds import (
    Events as Events,
)
from keywords.excerpts import Knowledge
from keywords.executions import Executions as Executions
from keywords.memories import (
    Hit as Hit,
    Memories as Memories,
    Memory as Memory,
    Past as Past,
    Share as Share,
    Subject as Subject,
)
from keywords.mistakes import Mistake
from keywords.outside import (
    Code as Code,
    Fetched as Fetched,
    Files as Files,
    Tables as Tables,
    Web as Web,
)
from keywords.records import record
from keywords.workflows import Workflows as Workflows

Value: TypeAlias = Any  # a BASIC value: None, bool, int, float, str, date, datetime, timedelta, List, Object, RowSet

NAMESPACE = UUID("6f1d1c3e-4a57-5f0e-9a8e-2b6d1b0c7a11")


@lru_cache(maxsize=4096)
def bot_id(tenant: UUID, name: str) -> UUID:
    """The id of a bot of our own: the same name in the same tenant is always the same bot."""
    return uuid5(tenant, "bot:" + name.casefold())


@record
class Identity:
    """Whose execution this is; fixed for its life."""

    tenant: UUID
    execution: UUID
    bot: UUID
    bot_name: str = ""
    origin: str = ""  # the package it came from; "" for a program given as text
    session: UUID | None = None


@record
class Moment:
    """One call of one execution at one time: all a pure keyword may know."""

    identity: Identity
    generation: int
    n: int
    now: datetime

    @property
    def call_id(self) -> str:
        """The idempotency key: the same on every automatic retry (`docs/architecture.md`, law 4)."""
        return f"{self.identity.execution}:{self.generation}:{self.n}"

    def new_id(self) -> UUID:
        """An id that this call always gets again."""
        return uuid5(self.identity.execution, f"{self.generation}:{self.n}")


# -- what a function may answer ----------------------------------------------------------------------------------------


@record
class Recorded:
    """The answer is known; the rows are committed with the next outside verb."""

    answer: Value = None
    effects: tuple[EffectRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """One row of a kind that decides: its verdict is the answer."""

    effect: EffectRow


@dataclass(frozen=True, slots=True)
class Wait:
    """Park until something answers, at the latest at `wake_at` (None: no limit)."""

    wake_at: datetime | None = None
    effects: tuple[EffectRow, ...] = ()
    reason: str = ""  # what people read: "approval from ana@example.com"


@record
class ProgramText:
    """A program to run: BASIC text and the name of what it came from.

    `origin` is the package that it is a part of; `published` that somebody published it who may do all it says.
    """

    source: str
    name: str
    origin: str = ""
    published: bool = False


@record
class Child:
    """An execution to start on behalf of the caller.

    `program` None means the caller's own program, entered at `entry`.
    """

    name: str
    inputs: Mapping[str, Value]
    program: ProgramText | None = None
    entry: str = "main"
    bot: UUID | None = None  # None: the caller's bot
    bot_name: str = ""
    deadline: datetime | None = None  # when it is ended; the caller's answer is then a time-out


@record
class Spawn:
    """Start children and park until they are joined; the answer is `Answer.joined`, in the order of `children`.

    Joined is when all have ended, or, with `wanted`, as soon as so many have ended well or no longer can; the others
    are then cancelled. At most `window` of them are under way at once.
    """

    children: tuple[Child, ...]
    reason: str = ""
    wanted: int | None = None
    window: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A value for the program, and beside it plain JSON for the journal: which model answered, why, at what cost."""

    value: Value
    aside: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """Perform this after the commit, like an IDEMPOTENT keyword."""

    perform: Callable[[], Awaitable[Value]]


@dataclass(frozen=True, slots=True)
class Again:
    """From `resume`: wait once more, as a new call with these arguments."""

    arguments: Mapping[str, Value]
    said: str | None = None  # told to the person before it waits again, as TALK would


@dataclass(frozen=True, slots=True)
class Undo:
    """How to undo a statement that has succeeded: an entry of the program, and what the variables were."""

    entry: str
    variables: Mapping[str, Value]


@record
class Joined:
    """How one child ended."""

    name: str
    result: Value = None
    mistake: Mistake | None = None
    variables: Mapping[str, Value] = field(default_factory=dict[str, Value])  # of a branch, for the merge
    undo: tuple[Undo, ...] = ()  # of a branch that ended well: how to undo what it has done


@record
class Answer:
    """What wakes a parked execution: one of a value, a mistake, a time-out, the end of children."""

    value: Value = None
    mistake: Mistake | None = None
    timed_out: bool = False
    joined: tuple[Joined, ...] | None = None
    attempt: int = 1
    aside: Mapping[str, Any] | None = None  # for the journal; the program does not see it
    cached: bool = False  # the value is one that another run was given
    cancelled: bool = False  # beside any of them: the execution was asked to end


# -- services ----------------------------------------------------------------------------------------------------------


class Bots(Protocol):
    """Who can be called by BOT; `hostbridge` fulfils it."""

    async def answering(self, host: Host, name: str, message: str | None) -> Spawn | Act:
        """How the bot answers this message; raises UnknownName, or a ProgramError that says what is missing."""
        ...

    async def tool(self, host: Host, name: str, arguments: Mapping[str, Value]) -> Spawn | Act:
        """How a dialog of the caller's own package runs as a tool of its model agent."""
        ...

    async def script(
        self, host: Host, name: str, values: Sequence[Value], arguments: Mapping[str, Value]
    ) -> Spawn | Act:
        """How a script of the caller's own package runs for CALL: values fill its PARAMs in order, arguments by name.

        Raises UnknownName, and WrongValue when the arguments do not fit.
        """
        ...

    async def identified(self, tenant: UUID, origin: str, name: str) -> tuple[UUID, str]:
        """Id and full name of a bot, as memory sharing needs them; raises UnknownName."""
        ...

    def names(self, origin: str) -> Collection[str]:
        """The bots that a program of this package may call: its own dialogs, every package found, and the dialogs of
        each as `package/dialog`. A name with a `*` at its end stands for all that begin so."""
        ...


@dataclass(frozen=True, slots=True)
class ModelRequest:
    messages: Sequence[Mapping[str, Any]]
    tools: Sequence[Mapping[str, Any]] = ()
    model: str | None = None
    optimize: str | None = None  # speed | cost | quality | balanced
    max_cost: float | None = None  # US dollars
    max_latency: float | None = None  # milliseconds
    origin: str = ""  # the package of the caller, whose settings may name the model
    schema: Mapping[str, Any] | None = None  # JSON Schema; the reply then has a `value`
    cache: float | None = None  # seconds for which an answer may be given again
    by_meaning: bool = False  # from the cache also to a question that means the same
    caller: Identity | None = field(default=None, compare=False)  # for whom: budgets, records, cache
    attempt: int = field(default=1, compare=False)  # of the engine: a call made again draws from the same MAX_COST
    pieces: Callable[[str], None] | None = field(default=None, compare=False)  # gets the text as it comes


@dataclass(frozen=True, slots=True)
class ModelReply:
    text: str
    tool_calls: Sequence[Mapping[str, Any]]  # {"id", "name", "arguments": {...}}
    model: str
    input_tokens: int
    output_tokens: int
    cost: float  # US dollars; 0 when the price is not known
    value: Any = None  # plain JSON that fits the schema, where one was asked for
    aside: Mapping[str, Any] = field(default_factory=dict[str, Any], compare=False)  # for the journal


class Models(Protocol):
    """The one call to a language model; `smartrouter` fulfils it."""

    async def answer(self, request: ModelRequest, call_id: str) -> ModelReply:
        """Raises ProgramError (no model, constraint that cannot be met) or Transient (the provider failed)."""
        ...

    async def preferred(self, caller: Identity) -> str | None:
        """What the caller's conversation asked for, else the first model of its package; None without models."""
        ...

    def names(self, origin: str) -> Sequence[str]:
        """The models that programs of this package may ask, the preferred one first."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """What the composition root hands to the engine for keywords to use."""

    bots: Bots
    models: Models
    memories: Memories
    tables: Tables | None = None  # None: there is no database, as in a test of a single keyword
    web: Web | None = None
    files: Files | None = None
    executions: Executions | None = None  # None: there is no engine, as in a test of a single keyword
    events: Events | None = None
    knowledge: Knowledge | None = None
    code: Code | None = None
    elsewhere: Elsewhere | None = None
    remote: Remote | None = None  # None: no General Bots server is set
    workflows: Workflows | None = None  # None: nobody draws any, as in a test of a single keyword


@record
class Host:
    """What an acting keyword gets: its moment, the services, and the caller's variables (copies)."""

    moment: Moment
    services: Services
    variables: Mapping[str, Value]
    step: int = 0  # the STEP n that stands around the call
    attempt: int = 1

    @property
    def identity(self) -> Identity:
        return self.moment.identity

    @property
    def call_id(self) -> str:
        return self.moment.call_id

    @property
    def now(self) -> datetime:
        return self.moment.now
