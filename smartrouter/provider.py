"""The one door to the providers of models: litellm, imported when it is first needed.

Importing takes seconds, so it happens in a thread. What a provider answers to a mistake may hold the key that was sent:
no message of litellm leaves this file unless the keys are taken out, and litellm itself logs nothing.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import re
import warnings
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import replace
from typing import Any

from keywords.mistakes import LimitReached, ProgramError, Refused, TimedOut, Transient, WrongValue
from smartrouter.catalogue import Model
from smartrouter.choice import MILLION

LONGEST_REASON = 300  # characters of a provider's own words
_SECRET = re.compile(r"(?i)\b(?:sk|pk|key|token|bearer|gsk|xai|aiza)[-_ ]?[a-z0-9*_\-]{8,}")


class UnusableModel(ProgramError):
    """The provider knows no such model, or does not let us use it."""

    kind = "model"


class Provider:
    """Asks models through litellm. `environment` is where litellm looks for the providers' own key variables."""

    def __init__(self, environment: MutableMapping[str, str]) -> None:
        self._environment = environment
        self._litellm: Any = None

    async def priced(self, models: Sequence[Model]) -> tuple[Model, ...]:
        """The models with the prices that litellm knows, where none was given."""
        litellm = await self._loaded()
        return tuple(_priced(litellm, model) for model in models)

    async def complete(
        self,
        model: Model,
        messages: list[dict[str, Any]],
        tools: list[dict[str, Any]],
        longest: int | None,
        seconds: float,
        call_id: str,
    ) -> Any:
        """The provider's answer; raises Transient when it may answer another time, else a ProgramError."""
        litellm = await self._loaded()
        if not model.url and not model.key:
            missing: list[str] = litellm.validate_environment(model.name)["missing_keys"]
            if missing:
                raise UnusableModel(f"{model.name} needs a key: set {' and '.join(missing)} and start again.")
        arguments: dict[str, Any] = {"tools": tools} if tools else {}
        if longest is not None:
            arguments["max_tokens"] = longest
        if model.url:
            arguments["api_base"] = model.url
            if model.name.partition("/")[0] not in litellm.provider_list:
                arguments["custom_llm_provider"] = "openai"
        if model.key or model.url:
            arguments["api_key"] = model.key or "none"
        try:
            async with asyncio.timeout(seconds):
                return await litellm.acompletion(
                    model=model.name,
                    messages=messages,
                    timeout=seconds,
                    max_retries=0,
                    num_retries=0,
                    drop_params=True,
                    extra_headers={"Idempotency-Key": call_id},
                    **arguments,
                )
        except (TimeoutError, litellm.Timeout):
            raise Transient(f"{model.name} did not answer within {seconds:g} seconds.") from None
        except Exception as error:  # noqa: BLE001 - every fault of a provider is told in our own words
            raise self._told(error, model) from None

    async def _loaded(self) -> Any:
        if self._litellm is None:
            self._environment.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # or the import asks the network
            self._litellm = await asyncio.to_thread(_load)
        return self._litellm

    def _told(self, error: Exception, model: Model) -> Exception:
        """What the engine and the author need to know of a provider's fault."""
        litellm, name = self._litellm, model.name
        reason = _reason(error, model)
        match error:
            case litellm.ContextWindowExceededError():
                return LimitReached(f"The prompt is longer than {name} can read. Shorten it or choose another model.")
            case litellm.ContentPolicyViolationError():
                return Refused(f"The provider of {name} refused the prompt by its content policy.")
            case _:
                pass
        match getattr(error, "status_code", None):
            case 401 | 403:
                return UnusableModel(f"The provider of {name} refused the key. Check it, and what it may be used for.")
            case 404:
                where = f" at {model.url}" if model.url else ""
                return UnusableModel(f"The provider knows no model {name}{where}. Check the name in BOTMCP_MODELS.")
            case 429:
                return Transient(f"{name} has no capacity now: {reason}", after=_retry_after(error))
            case int(status) if 400 <= status < 500 and status != 408:
                return WrongValue(f"{name} did not accept the request: {reason}")
            case _:
                return Transient(f"{name} failed: {reason}", after=_retry_after(error))


def within(limit: float) -> TimedOut:
    """The mistake of a program whose MAX_LATENCY passed."""
    return TimedOut(f"No model answered within MAX_LATENCY {limit:g} milliseconds.")


def _load() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its dependencies, at import
        litellm: Any = importlib.import_module("litellm")
        litellm.suppress_debug_info = True  # else it prints to stdout, which is the protocol under stdio
        litellm.telemetry = False
        question = [{"role": "user", "content": "Are you there?"}]
        litellm.completion(model="openai/gpt-4o-mini", messages=question, mock_response="Yes")  # imports the rest
    for log in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(log).setLevel(logging.CRITICAL)
    # What an import makes stays: 400,000 objects, whose search for garbage stops every execution for 0.2 s.
    gc.collect()
    gc.freeze()
    return litellm


def _priced(litellm: Any, model: Model) -> Model:
    if model.input_price is not None and model.output_price is not None:
        return model
    if model.url:  # a server of one's own may use any name
        return model
    try:
        known: Mapping[str, Any] = litellm.get_model_info(model.name)
    except Exception:  # noqa: BLE001 - litellm raises plain Exception for a model it has no entry for
        return model
    return replace(
        model,
        input_price=(known.get("input_cost_per_token") or 0.0) * MILLION,
        output_price=(known.get("output_cost_per_token") or 0.0) * MILLION,
    )


def _reason(error: Exception, model: Model) -> str:
    words = str(getattr(error, "message", "") or error)
    words = re.sub(r"^(?:(?:litellm\.)?\w*(?:Error|Exception)\s*[:-]\s*)+", "", words)
    if model.key:
        words = words.replace(model.key, "***")
    words = " ".join(_SECRET.sub("***", words).split()) or type(error).__name__
    return words if len(words) <= LONGEST_REASON else words[: LONGEST_REASON - 3] + "..."


def _retry_after(error: Exception) -> float | None:
    response = getattr(error, "response", None)
    for headers in (getattr(error, "litellm_response_headers", None), getattr(response, "headers", None)):
        try:
            value = float(headers["retry-after"]) if headers else None
        except (KeyError, TypeError, ValueError):
            continue
        if value is not None and value >= 0:
            return min(value, 3600.0)
    return None
