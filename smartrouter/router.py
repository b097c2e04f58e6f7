"""The one call to a language model: chooses, asks, and asks the next when the first does not answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

from keywords.host import ModelReply, ModelRequest
from keywords.mistakes import Transient
from smartrouter import wire
from smartrouter.catalogue import Model, from_package
from smartrouter.choice import NoModel, candidates, price_of
from smartrouter.provider import Provider, within

PATIENCE = 120.0  # seconds for one answer, when the program sets no MAX_LATENCY


def no_package(origin: str) -> Mapping[str, str]:
    """The settings of a package nobody has."""
    return {}


class LitellmModels:
    """Language models through litellm; fulfils `keywords.host.Models`.

    A package's own model comes before the models of the settings. `package_config` answers the `config.csv` of a
    package by its name.
    """

    def __init__(
        self,
        models: Sequence[Model],
        environment: MutableMapping[str, str],
        package_config: Callable[[str], Mapping[str, str]] = no_package,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._models = tuple(models)
        self._provider = Provider(environment)
        self._package_config = package_config
        self._clock = clock

    async def answer(self, request: ModelRequest, call_id: str) -> ModelReply:
        """The reply of the best model that answers.

        Raises NoModel or UnknownName before anything is sent, TimedOut when MAX_LATENCY passes, another ProgramError
        when asking again would not help, and Transient when no model answered this time.
        """
        models = self.configured(request.origin)
        if not models:
            raise NoModel
        messages, tools = wire.messages_out(request.messages), wire.tools_out(request.tools)
        chosen = candidates(
            await self._provider.priced(models),
            request.model,
            request.optimize,
            request.max_cost,
            wire.tokens_about(messages, tools),
        )
        patience = PATIENCE if request.max_latency is None else request.max_latency / 1000
        end = self._clock() + patience
        failure: Transient | None = None
        for candidate in chosen:
            left = patience if request.max_latency is None else end - self._clock()
            if left <= 0:
                break
            try:
                response = await self._provider.complete(
                    candidate.model, messages, tools, candidate.longest, left, call_id
                )
                return _reply(response, candidate.model)
            except Transient as error:
                failure = error if failure is None or _sooner(error, failure) else failure
        if request.max_latency is not None and self._clock() >= end:
            raise within(request.max_latency)
        raise failure or within(patience * 1000)

    def configured(self, origin: str) -> tuple[Model, ...]:
        """The models that a program of this package may be answered by, the preferred one first."""
        own = from_package(self._package_config(origin)) if origin else None
        return self._models if own is None else (own, *(m for m in self._models if m.name != own.name))


def _sooner(error: Transient, than: Transient) -> bool:
    return (error.after or 0.0) < (than.after or 0.0)


def _reply(response: Any, model: Model) -> ModelReply:
    text, calls = wire.answer_in(response, model.name)
    usage = getattr(response, "usage", None)
    read = int(getattr(usage, "prompt_tokens", 0) or 0)
    written = int(getattr(usage, "completion_tokens", 0) or 0)
    return ModelReply(text, calls, model.name, read, written, price_of(model, read, written) or 0.0)
