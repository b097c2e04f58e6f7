"""Language models: which there are, how they do, and a question to try one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from mcp_server import programs
from mcp_server.problems import Problem
from mcp_server.rest.table import Call, Operation, Reply, Shape, Told
from smartrouter.performance import Standing

SECONDS = 60.0


class Task(Told):
    """How it does at one task; what is not known is left out."""

    task: str | None = None
    calls: int
    errors: int
    cost: float
    quality: float | None = None
    median: float | None = Field(default=None, description="Seconds.")
    p95: float | None = Field(default=None, description="Seconds.")


class Model(Told):
    model: str
    provider: str | None = None
    calls: int
    errors: int
    cost: float = Field(description="US dollars.")
    trouble: str | None = None
    closed_until: datetime | None = None
    tasks: list[Task]


class Models(Told):
    items: list[Model]


class Ask(Shape):
    prompt: Annotated[str, Field(min_length=1, max_length=100_000)]


class Answered(Told):
    execution_id: str
    status: str
    answer: Any = None
    error: dict[str, Any] | None = None


async def _models(call: Call) -> list[dict[str, Any]]:
    found: dict[str, list[Standing]] = {}
    for one in await call.app.performance.standings(call.caller.tenant):
        found.setdefault(one.model, []).append(one)
    return [_told(name, rows) for name, rows in found.items()]


def _told(name: str, rows: list[Standing]) -> dict[str, Any]:
    whole = next((row for row in rows if not row.task), None)
    tasks = [row for row in rows if row.task]
    return {
        "model": name,
        "provider": rows[0].provider or None,
        "calls": whole.calls if whole else sum(row.calls for row in tasks),
        "errors": whole.errors if whole else sum(row.errors for row in tasks),
        "cost": round(whole.cost if whole else sum(row.cost for row in tasks), 6),
        "trouble": rows[0].trouble or None,
        "closed_until": rows[0].closed_until and rows[0].closed_until.isoformat(),
        "tasks": [row.to_json() for row in tasks],
    }


async def listed(call: Call) -> Reply:
    return Reply({"items": await _models(call)})


async def shown(call: Call) -> Reply:
    return Reply(await _one(call))


async def _one(call: Call) -> dict[str, Any]:
    for model in await _models(call):
        if model["model"] == call.path["model"]:
            return model
    raise Problem("unknown", f"No language model {call.path['model']} is set up or was ever asked.")


async def tried(call: Call) -> Reply:
    body: Ask = call.body
    model = await _one(call)
    if not body.prompt.strip():
        raise Problem("invalid", "Ask something.")
    program = programs.model_question({"MODEL": "model"})
    given = {"prompt": body.prompt, "model": model["model"]}
    execution = await call.app.detached(
        call.app.operations.start(
            call.caller, program, inputs=given, idempotency_key=call.key and f"rest:{call.key}", bot_name="rest api",
            scope="admin",
        )
    )  # fmt: skip
    detail = await call.app.operations.wait(call.caller, execution, SECONDS, scope="admin")
    error = {"kind": detail.error.kind, "message": detail.error.message} if detail.error else None
    return Reply({"execution_id": str(execution), "status": detail.status, "answer": detail.result, "error": error})


TABLE = (
    Operation("GET", "/models", "listModels", "List the language models and how they do", listed, "wf:read", "models",
              answers=Models),
    Operation("GET", "/models/{model}", "getModel", "Look at one language model", shown, "wf:read", "models",
              answers=Model),
    Operation("POST", "/models/{model}/test", "testModel", "Ask one language model something", tried, "admin", "models",
              body=Ask, answers=Answered, once=True, programs=True, example={"prompt": "Are you there?"}),
)  # fmt: skip
