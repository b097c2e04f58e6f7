"""Which model answers a call best: hard gates, then what is believed and learned of quality, cost and time.

    judgement = Judgement.of(experience, candidates, now, learned)     prepared once, until the experience changes
    choice = choose(judgement, prompt, AIMS["balanced"], limits, seed)
    choice.ranking[0]                                                   whom to ask; then the fallbacks, best first

Pure: the same judgement, prompt and seed choose the same model. Without a seed nothing is drawn, and the choice is the
best by what is known; with one, quality is drawn from what is believed of it (Thompson sampling), so that a model about
which little is known gets its chance, and no more than its chance.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from smartrouter.routing.experience import Experience
from smartrouter.routing.features import Prompt
from smartrouter.routing.gates import Candidate, Limits, NothingFits, gate
from smartrouter.routing.learned import Learned
from smartrouter.routing.pace import Pace, Span
from smartrouter.routing.posterior import Posterior, posterior
from smartrouter.routing.spending import Line, lines
from smartrouter.routing.tally import Tally
from smartrouter.routing.tasks import TASK_TYPES, TaskType

Array: TypeAlias = NDArray[np.float64]

_USUAL_OUTPUT = 300  # tokens, until a model was paid for
_CHARACTERS = 4.0  # a token, on average
_WORST, _PRICED = 0.55, 0.30  # prior quality of the cheapest model, and how much better the dearest is taken to be
_DOUBT = 1.5
_SLOWER = 0.2  # by how much the dearest unmeasured model is taken to be slower than the cheapest
_AT_TASK = {task: column for column, task in enumerate(TASK_TYPES)}


@dataclass(frozen=True, slots=True)
class Aim:
    """What counts: quality, less what it costs and how long it takes, both as shares of the best model's.

    With `slack`, whoever is at most so much worse than the best is good enough, and comes before whoever is not.
    """

    quality: float = 1.0
    cost: float = 0.0
    seconds: float = 0.0
    slack: float | None = None


AIMS: Mapping[str, Aim] = {
    "quality": Aim(),
    "balanced": Aim(cost=0.1, seconds=0.05),
    "cost": Aim(quality=0.01, cost=1.0, slack=0.1),
    "speed": Aim(quality=0.01, seconds=1.0, slack=0.1),
}


def worth(
    aim: Aim,
    quality: Array,
    cost: Array,
    seconds: Array,
    doubt: Array | float = 0.0,
    among: Sequence[int] | None = None,
) -> Array:
    """The worth of each candidate (last axis) of quality, and of cost and time as shares of the reference's.

    Whoever may be good enough by what is in doubt of it counts as good enough: a price alone proves nothing. What is
    good enough is told by the best of those `among` whom one may choose; None for all.
    """
    value = aim.quality * quality - aim.cost * cost - aim.seconds * seconds
    if aim.slack is None:
        return value
    best = (quality if among is None else quality[..., among]).max(-1, keepdims=True)
    return np.where(quality + doubt >= best - aim.slack, value, value - 1e6 + 1e3 * quality)


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What is expected of each candidate on one prompt; cost and time as shares of the reference's."""

    quality: Array
    strength: Array  # judgements that the quality is worth
    cost: Array
    seconds: Array
    foretold: Array  # how far the quality departs from that at the task
    dollars: Sequence[float | None]  # the cost in US dollars; None when nobody knows


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an experience says of some candidates, ready to be asked about prompts."""

    candidates: tuple[Candidate, ...]
    believed: Posterior
    lines: Mapping[TaskType, tuple[Line | None, ...]]  # of each candidate's cost; None when nobody knows
    spans: tuple[dict[TaskType, Span], ...]
    rows: Mapping[str, int]  # of each model among the candidates
    waits: Mapping[TaskType, Array]  # the usual time of each candidate at each task, as a share of `unit_seconds`
    dollars: float  # the usual cost of the best model: the unit of cost
    unit_seconds: float  # the usual time of an answer: the unit of time
    learned: Learned | None = None

    @classmethod
    def of(
        cls, experience: Experience, candidates: Sequence[Candidate], now: float, learned: Learned | None = None
    ) -> Judgement:
        """The judgement at the time `now`; `learned` may come from an earlier state of the same experience."""
        models = [one.model for one in candidates]
        tallies = {key: tally.at_time(now) for key, tally in experience.tallies.items()}
        believed = posterior(models, tallies, prior(candidates))
        paid = [lines(_of_model(experience.spending, model), TASK_TYPES) for model in models]
        told = [_listed(one) for one in candidates]
        drawn: dict[TaskType, tuple[Line | None, ...]] = {
            task: tuple(own[task] if own else listed for own, listed in zip(paid, told, strict=True))
            for task in TASK_TYPES
        }
        spans = tuple(_spans(_of_model(experience.paces, model)) for model in models)
        best = _best(candidates, believed, tallies)
        dollars = _usual_cost(candidates, experience, best)
        medians = [span.median for known in spans for span in known.values()]
        unit = float(np.median(medians)) if medians else 1.0
        if learned is not None and learned.models != tuple(models):
            learned = None
        waits: dict[TaskType, Array] = {task: _waits(spans, candidates, task, unit) for task in TASK_TYPES}
        rows = {model: row for row, model in enumerate(models)}
        return cls(tuple(candidates), believed, drawn, spans, rows, waits, dollars, unit, learned)

    def departures(self, prompt: Prompt) -> Array:
        """How far each candidate's quality on this prompt departs from its quality at the task, as foretold."""
        return np.zeros(len(self.candidates)) if self.learned is None else self.learned.departures(prompt)

    def appraise(self, prompt: Prompt) -> Appraisal:
        """What is expected of each candidate."""
        column = _AT_TASK[prompt.task]
        foretold = self.departures(prompt)
        dollars = [None if line is None else line.cost(prompt.length) for line in self.lines[prompt.task]]
        return Appraisal(
            np.minimum(np.maximum(self.believed.mean[:, column] + foretold, 0.0), 1.0),
            self.believed.strength[:, column],
            self._shares(dollars),
            self.waits[prompt.task],
            foretold,
            dollars,
        )

    def _shares(self, dollars: Sequence[float | None]) -> Array:
        """Costs in the unit of cost; what nobody knows counts as the dearest."""
        if None not in dollars:
            return np.array(dollars) / self.dollars
        dearest = max((cost for cost in dollars if cost is not None), default=self.dollars)
        return np.array([dearest if cost is None else cost for cost in dollars]) / self.dollars

    def span(self, row: int, task: TaskType) -> Span | None:
        """What was measured of the candidate at this task, else at all tasks."""
        return self.spans[row].get(task)


