"""What people and programs are shown of executions; plain JSON values, never tagged ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from keywords.encode import load, plain
from keywords.library.hear import expected, options
from keywords.mistakes import Forbidden, Mistake
from keywords.values import text
from workflow.turn import FINISHED

Row: TypeAlias = Mapping[str, Any]
Place: TypeAlias = tuple[int, int, int]  # generation, n, attempt
Cursor: TypeAlias = Mapping[UUID, Place]  # how far each execution's journal was read; opaque to callers


SCOPES = frozenset(("wf:read", "wf:run", "wf:approve", "memory:read", "memory:write", "events:publish", "admin"))


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, through what, and what they may. Every operation sees its tenant's rows only."""

    tenant: UUID
    subject: str
    through: str  # "mcp", "mcp elicitation", "inbox", "command line", ...
    on_behalf_of: str = ""
    owner: bool = False  # whose installation this is: may decide for any approver, which is then recorded
    scopes: frozenset[str] = SCOPES
    bots: frozenset[str] | None = None  # the only ones they may work with: bots or packages, in lower case; None: all

    def may(self, scope: str) -> bool:
        """Whether they may do what the scope names; who runs may read, `admin` may all but decide approvals."""
        if scope in self.scopes or (scope == "wf:read" and "wf:run" in self.scopes):
            return True
        return "admin" in self.scopes and scope != "wf:approve"

    def works_with(self, bot_name: str) -> bool:
        """Whether this bot, or its package, is one of theirs; a run of no package has the name ""."""
        if self.bots is None:
            return True
        name = bot_name.lower()
        return name in self.bots or name.partition("/")[0] in self.bots

    def require(self, scope: str) -> None:
        """Raise Forbidden unless they may."""
        if not self.may(scope):
            raise Forbidden(f"This needs the scope {scope}, which {self.subject} does not have here.")


@dataclass(frozen=True, slots=True)
class Message:
    """What TALK said."""

    at: datetime
    bot_name: str
    text: str
    execution: UUID


@dataclass(frozen=True, slots=True)
class Approval:
    """A request to people. `execution` waits for it; `root` is the run that people know."""

    id: UUID
    execution: UUID
    root: UUID
    workflow_name: str
    step: int
    approvers: tuple[str, ...]
    required: int
    message: str
    deadline: datetime | None
    status: str
    created_at: datetime
    decisions: tuple[Mapping[str, Any], ...]
    reminders: int = 0
    history: tuple[Mapping[str, Any], ...] = ()  # {action, by, through, details, at}: comments, reminders, ...

    @classmethod
    def of(cls, row: Row) -> Approval:
        return cls(
            id=row["id"],
            execution=row["execution_id"],
            root=row["root_id"],
            workflow_name=row["workflow_name"],
            step=row["step"],
            approvers=tuple(str(name) for name in row["approvers"]),
            required=row["required"],
            message=row["message"] or "",
            deadline=row["deadline"],
            status=row["status"],
            created_at=row["created_at"],
            decisions=tuple(row["decisions"]),
            reminders=row["reminders"],
            history=tuple(row["history"]),
        )


@dataclass(frozen=True, slots=True)
class Question:
    """What a program asks the person of the conversation, at a HEAR."""

    execution: UUID
    root: UUID
    bot_name: str
    workflow_name: str
    prompt: str  # "" where the program asked by an earlier TALK, or not at all
    expects: str  # INTEGER, "one of yes, no"; "" for any words
    options: tuple[str, ...]

    @classmethod
    def of(cls, row: Row) -> Question:
        asked = {name: load(value) for name, value in (row["arguments"] or {}).items()}
        kind, menu, prompt = asked.get("type"), asked.get("options"), asked.get("prompt")
        return cls(
            execution=row["id"],
            root=row["root_id"],
            bot_name=row["bot_name"],
            workflow_name=row["workflow_name"],
            prompt="" if prompt is None else text(prompt),
            expects=expected(kind, menu),
            options=tuple(options(kind, menu)[0]),
        )


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did to an execution from outside."""

    execution: UUID
    act: str
    by: str
    through: str
    on_behalf_of: str
    about: str
    at: datetime


_JOURNALLED = (
    *("bot_name", "workflow_name", "entry", "generation", "seq", "attempt", "step", "line", "column"),
    *("keyword", "started_at", "ended_at"),
)


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One call and its answer, or one attempt that failed."""

    execution: UUID
    bot_name: str
    workflow_name: str
    entry: str
    generation: int
    seq: int  # n; 0 is the start
    attempt: int
    step: int
    line: int | None
    column: int | None
    keyword: str
    started_at: datetime | None
    ended_at: datetime
    answer: Any
    error: Mistake | None
    written: str | None = None  # the line of the program, where the answer does not tell what was called

    @classmethod
    def of(cls, row: Row) -> JournalRow:
        same = {name: row[name] for name in _JOURNALLED}
        answer = plain(load(row["answer"]))
        same |= {"execution": row["execution_id"], "written": row["written"]}
        return cls(**same, answer=answer, error=mistake(row["error"]))

    @property
    def place(self) -> Place:
        return self.generation, self.seq, self.attempt


