"""Which models are asked, and in which order."""

from __future__ import annotations

import pytest

from keywords.mistakes import UnknownName
from smartrouter.catalogue import Model, from_package
from smartrouter.choice import NoModel, candidates, price_of

SMALL = Model("openai/small", input_price=0.1, output_price=0.4)
LARGE = Model("openai/large", input_price=5.0, output_price=15.0)
TERSE = Model("acme/terse", input_price=0.6, output_price=0.3)
UNPRICED = Model("local/unpriced")
ALL = (UNPRICED, LARGE, SMALL, TERSE)


def order(goal: str | None, max_cost: float | None = None, tokens: int = 1000) -> list[Model]:
    return [c.model for c in candidates(ALL, None, goal, max_cost, tokens)]


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        (None, [UNPRICED, LARGE, SMALL, TERSE]),
        ("balanced", [UNPRICED, LARGE, SMALL, TERSE]),
        ("cost", [SMALL, TERSE, LARGE, UNPRICED]),
        ("quality", [LARGE, TERSE, SMALL, UNPRICED]),
        ("speed", [TERSE, SMALL, LARGE, UNPRICED]),
    ],
)
def test_the_goal_orders_the_models(goal: str | None, expected: list[Model]) -> None:
    assert order(goal) == expected


def test_max_cost_leaves_out_what_is_too_dear_or_has_no_price() -> None:
    assert order("quality", max_cost=0.001) == [TERSE, SMALL]


def test_max_cost_also_limits_the_length_of_the_answer() -> None:
    [first, *_] = candidates((LARGE,), None, None, 0.02, 1000)
    assert first.longest == 1000
    assert price_of(LARGE, 1000, first.longest) == pytest.approx(0.02)


def test_a_free_model_may_answer_at_any_length() -> None:
    free = Model("local/free", input_price=0.0, output_price=0.0)
    assert candidates((free,), None, None, 0.000001, 1000)[0].longest is None


def test_a_limit_that_no_model_keeps_is_refused_with_the_price() -> None:
    with pytest.raises(NoModel, match=r"MAX_COST 1e-06 cannot be kept: .* at least 0\.000\d+ US dollars"):
        order(None, max_cost=0.000001)


def test_a_limit_on_models_without_prices_says_where_prices_go() -> None:
    with pytest.raises(NoModel, match=r"the price of local/unpriced is not known.*input_price"):
        candidates((UNPRICED,), None, None, 1.0, 10)


def test_without_models_the_error_says_how_to_configure_one() -> None:
    with pytest.raises(NoModel, match=r"BOTMCP_MODELS.*OPENAI_API_KEY.*llm-model"):
        candidates((), None, None, None, 10)


@pytest.mark.parametrize("name", ["openai/small", "small", "SMALL"])
def test_a_model_is_found_by_its_name_with_or_without_the_provider(name: str) -> None:
    assert candidates(ALL, name, None, None, 10)[0].model is SMALL


def test_an_unknown_model_is_answered_with_the_near_miss() -> None:
    with pytest.raises(UnknownName, match="Did you mean openai/small"):
        candidates(ALL, "openai/smal", None, None, 10)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, None),
        ({"llm-model": "none"}, None),
        ({"llm-model": "../../data/llm/DeepSeek-Q3.gguf", "llm-url": "http://localhost:8081"}, None),
        ({"llm-model": "gpt-4o-mini"}, Model("gpt-4o-mini")),
        ({"llm-model": "gpt-4o-mini", "llm-provider": "openai", "llm-key": "none"}, Model("openai/gpt-4o-mini")),
        (
            {"llm-model": "qwen", "llm-url": "http://localhost:8081", "llm-key": "secret"},
            Model("openai/qwen", "http://localhost:8081/v1", "secret"),
        ),
        (
            {"llm-model": "openai/qwen", "llm-url": "https://models.example/v2/chat/completions"},
            Model("openai/qwen", "https://models.example/v2"),
        ),
    ],
)
def test_a_package_names_its_model_as_the_host_does(config: dict[str, str], expected: Model | None) -> None:
    assert from_package(config) == expected


def test_a_model_does_not_show_its_key() -> None:
    assert "secret" not in repr(Model("a/b", key="secret"))
