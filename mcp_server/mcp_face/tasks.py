"""The tasks extension (`io.modelcontextprotocol/tasks`): an execution is a task, and its id is the task's.

A client that knows tasks gets one for what does not end at once, and asks for it again and again; one that does not
know them gets the same reply as ever. What the execution asks of people are the task's input requests: an approval, a
HEAR.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import mcp.types as types
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.extension import Extension, MethodBinding
from mcp.server.mcpserver import require_client_extension
from mcp.shared.exceptions import MCPError
from pydantic import Field, ValidationError

from keywords.mistakes import ProgramError, Refused, WrongValue
from mcp_server.app import App
from mcp_server.mcp_face.waiting import patience, stands
from mcp_server.people import PersonsDecision, can_ask_form, may_ask, question
from mcp_server.replies import block, execution_reply
from workflow.details import Approval, Caller, Detail, Question
from workflow.steering import UnknownExecution

TASKS = "io.modelcontextprotocol/tasks"
GRACE = 0.3  # seconds in which an execution may end and needs no task
POLL_MS = 1_000
HEADER_MISMATCH = -32020
DAY_MS = 86_400_000
ERA = frozenset({"2026-07-28"})


class TaskParams(types.RequestParams):
    task_id: str = Field(max_length=200)


class UpdateParams(TaskParams):
    input_responses: dict[str, Any] = Field(default_factory=dict[str, Any])


class Tasks(Extension):
    """Serves tasks/get, tasks/update and tasks/cancel, and turns what lasts into tasks."""

    identifier = TASKS

    def __init__(self, app: App, lasts: Callable[[str], str]) -> None:
        self._app = app
        self._lasts = lasts  # of a tool: no, may, must

    def methods(self) -> Sequence[MethodBinding]:
        return (
            MethodBinding("tasks/get", TaskParams, self._get, ERA),
            MethodBinding("tasks/update", UpdateParams, self._update, ERA),
            MethodBinding("tasks/cancel", TaskParams, self._cancel, ERA),
        )

    async def intercept_tool_call(
        self, params: types.CallToolRequestParams, ctx: ServerRequestContext[Any, Any], call_next: CallNext
    ) -> HandlerResult:
        lasts = self._lasts(params.name)
        if lasts == "no":
            return await call_next(ctx)
        if lasts == "must":
            require_client_extension(ctx, TASKS)
        elif not _declared(ctx):
            return await call_next(ctx)
        with patience(0.0 if lasts == "must" else GRACE):
            answer = await call_next(ctx)
        told = answer.structured_content if isinstance(answer, types.CallToolResult) and not answer.is_error else None
        if not isinstance(told, dict) or "execution_id" not in told:
            return answer
        if lasts != "must" and told.get("status") in ("completed", "failed", "cancelled"):
            return answer
        caller = self._caller()
        detail = await self._app.operations.get(caller, UUID(str(told["execution_id"])))
        return {"resultType": "task", **self._task(detail, "working")}

    # -- the methods ---------------------------------------------------------------------------------------------------

    async def _get(self, ctx: ServerRequestContext[Any, Any], params: TaskParams) -> HandlerResult:
        detail = await self._detail(ctx, params.task_id, "wf:read")
        if detail.status in ("completed", "failed"):
            fault = detail.error is not None and detail.error.kind == "fault"
            if fault and detail.error is not None:
                error = {"code": types.INTERNAL_ERROR, "message": str(detail.error)[:2_000]}
                return {"resultType": "complete", **self._task(detail, "failed"), "error": error}
            result = block(execution_reply(detail, self._app.where_people_decide))
            told = result.model_dump(mode="json", by_alias=True, exclude_none=True)
            told |= {"resultType": "complete", "isError": detail.status == "failed"}
            return {"resultType": "complete", **self._task(detail, "completed"), "result": told}
        if detail.status == "cancelled":
            return {"resultType": "complete", **self._task(detail, "cancelled")}
        asked = self._asked(ctx, detail)
        if asked:
            return {"resultType": "complete", **self._task(detail, "input_required"), "inputRequests": asked}
        return {"resultType": "complete", **self._task(detail, "working")}

    async def _update(self, ctx: ServerRequestContext[Any, Any], params: UpdateParams) -> HandlerResult:
        detail = await self._detail(ctx, params.task_id, "wf:run")
        for key, given in params.input_responses.items():
            if not isinstance(given, dict):
                continue
            response = cast("dict[str, Any]", given)
            if response.get("action") != "accept":
                continue  # who declines has not answered: it stays open
            content: Any = response.get("content")
            form = cast("dict[str, Any]", content) if isinstance(content, dict) else {}
            try:
                await self._answered(ctx, detail, key, form)
            except ProgramError as error:
                raise MCPError(types.INVALID_PARAMS, str(error)) from None
        return {"resultType": "complete"}

    async def _cancel(self, ctx: ServerRequestContext[Any, Any], params: TaskParams) -> HandlerResult:
        detail = await self._detail(ctx, params.task_id, "wf:run")
        if not detail.finished:
            await self._app.detached(self._app.operations.cancel(self._caller(), detail.id))
        return {"resultType": "complete"}

    # -- what they share -----------------------------------------------------------------------------------------------

    def _caller(self) -> Caller:
        return self._app.caller("mcp task", "")

    async def _detail(self, ctx: ServerRequestContext[Any, Any], task: str, scope: str) -> Detail:
        require_client_extension(ctx, TASKS)
        headers = getattr(ctx.request, "headers", None)
        if headers is not None and headers.get("mcp-name") != task:
            raise MCPError(HEADER_MISMATCH, "The header Mcp-Name must be the task's id.")
        try:
            caller = self._caller()
            caller.require(scope)
            return await self._app.operations.get(caller, UUID(task))
        except Refused as error:
            raise MCPError(types.INVALID_REQUEST, str(error)) from None
        except (ValueError, UnknownExecution):
            raise MCPError(types.INVALID_PARAMS, f"There is no task {task[:100]}.") from None

    def _task(self, detail: Detail, status: str) -> dict[str, Any]:
        changed = detail.ended_at or max((said.at for said in detail.messages), default=detail.created_at)
        days = self._app.settings.keep_days
        return {
            "taskId": str(detail.id),
            "status": status,
            "statusMessage": stands(detail),
            "createdAt": _time(detail.created_at),
            "lastUpdatedAt": _time(changed),
            "ttlMs": days * DAY_MS if days else None,
            "pollIntervalMs": POLL_MS,
        }

    def _asked(self, ctx: ServerRequestContext[Any, Any], detail: Detail) -> dict[str, Any]:
        """What people are asked, each as a form under a key that says what it is about."""
        if not can_ask_form(ctx.session.client_capabilities):
            return {}  # they decide elsewhere, and the status says that it waits for them
        asked: dict[str, Any] = {}
        if may_ask(self._caller()):
            for approval in detail.approvals:
                schema = PersonsDecision.model_json_schema()
                asked[f"approval:{approval.id}"] = _form(question(approval), schema)
        for one in detail.questions:
            asked[f"question:{one.execution}"] = _form(one.prompt or "The workflow asks.", _words(one))
        return asked

    async def _answered(
        self, ctx: ServerRequestContext[Any, Any], detail: Detail, key: str, form: dict[str, Any]
    ) -> None:
        kind, _, number = key.partition(":")
        operations = self._app.operations
        if kind == "approval" and (approval := _with_id(detail.approvals, number)):
            try:
                taken = PersonsDecision.model_validate(form)
            except ValidationError:
                raise WrongValue("A decision is one of the form's.") from None
            who = self._app.asked("task")
            await self._app.detached(operations.decide(who, approval.id, taken.decision, taken.comment))
        elif kind == "question" and any(str(one.execution) == number for one in detail.questions):
            given = form.get("answer", next(iter(form.values()), ""))
            words = given if isinstance(given, str) else str(given).lower() if isinstance(given, bool) else f"{given}"
            await self._app.detached(operations.answer(self._caller(), UUID(number), words))


def _declared(ctx: ServerRequestContext[Any, Any]) -> bool:
    capabilities = ctx.session.client_capabilities
    return bool(capabilities and capabilities.extensions and TASKS in capabilities.extensions)


def _form(message: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"method": "elicitation/create", "params": {"mode": "form", "message": message, "requestedSchema": schema}}


def _words(asked: Question) -> dict[str, Any]:
    field: dict[str, Any] = {"type": "string", "title": asked.expects or "Your answer"}
    if asked.options:
        field["enum"] = list(asked.options)
    return {"type": "object", "properties": {"answer": field}, "required": ["answer"]}


def _with_id(approvals: Sequence[Approval], number: str) -> Approval | None:
    return next((approval for approval in approvals if str(approval.id) == number), None)


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