class Considered(NamedTuple):
    """One candidate in one choice: why not, or how it was seen."""

    model: str
    closed: str = ""
    longest: int | None = None
    quality: float = 0.0  # expected
    foretold: float = 0.0  # of it, what this prompt makes of the task
    drawn: float = 0.0  # what the choice went by
    judgements: float = 0.0  # that the expectation is worth
    dollars: float | None = None
    seconds: float | None = None
    worth: float = -math.inf


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom to ask, best first, and why."""

    task: TaskType
    ranking: tuple[Considered, ...]  # those that may be asked
    closed: tuple[Considered, ...]

    @property
    def model(self) -> str:
        """Whom to ask first."""
        return self.ranking[0].model

    def explain(self) -> dict[str, Any]:
        """The choice as plain JSON: whom to ask, the others and their scores, and who was ruled out and why."""
        return {
            "task": self.task,
            "model": self.model,
            "ranking": [
                {
                    "model": one.model,
                    "worth": round(one.worth, 4),
                    "quality": round(one.quality, 4),
                    "drawn": round(one.drawn, 4),
                    "judgements": round(one.judgements, 1),
                    "cost": one.dollars,
                    "seconds": one.seconds,
                    "max_tokens": one.longest,
                }
                for one in self.ranking
            ],
            "ruled_out": {one.model: one.closed for one in self.closed},
        }


def choose(
    judgement: Judgement, prompt: Prompt, aim: Aim | None, limits: Limits | None = None, seed: int | None = None
) -> Choice:
    """Whom to ask, best first; raises NothingFits when every gate is closed. Without an aim the order given counts."""
    limits = limits or Limits()
    candidates = judgement.candidates
    spans = [known.get(prompt.task) for known in judgement.spans]
    gates = [gate(one, limits, span) for one, span in zip(candidates, spans, strict=True)]
    passed = [row for row, one in enumerate(gates) if not one.closed]
    if not passed:
        raise NothingFits(gates)
    seen = judgement.appraise(prompt)
    drawn = seen.quality
    if seed is not None and len(passed) > 1:
        drawn = draw(seen, random.Random(seed))  # noqa: S311 -- exploring is no secret
    order = passed
    values = [-float(row) for row in range(len(gates))]
    if aim is not None:
        doubt = 0.0 if aim.slack is None else _doubt(seen)
        value = worth(aim, drawn, seen.cost, seen.seconds, doubt, None if len(passed) == len(gates) else passed)
        values = value.tolist()
        order = sorted(passed, key=values.__getitem__, reverse=True)  # of equals the one given first
    quality, foretold, tried = seen.quality.tolist(), seen.foretold.tolist(), drawn.tolist()
    strength = seen.strength.tolist()
    return Choice(
        prompt.task,
        tuple(
            [
                Considered(
                    gates[row].model,
                    "",
                    gates[row].longest,
                    quality[row],
                    foretold[row],
                    tried[row],
                    strength[row],
                    seen.dollars[row],
                    None if (span := spans[row]) is None else span.median,
                    values[row],
                )
                for row in order
            ]
        ),
        () if len(passed) == len(gates) else tuple(Considered(one.model, one.closed) for one in gates if one.closed),
    )


def _doubt(seen: Appraisal) -> Array:
    """What a quality may be better than expected: one and a half standard deviations of what is believed."""
    return _DOUBT * np.sqrt(seen.quality * (1 - seen.quality) / seen.strength)


def draw(seen: Appraisal, chance: random.Random) -> Array:
    """A quality for each candidate, drawn from what is believed of it."""
    drawn: list[float] = []
    drawing = chance.betavariate
    for mean, strength in zip(seen.quality.tolist(), seen.strength.tolist(), strict=True):
        kept = 0.98 if mean > 0.98 else max(mean, 0.02)
        drawn.append(drawing(kept * strength, (1 - kept) * strength))
    return np.array(drawn)


def prior(candidates: Sequence[Candidate]) -> Array:
    """The quality expected of each candidate (row) at each task (column) before any judgement.

    Published benchmark figures where there are any, else the price: a dearer model is taken to be better.
    """
    prices = [one.output_price for one in candidates]
    known = [math.log(price) for price in prices if price]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    found = np.zeros((len(candidates), len(TASK_TYPES)))
    for row, (one, price) in enumerate(zip(candidates, prices, strict=True)):
        share = (math.log(price) - low) / (high - low) if price and high > low else 0.5
        overall = one.published.get("", _WORST + _PRICED * share)
        found[row] = [one.published.get(task, overall) for task in TASK_TYPES]
    return found


def _best(candidates: Sequence[Candidate], believed: Posterior, tallies: Mapping[tuple[str, TaskType], Tally]) -> int:
    """The row of the candidate that is best over the tasks as they come."""
    share = np.full(len(TASK_TYPES), 1e-6)
    for (_, task), tally in tallies.items():
        share[_AT_TASK[task]] += tally.judged
    return int((believed.mean @ share).argmax()) if candidates else 0


def _usual_cost(candidates: Sequence[Candidate], experience: Experience, best: int) -> float:
    if not candidates:
        return 1.0
    spent = list(_of_model(experience.spending, candidates[best].model).values())
    calls = sum(one.calls for one in spent)
    if calls:
        return sum(one.cost for one in spent) / calls or 1.0
    line = _listed(candidates[best])
    return 1.0 if line is None else line.cost(1000) or 1.0


def _listed(candidate: Candidate) -> Line | None:
    """What a call costs by the listed prices; None when nobody knows them."""
    if candidate.input_price is None or candidate.output_price is None:
        return None
    return Line.of_prices(candidate.input_price / _CHARACTERS, _USUAL_OUTPUT * candidate.output_price)


def _of_model(records: Mapping[tuple[str, TaskType], Any], model: str) -> dict[TaskType, Any]:
    return {task: record for (name, task), record in records.items() if name == model}


def _spans(paces: Mapping[TaskType, Pace]) -> dict[TaskType, Span]:
    """What was measured of one model at each task; at all tasks where this one was hardly measured."""
    if not paces:
        return {}
    whole = sum(paces.values(), Pace()).span()
    found: dict[TaskType, Span] = {}
    for task in TASK_TYPES:
        own = paces[task].span() if task in paces else None
        if (span := own or whole) is not None:
            found[task] = span
    return found


def _waits(
    spans: Sequence[Mapping[TaskType, Span]], candidates: Sequence[Candidate], task: TaskType, unit: float
) -> Array:
    """The usual time of each candidate; where nothing was measured, a dearer model is taken to be a little slower."""
    measured = [known[task].median for known in spans if task in known]
    usual = float(np.median(measured)) if measured else unit
    prices = sorted({one.output_price for one in candidates if one.output_price is not None})
    found = [
        known[task].median if task in known else usual * (1 + _SLOWER * _place(prices, one.output_price))
        for known, one in zip(spans, candidates, strict=True)
    ]
    return np.array(found) / unit


def _place(prices: Sequence[float], price: float | None) -> float:
    """Where a price stands between the lowest, 0, and the highest, 1."""
    if price is None or len(prices) < 2:
        return 0.5
    return prices.index(price) / (len(prices) - 1)
