"""The router's long run, in small: what is really billed never exceeds MAX_COST, and what is broken is told."""

from __future__ import annotations

from typing import Any

from tests.chaos.router import broken, money

KEPT: dict[str, Any] = {
    "money": {"over_max_cost": 0, "late_by_more_than_allowed": 0},
    "records": {"lost": 0, "processes_failed": 0, "worst_relative_error": 1e-15},
    "providers": {
        "dead": {"asked_while_failing": 3, "unanswered_while_failing": 0, "seconds_until_it_was_returned_to": 5.0}
    },
}


async def test_no_call_is_billed_more_than_its_max_cost(database: str) -> None:
    found = await money(60, 3, database)
    assert found["over_max_cost"] == 0 and found["requests"] > 20
    assert found["provider_did"].keys() - {"ok"}, "something went wrong on the way"


def test_a_promise_that_is_not_kept_is_told() -> None:
    assert broken(KEPT) == []
    late = {**KEPT, "money": {**KEPT["money"], "over_max_cost": 1}}
    lost = {**KEPT, "records": {**KEPT["records"], "worst_relative_error": 1e-11}}
    kept_on = {**KEPT, "providers": {"dead": {**KEPT["providers"]["dead"], "asked_while_failing": 4}}}
    assert [len(broken(found)) for found in (late, lost, kept_on)] == [1, 1, 1]
