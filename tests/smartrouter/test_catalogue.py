"""Which models there are, and how each is reached."""

from __future__ import annotations

import pytest

from keywords.mistakes import UnknownName
from smartrouter.catalogue import Model, distinct, from_host, from_package
from smartrouter.planning import wanted
from smartrouter.published import published

SMALL = Model("openai/small", input_price=0.1, output_price=0.4)
LARGE = Model("openai/large", input_price=5.0, output_price=15.0)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, ()),
        ({"llm-model": "none"}, ()),
        ({"llm-model": "../../data/llm/DeepSeek-Q3.gguf", "llm-url": "http://localhost:8081"}, ()),
        ({"llm-model": "gpt-4o-mini"}, (Model("gpt-4o-mini"),)),
        ({"llm-model": "gpt-4o-mini", "llm-provider": "openai", "llm-key": "none"}, (Model("openai/gpt-4o-mini"),)),
        (
            {"llm-model": "qwen", "llm-url": "http://localhost:8081", "llm-key": "secret"},
            (Model("openai/qwen", "http://localhost:8081/v1", "secret"),),
        ),
        (
            {"llm-model": "openai/qwen", "llm-url": "https://models.example/v2/chat/completions"},
            (Model("openai/qwen", "https://models.example/v2"),),
        ),
        (
            {
                "llm-model": "a",
                "llm-provider": "acme",
                "llm-models": "a; b",
                "llm-model-1": "c",
                "llm-url-1": "http://c",
            },
            (Model("acme/a"), Model("acme/b"), Model("openai/c", "http://c/v1")),
        ),
    ],
)
def test_a_package_names_its_models_as_the_host_does(config: dict[str, str], expected: tuple[Model, ...]) -> None:
    assert from_package(config) == expected


def test_the_hosts_table_names_models_the_default_first_and_only_those_that_write() -> None:
    rows: list[dict[str, object]] = [
        {"model_name": "big", "provider": "OpenAI", "api_key": "k", "context_window": 8000, "max_tokens": 900},
        {"model_name": "vectors", "model_type": "embedding", "provider": "openai"},
        {"model_name": "off", "provider": "openai", "is_active": False},
        {"model_name": "Main", "model_id": "main-1", "endpoint": "http://host:1", "is_default": True},
    ]
    assert from_host(rows) == (
        Model("openai/main-1", "http://host:1/v1"),
        Model("openai/big", "", "k", context=8000, longest=900),
    )


def test_a_model_does_not_show_its_key() -> None:
    assert "secret" not in repr(Model("a/b", key="secret"))


def test_one_name_on_two_servers_is_two_models() -> None:
    here, there = Model("openai/qwen", "http://one:1/v1"), Model("openai/qwen", "http://two:1/v1")
    assert [model.label for model in distinct((here, there, here))] == ["openai/qwen@one:1", "openai/qwen@two:1"]
    assert wanted((here, there), "qwen") == (here, there), "a program that names it may be answered by either"


@pytest.mark.parametrize("name", ["openai/small", "small", "SMALL"])
def test_a_model_is_found_by_its_name_with_or_without_the_provider(name: str) -> None:
    assert wanted((LARGE, SMALL), name) == (SMALL,)


def test_an_unknown_model_is_answered_with_the_near_miss() -> None:
    with pytest.raises(UnknownName, match="Did you mean openai/small"):
        wanted((LARGE, SMALL), "openai/smal")


def test_published_figures_are_found_by_the_longest_beginning_of_a_name() -> None:
    assert published("openai/gpt-4o-mini-2024-07-18") == published("gpt-4o-mini") != published("gpt-4o")
    assert published("meta-llama/Llama-3.1-70B-Instruct")["code"] == pytest.approx(0.805)
    assert published("acme/gpt-4omega") == {}, "no word's beginning is another's"
