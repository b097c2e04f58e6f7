"""The one call to a language model, as the rest of the product knows it; imports what it needs with the first one."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import random
import time
from collections.abc import AsyncGenerator, Callable, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING

from keywords.host import Identity, ModelReply, ModelRequest
from keywords.mistakes import ProgramError, TimedOut
from smartrouter.catalogue import Model, distinct, from_package
from smartrouter.daily_limits import DailyLimits
from smartrouter.mirror import Mirror
from smartrouter.preferences import Preferences
from smartrouter.setup import Setup
from storage.pool import Pool

if TYPE_CHECKING:  # numpy and more, which a worker without models never needs
    from smartrouter.calls import Calls


class NoModel(ProgramError):
    """No model is configured."""

    kind = "model"

    def __init__(self) -> None:
        super().__init__(
            "No language model is configured. Name one in BOTMCP_MODELS, for example openai/gpt-4o-mini, and set "
            "its key (OPENAI_API_KEY), or name one as llm-model in the package's config.csv."
        )


def no_package(origin: str) -> Mapping[str, str]:
    """The settings of a package nobody has."""
    return {}


class LitellmModels:
    """Language models through litellm; fulfils `keywords.host.Models`.

    A package's own models come before those of the settings. `package_config` answers the `config.csv` of a package by
    its name. With a pool, what is learned outlives the process; `running` does that work.
    """

    def __init__(
        self,
        models: Sequence[Model],
        environment: MutableMapping[str, str],
        package_config: Callable[[str], Mapping[str, str]] = no_package,
        clock: Callable[[], float] = time.monotonic,
        *,
        pool: Pool | None = None,
        daily: DailyLimits | None = None,
        mirror: Mirror | None = None,
        now: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._models = distinct(models)
        self._setup = Setup(environment, package_config, clock, now, chance, pool, daily or DailyLimits(), mirror)
        self._preferences = Preferences(pool)
        self._calls: Calls | None = None
        self._opening: asyncio.Task[Calls] | None = None
        self._running = False
        self._work: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def running(self, *, warm: bool = False) -> AsyncGenerator[None]:
        """The work behind the calls; with `warm`, what takes time to import is imported before the first of them."""
        self._running = True
        if warm and self._models:
            self._work.add(asyncio.create_task(self.warm()))
        try:
            yield
        finally:
            self._running = False
            for task in self._work:
                task.cancel()
            if self._work:
                await asyncio.wait(self._work)

    async def warm(self) -> None:
        """Import what takes time."""
        calls = await self._opened()
        await calls.warm(self._models)

    async def settled(self) -> None:
        """Write what has gathered, and finish what is being learned."""
        if self._calls is not None:
            await self._calls.settled()

    def configured(self, origin: str) -> tuple[Model, ...]:
        """The models that a program of this package may be answered by, the preferred one first."""
        own = from_package(self._setup.package_config(origin)) if origin else ()
        return distinct((*own, *self._models)) if own else self._models

    def names(self, origin: str) -> Sequence[str]:
        """Their names; one that stands on several servers is named once."""
        return list(dict.fromkeys(model.name for model in self.configured(origin)))

    async def preferred(self, caller: Identity) -> str | None:
        """What the caller's conversation asked for, else the first model of its package."""
        found = await self._preferences.known(caller)
        return found.model or found.aim or next(iter(self.names(caller.origin)), None)

    def add(self, models: Sequence[Model]) -> None:
        """Take up further models, behind those that are known: the host's."""
        self._models = distinct((*self._models, *models))

    async def answer(self, request: ModelRequest, call_id: str) -> ModelReply:
        """The reply of the best model that answers.

        Raises NoModel, NothingFits or UnknownName before anything is sent, TimedOut when MAX_LATENCY passes, another
        ProgramError when asking again would not help, and Transient when no model answered this time.
        """
        models = self.configured(request.origin)
        if not models:
            raise NoModel
        if request.max_latency is None:
            return await (self._calls or await self._opened()).answer(request, call_id, models, None)
        seconds = request.max_latency / 1000
        deadline = self._setup.clock() + seconds
        try:
            async with asyncio.timeout(seconds):
                return await (self._calls or await self._opened()).answer(request, call_id, models, deadline)
        except TimeoutError:
            raise TimedOut(f"No model answered within MAX_LATENCY {request.max_latency:g} milliseconds.") from None

    async def _opened(self) -> Calls:
        if self._opening is None:
            self._opening = asyncio.create_task(self._open())
        return await asyncio.shield(self._opening)

    async def _open(self) -> Calls:
        found = await asyncio.to_thread(importlib.import_module, "smartrouter.calls")
        self._calls = calls = found.Calls(self._setup)
        if self._running:
            self._work.add(asyncio.create_task(calls.work()))
        return calls
