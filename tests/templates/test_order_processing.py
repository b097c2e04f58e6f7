"""order-processing on the real engine: every sample, and each branch both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.templates.stage import Stage, completed, decision, said

PACKAGE = "order-processing"
ORDER: Mapping[str, Any] = {
    "order_number": 7,
    "customer": "ana@example.com",
    "items": [{"product": "mug", "quantity": 2}],
    "account": "DE89370400440532013000",
}
PACKED = ({"workflow": "order-processing/packing-station", "inputs": {"order_number": 7}},)
MANAGER = "manager@example.com"


def order(**changes: Any) -> Mapping[str, Any]:
    return {**ORDER, **changes}


async def result_of(stage: Stage, bot: str, **inputs: Any) -> Any:
    return await stage.answer(PACKAGE, bot, inputs)


# -- the samples -------------------------------------------------------------------------------------------------------


async def test_a_small_order_is_paid_packed_and_sent(stage: Stage) -> None:
    paid, shipped = await stage.listener("order.paid"), await stage.listener("order.shipped")
    detail = await stage.sample(PACKAGE, 1)
    assert completed(detail) == {
        "order": 5001,
        "status": "shipped",
        "total": 53,
        "risk": "low",
        "outcome": "Sent in 1 parcel.",
    }
    assert said(detail) == [
        "Order 5001 of ana@example.com: 53 euros.",
        "We have debited 53 euros.",
        "Parcel 1 of 1 is on its way: 2 x mug, 1 x tea pot.",
    ]
    assert stage.asked == []
    lines = [{"product": "mug", "quantity": 2, "kilos": 0.4}, {"product": "tea pot", "quantity": 1, "kilos": 1.2}]
    assert await stage.heard(paid) == {"order": 5001, "customer": "ana@example.com", "total": 53, "lines": lines}
    assert await stage.heard(shipped) == {"order": 5001, "parcel": 1, "kilos": 2.0}


async def test_a_large_order_is_sent_when_the_manager_approves(stage: Stage) -> None:
    detail = await stage.sample(PACKAGE, 2)
    assert completed(detail)["outcome"] == "Sent in 2 parcels."
    assert said(detail)[-2:] == [
        "Parcel 1 of 2 is on its way: 1 x desk.",
        "Parcel 2 of 2 is on its way: 2 x chair.",
    ]
    [approval] = stage.asked
    assert approval.approvers == (MANAGER,)
    assert approval.message == (
        "Send goods for 720 euros to bo@example.com? The risk is medium (a first order that is not small)."
    )


async def test_a_refused_order_is_remembered_when_the_customer_comes_again(stage: Stage) -> None:
    refused = await stage.listener("order.refused")
    outcome = "We cannot take this order: the account is not yours."
    assert completed(await stage.sample(PACKAGE, 3)) == {"order": 5003, "status": "refused", "outcome": outcome}
    assert await stage.heard(refused) == {"order": 5003, "customer": "cleo@example.com", "reason": outcome}

    again = completed(await stage.sample(PACKAGE, 4))
    assert (again["status"], again["risk"], again["total"]) == ("shipped", "high", 9.5)
    assert stage.asked[-1].message.endswith("The risk is high (refused before: 1).")


async def test_without_that_memory_the_same_small_order_is_sent_at_once(stage: Stage) -> None:
    assert completed(await stage.sample(PACKAGE, 4))["risk"] == "low"
    assert stage.asked == []


async def test_nobody_deciding_is_a_no_that_is_not_held_against_the_customer(stage: Stage) -> None:
    detail = await stage.sample(PACKAGE, 5)
    assert completed(detail)["outcome"] == "Nobody could look at your order in time. Please call us."
    assert [approval.approvers for approval in stage.asked] == [(MANAGER,)]
    again = order(order_number=7, customer="dan@example.com")
    assert completed(await stage.run(f"{PACKAGE}/process-order", again, then=PACKED))["risk"] == "low"


async def test_a_mistyped_account_is_not_charged(stage: Stage) -> None:
    detail = await stage.sample(PACKAGE, 6)
    assert completed(detail)["outcome"] == "The account number is mistyped. Please check it."
    assert "We have debited" not in " ".join(said(detail))


# -- the other ways through the workflow -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "outcome"),
    [
        ([{"product": "boat", "quantity": 1}], "We do not sell boat."),
        ([{"product": "shelf", "quantity": 1}], "We do not have enough of: shelf."),
    ],
)
async def test_what_cannot_be_had_is_told(stage: Stage, items: Any, outcome: str) -> None:
    detail = await stage.run(f"{PACKAGE}/process-order", order(items=items))
    assert completed(detail) == {"order": 7, "status": "refused", "outcome": outcome}
    assert said(detail)[-1] == outcome


async def test_the_money_goes_back_when_nobody_packs(stage: Stage) -> None:
    detail = await stage.run(f"{PACKAGE}/process-order", order(patience=1))
    outcome = "We could not pack your order in time. You get your 19 euros back."
    assert completed(detail) == {"order": 7, "status": "refused", "outcome": outcome}
    assert said(detail)[-2:] == ["We have debited 19 euros.", outcome]

    # Paid and paid back is as good as never ordered: a first order that is not small is a reason again.
    rated = await result_of(stage, "fraud-check", **fraud(total=210))
    assert rated == {"risk": "medium", "points": 1, "why": "a first order that is not small"}


async def test_good_orders_earn_trust(stage: Stage) -> None:
    for number in (1, 2, 3):
        packed = ({"workflow": "order-processing/packing-station", "inputs": {"order_number": number}},)
        completed(await stage.run(f"{PACKAGE}/process-order", order(order_number=number), then=packed))
    abroad = await result_of(stage, "fraud-check", **fraud(total=400, country="FR"))
    assert abroad == {"risk": "low", "points": -1, "why": "paid from DE and sent to FR"}


async def test_a_risky_order_may_be_small(stage: Stage) -> None:
    many = [{"product": "mug", "quantity": 21}]
    inputs = order(items=many, account="FR1420041010050500013M02606")
    detail = await stage.run(f"{PACKAGE}/process-order", inputs, [decision(MANAGER, "reject", "too odd.")])
    assert completed(detail)["outcome"] == "We cannot take this order: too odd."
    assert "high (paid from FR and sent to DE, 21 of one product)" in stage.asked[0].message


# -- the bots ----------------------------------------------------------------------------------------------------------


def fraud(**changes: Any) -> dict[str, Any]:
    lines = [{"product": "mug", "quantity": 2}]
    given = {"customer": "ana@example.com", "country": "DE", "account": "DE89", "lines": lines, "total": 19}
    return {**given, **changes}


async def test_the_price_list_knows_what_it_cannot_sell(stage: Stage) -> None:
    async def problem(*items: Any) -> str:
        return (await result_of(stage, "price-list", items=list(items)))["problem"]

    assert await problem() == "The order is empty."
    assert await problem({"product": " Mug ", "quantity": 100}) == ""
    assert await problem({"product": "mug", "quantity": "2"}) == ""
    for quantity, shown in ((0, "0"), (101, "101"), (1.5, "1.5"), (-1, "-1"), ("many", "many")):
        expected = f"Please order 1 to 100 of each product; {shown} of mug is not possible."
        assert await problem({"product": "mug", "quantity": quantity}) == expected
    assert await problem({"product": "mug"}) != ""


async def test_the_stock_check_adds_up_what_stands_twice_in_an_order(stage: Stage) -> None:
    desks = {"product": "desk", "quantity": 3}
    assert await result_of(stage, "stock-check", lines=[desks]) == {"missing": ""}
    mugs = {"product": "mug", "quantity": 81}
    assert await result_of(stage, "stock-check", lines=[desks, mugs, desks, desks]) == {"missing": "mug, desk"}


async def test_an_account_number_proves_itself(stage: Stage) -> None:
    async def refused(account: str, total: float = 1) -> str:
        found = await result_of(stage, "payment-check", account=account, total=total)
        assert found["accepted"] == (found["reason"] == "")
        return found["reason"]

    assert await refused("DE89 3704 0044 0532 0130 00", 5000) == ""
    assert await refused("gb82west12345698765432") == ""
    assert await refused("FR1420041010050500013M02606") == ""
    assert await refused("DE89370400440532013000", 5000.01) == (
        "We debit at most 5000 euros at once. Please order in parts."
    )
    wrong_digit, swapped, strange = "DE89370400440532013001", "DE98370400440532013000", "DE89-3704-0044-0532-0130-00"
    for account in (wrong_digit, swapped, strange, "DE89", "1" * 35):
        assert await refused(account) == "The account number is mistyped. Please check it."


async def test_parcels_are_filled_from_the_first_and_none_is_too_heavy(stage: Stage) -> None:
    lines = [
        {"product": "chair", "quantity": 3, "kilos": 7},
        {"product": "desk", "quantity": 1, "kilos": 18},
        {"product": "mug", "quantity": 6, "kilos": 0.4},
    ]
    assert await result_of(stage, "parcels", lines=lines) == [
        {"number": 1, "kilos": 16.4, "content": "2 x chair, 6 x mug"},
        {"number": 2, "kilos": 7, "content": "1 x chair"},
        {"number": 3, "kilos": 18, "content": "1 x desk"},
    ]
