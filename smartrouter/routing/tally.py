"""How well one model did at one task: sums that fade with time and add up across processes."""

from __future__ import annotations

from dataclasses import dataclass

HALF_LIFE = 30 * 86_400.0  # seconds until a judgement counts half: models change behind their names


def faded(then: float, now: float) -> float:
    """What is left at `now` of a weight of one at `then`; a clock that runs backwards fades nothing."""
    return 0.5 ** (max(0.0, now - then) / HALF_LIFE)


@dataclass(frozen=True, slots=True)
class Tally:
    """Judged calls, as decayed sums at the time `at`."""

    judged: float = 0.0
    quality: float = 0.0
    squares: float = 0.0
    at: float = 0.0

    @classmethod
    def of(cls, quality: float, at: float, weight: float = 1.0) -> Tally:
        """One judgement; weak signals weigh less than a person's word."""
        return cls(weight, weight * quality, weight * quality * quality, at)

    def at_time(self, now: float) -> Tally:
        """The same knowledge, seen from later."""
        if now <= self.at:
            return self
        left = faded(self.at, now)
        return Tally(self.judged * left, self.quality * left, self.squares * left, now)

    def __add__(self, other: Tally) -> Tally:
        now = max(self.at, other.at)
        mine, theirs = self.at_time(now), other.at_time(now)
        return Tally(mine.judged + theirs.judged, mine.quality + theirs.quality, mine.squares + theirs.squares, now)

    def capped(self, most: float) -> Tally:
        """The same mean with the weight of at most so many judgements."""
        if self.judged <= most:
            return self
        left = most / self.judged
        return Tally(self.judged * left, self.quality * left, self.squares * left, self.at)
