"""How many requests a caller may make: a bucket for each, filled evenly over the minute. Of one process."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

WINDOW = 60
MOST = 10_000  # callers remembered; who has been silent longest is forgotten


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


@dataclass(frozen=True, slots=True)
class Standing:
    """What a caller has left after this request."""

    most: int
    left: int
    seconds: int  # until the bucket is full again; for a refused request, until the next one would be let in
    allowed: bool = True

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers says them."""
        told = {
            "ratelimit-policy": f'"minute";q={self.most};w={WINDOW}',
            "ratelimit": f'"minute";r={self.left};t={self.seconds}',
        }
        return told if self.allowed else {**told, "retry-after": str(max(1, self.seconds))}


class Rates:
    """The buckets of one process."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, who: str, most: int, now: float) -> Standing:
        """Count one request of somebody who may make `most` a minute."""
        bucket = self._buckets.get(who)
        if bucket is None:
            bucket = self._buckets[who] = _Bucket(float(most), now)
            while len(self._buckets) > MOST:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(who)
        bucket.left = min(float(most), bucket.left + max(0.0, now - bucket.at) * most / WINDOW)
        bucket.at = now
        if bucket.left < 1:
            return Standing(most, 0, _whole((1 - bucket.left) * WINDOW / most), allowed=False)
        bucket.left -= 1
        return Standing(most, int(bucket.left), _whole((most - bucket.left) * WINDOW / most))


def _whole(seconds: float) -> int:
    return int(seconds) + (seconds > int(seconds))
