"""LLM: ask a language model; RATE LLM: say how good its answer was; and which model a conversation uses."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from keywords.encode import from_plain, plain
from keywords.fingerprint import fingerprint
from keywords.host import MODEL_PREFERRED, MODEL_RATED, Decided, Host, ModelRequest, Moment, Recorded, Told, Value
from keywords.library import limits
from keywords.library.keeping import contexts
from keywords.mistakes import WrongValue
from keywords.registry import Effect, keyword
from keywords.routing_modes import GOALS, MODES

LONGEST_CACHE = 90 * 86_400.0  # seconds
_WISHES = "[WITH MODEL {model}] [WITH SYSTEM {system}] [WITH SCHEMA {schema}] [WITH CACHE {cache}]"


def goal(value: Value) -> str | None:
    """What the choice of a model is made for, in lower case."""
    if value is None:
        return None
    found = value.strip().lower() if isinstance(value, str) else ""
    if found not in GOALS:
        raise WrongValue(f"OPTIMIZE FOR needs {', '.join(GOALS[:-1])} or {GOALS[-1]}, not {limits.shown(value)}.")
    return found


def mode_of(value: Value) -> str:
    """How models are chosen from now on, in lower case."""
    wanted = value.strip().casefold() if isinstance(value, str) else ""
    if wanted not in MODES:
        raise WrongValue(f"SET MODEL ROUTING needs {', '.join(MODES)}, not {limits.shown(value)}.")
    return wanted


@keyword(
    "LLM {prompt} [WITH OPTIMIZE FOR {optimize}] [WITH MAX_COST {max_cost}] [WITH MAX_LATENCY {max_latency}]"
    f" {_WISHES} [BY MEANING {{by_meaning:flag}}]",
    "LLM {prompt} [WITH OPTIMIZE FOR {optimize}] WITH MAX_COST {max_cost} MAX_LATENCY {max_latency}"
    f" {_WISHES} [BY MEANING {{by_meaning:flag}}]",
    effect=Effect.IDEMPOTENT,
    example='LLM "Summarise: " + report WITH OPTIMIZE FOR "cost" WITH MAX_COST 0.05',
    group="models",
    tool=True,
    checks={"optimize": goal},
)
async def llm(
    host: Host,
    prompt: Value,
    optimize: str | None = None,
    max_cost: float | None = None,
    max_latency: float | None = None,
    model: str | None = None,
    system: Value = None,
    schema: Value = None,
    cache: float | None = None,
    by_meaning: bool | None = None,
) -> Told:
    """Ask a language model and answer its text.

    OPTIMIZE FOR "speed", "cost", "quality" or "balanced" chooses among the configured models; MAX_COST is in US
    dollars, MAX_LATENCY in milliseconds, and both hold for everything the call takes. With a SCHEMA (JSON Schema) the
    answer is a value that fits it. With CACHE the answer may be one that was given to the same question within so many
    seconds; BY MEANING, also to a question that means the same.
    """
    question = limits.message(prompt, "A prompt")
    if not question.strip():
        raise WrongValue("LLM needs a prompt that is not empty.")
    messages: list[dict[str, Any]] = [{"role": "user", "content": question}]
    persona = "" if system is None else limits.message(system, "The system prompt")
    if said := "\n\n".join(filter(None, (persona, await contexts(host)))):
        messages.insert(0, {"role": "system", "content": said})
    kept = _positive("CACHE", cache)
    if by_meaning and kept is None:
        raise WrongValue("BY MEANING needs WITH CACHE and its seconds, such as WITH CACHE 3600 BY MEANING.")
    reply = await host.services.models.answer(
        ModelRequest(
            messages,
            model=None if model is None else limits.name_of("a model", model),
            optimize=goal(optimize),
            max_cost=_positive("MAX_COST", max_cost),
            max_latency=_positive("MAX_LATENCY", max_latency),
            origin=host.identity.origin,
            schema=None if schema is None else _schema(schema),
            cache=None if kept is None else min(kept, LONGEST_CACHE),
            by_meaning=bool(by_meaning),
            caller=host.identity,
            attempt=host.attempt,
        ),
        host.call_id,
    )
    answer = reply.text if schema is None else from_plain(reply.value)
    return Told(answer, {**reply.aside, "answer": fingerprint(answer)})


@keyword(
    "RATE LLM {answer:tight}, {quality} [IN EXECUTION {execution}]",
    effect=Effect.TRANSACTION,
    example="RATE LLM summary, 0.9",
    group="models",
    value=True,
)
async def rate_llm(host: Host, answer: Value, quality: Value, execution: Value = None) -> Decided:
    """Say how good the answer of a language model was, from 0 (useless) to 1 (perfect).

    The choice of models learns from it. The answer is given as it came; NULL means the last one of the execution.
    """
    found = limits.number("RATE LLM", quality)
    if not 0 <= found <= 1:
        raise WrongValue(f"RATE LLM needs a quality from 0 to 1, not {limits.shown(quality)}.")
    return Decided(
        MODEL_RATED.row(
            answer=None if answer is None else fingerprint(answer),
            quality=found,
            of=None if execution is None else _execution(execution),
        )
    )


@keyword("USE MODEL {name}", effect=Effect.RECORD, example='USE MODEL "quality"', group="models")
def use_model(moment: Moment, name: Value) -> Recorded:
    """Choose the model of this conversation: by its name, or by what counts (speed, cost, quality, balanced).

    An LLM that says WITH MODEL or WITH OPTIMIZE FOR itself is not affected.
    """
    wanted = limits.name_of("a model", name)
    aim = wanted.casefold() if wanted.casefold() in GOALS else wanted
    return Recorded(aim, (_preferred(moment, aim, "manual"),))


@keyword(
    "SET MODEL ROUTING {mode}",
    effect=Effect.RECORD,
    example='SET MODEL ROUTING "auto"',
    group="models",
    checks={"mode": mode_of},
)
def set_model_routing(moment: Moment, mode: Value) -> Recorded:
    """Choose how models are chosen in this conversation: manual, auto, load-balanced or fallback.

    auto weighs quality, cost and time; load-balanced spreads over all models; fallback and manual keep the order of the
    settings, and manual the model of USE MODEL.
    """
    wanted = mode_of(mode)
    return Recorded(wanted, (_preferred(moment, None, wanted),))


@keyword("GET CURRENT MODEL", effect=Effect.READ, example="GET CURRENT MODEL", group="models")
async def get_current_model(host: Host) -> str | None:
    """Answer the model of this conversation: what USE MODEL named, else the first of the settings."""
    return await host.services.models.preferred(host.identity)


@keyword("LIST MODELS", effect=Effect.READ, example="LIST MODELS", group="models")
async def list_models(host: Host) -> Value:
    """Answer the names of all configured models, the preferred one first."""
    return from_plain(list(host.services.models.names(host.identity.origin)))


KEYWORDS = (llm, rate_llm, use_model, set_model_routing, get_current_model, list_models)


def _preferred(moment: Moment, model: str | None, routing: str) -> Any:
    conversation = moment.identity.session or moment.identity.execution
    return MODEL_PREFERRED.row(conversation=conversation, model=model, routing=routing)


def _schema(value: Value) -> dict[str, Any]:
    found = plain(value)
    if not isinstance(found, dict) or not found:
        raise WrongValue(
            "WITH SCHEMA needs an object, such as "
            f'{{type: "object", properties: {{name: {{type: "string"}}}}}}, not {limits.shown(value)}.'
        )
    return found


def _execution(value: Value) -> UUID:
    try:
        return UUID(value.strip() if isinstance(value, str) else "")
    except ValueError:
        raise WrongValue(f"IN EXECUTION needs the id of an execution, not {limits.shown(value)}.") from None


def _positive(clause: str, value: Value) -> float | None:
    if value is None:
        return None
    found = limits.number(clause, value)
    if found <= 0:
        raise WrongValue(f"{clause} needs a number greater than 0, not {limits.shown(value)}.")
    return found
