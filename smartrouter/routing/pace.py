"""How fast a model answers: log-spaced histograms, which add up across processes and fade by multiplication.

An answer takes the time to its first token and then a time for each token; the two are measured apart, because only
the second grows with the answer. Calls that do not stream are measured whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from smartrouter.routing.tally import faded

BUCKETS = 64
_LOWEST, _HIGHEST = 1e-3, 1e3  # seconds
_STEP = math.log(_HIGHEST / _LOWEST) / BUCKETS
_NOTHING = (0.0,) * BUCKETS
SURELY = 0.95
_ENOUGH = 5.0  # measured calls before a prediction is made at all


def _bucket(value: float) -> int:
    return min(BUCKETS - 1, max(0, int(math.log(max(value, _LOWEST) / _LOWEST) / _STEP)))


@dataclass(frozen=True, slots=True)
class Histogram:
    """Positive numbers, kept to about a tenth of their size."""

    counts: tuple[float, ...] = _NOTHING

    @classmethod
    def of(cls, value: float) -> Histogram:
        """One number."""
        at = _bucket(value)
        return cls((*_NOTHING[:at], 1.0, *_NOTHING[at + 1 :]))

    @classmethod
    def of_all(cls, values: Iterable[float]) -> Histogram:
        """Several numbers."""
        counts = list(_NOTHING)
        for value in values:
            counts[_bucket(value)] += 1.0
        return cls(tuple(counts))

    @property
    def total(self) -> float:
        """How many numbers, as far as they have not faded."""
        return sum(self.counts)

    def quantile(self, share: float) -> float:
        """The number that this share of all stay below; 0 when there are none."""
        left = share * self.total
        if left <= 0:
            return 0.0
        for at, count in enumerate(self.counts):
            if count >= left:
                return _LOWEST * math.exp(_STEP * (at + left / count))
            left -= count
        return _HIGHEST

    def times(self, factor: float) -> Histogram:
        """Every count multiplied."""
        return Histogram(tuple(count * factor for count in self.counts))

    def __add__(self, other: Histogram) -> Histogram:
        return Histogram(tuple(a + b for a, b in zip(self.counts, other.counts, strict=True)))


@dataclass(frozen=True, slots=True)
class Pace:
    """Measured calls of one model at one task, decayed to the time `at`."""

    first: Histogram = field(default_factory=Histogram)  # seconds to the first token
    token: Histogram = field(default_factory=Histogram)  # seconds a token
    tokens: Histogram = field(default_factory=Histogram)  # thousands of tokens an answer
    whole: Histogram = field(default_factory=Histogram)  # seconds, of calls that do not stream and of time-outs
    at: float = 0.0

    @classmethod
    def streamed(cls, first: float, token: float, tokens: int, at: float) -> Pace:
        """One call whose tokens were seen to come."""
        return cls(Histogram.of(first), Histogram.of(token), Histogram.of(tokens / 1000), Histogram(), at)

    @classmethod
    def measured(cls, seconds: float, tokens: int, at: float) -> Pace:
        """One call of which only the end was seen."""
        return cls(Histogram(), Histogram(), Histogram.of(tokens / 1000), Histogram.of(seconds), at)

    @classmethod
    def timed_out(cls, after: float, at: float) -> Pace:
        """One call that was given up: it would have taken at least so long, not some large number."""
        return cls(whole=Histogram.of(after), at=at)

    def at_time(self, now: float) -> Pace:
        """The same knowledge, seen from later."""
        if now <= self.at:
            return self
        k = faded(self.at, now)
        return Pace(self.first.times(k), self.token.times(k), self.tokens.times(k), self.whole.times(k), now)

    def __add__(self, other: Pace) -> Pace:
        now = max(self.at, other.at)
        a, b = self.at_time(now), other.at_time(now)
        return Pace(a.first + b.first, a.token + b.token, a.tokens + b.tokens, a.whole + b.whole, now)

    def seconds(self, share: float, longest: int | None = None) -> float | None:
        """The time that this share of answers stays within, of at most `longest` tokens; None when hardly measured."""
        found: list[float] = []
        if self.first.total >= _ENOUGH:
            tokens = self.tokens.quantile(share) * 1000
            capped = tokens if longest is None else min(tokens, float(longest))
            found.append(self.first.quantile(share) + capped * self.token.quantile(0.5))
        if self.whole.total >= _ENOUGH:
            found.append(self.whole.quantile(share))
        if not found:
            return None
        return max(found) if share > 0.5 else min(found)

    def span(self) -> Span | None:
        """What is expected of the time of an answer; None when hardly measured."""
        median = self.seconds(0.5)
        if median is None:
            return None
        streams = self.first.total >= _ENOUGH
        return Span(
            median,
            self.first.quantile(SURELY) if streams else None,
            self.token.quantile(0.5),
            self.tokens.quantile(SURELY) * 1000,
            self.whole.quantile(SURELY) if self.whole.total >= _ENOUGH else None,
        )


@dataclass(frozen=True, slots=True)
class Span:
    """How long answers take, read off a pace once: half of them, and all but one in twenty."""

    median: float  # seconds
    first: float | None  # to the first token, of answers that stream
    token: float
    tokens: float
    whole: float | None

    def surely(self, longest: int | None = None) -> float:
        """The time that all but one in twenty answers of at most `longest` tokens stay within."""
        whole = self.whole or 0.0
        if self.first is None:
            return whole
        tokens = self.tokens if longest is None else min(self.tokens, float(longest))
        return max(whole, self.first + tokens * self.token)
