"""Executions: started, looked at, followed, steered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from keywords.host import ProgramText
from keywords.mistakes import UnknownName, WrongValue
from mcp_server import programs
from mcp_server.problems import Problem
from mcp_server.rest.paging import Listed, Page, cut, place, place_of
from mcp_server.rest.streams import HEARTBEAT, Standing, event, wants_stream
from mcp_server.rest.table import JSON, STREAM, Call, Handler, Link, Operation, Reply, Shape, Told
from workflow import telling
from workflow.details import Detail
from workflow.places import Places

Status = Literal["ready", "running", "waiting", "paused", "in_doubt", "completed", "failed", "cancelled"]
ROWS = 500


class Execution(Told):
    """How an execution stands."""

    execution_id: UUID
    workflow: str
    bot: str
    status: Status
    waiting_for: str | None = None
    step: int = Field(description="The last STEP it entered.")
    created_at: datetime
    ended_at: datetime | None = None
    started_by: str
    started_through: str
    priority: int
    deadline: datetime | None = None
    forked_from: UUID | None = None
    result: Any = None
    error: dict[str, Any] | None = None
    messages: list[dict[str, Any]] = Field(description="What it, and whatever it started, said.")
    questions: list[dict[str, Any]] = Field(description="What it asks the person of the conversation.")
    approvals: list[dict[str, Any]] = Field(description="What it asks people to decide.")
    troubles: list[str]
    parts: list[dict[str, Any]] = Field(description="The branches, bots and workflows it has started.")


class Executions(Listed):
    items: list[Execution]


class Started(Told):
    """An execution that was started, now or by an earlier request with the same key."""

    execution_id: UUID
    status: str


class Checked(Told):
    """What a start would have said."""

    valid: bool
    workflow: str


class Wanted(Page):
    status: Annotated[Status | None, Field(description="Only those.")] = None


class Start(Shape):
    """A program, or the name of one, and what it is to know."""

    source: Annotated[str | None, Field(max_length=programs.LONGEST_SOURCE, description="A BASIC program.")] = None
    workflow: Annotated[
        str | None, Field(min_length=1, max_length=300, description='A published or packaged one: "package/dialog".')
    ] = None
    inputs: dict[str, Any] = Field(default_factory=dict, description="Values of its PARAMs and variables.")
    priority: Annotated[int, Field(ge=-100, le=100, description="Smaller is sooner.")] = 0
    deadline: Annotated[
        float | None, Field(gt=0, le=315_360_000, description="Seconds after which it is cancelled.")
    ] = None
    dry_run: Annotated[bool, Field(description="Check, and start nothing.")] = False


class StartNamed(Shape):
    """What the workflow is to know."""

    inputs: dict[str, Any] = Field(default_factory=dict, description="Values of its PARAMs and variables.")
    priority: Annotated[int, Field(ge=-100, le=100, description="Smaller is sooner.")] = 0
    deadline: Annotated[
        float | None, Field(gt=0, le=315_360_000, description="Seconds after which it is cancelled.")
    ] = None
    dry_run: Annotated[bool, Field(description="Check, and start nothing.")] = False


class Row(Told):
    """One call of the journal, and its answer."""

    execution_id: UUID
    bot: str
    workflow: str
    call: int
    attempt: int
    step: int
    line: int | None = None
    column: int | None = None
    keyword: str
    ended_at: datetime
    answer: Any = None
    error: dict[str, Any] | None = None


class Rows(Told):
    items: list[Row]
    next_cursor: str | None = Field(description="Ask again with it for what comes behind; null once all has ended.")


class After(Shape):
    cursor: Annotated[
        str | None, Field(max_length=20_000, pattern=r"^[0-9A-Za-z_=-]*$", description="The `next_cursor` before.")
    ] = None


class From(Shape):
    """Where to go on; without either: at the call it failed at, or where it stands."""

    step: Annotated[int | None, Field(ge=0, le=2_147_483_647, description="From this STEP.")] = None
    call: Annotated[int | None, Field(ge=0, le=2_147_483_647, description="From this call of the journal.")] = None


class Fork(From):
    variables: dict[str, Any] = Field(default_factory=dict, description="Variables to change.")


class Answer(Shape):
    text: Annotated[str, Field(max_length=100_000, description="What the person said.")]


class Signal(Shape):
    data: Annotated[Any, Field(description="What comes with it.")] = None


class Settle(Shape):
    took_place: Annotated[bool, Field(description="Whether the call in doubt did happen.")]
    value: Annotated[Any, Field(description="What it answered.")] = None


async def listed(call: Call) -> Reply:
    query: Wanted = call.query
    found = await call.app.operations.listed(call.caller, query.status, query.limit + 1, place_of(query.cursor))
    rows, onward = cut(found, query.limit, lambda row: place(row.created_at, row.id))
    return Reply({"items": [telling.told(row) for row in rows], "next_cursor": onward})


async def start(call: Call) -> Reply:
    body: Start = call.body
    if bool(body.source) == bool(body.workflow):
        raise Problem("invalid", "Give either source (BASIC text) or workflow (a name).")
    if body.source:
        text = ProgramText(body.source, programs.name_of(body.source))
    else:
        text = await call.app.program(call.caller, body.workflow or "")
    return await started(call, text, body)


async def started(call: Call, text: ProgramText, body: Start | StartNamed) -> Reply:
    """The answer to a start of this program."""
    operations = call.app.operations
    if body.dry_run:
        await operations.check_start(call.caller, text)
        return Reply({"valid": True, "workflow": text.name}, 200)
    execution = await call.app.detached(
        operations.start(
            call.caller, text, inputs=body.inputs, idempotency_key=call.key and f"rest:{call.key}",
            bot_name=text.origin, priority=body.priority, deadline=body.deadline,
        )
    )  # fmt: skip
    address = f"/api/v1/executions/{execution}"
    return Reply({"execution_id": str(execution), "status": "ready"}, 202, {"Location": address})


async def shown(call: Call) -> Reply:
    return Reply(telling.told(await call.app.operations.get(call.caller, call.id("execution"))))


async def steps(call: Call) -> Reply:
    execution = call.id("execution")
    after = _places(call.query.cursor)
    rows, onward = await call.app.operations.journal(call.caller, execution, after.live)
    ended = len(rows) < ROWS and (await call.app.operations.get(call.caller, execution)).finished
    cursor = None if ended else Places(dict(onward)).text()
    return Reply({"items": [telling.told_row(row) for row in rows], "next_cursor": cursor or None})


async def step(call: Call) -> Reply:
    execution, wanted = call.id("execution"), call.path["call"]
    after = {execution: (-1, wanted - 1, 1 << 30)} if wanted else {}
    rows, _ = await call.app.operations.journal(call.caller, execution, after, own=True)
    found = [row for row in rows if row.seq == wanted]
    if not found:
        raise UnknownName("call", str(wanted), (), "The steps of the execution list them.")
    return Reply(telling.told_row(found[-1]))


def _places(cursor: str | None) -> Places:
    try:
        return Places.of(cursor or "")
    except WrongValue as error:
        raise Problem("malformed", str(error)) from None


async def followed(call: Call) -> Reply:
    """The journal as a stream, or as one page."""
    if not wants_stream(call.request):
        return await steps(call)
    execution = call.id("execution")
    await call.app.operations.get(call.caller, execution)
    after = _places(call.request.headers.get("last-event-id") or call.query.cursor)
    return Reply(stream=_stream(call, execution, after), media=STREAM)


async def _stream(call: Call, execution: UUID, after: Places) -> AsyncIterator[bytes]:
    news = call.app.operations.following.follow(call.caller, execution, after)
    coming: asyncio.Future[Any] = asyncio.ensure_future(anext(news))
    standing = Standing(call.request)
    try:
        while True:
            done, _ = await asyncio.wait([coming], timeout=HEARTBEAT)
            if not await standing.holds():
                break
            if not done:
                yield b": still here\n\n"
                continue
            try:
                told, places = coming.result()
            except StopAsyncIteration:
                break
            mark = places.text()
            for row in told.rows:
                yield event("step", telling.told_row(row))
            status = {
                "execution_id": str(execution), "status": told.root.status, "waiting_for": told.root.reason,
                "step": told.root.step,
            }  # fmt: skip
            yield event("status", status, mark)
            if told.ended:
                yield event("end", telling.told(await call.app.operations.get(call.caller, execution)), mark)
                break
            coming = asyncio.ensure_future(anext(news))
    finally:
        coming.cancel()
        await asyncio.wait([coming])
        await news.aclose()


async def _steered(call: Call, act: Callable[[], Coroutine[Any, Any, Detail]], *, ended: bool = False) -> Reply:
    """The execution as it stands behind a change; with `ended`, one that has ended already is no error."""
    if ended:
        before = await call.app.operations.get(call.caller, call.id("execution"))
        if before.finished:
            return Reply(telling.told(before))
    return Reply(telling.told(await call.app.detached(act())))


def _key(call: Call) -> str | None:
    return call.key and f"rest control:{call.key}"


async def cancel(call: Call) -> Reply:
    act = partial(call.app.operations.cancel, call.caller, call.id("execution"), key=_key(call))
    return await _steered(call, act, ended=True)


async def pause(call: Call) -> Reply:
    act = partial(call.app.operations.pause, call.caller, call.id("execution"), key=_key(call))
    return await _steered(call, act, ended=True)


async def resume(call: Call) -> Reply:
    act = partial(call.app.operations.resume, call.caller, call.id("execution"), key=_key(call))
    return await _steered(call, act, ended=True)


async def retry(call: Call) -> Reply:
    body: From = call.body
    retried = call.app.operations.retry
    return await _steered(
        call, partial(retried, call.caller, call.id("execution"), step=body.step, call=body.call, key=_key(call))
    )


async def fork(call: Call) -> Reply:
    body: Fork = call.body
    forked = await call.app.detached(
        call.app.operations.fork(
            call.caller, call.id("execution"), step=body.step, call=body.call, variables=body.variables, key=_key(call)
        )
    )
    return Reply(telling.told(forked), 201, {"Location": f"/api/v1/executions/{forked.id}"})


async def answer(call: Call) -> Reply:
    answered = call.app.operations.answer
    return await _steered(call, partial(answered, call.caller, call.id("execution"), call.body.text, key=_key(call)))


async def signal(call: Call) -> Reply:
    send = call.app.operations.signal
    name, data = call.path["signal"], call.body.data
    act = partial(send, call.caller, call.id("execution"), name, data, key=_key(call))
    return await _steered(call, act, ended=True)


async def settle(call: Call) -> Reply:
    body: Settle = call.body
    settled = call.app.operations.settle
    same = {"took_place": body.took_place, "value": body.value, "key": _key(call)}
    return await _steered(call, partial(settled, call.caller, call.id("execution"), **same))


_SAME = {"execution": "$response.body#/execution_id"}
_STEERS = (
    *("listSteps", "followExecution", "pauseExecution", "resumeExecution", "retryExecution", "forkExecution"),
    *("answerExecution", "signalExecution", "settleExecution"),
)
_LINKS = {
    "look": Link("getExecution", _SAME),
    "cancel": Link("cancelExecution", _SAME),
    **{name: Link(name, _SAME) for name in _STEERS},
}
_AGAIN = "Repeating it on an execution that has ended answers how it ended."
_FOLLOW = (
    "With `Accept: text/event-stream` the events `step`, `status` and at last `end`; `Last-Event-ID` goes on where a "
    "connection broke, without loss or repetition. Otherwise one page of JSON."
)
_EXAMPLE = {"source": 'TALK "Hello, ${name}"\nRETURN 42\n', "inputs": {"name": "Ana"}}


def _look(path: str, name: str, summary: str, handler: Handler, answers: type[BaseModel]) -> Operation:
    return Operation("GET", path, name, summary, handler, "wf:read", "executions", answers=answers)


def _act(
    what: str, name: str, summary: str, handler: Handler, body: type[BaseModel] | None = None, example: Any = None,
    *, required: bool = False, about: str = "",
) -> Operation:  # fmt: skip
    return Operation(
        "POST", f"/executions/{{execution}}/{what}", name, summary, handler, "wf:run", "executions", about=about,
        body=body, body_required=required, example=example, answers=Execution, once=True, conflicts=True,
        programs=body is not None,
    )  # fmt: skip


TABLE = (
    replace(
        _look("/executions", "listExecutions", "List executions, the newest first", listed, Executions), query=Wanted
    ),
    Operation(
        "POST", "/executions", "startExecution", "Start a program, or a workflow by its name", start, "wf:run",
        "executions", body=Start, answers=Started, status=202, also={200: Checked}, once=True, location=True,
        conflicts=True, programs=True, links=_LINKS, example=_EXAMPLE,
    ),
    _look("/executions/{execution}", "getExecution", "Look at an execution", shown, Execution),
    replace(_look("/executions/{execution}/steps", "listSteps", "Read the journal", steps, Rows), query=After),
    _look("/executions/{execution}/steps/{call}", "getStep", "Read one call of the journal", step, Row),
    replace(
        _look("/executions/{execution}/events", "followExecution", "Follow the journal", followed, Rows),
        query=After, gives=(JSON, STREAM), about=_FOLLOW,
    ),
    _act("cancel", "cancelExecution", "End it and all that it started", cancel, about=_AGAIN),
    _act("pause", "pauseExecution", "Pause it and all that it started", pause, about=_AGAIN),
    _act("resume", "resumeExecution", "Let what is paused go on", resume, about=_AGAIN),
    _act("retry", "retryExecution", "Let a failed one go on", retry, From, {"step": 2}),
    replace(
        _act("fork", "forkExecution", "Start a copy that goes on elsewhere", fork, Fork, {"variables": {"amount": 5}}),
        status=201, location=True, links=_LINKS,
    ),
    _act("answer", "answerExecution", "Answer what it asks (HEAR)", answer, Answer, {"text": "yes"}, required=True),
    _act("signals/{signal}", "signalExecution", "Send it a signal", signal, Signal, {"data": {"paid": True}}),
    _act("settle", "settleExecution", "Say what became of a call in doubt", settle, Settle, {"took_place": True},
         required=True),
)  # fmt: skip
