"""A batch of attempts as rows that merge into the tables: one for each model and task, in the order of their keys."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias, cast
from uuid import UUID

from smartrouter.attempts import Attempt
from smartrouter.heard import Heard
from smartrouter.moments import Moments
from smartrouter.routing.experience import Experience
from smartrouter.routing.features import Prompt
from smartrouter.routing.pace import Histogram, Pace
from smartrouter.routing.spending import Spending
from smartrouter.routing.tally import Tally
from smartrouter.routing.tasks import TaskType

Key: TypeAlias = tuple[UUID, str, str, str]  # tenant, model, provider, task
Columns: TypeAlias = dict[str, list[Any]]


class Noted(NamedTuple):
    """An attempt, for whom it was made and when it ended."""

    tenant: UUID
    attempt: Attempt
    at: float  # by the wall clock
    execution: UUID | None = None
    bot: UUID | None = None
    session: UUID | None = None
    foretold: float = 0.0
    cached: bool = False  # answered from the cache: nobody was asked
    heard: Heard | None = None  # where the whole prompt is kept with the call

    @property
    def key(self) -> Key:
        return self.tenant, self.attempt.model.label, self.attempt.model.provider, self.attempt.prompt.task

    @property
    def prompt(self) -> Prompt:
        """The prompt as it is kept with the call."""
        return self.attempt.prompt if self.heard is None else self.heard.whole()


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement of an answer."""

    key: Key
    tally: Tally


@dataclass(slots=True)
class Row:
    """What a batch says of one model at one task."""

    calls: int = 0
    errors: int = 0
    timeouts: int = 0
    costs: list[float] = field(default_factory=list[float])
    read: int = 0
    written: int = 0
    firsts: list[float] = field(default_factory=list[float])
    betweens: list[float] = field(default_factory=list[float])
    wholes: list[float] = field(default_factory=list[float])
    lengths: list[int] = field(default_factory=list[int])  # tokens of the answers
    unstreamed: list[float] = field(default_factory=list[float])
    tally: Tally = field(default_factory=Tally)
    spending: Spending = field(default_factory=Spending)
    at: float = 0.0

    @property
    def pace(self) -> Pace:
        """How long its answers took, as of the last of them."""
        return Pace(
            Histogram.of_all(self.firsts),
            Histogram.of_all(self.betweens),
            Histogram.of_all(length / 1000 for length in self.lengths),
            Histogram.of_all(self.unstreamed),
            self.at,
        )


def learn(known: Experience, found: Mapping[Key, Row]) -> None:
    """Let an experience take in what a batch says."""
    for (_, model, _, task), row in found.items():
        key = (model, cast("TaskType", task))
        known.tallies[key] = known.tallies.get(key, Tally()) + row.tally
        known.spending[key] = known.spending.get(key, Spending()) + row.spending
        known.paces[key] = known.paces.get(key, Pace()) + row.pace


def rows(batch: Iterable[Noted], judged: Iterable[Judged] = ()) -> dict[Key, Row]:
    """The batch, added up."""
    found: dict[Key, Row] = {}
    for noted in batch:
        attempt = noted.attempt
        if noted.cached or attempt.ended == "given":
            continue
        row = found.setdefault(noted.key, Row())
        if attempt.quality is not None:
            row.tally += Tally.of(attempt.quality - noted.foretold, noted.at, attempt.weight)
        if attempt.signal:
            continue
        row.calls += 1
        row.errors += not attempt.answered
        row.timeouts += attempt.ended == "late"
        if not attempt.answered:
            continue
        row.costs.append(attempt.cost)
        row.read += attempt.read
        row.written += attempt.written
        row.at = max(row.at, noted.at)
        row.wholes.append(attempt.seconds)
        row.lengths.append(attempt.written)
        if attempt.first is not None and attempt.between is not None:
            row.firsts.append(attempt.first)
            row.betweens.append(attempt.between)
        else:
            row.unstreamed.append(attempt.seconds)
        row.spending += Spending.of(attempt.cost, attempt.prompt.length, noted.at)
    for one in judged:
        row = found.setdefault(one.key, Row())
        row.tally += one.tally
    return dict(sorted(found.items(), key=lambda item: (item[0][0].bytes, *item[0][1:])))


