"""LLM: ask a language model."""

from __future__ import annotations

from typing import Any

from keywords.host import Host, ModelRequest, Value
from keywords.library import limits
from keywords.mistakes import WrongValue
from keywords.registry import Effect, keyword

GOALS = ("speed", "cost", "quality", "balanced")


@keyword(
    "LLM {prompt} [WITH OPTIMIZE FOR {optimize}] [WITH MAX_COST {max_cost}] [WITH MAX_LATENCY {max_latency}]"
    " [WITH MODEL {model}] [WITH SYSTEM {system}]",
    "LLM {prompt} [WITH OPTIMIZE FOR {optimize}] WITH MAX_COST {max_cost} MAX_LATENCY {max_latency}"
    " [WITH MODEL {model}] [WITH SYSTEM {system}]",
    effect=Effect.IDEMPOTENT,
    example='LLM "Summarise: " + report WITH OPTIMIZE FOR "cost" WITH MAX_COST 0.05',
    group="models",
    tool=True,
)
async def llm(
    host: Host,
    prompt: Value,
    optimize: str | None = None,
    max_cost: float | None = None,
    max_latency: float | None = None,
    model: str | None = None,
    system: Value = None,
) -> str:
    """Ask a language model and answer its text.

    OPTIMIZE FOR "speed", "cost", "quality" or "balanced" chooses among the configured models; MAX_COST is in US
    dollars, MAX_LATENCY in milliseconds.
    """
    question = limits.message(prompt, "A prompt")
    if not question.strip():
        raise WrongValue("LLM needs a prompt that is not empty.")
    messages: list[dict[str, Any]] = [{"role": "user", "content": question}]
    if system is not None:
        messages.insert(0, {"role": "system", "content": limits.message(system, "The system prompt")})
    reply = await host.services.models.answer(
        ModelRequest(
            messages,
            model=None if model is None else limits.name_of("a model", model),
            optimize=goal(optimize),
            max_cost=_positive("MAX_COST", max_cost),
            max_latency=_positive("MAX_LATENCY", max_latency),
            origin=host.identity.origin,
        ),
        host.call_id,
    )
    return reply.text


def goal(value: Value) -> str | None:
    """What the choice of a model is made for, in lower case."""
    if value is None:
        return None
    found = value.strip().lower() if isinstance(value, str) else ""
    if found not in GOALS:
        raise WrongValue(f"OPTIMIZE FOR needs {', '.join(GOALS[:-1])} or {GOALS[-1]}, not {limits.shown(value)}.")
    return found


def _positive(clause: str, value: Value) -> float | None:
    if value is None:
        return None
    found = limits.number(clause, value)
    if found <= 0:
        raise WrongValue(f"{clause} needs a number greater than 0, not {limits.shown(value)}.")
    return found
