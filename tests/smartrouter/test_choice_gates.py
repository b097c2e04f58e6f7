"""No score outweighs a gate, and a closed gate says why."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from smartrouter.routing.choice import AIMS, Judgement, choose
from smartrouter.routing.experience import Experience
from smartrouter.routing.features import read
from smartrouter.routing.gates import Candidate, Limits, NothingFits, gate
from smartrouter.routing.pace import Pace

CHEAP = Candidate("cheap", 1e-7, 4e-7, context=8_000, longest=4_000)
DEAR = Candidate("dear", 1e-5, 4e-5, context=200_000, abilities=frozenset({"tools"}))
UNKNOWN = Candidate("unknown")
PROMPT = read("Hello there")


def chosen(*candidates: Candidate, limits: Limits | None = None, known: Experience | None = None) -> str:
    return choose(Judgement.of(known or Experience(), candidates, 0.0), PROMPT, AIMS["quality"], limits).model


def test_without_limits_the_dearer_model_is_taken_to_be_better() -> None:
    assert chosen(CHEAP, DEAR) == "dear"


def test_max_cost_closes_what_even_a_short_answer_would_exceed() -> None:
    assert chosen(CHEAP, DEAR, limits=Limits(input_tokens=100, max_cost=0.001)) == "cheap"
    closed = gate(DEAR, Limits(input_tokens=100, max_cost=0.001), None).closed
    assert closed == "it costs at least 0.006120 US dollars and MAX_COST allows 0.001000"


@given(st.integers(0, 100_000), st.floats(1e-6, 1.0))
def test_what_passes_max_cost_cannot_cost_more(tokens: int, max_cost: float) -> None:
    for candidate in (CHEAP, DEAR):
        found = gate(candidate, Limits(input_tokens=tokens, max_cost=max_cost), None)
        if not found.closed:
            assert found.longest is not None
            assert candidate.input_price is not None and candidate.output_price is not None
            bill = tokens * candidate.input_price + found.longest * candidate.output_price
            assert bill <= max_cost * (1 + 1e-9)


def test_an_unknown_price_cannot_keep_max_cost_but_passes_without_it() -> None:
    assert "price is not known" in gate(UNKNOWN, Limits(max_cost=1.0), None).closed
    assert not gate(UNKNOWN, Limits(), None).closed


def test_max_latency_closes_by_the_slowest_answers_not_the_mean() -> None:
    known = Experience()
    for number in range(100):
        known.time("dear", PROMPT, Pace.measured(60.0 if number % 10 == 0 else 0.5, 100, 0.0))
        known.time("cheap", PROMPT, Pace.measured(2.0, 100, 0.0))
    assert chosen(CHEAP, DEAR, limits=Limits(max_seconds=5.0), known=known) == "cheap"
    with pytest.raises(NothingFits, match=r"MAX_LATENCY allows 1\.0 s"):
        chosen(CHEAP, DEAR, limits=Limits(max_seconds=1.0), known=known)


def test_context_abilities_health_and_the_callers_own_choice_close() -> None:
    assert chosen(CHEAP, DEAR, limits=Limits(input_tokens=7_990)) == "dear"
    assert "leave no room" in gate(CHEAP, Limits(input_tokens=7_990), None).closed
    assert gate(CHEAP, Limits(abilities=frozenset({"tools"})), None).closed == "it has no tools"
    ill = Candidate("dear", 1e-5, 4e-5, unavailable="it failed three times and is asked again at 12:03")
    assert chosen(CHEAP, ill) == "cheap"
    assert chosen(CHEAP, DEAR, limits=Limits(model="cheap")) == "cheap"


def test_when_nothing_fits_every_reason_is_told() -> None:
    with pytest.raises(NothingFits) as error:
        chosen(CHEAP, UNKNOWN, limits=Limits(input_tokens=1000, max_cost=1e-9))
    assert "cheap: it costs at least 0.000152 US dollars and MAX_COST allows 1e-09" in str(error.value)
    assert "unknown: its price is not known" in str(error.value)
    with pytest.raises(NothingFits, match="No model is configured"):
        chosen()
