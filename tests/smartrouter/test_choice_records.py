"""What is known of a model is kept in records that add up in any order, fade with time and survive JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from smartrouter.routing.experience import Experience
from smartrouter.routing.features import read
from smartrouter.routing.pace import Histogram, Pace
from smartrouter.routing.spending import Spending, lines
from smartrouter.routing.tally import HALF_LIFE, Tally
from smartrouter.routing.tasks import TASK_TYPES

PROMPTS = [read(text) for text in ("Hello there", "Write a function to add", "How many are 3 and 4?")]
seen = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 2), st.floats(0, 1), st.integers(0, 10_000_000)), max_size=12
)


def experience(calls: list[tuple[str, int, float, int]], name: str) -> Experience:
    known = Experience()
    for number, (model, prompt, quality, at) in enumerate(calls):
        known.judge(model, PROMPTS[prompt], quality, at, f"{name}{number}")
        known.pay(model, PROMPTS[prompt], quality / 100, at)
        known.time(model, PROMPTS[prompt], Pace.streamed(0.2 + quality, 0.01, 100, at))
    return known


def both(first: Experience, second: Experience) -> Experience:
    sum_of = Experience()
    sum_of.add(first)
    sum_of.add(second)
    return sum_of


@given(seen, seen)
def test_experience_adds_up_to_the_same_in_either_order(
    first: list[tuple[str, int, float, int]], second: list[tuple[str, int, float, int]]
) -> None:
    one, other = experience(first, "x"), experience(second, "y")
    there, back = both(one, other), both(other, one)
    assert there.tallies.keys() == back.tallies.keys()
    for key, tally in there.tallies.items():
        assert tally.judged == pytest.approx(back.tallies[key].judged, rel=1e-12)
        assert tally.quality == pytest.approx(back.tallies[key].quality, rel=1e-12, abs=1e-12)
        assert there.spending[key].cost == pytest.approx(back.spending[key].cost, rel=1e-12, abs=1e-12)
        assert there.paces[key].first.total == pytest.approx(back.paces[key].first.total, rel=1e-12)
    assert there.examples == back.examples
    assert list(there.examples) == list(back.examples)


@given(seen)
def test_experience_survives_json(calls: list[tuple[str, int, float, int]]) -> None:
    known = experience(calls, "x")
    text = json.dumps(known.to_json())
    again = Experience.from_json(json.loads(text))
    assert json.dumps(again.to_json()) == text
    assert again.tallies == known.tallies


def test_a_judgement_counts_half_after_its_half_life() -> None:
    faded = Tally.of(1.0, 0.0).at_time(HALF_LIFE)
    assert faded.judged == pytest.approx(0.5)
    assert faded.quality / faded.judged == pytest.approx(1.0)
    assert faded.at_time(0.0) == faded, "a clock that runs backwards fades nothing"


def test_judgements_of_one_prompt_become_one_example_and_the_later_counts() -> None:
    known = Experience()
    known.judge("a", PROMPTS[0], 0.2, 5.0, "call")
    known.judge("a", PROMPTS[0], 0.9, 6.0, "call")
    known.judge("b", PROMPTS[0], 0.4, 4.0, "call")
    assert {name: dict(one.quality) for name, one in known.examples.items()} == {"call": {"a": 0.9, "b": 0.4}}


def test_a_quantile_is_within_a_tenth_of_the_measured() -> None:
    values = [0.05 * 1.01**number for number in range(400)]
    found = sum((Histogram.of(value) for value in values), Histogram())
    for share in (0.1, 0.5, 0.95):
        assert found.quantile(share) == pytest.approx(values[int(share * 400)], rel=0.12)


def test_an_answers_time_grows_with_its_length_and_a_limit_shortens_it() -> None:
    pace = sum((Pace.streamed(0.3, 0.02, 1000, 0.0) for _ in range(20)), Pace())
    whole, short = pace.seconds(0.95), pace.seconds(0.95, longest=100)
    assert whole is not None and short is not None
    assert whole == pytest.approx(0.3 + 1000 * 0.02, rel=0.25)
    assert short == pytest.approx(0.3 + 100 * 0.02, rel=0.25)
    assert Pace.streamed(0.3, 0.02, 1000, 0.0).seconds(0.95) is None, "one call says nothing of the slowest"


def test_a_time_out_counts_as_at_least_so_long_and_no_more() -> None:
    pace = sum((Pace.timed_out(30.0, 0.0) for _ in range(10)), Pace())
    assert pace.seconds(0.95) == pytest.approx(30.0, rel=0.15)


def test_expected_cost_is_a_line_in_the_prompts_length() -> None:
    spent = sum((Spending.of(0.001 + 0.002 * size / 1000, size, 0.0) for size in range(100, 9000, 100)), Spending())
    found = lines({"chat": spent}, TASK_TYPES)
    assert found is not None
    assert found["chat"].cost(5000) == pytest.approx(0.011, rel=0.05)
    assert found["code"].cost(5000) == pytest.approx(0.011, rel=0.05), "an unknown task leans on the model's others"
    assert found["chat"].cost(0) > 0
    assert lines({}, TASK_TYPES) is None
