"""Judgements at hand: for each set of models one that is ready, made anew behind the calls when something was learned.

A call never waits for learning. What the prompts themselves teach is fitted in a thread when there are a quarter more
rated calls than the last time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import structlog

from smartrouter.catalogue import Model
from smartrouter.published import published
from smartrouter.records import Tenant
from smartrouter.routing.choice import Judgement
from smartrouter.routing.gates import Candidate
from smartrouter.routing.learned import Learned, due, learn

log = structlog.get_logger()

MOST = 200  # sets of models kept
AT_MOST_EVERY = 1.0  # seconds
Key: TypeAlias = tuple[UUID, tuple[Model, ...]]


@dataclass(slots=True)
class Ready:
    """A judgement and what it was made from."""

    judgement: Judgement
    version: int
    made_at: float
    learned: Learned | None = None
    learning: asyncio.Task[None] | None = None


class Judging:
    """The judgements of this process."""

    def __init__(self, clock: Callable[[], float], now: Callable[[], float]) -> None:
        self._clock = clock
        self._now = now
        self._ready: dict[Key, Ready] = {}
        self._near: dict[UUID, tuple[tuple[Model, ...], Ready]] = {}  # what each tenant asked for last
        self._candidates: dict[tuple[Model, ...], tuple[Candidate, ...]] = {}

    def of(self, tenant: UUID, held: Tenant, models: Sequence[Model]) -> Judgement:
        """The judgement of these models, at most a second older than what is known."""
        near = self._near.get(tenant)
        if near is not None and near[0] is models:  # as most calls ask: hashing many models takes its time
            key, ready = (tenant, near[0]), near[1]
        else:
            key = (tenant, tuple(models))
            ready = self._ready.get(key)
        if ready is None or (ready.version != held.version and self._clock() - ready.made_at >= AT_MOST_EVERY):
            ready = self._made(key, held, ready)
        self._near[tenant] = key[1], ready
        return ready.judgement

    async def settled(self) -> None:
        """Returns when nothing is being learned."""
        for ready in list(self._ready.values()):
            if ready.learning is not None:
                await asyncio.wait([ready.learning])

    def _made(self, key: Key, held: Tenant, before: Ready | None) -> Ready:
        candidates = self._seen(key[1])
        learned = before.learned if before else None
        judgement = Judgement.of(held.known, candidates, self._now(), learned)
        ready = Ready(judgement, held.version, self._clock(), learned, before.learning if before else None)
        if before is None and len(self._ready) >= MOST:
            del self._ready[next(iter(self._ready))]
            self._near.clear()
        self._ready[key] = ready
        if ready.learning is None and due(learned, len(held.known.examples)):
            ready.learning = asyncio.create_task(self._learn(key, held))
        return ready

    async def _learn(self, key: Key, held: Tenant) -> None:
        ready = self._ready[key]
        examples = list(held.known.examples.values())
        labels = [model.label for model in key[1]]
        try:
            found = await asyncio.to_thread(learn, examples, labels, ready.judgement.believed.mean)
        except Exception:
            log.exception("judging.failed", examples=len(examples))
            found = None
        now = self._ready.get(key)
        if now is not None:
            now.learning = None
            now.learned, now.version = found or now.learned, -1  # the next call takes it up

    def _seen(self, models: tuple[Model, ...]) -> tuple[Candidate, ...]:
        found = self._candidates.get(models)
        if found is None:
            if len(self._candidates) >= MOST:
                self._candidates.clear()
            found = self._candidates[models] = tuple(model.candidate(published(model.name)) for model in models)
        return found