@dataclass(frozen=True, slots=True)
class Part:
    """A branch, a bot or a workflow that an execution, or something below it, has started."""

    id: UUID
    parent: UUID
    call: int  # of the parent, that started it
    number: int  # its place among those of that call
    name: str
    bot_name: str
    kind: str  # branch, program
    status: str
    reason: str | None
    error: str | None
    undoing: bool  # was cancelled, and undoes what it has done

    @classmethod
    def of(cls, row: Row) -> Part:
        return cls(
            id=row["id"],
            parent=row["parent_id"],
            call=row["parent_n"],
            number=row["branch"],
            name=row["workflow_name"],
            bot_name=row["bot_name"],
            kind="program" if row["entry"] == "main" else "branch",
            status=row["status"],
            reason=row["reason"],
            error=row["error"],
            undoing=row["undoing"],
        )


@dataclass(frozen=True, slots=True)
class Detail:
    """An execution as it stands now."""

    id: UUID
    workflow_name: str
    bot_name: str
    status: str
    reason: str | None
    current_step: int
    created_at: datetime
    ended_at: datetime | None
    wake_at: datetime | None
    result: Any
    error: Mistake | None
    parent: UUID | None
    root: UUID
    session: UUID | None
    program: str
    started_by: str
    started_through: str
    cancel_requested: bool
    priority: int = 0
    deadline: datetime | None = None
    forked_from: UUID | None = None
    messages: tuple[Message, ...] = ()  # its own and those of everything it started, in the order of time
    approvals: tuple[Approval, ...] = ()  # pending, of itself and of everything it started
    troubles: tuple[str, ...] = field(default=())  # why something it started is paused or in doubt
    questions: tuple[Question, ...] = ()  # what it, or something it started, asks the person of the conversation
    parts: tuple[Part, ...] = ()  # what it, or something below it, has started: the latest of them

    @property
    def finished(self) -> bool:
        return self.status in FINISHED

    @property
    def needs_a_person(self) -> bool:
        return bool(self.approvals or self.troubles or self.questions)

    @classmethod
    def of(
        cls,
        row: Row,
        messages: tuple[Message, ...] = (),
        approvals: tuple[Approval, ...] = (),
        troubles: tuple[str, ...] = (),
        questions: tuple[Question, ...] = (),
        parts: tuple[Part, ...] = (),
    ) -> Detail:
        same = ("workflow_name", "bot_name", "status", "reason", "current_step", "created_at", "ended_at", "wake_at")
        more = ("program", "started_by", "started_through", "cancel_requested", "id", "priority", "deadline")
        more += ("forked_from",)
        return cls(
            **{name: row[name] for name in (*same, *more)},
            result=plain(load(row["result"])),
            error=mistake(row["error"]),
            parent=row["parent_id"],
            root=row["root_id"],
            session=row["session_id"],
            messages=messages,
            approvals=approvals,
            troubles=troubles,
            questions=questions,
            parts=parts,
        )


def mistake(found: Mapping[str, Any] | None) -> Mistake | None:
    """The mistake that a row's error column holds."""
    return Mistake(**found) if found else None
