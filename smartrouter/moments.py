"""Count, mean and spread of numbers, as a value that adds up exactly: what two processes measured apart, + joins."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moments:
    """`m2` is the sum of the squared distances from the mean."""

    n: int = 0
    mean: float = 0.0
    m2: float = 0.0

    @classmethod
    def of(cls, values: Iterable[float]) -> Moments:
        """The moments of these numbers, each sum rounded once."""
        known = list(values)
        if not known:
            return cls()
        mean = math.fsum(known) / len(known)
        return cls(len(known), mean, math.fsum((value - mean) ** 2 for value in known))

    @property
    def deviation(self) -> float:
        """The standard deviation of the numbers."""
        return math.sqrt(self.m2 / self.n) if self.n else 0.0

    def __add__(self, other: Moments) -> Moments:
        n = self.n + other.n
        if not n:
            return self
        apart = other.mean - self.mean
        return Moments(
            n, self.mean + apart * (other.n / n), self.m2 + other.m2 + apart * apart * (self.n * other.n / n)
        )