def performance_columns(found: dict[Key, Row]) -> Columns:
    """Parameters of `write_records`."""
    columns: list[dict[str, Any]] = []
    for (tenant, model, provider, task), row in found.items():
        at = max(row.tally.at, row.spending.at, row.at)
        tally, spending, pace = row.tally.at_time(at), row.spending.at_time(at), row.pace
        first, between, whole = Moments.of(row.firsts), Moments.of(row.betweens), Moments.of(row.wholes)
        columns.append(
            {
                "tenant": tenant, "model": model, "provider": provider, "task": task,
                "calls": row.calls, "errors": row.errors, "timeouts": row.timeouts,
                "cost": math.fsum(row.costs), "input": row.read, "output": row.written,
                "ttft_n": first.n, "ttft_mean": first.mean, "ttft_m2": first.m2,
                "itl_n": between.n, "itl_mean": between.mean, "itl_m2": between.m2,
                "seconds_n": whole.n, "seconds_mean": whole.mean, "seconds_m2": whole.m2,
                "at": datetime.fromtimestamp(at, UTC),
                "judged": tally.judged, "quality": tally.quality, "squares": tally.squares,
                "paid": spending.calls, "paid_cost": spending.cost, "paid_length": spending.length,
                "paid_length_squares": spending.length_squares, "paid_length_cost": spending.length_cost,
                "hist_ttft": _array(pace.first), "hist_itl": _array(pace.token),
                "hist_tokens": _array(pace.tokens), "hist_seconds": _array(pace.whole),
            }
        )  # fmt: skip
    return _turned(columns)


def usage_columns(batch: Iterable[Noted]) -> Columns:
    """Parameters of `write_usage`."""
    found: dict[tuple[UUID, datetime, str, str, str], list[Noted]] = {}
    for noted in batch:
        if not noted.attempt.signal:
            hour = datetime.fromtimestamp(noted.at, UTC).replace(minute=0, second=0, microsecond=0)
            tenant, model, provider, task = noted.key
            found.setdefault((tenant, hour, model, provider, task), []).append(noted)
    columns = [
        {
            "tenant": tenant, "hour": hour, "model": model, "provider": provider, "task": task,
            "calls": sum(not one.cached for one in some), "cached": sum(one.cached for one in some),
            "errors": sum(not one.attempt.answered for one in some),
            "cost": math.fsum(one.attempt.cost for one in some),
            "input": sum(one.attempt.read for one in some), "output": sum(one.attempt.written for one in some),
            "seconds": math.fsum(one.attempt.seconds for one in some),
        }
        for (tenant, hour, model, provider, task), some in found.items()
    ]  # fmt: skip
    return _turned(columns)


def call_columns(batch: Iterable[Noted]) -> Columns:
    """Parameters of `write_calls`: the answers that a program got."""
    last = {(noted.tenant, noted.attempt.call_id): noted for noted in batch if noted.attempt.ended == "given"}
    columns = [
        {
            "tenant": noted.tenant, "call": call, "execution": noted.execution,
            "model": noted.attempt.model.label, "provider": noted.attempt.model.provider,
            "task": noted.attempt.prompt.task, "prompt": json.dumps(noted.prompt.to_json()),
            "foretold": noted.foretold, "at": datetime.fromtimestamp(noted.at, UTC),
        }
        for (_, call), noted in last.items()
    ]  # fmt: skip
    return _turned(columns)


def _array(histogram: Histogram) -> str:
    """The text of a Postgres array: unnest would make one array of many."""
    return "{" + ",".join(repr(count) if count else "0" for count in histogram.counts) + "}"


def _turned(found: Sequence[dict[str, Any]]) -> Columns:
    return {name: [row[name] for row in found] for name in found[0]} if found else {}
