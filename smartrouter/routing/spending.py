"""What calls cost: sums that add up, and from them the expected price of the next call by the length of its prompt.

Cost is a line in the prompt's length: its slope (input price, and answers that grow with the question) belongs to the
model, its start (the usual length of an answer) to the model at the task.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smartrouter.routing.tally import faded
from smartrouter.routing.tasks import TaskType

_UNIT = 1000.0  # characters; keeps the sums of squares near one
_DOUBT = 3.0  # calls: how many it takes until a task's own mean outweighs the model's
_FLAT = 0.05  # squared units of length: how much spread it takes until a slope is believed
_LEAST = 0.1  # of the model's mean: no line runs below it


@dataclass(frozen=True, slots=True)
class Spending:
    """Paid calls of one model at one task, as decayed sums at the time `at`."""

    calls: float = 0.0
    cost: float = 0.0
    length: float = 0.0
    length_squares: float = 0.0
    length_cost: float = 0.0
    at: float = 0.0

    @classmethod
    def of(cls, cost: float, length: int, at: float) -> Spending:
        """One paid call."""
        x = length / _UNIT
        return cls(1.0, cost, x, x * x, x * cost, at)

    def at_time(self, now: float) -> Spending:
        """The same knowledge, seen from later."""
        if now <= self.at:
            return self
        k = faded(self.at, now)
        return Spending(
            self.calls * k, self.cost * k, self.length * k, self.length_squares * k, self.length_cost * k, now
        )

    def __add__(self, other: Spending) -> Spending:
        now = max(self.at, other.at)
        a, b = self.at_time(now), other.at_time(now)
        return Spending(
            a.calls + b.calls,
            a.cost + b.cost,
            a.length + b.length,
            a.length_squares + b.length_squares,
            a.length_cost + b.length_cost,
            now,
        )


@dataclass(frozen=True, slots=True)
class Line:
    """The expected cost of a call: `start + slope * length`, never below `least`."""

    start: float
    slope: float
    least: float

    @classmethod
    def of_prices(cls, character: float, answer: float) -> Line:
        """The line of a character of the prompt at one price, and a usual answer at the other."""
        return cls(answer, character * _UNIT, 0.0)

    def cost(self, length: int) -> float:
        """What a call with a prompt of so many characters is expected to cost, in US dollars."""
        cost = self.start + self.slope * length / _UNIT
        return cost if cost > self.least else self.least


def lines(spent: Mapping[TaskType, Spending], tasks: Sequence[TaskType]) -> dict[TaskType, Line] | None:
    """The line of one model for each task; None when it was never paid for."""
    calls = sum(one.calls for one in spent.values())
    if calls <= 0:
        return None
    mean_cost = sum(one.cost for one in spent.values()) / calls
    mean_length = sum(one.length for one in spent.values()) / calls
    within = [(one.length_squares - one.length**2 / one.calls, one.length_cost - one.length * one.cost / one.calls)
              for one in spent.values() if one.calls > 0]  # fmt: skip
    slope = max(0.0, sum(xy for _, xy in within)) / (sum(xx for xx, _ in within) + _FLAT)
    nothing = Spending()
    found: dict[TaskType, Line] = {}
    for task in tasks:
        one = spent.get(task, nothing)
        usual = mean_cost - slope * mean_length
        start = (one.cost - slope * one.length + _DOUBT * usual) / (one.calls + _DOUBT)
        found[task] = Line(start, slope, _LEAST * mean_cost)
    return found
