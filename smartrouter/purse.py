"""What one call may still spend: retries, repairs and fallbacks all draw from the same MAX_COST.

Before a model is asked, what its answer can cost at most is set aside; afterwards what it may have cost is taken away.
An attempt whose end nobody saw counts as if it had cost all of that.
"""

from __future__ import annotations

from dataclasses import dataclass

from smartrouter.routing.gates import Candidate


@dataclass(slots=True)
class Purse:
    """Money in US dollars; a limit of None is no limit."""

    limit: float | None
    spent: float = 0.0

    @property
    def left(self) -> float | None:
        """What the next attempt may cost."""
        return None if self.limit is None else max(0.0, self.limit - self.spent)

    def spend(self, amount: float) -> None:
        """Take away what an attempt cost, or may have cost."""
        self.spent += max(0.0, amount)


def price(candidate: Candidate, read: int, written: int) -> float:
    """What so many tokens cost; 0 when nobody knows."""
    return read * (candidate.input_price or 0.0) + written * (candidate.output_price or 0.0)
