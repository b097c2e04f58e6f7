"""The one door to the providers of models: litellm, imported when it is first needed.

Importing takes seconds, so it happens in a thread. What a provider answers to a mistake may hold the key that was sent:
no message of litellm leaves this file unless the keys are taken out, and litellm itself logs nothing.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import replace
from typing import Any

from keywords.mistakes import LimitReached, ProgramError, Refused, Transient, WrongValue
from smartrouter import loading
from smartrouter.catalogue import MILLION, Model
from smartrouter.failure import Failure

BEYOND = 3600.0  # seconds that litellm is told; ours are kept here, for each other number makes it open a new client
LONGEST_REASON = 300  # characters of a provider's own words
_SECRET = re.compile(r"(?i)\b(?:sk|pk|key|token|bearer|gsk|xai|aiza)[-_ ]?[a-z0-9*_\-]{8,}")
_ABILITIES = {"tools": "supports_function_calling", "schema": "supports_response_schema", "images": "supports_vision"}


class UnusableModel(ProgramError):
    """The provider knows no such model, or does not let us use it."""

    kind = "model"


class Provider:
    """Asks models through litellm. `environment` is where litellm looks for the providers' own key variables."""

    def __init__(self, environment: MutableMapping[str, str], clock: Callable[[], float] = time.monotonic) -> None:
        self._environment = environment
        self._clock = clock
        self._litellm: Any = None
        self._loading: asyncio.Task[Any] | None = None
        self._known: dict[Model, Model] = {}
        self._latest: tuple[Sequence[Model], tuple[Model, ...]] = (), ()
        self._usable: set[Model] = set()
        self._secrets: set[str] = set()

    async def priced(self, models: Sequence[Model]) -> tuple[Model, ...]:
        """The models with the prices, limits and abilities that litellm knows, where none were given."""
        asked, found = self._latest
        if asked is models:  # as most calls ask: hashing many models takes its time
            return found
        litellm = self._litellm or await self.loaded()
        for model in models:
            if model not in self._known:
                self._known[model] = _completed(litellm, model)
        found = tuple([self._known[model] for model in models])
        self._latest = models, found
        return found

    async def complete(self, model: Model, arguments: Mapping[str, Any], seconds: float, call_id: str) -> Any:
        """The provider's whole answer; raises Failure."""
        litellm = self._litellm or await self.loaded()
        given = self._addressed(litellm, model, arguments, call_id)
        try:
            async with asyncio.timeout(seconds):
                return await litellm.acompletion(**given)
        except (TimeoutError, litellm.Timeout):
            raise _late(model, seconds) from None
        except Exception as error:  # noqa: BLE001 - every fault of a provider is told in our own words
            raise self._told(error, model) from None

    async def stream(
        self, model: Model, arguments: Mapping[str, Any], seconds: float, call_id: str, heard: Callable[[str], None]
    ) -> tuple[Any, list[float]]:
        """The provider's answer, told to `heard` piece by piece, and when each piece came; raises Failure."""
        litellm = await self.loaded()
        given = self._addressed(litellm, model, arguments, call_id)
        given |= {"stream": True, "stream_options": {"include_usage": True}}
        pieces: list[Any] = []
        times: list[float] = []
        try:
            async with asyncio.timeout(seconds):
                coming = await litellm.acompletion(**given)
                try:
                    async for piece in coming:
                        pieces.append(piece)
                        if words := _words(piece):
                            times.append(self._clock())
                            heard(words)
                finally:
                    if close := getattr(coming, "aclose", None):
                        await close()
            return litellm.stream_chunk_builder(pieces, messages=arguments.get("messages")), times
        except (TimeoutError, litellm.Timeout):
            raise _late(model, seconds) from None
        except Exception as error:  # noqa: BLE001 - as above
            raise self._told(error, model) from None

    async def loaded(self) -> Any:
        """litellm, imported in a thread by whoever asks first; who asks after a failed try makes another one."""
        if self._litellm is None:
            if self._loading is None or _failed(self._loading):
                self._environment.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # or it asks the network
                self._loading = asyncio.ensure_future(asyncio.to_thread(loading.litellm))
            self._litellm = await asyncio.shield(self._loading)
        return self._litellm

    def _addressed(self, litellm: Any, model: Model, arguments: Mapping[str, Any], call_id: str) -> dict[str, Any]:
        """All that the provider is told; raises Failure when the key it needs is not there."""
        if model.key:
            self._secrets.add(model.key)
        if not model.url and not model.key and model not in self._usable:
            missing: list[str] = litellm.validate_environment(model.name)["missing_keys"]
            if missing:
                words = f"{model.name} needs a key: set {' and '.join(missing)} and start again."
                raise Failure("refused", words, UnusableModel(words), billed=False)
            self._usable.add(model)
        given: dict[str, Any] = {
            "model": model.name,
            "timeout": BEYOND,
            "max_retries": 0,
            "num_retries": 0,
            "drop_params": True,
            "extra_headers": {"Idempotency-Key": call_id},
            **arguments,
        }
        if model.url:
            given["api_base"] = model.url
            if model.name.partition("/")[0] not in litellm.provider_list:
                given["custom_llm_provider"] = "openai"
        if model.key or model.url:
            given["api_key"] = model.key or "none"
        return given

    def _told(self, error: Exception, model: Model) -> Failure:
        """What the router, the engine and the author need to know of a provider's fault."""
        litellm, name = self._litellm, model.name
        if isinstance(error, Failure):
            return error
        reason = self._reason(error)
        match error:
            case litellm.ContextWindowExceededError():
                words = f"The prompt is longer than {name} can read. Shorten it or choose another model."
                return Failure("question", words, LimitReached(words), billed=False)
            case litellm.ContentPolicyViolationError():
                words = f"The provider of {name} refused the prompt by its content policy."
                return Failure("policy", words, Refused(words), billed=False)
            case _:
                pass
        match getattr(error, "status_code", None):
            case 401 | 403:
                words = f"The provider of {name} refused the key. Check it, and what it may be used for."
                return Failure("refused", words, UnusableModel(words), billed=False)
            case 404:
                where = f" at {model.url}" if model.url else ""
                words = f"The provider knows no model {name}{where}. Check the name in BOTMCP_MODELS."
                return Failure("refused", words, UnusableModel(words), billed=False)
            case 429:
                words, after = f"{name} has no capacity now: {reason}", _retry_after(error)
                return Failure("busy", words, Transient(words, after), billed=False, after=after)
            case int(status) if 400 <= status < 500 and status != 408:
                words = f"{name} did not accept the request: {reason}"
                return Failure("question", words, WrongValue(words), billed=False)
            case _:
                words, after = f"{name} failed: {reason}", _retry_after(error)
                return Failure("failed", words, Transient(words, after), billed=_reached(error), after=after)

    def _reason(self, error: Exception) -> str:
        words = str(getattr(error, "message", "") or error)
        words = re.sub(r"^(?:(?:litellm\.)?\w*(?:Error|Exception)\s*[:-]\s*)+", "", words)
        for secret in sorted(self._secrets | self._environments_keys(), key=len, reverse=True):
            words = words.replace(secret, "***")
        words = " ".join(_SECRET.sub("***", words).split()) or type(error).__name__
        return words if len(words) <= LONGEST_REASON else words[: LONGEST_REASON - 3] + "..."

    def _environments_keys(self) -> set[str]:
        ends = ("_API_KEY", "_TOKEN", "_SECRET_ACCESS_KEY", "_ACCESS_KEY_ID")
        return {value for name, value in self._environment.items() if name.endswith(ends) and len(value) >= 8}


