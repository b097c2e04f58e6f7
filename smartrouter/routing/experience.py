"""All that is known of the models, as records that add up: what two processes saw apart, `add` makes what both saw.

It grows in place, for it is written on every call; everything that is read from it is a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field
from typing import Any, cast

from smartrouter.routing.example import Example
from smartrouter.routing.features import Prompt
from smartrouter.routing.pace import Histogram, Pace
from smartrouter.routing.spending import Spending
from smartrouter.routing.tally import Tally
from smartrouter.routing.tasks import TaskType

MOST = 10_000  # examples kept; the oldest go first
MODEST = 300.0  # judgements that elsewhere's experience of a model at a task is worth

Key = tuple[str, TaskType]  # model and task


@dataclass(slots=True)
class Experience:
    """Judgements, costs and times by model and task, and the latest judged prompts."""

    tallies: dict[Key, Tally] = field(default_factory=dict)
    spending: dict[Key, Spending] = field(default_factory=dict)
    paces: dict[Key, Pace] = field(default_factory=dict)
    examples: dict[str, Example] = field(default_factory=dict)  # oldest first

    def judge(
        self,
        model: str,
        prompt: Prompt,
        quality: float,
        at: float,
        call: str | None,
        *,
        foretold: float = 0.0,
        weight: float = 1.0,
    ) -> None:
        """Note how good an answer was, from 0 to 1; answers to one prompt share the name of the `call`.

        `foretold` is the departure that `Learned` had foretold for this prompt: the tally keeps what is left, and so
        corrects the learners where they are wrong. Weak signals have a `weight` below one, and no `call`: they are
        no example.
        """
        key = (model, prompt.task)
        self.tallies[key] = self.tallies.get(key, Tally()) + Tally.of(quality - foretold, at, weight)
        if call is not None:
            self._keep(Example(call, at, prompt, {model: quality}))

    def pay(self, model: str, prompt: Prompt, cost: float, at: float) -> None:
        """Note what a call cost, in US dollars."""
        key = (model, prompt.task)
        self.spending[key] = self.spending.get(key, Spending()) + Spending.of(cost, prompt.length, at)

    def time(self, model: str, prompt: Prompt, pace: Pace) -> None:
        """Note how long a call took."""
        key = (model, prompt.task)
        self.paces[key] = self.paces.get(key, Pace()) + pace

    def add(self, other: Experience) -> None:
        """Take in what another process saw; the order in which processes are added does not matter."""
        for key, tally in other.tallies.items():
            self.tallies[key] = self.tallies.get(key, Tally()) + tally
        for key, spending in other.spending.items():
            self.spending[key] = self.spending.get(key, Spending()) + spending
        for key, pace in other.paces.items():
            self.paces[key] = self.paces.get(key, Pace()) + pace
        for name, example in other.examples.items():
            known = self.examples.get(name)
            self.examples[name] = example if known is None else known | example
        latest = sorted(self.examples.values(), key=lambda one: (one.at, one.id))[-MOST:]
        self.examples = {one.id: one for one in latest}

    def humbled(self, most: float = MODEST) -> Experience:
        """The same experience as a prior for other work: no tally weighs more than `most` judgements."""
        return Experience(
            {key: tally.capped(most) for key, tally in self.tallies.items()},
            dict(self.spending),
            dict(self.paces),
            dict(self.examples),
        )

    def to_json(self) -> dict[str, Any]:
        """The experience as plain JSON."""
        return {
            "tallies": [[*key, *astuple(tally)] for key, tally in sorted(self.tallies.items())],
            "spending": [[*key, *astuple(spending)] for key, spending in sorted(self.spending.items())],
            "paces": [[*key, _pace_to_json(pace)] for key, pace in sorted(self.paces.items())],
            "examples": [example.to_json() for example in self.examples.values()],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Experience:
        """The experience that `to_json` wrote."""
        return cls(
            {_key(row): Tally(*row[2:]) for row in _rows(stored["tallies"])},
            {_key(row): Spending(*row[2:]) for row in _rows(stored["spending"])},
            {_key(row): _pace_from_json(row[2]) for row in _rows(stored["paces"])},
            {one["id"]: Example.from_json(one) for one in stored["examples"]},
        )

    def _keep(self, example: Example) -> None:
        known = self.examples.pop(example.id, None)
        self.examples[example.id] = example if known is None else known | example
        while len(self.examples) > MOST:
            del self.examples[next(iter(self.examples))]


def _rows(stored: Iterable[list[Any]]) -> Iterable[list[Any]]:
    return stored


def _key(row: list[Any]) -> Key:
    return row[0], cast("TaskType", row[1])


def _pace_to_json(pace: Pace) -> dict[str, Any]:
    parts = {"first": pace.first, "token": pace.token, "tokens": pace.tokens, "whole": pace.whole}
    return {"at": pace.at} | {
        name: {str(bucket): count for bucket, count in enumerate(part.counts) if count} for name, part in parts.items()
    }


def _pace_from_json(stored: Mapping[str, Any]) -> Pace:
    def histogram(name: str) -> Histogram:
        return Histogram(tuple(float(stored[name].get(str(bucket), 0.0)) for bucket in range(len(Histogram().counts))))

    return Pace(histogram("first"), histogram("token"), histogram("tokens"), histogram("whole"), stored["at"])
