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
from typing import Any, Protocol, TypeAlias
from uuid import UUID, uuid5

from keywords.mistakes import Mistake

Value: TypeAlias = Any  # a BASIC value: None, bool, int, float, str, date, datetime, Interval, List, Object, RowSet

NAMESPACE = UUID("6f1d1c3e-4a57-5f0e-9a8e-2b6d1b0c7a11")


def bot_id(tenant: UUID, name: str) -> UUID:
    """The id of a bot of our own: the same name in the same tenant is always the same bot."""
    return uuid5(tenant, "bot:" + name.casefold())


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose execution this is; fixed for its life."""

    tenant: UUID
    execution: UUID
    bot: UUID
    bot_name: str = ""
    origin: str = ""  # the package it came from; "" for a program given as text
    session: UUID | None = None


@dataclass(frozen=True, slots=True)
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


# -- effects: rows that the committer writes ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EffectKind:
    """Rows of one sort. Its statement receives one array per column, and before them, for every kind:
    `ref int[]`, `tenant uuid[]`, `bot uuid[]`, `execution uuid[]`, `n int[]`, `at timestamptz[]`.

    A kind that `decides` answers rows (ref, verdict jsonb): the verdict is the answer of the call that asked, in the
    form `{"v": tagged value}` or `{"error": {"kind", "message"}}`. A statement must never raise on data.

    The value of a `jsonb` column is a plain JSON value (None, bool, number, str, list, dict), encoded by the committer;
    None is SQL's NULL in every column.
    """

    name: str
    columns: tuple[tuple[str, str], ...]  # (name, Postgres type of one element)
    decides: bool = False

    def row(self, **values: object) -> EffectRow:
        """One row of this kind; raises TypeError unless exactly the columns are given."""
        names = [name for name, _ in self.columns]
        if set(values) != set(names):
            raise TypeError(f"{self.name} takes {names}, got {sorted(values)}")
        return EffectRow(self, tuple(values[name] for name in names))


@dataclass(frozen=True, slots=True)
class EffectRow:
    kind: EffectKind
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class EffectStatement:
    """The SQL that writes the rows of one kind; the room that owns the data provides it, the committer runs it.

    Its parameters are the arrays, by name: `unnest(%(ref)b::int[], %(bot)b::uuid[], %(key)b::text[])`. Rows come in
    the order in which the program asked for them.
    """

    kind: EffectKind
    sql: bytes


EVENT_PUBLISHED = EffectKind("event.published", (("id", "uuid"), ("name", "text"), ("key", "text"), ("data", "jsonb")))
EVENT_AWAITED = EffectKind(
    "event.awaited", (("name", "text"), ("key", "text"), ("since_xid", "xid8"), ("since_seq", "int8"))
)
APPROVAL_REQUESTED = EffectKind(
    "approval.requested",
    (
        ("id", "uuid"),
        ("step", "int4"),
        ("approvers", "jsonb"),
        ("required", "int4"),
        ("message", "text"),
        ("deadline", "timestamptz"),
        ("escalated_from", "uuid"),
    ),
)
MEMORY_SET = EffectKind("memory.set", (("key", "text"), ("value", "text")))
MEMORY_SHARED = EffectKind(
    "memory.shared", (("key", "text"), ("target", "uuid"), ("target_name", "text")), decides=True
)
MEMORY_SYNCED = EffectKind("memory.synced", (("source", "uuid"), ("source_name", "text")), decides=True)
BOT_JOINED = EffectKind(
    "bot.joined",
    (("joined", "uuid"), ("name", "text"), ("triggers", "text"), ("tools", "text"), ("schedule", "text")),
    decides=True,
)
BOT_LEFT = EffectKind("bot.left", (("left", "uuid"), ("name", "text")), decides=True)
BOT_RANKED = EffectKind("bot.ranked", (("ranked", "uuid"), ("name", "text"), ("priority", "int4")), decides=True)


# -- what a function may answer ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class ProgramText:
    """A program to run: BASIC text and the name of what it came from."""

    source: str
    name: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Spawn:
    """Start children and park until all have ended; the answer is `Answer.joined`, in the order of `children`."""

    children: tuple[Child, ...]
    reason: str = ""


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
class Joined:
    """How one child ended."""

    name: str
    result: Value = None
    mistake: Mistake | None = None
    variables: Mapping[str, Value] = field(default_factory=dict[str, Value])  # of a branch, for the merge


@dataclass(frozen=True, slots=True)
class Answer:
    """What wakes a parked execution: exactly one of a value, a mistake, a time-out, the end of children."""

    value: Value = None
    mistake: Mistake | None = None
    timed_out: bool = False
    joined: tuple[Joined, ...] | None = None
    attempt: int = 1


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
        each as `package/dialog`."""
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


@dataclass(frozen=True, slots=True)
class ModelReply:
    text: str
    tool_calls: Sequence[Mapping[str, Any]]  # {"id", "name", "arguments": {...}}
    model: str
    input_tokens: int
    output_tokens: int
    cost: float  # US dollars; 0 when the price is not known


class Models(Protocol):
    """The one call to a language model; `smartrouter` fulfils it."""

    async def answer(self, request: ModelRequest, call_id: str) -> ModelReply:
        """Raises ProgramError (no model, constraint that cannot be met) or Transient (the provider failed)."""
        ...


class Memories(Protocol):
    """Reading bot memory; `memory` fulfils it."""

    async def get(self, tenant: UUID, bot: UUID, key: str) -> str | None: ...


class Executions(Protocol):
    """Other executions, as a program starts, sees and steers them; `workflow` fulfils it.

    Every answer is ordinary JSON. What changes something is told the id of the call that asks: asked again with the
    same one after a crash, it happens once.
    """

    async def start(self, moment: Moment, program: ProgramText | str, inputs: Mapping[str, Any], part: int = 0) -> str:
        """Start a program, or the packaged workflow of that name; its id. One call starts several as parts 0, 1, ..."""
        ...

    async def seen(self, moment: Moment, execution: str) -> Mapping[str, Any]: ...

    async def listed(self, moment: Moment, status: str | None, limit: int) -> Sequence[Mapping[str, Any]]: ...

    async def journal(self, moment: Moment, execution: str) -> Sequence[Mapping[str, Any]]: ...

    async def approvals(self, moment: Moment, execution: str | None) -> Sequence[Mapping[str, Any]]: ...

    async def decided(self, moment: Moment, approval: str, decision: str, comment: str) -> Mapping[str, Any]: ...

    async def steered(self, moment: Moment, action: str, execution: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """cancel, pause, resume, retry; answer {text}; settle {took_place, value}."""
        ...

    async def bots(self, moment: Moment) -> Sequence[Mapping[str, Any]]:
        """Who was added to the conversation of the caller, the first to be asked first."""
        ...

    async def statistics(self, moment: Moment) -> Mapping[str, Any]:
        """What the journal says of the caller's bot."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """What the composition root hands to the engine for keywords to use."""

    bots: Bots
    models: Models
    memories: Memories
    executions: Executions | None = None  # None: there is no engine, as in a test of a single keyword


@dataclass(frozen=True, slots=True)
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