def _failed(task: asyncio.Task[Any]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


def _words(piece: Any) -> str:
    choices = getattr(piece, "choices", None)
    return str(getattr(getattr(choices[0], "delta", None), "content", None) or "") if choices else ""


def _late(model: Model, seconds: float) -> Failure:
    words = f"{model.name} did not answer within {seconds:g} seconds."
    return Failure("late", words, Transient(words), billed=True)


def _completed(litellm: Any, model: Model) -> Model:
    """The model with what litellm knows of it; a server of one's own may use any name, so there nothing is known."""
    if model.url:
        _introduce(litellm, model)
        return model
    try:
        known: Mapping[str, Any] = litellm.get_model_info(model.name)
    except Exception:  # noqa: BLE001 - litellm raises plain Exception for a model it has no entry for
        return model
    abilities = frozenset(ability for ability, named in _ABILITIES.items() if known.get(named))
    tiers = [int(found[1]) * 1000 for key in known if known[key] and (found := _TIER.fullmatch(key))]
    given = model.input_price is not None and model.output_price is not None
    read, written = known.get("input_cost_per_token"), known.get("output_cost_per_token")
    return replace(
        model,
        input_price=model.input_price if given else (read or 0.0) * MILLION,
        output_price=model.output_price if given else (written or 0.0) * MILLION,
        context=model.context or known.get("max_input_tokens") or known.get("max_tokens"),
        longest=model.longest or known.get("max_output_tokens"),
        abilities=abilities if model.abilities is None else model.abilities,
        dearer_above=None if given else min(tiers, default=None),
    )


def _introduce(litellm: Any, model: Model) -> None:
    """Let litellm know of a model on a server of one's own.

    It looks each model up several times after each answer, to find its price, and remembers what it found but not what
    it did not find: a third of a millisecond of every call.
    """
    provider, _, name = model.name.partition("/")
    if provider != "openai" and provider in litellm.provider_list:
        return
    called = model.name if provider == "openai" and name else f"openai/{model.name}"
    try:
        litellm.get_model_info(called)
    except Exception:  # noqa: BLE001 - as above
        read, written = (
            None if price is None else price / MILLION for price in (model.input_price, model.output_price)
        )
        told = {"litellm_provider": "openai", "mode": "chat"}
        litellm.register_model(
            {called: {**told, "input_cost_per_token": read or 0.0, "output_cost_per_token": written or 0.0}}
        )


_TIER = re.compile(r"(?:input|output)_cost_per_token_above_(\d+)k_tokens")


def _reached(error: Exception) -> bool:
    """Whether the provider may have begun to work: not when no connection came about."""
    seen: BaseException | None = error
    while seen is not None:
        if type(seen).__name__ in {"ConnectError", "ConnectTimeout", "ClientConnectorError"}:
            return False
        seen = seen.__cause__ or seen.__context__
    return True


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
