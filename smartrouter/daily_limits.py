"""Which daily budgets concern a call: that of the installation, and that of the bot, which its package may set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from smartrouter.budgets import WHOLE

KEY = "llm-daily-budget"  # in a package's config.csv, US dollars


@dataclass(frozen=True, slots=True)
class DailyLimits:
    """US dollars a day; None is no limit."""

    tenant: float | None = None
    bot: float | None = None  # each

    def concerning(self, bot: UUID | None, config: Mapping[str, str]) -> dict[UUID, float]:
        """The limits by whom they are for; a package can only lower what the installation allows its bot."""
        found: dict[UUID, float] = {} if self.tenant is None else {WHOLE: self.tenant}
        own = [limit for limit in (self.bot, _amount(config.get(KEY))) if limit is not None]
        if bot is not None and own:
            found[bot] = min(own)
        return found


def _amount(words: str | None) -> float | None:
    try:
        amount = float(words or "")
    except ValueError:
        return None
    return amount if 0 <= amount < float("inf") else None
