"""What the tables hold, as experience."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from smartrouter.routing.example import Example
from smartrouter.routing.experience import Experience
from smartrouter.routing.features import Prompt
from smartrouter.routing.pace import BUCKETS, Histogram, Pace
from smartrouter.routing.spending import Spending
from smartrouter.routing.tally import Tally
from smartrouter.routing.tasks import TASK_TYPES


def experience_of(performance: Iterable[Mapping[str, Any]], rated: Iterable[Mapping[str, Any]]) -> Experience:
    """The experience that rows of model_performance and rated rows of model_calls, the latest first, tell."""
    known = Experience()
    for row in performance:
        if row["task_type"] not in TASK_TYPES:  # of another release
            continue
        key = (row["model"], row["task_type"])
        at = row["at"].timestamp()
        if row["judged"]:
            tally = Tally(row["judged"], row["quality"], row["squares"], at)
            known.tallies[key] = known.tallies.get(key, Tally()) + tally
        if row["paid"]:
            spending = Spending(
                row["paid"],
                row["paid_cost"],
                row["paid_length"],
                row["paid_length_squares"],
                row["paid_length_cost"],
                at,
            )
            known.spending[key] = known.spending.get(key, Spending()) + spending
        pace = pace_of(row)
        if pace.tokens.total:
            known.paces[key] = known.paces.get(key, Pace()) + pace
    for row in reversed(list(rated)):
        prompt = Prompt.from_json(row["prompt"])
        quality = {str(row["model"]): float(row["quality"])}
        known.examples[row["call_id"]] = Example(row["call_id"], row["at"].timestamp(), prompt, quality)
    return known


def pace_of(row: Mapping[str, Any]) -> Pace:
    """The pace that a row of model_performance tells."""
    first, token, tokens, whole = (
        _histogram(row[name]) for name in ("hist_ttft", "hist_itl", "hist_tokens", "hist_seconds")
    )
    return Pace(first, token, tokens, whole, row["at"].timestamp())


def _histogram(counts: list[float] | None) -> Histogram:
    found = [float(count or 0.0) for count in counts or ()][:BUCKETS]
    return Histogram((*found, *([0.0] * (BUCKETS - len(found)))))
