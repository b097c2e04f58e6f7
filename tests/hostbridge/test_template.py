"""The shipped template: it checks clean, and its samples do what their titles say."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hostbridge.bots import PackageBots
from hostbridge.packages import Packages, shipped
from hostbridge.tables.declared import PackageTables
from hostbridge.tables.store import PostgresTables
from keywords.check import check
from keywords.host import Joined, Services
from keywords.library import registry
from keywords.registry import Registry
from memory.reads import PostgresMemories
from smartrouter.router import LitellmModels
from storage.pool import Pool
from tests.hostbridge.driver import Runner

PACKAGE = shipped() / "customer-support.gbai"
PROGRAMS = sorted(PACKAGE.rglob("*.bas"))
SAMPLES = sorted((PACKAGE / "samples").glob("*.json"))


def bots(table: Registry) -> PackageBots:
    return PackageBots(Packages([]), table, lambda origin: False)


def decision(status: str, by: str, comment: str) -> Mapping[str, Any]:
    return {"approved": status == "approved", "status": status, "by": by, "comment": comment}


class Shop:
    """The template, run in memory on a real database."""

    def __init__(self, pool: Pool) -> None:
        table = registry()
        tables = PostgresTables(pool, PackageTables(Packages([]), table))
        services = Services(bots(table), LitellmModels((), {}), PostgresMemories(pool), tables)
        self.runner = Runner(table, services, pool)

    async def sample(self, number: int) -> Joined:
        sample = json.loads(SAMPLES[number - 1].read_text("utf-8"))
        self.runner.said.clear()
        return await self.runner.run(Packages([]).program(sample["workflow"]), sample["inputs"])


@pytest.fixture
def shop(pool: Pool) -> Shop:
    return Shop(pool)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_every_program_checks_without_error_or_warning(path: Path) -> None:
    table = registry()
    assert check(path.read_text("utf-8"), table, bots(table).names("customer-support")) == ()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_is_complete(path: Path) -> None:
    sample = json.loads(path.read_text("utf-8"))
    assert sample["title"]
    assert sample["shows"]
    for run in (sample, *sample.get("then", ())):
        assert Packages([]).program(run["workflow"])
        assert isinstance(run["inputs"], dict)


def test_the_package_names_the_bots_it_needs() -> None:
    needed = json.loads((PACKAGE / "package.json").read_text("utf-8"))["requirements"]["bots"]
    assert set(needed) <= {path.stem for path in PROGRAMS}


async def test_a_small_refund_is_paid_at_once(shop: Shop) -> None:
    end = await shop.sample(1)
    assert end.mistake is None
    assert end.result == {
        "topic": "refund",
        "urgency": "normal",
        "risk": "low",
        "outcome": "We refund 29 dollars.",
        "reply": "Hello Ada! We refund 29 dollars.",
    }
    assert shop.runner.said == ["Ada writes about a refund (normal).", "Hello Ada! We refund 29 dollars."]
    assert shop.runner.asked == []


async def test_an_expensive_refund_is_paid_when_the_lead_approves(shop: Shop) -> None:
    shop.runner.people = deque([decision("approved", "lead@example.com", "A good customer.")])
    end = await shop.sample(2)
    assert end.result["outcome"] == "We refund 240 dollars."
    assert shop.runner.asked == [["lead@example.com"]]


async def test_the_boss_is_asked_when_the_lead_is_silent(shop: Shop) -> None:
    shop.runner.people = deque([None, decision("approved", "boss@example.com", "Sorry for the wait.")])
    end = await shop.sample(3)
    assert end.result["reply"] == "Dear Cleo, thank you for your patience. We refund 690 dollars."
    assert shop.runner.asked == [["lead@example.com"], ["boss@example.com"]]


async def test_nobody_at_all_is_a_refusal_with_the_reason(shop: Shop) -> None:
    shop.runner.people = deque([None, None])
    end = await shop.sample(3)
    assert end.result["outcome"].startswith("We cannot refund your dining table now: Boss@example.com did not answer")


async def test_a_returned_parcel_is_paid_when_the_event_comes(shop: Shop) -> None:
    shop.runner.events = {"parcel.received.1003": {"order": 1003}}
    end = await shop.sample(4)
    assert end.result["outcome"] == "We refund 85 dollars."
    assert shop.runner.said[1] == "Waiting for the parcel with the floor lamp."


async def test_a_parcel_that_does_not_come_is_not_paid(shop: Shop) -> None:
    end = await shop.sample(4)
    assert end.result["outcome"] == "We cannot refund your floor lamp now: your parcel has not arrived"


async def test_the_second_refund_of_a_customer_is_a_risk_that_a_person_decides(shop: Shop) -> None:
    await shop.sample(1)
    shop.runner.people = deque([decision("rejected", "lead@example.com", "the lamp works, we have tested it.")])
    end = await shop.sample(5)
    assert (end.result["risk"], shop.runner.asked) == ("high", [["lead@example.com"]])
    assert end.result["outcome"] == "We cannot refund your desk lamp now: the lamp works, we have tested it."


async def test_an_unknown_order_is_told(shop: Shop) -> None:
    program = Packages([]).program("customer-support")
    end = await shop.runner.run(program, {"customer": "Eve", "problem": "Where is my lamp?", "order_number": 9})
    assert end.result["outcome"] == "We cannot find the order 9. Please check the number."


async def test_a_question_is_answered(shop: Shop) -> None:
    program = Packages([]).program("customer-support")
    end = await shop.runner.run(program, {"customer": "Eve", "problem": "Where is my lamp?", "order_number": 1001})
    assert end.result["outcome"] == "Your desk lamp was sent 3 days ago."


async def test_the_warehouse_publishes_the_event(shop: Shop) -> None:
    end = await shop.runner.run(Packages([]).program("warehouse"), {"order_number": 1003})
    assert (end.result, shop.runner.said) == (1003, ["The parcel of order 1003 is here."])
