"""The MCP tool of language models: ask the one that fits best, and rate its answers."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import Context
from pydantic import Field

from mcp_server import programs
from mcp_server.app import App
from mcp_server.mcp_face.begun import written
from mcp_server.mcp_face.tool import Tool, writes
from mcp_server.replies import refusal
from mcp_server.tools import Key, Started, Wait


async def llm_optimize_for(
    ctx: Context[App],
    prompt: Annotated[str, Field(description="What to ask.")] = "",
    optimize_for: Annotated[str, Field(description="speed | cost | quality | balanced")] = "balanced",
    max_cost: Annotated[float, Field(ge=0, description="US dollars; 0: no limit.")] = 0,
    max_latency: Annotated[float, Field(ge=0, description="Milliseconds; 0: no limit.")] = 0,
    model: Annotated[str, Field(description="Only this one.")] = "",
    system: Annotated[str, Field(description="System prompt.")] = "",
    schema: Annotated[dict[str, Any], Field(description="JSON Schema of the answer.")] = {},  # noqa: B006 - never changed
    rates: Annotated[str, Field(description="Instead of asking: the execution_id of an answer to rate.")] = "",
    rating: Annotated[float, Field(ge=0, le=1, description="How good it was.")] = 0,
    idempotency_key: Key = "",
    wait_seconds: Wait = 20,
) -> Started:
    """Ask the language model that fits best. The result is its text, or its value with a schema. The choice learns
    from ratings."""
    if bool(prompt.strip()) == bool(rates.strip()):
        return refusal("Give either a prompt to ask, or rates and rating to rate an earlier answer.")
    if rates.strip():
        given: dict[str, Any] = {"quality": rating, "rated": rates}
        return await written(ctx, programs.RATE, given, idempotency_key, seconds=wait_seconds, scope="wf:run")
    clauses = {
        "OPTIMIZE FOR": ("goal", optimize_for),
        "MAX_COST": ("cost", max_cost),
        "MAX_LATENCY": ("latency", max_latency),
        "MODEL": ("model", model),
        "SYSTEM": ("system", system),
        "SCHEMA": ("schema", schema),
    }
    asked = {clause: (name, value) for clause, (name, value) in clauses.items() if value}
    program = programs.model_question({clause: name for clause, (name, _) in asked.items()})
    given = {"prompt": prompt, **dict(asked.values())}
    return await written(ctx, program, given, idempotency_key, seconds=wait_seconds, scope="wf:run")


TOOLS = (
    Tool(
        llm_optimize_for,
        "LLM ... WITH OPTIMIZE FOR, RATE LLM",
        writes(open_world=True),
        "wf:run",
        "models",
        lasts="may",
    ),
)
